import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { requestRoutes } from '../../src/control/routes/requests.ts';
import { countable, createUnread } from '../../src/http/unread.ts';
import { createJournal } from '../../src/journal/journal.ts';
import { LABELS, useServer } from '../control/server.ts';
import { head, open, statusesIn } from './raw.ts';

const MB = 1_000_000;

/** Waits for what is bound to come. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('replies that wait for their clients', () => {
  const sockets: Socket[] = [];
  const server = createServer();
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  /** A reply that has begun, to a client that reads nothing until it is told to. */
  async function begun(): Promise<{ res: ServerResponse; socket: Socket }> {
    const { port } = server.address() as AddressInfo;
    const res = new Promise<ServerResponse>((resolve) => {
      server.once('request', (_req, made) => {
        made.writeHead(200).flushHeaders();
        resolve(made);
      });
    });
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    sockets.push(socket.on('error', () => {}).pause());
    return { res: await res, socket };
  }
  const write = (unread: ReturnType<typeof createUnread>, res: ServerResponse, bytes: number) => {
    res.write(Buffer.alloc(bytes));
    unread.watch(res);
  };
  const gone = (replies: { res: ServerResponse }[]) => replies.map(({ res }) => res.destroyed);

  it('go where all of them hold too much, the oldest first, also where that is the one that grows', async () => {
    const unread = createUnread(60_000, 60 * MB);
    const replies = [await begun(), await begun()];
    for (const { res } of replies) write(unread, res, 25 * MB);
    expect(gone(replies)).toEqual([false, false]);
    for (const { res } of replies.slice(0, 1)) write(unread, res, 25 * MB);
    expect(gone(replies)).toEqual([true, false]);
  });

  it('stay where they were taken, and are as old as what is left of them', async () => {
    const unread = createUnread(60_000, 60 * MB);
    const replies = [await begun(), await begun(), await begun()];
    const [first, second, third] = replies;
    if (!first || !second || !third) throw new Error('there are three');
    write(unread, first.res, 25 * MB);
    write(unread, second.res, 25 * MB);
    first.socket.resume();
    await until(() => first.res.writableLength === 0);
    first.socket.pause();
    write(unread, third.res, 25 * MB);
    expect(gone(replies)).toEqual([false, false, false]);
    write(unread, first.res, 25 * MB);
    expect(gone(replies)).toEqual([false, true, false]);
  });

  it('stay, however much they hold, where there is but one', async () => {
    const unread = createUnread(60_000, MB);
    const reply = await begun();
    write(unread, reply.res, 25 * MB);
    expect(gone([reply])).toEqual([false]);
  });

  it('are counted in bytes', async () => {
    const { res } = await begun();
    const text = '\u4e2d'.repeat(10 * MB);
    res.end(countable(text));
    expect(res.writableLength).toBeGreaterThanOrEqual(30 * MB);
  });
});

describe('the feed of requests', () => {
  const facts = {
    ...{ arrived: 0, really_arrived: 0, duration_ms: 1, protocol: 'http' as const, address: '', method: 'GET' },
    ...{ path: '/', query: '', route: null, nearest: null, implemented: true, org: null, caller: null, status: 404 },
    api: 'pce',
    ...{ tokens: [], fault: null, violations: [], response: null },
    request: { headers: '', part: null, bytes: 0, truncated: false },
  };
  let shown = 0;
  const journal = createJournal({ entries: 100, bytes: MB, body: 1000 }, () => {
    shown++;
    return { headers: {}, text: null, bytes: 0, truncated: false };
  });
  const follow = requestRoutes(journal, []).find(({ id }) => id === 'emulator.requests.follow');
  const feed = (query: object) => follow?.handle?.({ query } as never, undefined as never)?.feed;

  it('holds an event once, however many follow', () => {
    const seen: Uint8Array[] = [];
    for (let times = 0; times < 3; times++) feed({})?.begin((part) => seen.push(part));
    journal.record(facts);
    expect(seen).toHaveLength(3);
    expect(new Set(seen).size).toBe(1);
  });

  it('takes of what was before no more than its reader does', () => {
    for (let times = 0; times < 50; times++) journal.record(facts);
    shown = 0;
    const past = feed({ since: 0 })?.past();
    expect(shown).toBe(0);
    for (let times = 0; times < 3; times++) past?.next();
    expect(shown).toBe(3);
  });
});

describe('a reply that took its time', () => {
  const test = useServer({ sendTimeout: 100, checkReplies: false });

  it('leaves the next of its connection to take longer', async () => {
    const { server } = test;
    const list = '/api/v2/orgs/1/container_clusters';
    const description = 'x'.repeat(4000);
    for (let made = 0; made < 400; made += 100) {
      const posts = Array.from({ length: 100 }, (_, index) =>
        server.pce('POST', '/orgs/1/container_clusters', { body: { name: `${made + index}`, description } }),
      );
      await Promise.all(posts);
    }
    server.emulator.faults.add({ when: { route: 'labels.list' }, effect: { latency: '500ms' } });
    const raw = await open(server);
    raw.socket.pause();
    const lists = head(server, `GET ${list}?max_results=400`).repeat(4);
    raw.send(lists + head(server, `GET /api/v2${LABELS}`, 'Connection: close'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    raw.socket.resume();
    expect(statusesIn(await raw.ended)).toEqual([200, 200, 200, 200, 200]);
  });
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import autocannon from 'autocannon';
import { createJournal } from '../../src/journal/journal.ts';
import { createRedaction } from '../../src/journal/redaction.ts';
import { authorization } from '../support/emulator.ts';
import { LABELS, type Server, useServer } from './server.ts';

/** The journal never takes more, however many entries it may keep. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Makes so many requests, from a few connections at once. */
async function load(server: Server, amount: number, request: autocannon.Request): Promise<void> {
  const { emulator } = server;
  const headers = { ...authorization(emulator.credentials), 'content-type': 'application/json', ...request.headers };
  const requests = [{ ...request, headers }];
  const result = await autocannon({ url: emulator.http_url, connections: 16, amount, requests });
  expect([result.errors, result.requests.total]).toEqual([0, amount]);
}

const state = async (server: Server) => (await server.control('GET', '/requests/count?since=999999999')).body;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What this process takes, in bytes, once what it does not need is gone. */
function memory(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

describe('under load, the journal', () => {
  const test = useServer({ journal: { entries: 200 }, checkReplies: false }, { afresh: true });

  it('keeps as many entries as it may, tells how many had to go, and goes on with its ids', async () => {
    const { server } = test;
    await load(server, 500, { path: `/api/v2${LABELS}` });
    const before = memory();
    await load(server, 2000, { path: `/api/v2${LABELS}` });
    const after = memory();
    expect(await state(server)).toMatchObject({ entries: 200, dropped: 2300, last: 2500, count: 0 });
    const { body } = await server.control('GET', '/requests?limit=5000');
    expect(body.map(({ id }: { id: number }) => id)).toEqual(Array.from({ length: 200 }, (_, index) => index + 2301));
    for (const [id, status] of [
      [2300, 404],
      [2301, 200],
      [2500, 200],
    ]) {
      expect([id, (await server.control('GET', `/requests/${id}`)).status]).toEqual([id, status]);
    }
    await server.pce('GET', LABELS);
    expect(await state(server)).toMatchObject({ entries: 200, dropped: 2301, last: 2501 });
    expect(after - before).toBeLessThan(6 * 1024 * 1024);
  });

  it('goes on with its ids after it has been emptied in part', async () => {
    const { server } = test;
    await load(server, 300, { path: `/api/v2${LABELS}` });
    await server.pce('GET', '/orgs/1/vens');
    await server.control('DELETE', '/requests?route=labels.list');
    expect(await state(server)).toMatchObject({ entries: 1, dropped: 101, last: 301 });
    await load(server, 300, { path: `/api/v2${LABELS}` });
    expect(await state(server)).toMatchObject({ entries: 200, dropped: 202, last: 601 });
  });

  it.each([
    ['bodies', 400, { method: 'POST', body: JSON.stringify({ key: 'x'.repeat(100_000) }) }],
    ['headers', 2400, { headers: { 'x-long': 'x'.repeat(14_000) } }],
  ] as [string, number, autocannon.Request][])(
    'stays within its bounds where clients send long %s',
    async (_what, amount, request) => {
      const server = await test.start({ journal: { entries: 100_000, body: 1_000_000 } });
      await load(server, amount, { path: `/api/v2${LABELS}`, ...request });
      const { entries, bytes, dropped, last } = await state(server);
      expect([last, entries + dropped]).toEqual([amount, amount]);
      expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
      expect(dropped).toBeGreaterThan(0);
      const { body } = await server.control('GET', '/requests?limit=1');
      expect(body[0].id).toBe(amount);
    },
  );

  it('counts what queries are long', async () => {
    const { server } = test;
    const sizeOf = async (path: string) => {
      const before = (await state(server)).bytes;
      await server.pce('GET', path);
      return (await state(server)).bytes - before;
    };
    expect((await sizeOf(`${LABELS}?${'x'.repeat(9000)}=1`)) - (await sizeOf(LABELS))).toBeGreaterThan(9000);
  });

  it('serves those who follow and wait all the same', async () => {
    const { server } = test;
    let seen = 0;
    const stop = server.emulator.requests.follow(({ id }) => {
      seen++;
      expect(id).toBe(seen);
    });
    const waiting = server.control('GET', '/requests?route=labels.create&wait=60s');
    const loaded = load(server, 1000, { path: `/api/v2${LABELS}` });
    await server.pce('POST', LABELS, { body: { key: 'app', value: 'x' } });
    expect((await waiting).status).toBe(200);
    await loaded;
    stop();
    expect(seen).toBe(1001);
  });
});

describe('a journal', () => {
  const message = (part: string | null) => ({ headers: '', part, bytes: part?.length ?? 0, truncated: false });
  const { shown } = createRedaction([], 100_000);
  const facts = (text: string | null) => ({
    arrived: Date.parse('2026-03-01T09:00:00.000Z'),
    really_arrived: Date.parse('2026-03-01T09:00:00.000Z'),
    duration_ms: 1,
    protocol: 'http' as const,
    address: '127.0.0.1',
    api: 'pce',
    method: 'GET',
    path: '/',
    query: '',
    route: null,
    nearest: null,
    implemented: true,
    org: null,
    caller: null,
    status: 200,
    tokens: [],
    fault: null,
    violations: [],
    request: message(text),
    response: null,
  });

  it('has its books right, whatever is kept, dropped and forgotten', () => {
    const journal = createJournal({ entries: 10, bytes: 50_000, body: 100_000 }, shown);
    for (let index = 0; index < 500; index++) {
      journal.record(facts(index % 3 === 0 ? 'x'.repeat((index * 97) % 9000) : null));
      const { entries, bytes } = journal.state;
      expect([index, entries <= 10, bytes <= 50_000, journal.count()]).toEqual([index, true, true, entries]);
      if (index % 50 === 49) journal.clear({ since: index - 3 });
    }
    journal.clear();
    expect(journal.state).toMatchObject({ entries: 0, bytes: 0, last: 500 });
  });

  it('finds what it is asked for among 100,000 entries, and takes no more than it may', () => {
    const entries = 100_000;
    const journal = createJournal({ entries, bytes: 1e9, body: 1000 }, shown);
    for (let index = 1; index <= 150_000; index++) {
      const path = `/orgs/${index % 10}`;
      journal.record({ ...facts(null), path, status: index % 1000 === 0 ? 406 : 200 });
    }
    expect(journal.state).toMatchObject({ last: 150_000, entries, dropped: 50_000 });
    expect([journal.count(), journal.count({ status: '4xx' }), journal.count({ path: '/orgs/3' })]).toEqual([
      100_000, 100, 10_000,
    ]);
    expect(journal.find({ status: '406' }, 2).map(({ id }) => id)).toEqual([149_000, 150_000]);
    expect(journal.find({ since: 149_998 }).map(({ id }) => id)).toEqual([149_999, 150_000]);
    expect([journal.get(50_000)?.id, journal.get(50_001)?.id]).toEqual([undefined, 50_001]);
    expect(journal.clear({ path: '/orgs/3' })).toBe(10_000);
    expect(journal.state.entries).toBe(90_000);

    const small = createJournal({ entries, bytes: 1_200_000, body: 1000 }, shown);
    for (let index = 0; index < 5000; index++) small.record(facts(null));
    expect(small.state.entries).toBeLessThanOrEqual(small.room);
    expect([small.state.bytes <= 1_200_000, small.room]).toEqual([true, 1000]);
  });

  it('keeps nothing that is larger than all of it', () => {
    const journal = createJournal({ entries: 10, bytes: 5000, body: 100_000 }, shown);
    journal.record(facts('small'));
    journal.record(facts('x'.repeat(10_000)));
    expect(journal.state).toEqual({ last: 2, entries: 0, bytes: 0, dropped: 2, broken_replies: 0 });
    journal.record(facts('small'));
    expect(journal.find().map(({ id }) => id)).toEqual([3]);
  });

  it('calls nobody who has stopped to follow, and all others', () => {
    const journal = createJournal({ entries: 10, bytes: 50_000, body: 100_000 }, shown);
    const seen: string[] = [];
    const stops = ['a', 'b', 'c'].map((name) =>
      journal.follow(({ id }) => {
        seen.push(`${name}${id}`);
        if (id === 1 && name === 'a') stops[1]?.();
      }),
    );
    journal.record(facts(null));
    journal.record(facts(null));
    expect(seen).toEqual(['a1', 'c1', 'a2', 'c2']);
  });

  it('does not let a client suffer for what a listener throws, and does not hide it', () => {
    const later = jest.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => {});
    const journal = createJournal({ entries: 10, bytes: 50_000, body: 100_000 }, shown);
    journal.follow(() => {
      throw new Error('an expectation that does not hold');
    });
    let seen = 0;
    journal.follow(() => seen++);
    journal.record(facts(null));
    expect(seen).toBe(1);
    expect(later.mock.calls[0]?.[0]).toThrow('an expectation that does not hold');
    later.mockRestore();
  });
});

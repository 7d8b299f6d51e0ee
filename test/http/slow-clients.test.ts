import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createUnread } from '../../src/http/unread.ts';
import { LABELS, type Server, useServer } from '../control/server.ts';
import { answersIn, head, open, statusesIn } from './raw.ts';

const PATH = `/api/v2${LABELS}`;
const JSON_TYPE = 'Content-Type: application/json';
const BODY = '{"key":"app","value":"slow"}';
const LENGTH = `Content-Length: ${BODY.length}`;

/** How many connections there are that do nothing, more where one wants to know. */
const IDLE = Number(process.env.IDLE_CONNECTIONS ?? 1000);

/** Sends a byte now and then, until the connection ends. */
function drip(socket: Socket, text: string): void {
  let sent = 0;
  const timer = setInterval(() => void socket.write(text[sent++ % text.length] ?? ''), 20);
  socket.once('close', () => clearInterval(timer)).once('end', () => clearInterval(timer));
}

const silent = (server: Server): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.emulator.url).port), '127.0.0.1');
    socket.once('connect', () => resolve(socket)).on('error', reject);
  });

const closed = (socket: Socket) => new Promise((resolve) => socket.resume().once('close', resolve));

const labelCount = async (server: Server) => (await server.pce('GET', LABELS)).body.length;

/** Makes a list that takes no connection at once: 200 rows of it are 1 MB. */
async function fill(server: Server): Promise<string> {
  const description = 'x'.repeat(4000);
  for (let made = 0; made < 200; made += 100) {
    const posts = Array.from({ length: 100 }, (_, index) =>
      server.pce('POST', '/orgs/1/container_clusters', { body: { name: `${made + index}`, description } }),
    );
    await Promise.all(posts);
  }
  return '/api/v2/orgs/1/container_clusters';
}

describe('a client that takes its time', () => {
  const test = useServer({ requestTimeout: 150, keepAlive: 100, sendTimeout: 100 });

  it.each([
    ['sends nothing after half a head', 'GET /api/v2/or', undefined],
    ['sends a head byte by byte', 'GET / HTTP/1.1\r\nHost: x\r\n', 'X-A: b\r\n'],
    ['sends nothing after a head that ends with one line', 'GET / HTTP/1.1\r\nHost: x\r\n', undefined],
  ])('is told so with 408, and let go, where it %s', async (_what, first, rest) => {
    const raw = await open(test.server);
    raw.send(first);
    if (rest) drip(raw.socket, rest);
    const [answer, ...more] = answersIn(await raw.ended);
    expect([answer?.status, answer?.headers.connection, more]).toEqual([408, 'close', []]);
    expect(answer?.body).toEqual([{ token: 'request_timeout_error', message: 'The request did not arrive in time' }]);
    expect(test.server.emulator.requests.count()).toBe(0);
  });

  it.each([
    ['never sends its body', [LENGTH], '', undefined],
    ['sends half of its body', [LENGTH], BODY.slice(0, 9), undefined],
    ['sends its body byte by byte', ['Content-Length: 1000'], '', ' '],
    ['never ends its body', ['Transfer-Encoding: chunked'], '5\r\n{"key\r\n', undefined],
  ])('is told so with 408, which the journal has, where it %s', async (_what, fields, first, rest) => {
    const { server } = test;
    const raw = await open(server);
    raw.send(head(server, `POST ${PATH}`, JSON_TYPE, ...fields) + first);
    if (rest) drip(raw.socket, rest);
    const [answer, ...more] = answersIn(await raw.ended);
    expect([answer?.status, answer?.headers.connection, more]).toEqual([408, 'close', []]);
    expect(server.emulator.requests.find()).toMatchObject([
      { route: 'labels.create', status: 408, tokens: ['request_timeout_error'] },
    ]);
    expect(await labelCount(server)).toBe(0);
  });

  it('is told so with 408 over TLS as well', async () => {
    const raw = await open(test.server, 'https');
    raw.send(head(test.server, `POST ${PATH}`, JSON_TYPE, LENGTH));
    expect(statusesIn(await raw.ended)).toEqual([408]);
  });

  it('is told in the words of the emulator\u2019s own API there', async () => {
    const raw = await open(test.server);
    raw.send(head(test.server, 'POST /_emulator/faults', JSON_TYPE, LENGTH));
    const [answer] = answersIn(await raw.ended);
    expect([answer?.status, answer?.body.token]).toEqual([408, 'request_timeout_error']);
  });

  it('is let go where it never says a word, or stops in the middle of a handshake', async () => {
    const says = await silent(test.server);
    const shakes = await silent(test.server);
    shakes.write(Buffer.from('160301020001', 'hex'));
    await Promise.all([closed(says), closed(shakes)]);
  });

  it('is let go where it does nothing after a reply', async () => {
    const raw = await open(test.server);
    raw.send(head(test.server, `GET ${PATH}`));
    expect(statusesIn(await raw.ended)).toEqual([200]);
  });

  it('is answered where it waits for what is to come, however long', async () => {
    const { server } = test;
    const waiting = server.control('GET', '/requests?route=labels.create&wait=30s');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.pce('POST', LABELS, { body: JSON.parse(BODY) });
    expect((await waiting).status).toBe(200);
  });

  it('is answered where it ends its side after the request', async () => {
    const { server } = test;
    const raw = await open(server);
    raw.socket.end(head(server, `POST ${PATH}`, JSON_TYPE, LENGTH) + BODY, 'latin1');
    expect(statusesIn(await raw.ended)).toEqual([201]);
  });

  it.each(['http', 'https'] as const)('is answered %s where it ends its side after many requests', async (protocol) => {
    const { server } = test;
    const posts = Array.from({ length: 20 }, (_, index) => {
      const body = JSON.stringify({ key: 'app', value: `v${index}` });
      return head(server, `POST ${PATH}`, JSON_TYPE, `Content-Length: ${body.length}`) + body;
    });
    const raw = await open(server, protocol);
    raw.socket.end(posts.join(''), 'latin1');
    expect(statusesIn(await raw.ended)).toEqual(posts.map(() => 201));
    expect(await labelCount(server)).toBe(20);
  });

  it.each(['http', 'https'] as const)(
    'is answered %s where it ends its side and its answer is late',
    async (protocol) => {
      const { server } = test;
      server.emulator.faults.add({ when: { route: 'labels.create' }, effect: { latency: '50ms' } });
      const raw = await open(server, protocol);
      raw.socket.end(head(server, `POST ${PATH}`, JSON_TYPE, LENGTH) + BODY, 'latin1');
      // The first tells the emulator whether somebody is still there.
      expect(statusesIn(await raw.ended)).toEqual([100, 201]);
      expect(await labelCount(server)).toBe(1);
    },
  );

  it('is answered where it ends its side and waits for what is to come', async () => {
    const { server } = test;
    const raw = await open(server);
    raw.socket.end(head(server, 'GET /_emulator/requests?route=labels.create&wait=30s'));
    await raw.until((text) => text.startsWith('HTTP/1.1 100'));
    await server.pce('POST', LABELS, { body: JSON.parse(BODY) });
    expect(statusesIn(await raw.ended).at(-1)).toBe(200);
  });

  it.each([
    ['before a word', 'http', ''],
    ['in the middle of a handshake', 'http', Buffer.from('160301020001', 'hex')],
    ['after a handshake', 'https', ''],
    ['after its first request', 'http', `GET ${PATH} HTTP/1.0\r\n\r\n`],
  ] as const)('is let go at once where it ends its side %s', async (_what, protocol, text) => {
    const server = await test.start({ requestTimeout: 60_000, keepAlive: 60_000 });
    const raw = await open(server, protocol);
    raw.socket.end(text);
    await raw.ended;
  });

  it('is told so where it ends its side before the body is there', async () => {
    const { server } = test;
    const raw = await open(server);
    raw.socket.end(head(server, `POST ${PATH}`, JSON_TYPE, LENGTH) + BODY.slice(1), 'latin1');
    const [answer] = answersIn(await raw.ended);
    expect([answer?.status, answer?.body[0].message]).toEqual([400, 'The request ended early']);
    expect(await labelCount(server)).toBe(0);
  });
});

describe('a client that does not read', () => {
  const test = useServer({ sendTimeout: 500, checkReplies: false });

  it.each(['http', 'https'] as const)('is let go, and the others are served meanwhile: %s', async (protocol) => {
    const server = await test.start({ maxConnections: 11 });
    const list = await fill(server);
    const readers = await Promise.all(Array.from({ length: 10 }, () => open(server, protocol)));
    for (const { socket, send } of readers) {
      socket.pause();
      send(head(server, `GET ${list}`).repeat(10));
    }
    await until(() => server.emulator.requests.count({ method: 'GET' }) >= 10);
    expect(await labelCount(server)).toBe(0);
    // There is room for others again once these are gone.
    const others: Socket[] = [];
    while (others.filter(({ destroyed }) => !destroyed).length < 11) {
      others.push((await silent(server)).resume());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // Each had one reply in memory, however many it asked for; the system takes what it takes.
    expect(server.emulator.requests.count({ path: list, method: 'GET' })).toBeLessThan(100);
    for (const socket of [...others, ...readers.map((reader) => reader.socket)]) socket.destroy();
  });

  it('and is reset in the middle of a reply harms nobody', async () => {
    const { server } = test;
    const list = await fill(server);
    const readers = await Promise.all(Array.from({ length: 20 }, () => open(server)));
    for (const { send } of readers) send(head(server, `GET ${list}`));
    await Promise.all(readers.map(({ until: come }) => come((text) => text.length > 1000)));
    for (const { socket } of readers) socket.resetAndDestroy();
    expect((await server.send('GET', list)).status).toBe(401);
    expect((await server.pce('GET', '/orgs/1/container_clusters')).body).toHaveLength(200);
  });

  it('is the first to go where all of them together hold too much', async () => {
    const unread = createUnread(60_000, 8_000_000);
    const replies: ServerResponse[] = [];
    const server = createServer((_req, res) => {
      replies.push(res);
      // More than what the system takes of it.
      res.end(Buffer.alloc(16_000_000));
      unread.watch(res);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const sockets: Socket[] = [];
    for (let opened = 1; opened <= 4; opened++) {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
      sockets.push(socket.on('error', () => {}).pause());
      await until(() => replies.length === opened);
    }
    // The last may hold as much as it will: it is the only one.
    expect(replies.map(({ destroyed }) => destroyed)).toEqual([true, true, true, false]);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('thousands of requests that wait for no reply', () => {
  const test = useServer({ checkReplies: false });

  it('are answered in their order, one at a time, while others are served', async () => {
    const { server } = test;
    const raw = await open(server);
    const requests = 1000;
    const post = (value: number) => {
      const body = JSON.stringify({ key: 'app', value: `v${value}` });
      return head(server, `POST ${PATH}`, JSON_TYPE, `Content-Length: ${body.length}`) + body;
    };
    raw.send(`${Array.from({ length: requests - 1 }, (_, index) => post(index)).join('')}`);
    raw.send(head(server, `GET ${PATH}`, 'Connection: close'));
    expect((await server.pce('GET', '/product_version')).status).toBe(200);
    const answers = answersIn(await raw.ended);
    expect(answers).toHaveLength(requests);
    expect(answers.slice(0, -1).map(({ body }) => body.value)).toEqual(
      Array.from({ length: requests - 1 }, (_, index) => `v${index}`),
    );
    expect(answers.at(-1)?.headers['x-total-count']).toBe(String(requests - 1));
  });

  it('are not done when the connection ends', async () => {
    const { server } = test;
    server.emulator.faults.add({
      when: { route: 'labels.create' },
      times: 1,
      effect: { latency: '300ms', status: 503 },
    });
    const raw = await open(server);
    const post = head(server, `POST ${PATH}`, JSON_TYPE, LENGTH) + BODY;
    raw.send(post.repeat(100));
    await new Promise((resolve) => setTimeout(resolve, 100));
    raw.socket.resetAndDestroy();
    await until(() => server.emulator.requests.count() > 0);
    expect(await labelCount(server)).toBe(0);
    expect(server.emulator.requests.count({ route: 'labels.create' })).toBe(1);
  });
});

describe('connections', () => {
  const test = useServer();

  it('that do nothing keep nobody from being served', async () => {
    const { server } = test;
    const idle: Socket[] = [];
    while (idle.length < IDLE) {
      idle.push(
        ...(await Promise.all(Array.from({ length: Math.min(250, IDLE - idle.length) }, () => silent(server)))),
      );
    }
    for (const [index, socket] of idle.entries()) {
      if (index % 3 === 1) socket.write('GET /api');
      if (index % 3 === 2) socket.write(Buffer.from('1603010200', 'hex'));
    }
    for (const protocol of ['http', 'https'] as const) {
      expect((await server.pce('GET', LABELS, { protocol })).status).toBe(200);
    }
    expect(idle.filter(({ destroyed }) => destroyed)).toEqual([]);
    for (const socket of idle) socket.destroy();
  });

  it('beyond those that there may be are closed, and there is room again when one ends', async () => {
    const server = await test.start({ maxConnections: 3 });
    const held = await Promise.all([silent(server), silent(server), silent(server)]);
    const more = connect(Number(new URL(server.emulator.url).port), '127.0.0.1').on('error', () => {});
    await closed(more);
    held[0]?.destroy();
    await until(async () => (await server.control('GET', '/ready')).status === 200);
    for (const socket of held) socket.destroy();
  });
});

/** Waits for what is bound to come. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

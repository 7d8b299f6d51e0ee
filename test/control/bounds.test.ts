import { startEmulator } from '../../src/emulator.ts';
import { useEmulator } from '../support/emulator.ts';
import { openFeed } from './feed.ts';
import { LABELS, useServer } from './server.ts';

describe('faults', () => {
  const test = useEmulator();
  const RULE = { effect: { rows: 1 } };

  it('are a thousand at the most, and there is room again when one goes', async () => {
    for (let made = 0; made < 1000; made++) test.emulator.faults.add({ name: `f${made}`, ...RULE });
    const full = { token: 'too_many_faults', message: expect.stringContaining('1000 faults') };
    for (const refused of [await test.control.post('/faults', RULE), await test.control.put('/faults/another', RULE)]) {
      expect([refused.status, refused.body]).toEqual([409, full]);
    }
    expect((await test.control.put('/faults/f5', RULE)).status).toBe(200);
    expect(test.emulator.faults.list()).toHaveLength(1000);
    test.emulator.faults.remove('f5');
    expect((await test.control.post('/faults', RULE)).status).toBe(201);
  });

  it('are of a length that snapshots and lists can hold, each and all together', async () => {
    const { control, emulator } = test;
    const rule = (length: number) => ({ ...RULE, when: { body: { name: 'x'.repeat(length) } } });
    const long = await control.post('/faults', rule(65 * 1024));
    expect([long.status, long.body.message]).toEqual([400, 'A fault is longer than 65536 characters of JSON']);
    const most = Math.floor((8 * 1024 * 1024) / JSON.stringify(rule(64_000)).length);
    for (let made = 0; made < most; made++) emulator.faults.add({ name: `f${made}`, ...rule(64_000) });
    const full = await control.post('/faults', rule(64_000));
    expect([full.status, full.body.token]).toEqual([409, 'too_many_faults']);
    expect((await control.put('/faults/f0', rule(64_000))).status).toBe(200);
    expect((await control.get('/faults')).body).toHaveLength(most);
    expect((await control.put('/snapshots/long')).status).toBe(200);
  });

  it('read the body of a request once, however many ask for it', async () => {
    const { emulator, pce } = test;
    for (let made = 0; made < 50; made++) emulator.faults.add({ ...RULE, when: { body: { value: `${made}` } } });
    const parse = jest.spyOn(JSON, 'parse');
    const value = 'b'.repeat(200);
    try {
      expect((await pce.post(LABELS, { key: 'app', value })).status).toBe(201);
      // The faults, the handler, and supertest.
      expect(parse.mock.calls.filter(([text]) => String(text).startsWith('{"key":"app"')).length).toBeLessThan(5);
    } finally {
      parse.mockRestore();
    }
  });
});

describe('who waits', () => {
  it.each([0, 5])('for more than a journal of %i keeps is refused', async (entries) => {
    const emulator = await startEmulator({ listen: false, world: 'empty', journal: { entries } });
    await expect(emulator.requests.seen({}, { count: entries + 1 })).rejects.toMatchObject({
      body: { token: 'no_room', message: expect.stringContaining(`--journal ${entries + 1}`) },
    });
    await emulator.close();
  });

  const test = useEmulator({ journal: { entries: 2 } });

  it('over HTTP is refused alike, and what fits is not', async () => {
    await test.pce.get(LABELS);
    await test.pce.get(LABELS);
    const answers = [];
    for (const count of [2, 3]) answers.push(await test.control.get(`/requests?wait=5s&count=${count}`));
    expect(answers.map(({ status }) => status)).toEqual([200, 400]);
    expect(answers[1]?.body.token).toBe('no_room');
  });
});

describe('many who wait for one kind of request', () => {
  const test = useEmulator();

  it('have each body read once, and nothing that was before read again', async () => {
    const { emulator, pce } = test;
    for (let made = 0; made < 5; made++) await pce.post(LABELS, { key: 'app', value: `before ${made}` });
    const kind = { body: { key: 'app' } };
    const waiting = Array.from({ length: 50 }, () => emulator.requests.seen(kind, { count: 7, within: '1m' }));
    const parse = jest.spyOn(JSON, 'parse');
    try {
      await pce.post(LABELS, { key: 'app', value: 'next' });
      const read = parse.mock.calls.filter(([text]) => String(text).startsWith('{"key":"app"'));
      expect([read.length < 5, read.filter(([text]) => String(text).includes('before'))]).toEqual([true, []]);
    } finally {
      parse.mockRestore();
    }
    await pce.post(LABELS, { key: 'app', value: 'last' });
    for (const seen of await Promise.all(waiting)) expect(seen).toHaveLength(7);
  });

  it('do not count what was forgotten meanwhile', async () => {
    const { emulator, pce } = test;
    const label = (value: string) => pce.post(LABELS, { key: 'app', value });
    await label('a');
    const two = emulator.requests.seen({ method: 'POST' }, { count: 2, within: '1m' });
    emulator.requests.clear();
    await label('b');
    await label('c');
    expect((await two).map(({ request }) => request.json)).toMatchObject([{ value: 'b' }, { value: 'c' }]);
  });
});

describe('a feed that is taken up again', () => {
  const test = useServer({ journal: { entries: 100 } });
  const seen = async (query: string, lastEventId: string) => {
    const { server } = test;
    const feed = await openFeed(server, `/requests/stream${query}`, 'http', { 'Last-Event-ID': lastEventId });
    await server.pce('GET', '/product_version');
    const last = String(server.emulator.requests.find().at(-1)?.id);
    while (feed.events.at(-1)?.id !== last) await new Promise((next) => setImmediate(next));
    feed.leave();
    return feed.events.map(({ id }) => Number(id));
  };

  it('goes on after the event that was seen last, whatever its URL says', async () => {
    const { server } = test;
    for (let made = 0; made < 3; made++) await server.pce('GET', LABELS);
    const [first = 0] = server.emulator.requests.find({ route: 'labels.list' }).map(({ id }) => id);
    expect(await seen('', String(first))).toEqual([first + 1, first + 2, first + 3]);
    expect(await seen(`?since=${first - 1}`, String(first + 2))).toEqual([first + 3, first + 4]);
  });

  it.each(['99999999', 'abc', '-1', '', '1e3'])(
    'begins with what comes where there is no such event: %j',
    async (id) => {
      await test.server.pce('GET', LABELS);
      expect(await seen('', id)).toHaveLength(1);
    },
  );
});

describe('a world that is refused', () => {
  it('leaves the ids of a seed as they were', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => startEmulator({ listen: false, world: 'empty', seed: 7 })));
    const broken = {
      description: '',
      orgs: [{ id: 1, name: 'Example' }],
      steps: [
        { call: 'POST /orgs/1/container_clusters', body: { name: 'a' } },
        { call: 'POST /orgs/1/labels', body: {} },
      ],
    };
    expect(() => one?.loadWorld(broken as never)).toThrow(/POST \/orgs\/1\/labels is refused/);
    expect(one?.org().api_secret).toBe(other?.org().api_secret);
    await Promise.all([one?.close(), other?.close()]);
  });
});

describe('an emulator that another app serves', () => {
  const test = useEmulator();

  it('is known by the names it was given, and by no other', async () => {
    const hosts = ['127.0.0.1:1', 'localhost', '[::1]:8443', 'evil.example', 'pce.example.test'];
    const statuses = async (control: typeof test.control) =>
      Promise.all(hosts.map(async (host) => (await control.get('/clock', { host })).status));
    expect(await statuses(test.control)).toEqual([200, 200, 200, 403, 403]);
  });

  const named = useEmulator({ tls: { names: ['pce.example.test'] } });

  it('may be given further names', async () => {
    expect((await named.control.get('/clock', { host: 'pce.example.test' })).status).toBe(200);
    expect((await named.control.get('/clock', { host: 'evil.example' })).status).toBe(403);
  });
});

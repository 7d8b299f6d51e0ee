import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import type { FaultRule } from '../../src/faults/rule.ts';
import type { Json } from '../support/emulator.ts';
import { type Got, LABELS, labels, PROTOCOLS, type Server, until, useServer } from './server.ts';

const CLUSTERS = '/orgs/1/container_clusters';
const run = promisify(execFile);

/** The last request that arrived, as the journal has it. */
const last = (server: Server): Json => server.emulator.requests.find().at(-1);

/** Makes a label while a fault is there, and takes the fault away. */
async function struck(server: Server, effect: FaultRule['effect'], asked = {}): Promise<Got> {
  const { name } = server.emulator.faults.add({ name: 'struck', when: { method: 'POST' }, effect });
  const got = await server.pce('POST', LABELS, { body: { key: 'app', value: 'struck' }, ...asked });
  await until(() => server.emulator.requests.count({ fault: name }) === 1);
  server.emulator.faults.remove(name);
  return got;
}

/** That the emulator answers, and that connections that were kept go on. */
async function servesOn(server: Server): Promise<void> {
  for (const protocol of PROTOCOLS) expect((await server.pce('GET', LABELS, { protocol })).status).toBe(200);
}

describe.each(PROTOCOLS)('over %s, a fault', (protocol) => {
  const test = useServer();

  it('has an answer come later', async () => {
    const { server } = test;
    const before = performance.now();
    const got = await struck(server, { latency: '120ms' }, { protocol });
    expect(performance.now() - before).toBeGreaterThanOrEqual(119);
    expect([got.status, got.body.value]).toEqual([201, 'struck']);
    expect(last(server)).toMatchObject({ protocol, status: 201, fault: { rule: 'struck', effects: ['latency'] } });
    expect(last(server).duration_ms).toBeGreaterThanOrEqual(119);
    await servesOn(server);
  });

  it.each([
    [{ status: 429, retry_after: 30 }, 'too_many_requests_error', '30'],
    [{ status: 429 }, 'too_many_requests_error', undefined],
    [{ status: 503, retry_after: 0 }, 'service_unavailable_error', '0'],
    [{ status: 500 }, 'internal_server_error', undefined],
    [{ status: 502 }, 'bad_gateway_error', undefined],
    [{ status: 406 }, 'input_validation_error', undefined],
    [{ status: 418 }, 'emulator_injected_error', undefined],
    [{ status: 503, token: 'some_token', message: 'Some words' }, 'some_token', undefined],
  ])('answers %j with the token that the PCE has for it', async (effect, token, retryAfter) => {
    const { server } = test;
    const got = await struck(server, effect, { protocol });
    expect([got.status, got.headers['content-type'], got.headers['retry-after']]).toEqual([
      effect.status,
      'application/json',
      retryAfter,
    ]);
    const { message = expect.stringMatching(/./) } = effect as { message?: string };
    expect(got.body).toEqual([{ token, message }]);
    expect(await labels(server)).toEqual([]);
    const [entry] = server.emulator.requests.find({ fault: 'struck' });
    expect(entry).toMatchObject({ status: effect.status, tokens: [token], violations: [] });
    expect(entry?.fault).toEqual({ rule: 'struck', effects: [`status ${effect.status}`] });
    await servesOn(server);
  });

  it('answers 404 without a body, as the PCE does', async () => {
    const { server } = test;
    const got = await struck(server, { status: 404 }, { protocol });
    expect([got.status, got.text, got.headers['content-length'], got.complete]).toEqual([404, '', '0', true]);
  });

  it('resets the connection before anything is done', async () => {
    const { server } = test;
    const got = await struck(server, { connection: 'reset' }, { protocol });
    expect([got.status, got.error]).toEqual([null, 'ECONNRESET']);
    expect(await labels(server)).toEqual([]);
    const [entry] = server.emulator.requests.find({ fault: 'struck' });
    expect(entry).toMatchObject({ protocol, status: null, response: null, tokens: [], fault: { effects: ['reset'] } });
    expect(entry?.request.json).toEqual({ key: 'app', value: 'struck' });
    await servesOn(server);
  });

  it('ends the connection in good order, without an answer', async () => {
    const { server } = test;
    const got = await struck(server, { connection: 'empty' }, { protocol });
    expect([got.status, got.error]).toEqual([null, 'ECONNRESET']); // Node's "socket hang up"
    expect(await labels(server)).toEqual([]);
    expect(server.emulator.requests.find({ fault: 'struck' })).toMatchObject([{ status: null, response: null }]);
    await servesOn(server);
  });

  it('cuts an answer off in the middle', async () => {
    const { server } = test;
    const got = await struck(server, { reply: 'truncated' }, { protocol });
    const promised = Number(got.headers['content-length']);
    expect([got.status, got.complete, got.error]).toEqual([201, false, 'ECONNRESET']);
    expect(promised).toBeGreaterThan(100);
    expect(got.text.length).toBe(Math.floor(promised / 2));
    expect(await labels(server)).toEqual(['struck']);
    const [entry] = server.emulator.requests.find({ fault: 'struck' });
    expect(entry).toMatchObject({ status: 201, fault: { effects: ['truncated'] }, response: { bytes: promised } });
    await servesOn(server);
  });

  it('cuts off the head of an answer that has no body, and of one to HEAD', async () => {
    const { server } = test;
    const { body } = await server.pce('POST', LABELS, { body: { key: 'app', value: 'a' } });
    server.emulator.faults.add({ effect: { reply: 'truncated' } });
    for (const [method, asked] of [
      ['PUT', { body: { value: 'b' } }],
      ['HEAD', {}],
    ] as const) {
      const got = await server.pce(method, body.href, { protocol, ...asked });
      expect([method, got.status, got.complete, typeof got.error]).toEqual([method, null, false, 'string']);
    }
    server.emulator.faults.clear();
    expect(await labels(server)).toEqual(['b']);
  });

  it('makes of an answer what is no JSON, though it is complete', async () => {
    const { server } = test;
    const got = await struck(server, { reply: 'malformed' }, { protocol });
    expect([got.status, got.complete, got.error, got.body]).toEqual([201, true, undefined, undefined]);
    expect(got.headers['content-type']).toBe('application/json');
    expect(got.text.length).toBe(Number(got.headers['content-length']));
    expect(() => JSON.parse(got.text)).toThrow(SyntaxError);
    expect(await labels(server)).toEqual(['struck']);
    await servesOn(server);
  });

  it('keeps in the journal which problem an answer told before it was no JSON', async () => {
    const { server } = test;
    await struck(server, { reply: 'malformed' }, { protocol, body: { key: 'no such key', value: 'a' } });
    expect(last(server)).toMatchObject({ status: 406, tokens: ['label_key_not_supported'] });
  });

  it('makes of a 204, too, what is no JSON', async () => {
    const { server } = test;
    const { body } = await server.pce('POST', LABELS, { body: { key: 'app', value: 'a' } });
    server.emulator.faults.add({ effect: { reply: 'malformed' }, times: 1 });
    const got = await server.pce('PUT', body.href, { protocol, body: { value: 'b' } });
    expect([got.status, got.complete]).toEqual([200, true]);
    expect(() => JSON.parse(got.text)).toThrow(SyntaxError);
    expect(await labels(server)).toEqual(['b']);
  });

  it('sends an answer a few bytes at a time', async () => {
    const { server } = test;
    const got = await struck(server, { reply: 'slow', bytes_per_second: 500 }, { protocol });
    expect([got.status, got.complete, got.body.value]).toEqual([201, true, 'struck']);
    expect(got.chunks).toBeGreaterThan(2);
    await servesOn(server);
  });

  it('sends an answer without a body late, and whole', async () => {
    const { server } = test;
    const { body } = await server.pce('POST', LABELS, { body: { key: 'app', value: 'a' } });
    server.emulator.faults.add({ effect: { reply: 'slow' } });
    expect(await server.pce('DELETE', body.href, { protocol })).toMatchObject({ status: 204, complete: true });
    expect(await server.pce('HEAD', LABELS, { protocol })).toMatchObject({ status: 200, complete: true });
  });

  it('loses an answer to what has been done', async () => {
    const { server } = test;
    const got = await struck(server, { reply: 'lost' }, { protocol });
    expect([got.status, got.error]).toEqual([null, 'ECONNRESET']);
    expect(await labels(server)).toEqual(['struck']);
    expect(server.emulator.requests.find({ status: 'none' })).toMatchObject([{ fault: { effects: ['lost'] } }]);
    await servesOn(server);
  });

  it('answers an error to what has been done', async () => {
    const { server } = test;
    const got = await struck(server, { status: 503, after_commit: true, retry_after: 7 }, { protocol });
    expect([got.status, got.body[0].token, got.headers['retry-after']]).toEqual([
      503,
      'service_unavailable_error',
      '7',
    ]);
    expect(await labels(server)).toEqual(['struck']);
    expect(server.emulator.requests.find({ fault: 'struck' })).toMatchObject([
      { status: 503, tokens: ['service_unavailable_error'], fault: { effects: ['status 503', 'after commit'] } },
    ]);
    await servesOn(server);
  });

  it.each(['reset', 'empty'] as const)('ends the connection after what has been done: %s', async (connection) => {
    const { server } = test;
    const got = await struck(server, { connection, after_commit: true }, { protocol });
    expect([got.status, got.error]).toEqual([null, 'ECONNRESET']);
    expect(await labels(server)).toEqual(['struck']);
    expect(server.emulator.requests.find({ fault: 'struck' })).toMatchObject([
      { status: null, fault: { effects: [connection, 'after commit'] } },
    ]);
    await servesOn(server);
  });

  it('cuts a list short, and puts it in another order, while its total stays', async () => {
    const { server } = test;
    const values = Array.from({ length: 20 }, (_, index) => `v${index}`);
    for (const value of values) await server.pce('POST', LABELS, { body: { key: 'app', value } });
    server.emulator.faults.add({ effect: { rows: 15, shuffled: true } });
    const got = await server.pce('GET', LABELS, { protocol });
    const seen = got.body.map(({ value }: Json) => value);
    expect([seen.length, new Set(seen).size, got.headers['x-total-count']]).toEqual([15, 15, '20']);
    expect(values).toEqual(expect.arrayContaining(seen));
    expect(seen).not.toEqual(values.slice(0, 15));
    expect(last(server).fault.effects).toEqual(['rows', 'shuffled']);
  });

  it('strikes one request of a connection that is kept, and not the next', async () => {
    const { server } = test;
    const agent = server.keepAlive(protocol);
    const effects: FaultRule['effect'][] = [
      { status: 503 },
      { reply: 'malformed' },
      { reply: 'slow', bytes_per_second: 5000 },
      { latency: '5ms' },
      { reply: 'truncated' },
      { connection: 'reset' },
      { connection: 'empty' },
      { reply: 'lost' },
    ];
    for (const effect of effects) {
      await server.pce('GET', LABELS, { protocol, agent });
      server.emulator.faults.add({ effect, times: 1 });
      await server.pce('GET', LABELS, { protocol, agent });
      expect([effect, await server.pce('GET', LABELS, { protocol, agent })]).toMatchObject([
        effect,
        { status: 200, complete: true, body: [] },
      ]);
      server.emulator.faults.clear();
    }
    agent.destroy();
  });

  it('is told by curl as what it is', async () => {
    const { server } = test;
    const codes: Record<string, unknown> = {};
    const cases: Record<string, FaultRule['effect']> = {
      empty: { connection: 'empty' },
      reset: { connection: 'reset' },
      truncated: { reply: 'truncated' },
      malformed: { reply: 'malformed' },
    };
    for (const [name, effect] of Object.entries(cases)) {
      server.emulator.faults.add({ effect, times: 1 });
      const { api_key, api_secret } = server.emulator.credentials;
      const trust = ['--silent', '--cacert', server.emulator.ca_file, '--user', `${api_key}:${api_secret}`];
      const curl = run('curl', [...trust, `${server.origin(protocol)}/api/v2${LABELS}`]);
      codes[name] = await curl.then(() => 0).catch(({ code }) => code);
    }
    // Empty reply from server; failure in receiving; partial file.
    expect(codes).toEqual({ empty: 52, reset: 56, truncated: 18, malformed: 0 });
  });
});

describe('a client that leaves', () => {
  const test = useServer();

  it('while its request is delayed, gets nothing done', async () => {
    const { server } = test;
    server.emulator.faults.add({ name: 'late', effect: { latency: '300ms' }, when: { method: 'POST' } });
    const left = await server.pce('POST', LABELS, { body: { key: 'app', value: 'late' }, leaveAfter: 50 });
    expect(left.status).toBeNull();
    await until(() => server.emulator.requests.count({ fault: 'late', status: 'none' }) === 1);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await labels(server)).toEqual([]);
    expect(server.emulator.requests.find({ fault: 'late' })).toMatchObject([{ status: null, response: null }]);
  });

  it('while it gets its answer slowly, is no matter', async () => {
    const { server } = test;
    server.emulator.faults.add({ effect: { reply: 'slow', bytes_per_second: 10 }, times: 1 });
    expect((await server.pce('POST', LABELS, { body: { key: 'app', value: 'a' }, leaveAfter: 250 })).complete).toBe(
      false,
    );
    expect(await labels(server)).toEqual(['a']);
  });

  it('with half of its body sent, is not waited for by the end of a connection', async () => {
    const { server } = test;
    server.emulator.faults.add({ effect: { connection: 'empty' } });
    const { port } = new URL(server.emulator.url);
    const { api_key, api_secret } = server.emulator.credentials;
    const head = `GET /api/v2${LABELS} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${btoa(`${api_key}:${api_secret}`)}\r\n`;
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(`${head}Content-Length: 10\r\n\r\nhalf`));
    const seen = new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text));
    });
    await until(() => server.emulator.requests.count() === 1);
    socket.end();
    expect(await seen).toBe('');
  });
});

describe('a rule', () => {
  const test = useServer({ seed: 7, world: 'demo' });
  const K8S2 = `${CLUSTERS}/445bfa9b-4de4-4c09-9705-496eb04b190f`;

  /** Whether each of some requests is struck by a rule with this pattern. */
  async function strikes(when: FaultRule['when'], requests: Record<string, () => Promise<Got>>) {
    const { faults } = test.server.emulator;
    const { name } = faults.add({ when, effect: { status: 599 } });
    const outcome: string[] = [];
    for (const [what, request] of Object.entries(requests)) if ((await request()).status === 599) outcome.push(what);
    faults.remove(name);
    return outcome;
  }

  it('picks out requests by route, method, path, organisation, caller and body', async () => {
    const { server } = test;
    const [, second] = server.emulator.allCredentials;
    const other = { authorization: `Basic ${btoa(`${second?.api_key}:${second?.api_secret}`)}` };
    const cluster = (await server.pce('POST', CLUSTERS, { body: { name: 'own' } })).body;
    const agent = { authorization: `Token token=${cluster.container_cluster_token}` };
    const requests = {
      labels: () => server.pce('GET', LABELS),
      label: () => server.pce('GET', `${LABELS}/1`),
      query: () => server.pce('GET', `${LABELS}?key=role`),
      create: () => server.pce('POST', LABELS, { body: { key: 'app', value: 'x', external_data_set: 's' } }),
      clusters: () => server.pce('GET', CLUSTERS),
      cluster: () => server.pce('GET', K8S2),
      rename: () => server.pce('PUT', K8S2, { body: { name: 'renamed' } }),
      head: () => server.pce('HEAD', LABELS),
      elsewhere: () => server.send('GET', '/api/v2/orgs/10/labels', { headers: other }),
      agent: () => server.send('GET', `/api/v2${cluster.href}/container_workload_profiles`, { headers: agent }),
      missing: () => server.pce('GET', '/orgs/1/reports'),
    };
    const all = Object.keys(requests);
    const { api_key } = server.emulator.credentials;
    const picks: [FaultRule['when'], string[]][] = [
      [undefined, all],
      [{}, all],
      [{ route: 'labels.get' }, ['label']],
      [{ route: 'labels.*' }, ['labels', 'label', 'query', 'create', 'head', 'elsewhere']],
      [{ route: '*.list' }, ['labels', 'query', 'clusters', 'head', 'elsewhere', 'agent']],
      [{ route: '*' }, all],
      [{ route: 'missing.*' }, ['missing']],
      [{ method: 'POST' }, ['create']],
      [{ method: 'HEAD' }, ['head']],
      [{ path: `/api/v2${LABELS}` }, ['labels', 'query', 'create', 'head']],
      [{ path: '/api/v2/orgs/*/labels*' }, ['labels', 'label', 'query', 'create', 'head', 'elsewhere']],
      [{ path: '*/445bfa9b-*' }, ['cluster', 'rename']],
      [{ org: 10 }, ['elsewhere']],
      [{ org: 1, method: 'PUT' }, ['rename']],
      [{ org: 2 }, []],
      [{ caller: 'cluster' }, ['agent']],
      [{ caller: cluster.href }, ['agent']],
      [{ caller: 'user', route: '*.list', org: 1 }, ['labels', 'query', 'clusters', 'head']],
      [{ caller: '/users/10' }, ['elsewhere']],
      [{ caller: second?.api_key }, ['elsewhere']],
      [{ caller: api_key, method: 'POST' }, ['create']],
      [{ body: { key: 'app' } }, ['create']],
      [{ body: { key: 'app', value: 'x' } }, ['create']],
      [{ body: { key: 'app', value: 'y' } }, []],
      [{ body: { name: 'renamed' } }, ['rename']],
      [{ body: {} }, ['create', 'rename']],
    ];
    for (const [when, expected] of picks) expect([when, await strikes(when, requests)]).toEqual([when, expected]);
  });

  it('for everything strikes also what would be refused', async () => {
    const { server } = test;
    const json = { 'content-type': 'text/plain' };
    const asked: [string, Parameters<Server['pce']>[2]][] = [
      ['/orgs/1/nothing', {}],
      [LABELS, { headers: { authorization: 'Basic bm9ib2R5Om5vdGhpbmc=' } }],
      [LABELS, { body: 'no JSON', headers: json }],
      ['/orgs/77/labels', {}],
    ];
    const statuses = () =>
      Promise.all(asked.map(async ([path, more]) => (await server.pce('POST', path, more)).status));
    expect(await statuses()).toEqual([404, 401, 415, 403]);
    server.emulator.faults.add({ effect: { status: 503 } });
    expect(await statuses()).toEqual([503, 503, 503, 503]);
  });

  it('never strikes the emulator\u2019s own API', async () => {
    const { server } = test;
    server.emulator.faults.add({ effect: { connection: 'reset' } });
    for (const path of ['/ready', '/faults', '/requests', '/clock', '/docs']) {
      expect((await server.control('GET', path)).status).toBe(200);
    }
    expect(server.emulator.faults.list()[0]).toMatchObject({ seen: 0, hits: 0 });
  });

  it('strikes never, always, or as often as it is likely', async () => {
    const { server } = test;
    const hits = async (probability: number) => {
      const { name } = server.emulator.faults.add({ probability, effect: { status: 503 } });
      for (let times = 0; times < 100; times++) await server.pce('GET', LABELS);
      const { seen, hits } = server.emulator.faults.get(name);
      server.emulator.faults.remove(name);
      expect(seen).toBe(100);
      return hits;
    };
    expect([await hits(0), await hits(1)]).toEqual([0, 100]);
    const half = await hits(0.5);
    expect(half).toBeGreaterThan(25);
    expect(half).toBeLessThan(75);
  });

  it('takes the same course for the same seed, and another for another', async () => {
    const course = async (seed: number) => {
      const server = await test.start({ seed });
      const rule = { probability: 0.5, effect: { status: 503, jitter: '3ms' } };
      await server.control('POST', '/faults', { body: rule });
      const statuses: (number | null)[] = [];
      for (let times = 0; times < 60; times++) statuses.push((await server.pce('GET', LABELS)).status);
      return statuses;
    };
    const [one, again, other] = [await course(1), await course(1), await course(2)];
    expect(new Set(one)).toEqual(new Set([200, 503]));
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('lets the first few through, and strikes so many times', async () => {
    const { server } = test;
    server.emulator.faults.add({ name: 'third', skip: 2, times: 2, effect: { status: 503 } });
    const statuses: (number | null)[] = [];
    for (let times = 0; times < 6; times++) statuses.push((await server.pce('GET', LABELS)).status);
    expect(statuses).toEqual([200, 200, 503, 503, 200, 200]);
    expect(server.emulator.faults.get('third')).toMatchObject({ seen: 6, hits: 2 });
  });

  it('leaves what it lets through to the next one, and what it strikes to none', async () => {
    const { server } = test;
    server.emulator.faults.add({ name: 'first', times: 1, effect: { status: 501 } });
    server.emulator.faults.add({ name: 'second', skip: 1, effect: { status: 502 } });
    server.emulator.faults.add({ name: 'never', probability: 0, effect: { status: 505 } });
    server.emulator.faults.add({ name: 'third', effect: { status: 503 } });
    const statuses: (number | null)[] = [];
    for (let times = 0; times < 4; times++) statuses.push((await server.pce('GET', LABELS)).status);
    expect(statuses).toEqual([501, 503, 502, 502]);
    expect(server.emulator.faults.list().map(({ name, seen, hits }) => [name, seen, hits])).toEqual([
      ['first', 4, 1],
      ['second', 3, 2],
      ['never', 1, 0],
      ['third', 1, 1],
    ]);
    expect(server.emulator.requests.find().map(({ fault }) => fault?.rule)).toEqual([
      'first',
      'third',
      'second',
      'second',
    ]);
  });

  it('holds in its window, by the emulator\u2019s clock', async () => {
    const { server } = test;
    const status = async () => (await server.pce('GET', LABELS)).status;
    server.emulator.clock.freeze();
    server.emulator.clock.set('2026-03-01T09:00:00Z');
    server.emulator.faults.add({ name: 'later', window: { after: '10m', for: '30s' }, effect: { status: 503 } });
    expect(await status()).toBe(200);
    server.emulator.clock.advance('9m');
    expect(await status()).toBe(200);
    server.emulator.clock.advance('1m');
    expect(await status()).toBe(503);
    server.emulator.clock.advance('29s');
    expect(await status()).toBe(503);
    server.emulator.clock.advance('1s');
    expect(await status()).toBe(200);
    expect(server.emulator.faults.get('later')).toMatchObject({
      created_at: '2026-03-01T09:00:00.000Z',
      seen: 2,
      hits: 2,
    });
    server.emulator.faults.add({ window: { after: '1d' }, effect: { status: 504 } });
    server.emulator.clock.advance('365d');
    expect(await status()).toBe(504);
  });

  it('is added, read, replaced and removed', async () => {
    const { server } = test;
    const effect = { status: 503 };
    const made = await server.control('POST', '/faults', { body: { effect } });
    expect([made.status, made.body]).toEqual([
      201,
      { name: 'fault-1', effect, seen: 0, hits: 0, created_at: expect.any(String) },
    ]);
    const named = { name: 'busy', when: { route: 'labels.*' }, times: 1, effect: { status: 429, retry_after: 3 } };
    expect((await server.control('POST', '/faults', { body: named })).status).toBe(201);
    expect(await server.control('POST', '/faults', { body: named })).toMatchObject({
      status: 409,
      body: { token: 'name_taken', message: expect.stringContaining('busy') },
    });
    expect((await server.control('GET', '/faults')).body.map(({ name }: Json) => name)).toEqual(['fault-1', 'busy']);
    await server.pce('GET', LABELS);
    expect((await server.control('GET', '/faults/fault-1')).body).toMatchObject({ seen: 1, hits: 1 });
    const put = await server.control('PUT', '/faults/fault-1', { body: { effect: { status: 500 } } });
    expect([put.status, put.body]).toMatchObject([200, { name: 'fault-1', effect: { status: 500 }, seen: 0, hits: 0 }]);
    expect((await server.pce('GET', LABELS)).status).toBe(500);
    expect((await server.control('PUT', '/faults/new', { body: { effect } })).body.name).toBe('new');
    expect((await server.control('GET', '/faults')).body.map(({ name }: Json) => name)).toEqual([
      'fault-1',
      'busy',
      'new',
    ]);
    expect((await server.control('DELETE', '/faults/fault-1')).status).toBe(204);
    expect((await server.pce('GET', LABELS)).status).toBe(429);
    for (const method of ['GET', 'DELETE']) {
      expect(await server.control(method, '/faults/fault-1')).toMatchObject({
        status: 404,
        body: { token: 'not_found', message: expect.stringContaining('fault-1') },
      });
    }
    expect((await server.control('DELETE', '/faults')).status).toBe(204);
    expect((await server.control('GET', '/faults')).body).toEqual([]);
    expect((await server.pce('GET', LABELS)).status).toBe(200);
  });

  it('is given a name that nobody has taken', async () => {
    const { server } = test;
    const add = (body: object) => server.control('POST', '/faults', { body });
    await add({ name: 'fault-1', effect: { status: 503 } });
    expect((await add({ effect: { status: 503 } })).body.name).toBe('fault-2');
  });

  it('comes back with a snapshot, and goes with a reset', async () => {
    const { emulator } = test.server;
    emulator.faults.add({ name: 'kept', times: 3, effect: { status: 503 } });
    await test.server.pce('GET', LABELS);
    const name = emulator.snapshot();
    emulator.faults.clear();
    emulator.restore(name);
    expect(emulator.faults.list()).toMatchObject([{ name: 'kept', seen: 1, hits: 1 }]);
    emulator.reset();
    expect(emulator.faults.list()).toEqual([]);
  });

  it.each([
    [{}, /effect/],
    [{ effect: {} }, /effect/],
    [{ effect: { status: 503, connection: 'reset' } }, /#\/effect\/connection/],
    [{ effect: { status: 503, reply: 'lost' } }, /#\/effect\/reply/],
    [{ effect: { connection: 'empty', reply: 'slow' } }, /#\/effect\/reply/],
    [{ effect: { after_commit: true } }, /effect.*status|connection/],
    [{ effect: { after_commit: true, reply: 'lost' } }, /effect/],
    [{ effect: { token: 'x' } }, /status/],
    [{ effect: { retry_after: 3 } }, /status/],
    [{ effect: { bytes_per_second: 3 } }, /reply/],
    [{ effect: { latency: 'soon' } }, /effect\/latency/],
    [{ effect: { latency: '-1s' } }, /effect\/latency/],
    [{ effect: { latency: '11m' } }, /effect\/latency/],
    [{ effect: { latency: 5 } }, /effect\/latency/],
    [{ effect: { jitter: '1d' } }, /effect\/jitter/],
    [{ effect: { status: 200 } }, /effect\/status/],
    [{ effect: { status: '503' } }, /effect\/status/],
    [{ effect: { status: 600 } }, /effect\/status/],
    [{ effect: { status: 503, retry_after: -1 } }, /retry_after/],
    [{ effect: { reply: 'late' } }, /effect\/reply/],
    [{ effect: { connection: 'close' } }, /effect\/connection/],
    [{ effect: { delay: '1s' } }, /#\/effect has no delay/],
    [{ effect: { rows: -1 } }, /effect\/rows/],
    [{ effect: { status: 503 }, probability: 1.5 }, /probability/],
    [{ effect: { status: 503 }, times: 0 }, /times/],
    [{ effect: { status: 503 }, skip: -1 }, /skip/],
    [{ effect: { status: 503 }, when: { url: '/' } }, /#\/when has no url/],
    [{ effect: { status: 503 }, when: { method: 'G T' } }, /when\/method must be a method/],
    [
      { effect: { status: 503 }, when: { route: 'label.create' } },
      /No route is named label.create; there are labels.list, labels.create/,
    ],
    [{ effect: { status: 503 }, when: { org: '1' } }, /when\/org/],
    [{ effect: { status: 503 }, window: {} }, /window/],
    [{ effect: { status: 503 }, window: { for: 'ever' } }, /window\/for/],
    [{ effect: { status: 503 }, name: '../x' }, /name/],
    [{ effect: { status: 503 }, name: '' }, /name/],
    [{ effect: { status: 503 }, probablity: 0.5 }, /#\/ has no probablity/],
    [[], /object/],
    ['"rule"', /object/],
    ['{', /JSON/],
  ])('that is none is refused, in words that name what is wrong: %j', async (body, naming) => {
    const { server } = test;
    for (const [method, path] of [
      ['POST', '/faults'],
      ['PUT', '/faults/x'],
    ] as const) {
      const got = await server.control(method, path, { body });
      expect([got.status, got.body.message]).toEqual([400, expect.stringMatching(naming)]);
    }
    expect(server.emulator.faults.list()).toEqual([]);
    if (typeof body === 'object') expect(() => server.emulator.faults.add(body as FaultRule)).toThrow(naming);
  });
});

describe('an emulator that is closed', () => {
  const test = useServer({}, { afresh: true });

  it.each(PROTOCOLS)('answers what is delayed, slow, waiting or followed at once over %s', async (protocol) => {
    const { server } = test;
    const { emulator } = server;
    await server.pce('POST', LABELS, { body: { key: 'app', value: 'a' } });
    emulator.faults.add({ when: { method: 'POST' }, effect: { latency: '10m' } });
    emulator.faults.add({ when: { method: 'GET' }, effect: { reply: 'slow', bytes_per_second: 1 } });
    const under = [
      server.pce('POST', LABELS, { protocol, body: { key: 'app', value: 'b' } }),
      server.pce('GET', LABELS, { protocol }),
      server.control('GET', '/requests?status=418&wait=10m', { protocol }),
      server.control('GET', '/requests/stream', { protocol }),
    ];
    await until(() => emulator.requests.count({ method: 'GET' }) === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = performance.now();
    await emulator.close();
    expect(performance.now() - before).toBeLessThan(3000);
    const ended = await Promise.all(under);
    expect(ended.map(({ complete }) => complete)).toEqual([true, true, true, true]);
    expect(ended.map(({ status }) => status)).toEqual([201, 200, 503, 200]);
  });
});

import { EventEmitter } from 'node:events';
import { connect } from 'node:net';
import { createSchemas, readSchemaFiles } from '../../src/contract/schemas.ts';
import { createEndings } from '../../src/http/endings.ts';
import { follow } from '../../src/http/replies.ts';
import { createUnread } from '../../src/http/unread.ts';
import type { Entry } from '../../src/journal/entry.ts';
import { authorization, type Json, ROOT } from '../support/emulator.ts';
import { openFeed } from './feed.ts';
import { LABELS, PROTOCOLS, type Server, send, until, useServer } from './server.ts';

const CLUSTERS = '/orgs/1/container_clusters';
const schemas = createSchemas(readSchemaFiles(`${ROOT}/schemas`), () => true);

/** The entries that the emulator's own API tells, each as its schema promises. */
async function entries(server: Server, query = ''): Promise<Json[]> {
  const { status, body } = await server.control('GET', `/requests${query}`);
  expect([status, schemas.check('emulator/requests#list', body)]).toEqual([200, []]);
  return body;
}

const only = async (server: Server, query = ''): Promise<Json> => {
  const found = await entries(server, query);
  expect(found).toHaveLength(1);
  return found[0];
};

/** Writes text to the port, and leaves with a reset. */
async function sayAndLeave(server: Server, text: string): Promise<void> {
  const { port } = new URL(server.emulator.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.write(text, () => resolve()));
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.resetAndDestroy();
}

describe('an entry tells', () => {
  const test = useServer({}, { afresh: true });

  it.each(PROTOCOLS)('all of a request over %s and of its answer', async (protocol) => {
    const { server } = test;
    server.emulator.clock.freeze();
    server.emulator.clock.set('2026-03-01T09:00:00Z');
    const body = { key: 'app', value: 'päyments' };
    const before = new Date().toISOString();
    const got = await server.pce('POST', LABELS, { protocol, body, headers: { 'X-Trace': 'abc' } });
    const after = new Date().toISOString();
    const entry = await only(server);
    const text = JSON.stringify(body);
    expect(entry).toEqual({
      id: 1,
      at: '2026-03-01T09:00:00.000Z',
      real_at: expect.any(String),
      duration_ms: expect.any(Number),
      protocol,
      address: '127.0.0.1',
      api: 'pce',
      method: 'POST',
      path: `/api/v2${LABELS}`,
      query: '',
      route: 'labels.create',
      nearest: null,
      implemented: true,
      org: '/orgs/1',
      caller: { kind: 'user', href: '/users/1', api_key: server.emulator.credentials.api_key },
      status: 201,
      tokens: [],
      fault: null,
      violations: [],
      request: {
        headers: expect.objectContaining({
          'x-trace': 'abc',
          'content-type': 'application/json',
          authorization: 'Basic <redacted>',
        }),
        text,
        json: body,
        bytes: Buffer.byteLength(text),
        truncated: false,
      },
      response: {
        headers: {
          'x-request-id': got.headers['x-request-id'],
          'cache-control': 'no-cache',
          'content-type': 'application/json',
          'content-length': got.headers['content-length'],
        },
        text: got.text,
        json: got.body,
        bytes: Number(got.headers['content-length']),
        truncated: false,
      },
    });
    expect(entry.real_at >= before && entry.real_at <= after).toBe(true);
    expect(entry.duration_ms).toBeGreaterThan(0);
    expect(server.emulator.requests.find()).toEqual([entry]);
  });

  it('that the body broke its schema, and where', async () => {
    const { server } = test;
    await server.pce('POST', LABELS, { body: { key: 'app', value: 5 } });
    expect(await only(server)).toMatchObject({
      route: 'labels.create',
      status: 406,
      tokens: ['input_validation_error'],
      violations: [{ in: 'body', path: '/value', message: expect.stringContaining('string') }],
      request: { json: { key: 'app', value: 5 } },
      response: { json: [{ token: 'input_validation_error' }] },
    });
  });

  it.each([
    ['{"key": "app"', /JSON/],
    ['', /empty/],
    ['\ufffd', /JSON/],
  ])('that the body is no JSON: %j', async (body, message) => {
    const { server } = test;
    await server.pce('POST', LABELS, { body });
    const entry = await only(server);
    expect(entry).toMatchObject({
      status: 406,
      violations: [{ in: 'body', path: '', message: expect.stringMatching(message) }],
    });
    expect(entry.request.text).toBe(body === '' ? null : body);
    expect(entry.request).not.toHaveProperty('json');
  });

  it('that the body is of another type', async () => {
    const { server } = test;
    await server.pce('POST', LABELS, {
      body: 'key=app',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(await only(server)).toMatchObject({
      status: 415,
      tokens: ['unsupported_media_type_error'],
      violations: [{ in: 'headers', path: 'content-type', message: expect.stringContaining('urlencoded') }],
      request: { text: null },
    });
  });

  it('that the body is too large', async () => {
    const { server } = test;
    await server.pce('POST', LABELS, { body: { key: 'x'.repeat(1024 * 1024) } });
    expect(await only(server)).toMatchObject({
      status: 413,
      tokens: ['request_entity_too_large_error'],
      violations: [{ in: 'body', path: '', message: expect.stringContaining('1048576') }],
      request: { text: null },
    });
  });

  it('that a parameter is unknown, though it was answered, or has an unreadable value', async () => {
    const { server } = test;
    await server.pce('GET', `${LABELS}?key=app&name=x&name=y&Key=role`);
    await server.pce('GET', `${LABELS}?max_results=many`);
    const [first, second] = await entries(server);
    expect(first).toMatchObject({ status: 200, query: 'key=app&name=x&name=y&Key=role', tokens: [] });
    expect(first.violations.map(({ in: place, path }: Json) => [place, path])).toEqual([
      ['query', 'name'],
      ['query', 'Key'],
    ]);
    expect(second).toMatchObject({ status: 406, violations: [{ in: 'query', path: '/max_results' }] });
  });

  it('which route comes nearest to a path that there is not', async () => {
    const { server } = test;
    await server.pce('GET', '/orgs/1/label');
    await server.pce('GET', '/xyz');
    const [near, far] = await entries(server);
    expect(near).toMatchObject({
      status: 404,
      route: null,
      nearest: 'GET /api/v2/orgs/{org_id}/labels',
      caller: { kind: 'user' },
      org: '/orgs/1',
      implemented: true,
      response: { text: null, bytes: 0 },
    });
    expect(far).toMatchObject({ status: 404, route: null, nearest: null });
  });

  it('which methods a path has', async () => {
    const { server } = test;
    await server.pce('PATCH', LABELS);
    expect(await only(server)).toMatchObject({
      method: 'PATCH',
      status: 405,
      route: null,
      nearest: `GET, HEAD, POST /api/v2${LABELS}`,
      tokens: ['method_not_allowed_error'],
    });
  });

  it('that nobody known asked, and who is not let in', async () => {
    const { server } = test;
    const { body: cluster } = await server.pce('POST', CLUSTERS, { body: { name: 'own' } });
    await server.send('GET', `/api/v2${LABELS}`);
    await server.send('GET', `/api/v2${LABELS}`, { headers: { authorization: 'Basic bm86bm8=' } });
    await server.pce('GET', '/orgs/2/labels');
    const agent = { authorization: `Token token=${cluster.container_cluster_token}` };
    await server.send('GET', `/api/v2${LABELS}`, { headers: agent });
    const all = (await entries(server)).slice(1);
    expect(all.map(({ status, caller, tokens, org, route }) => [status, caller?.href, tokens, org, route])).toEqual([
      [401, undefined, ['authentication_failed'], '/orgs/1', 'labels.list'],
      [401, undefined, ['authentication_failed'], '/orgs/1', 'labels.list'],
      [403, '/users/1', ['authorization_failed'], '/orgs/1', 'labels.list'],
      [403, cluster.href, ['authorization_failed'], '/orgs/1', 'labels.list'],
    ]);
    expect(all[3].caller).toEqual({ kind: 'cluster', href: cluster.href });
  });

  it('that a PCE has a route, and the emulator has not', async () => {
    const { server } = test;
    await server.pce('GET', '/orgs/1/reports?max_results=3');
    expect(await only(server, '?unimplemented=true')).toMatchObject({
      status: 501,
      implemented: false,
      route: 'missing.get.reports',
      tokens: ['emulator_not_implemented'],
    });
  });

  it.each([
    ['in the middle of its body', '{"key": "app", "val'],
    ['before its body', ''],
  ])('that its client left %s, without an answer and without an effect', async (_when, part) => {
    const { server } = test;
    const { authorization: value } = authorization(server.emulator.credentials);
    const head = `POST /api/v2${LABELS} HTTP/1.1\r\nHost: x\r\nAuthorization: ${value}\r\n`;
    await sayAndLeave(server, `${head}Content-Type: application/json\r\nContent-Length: 50\r\n\r\n${part}`);
    await until(() => server.emulator.requests.count() === 1);
    expect(await only(server)).toMatchObject({ status: null, response: null, route: 'labels.create' });
    expect((await server.pce('GET', LABELS)).body).toEqual([]);
  });

  it('the last of what a client says many times on one connection', async () => {
    const { server } = test;
    const agent = server.keepAlive('http');
    for (let times = 0; times < 20; times++) await server.pce('GET', `${LABELS}?max_results=${times}`, { agent });
    agent.destroy();
    expect((await entries(server)).map(({ id, query }) => [id, query])).toEqual(
      Array.from({ length: 20 }, (_, index) => [index + 1, `max_results=${index}`]),
    );
  });

  it('nothing of the requests to the emulator\u2019s own API', async () => {
    const { server } = test;
    for (const path of ['/ready', '/requests', '/nothing', '/faults/x']) await server.control('GET', path);
    await server.control('POST', '/faults', { body: {} });
    expect(await entries(server)).toEqual([]);
    expect(server.emulator.requests.count()).toBe(0);
  });
});

describe('secrets', () => {
  const test = useServer({}, { afresh: true });
  const capped = useServer({ journal: { body: 100 } });

  /** All that the emulator's own API tells of requests: as a list, one by one, and as they came. */
  async function everythingTold(server: Server, act: () => Promise<unknown>): Promise<string> {
    const feed = await openFeed(server, '/requests/stream');
    await act();
    const { body, text } = await server.control('GET', '/requests?limit=1000');
    await until(() => feed.events.length === body.length);
    const single: string[] = [];
    for (const { id } of body) single.push((await server.control('GET', `/requests/${id}`)).text);
    feed.leave();
    const parts = [text, feed.text(), JSON.stringify(server.emulator.requests.find()), ...single];
    expect(body.length).toBeGreaterThan(0);
    return parts.join('\n');
  }

  it('that let somebody in are not told', async () => {
    const { server } = test;
    const { api_key, api_secret } = server.emulator.credentials;
    const secrets: string[] = [api_secret, btoa(`${api_key}:${api_secret}`)];
    const told = await everythingTold(server, async () => {
      const { body: cluster } = await server.pce('POST', CLUSTERS, { body: { name: 'own' } });
      const token = cluster.container_cluster_token;
      const profiles = `/api/v2${cluster.href}/container_workload_profiles`;
      const uuid = cluster.href.slice(-36);
      for (const value of [
        `Token token=${token}`,
        `Token token="${token}"`,
        `Basic ${btoa(`${uuid}:${token}`)}`,
        token,
      ]) {
        await server.send('GET', profiles, { headers: { authorization: value } });
      }
      await server.send('GET', `/api/v2${LABELS}`, { headers: { authorization: 'Bearer bearer-secret' } });
      await server.pce('GET', LABELS, {
        headers: { cookie: 'session=cookie-secret', 'proxy-authorization': 'Basic cHJveHk=' },
      });
      const made = await server.pce('POST', '/orgs/1/pairing_profiles', {
        body: { name: 'p', enabled: true, key_lifespan: 'unlimited', allowed_uses_per_key: 'unlimited' },
      });
      const key = await server.pce('POST', `${made.body.href}/pairing_key`, { body: {} });
      expect([made.status, key.status]).toEqual([201, 201]);
      secrets.push(
        token,
        btoa(`${uuid}:${token}`),
        'bearer-secret',
        'cookie-secret',
        'cHJveHk=',
        key.body.activation_code,
      );
    });
    for (const secret of secrets)
      expect([secret, secret.length > 5, told.includes(secret)]).toEqual([secret, true, false]);
    expect(told).toContain('"container_cluster_token":"<redacted>"');
    expect(told).toContain('"activation_code":"<redacted>"');
  });

  it('in what is sent to routes that there are not are not told either, whatever their form', async () => {
    const { server } = test;
    const bodies = [
      '{"name":"x","password":"hunter2-secret"}',
      '{"password" :\n "hunter2-\\"secret"}',
      '{"auth": {"api_secret": "hunter2-secret"}}',
      '{"password": "hunter2-secret',
      '{"password": "hunter2-secret\\',
      '{"password": "hunter2-\\\nsecret"}',
      '{"password": 22222222, "secret": true}',
      '{"password": ["hunter2-secret"]}',
      '{"password": {"old": "hunter2-secret"}}',
    ];
    const told = await everythingTold(server, async () => {
      for (const body of bodies) {
        await server.pce('POST', LABELS, { body });
        await server.pce('POST', '/orgs/1/service_accounts', { body });
        await server.send('POST', '/api/v2/login_users/authenticate', { body });
      }
    });
    for (const secret of ['hunter2', '22222222']) expect([secret, told.includes(secret)]).toEqual([secret, false]);
  });

  it('are not told either where their names are spelt in another way, or the body is no JSON', async () => {
    const { server } = test;
    const bodies = [
      '{"one_time_passw\\u006frd":"hunter2-secret"}',
      '{"\\u006Fne_time_password":"hunter2-secret"}',
      '{"x":"\\\\","\\u0070assword":"hunter2-secret"}',
      '{"a":{"secret":"x","s\\u0065cret":"hunter2-secret"}}',
      '{"ONE_TIME_PASSWORD":"hunter2-secret"}',
      '{"one_time_password":hunter2-secret}',
      '{"one_time_passw\\u006frd":hunter2-secret}',
      "{'one_time_password':'hunter2-secret'}",
      'one_time_password=hunter2-secret',
      'one%5ftime%5Fpassword=hunter2-secret',
      'one_time_password: hunter2-secret',
      [...'{"password":"hunter2-secret"}'].join('\0'),
    ];
    const told = await everythingTold(server, async () => {
      for (const body of bodies) {
        await server.send('POST', '/api/v2/login_users/authenticate?one_time_passw%6Frd=hunter2', { body });
      }
    });
    expect(told.replaceAll('\\u0000', '')).not.toMatch(/hunter2/);
    expect(server.emulator.requests.count()).toBe(bodies.length);
  });

  it('are the keys of optional features, and no other keys', async () => {
    const { server } = test;
    const features = [{ name: 'editable_dns_client_rule', enabled: true, key: 'hunter2-secret' }];
    const told = await everythingTold(server, async () => {
      await server.pce('PUT', '/orgs/1/optional_features', { body: features });
      await server.pce('PUT', '/orgs/1/optional_features', { body: `[{key: 'hunter2-secret'}]` });
      await server.pce('POST', LABELS, { body: { key: 'app', value: 'x' } });
    });
    expect(told).not.toContain('hunter2');
    const [first, , last] = server.emulator.requests.find();
    expect(first?.request.json).toEqual([{ ...features[0], key: '<redacted>' }]);
    expect(last?.request.json).toEqual({ key: 'app', value: 'x' });
  });

  it('leave the rest of a body as it was', async () => {
    const { server } = test;
    const bodies = [
      '{"key": "app", "value": "p\\u0061yments \\u00e4"}',
      '{"key": "app", "value": "password"}',
      '{"key": "app", "value": "p\\u0061ssword"}',
      '{"key": "app", "value": 100%}',
    ];
    for (const body of bodies) await server.pce('POST', LABELS, { body });
    expect(server.emulator.requests.find().map(({ request }) => request.text)).toEqual(bodies);
    const escaped = '{"name": "\\u00e4", "p\\u0061ssword": "hunter2", "x": "\\\\u0061"}';
    await server.pce('POST', LABELS, { body: escaped });
    expect(server.emulator.requests.find().at(-1)?.request.text).toBe(
      '{"name": "\\u00e4", "password": "<redacted>", "x": "\\\\u0061"}',
    );
  });

  it('that the end of what is kept cuts in two are not told either', async () => {
    const { server } = capped;
    let secrets = '';
    const told = await everythingTold(server, async () => {
      for (let before = 60; before <= 100; before++) {
        await server.pce('POST', LABELS, { body: `{"k":"${'x'.repeat(before)}","password":"TOPSECRET\\u0041"}` });
      }
      const { body } = await server.pce('POST', CLUSTERS, { body: { name: 'own' } });
      secrets = body.container_cluster_token;
    });
    expect(told).not.toContain('TOP');
    expect(secrets.length).toBeGreaterThan(50);
    for (let at = 0; at + 8 <= secrets.length; at++) expect(told).not.toContain(secrets.slice(at, at + 8));
  });
});

describe('a query', () => {
  const test = useServer();

  it('with more parameters than anybody could read tells of twenty, and how many more there were', async () => {
    const { server } = test;
    const names = Array.from({ length: 500 }, (_, index) => `p${index}`);
    await server.pce('GET', `${LABELS}?${names.map((name) => `${name}=`).join('&')}`);
    const { violations } = await only(server);
    expect(violations.slice(0, 20).map(({ path }: { path: string }) => path)).toEqual(names.slice(0, 20));
    expect(violations.slice(20)).toEqual([
      { in: 'query', path: '', message: 'has 480 more that labels.list does not have' },
    ]);
  });
});

describe('a body', () => {
  const test = useServer({ journal: { body: 100 } });

  it('is kept up to where it was asked for, and how long it was is told', async () => {
    const { server } = test;
    const exactly = `{"key":"app","value":"${'v'.repeat(100)}`.slice(0, 98);
    await server.pce('POST', LABELS, { body: `${exactly}"}` });
    await server.pce('POST', LABELS, { body: `${exactly}v"}` });
    await server.pce('POST', LABELS, { body: `{"key":"app","value":"${'ä'.repeat(80)}"}` });
    const [whole, longer, umlauts] = await entries(server);
    expect(whole).toMatchObject({ request: { bytes: 100, truncated: false, json: { key: 'app' } } });
    expect(longer).toMatchObject({ request: { bytes: 101, truncated: true } });
    expect(longer.request.text).toHaveLength(100);
    expect(longer.request).not.toHaveProperty('json');
    expect(longer.response).toMatchObject({
      truncated: true,
      bytes: Number(longer.response.headers['content-length']),
    });
    expect(umlauts.request).toMatchObject({ truncated: true, bytes: 184 });
  });

  it('may be left out, and entries too', async () => {
    const bare = await test.start({ journal: { body: 0 } });
    await bare.pce('POST', LABELS, { body: { key: 'app', value: 'x' } });
    expect(await only(bare)).toMatchObject({ request: { text: '', bytes: 25, truncated: true } });
    const none = await test.start({ journal: { entries: 0 } });
    const feed = await openFeed(none, '/requests/stream');
    await none.pce('GET', LABELS);
    expect(await entries(none)).toEqual([]);
    await until(() => feed.events.length === 1);
    feed.leave();
    expect((await none.control('GET', '/requests/count')).body).toEqual({
      count: 0,
      last: 1,
      entries: 0,
      bytes: 0,
      dropped: 1,
      broken_replies: 0,
    });
  });

  it('that is nested as deep as it can be is told as text', async () => {
    const deep = await test.start({ journal: {} });
    const body = '['.repeat(30_000) + ']'.repeat(30_000);
    const feed = await openFeed(deep, '/requests/stream');
    expect((await deep.pce('POST', LABELS, { body })).status).toBe(406);
    expect((await only(deep)).request).toMatchObject({ text: body, bytes: 60_000 });
    await until(() => feed.events.length === 1);
    feed.leave();
    expect(await entries(deep, '?body=%22x%22')).toEqual([]);
    expect(deep.emulator.requests.find({ body: { a: 1 } })).toEqual([]);
    deep.emulator.faults.add({ when: { body: 'x' }, effect: { status: 503 } });
    const deepest = '['.repeat(500_000) + ']'.repeat(500_000);
    expect((await deep.pce('POST', LABELS, { body: deepest })).status).toBe(406);
  });
});

describe('the journal', () => {
  const test = useServer({ world: 'demo' }, { afresh: true });

  /** Requests of all kinds: what they are called, in the order in which they were made. */
  async function fill(server: Server): Promise<string> {
    const [, second] = server.emulator.allCredentials;
    await server.pce('GET', LABELS); // 1
    await server.pce('GET', `${LABELS}/1`); // 2
    await server.pce('POST', LABELS, { body: { key: 'app', value: 'web', external_data_set: 's' } }); // 3
    await server.pce('POST', LABELS, { body: { key: 'app', value: 'web' } }); // 4
    await server.pce('POST', LABELS, { body: { key: 5 } }); // 5
    await server.pce('GET', '/orgs/1/lables'); // 6
    await server.pce('GET', '/orgs/1/reports'); // 7
    if (second) await server.send('GET', '/api/v2/orgs/10/labels', { headers: authorization(second) }); // 8
    const { body: cluster } = await server.pce('POST', CLUSTERS, { body: { name: 'own' } }); // 9
    const agent = { authorization: `Token token=${cluster.container_cluster_token}` };
    await server.send('GET', `/api/v2${cluster.href}/container_workload_profiles`, { headers: agent }); // 10
    server.emulator.faults.add({ name: 'gone', times: 1, effect: { connection: 'reset' } });
    await server.pce('HEAD', LABELS); // 11
    server.emulator.faults.add({ name: 'busy', times: 1, effect: { status: 429 } });
    await server.pce('DELETE', `${LABELS}/1`); // 12
    await server.pce('GET', `${LABELS}?nonsense=1`); // 13
    return cluster.href;
  }

  it('finds and counts what a filter picks out, and nothing else', async () => {
    const { server } = test;
    const href = await fill(server);
    const all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];
    const { api_key } = server.emulator.credentials;
    const text = (value: unknown) => encodeURIComponent(JSON.stringify(value));
    const filters: [string, number[]][] = [
      ['', all],
      ['route=labels.list', [1, 8, 11, 13]],
      ['route=labels.*', [1, 2, 3, 4, 5, 8, 11, 12, 13]],
      ['route=*.create', [3, 4, 5, 9]],
      ['method=POST', [3, 4, 5, 9]],
      ['method=HEAD', [11]],
      [`path=/api/v2${LABELS}`, [1, 3, 4, 5, 11, 13]],
      ['path=*/labels/*', [2, 12]],
      ['org=10', [8]],
      ['org=1&method=GET', [1, 2, 6, 7, 10, 13]],
      ['caller=cluster', [10]],
      [`caller=${href}`, [10]],
      [`caller=${api_key}&method=GET`, [1, 2, 6, 7, 13]],
      ['caller=/users/10', [8]],
      [`body=${text({ value: 'web' })}`, [3, 4]],
      [`body=${text({ value: 'web', external_data_set: 's' })}`, [3]],
      [`body=${text({})}`, [3, 4, 5, 9]],
      ['status=200', [1, 2, 8, 10, 13]],
      ['status=4xx', [4, 5, 6, 12]],
      ['status=none', [11]],
      ['token=input_validation_error', [5]],
      ['token=label_key_and_value_must_be_unique', [4]],
      ['fault=busy', [12]],
      ['fault=*', [11, 12]],
      ['violations=true', [5, 13]],
      ['violations=false&status=4xx', [4, 6, 12]],
      ['unknown=true', [6]],
      ['unknown=false&status=4xx', [4, 5, 12]],
      ['unimplemented=true', [7]],
      ['unimplemented=false&method=GET', [1, 2, 6, 8, 10, 13]],
      ['since=11', [12, 13]],
      ['since=0', all],
      ['since=13', []],
      ['limit=2', [12, 13]],
      ['limit=2&status=200', [10, 13]],
      ['method=PUT', []],
    ];
    for (const [filter, expected] of filters) {
      expect([filter, (await entries(server, `?${filter}`)).map(({ id }) => id)]).toEqual([filter, expected]);
      if (filter.includes('limit')) continue;
      const count = (await server.control('GET', `/requests/count?${filter}`)).body;
      expect([filter, count]).toEqual([
        filter,
        { count: expected.length, last: 13, entries: 13, bytes: expect.any(Number), dropped: 0, broken_replies: 0 },
      ]);
    }
    expect(server.emulator.requests.find({ route: '*.create', status: '201' }).map(({ id }) => id)).toEqual([3, 9]);
    expect(server.emulator.requests.count({ method: 'post' })).toBe(4);
  });

  it('gives one entry, and forgets some, or all; ids go on', async () => {
    const { server } = test;
    await fill(server);
    expect((await server.control('GET', '/requests/5')).body).toMatchObject({ id: 5, request: { json: { key: 5 } } });
    for (const id of ['14', '999999999999999']) {
      expect(await server.control('GET', `/requests/${id}`)).toMatchObject({
        status: 404,
        body: { token: 'not_found' },
      });
    }
    for (const id of ['0', '-1', 'x', '1e1', '%2e%2e'])
      expect((await server.control('GET', `/requests/${id}`)).status).toBe(404);
    expect((await server.control('DELETE', '/requests?route=labels.*')).status).toBe(204);
    expect((await entries(server)).map(({ id }) => id)).toEqual([6, 7, 9, 10]);
    expect((await server.control('GET', '/requests/5')).status).toBe(404);
    await server.pce('GET', LABELS);
    expect((await entries(server)).at(-1)?.id).toBe(14);
    expect((await server.control('DELETE', '/requests')).status).toBe(204);
    expect((await server.control('GET', '/requests/count')).body).toEqual({
      count: 0,
      last: 14,
      entries: 0,
      bytes: 0,
      dropped: 0,
      broken_replies: 0,
    });
    await server.pce('GET', LABELS);
    server.emulator.requests.clear({ status: '404' });
    expect((await entries(server)).map(({ id }) => id)).toEqual([15]);
    server.emulator.requests.clear();
    expect(server.emulator.requests.count()).toBe(0);
  });

  it('lists the latest hundred unless it is asked for more', async () => {
    const { server } = test;
    for (let times = 0; times < 120; times++) await server.pce('GET', LABELS);
    expect((await entries(server)).map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, index) => index + 21));
    expect(await entries(server, '?limit=1000')).toHaveLength(120);
    expect(await entries(server, '?limit=999999999999999')).toHaveLength(120);
  });

  it.each([
    'status=20x',
    'status=2x4',
    'status=600',
    'status=ok',
    'status=',
    'method=G%20T',
    'rout=labels.create',
    'org=one',
    'org=0',
    'body={',
    'violations=yes',
    'unknown=1',
    'unimplemented=',
    'since=-1',
    'since=now',
    'since=1.5',
    'limit=0',
    'limit=all',
    'wait=soon',
    'wait=11m',
    'wait=-1s',
    'count=0&wait=1s',
    'count=many&wait=1s',
  ])('refuses a filter that cannot be: %s', async (filter) => {
    const { server } = test;
    const [name = ''] = filter.split('=');
    const got = await server.control('GET', `/requests?${filter}`);
    expect([got.status, got.body.token, got.body.message]).toEqual([400, 'invalid', expect.stringContaining(name)]);
    if (/limit|wait|count/.test(filter)) return;
    for (const [method, path] of [
      ['GET', '/requests/count'],
      ['GET', '/requests/stream'],
      ['DELETE', '/requests'],
    ] as const) {
      expect([path, (await server.control(method, `${path}?${filter}`)).status]).toEqual([path, 400]);
    }
  });
});

describe('who waits for a request', () => {
  const test = useServer({}, { afresh: true });
  const create = (server: Server, value: string) => server.pce('POST', LABELS, { body: { key: 'app', value } });

  it('is answered at once where it has been seen', async () => {
    const { server } = test;
    await create(server, 'a');
    const before = performance.now();
    const got = await server.control('GET', '/requests?route=labels.create&wait=10m');
    expect([got.status, got.body.length]).toEqual([200, 1]);
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it.each(PROTOCOLS)('is answered over %s once it comes', async (protocol) => {
    const { server } = test;
    const waiting = server.control('GET', '/requests?route=labels.create&status=201&wait=60s', { protocol });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await server.pce('GET', LABELS);
    await server.pce('POST', LABELS, { body: {} });
    await create(server, 'a');
    const got = await waiting;
    expect([got.status, got.body.map(({ id }: Json) => id)]).toEqual([200, [3]]);
    expect(schemas.check('emulator/requests#list', got.body)).toEqual([]);
  });

  it('may wait for many, of which some were there, and for what comes after another', async () => {
    const { server } = test;
    await create(server, 'a');
    const three = server.control('GET', '/requests?method=POST&count=3&wait=60s');
    const next = server.control('GET', '/requests?method=POST&since=1&wait=60s');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await create(server, 'b');
    expect((await next).body.map(({ id }: Json) => id)).toEqual([2]);
    await create(server, 'c');
    expect((await three).body.map(({ id }: Json) => id)).toEqual([1, 2, 3]);
  });

  it('is told what came instead, where the time is over', async () => {
    const { server } = test;
    expect(await server.control('GET', '/requests?wait=20ms')).toMatchObject({
      status: 404,
      body: { token: 'not_seen', message: expect.stringMatching(/no request was seen/) },
    });
    await create(server, 'a');
    await server.pce('GET', '/orgs/1/lables');
    const before = performance.now();
    const got = await server.control('GET', '/requests?method=POST&count=2&wait=150ms');
    expect(performance.now() - before).toBeGreaterThanOrEqual(149);
    expect(got).toMatchObject({ status: 404, body: { token: 'not_seen' } });
    expect(got.body.message).toMatch(/Of 2 .* 1 came within 150ms/);
    expect(got.body.message).toContain(`POST /api/v2${LABELS} (labels.create, 201)`);
    expect(got.body.message).toContain('GET /api/v2/orgs/1/lables (no route, 404)');
  });

  it('may ask the emulator that it runs in', async () => {
    const { server } = test;
    const { requests } = server.emulator;
    await create(server, 'a');
    expect(await requests.seen({ method: 'POST' })).toMatchObject([{ id: 1, request: { json: { value: 'a' } } }]);
    const two = requests.seen({ method: 'POST' }, { count: 2 });
    await create(server, 'b');
    expect((await two).map(({ id }) => id)).toEqual([1, 2]);
    await expect(requests.seen({ method: 'PUT' }, { within: '20ms' })).rejects.toThrow(
      /Of 1 requests like .*PUT.* 0 came within 20ms/,
    );
  });

  it('in the program that it runs in, is told what cannot be asked, and of its end', async () => {
    const { server } = test;
    const { requests } = server.emulator;
    await expect(requests.seen({ route: 'labels.list' }, { within: 'soon' })).rejects.toThrow(/within takes a time/);
    await expect(requests.seen({ rout: 'labels.list' } as never)).rejects.toThrow(/rout is no parameter/);
    expect(() => requests.find({ rout: 'labels.list' } as never)).toThrow(/rout is no parameter/);
    await server.pce('GET', LABELS);
    expect(() => requests.find(null as never)).toThrow(/picked out by an object/);
    const late = expect(requests.seen({ method: 'PUT' }, { within: '10m' })).rejects.toThrow(/emulator was closed/);
    const lateToo = server.control('GET', '/requests?method=PUT&wait=10m');
    await server.pce('GET', LABELS);
    await server.emulator.close();
    await late;
    expect((await lateToo).body).toMatchObject({ token: 'emulator_closed' });
  });

  it('and leaves, is forgotten', async () => {
    const { server } = test;
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const waiting = [1, 2, 3].map(() => server.control('GET', '/requests?method=PUT&wait=10m', { leaveAfter: 50 }));
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([null, null, null]);
    // Nobody is there any more for whom time would run.
    await until(() => timers() <= before);
    await create(server, 'a');
    expect((await server.control('GET', '/requests?method=PUT&wait=10ms')).status).toBe(404);
  });
});

describe('who follows the requests', () => {
  const test = useServer({}, { afresh: true });

  it.each(PROTOCOLS)('sees each over %s as it is answered, in order, with its id', async (protocol) => {
    const { server } = test;
    await server.pce('GET', LABELS);
    const feed = await openFeed(server, '/requests/stream', protocol);
    expect(feed.headers['content-type']).toBe('text/event-stream');
    for (let times = 0; times < 10; times++) await server.pce('GET', `${LABELS}?max_results=${times}`);
    await until(() => feed.events.length === 10);
    expect(feed.events.map(({ id, event, data }) => [id, event, data.id, data.query])).toEqual(
      Array.from({ length: 10 }, (_, index) => [String(index + 2), 'request', index + 2, `max_results=${index}`]),
    );
    for (const { data } of feed.events) expect(schemas.check('emulator/requests#entry', data)).toEqual([]);
    expect((await entries(server)).slice(1)).toEqual(feed.events.map(({ data }) => data));
    feed.leave();
  });

  it('may see what was before, too, and only what a filter picks out', async () => {
    const { server } = test;
    for (const value of ['a', 'b', 'c']) await server.pce('POST', LABELS, { body: { key: 'app', value } });
    const [all, late, some] = await Promise.all(
      ['since=0', 'since=2', 'since=0&status=406'].map((query) => openFeed(server, `/requests/stream?${query}`)),
    );
    await server.pce('GET', LABELS);
    await server.pce('POST', LABELS, { body: {} });
    await until(() => all?.events.length === 5 && late?.events.length === 3 && some?.events.length === 1);
    expect(all?.events.map(({ data }) => data.id)).toEqual([1, 2, 3, 4, 5]);
    expect(late?.events.map(({ data }) => data.id)).toEqual([3, 4, 5]);
    expect(some?.events.map(({ data }) => data.id)).toEqual([5]);
    for (const feed of [all, late, some]) feed?.leave();
  });

  it('and leaves, leaves the others as they are', async () => {
    const { server } = test;
    const [stays, leaves] = [await openFeed(server, '/requests/stream'), await openFeed(server, '/requests/stream')];
    await server.pce('GET', LABELS);
    await until(() => stays.events.length === 1 && leaves.events.length === 1);
    leaves.leave();
    await server.pce('GET', LABELS);
    await until(() => stays.events.length === 2);
    expect(leaves.events).toHaveLength(1);
    stays.leave();
  });

  it('and leaves, is called no more', () => {
    const res = Object.assign(new EventEmitter(), {
      req: { method: 'GET', socket: new EventEmitter() },
      writeHead() {},
      write: () => true,
      writableLength: 0,
      socket: {},
    });
    let ended = 0;
    const begin = () => () => void ended++;
    const context = { endings: createEndings(), unread: createUnread(1000) } as unknown as Parameters<typeof follow>[0];
    const feed = { past: () => [][Symbol.iterator](), begin };
    follow(context, res as unknown as Parameters<typeof follow>[1], { status: 200, feed });
    expect(ended).toBe(0);
    res.emit('close');
    expect(ended).toBe(1);
  });

  it('and falls far behind, is let go, and the emulator does not keep what was not read', async () => {
    const { server } = test;
    const { port } = new URL(server.emulator.url);
    const asleep = connect(Number(port), '127.0.0.1', () => {
      asleep.write('GET /_emulator/requests/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    });
    await new Promise((resolve) => asleep.once('readable', resolve));
    const agent = server.keepAlive('http');
    const body = { key: 'x'.repeat(60_000) };
    for (let times = 0; times < 300; times++) await server.pce('POST', LABELS, { agent, body });
    agent.destroy();
    const whole = new Promise<number>((resolve) => {
      let bytes = 0;
      asleep.on('data', (chunk) => {
        bytes += chunk.length;
      });
      asleep.on('error', () => {});
      asleep.on('close', () => resolve(bytes));
    });
    const all = server.emulator.requests.find().map((entry) => JSON.stringify(entry).length);
    expect(await whole).toBeLessThan(all.reduce((sum, one) => sum + one, 0));
  });

  it('gets all that was before, however much it is', async () => {
    const { server } = test;
    const agent = server.keepAlive('http');
    const body = { key: 'x'.repeat(60_000) };
    for (let times = 0; times < 100; times++) await server.pce('POST', LABELS, { agent, body });
    agent.destroy();
    const late = await openFeed(server, '/requests/stream?since=0');
    await until(() => late.events.length === 100);
    late.leave();
  });

  it('asks with HEAD what it would get, and is not kept waiting', async () => {
    expect(await test.server.control('HEAD', '/requests/stream')).toMatchObject({
      status: 200,
      complete: true,
      headers: { 'content-type': 'text/event-stream' },
    });
  });

  it('may do so in the program that the emulator runs in', async () => {
    const { server } = test;
    const seen: Entry[] = [];
    const stop = server.emulator.requests.follow((entry) => seen.push(entry));
    await server.pce('GET', LABELS);
    stop();
    await server.pce('GET', LABELS);
    expect(seen.map(({ id }) => id)).toEqual([1]);
  });

  it('in the program that the emulator runs in, may do with them what it likes', async () => {
    const { server } = test;
    const { requests } = server.emulator;
    await server.pce('GET', `${LABELS}?nonsense=1`);
    const asked = { violations: true, status: 200 };
    for (const { violations, request } of requests.find(asked)) {
      (violations as unknown[]).length = 0;
      (request.headers as Record<string, string>).host = 'changed';
    }
    expect(requests.find(asked)).toMatchObject([{ violations: [{ path: 'nonsense' }], status: 200 }]);
    expect(requests.find(asked)[0]?.request.headers.host).not.toBe('changed');
  });
});

describe('requests that come at once', () => {
  const test = useServer({}, { afresh: true });

  it('are all in the journal, each with its own answer', async () => {
    const { server } = test;
    const { emulator } = server;
    const asked = Array.from({ length: 100 }, (_, index) => `v${index}`);
    const answers = await Promise.all(
      asked.map((value, index) =>
        send(`${index % 2 ? emulator.url : emulator.http_url}/api/v2${LABELS}`, 'POST', {
          ca: emulator.ca,
          headers: authorization(emulator.credentials),
          body: { key: 'app', value },
        }),
      ),
    );
    const all = await entries(server, '?limit=1000');
    expect(all.map(({ id }) => id)).toEqual(asked.map((_, index) => index + 1));
    const told = new Map(all.map(({ request, response }) => [request.json.value, response.json]));
    for (const [index, value] of asked.entries()) expect(told.get(value)).toEqual(answers[index]?.body);
  });
});

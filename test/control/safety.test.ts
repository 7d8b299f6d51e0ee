import fc from 'fast-check';
import { authorization, type Json } from '../support/emulator.ts';
import { openFeed } from './feed.ts';
import { type Asked, LABELS, PROTOCOLS, type Server, useServer } from './server.ts';

/** Routes of the emulator's own API that only its operator may use, and those that are open to all. */
const CLOSED = [
  '/requests',
  '/requests/count',
  '/requests/stream',
  '/faults',
  '/clock',
  '/snapshots',
  '/world',
  '/orgs',
];
const OPEN = ['/ready', '/ca.pem', '/docs', '/matrix', '/openapi.json'];

/** The status, whatever comes after the head. */
const statusOf = async (server: Server, method: string, path: string, asked: Asked = {}) =>
  (await server.control(method, path, { leaveAfter: path.includes('stream') ? 200 : undefined, ...asked })).status;

describe('a web page', () => {
  const test = useServer({ allowOrigins: ['http://localhost:3000'] });

  it.each(['https://evil.example', 'http://localhost', 'http://localhost:3001', 'https://localhost:3000', 'null', ''])(
    'at %j may not use the emulator\u2019s own API',
    async (origin) => {
      const { server } = test;
      for (const path of [...CLOSED, ...OPEN]) {
        const got = await server.control('GET', path, { headers: { origin } });
        expect([path, got.status, got.body]).toEqual([
          path,
          403,
          { token: 'forbidden', message: expect.stringMatching(/web page.*--allow-origin/) },
        ]);
        expect(got.headers).not.toHaveProperty('access-control-allow-origin');
      }
      for (const protocol of PROTOCOLS) {
        expect(
          await statusOf(server, 'POST', '/faults', {
            protocol,
            headers: { origin },
            body: { effect: { status: 503 } },
          }),
        ).toBe(403);
        expect(await statusOf(server, 'POST', '/reset', { protocol, headers: { origin } })).toBe(403);
        const asked = {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type',
        };
        const preflight = await server.control('OPTIONS', '/faults', { protocol, headers: asked });
        expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([403, undefined]);
      }
      expect(server.emulator.faults.list()).toEqual([]);
    },
  );

  it('that is let in may, and its browser is told so', async () => {
    const { server } = test;
    const origin = 'http://localhost:3000';
    const preflight = await server.control('OPTIONS', '/faults/x', {
      headers: { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'content-type' },
    });
    expect([preflight.status, preflight.text]).toEqual([204, '']);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': expect.stringMatching(/GET.*POST.*PUT.*DELETE/),
      'access-control-allow-headers': expect.stringMatching(/Authorization.*Content-Type/),
      vary: 'Origin',
    });
    const put = await server.control('PUT', '/faults/x', { headers: { origin }, body: { effect: { status: 503 } } });
    expect([put.status, put.headers['access-control-allow-origin'], put.headers.vary]).toEqual([200, origin, 'Origin']);
    const wrong = await server.control('GET', '/nothing', { headers: { origin } });
    expect([wrong.status, wrong.headers['access-control-allow-origin']]).toEqual([404, origin]);
    const refused = await server.control('PUT', '/faults/x', { headers: { origin }, body: {} });
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([400, origin]);
    const feed = await openFeed(server, '/requests/stream', 'http', { origin });
    expect(feed.headers['access-control-allow-origin']).toBe(origin);
    feed.leave();
  });

  it('is no matter to the API of the PCE', async () => {
    const { server } = test;
    for (const origin of ['https://evil.example', 'null']) {
      const got = await server.pce('GET', LABELS, { headers: { origin } });
      expect([got.status, got.headers['access-control-allow-origin']]).toEqual([200, undefined]);
      expect((await server.pce('OPTIONS', LABELS, { headers: { origin } })).status).toBe(405);
    }
  });

  it.each(['http://localhost:3000', 'https://evil.example'])(
    'at %s that has made its name point to this machine is found out by that name',
    async (origin) => {
      const { server } = test;
      const asked = { headers: { host: 'evil.example:8443', origin } };
      expect(await statusOf(server, 'GET', '/requests', asked)).toBe(403);
      expect(await statusOf(server, 'OPTIONS', '/requests', asked)).toBe(403);
    },
  );
});

describe('an emulator on this machine alone', () => {
  const test = useServer({ tls: { names: ['pce.example.test', '*.wild.example.test'] } });

  it('takes no token', () => {
    expect(test.server.emulator.control_token).toBeUndefined();
  });

  it('goes by its own names', async () => {
    const { server } = test;
    for (const host of [
      'localhost',
      'localhost:8443',
      'LOCALHOST:1',
      'pce.localhost',
      '127.0.0.1',
      '127.0.0.1:8443',
      '[::1]',
      '[::1]:8443',
      '10.1.2.3:8443',
      'pce.example.test',
      'PCE.Example.Test:8443',
      'one.wild.example.test:8443',
    ]) {
      expect([host, await statusOf(server, 'GET', '/requests', { headers: { host } })]).toEqual([host, 200]);
    }
  });

  it.each([
    'evil.example',
    'evil.example:8443',
    'localhost.evil.example',
    'evillocalhost',
    'pce.example.test.evil.example',
    '127.0.0.1.evil.example',
    'x.pce.example.test',
    '1.2.3.4.5',
    '[::1].evil.example',
    'wild.example.test',
    'two.one.wild.example.test',
  ])('does not go by the name %s in its own API', async (host) => {
    const { server } = test;
    for (const path of CLOSED) {
      const got = await server.control('GET', path, { headers: { host } });
      expect([path, got.status, got.body]).toEqual([
        path,
        403,
        { token: 'forbidden', message: expect.stringMatching(/--tls-san/) },
      ]);
    }
    expect(await statusOf(server, 'POST', '/reset', { headers: { host } })).toBe(403);
    expect((await server.pce('GET', LABELS, { headers: { host } })).status).toBe(200);
  });
});

describe('an emulator that others can reach', () => {
  const test = useServer({ host: '0.0.0.0' });
  const bearer = (token = '') => ({ authorization: `Bearer ${token}` });

  it('makes a token, and lets nobody without it into its own API', async () => {
    const { server } = test;
    const { control_token: token = '', credentials } = server.emulator;
    expect(token).toMatch(/^[0-9a-f]{32,}$/);
    const wrong: Record<string, string>[] = [
      {},
      { authorization: token },
      bearer(),
      bearer(`${token}0`),
      bearer(token.slice(1)),
      bearer(token.toUpperCase().replace(/\d/g, 'A')),
      bearer('undefined'),
      { authorization: `Basic ${btoa(`${token}:`)}` },
      { authorization: `Basic ${btoa(`:${token}`)}` },
      { authorization: `Token token=${token}` },
      { cookie: `token=${token}` },
      authorization(credentials),
    ];
    for (const path of CLOSED) {
      for (const headers of wrong) {
        const got = await server.control('GET', `${path}?token=${token}`, { headers });
        expect([path, headers, got.status, got.body.token]).toEqual([path, headers, 401, 'unauthenticated']);
      }
      expect([path, await statusOf(server, 'GET', path, { headers: bearer(token) })]).toEqual([path, 200]);
    }
    for (const [method, path] of [
      ['POST', '/faults'],
      ['DELETE', '/requests'],
      ['POST', '/reset'],
      ['PUT', '/world'],
      ['POST', '/orgs'],
      ['GET', '/explain'],
      ['GET', '/nothing'],
      ['PATCH', '/faults'],
      ['OPTIONS', '/faults'],
    ] as const) {
      expect([method, path, await statusOf(server, method, path)]).toEqual([method, path, 401]);
    }
    expect(server.emulator.faults.list()).toEqual([]);
  });

  it('tells everybody that it is ready, and whom to trust', async () => {
    for (const protocol of PROTOCOLS) {
      for (const path of OPEN)
        expect([path, await statusOf(test.server, 'GET', path, { protocol })]).toEqual([path, 200]);
    }
  });

  it('does not let the token into the API of the PCE, nor tells of it', async () => {
    const { server } = test;
    const { control_token: token = '' } = server.emulator;
    const headers = bearer(token);
    expect((await server.send('GET', `/api/v2${LABELS}`, { headers })).status).toBe(401);
    for (const authorization of [`Token token=${token}`, `Basic ${btoa(`${token}:${token}`)}`, token]) {
      expect((await server.send('GET', `/api/v2${LABELS}`, { headers: { authorization } })).status).toBe(401);
    }
    const told = await server.control('GET', '/requests', { headers });
    expect([told.status, told.body.length]).toEqual([200, 4]);
    const status = await server.control('GET', '/ready');
    for (const text of [told.text, status.text, JSON.stringify(server.emulator.requests.find())]) {
      expect(text).not.toContain(token);
      expect(text).not.toContain(btoa(`${token}:${token}`));
    }
  });

  it('makes another token at each start, also of one seed', async () => {
    const [one, two] = [await test.start({ seed: 1 }), await test.start({ seed: 1 })];
    expect(one.emulator.control_token).not.toBe(two.emulator.control_token);
    expect(one.emulator.credentials).toEqual(two.emulator.credentials);
  });

  it('goes by any name for those who have the token', async () => {
    const { server } = test;
    const host = 'pce.anywhere.example:8443';
    expect(
      await statusOf(server, 'GET', '/faults', { headers: { ...bearer(server.emulator.control_token), host } }),
    ).toBe(200);
  });

  it('keeps the programs that it runs in from needing one', () => {
    const { emulator } = test.server;
    expect(emulator.faults.add({ effect: { status: 503 } }).name).toBe('fault-1');
    emulator.reset();
  });
});

describe('a token that was chosen', () => {
  const test = useServer({ controlToken: 'chosen-token', allowOrigins: ['http://localhost:3000'] });

  it('is asked for on this machine, too', async () => {
    const { server } = test;
    expect(server.emulator.control_token).toBe('chosen-token');
    expect(await statusOf(server, 'GET', '/requests')).toBe(401);
    expect(await statusOf(server, 'GET', '/requests', { headers: { authorization: 'Bearer chosen-token' } })).toBe(200);
    expect(await statusOf(server, 'GET', '/ready')).toBe(200);
  });

  it('is asked of web pages that are let in, and does not let in others', async () => {
    const { server } = test;
    const [origin, token] = ['http://localhost:3000', { authorization: 'Bearer chosen-token' }];
    const asked = await server.control('OPTIONS', '/requests', {
      headers: { origin, 'access-control-request-method': 'GET' },
    });
    expect(asked.status).toBe(204);
    const without = await server.control('GET', '/requests', { headers: { origin } });
    expect([without.status, without.headers['access-control-allow-origin']]).toEqual([401, origin]);
    expect(await statusOf(server, 'GET', '/requests', { headers: { origin, ...token } })).toBe(200);
    expect(await statusOf(server, 'GET', '/requests', { headers: { origin: 'http://evil.example', ...token } })).toBe(
      403,
    );
  });
});

describe('nonsense', () => {
  const test = useServer({ world: 'demo' });

  /** Every route of the emulator's own API that takes something, but for those that would wait. */
  const TARGETS: [string, string][] = [
    ['GET', '/requests'],
    ['GET', '/requests/count'],
    ['GET', '/requests/{}'],
    ['DELETE', '/requests'],
    ['GET', '/faults/{}'],
    ['POST', '/faults'],
    ['PUT', '/faults/{}'],
    ['DELETE', '/faults/{}'],
    ['PUT', '/clock'],
    ['POST', '/clock/advance'],
    ['PUT', '/snapshots/{}'],
    ['POST', '/snapshots/{}/restore'],
    ['DELETE', '/snapshots/{}'],
    ['POST', '/reset'],
    ['PUT', '/world'],
    ['POST', '/orgs'],
    ['DELETE', '/orgs/{}'],
    ['GET', '/explain'],
  ];

  /** Rules that are nearly right. */
  const scalar = fc.oneof(
    fc.constantFrom('', '0', '-1s', '1e9', '999999999d', '*', '**', 'GET', 'x'.repeat(300), '\u0000', '\ud83d'),
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
  );
  const value = fc.oneof({ weight: 3, arbitrary: scalar }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) });
  const some = (keys: string[]) => fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 4 });
  const effect = some([
    'latency',
    'jitter',
    'status',
    'token',
    'message',
    'retry_after',
    'connection',
    'after_commit',
    'reply',
    'bytes_per_second',
    'rows',
    'shuffled',
    '__proto__',
  ]);
  const body = fc.oneof(
    fc.record(
      {
        name: value,
        when: fc.oneof(value, some(['route', 'method', 'path', 'org', 'caller', 'body', 'constructor'])),
        probability: value,
        skip: value,
        times: value,
        window: fc.oneof(value, some(['after', 'for'])),
        effect: fc.oneof(value, effect, fc.constantFrom({ status: 599 }, { reply: 'malformed' }, { rows: 0 })),
      },
      { requiredKeys: [] },
    ),
    some(['now', 'frozen', 'by', 'name', 'organizations', 'requests', 'orgs', '__proto__']),
    fc.jsonValue(),
  );
  const query = fc.array(
    fc.tuple(
      fc.constantFrom(
        'route',
        'method',
        'path',
        'org',
        'caller',
        'body',
        'status',
        'token',
        'fault',
        'violations',
        'unknown',
        'unimplemented',
        'since',
        'limit',
        'count',
        'keep_journal',
        'workload',
        'x',
      ),
      scalar.map(String),
    ),
    { maxLength: 4 },
  );
  const name = fc.oneof(
    fc.constantFrom(
      'start',
      'x',
      '1',
      '0',
      '..',
      '.',
      '%2e%2e',
      '%2e%2e%2f',
      '%00',
      '%',
      '%zz',
      '__proto__',
      'constructor',
      '-',
      '~',
      'a/b',
      '%5c',
      '*',
      `${'9'.repeat(400)}`,
    ),
    fc.string().map((text) => encodeURIComponent(text)),
  );

  it('never makes the emulator\u2019s own API fail, nor leaves anything behind that does', async () => {
    const { server } = test;
    const agent = server.keepAlive('http');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...TARGETS),
        name,
        query,
        body,
        async ([method, path], given, parameters, sent) => {
          const search = new URLSearchParams(parameters).toString();
          const target = `${path.replace('{}', given)}?${search}`;
          const asked: Asked = { agent, ...(/PUT|POST/.test(method) && { body: JSON.stringify(sent) }) };
          const got = await server.control(method, target, asked);
          expect([method, target, got.status]).toEqual([method, target, expect.any(Number)]);
          expect([method, target, got.text, (got.status ?? 0) < 500]).toEqual([method, target, got.text, true]);
          if ((got.status ?? 0) >= 400)
            expect(got.body).toEqual({ token: expect.any(String), message: expect.any(String) });
          // Whatever has been set, the emulator goes on: what it logs as a bug is a failure.
          if (got.status === 201) await server.pce('POST', LABELS, { body: JSON.stringify(sent), leaveAfter: 200 });
        },
      ),
      { numRuns: 1500 },
    );
    for (const path of ['/faults', '/snapshots', '/clock', '/orgs', '/requests', '/world']) {
      expect([path, await statusOf(server, 'GET', path)]).toEqual([path, 200]);
    }
    agent.destroy();
  });

  it('that is nested as deep as it can be is refused, and not kept', async () => {
    const { server } = test;
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const got = await server.control('POST', '/faults', {
      body: `{"when": {"body": ${deep}}, "effect": {"status": 503}}`,
    });
    expect([got.status, got.body]).toEqual([
      400,
      { token: expect.any(String), message: expect.stringMatching(/deep/) },
    ]);
    expect(
      (await server.control('PUT', '/faults/x', { body: `{"when": {"body": ${deep}}, "effect": {"rows": 1}}` })).status,
    ).toBe(400);
    for (const path of ['/faults', '/clock', '/orgs']) {
      const answer = await server.control(path === '/clock' ? 'PUT' : 'POST', path, { body: deep });
      expect([path, answer.status]).toEqual([path, 400]);
    }
    const filter = `${'['.repeat(5000)}${']'.repeat(5000)}`;
    await server.pce('POST', LABELS, { body: '{"a": [[1]]}' });
    expect((await server.control('GET', `/requests?body=${filter}`)).body).toEqual([]);
    expect((await server.control('GET', '/faults')).body).toEqual([]);
  });

  it('that is too large, of another type or no JSON is refused in words', async () => {
    const { server } = test;
    const answers: [number, string, Asked][] = [
      [413, 'too_large', { body: { name: 'x'.repeat(2 * 1024 * 1024) } }],
      [415, 'unsupported_media_type', { body: 'effect=1', headers: { 'content-type': 'text/plain' } }],
      [400, 'malformed_json', { body: '{"effect": {"status": 503}' }],
      [400, 'malformed_json', { body: '' }],
      [400, 'malformed_json', {}],
      [400, 'invalid', { body: 'null' }],
      [400, 'invalid', { body: '5' }],
    ];
    for (const [status, token, asked] of answers) {
      const got = await server.control('POST', '/faults', asked);
      expect([got.status, got.body]).toEqual([status, { token, message: expect.stringMatching(/\w/) }]);
    }
  });

  it.each(['..%2f..%2fetc%2fpasswd', '%2e%2e', 'a%2fb', 'a%00b', 'x'.repeat(101), '-x', '%20', '%F0%9F%98%80'])(
    'as a name is no name: %s',
    async (name) => {
      const { server } = test;
      for (const [method, path, body] of [
        ['PUT', `/faults/${name}`, { effect: { status: 503 } }],
        ['PUT', `/snapshots/${name}`, undefined],
      ] as const) {
        expect([path, (await server.control(method, path, { body })).status]).toEqual([path, 404]);
      }
      const got = await server.control('POST', '/faults', {
        body: { name: decodeURIComponent(name), effect: { rows: 1 } },
      });
      expect(got.status).toBe(400);
      expect(((await server.control('GET', '/faults')).body as Json[]).length).toBe(0);
    },
  );
});

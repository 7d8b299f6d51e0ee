import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { authorization, type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const CLUSTERS = '/orgs/1/container_clusters';
const K8S2 = `${CLUSTERS}/445bfa9b-4de4-4c09-9705-496eb04b190f`;
const PROFILES = `${K8S2}/container_workload_profiles`;
const PAYMENTS = `${PROFILES}/219b49c3-3bb5-4fc0-9913-b76398105e35`;
const LABELS = '/orgs/1/labels';
const LABEL = `${LABELS}/176`;
const JOB = '/orgs/1/jobs/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11';
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const MEBIBYTE = 1024 * 1024;
const REFUSED = [406, 'input_validation_error'];

/** Every operation that writes, with the name that the PCE gives to what it checks the body with. */
const WRITES: ['POST' | 'PUT', string, string][] = [
  ['POST', CLUSTERS, 'container_clusters_post'],
  ['PUT', K8S2, 'container_clusters_put'],
  ['POST', PROFILES, 'container_clusters_container_workload_profiles_post'],
  ['PUT', PAYMENTS, 'container_clusters_container_workload_profiles_put'],
  ['POST', LABELS, 'labels_post'],
  ['PUT', LABEL, 'labels_put'],
];

interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  readonly body: Json;
}

interface RawRequest {
  /** With everything that belongs to it, as it goes over the wire. */
  readonly path: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
  /** Send the body without saying how long it is. */
  readonly chunked?: boolean;
  /** Say that the body is this long, and send nothing of it. */
  readonly announced?: number;
}

const test = useEmulator({ world: 'demo' });
let server: Server;

beforeEach(async () => {
  server = createServer(test.emulator.app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A request of the organisation's owner, byte by byte as the test says: no client library mends it on its way. */
function raw({ path, method = 'GET', headers = {}, body, chunked, announced }: RawRequest): Promise<RawAnswer> {
  const { port } = server.address() as AddressInfo;
  const length = announced ?? (body === undefined || chunked ? undefined : Buffer.byteLength(body));
  return new Promise((resolve, reject) => {
    const sent = request({
      port,
      host: '127.0.0.1',
      method,
      path,
      agent: false,
      headers: {
        ...authorization(test.emulator.credentials),
        ...(length !== undefined && { 'Content-Length': String(length) }),
        ...(chunked && { 'Transfer-Encoding': 'chunked' }),
        ...headers,
      },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const body = response.headers['content-type'] === 'application/json' && text ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body });
        sent.destroy();
      });
    });
    if (announced === undefined) sent.end(body);
    else sent.flushHeaders();
  });
}

/** A write with a body that says it is JSON. */
const write = (method: string, href: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  raw({ method, path: `/api/v2${href}`, body, headers: { 'Content-Type': 'application/json', ...headers } });

const first = (answer: RawAnswer) => answer.body?.[0]?.token;

/** All that the demo world's organisation holds. */
async function everything(): Promise<Json> {
  const { pce } = test;
  const found: Json = {};
  for (const path of [CLUSTERS, `${LABELS}?include_deleted=true`, PROFILES, `${K8S2}/service_backends`]) {
    found[path] = (await pce.get(path)).body;
  }
  return found;
}

/** Does something that must not write. */
async function withoutTrace(work: () => Promise<void>): Promise<void> {
  const before = await everything();
  await work();
  expect(await everything()).toEqual(before);
}

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('a body that is not what the operation takes', () => {
  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['half an object', '{"name":"x"'],
    ['an object and more', '{"name":"x"}{}'],
    ['a comma too many', '{"name":"x",}'],
    ['single quotes', "{'name':'x'}"],
    ['a form', 'name=x&value=y'],
    ['NaN', '{"name":NaN}'],
    ['a comment', '{"name":"x"} // comment'],
    ['a line break in a string', '{"name":"a\nb"}'],
    ['an unknown escape', '{"name":"\\x41"}'],
    ['null', 'null'],
    ['a list', '[{"name":"x"}]'],
    ['a text', '"name"'],
    ['a number', '1e400'],
    ['a truth value', 'true'],
  ])('is refused: %s', async (_what, body) => {
    await withoutTrace(async () => {
      for (const [method, href] of WRITES) {
        const refused = await write(method, href, body);
        expect([method, href, refused.status, first(refused)]).toEqual([method, href, ...REFUSED]);
        expect(refused.body).toEqual([{ token: expect.any(String), message: expect.stringMatching(/./) }]);
      }
    });
  });

  it('is refused when there is none at all, with and without a content type', async () => {
    await withoutTrace(async () => {
      for (const [method, href] of WRITES) {
        const path = `/api/v2${href}`;
        const types: Record<string, string>[] = [
          {},
          { 'Content-Type': 'application/json' },
          { 'Content-Type': 'text/plain' },
        ];
        for (const headers of types) {
          const refused = await raw({ method, path, headers });
          expect([refused.status, first(refused)]).toEqual(REFUSED);
        }
      }
    });
  });

  it('names the keys that it should not have, and what they are checked with', async () => {
    await withoutTrace(async () => {
      for (const [method, href, schema] of WRITES) {
        const required = { name: 'x', key: 'app', value: 'x' };
        const keys = schema.startsWith('labels_post')
          ? ['key', 'value']
          : schema.startsWith('labels')
            ? ['value']
            : ['name'];
        const known = Object.fromEntries(Object.entries(required).filter(([key]) => keys.includes(key)));
        const refused = await write(method, href, JSON.stringify({ ...known, colour: 'red', size: 5 }));
        expect([refused.status, refused.body]).toEqual([
          406,
          [
            {
              token: 'input_validation_error',
              message:
                "Input validation failed. Details: {The property '#/' contains additional properties " +
                `["colour","size"] outside of the schema when none are allowed in schema ${schema}.schema.json}`,
            },
          ],
        ]);
      }
    });
  });

  it.each([
    ['a name that is a number', CLUSTERS, { name: 1 }, '#/name'],
    ['a name that is null', CLUSTERS, { name: null }, '#/name'],
    ['a name that is a list', CLUSTERS, { name: ['x'] }, '#/name'],
    ['a name that is an object', CLUSTERS, { name: { toString: 'x' } }, '#/name'],
    ['a description that is null', CLUSTERS, { name: 'x', description: null }, '#/description'],
    ['an over-long name', CLUSTERS, { name: 'x'.repeat(256) }, '#/name'],
    ['a very long name', CLUSTERS, { name: 'x'.repeat(900_000) }, '#/name'],
    ['an over-long description', CLUSTERS, { name: 'x', description: 'x'.repeat(4097) }, '#/description'],
    ['an over-long profile name', PROFILES, { name: 'x'.repeat(256) }, '#/name'],
    [
      'too many label options',
      PROFILES,
      { name: 'x', labels: Array.from({ length: 101 }, (_, key) => ({ key: `${key}` })) },
      '#/labels',
    ],
    ['a wrong truth value', PROFILES, { name: 'x', managed: 'yes' }, '#/managed'],
    ['an unknown mode', PROFILES, { name: 'x', enforcement_mode: 'x'.repeat(5000) }, '#/enforcement_mode'],
    ['an over-long label value', LABELS, { key: 'app', value: 'x'.repeat(256) }, '#/value'],
    ['an over-long label key', LABELS, { key: 'x'.repeat(65), value: 'x' }, '#/key'],
    [
      'an over-long reference',
      LABELS,
      { key: 'app', value: 'x', external_data_set: 'x'.repeat(256) },
      '#/external_data_set',
    ],
    [
      'an over-long href',
      PROFILES,
      { name: 'x', assign_labels: [{ href: `/${'x'.repeat(1000)}` }] },
      '#/assign_labels/0/href',
    ],
  ])('is refused with the place of what is wrong: %s', async (_what, href, body, place) => {
    await withoutTrace(async () => {
      const refused = await write('POST', href, JSON.stringify(body));
      expect([refused.status, first(refused)]).toEqual(REFUSED);
      expect(refused.body[0].message).toContain(`'${place}'`);
      expect(refused.text.length).toBeLessThan(2000);
    });
  });
});

describe('deep nesting in a body', () => {
  const DEEP = nested(100_000);

  it.each([
    ['all of it', CLUSTERS, DEEP],
    ['objects in objects', CLUSTERS, `${'{"name":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
    ['as a name', CLUSTERS, `{"name":${DEEP}}`],
    ['as an unknown key', CLUSTERS, `{"name":"x","more":${DEEP}}`],
    ['as a truth value', PROFILES, `{"name":"x","managed":${DEEP}}`],
    ['as one of a few words', PROFILES, `{"name":"x","enforcement_mode":${DEEP}}`],
    ['as a label option', PROFILES, `{"name":"x","labels":[${DEEP}]}`],
    ['as two label options that are the same', PROFILES, `{"name":"x","labels":[${DEEP},${DEEP}]}`],
    ['as two fixed labels that are the same', PROFILES, `{"name":"x","assign_labels":[${DEEP},${DEEP}]}`],
    ['as a restriction', PROFILES, `{"name":"x","labels":[{"key":"app","restriction":${DEEP}}]}`],
    ['as an assignment', PROFILES, `{"name":"x","labels":[{"key":"app","assignment":${DEEP}}]}`],
    ['as a label key', LABELS, `{"key":${DEEP},"value":"x"}`],
    ['as an external reference', LABELS, `{"key":"app","value":"x","external_data_set":${DEEP}}`],
  ])('is refused: %s', async (_what, href, body) => {
    await withoutTrace(async () => {
      const refused = await write('POST', href, body);
      expect([refused.status, first(refused)]).toEqual(REFUSED);
    });
  });

  it('is refused in a query', async () => {
    const refused = await raw({ path: `/api/v2${PROFILES}?assign_labels=${nested(5000)}` });
    expect([refused.status, first(refused)]).toEqual(REFUSED);
  });
});

describe('keys that mean something to JavaScript', () => {
  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'are unknown keys like others: %s',
    async (key) => {
      await withoutTrace(async () => {
        for (const [href, rest] of [
          [CLUSTERS, '"name":"x"'],
          [PROFILES, '"name":"x"'],
          [LABELS, '"key":"app","value":"x"'],
        ] as const) {
          for (const value of ['{"name":"polluted","managed":true,"usage":true}', '1', 'null']) {
            const refused = await write('POST', href, `{${rest},"${key}":${value}}`);
            expect([refused.status, first(refused)]).toEqual(REFUSED);
            expect(refused.body[0].message).toContain(`["${key}"]`);
          }
        }
        expect({}).not.toHaveProperty('polluted');
        expect(({} as Json).managed).toBeUndefined();
      });
    },
  );

  it('give no value that is asked for', async () => {
    await withoutTrace(async () => {
      const refused = await write('POST', CLUSTERS, '{"__proto__":{"name":"x"}}');
      expect([refused.status, first(refused)]).toEqual(REFUSED);
    });
  });

  it('are ignored in a query', async () => {
    const plain = await raw({ path: `/api/v2${CLUSTERS}` });
    for (const query of ['__proto__=x', 'constructor[prototype]=x', '__proto__[name]=k8s2', 'toString=1']) {
      const answer = await raw({ path: `/api/v2${CLUSTERS}?${query}` });
      expect([answer.status, answer.text]).toEqual([200, plain.text]);
    }
  });
});

describe('the size of a body', () => {
  const padded = (size: number) => '{"name":"padded"}'.padEnd(size);

  it.each([false, true])('may be 1 MiB (in chunks: %s)', async (chunked) => {
    const path = `/api/v2${CLUSTERS}`;
    const headers = { 'Content-Type': 'application/json' };
    const answer = await raw({ method: 'POST', path, headers, body: padded(MEBIBYTE), chunked });
    expect([answer.status, answer.body.name]).toEqual([201, 'padded']);
  });

  it('may not be more, which is told before it is sent', async () => {
    await withoutTrace(async () => {
      for (const [method, href] of WRITES) {
        for (const announced of [MEBIBYTE + 1, 10 ** 12]) {
          const headers = { 'Content-Type': 'application/json' };
          const refused = await raw({ method, path: `/api/v2${href}`, headers, announced });
          expect([refused.status, first(refused)]).toEqual([413, 'request_entity_too_large_error']);
        }
      }
    });
  });

  it('may not be more in chunks', async () => {
    await withoutTrace(async () => {
      const headers = { 'Content-Type': 'application/json' };
      const path = `/api/v2${CLUSTERS}`;
      const refused = await raw({ method: 'POST', path, headers, body: padded(MEBIBYTE + 1), chunked: true });
      expect([refused.status, first(refused)]).toEqual([413, 'request_entity_too_large_error']);
      expect(refused.headers['content-type']).toBe('application/json');
    });
  });

  it('may not be more for a client that sends all of it before it reads', async () => {
    await withoutTrace(async () => {
      const refused = await write('POST', CLUSTERS, padded(MEBIBYTE + 1));
      expect([refused.status, first(refused)]).toEqual([413, 'request_entity_too_large_error']);
    });
  });

  it('does not matter to an operation that reads none', async () => {
    const answer = await raw({
      path: `/api/v2${LABELS}`,
      body: '{not json',
      headers: { 'Content-Type': 'text/plain' },
    });
    expect(answer.status).toBe(200);
    expect((await raw({ method: 'DELETE', path: `/api/v2${LABEL}`, body: '{not json' })).status).toBe(204);
    const typed = { 'Content-Type': 'application/json' };
    expect((await raw({ method: 'DELETE', path: `/api/v2${K8S2}`, headers: typed })).status).toBe(204);
  });
});

describe('the type of a body', () => {
  it.each([
    'application/json',
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json; charset="utf-8"',
  ])('may be %s', async (type) => {
    const answer = await write('POST', CLUSTERS, '{"name":"typed"}', { 'Content-Type': type });
    expect([answer.status, answer.headers['content-type']]).toEqual([201, 'application/json']);
  });

  it.each([
    undefined,
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/vnd.api+json',
    'application/jsonx',
    'application/json; charset=latin1',
    'application/json; charset=utf-16',
    'application/json, text/plain',
    '*/*',
  ])('may not be %s', async (type) => {
    await withoutTrace(async () => {
      for (const [method, href] of WRITES) {
        const headers: Record<string, string> = type === undefined ? {} : { 'Content-Type': type };
        const refused = await raw({ method, path: `/api/v2${href}`, body: '{"name":"x"}', headers });
        expect([refused.status, first(refused)]).toEqual([415, 'unsupported_media_type_error']);
      }
    });
  });

  it.each(['gzip', 'deflate', 'br', 'x-unknown', 'GZIP'])('may not be compressed: %s', async (encoding) => {
    await withoutTrace(async () => {
      const body = gzipSync('{"name":"compressed"}');
      for (const chunked of [false, true]) {
        const headers = { 'Content-Type': 'application/json', 'Content-Encoding': encoding };
        const refused = await raw({ method: 'POST', path: `/api/v2${CLUSTERS}`, body, headers, chunked });
        expect([refused.status, first(refused)]).toEqual([415, 'unsupported_media_type_error']);
      }
    });
  });
});

describe('characters', () => {
  it.each([
    ['a byte that no text has', [0xff]],
    ['half a character', [0xc3]],
    ['an over-long form', [0xc0, 0xaf]],
    ['half a pair as bytes', [0xed, 0xa0, 0x80]],
    ['latin1', [0xe9]],
  ])('must be UTF-8: %s', async (_what, bytes) => {
    await withoutTrace(async () => {
      for (const [method, href] of WRITES) {
        const body = Buffer.concat([Buffer.from('{"name":"x'), Buffer.from(bytes), Buffer.from('"}')]);
        const refused = await write(method, href, body);
        expect([refused.status, first(refused)]).toEqual(REFUSED);
      }
    });
  });

  it('of UTF-16 are not UTF-8', async () => {
    await withoutTrace(async () => {
      const refused = await write('POST', CLUSTERS, Buffer.from('{"name":"x"}', 'utf16le'));
      expect([refused.status, first(refused)]).toEqual(REFUSED);
    });
  });

  /** What JSON can say and other formats have trouble with. */
  const STRANGE: [string, string][] = [
    ['text of all alphabets', 'Grüße 東京 🐙 עברית'],
    ['quotes and backslashes', '"\\"\'`$(x)\\u0041'],
    ['markup', '<script>alert(1)</script>&amp;'],
    ['SQL', "'; DROP TABLE labels; --"],
    ['control characters', '\u0001\b\f\n\r\t\u001f\u007f'],
    ['line separators', '\u2028\u2029\u0085'],
    ['a byte order mark', '\ufeffx'],
    ['the first half of a pair', 'a\ud800b'],
    ['the second half of a pair', '\udc00'],
    ['a pair the wrong way round', '\udc00\ud800'],
    ['characters that no one may use', '\ufffe\uffff'],
  ];

  it.each(STRANGE)('come back as they went in: %s', async (_what, text) => {
    const { pce } = test;
    const cluster = (await write('POST', CLUSTERS, JSON.stringify({ name: text, description: text }))).body;
    expect([cluster.name, cluster.description]).toEqual([text, text]);
    expect((await pce.get(cluster.href)).body).toMatchObject({ name: text, description: text });
    expect((await pce.get(CLUSTERS)).body.at(-1)).toMatchObject({ name: text, description: text });
    const label = (await write('POST', LABELS, JSON.stringify({ key: 'app', value: text }))).body;
    expect((await pce.get(label.href)).body).toEqual(label);
    const assign_labels = [{ href: label.href }];
    const profile = (await write('POST', PROFILES, JSON.stringify({ name: text, assign_labels }))).body;
    expect(profile).toMatchObject({ name: text, labels: [{ key: 'app', assignment: { value: text } }] });
    expect((await pce.put(label.href, { value: 'plain' })).status).toBe(204);
    expect((await pce.put(label.href, { value: `${text}!` })).status).toBe(204);
    expect((await pce.get(profile.href)).body.labels[0].assignment.value).toBe(`${text}!`);
    const job = await pce.get(CLUSTERS, { prefer: 'respond-async' });
    const { result } = (await pce.get(job.headers.location ?? '')).body;
    expect((await pce.get(result.href)).body.at(-1).name).toBe(text);
  });

  it.each(STRANGE.filter(([, text]) => !/\p{Surrogate}/u.test(text)))(
    'can be searched for: %s',
    async (_what, text) => {
      const { pce } = test;
      await pce.post(CLUSTERS, { name: `before ${text} after` });
      await pce.post(LABELS, { key: 'app', value: `before ${text} after` });
      const sought = encodeURIComponent(text);
      expect((await pce.get(`${CLUSTERS}?name=${sought}`)).body).toHaveLength(1);
      expect((await pce.get(`${LABELS}?value=${sought}`)).body).toHaveLength(1);
      expect((await pce.get(`${CLUSTERS}?name=${sought}x`)).body).toEqual([]);
    },
  );

  it.each(['a\u0000b', '\u0000', '\u0000b'])(
    'with NUL are refused, or kept with all that follows: %j',
    async (text) => {
      const { pce } = test;
      for (const [href, body] of [
        [CLUSTERS, { name: text }],
        [PROFILES, { name: text }],
        [LABELS, { key: 'app', value: text }],
      ] as const) {
        const before = (await pce.get(href)).body;
        const made = await pce.post(href, body);
        if (made.status !== 201) {
          expect([made.status, tokenOf(made)]).toEqual(REFUSED);
          expect((await pce.get(href)).body).toEqual(before);
        } else {
          const kept = (await pce.get(made.body.href)).body;
          expect([made.body, kept]).toEqual([expect.objectContaining(body), expect.objectContaining(body)]);
          expect((await pce.get(href)).body).toEqual([...before, kept]);
        }
      }
    },
  );

  it('with NUL in labels make a difference, unless they are refused', async () => {
    const { pce } = test;
    for (const value of ['a\u0000b', 'a\u0000c', 'a']) {
      const { status, body } = await pce.post(LABELS, { key: 'app', value });
      if (status !== 201) expect([value, status, body[0].token]).toEqual([value, ...REFUSED]);
    }
    expect((await pce.get(`${LABELS}?value=a`)).body[0].value).toBe('a');
  });

  it.each(['\u0000', 'k8s2\u0000', 'k8s2\u0000x'])(
    'with NUL find what holds them, unless they are refused: %j',
    async (text) => {
      const answer = await test.pce.get(`${CLUSTERS}?name=${encodeURIComponent(text)}`);
      if (answer.status !== 200) expect([answer.status, tokenOf(answer)]).toEqual(REFUSED);
      else expect(answer.body).toEqual([]);
    },
  );
});

describe('a method', () => {
  const ALLOWED: [string, string[]][] = [
    [CLUSTERS, ['GET', 'POST']],
    [K8S2, ['GET', 'PUT', 'DELETE']],
    [PROFILES, ['GET', 'POST']],
    [PAYMENTS, ['GET', 'PUT', 'DELETE']],
    [`${K8S2}/service_backends`, ['GET']],
    [LABELS, ['GET', 'POST']],
    [LABEL, ['GET', 'PUT', 'DELETE']],
    [JOB, ['GET', 'DELETE']],
    [JOB.replace('jobs', 'datafiles'), ['GET']],
  ];

  it.each(ALLOWED)('that %s does not have is a 405 that tells which it has', async (href, allowed) => {
    await withoutTrace(async () => {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
        if (allowed.includes(method)) continue;
        const refused = await raw({ method, path: `/api/v2${href}` });
        expect([method, refused.status, first(refused)]).toEqual([method, 405, 'method_not_allowed_error']);
        const offered = String(refused.headers.allow).split(/,\s*/);
        expect(offered.filter((one) => one !== 'HEAD').sort()).toEqual([...allowed].sort());
      }
    });
  });

  it('HEAD answers what GET does, without the body', async () => {
    for (const href of [CLUSTERS, K8S2, PROFILES, LABEL, `${LABELS}?value=Prod`]) {
      const [get, head] = [
        await raw({ path: `/api/v2${href}` }),
        await raw({ path: `/api/v2${href}`, method: 'HEAD' }),
      ];
      expect([head.status, head.text]).toEqual([200, '']);
      for (const header of ['content-type', 'content-length', 'x-total-count']) {
        expect([header, head.headers[header]]).toEqual([header, get.headers[header]]);
      }
    }
    expect((await raw({ path: `/api/v2${CLUSTERS}/nowhere`, method: 'HEAD' })).status).toBe(404);
  });
});

describe('a path', () => {
  it.each([
    [
      'a word in the singular',
      'GET',
      '/api/v2/orgs/1/container_cluster',
      'GET /api/v2/orgs/{org_id}/container_clusters',
    ],
    ['a slip of the pen', 'POST', '/api/v2/orgs/1/lables', 'POST /api/v2/orgs/{org_id}/labels'],
    ['a slash at the end', 'GET', '/api/v2/orgs/1/labels/', '/api/v2/orgs/{org_id}/labels'],
    ['a slash at the end of an item', 'PUT', `/api/v2${LABEL}/`, 'PUT /api/v2/orgs/{org_id}/labels/{label_id}'],
    ['capital letters', 'GET', '/api/v2/orgs/1/Labels', '/api/v2/orgs/{org_id}/labels'],
  ])('that nobody knows is an empty 404, with a hint: %s', async (_what, method, path, hint) => {
    await withoutTrace(async () => {
      const answer = await raw({ method, path });
      expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([404, '', undefined]);
      expect(answer.headers['x-emulator-hint']).toContain(hint);
    });
  });

  it.each([
    '/',
    '/api',
    '/api/v2',
    '/api/v2/',
    '/api/v3/orgs/1/labels',
    '/api/v22/orgs/1/labels',
    '/orgs/1/labels',
    '/api/v2/orgs',
    '/api/v2/orgs/1',
    '/api/v2/orgs/1/labels/1/2',
    '/api/v2/orgs/1/labels//',
    '/api/v2/orgs/1/workload',
    '/favicon.ico',
  ])('that nobody knows is an empty 404: %s', async (path) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      const answer = await raw({ method, path });
      expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([404, '', undefined]);
    }
  });

  it.each([
    ['an encoded slash', '/api/v2/orgs/1%2Flabels'],
    ['an encoded slash in an id', '/api/v2/orgs/1/labels/1%2f2'],
    ['a percent sign', '/api/v2/orgs/1/labels/%'],
    ['half an escape', '/api/v2/orgs/1/labels/%4'],
    ['what is no escape', '/api/v2/orgs/1/labels/%zz'],
    ['what is no UTF-8', '/api/v2/orgs/1/labels/%ff'],
    ['a NUL character', '/api/v2/orgs/1/labels/1%00'],
    ['a dot', '/api/v2/orgs/1/labels/.'],
    ['the way up', '/api/v2/orgs/1/labels/../labels'],
    ['the way up, encoded', '/api/v2/orgs/1/labels/%2e%2e'],
    ['an apostrophe', "/api/v2/orgs/1/labels/1'--"],
    ['a wildcard', '/api/v2/orgs/1/labels/%25'],
    ['a backslash', '/api/v2/orgs/1\\labels'],
    ['a name of every object', '/api/v2/orgs/1/labels/__proto__'],
    ['a placeholder', '/api/v2/orgs/1/labels/{label_id}'],
    ['a long id', `/api/v2/orgs/1/labels/${'1'.repeat(8000)}`],
    ['many segments', `/api/v2${'/x'.repeat(4000)}`],
    ['semicolons', '/api/v2/orgs/1/labels;v=1'],
  ])('that no href can be is a 404: %s', async (_what, path) => {
    await withoutTrace(async () => {
      for (const method of ['GET', 'DELETE']) {
        const answer = await raw({ method, path });
        expect([answer.status, answer.text]).toEqual([404, '']);
      }
    });
  });

  it.each([
    '/api/v2//orgs/1/labels',
    '//api/v2/orgs/1/labels',
    '/api//v2/orgs//1///labels',
    '/api/v2/orgs/1/%6cabels',
    '/api/v2/orgs/%31/labels',
    '/api/v2/orgs/1/labels?',
    '/api/v2/orgs/1/labels?&&=&x',
    '/api/v2/orgs/1/labels?colour=%zz',
  ])('may be written in an odd way: %s', async (path) => {
    const plain = await raw({ path: '/api/v2/orgs/1/labels' });
    const answer = await raw({ path });
    expect([answer.status, answer.text]).toEqual([200, plain.text]);
  });

  it('with doubled slashes gives hrefs with single ones', async () => {
    const made = await raw({
      method: 'POST',
      path: '/api/v2//orgs/1//container_clusters',
      body: '{"name":"doubled"}',
      headers: { 'Content-Type': 'application/json' },
    });
    expect(made.status).toBe(201);
    expect(made.body.href).toMatch(/^\/orgs\/1\/container_clusters\/[0-9a-f-]{36}$/);
    expect((await test.pce.get(made.body.href)).body.name).toBe('doubled');
    expect((await raw({ path: `/api/v2/${made.body.href}` })).status).toBe(200);
  });
});

describe('operations that are known and not emulated', () => {
  it.each([`${CLUSTERS}/autocomplete`, `${CLUSTERS}/facets`, `${PROFILES}/autocomplete`, `${PROFILES}/facets`])(
    'say so: %s',
    async (href) => {
      const answer = await test.pce.get(href);
      expect([answer.status, tokenOf(answer)]).toEqual([501, 'emulator_not_implemented']);
    },
  );
});

describe('every reply', () => {
  const json = { 'Content-Type': 'application/json' };
  const KINDS: [number, RawRequest][] = [
    [200, { path: `/api/v2${CLUSTERS}` }],
    [200, { path: `/api/v2${LABEL}` }],
    [201, { method: 'POST', path: `/api/v2${CLUSTERS}`, body: '{"name":"x"}', headers: json }],
    [401, { path: `/api/v2${CLUSTERS}`, headers: { authorization: 'Basic eDp5' } }],
    [403, { path: '/api/v2/orgs/10/labels' }],
    [405, { method: 'DELETE', path: `/api/v2${CLUSTERS}` }],
    [406, { method: 'POST', path: `/api/v2${CLUSTERS}`, body: '{', headers: json }],
    [413, { method: 'POST', path: `/api/v2${CLUSTERS}`, announced: 2 * MEBIBYTE, headers: json }],
    [415, { method: 'POST', path: `/api/v2${CLUSTERS}`, body: '{}' }],
    [501, { path: `/api/v2${CLUSTERS}/facets` }],
  ];
  const EMPTY: [number, RawRequest][] = [
    [202, { path: `/api/v2${CLUSTERS}`, headers: { prefer: 'respond-async' } }],
    [204, { method: 'PUT', path: `/api/v2${LABEL}`, body: '{"value":"x"}', headers: json }],
    [204, { method: 'DELETE', path: `/api/v2${LABEL}` }],
    [404, { path: `/api/v2${CLUSTERS}/nowhere` }],
    [404, { path: '/nowhere' }],
  ];

  it.each(KINDS)('with status %i is of type application/json, to the letter', async (status, what) => {
    const answer = await raw(what);
    expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/json']);
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
    expect(answer.body).toBeDefined();
  });

  it.each(EMPTY)('with status %i is empty and has no type: %j', async (status, what) => {
    const answer = await raw(what);
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([status, '', undefined]);
    expect(answer.headers['content-length']).toBe(status === 204 ? undefined : '0');
  });

  it('has an id of its own, and is not to be kept', async () => {
    const ids = new Set<unknown>();
    for (const [, what] of [...KINDS, ...EMPTY]) {
      const { headers } = await raw(what);
      expect(headers['x-request-id']).toMatch(UUID_V4);
      expect(headers['cache-control']).toBe('no-cache');
      ids.add(headers['x-request-id']);
    }
    expect(ids.size).toBe(KINDS.length + EMPTY.length);
  });

  it('does not tell what the emulator is made of', async () => {
    for (const [, what] of [...KINDS, ...EMPTY]) {
      const { headers, text } = await raw(what);
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(text).not.toMatch(/node_modules|at Object|\.ts:\d|sqlite/i);
    }
  });
});

import fc from 'fast-check';
import type { Route } from '../../src/contract/route.ts';
import type { Schemas } from '../../src/contract/schemas.ts';
import type { Json } from '../support/emulator.ts';

/** A request, as it goes over the wire. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly search: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly text: string; readonly encoding: 'utf8' | 'latin1' } | undefined;
}

const pick = <T>(...all: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...all);
const mostly = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>, weight = 5): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd });

/** What a segment of a path may be, and should not. */
const ODD_SEGMENT = pick(
  ...['%2F', 'a%2Fb', '..', '.', '%2e%2e', '%00', 'a%00', '%FF', '%C0%AF', '%zz', '%', '%2', 'WEB', 'Web.1', 'a%20b'],
  ...['\xe9', '%C3%A9', '"', '<b>', '\\', '__proto__', 'constructor', 'toString', '*', '%3F', '%23', '+', '%2B', 'a;b'],
  ...[
    '%F0%9F%98%80',
    '%ED%A0%80',
    '-',
    '_',
    'null',
    '0',
    '{mesh}',
    '$',
    '%25',
    '%252F',
    'a'.repeat(2000),
    '',
    '//',
    "'",
  ],
  ...['dataplanes', 'dataplanes+insights', 'meshes', 'meshes%2Fdefault', 'default%2Fdataplanes%2Fweb-1'],
);
const MESH = mostly(pick('default', 'default', 'shop', 'm1', 'nope'), ODD_SEGMENT, 12);
const NAME = mostly(pick('web-1', 'web-2', 'one', 'two', 'a_b-0'), ODD_SEGMENT, 12);

/** Paths of a route, and others that are like them. */
function pathsOf({ path }: Route): fc.Arbitrary<string> {
  const isMesh = path === '/meshes/{name}';
  const filled = fc
    .record({ mesh: MESH, name: isMesh ? MESH : NAME })
    .map((params) => path.replace(/\{(\w+)\}/g, (_, name: 'mesh' | 'name') => params[name]));
  const bent = fc.tuple(filled, fc.nat(9), ODD_SEGMENT).map(([usual, how, odd]) => {
    const bends = [
      `${usual}/`,
      `/${usual}`,
      usual.replaceAll('/', '//'),
      usual.toUpperCase(),
      `${usual}/${odd}`,
      `/${odd}${usual}`,
      usual.replaceAll('/', '%2F'),
      `${usual}/../${odd}`,
      usual.slice(0, -1),
      `http://elsewhere.test${usual}`,
    ];
    return bends[how] ?? usual;
  });
  // An empty path is none that a client could send.
  return mostly(filled, bent, 8).map((one) => (one === '' ? '/' : one));
}

const NUMBER = pick(
  '0',
  '1',
  '-1',
  '100',
  '1000',
  '1001',
  '+5',
  'x',
  '',
  '1e3',
  '1.5',
  '0x10',
  '9223372036854775808',
  '%00',
  '\xff',
);
const QUERY = fc
  .array(
    fc.oneof(
      fc.tuple(pick('size', 'offset', 'SIZE', 'siz%65'), NUMBER).map((pair) => pair.join('=')),
      fc
        .tuple(
          pick('service', 'version', '', '%', 'a:b', '__proto__', '%00'),
          pick('web', '*', '', 'a:b', '%zz', '<&>'),
        )
        .map((pair) => `tag=${pair.join(':')}`),
      pick(
        'gateway=true',
        'gateway=TRUE',
        'gateway',
        'tag',
        'tag=',
        '&&',
        '=',
        '%',
        '%00=%00',
        'a[b]=c',
        '__proto__=1',
        '?',
      ),
      pick(`x=${'y'.repeat(3000)}`, '\'"<script>', '\xe9=\xe9', 'tag=service:web&tag=service:*', 'size=1&size=2'),
    ),
    { maxLength: 3 },
  )
  .map((parts) => (parts.length === 0 ? '' : `?${parts.join('&')}`));

const SOME_HEADERS: readonly Record<string, string>[] = [
  ...[
    'text/plain',
    '',
    ';;',
    'application/JSON',
    'application/json; charset=latin1',
    'application/x-yaml',
    ',',
    'x'.repeat(500),
  ],
  ...['application/json, text/plain', 'application/json;', 'multipart/form-data; boundary=x', '\xe9', 'application/*'],
].map((type) => ({ 'content-type': type }));
const MORE_HEADERS: readonly Record<string, string>[] = [
  ...[
    'text/html',
    '',
    '*',
    '*/*',
    'application/*',
    'application/json;q=0',
    ';q=1',
    ',,,',
    '*/*,'.repeat(300),
    '\xe9',
  ].map((accept) => ({ accept })),
  ...['null', 'https://page.test', '', '\xff', '<b>', 'a, b'].map((origin) => ({ origin })),
  { origin: 'x', 'access-control-request-method': 'PUT' },
  { origin: 'x', 'access-control-request-method': '' },
  { origin: 'x', 'access-control-request-method': 'constructor' },
  { origin: 'x', 'access-control-request-method': 'GET', 'access-control-request-headers': 'content-type' },
  { 'transfer-encoding': 'chunked' },
  { 'content-encoding': 'gzip' },
  { authorization: 'Basic eDp5' },
  { 'if-match': '"x"', 'if-none-match': '*', range: 'bytes=0-1' },
  { cookie: '__proto__=1', 'x-http-method-override': 'DELETE', prefer: 'respond-async', 'x-forwarded-host': 'x' },
  { 'accept-encoding': 'gzip, br', 'accept-language': 'xx', 'x-a': 'a'.repeat(5000) },
];

/** What takes the place of something in a body. */
const VALUES: readonly Json[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1,
    1.5,
    65_536,
    4_294_967_296,
    '',
    '80',
    '-1',
    'x',
    'null',
    '1m',
    '-10s',
    '0',
    '1d',
    'NaN',
  ],
  ...[
    '9223372036854775808s',
    '2020-13-45T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999999Z',
    '\0',
    '\u2028',
  ],
  ...[
    '*',
    'tcp',
    'HTTP',
    '%REQ%',
    '%START_TIME(%n)%',
    '<&>',
    'é',
    '\ud83d\ude00',
    'a'.repeat(3000),
    'http://[::1',
    'a:b:c',
    '::1',
  ],
  ...[
    '@type: x',
    '"@type": [',
    '{"@type": "type.googleapis.com/envoy.api.v2.Cluster"}',
    '- - -',
    '&a [*a]',
    'default-proxy',
  ],
  ...[
    [],
    {},
    [null],
    [[]],
    [{}],
    { a: 1 },
    { service: 'web' },
    { '': '' },
    { match: {} },
    { type: 'x' },
    [{ match: { service: '*' } }],
  ],
  ...[
    '#1e400#',
    '#-0#',
    '#0.1e1#',
    '#18446744073709551616#',
    '#"\\ud800"#',
    '#{"a":1,"a":{}}#',
    '#{"__proto__":{"x":1}}#',
    '#tru#',
  ],
];
const KEYS = [
  'type',
  'name',
  'mesh',
  'TYPE',
  'Name',
  'networking',
  'conf',
  'match',
  '',
  '__proto__',
  'constructor',
  'creationTime',
  'x',
];

interface Bend {
  readonly how: 'replace' | 'remove' | 'add' | 'rename' | 'repeat';
  readonly at: number;
  readonly value: Json;
  readonly key: string;
}

const BENDS: fc.Arbitrary<Bend> = fc.record({
  how: pick('replace', 'replace', 'replace', 'remove', 'add', 'rename', 'repeat'),
  at: fc.nat(1000),
  value: pick(...VALUES),
  key: pick(...KEYS),
});

/** A body with something in it, anywhere, put in the place of something else, removed, added, renamed or doubled. */
function bent(body: Json, { how, at, value, key }: Bend): Json {
  const copy = structuredClone(body);
  const places: [Json, string | number][] = [];
  const walk = (node: Json) => {
    if (typeof node !== 'object' || node === null) return;
    for (const name of Array.isArray(node) ? node.keys() : Object.keys(node)) {
      places.push([node, name]);
      walk(node[name]);
    }
  };
  walk(copy);
  const [node, name] = places[at % places.length] ?? [copy, 'x'];
  if (how === 'replace') node[name] = value;
  else if (how === 'remove') Array.isArray(node) ? node.splice(Number(name), 1) : delete node[name];
  else if (Array.isArray(node)) node.push(how === 'repeat' ? structuredClone(node[Number(name)]) : value);
  else if (how === 'add') node[key] = value;
  else node[how === 'rename' ? String(name).replace(/[A-Z]/g, (one) => `_${one.toLowerCase()}`) : key] = node[name];
  return copy;
}

/** As JSON; what stands between two `#` goes in as it is. */
const written = (body: Json): string =>
  (JSON.stringify(body) ?? '').replace(/"#((?:[^"\\]|\\.)*)#"/g, (_, raw) => JSON.parse(`"${raw}"`));

const NO_MESSAGE = pick(
  ...[
    '',
    ' ',
    '{',
    '}',
    '[]',
    'null',
    '5',
    '"x"',
    'true',
    '{}',
    '{}{}',
    '[{}]',
    '\ufeff{}',
    '{"type":"Mesh"',
    '<x/>',
    'a: b',
  ],
  ...[
    '['.repeat(50_000),
    '{"a":'.repeat(20_000),
    `{"a":"${'x'.repeat(200_000)}"}`,
    `{"x":${'9'.repeat(5000)}}`,
    '{"type":"\xff"}',
  ],
);

/** Bodies for the resource at a path: right, almost right, and nothing of the kind. */
function bodiesFor(schemas: Schemas, { body }: Route, path: string): fc.Arbitrary<string> {
  const examples: readonly Json[] = (schemas.definition(body ?? '') as Json).examples;
  const parts = path.split('/').filter(Boolean);
  const names = parts.length === 2 ? { name: parts[1] } : { mesh: parts[1], name: parts[3] };
  const whole = pick(...examples).map((example) => ({ ...example, ...names }));
  const almost = fc
    .tuple(whole, fc.array(BENDS, { minLength: 1, maxLength: 3 }))
    .map(([one, bends]) => bends.reduce(bent, one as Json));
  return mostly(
    fc.oneof({ weight: 1, arbitrary: whole.map(written) }, { weight: 4, arbitrary: almost.map(written) }),
    NO_MESSAGE,
    9,
  );
}

/** Of what Node's parser refuses, the method is not known, nor that a HEAD is to have no body. */
const isReadable = (url: string): boolean => /^(\/|http:)[\x21-\x7e]*$/.test(url) && url.length < 10_000;

/** Requests to a route, and some that come near it. */
export function requestsTo(route: Route, schemas: Schemas): fc.Arbitrary<Sent> {
  const method = mostly(
    pick<string>(route.method),
    pick('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'),
    20,
  );
  return pathsOf(route).chain((path) =>
    fc
      .record({
        method,
        search: mostly(fc.constant(''), QUERY, route.method === 'GET' ? 1 : 6),
        type: mostly(
          pick<Record<string, string>>({ 'content-type': 'application/json' }),
          pick(...SOME_HEADERS, {}),
          12,
        ),
        more: mostly(pick<Record<string, string>>({}), pick(...MORE_HEADERS), 4),
        text: route.body ? bodiesFor(schemas, route, path) : mostly(fc.constant(''), NO_MESSAGE, 12),
        encoding: pick<'utf8' | 'latin1'>('utf8', 'utf8', 'utf8', 'latin1'),
      })
      .map(({ method: chosen, search, type, more, text, encoding }): Sent => {
        const headers = { ...((route.body || text !== '') && type), ...more };
        const readable = chosen === 'HEAD' && !isReadable(path + search) ? 'GET' : chosen;
        return { method: readable, path, search, headers, body: { text, encoding } };
      }),
  );
}

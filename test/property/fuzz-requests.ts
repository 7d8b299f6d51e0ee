import fc from 'fast-check';
import type { Route } from '../../src/contract/route.ts';
import type { Schemas } from '../../src/contract/schemas.ts';
import type { Json } from '../support/emulator.ts';
import { type Body, bodies } from './fuzz-bodies.ts';
import { boundsOf, type HrefsFor, valuesOf } from './fuzz-schema.ts';
import { ELSEWHERE, type FuzzWorld, GONE, placesOf, rebound } from './fuzz-world.ts';

/** What is made while requests are sent goes by such names, for those that come after. */
export const MADE = /@made([0-9])/g;

/** A request, as it goes over the wire. */
export interface Sent {
  readonly method: string;
  /** Whether the path leads to the route: what comes back is then what the route promises. */
  readonly isStraight: boolean;
  readonly path: string;
  readonly search: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body | undefined;
}

/** A route with its API's prefix. */
export interface Target {
  readonly prefix: '/api/v2' | '/_emulator';
  readonly route: Route;
}

const pick = <T>(all: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...all);

/** Hrefs: those of a kind where the keys that lead to them tell one, or of any. */
export function hrefsIn({ hrefs }: FuzzWorld): { readonly all: fc.Arbitrary<string>; readonly fitting: HrefsFor } {
  const everywhere = [...hrefs.values()].flat();
  const made = pick(['@made0', '@made1', '@made2']);
  const nowhere = pick([
    '/',
    '/orgs/1',
    '/orgs/1/labels/999999',
    '/orgs/1/labels/0',
    '/users/1',
    '/orgs/1/labels/1/',
    '//orgs/1/labels/1',
    '/../..',
    'orgs/1/labels/1',
    `/orgs/1/labels/${'9'.repeat(300)}`,
    '/orgs/1/sec_policy/3/services/1',
  ]);
  const all = fc.oneof({ weight: 6, arbitrary: pick(everywhere) }, made, nowhere);
  return {
    all,
    fitting(keys) {
      const names = keys.map((key) => (key.endsWith('s') ? key : `${key}s`));
      const kinds = names
        .map((name) => [...hrefs.keys()].filter((kind) => name.endsWith(kind)))
        .find((some) => some.length > 0);
      const fit = kinds?.flatMap((kind) => hrefs.get(kind) ?? []).filter((href) => href.startsWith('/orgs/1/'));
      if (!fit || fit.length === 0) return all;
      return fc.oneof({ weight: 8, arbitrary: pick(fit) }, made, { weight: 1, arbitrary: all });
    },
  };
}

/** Requests to a route. */
export function requestsTo(target: Target, world: FuzzWorld, schemas: Schemas): fc.Arbitrary<Sent> {
  const { route, prefix } = target;
  const paths = pathsOf(target, world);
  const body = route.body
    ? bodiesOf(target, world, schemas)
    : rarely(
        pick<Body>([
          { text: '{}', encoding: 'utf8' },
          { text: 'x', encoding: 'utf8' },
        ]),
      );
  const method = fc.oneof(
    { weight: 30, arbitrary: fc.constant<string>(route.method) },
    pick(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']),
  );
  return fc
    .record({
      method,
      path: paths,
      search: searches(route, schemas, world),
      odd: rarely(ODD_HEADERS),
      body,
      prefer: pick(PREFERENCES),
      who: fc.nat(20),
    })
    .map(({ method, path: { path, isStraight }, search, odd, body, prefer, who }) => {
      const authorization = callerOf(target, path, world, who);
      const headers = {
        ...(authorization !== undefined && { authorization }),
        ...(body && { 'content-type': 'application/json' }),
        ...('202' in route.replies && prefer !== undefined && { prefer }),
        ...odd,
      };
      const url = prefix + path + search;
      return shown({
        method: method === 'HEAD' && !isReadable(url, headers) ? 'GET' : method,
        path: prefix + path,
        isStraight: isStraight && method === route.method,
        search,
        headers,
        body,
      });
    });
}

/** Of what no parser reads to its end the method is not known, nor that a HEAD is to have no body. */
const isReadable = (url: string, headers: object) =>
  /^[\x21-\x7e]*$/.test(url) && url.length + JSON.stringify(headers).length < 10_000;

/** Mostly nothing. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** A counterexample is to be read. */
function shown(sent: Sent): Sent {
  const { method, path, search, headers, body } = sent;
  const short = (text: string) => (text.length > 1000 ? `${text.slice(0, 600)}… (${text.length} characters)` : text);
  const told = () =>
    `${method} ${short(path)}${short(search)} ${JSON.stringify(headers)} ${JSON.stringify(short(body?.text ?? ''))}`;
  return Object.defineProperty({ ...sent }, fc.toStringMethod, { value: told, enumerable: false });
}

const PREFERENCES = [
  undefined,
  undefined,
  'respond-async',
  'respond-async, wait=1',
  'RESPOND-ASYNC;x',
  ',,,',
  'respond-async;',
];

const ODD_HEADERS: fc.Arbitrary<Record<string, string>> = pick<Record<string, string>>([
  { 'content-type': 'text/plain' },
  { 'content-type': 'application/json; charset=utf-8' },
  { 'content-type': 'application/json; charset=latin1' },
  { 'content-type': 'application/x-www-form-urlencoded' },
  { 'content-type': 'multipart/form-data; boundary=x' },
  { 'content-type': '' },
  { 'content-type': ';;;=' },
  { 'content-encoding': 'gzip' },
  { 'content-encoding': 'br, x' },
  { 'transfer-encoding': 'chunked' },
  { connection: 'Upgrade', upgrade: 'websocket' },
  { accept: 'text/html' },
  { accept: '' },
  { accept: `${'*/*;q=0.1,'.repeat(300)}` },
  { 'accept-encoding': 'gzip, deflate, br' },
  { 'accept-language': '\xff\xfe' },
  { 'x-http-method-override': 'DELETE' },
  { 'x-forwarded-for': "'; --" },
  { 'x-forwarded-host': 'evil.example' },
  { 'if-none-match': '*' },
  { 'if-match': '"x"' },
  { 'if-modified-since': 'never' },
  { range: 'bytes=0-1' },
  { cookie: '__proto__=1; a=%' },
  { origin: 'null' },
  { origin: 'http://evil.example' },
  { host: 'evil.example' },
  { host: '' },
  { host: '[::1]:99999' },
  { expect: '100-continue' },
  { connection: 'close' },
  { te: 'trailers, deflate;q=0.5' },
  { 'x-request-id': 'mine' },
  { constructor: 'x', __proto__x: 'y' },
  { 'x-long': 'x'.repeat(8000) },
  { authorization: 'Basic' },
  { authorization: 'Basic OnNlY3JldA==' },
  { authorization: 'Token token=' },
  { authorization: `Bearer ${'x'.repeat(5000)}` },
  { authorization: '\xff\xff' },
]);

/** Mostly those whom the route lets in. */
function callerOf({ route }: Target, path: string, { callers }: FuzzWorld, who: number): string | undefined {
  if (who === 0) return undefined;
  if (who === 1) return [...callers.values()].at(-1);
  if (who === 2) return callers.get('other');
  const own = [...callers].find(([href]) => path === href || path.startsWith(`${href}/`))?.[1];
  const isForUsers = route.admits.some((one) => ['user', 'person', 'self', 'own_session', 'logging_in'].includes(one));
  if (!isForUsers) return own ?? [...callers.values()].at(-1);
  return who === 3 && own ? own : callers.get('user');
}

function bodiesOf({ route, prefix }: Target, world: FuzzWorld, schemas: Schemas): fc.Arbitrary<Body> {
  const reference = route.body ?? '';
  const { all, fitting } = hrefsIn(world);
  const operation = operationOf({ route, prefix }, world.document);
  const told = Object.values<Json>(operation?.requestBody?.content['application/json'].examples ?? {});
  const own = [...world.hrefs].flatMap(([kind, some]) => (kind === GONE || kind === ELSEWHERE ? [] : some));
  const examples = told.map(({ value }) => withCode(rebound(value, own), world));
  const values = valuesOf(schemas, reference, fitting);
  const valid = examples.length > 0 ? fc.oneof(values, pick(examples)) : values;
  return bodies(valid, all, boundsOf(schemas, reference));
}

/** Node agents pair with a code that there is. */
const withCode = (example: Json, { activationCode }: FuzzWorld): Json =>
  'activation_code' in Object(example) ? { ...example, activation_code: activationCode } : example;

/** What the OpenAPI document says of a route. */
export function operationOf({ route }: Target, document: Json): Json {
  const operations = Object.values<Json>(document.paths).flatMap((one) => Object.values<Json>(one));
  return operations.find(({ operationId }) => operationId === route.id);
}

interface Path {
  readonly path: string;
  readonly isStraight: boolean;
}

const UUID = '8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11';
const ODD_SEGMENTS = [
  '0',
  '-1',
  '1.0',
  '01',
  '999999',
  '9'.repeat(40),
  '1e3',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  '*',
  '%2e%2e',
  '..',
  '.',
  '%2F',
  '1%2F..%2F2',
  '%00',
  '%',
  '%zz',
  '%ff',
  '%C3%A9',
  'caf\xc3\xa9',
  '\xff',
  UUID,
  UUID.toUpperCase(),
  `${UUID}x`,
  '{id}',
  "1'--",
  '1;x',
  '@1',
  'a'.repeat(3000),
  'draft',
  'active',
  '1',
];

/** Where a path is broken. */
const BREAKS: readonly ((path: string, odd: string) => string)[] = [
  (path, odd) => path.replace(/\/[^/]*$/, `/${odd}`),
  (path, odd) => path.replace(/\/orgs\/[^/]+/, `/orgs/${odd}`),
  (path, odd) => path.replace(/\/[^/]+(\/[^/]+)$/, `/${odd}$1`),
  (path, odd) => `${path}/${odd}`,
  (path) => `${path}/`,
  (path) => path.replace(/\//g, '//'),
  (path) => path.replace(/\/(?=[^/]*$)/, '%2f'),
  (path) => path.replace(/\/(?=[^/]*$)/, '/../'),
  (path) => path.replace(/\/(?=[^/]*$)/, '/./'),
  (path) => path.replace(/\/(?=[^/]*$)/, '\\'),
  (path) => `/../../..${path}`,
  (path) => path.toUpperCase(),
  (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (path) => `${path}#fragment`,
  (path) => `${path};a=1`,
  () => '',
];

function pathsOf({ route }: Target, { hrefs, callers }: FuzzWorld): fc.Arbitrary<Path> {
  const places = (kinds: readonly (readonly string[])[]) => placesOf(route.path, kinds.flat());
  const gone = hrefs.get(GONE) ?? [];
  const there = places([...hrefs].flatMap(([kind, some]) => (kind === GONE || kind === ELSEWHERE ? [] : [some])));
  const isForAgents = route.admits.every((one) => one.endsWith('_cluster'));
  const isOwn = (path: string) =>
    isForAgents ? [...callers.keys()].some((href) => path.startsWith(`${href}/`)) : !path.startsWith('/orgs/10/');
  const own = there.filter(isOwn);
  // What is not implemented has no things of its own.
  const filled = route.path.replace(/\{(\w+)\}/g, (_, name) =>
    name === 'org_id' ? '1' : name === 'pversion' ? 'draft' : UUID,
  );
  const known = own.length > 0 ? own : [filled];
  const others = [...places([gone]), ...there.filter((path) => path.startsWith('/orgs/10/'))];
  const straight = fc.oneof(
    { weight: 6, arbitrary: pick(known) },
    { weight: 1, arbitrary: fc.constant(filled) },
    ...(others.length > 0 ? [{ weight: 1, arbitrary: pick(others) }] : []),
    ...(route.path.endsWith('}') ? [{ weight: 1, arbitrary: pick(['@made0', '@made1']) }] : []),
  );
  const broken = fc
    .tuple(pick(known), pick(BREAKS), pick(ODD_SEGMENTS))
    .map(([path, by, odd]) => ({ path: by(path, odd), isStraight: false }));
  return fc.oneof(
    { weight: 6, arbitrary: straight.map((path) => ({ path, isStraight: !path.includes('@') })) },
    { weight: 1, arbitrary: broken },
  );
}

const ODD_VALUES = [
  '',
  '0',
  '-1',
  '1e9',
  '1.5',
  'true',
  'TRUE',
  'null',
  '[]',
  '{}',
  '[[',
  '[["/orgs/1/labels/1"]]',
  '["/orgs/1/labels/1"]',
  '[null]',
  '[[[]]]',
  '99999999999999999999',
  '2026-13-41T99:99:99Z',
  '2026-03-01',
  '%',
  '%zz',
  '%00',
  '%ff',
  '%ed%a0%80',
  '%F0%9F%A6%9C',
  '\xff\xfe',
  "'",
  '*',
  '+',
  '__proto__',
  '/orgs/1/labels/1',
  '%5B%22%2Forgs%2F1%2Flabels%2F1%22%5D',
  'x'.repeat(2000),
  `${'['.repeat(2000)}`,
];

/** Waiting for what does not come is tried elsewhere, and takes its time. */
const SHORT_WAITS = ['0s', '1ms', '0.005s'];

function searches(route: Route, schemas: Schemas, world: FuzzWorld): fc.Arbitrary<string> {
  const { fitting } = hrefsIn(world);
  const known = route.query ? [...schemas.parameters(route.query)] : [];
  const right = known.map(([name, kind]) => {
    const [file = ''] = (route.query ?? '').split('#');
    const values = name === 'wait' ? pick(SHORT_WAITS) : parameterOf(schemas, file, route.query ?? '', name, fitting);
    return values.map(
      (value) => `${name}=${encodeURIComponent(kind === 'json' ? JSON.stringify(value) : wellFormed(String(value)))}`,
    );
  });
  const names = known.length > 0 ? known.map(([name]) => name).filter((name) => name !== 'wait') : ['max_results'];
  const odd = fc
    .tuple(pick([...names, ...names, 'unknown', 'a[]', 'a[b]', '__proto__', '', '%', 'refresh']), pick(ODD_VALUES))
    .map((pair) => pair.join('='));
  const mangled = pick(['', '&', '&&&', '=', '?', '?a', 'a', ';', '#', '&=&', `${'a&'.repeat(500)}`, 'a=1;b=2']);
  const none = fc.constant('');
  const some =
    right.length > 0 ? fc.array(fc.oneof(...right), { minLength: 1, maxLength: 3 }).map((all) => all.join('&')) : none;
  const wrong = fc.array(fc.oneof(odd, ...right), { minLength: 1, maxLength: 3 }).map((all) => all.join('&'));
  const share = route.method === 'GET' ? 4 : 1;
  return fc
    .oneof(
      { weight: 4, arbitrary: none },
      { weight: share, arbitrary: some },
      { weight: share, arbitrary: wrong },
      { weight: 1, arbitrary: mangled },
    )
    .map((search) => (search === '' ? '' : `?${search}`));
}

/** Lone surrogates have no form in a URL. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

function parameterOf(
  schemas: Schemas,
  file: string,
  reference: string,
  name: string,
  fitting: HrefsFor,
): fc.Arbitrary<Json> {
  const definition = schemas.definition(reference) as Json;
  const holder = {
    ...schemas,
    definition: (one: string) =>
      one === `${file}#@` ? (definition.properties?.[name] ?? {}) : schemas.definition(one),
  };
  return valuesOf(holder, `${file}#@`, fitting);
}

import { join } from 'node:path';
import fc from 'fast-check';
import supertest from 'supertest';
import type { Schemas } from '../../src/contract/schemas.ts';
import { createSchemas, readSchemaFiles } from '../../src/contract/schemas.ts';
import { kumaRoutesOf } from '../../src/emulator.ts';
import { featuresOf } from '../../src/engine.ts';
import { decoded } from '../../src/kuma/paths.ts';
import { KUMA_RELEASES } from '../../src/kuma/versions.ts';
import { createWire, type Received, type Wire } from '../property/fuzz-wire.ts';
import { type Json, ROOT } from '../support/emulator.ts';
import { asking, useKuma } from '../support/kuma.ts';
import { requestsTo, type Sent } from './hostile-requests.ts';
import { DATAPLANES, NETWORKING, put } from './resources.ts';

/**
 * Whatever is sent to whichever route of Kuma: an answer in Kuma's form, and what is refused changes nothing. `FUZZ_RUNS`
 * says how many runs a route gets, `FUZZ_ROUTE` which, and `FUZZ_SEED` repeats those of a failure.
 */
const { FUZZ_RUNS = '1', FUZZ_SEED, FUZZ_ROUTE } = process.env;
const LIMIT_MS = 30_000 * Number(FUZZ_RUNS);

/** The requests of a run: to routes that are given a body, and to others. */
const [MANY, FEW] = [20, 10];

const STATUSES = [200, 201, 301, 400, 404, 405, 406, 412, 413, 415, 500];

/** What the router says, and Go's server. */
const TEXTS: Readonly<Record<number, string>> = {
  400: '400 Bad Request',
  404: '404: Page Not Found',
  405: '405: Method Not Allowed',
  406: '406: Not Acceptable',
  415: '415: Unsupported Media Type',
};

const [PROCESS, CREATE, UPDATE] = ['process', 'create', 'update'].map((doing) => `Could not ${doing} a resource`);

/** The titles of what the API server refuses, by status. */
const TITLES: Readonly<Record<number, readonly (string | undefined)[]>> = {
  400: [PROCESS, CREATE, UPDATE, 'Could not retrieve resources', 'Could not retrieve dataplane overviews'],
  404: [
    CREATE,
    ...['retrieve a resource', 'delete a resource', 'retrieve a dataplane overview'].map((one) => `Could not ${one}`),
  ],
  413: [PROCESS],
  500: [PROCESS, CREATE, UPDATE],
};

/** What is wrong with an answer; nothing where it is as Kuma would answer something. */
function complaint(schemas: Schemas, { method }: Sent, { status, headers, text }: Received): string | undefined {
  const type = headers['content-type'];
  if (!STATUSES.includes(status)) return `the status is ${status}`;
  if (method === 'HEAD') return text === '' ? undefined : 'HEAD has a body';
  if (status === 301) return headers.location?.startsWith('/') ? undefined : `it leads to ${headers.location}`;
  if (type === undefined) return text === '' && status < 300 ? undefined : 'there is no type';
  if (type === 'text/plain; charset=utf-8') return TEXTS[status] === text ? undefined : `the text is ${text}`;
  if (type !== 'application/json') return `the type is ${type}`;
  const body = JSON.parse(text);
  if (status < 300) return undefined;
  const [violation] = schemas.check('kuma/errors#error', body);
  if (violation) return `${violation.path} ${violation.message}`;
  if (!TITLES[status]?.includes(body.title)) return `the title is ${body.title}`;
  if (status === 500 && body.details !== 'Internal Server Error') return `the details are ${body.details}`;
  return undefined;
}

describe.each(KUMA_RELEASES)('Kuma %s', (release) => {
  const test = useKuma(release);
  const schemas = createSchemas(readSchemaFiles(join(ROOT, 'schemas')), featuresOf('22.2', release));
  const routes = kumaRoutesOf(release);
  let wire: Wire;
  /** What the OpenAPI document says of each operation. */
  let declared: ReadonlyMap<string, Json>;
  /** The route of the last request, where it was one and had one. */
  let route: string | null = null;
  beforeAll(async () => {
    wire = createWire(test.emulator.kuma_url);
    const { body } = await supertest(test.emulator.app).get('/_emulator/kuma/openapi.json');
    const operations: Json[] = Object.values<Json>(body.paths).flatMap(Object.values);
    declared = new Map(operations.map(({ operationId, responses }) => [operationId, responses]));
    const kuma = await asking(test.emulator.kuma_app);
    await put(kuma, {
      '/meshes/shop': {},
      [`${DATAPLANES}/web-1`]: { networking: NETWORKING },
      [`${DATAPLANES}/web-2`]: { networking: { address: '::1', gateway: { tags: { service: 'web' } } } },
      '/meshes/default/dataplane-insights/web-1': { subscriptions: [{ id: 'one' }] },
    });
    await kuma.close();
    test.emulator.snapshot('base');
    test.emulator.requests.follow((entry) => {
      route = entry.route;
    });
  });
  afterAll(() => wire.close());

  const stateOf = () => JSON.stringify(test.emulator.saveWorld().steps);

  /** Sends requests one after the other, and looks at each answer and at what it has changed. */
  async function story(requests: readonly Sent[]): Promise<void> {
    test.emulator.restore('base');
    let known = stateOf();
    for (const sent of requests) {
      const { method, path, search, headers, body } = sent;
      route = null;
      const received = await wire.send(sent);
      const told = [
        method,
        path.slice(0, 200),
        search.slice(0, 200),
        headers,
        body?.text.slice(0, 600),
        received.status,
      ];
      expect([...told, complaint(schemas, sent, received)]).toEqual([...told, undefined]);
      expect([...told, undeclared(received)]).toEqual([...told, undefined]);
      if (received.status === 301) await expectNoMore(told, String(received.headers.location));
      const isDone = received.status < 300 && (method === 'PUT' || method === 'DELETE');
      const state = stateOf();
      if (!isDone) expect([...told, state === known]).toEqual([...told, true]);
      known = state;
      if (isDone && method === 'PUT') await expectTheSame(told, path);
    }
  }

  /** Where the OpenAPI document does not say that a route answers so. */
  function undeclared({ status, headers: { 'content-type': type } }: Received): string | undefined {
    // Before it has a route, Go's server has an answer to some paths.
    if (!route || status === 301) return undefined;
    const { content } = declared.get(route)?.[status] ?? {};
    const [media] = String(type).split(';');
    return (type === undefined ? !content : content?.[media ?? ''])
      ? undefined
      : `${route} declares no ${status} ${type}`;
  }

  /** Who is sent elsewhere is not sent on from there. */
  async function expectNoMore(told: Json[], location: string): Promise<void> {
    const { status } = await wire.send({ method: 'GET', path: location, search: '', headers: {}, body: undefined });
    expect([...told, location, status]).not.toEqual([...told, location, 301]);
  }

  /** What has been put can be put as it is shown, and is shown the same then. */
  async function expectTheSame(told: Json[], path: string): Promise<void> {
    const ask = (method: string, text = '') => {
      const headers = { 'content-type': 'application/json' };
      const body = { text, encoding: 'utf8' as const };
      return wire.send({ method, path, search: '', headers, body });
    };
    const shown = await ask('GET');
    expect([...told, shown.status]).toEqual([...told, 200]);
    const again = await ask('PUT', shown.text);
    const after = await ask('GET');
    expect([...told, again.status, after.text]).toEqual([...told, 200, shown.text]);
    const names = decoded(path)?.split('/').filter(Boolean);
    expect(JSON.parse(shown.text).name).toBe(names?.at(-1));
  }

  const chosen = routes.filter(({ id }) => !FUZZ_ROUTE || id === FUZZ_ROUTE);
  it.each(chosen.map((route) => [route.id, route] as const))(
    'answers whatever comes to %s, and what it refuses changes nothing',
    async (_id, route) => {
      const many = route.body ? MANY : FEW;
      await fc.assert(
        fc.asyncProperty(
          fc.array(requestsTo(route, schemas), { minLength: many, maxLength: many, size: 'max' }),
          (requests) => story(requests),
        ),
        { numRuns: Number(FUZZ_RUNS), ...(FUZZ_SEED !== undefined && { seed: Number(FUZZ_SEED) }) },
      );
    },
    LIMIT_MS,
  );
});

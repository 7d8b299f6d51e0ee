import { join } from 'node:path';
import fc from 'fast-check';
import type { Route } from '../../src/contract/route.ts';
import { readSchemaFiles } from '../../src/contract/schemas.ts';
import { type Emulator, RELEASES, routesOf, startEmulator } from '../../src/emulator.ts';
import { pceControl } from '../../src/pce/index.ts';
import { authorization, type Client, clientOf, type Json, ROOT } from '../support/emulator.ts';

const CLUSTERS = '/orgs/1/container_clusters';
const VIRTUAL_SERVICES = '/orgs/1/sec_policy/draft/virtual_services';
const CONTROL = { prefix: '/_emulator', problem: 'emulator/status#problem' };

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    'role',
    'env',
    '/orgs/1/labels/176',
    '/orgs/1/labels/221',
    'Default Profile',
    'payments',
    '__proto__',
    '\u0000',
    '%',
    "'",
    '\ud800',
  ),
);
/** Bodies that come near: keys that mean something, values of any kind. */
const key = fc.oneof(
  fc.constantFrom('name', 'description', 'labels', 'assign_labels', 'key', 'value', 'href', 'assign', 'assignment'),
  fc.constantFrom(
    'restriction',
    'managed',
    'enforcement_mode',
    'mode',
    'log_traffic',
    'external_data_set',
    '__proto__',
  ),
  text,
);
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.constantFrom(null, true, false, 0, -1, 1e308, 2 ** 60, 'full', 'idle', 'legacy', 'clas'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

const files = readSchemaFiles(join(ROOT, 'schemas'));
/** The part of the contract that a reference like `pce/labels#create` names. */
function schemaOf(reference: string | undefined): Json {
  const [file = '', name = ''] = reference?.split('#') ?? [];
  return (files.get(file)?.$defs as Json)?.[name] ?? {};
}

type Place = readonly (string | number)[];

/** Where something stands in a document, the document itself first. */
function placesIn(document: Json, at: Place = []): Place[] {
  if (typeof document !== 'object' || document === null) return [at];
  const keys = Array.isArray(document) ? [...document.keys()] : Object.keys(document);
  return [at, ...keys.flatMap((one) => placesIn(document[one], [...at, one]))];
}

function replaced(document: Json, [first, ...rest]: Place, by: Json): Json {
  if (first === undefined) return by;
  const copy = Array.isArray(document) ? [...document] : { ...document };
  copy[first] = replaced(document[first], rest, by);
  return copy;
}

/** What users send, where the contract has no example. */
const EXAMPLES: Record<string, Json[]> = {
  'container_clusters.update': [{ name: 'k8s', description: '' }],
  'container_workload_profiles.update': [
    { managed: true, enforcement_mode: 'full', labels: [{ key: 'env', assignment: { href: '/orgs/1/labels/176' } }] },
    { assign_labels: [{ href: '/orgs/1/labels/176' }], description: '' },
  ],
  'labels.create': [{ key: 'role', value: 'Cache' }],
  'labels.update': [{ value: 'Live', external_data_set: 'x', external_data_reference: 'y' }],
};

/** An example, mostly with something else in one place: the rest is right, so that it is looked at. */
function near(examples: readonly Json[]): fc.Arbitrary<unknown> {
  const parts = fc.tuple(fc.constantFrom(...examples), fc.nat(), text, value, fc.nat(9));
  return parts.map(([example, at, words, anything, chance]) => {
    const places = placesIn(example);
    const place = places[at % places.length] ?? [];
    if (chance === 0) return example;
    const there = place.reduce((node, one) => node[one], example);
    return replaced(example, place, typeof there === 'string' && chance < 8 ? words : anything);
  });
}

interface Sent {
  readonly route: Route;
  readonly body: unknown;
  readonly search: string;
}

/** What is sent to a route: in its body, and in its query. */
function sent(route: Route): fc.Arbitrary<Sent> {
  const examples = schemaOf(route.body).examples ?? EXAMPLES[route.id] ?? [];
  const body = examples.length > 0 ? fc.oneof(near(examples), near(examples), value) : value;
  return fc.record({ route: fc.constant(route), body, search: search(route) });
}

function search(route: Route): fc.Arbitrary<string> {
  const known = Object.keys(schemaOf(route.query).properties ?? {});
  const name = known.length > 0 ? fc.oneof(fc.constantFrom(...known), text) : text;
  const parameters = fc.dictionary(
    name,
    fc.oneof(
      text,
      fc.constantFrom('true', '0', '-1', '1e9', '[[', '[["/orgs/1/labels/176"]]', '{}', '99999999999999999999'),
      fc.constantFrom('false', '2026-03-01T08:00:00.000Z', '2026-13-41T99:99:99Z', '["/orgs/1/labels/176"]', 'nil'),
    ),
    { maxKeys: 4 },
  );
  const written = parameters.map((pairs) =>
    Object.entries(pairs)
      .map((pair) => pair.map((one) => encodeURIComponent(Buffer.from(one).toString())).join('='))
      .join('&'),
  );
  return route.method === 'GET' ? written : fc.oneof(fc.constantFrom('', 'refresh=true'), written);
}

describe.each([RELEASES[0], RELEASES.at(-1) ?? RELEASES[0]])('in release %s', (pceVersion) => {
  let emulator: Emulator;
  let user: Client;
  let agent: Client;
  let control: Client;
  /** What the parameters of paths stand for. */
  let named: Record<string, string>;
  const bugs: string[] = [];
  const routes = routesOf(pceVersion).filter(({ handle }) => handle);
  const clas = routes.some(({ id }) => id === 'kubernetes_workloads.list');

  const pathOf = ({ path }: Route) =>
    path.replace(/\{(\w+)\}/g, (_, name: string) => named[name] ?? '219b49c3-3bb5-4fc0-9913-b76398105e35');
  const id = (href: string) => href.split('/').at(-1) ?? '';
  const first = async (list: string) => (await user.get(list)).body[0];

  /** A cluster of which the agent has said a bit of everything; its namespaces are managed. */
  beforeEach(async () => {
    bugs.length = 0;
    const log = (message: string) => void (message.startsWith('warning: ') || bugs.push(message));
    emulator = await startEmulator({ listen: false, checkReplies: true, world: 'demo', pceVersion, log });
    user = clientOf(emulator, authorization(emulator.credentials));
    control = clientOf(emulator, {}, CONTROL);
    const { href, container_cluster_token: token } = (await user.post(CLUSTERS, { name: 'hostile' })).body;
    agent = clientOf(emulator, authorization({ api_key: id(href), api_secret: token }));
    const { href: template } = await first(`${href}/container_workload_profiles`);
    await user.put(template, { managed: true, enforcement_mode: 'full' });
    const [report] = schemaOf('pce/agent/put_from_cluster#report').examples;
    await agent.put(`${href}/put_from_cluster`, { ...report, cluster_mode: clas ? 'clas' : 'legacy' });
    await agent.put(`${href}/services`, schemaOf('pce/agent/services#update').examples[0]);
    if (clas) {
      const [workloads] = schemaOf('pce/agent/kubernetes_workloads#create').examples;
      await agent.post(`${href}/kubernetes_workloads/bulk_create`, workloads);
    } else await control.put(`${href}/pods`, schemaOf('emulator/pods#update').examples[0]);
    const shown = await first(clas ? '/orgs/1/kubernetes_workloads' : '/orgs/1/container_workloads');
    named = {
      org_id: '1',
      container_cluster_id: id(href),
      container_workload_profile_id: id((await first(`${href}/container_workload_profiles?linked=true`)).href),
      [clas ? 'kubernetes_workload_id' : 'container_workload_id']: id(shown.href),
      virtual_service_id: id((await first(`${VIRTUAL_SERVICES}?name=hostile`)).href),
      event_id: id((await first('/orgs/1/events')).href),
      network_id: id((await first('/orgs/1/networks')).href),
      label_id: '176',
      pairing_profile_id: '1',
      activation_code: (await user.post('/orgs/1/pairing_profiles/1/pairing_key')).body.activation_code,
      pversion: 'draft',
      user_id: '1',
    };
  });
  afterEach(() => emulator.close());

  const everything = async () => {
    const paths = [
      CLUSTERS,
      `${CLUSTERS}/${named.container_cluster_id}/container_workload_profiles`,
      '/orgs/1/labels?include_deleted=true',
      VIRTUAL_SERVICES,
      clas ? '/orgs/1/kubernetes_workloads' : '/orgs/1/container_workloads',
      '/orgs/1/service_bindings',
      '/orgs/1/events?max_results=1',
    ];
    return Promise.all(paths.map(async (path) => (await user.get(path)).text));
  };

  /** Sends all kinds of bodies to routes that write, as those whom they let in. */
  async function write(all: readonly Route[], as: (route: Route) => Client, accepted: number[], numRuns: number) {
    const writes = all.filter(({ method }) => ['POST', 'PUT'].includes(method));
    let known = await everything();
    await fc.assert(
      fc.asyncProperty(fc.oneof(...writes.map(sent)), async ({ route, body, search }) => {
        const { post, put } = as(route);
        const send = route.method === 'POST' ? post : put;
        const { status } = await send(`${pathOf(route)}?${search}`, textOf(body), {
          'content-type': 'application/json',
        });
        expect(bugs).toEqual([]);
        expect(accepted).toContain(status);
        const after = await everything();
        if (status >= 400) expect(after).toEqual(known);
        known = after;
      }),
      { numRuns },
    );
  }

  /** Speaks of things that are there where an example speaks of such a thing, and of the cluster's own mode. */
  const textOf = (body: unknown) =>
    JSON.stringify(body)
      .replace(/(\/kubernetes_workloads\/)[-0-9a-f]{36}/g, `$1${named.kubernetes_workload_id}`)
      .replace(/"activation_code":"1[0-9a-f]{80,}"/g, `"activation_code":"${named.activation_code}"`)
      .replace(/"cluster_mode":"legacy"/g, `"cluster_mode":"${clas ? 'clas' : 'legacy'}"`);

  const isForUsers = ({ admits }: Route) =>
    admits.some((one) => ['user', 'person', 'self', 'own_session'].includes(one));
  const letIn = (route: Route) => (isForUsers(route) ? user : agent);

  it('no body of a user makes the emulator fail, and a refused one changes nothing', async () => {
    const ofUsers = routes.filter(isForUsers);
    await write(ofUsers, letIn, [200, 201, 204, 404, 405, 406], 100);
  });

  it("no body of a cluster's agent makes the emulator fail, and a refused one changes nothing", async () => {
    const ofAgents = routes.filter(({ admits }) => admits.includes('own_cluster'));
    await write(ofAgents, letIn, [200, 201, 204, 406], 150);
  });

  it("no body of the emulator's own API makes it fail, and a refused one changes nothing", async () => {
    await write(pceControl.routes, () => control, [201, 204, 400, 403, 409], 60);
  });

  it('no query makes the emulator fail', async () => {
    const reads = [...routes, ...pceControl.routes].filter(({ method }) => method === 'GET');
    await fc.assert(
      fc.asyncProperty(fc.oneof(...reads.map(sent)), async ({ route, search }) => {
        const ours = pceControl.routes.includes(route);
        const { status } = await (ours ? control : letIn(route)).get(`${pathOf(route)}?${search}`);
        expect(bugs).toEqual([]);
        expect(ours ? [200, 400, 404] : [200, 404, 406]).toContain(status);
      }),
      { numRuns: 150 },
    );
  });
});

import supertest from 'supertest';
import { type Emulator, type Release, routesOf, startEmulator } from '../../src/emulator.ts';
import { type Answer, authorization, type Client, clientOf, type Json, schemasOf } from '../support/emulator.ts';

const CLUSTERS = '/orgs/1/container_clusters';
const CONTROL = { prefix: '/_emulator', problem: 'emulator/status#problem' };
const NOWHERE = { when: { path: '/nowhere' }, effect: { status: 503 } };

/** An emulator that has something of everything, and whoever may speak to it. */
export interface FuzzWorld {
  readonly emulator: Emulator;
  /** Its OpenAPI document. */
  readonly document: Json;
  /** The hrefs of all that there is, by collection, and of what was there and is gone. */
  readonly hrefs: ReadonlyMap<string, readonly string[]>;
  /** `Authorization` headers, by who it is: `user`, `/orgs/1/container_clusters/…`. */
  readonly callers: ReadonlyMap<string, string>;
  /** What went wrong inside it, since this was last emptied. */
  readonly bugs: string[];
  readonly control: Client;
  /** A code that node agents pair with. */
  readonly activationCode: string;
}

const DATAPLANE = '/meshes/default/dataplanes/web-1';
const NETWORKING = { address: '192.0.2.1', gateway: { tags: { service: 'web' } } };
const WEB_1 = { type: 'Dataplane', mesh: 'default', name: 'web-1', networking: NETWORKING };

/** What is gone, or never was, stands among the hrefs under these names. */
export const GONE = 'gone';
export const ELSEWHERE = 'elsewhere';

/** @param release of the PCE */
export async function fuzzWorld(release: Release): Promise<FuzzWorld> {
  const bugs: string[] = [];
  const emulator = await startEmulator({
    ...{ world: 'page', pceVersion: release, seed: 'hostile', port: 0, checkReplies: true },
    log: (message) => void (message.startsWith('warning: ') || bugs.push(message)),
  });
  const user = clientOf(emulator, authorization(emulator.credentials));
  const control = clientOf(emulator, {}, CONTROL);
  const document = (await control.get('/openapi.json')).body;
  const callers = new Map([['user', authorization(emulator.credentials).authorization]]);
  const [, second] = emulator.allCredentials;
  if (second) callers.set('other', authorization(second).authorization);

  const clas = routesOf(release).some(({ id }) => id === 'kubernetes_workloads.list');
  const modes = clas ? ['legacy', 'clas'] : ['legacy'];
  for (const mode of modes) {
    const cluster = await made(user.post(CLUSTERS, { name: `hostile ${mode}` }));
    const headers = authorization({ api_key: cluster.href.slice(-36), api_secret: cluster.container_cluster_token });
    callers.set(cluster.href, headers.authorization);
    await reportsOf(cluster.href, mode, user, clientOf(emulator, headers), control, release);
  }

  const hrefs = () => hrefsOf(emulator);
  await fill(document, user, control, hrefs);
  const profile = hrefs()
    .get('pairing_profiles')
    ?.find((href) => href.startsWith('/orgs/1/'));
  const { activation_code: activationCode } = await made(user.post(`${profile}/pairing_key`));
  for (const cluster of [...callers.keys()].filter((one) => one.startsWith(CLUSTERS))) {
    await made(control.post(`${cluster}/node_agents`, { activation_code: activationCode }));
  }
  const pending = Object.entries<Json[]>((await user.get('/orgs/1/sec_policy/pending')).body);
  const subset = pending.map(([kind, all]) => [kind, all.map(({ href }) => ({ href }))]);
  await made(user.post('/orgs/1/sec_policy', { change_subset: Object.fromEntries(subset) }));
  // Drafts that differ from what is in force.
  await fill(document, user, control, hrefs);

  const { location = '' } = (await user.get('/orgs/1/labels', { prefer: 'respond-async' })).headers;
  await made(user.get(location));
  await made(user.get('/users/login'));
  const { username: api_key, api_secret } = emulator.credentials;
  await made(clientOf(emulator, authorization({ api_key, api_secret })).post('/login_users/authenticate?pce_fqdn=pce'));
  await made(control.put('/faults/standing', NOWHERE));
  await made(control.put('/snapshots/one'));
  await made(supertest(emulator.kuma_app).put(DATAPLANE).send(WEB_1));
  const gone = await goneThings(user, hrefs());
  const others = [...hrefs().values()].flat().filter((href) => href.startsWith('/orgs/10/'));
  const all = new Map([
    ...hrefs(),
    ['snapshots', ['/snapshots/one', '/snapshots/start']],
    ['faults', ['/faults/standing']],
    ['requests', ['/requests/1', '/requests/12']],
    [GONE, gone],
    [ELSEWHERE, others],
  ] as const);
  return { emulator, document, hrefs: all, callers, bugs, control, activationCode };
}

async function made(answer: PromiseLike<Pick<Answer, 'status' | 'body'>>): Promise<Json> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`a world to be hostile to could not be made: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** What the agent of a cluster has to tell: the examples of the schemas. */
async function reportsOf(href: string, mode: string, user: Client, agent: Client, control: Client, release: Release) {
  const example = (reference: string) => (schemasOf(release).definition(reference).examples as Json[])[0];
  const [template] = (await user.get(`${href}/container_workload_profiles`)).body;
  await user.put(template.href, { managed: true, enforcement_mode: 'full' });
  const report = example('pce/agent/put_from_cluster#report');
  const nodes = report.nodes.map((node: Json) => ({ ...node, machine_id: `${mode} ${node.name}` }));
  await made(agent.put(`${href}/put_from_cluster`, { ...report, nodes, cluster_mode: mode }));
  await made(agent.put(`${href}/services`, example('pce/agent/services#update')));
  if (routesOf(release).some(({ id, handle }) => id === 'container_clusters.label_map' && handle)) {
    await made(agent.put(`${href}/label_map`, example('pce/agent/label_map#update')));
  }
  if (mode === 'legacy') await made(control.put(`${href}/pods`, example('emulator/pods#update')));
  else {
    const workloads = example('pce/agent/kubernetes_workloads#create');
    await made(agent.post(`${href}/kubernetes_workloads/bulk_create`, workloads));
  }
}

/** The hrefs of everything that there is, by collection. */
function hrefsOf(emulator: Emulator): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const step of emulator.saveWorld().steps) {
    if (!('document' in step)) continue;
    const { collection, document } = step;
    const [, parent = '', id = ''] = /^(.*)\/([^/]+)$/.exec(document) ?? [];
    // What a second path leads to as well.
    const also = {
      api_keys: `${parent.replace(/\/service_accounts\/.*/, '')}/api_keys/${id}`,
      users: `/orgs/${id}/users/${id}`,
    }[collection];
    found.set(collection, [...(found.get(collection) ?? []), document, ...(also ? [also] : [])]);
  }
  found.set('versions', ['/orgs/1/sec_policy/draft', '/orgs/1/sec_policy/active']);
  return found;
}

const shapeOf = (href: string) => href.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9]+\b/g, '*');

/** A document whose hrefs are of things that are there; each of a kind takes the next. */
export function rebound(document: Json, hrefs: Iterable<string>): Json {
  const byShape = new Map<string, string[]>();
  for (const href of hrefs) byShape.set(shapeOf(href), [...(byShape.get(shapeOf(href)) ?? []), href]);
  let turn = 0;
  return JSON.parse(JSON.stringify(document), (_key, value) => {
    if (typeof value !== 'string' || !value.startsWith('/')) return value;
    const known = byShape.get(shapeOf(value)) ?? [value];
    return known.includes(value) ? value : known[turn++ % known.length];
  });
}

/** What would change what the others work on, and what is done by hand. */
const UNFIT = /world|faults|clock|orgs|node_agents|bulk_delete|unpair|put_from_cluster|cluster/;

/** Makes one of everything that users make, as the examples of the document have it. What is refused is left out. */
async function fill(document: Json, user: Client, control: Client, hrefs: () => Map<string, string[]>) {
  for (const [path, { post, put }] of Object.entries<Json>(document.paths)) {
    const [, prefix, rest = ''] = /^(\/api\/v2|\/_emulator)(\/.*)$/.exec(path) ?? [];
    const client = prefix === '/_emulator' ? control : user;
    // What there is one of by itself is not made but changed.
    const operation = post ?? (/\{org_id\}[^{]+$/.test(path) ? put : undefined);
    const { operationId = '', requestBody } = operation ?? {};
    if (!operation?.['x-implemented'] || UNFIT.test(operationId)) continue;
    const own = [...hrefs().values()].flat().filter((href) => !href.startsWith('/orgs/10/'));
    const place = placesOf(rest, own)[0] ?? rest;
    for (const { value } of Object.values<Json>(requestBody?.content['application/json'].examples ?? {})) {
      const { status } = await client[post ? 'post' : 'put'](place, rebound(value, own));
      if (status < 300) break;
    }
  }
}

/** Where a path with parameters leads, by the hrefs of what is there: all of it that fits. */
export function placesOf(path: string, hrefs: Iterable<string>): string[] {
  const upTo = path.lastIndexOf('}') + 1;
  if (upTo === 0) return [path];
  const [thing, rest] = [path.slice(0, upTo), path.slice(upTo)];
  const pattern = new RegExp(`^${thing.replace(/\{\w+\}/g, '[^/]+')}$`);
  return [...hrefs].filter((href) => pattern.test(href)).map((href) => href + rest);
}

/** Takes away some of what there is: hrefs that led somewhere once. */
async function goneThings(user: Client, hrefs: ReadonlyMap<string, readonly string[]>): Promise<string[]> {
  const gone: string[] = [];
  for (const [, all] of hrefs) {
    const own = all.filter((href) => href.startsWith('/orgs/1/') && !href.includes('/active/'));
    const last = own.at(-1);
    if (own.length < 2 || last === undefined || last.startsWith(CLUSTERS)) continue;
    if ((await user.delete(last)).status === 204) gone.push(last);
  }
  const { href } = await made(user.post(CLUSTERS, { name: 'to be gone' }));
  const profiles = (await user.get(`${href}/container_workload_profiles`)).body;
  await user.delete(href);
  return [...gone, href, ...profiles.map((one: Json) => one.href)];
}

import { type Emulator, type Release, startEmulator } from '../../src/emulator.ts';
import { type Answer, authorization, type Client, clientOf, type Json, type Key } from '../support/emulator.ts';
import {
  type Change,
  caseless,
  freshCluster,
  freshPicture,
  hearReport,
  isClas,
  isLinked,
  type Label,
  labelsOfKey,
  type Option,
  type Picture,
  type Settings,
  type Step,
  uidOf,
} from './cluster-model.ts';

/** An emulator, with all who speak to it, and the picture of what they have said. */
export interface Side {
  readonly emulator: Emulator;
  readonly anyone: Client;
  readonly pce: Client;
  readonly control: Client;
  readonly clusters: { href: string; agent: Client }[];
  readonly hrefs: Map<Label, string>;
  readonly picture: Picture;
  readonly bugs: string[];
}

// Time stands still: a cluster that falls silent is another story (test/agent/offline.test.ts).
const NOW = Date.parse('2026-03-01T08:00:00.000Z');

/** An emulator with nothing but two clusters of which nothing is said yet. */
export async function open(pceVersion: Release): Promise<Side> {
  const bugs: string[] = [];
  const log = (message: string) => void bugs.push(message);
  const options = { listen: false, checkReplies: true, world: 'empty', now: () => NOW };
  const emulator = await startEmulator({ ...options, pceVersion, log });
  const control = clientOf(emulator, {}, { prefix: '/_emulator', problem: 'emulator/status#problem' });
  const anyone = clientOf(emulator, {});
  const pce = speaking(anyone, emulator.credentials);
  const side = { emulator, anyone, pce, control, clusters: [], hrefs: new Map(), picture: freshPicture(), bugs };
  for (const at of [0, 1]) await makeCluster(side, at);
  return side;
}

/** The same client, for one who has credentials: to make a client takes long. */
function speaking(anyone: Client, credentials: Key): Client {
  const headers = authorization(credentials);
  return {
    get: (path) => anyone.get(path, headers),
    post: (path, body) => anyone.post(path, body, headers),
    put: (path, body) => anyone.put(path, body, headers),
    delete: (path) => anyone.delete(path, headers),
  };
}

async function makeCluster({ anyone, pce, clusters, picture }: Side, at: number): Promise<void> {
  const cluster = freshCluster(at);
  const { name } = cluster;
  picture.clusters[at] = cluster;
  const { body } = await pce.post('/orgs/1/container_clusters', { name, description: '' });
  const { href, container_cluster_token: api_secret } = body;
  const key = { api_key: href.slice(-36), api_secret };
  clusters[at] = { href, agent: speaking(anyone, key) };
}

const expectAnswer = ({ status, text }: Answer, accepted = true) =>
  expect([status < 300 || text, status < 500 || text]).toEqual([accepted || expect.any(String), true]);

/** Takes a step, and keeps it in the picture where it is not refused. Refusals come where the picture says. */
export async function take(side: Side, step: Step): Promise<void> {
  const { pce, control, picture, hrefs } = side;
  if (step.do === 'new label') {
    const { key, value } = step;
    const free = labelsOfKey(picture, key).every((one) => caseless(one.value) !== caseless(value));
    const answer = await pce.post('/orgs/1/labels', { key, value });
    expectAnswer(answer, free);
    if (free) know(side, answer.body);
    return;
  }
  if (step.do === 'rename label' || step.do === 'delete label') {
    const label = picture.labels[step.label];
    if (!label) return;
    const href = String(hrefs.get(label));
    if (step.do === 'delete label') {
      // Who shows it keeps it.
      const { labels: _, ...others } = await look(side);
      const without = (left?: string) => JSON.stringify(others, (key, value) => (key === left ? undefined : value));
      const free = !without().includes(`"${href}"`);
      // A list that allows it would hold it as a deleted one, which no fresh story can say.
      if (!free && !without('restriction').includes(`"${href}"`)) return;
      expectAnswer(await pce.delete(href), free);
      if (free) picture.labels.splice(step.label, 1);
      return;
    }
    const { value } = step;
    const others = labelsOfKey(picture, label.key).filter((one) => one !== label);
    const free = others.every((one) => caseless(one.value) !== caseless(value));
    expectAnswer(await pce.put(href, { value }), free);
    if (free) label.value = value;
    return;
  }
  const cluster = clusterAt(picture.clusters, step.at);
  const { href, agent } = clusterAt(side.clusters, step.at);
  switch (step.do) {
    case 'report':
      expectAnswer(await agent.put(`${href}/put_from_cluster`, step.body));
      return hearReport(cluster, step.body);
    case 'services':
    case 'pods': {
      const accepted = step.do === 'services' || !isClas(cluster);
      const client = step.do === 'services' ? agent : control;
      expectAnswer(await client.put(`${href}/${step.do}?refresh=${step.refresh}`, step.said), accepted);
      if (accepted && step.refresh) cluster[step.do].clear();
      if (accepted) for (const one of step.said) cluster[step.do].set(one.uid, one);
      return;
    }
    case 'services gone':
    case 'pods gone': {
      const [client, what] = step.do === 'pods gone' ? ([control, 'pods'] as const) : ([agent, 'services'] as const);
      const uids = step.uids.map((uid) => ({ uid }));
      expectAnswer(await client.put(`${href}/${what}/delete`, uids));
      for (const uid of step.uids) cluster[what].delete(uid);
      return;
    }
    case 'workloads':
      expectAnswer(await agent.post(`${href}/kubernetes_workloads/bulk_create`, step.said), isClas(cluster));
      if (isClas(cluster)) for (const one of step.said) cluster.workloads.set(uidOf(one), one);
      return;
    case 'workloads change': {
      const known = await workloadHrefs(side, step.at);
      const changes = step.changes.filter(({ uid }) => known.has(uid));
      if (changes.length === 0) return;
      const body = changes.map(({ uid, change }) => ({ href: known.get(uid), ...change }));
      expectAnswer(await agent.put(`${href}/kubernetes_workloads/bulk_update`, body), isClas(cluster));
      for (const { uid, change } of isClas(cluster) ? changes : []) {
        const before = cluster.workloads.get(uid);
        cluster.workloads.set(uid, { ...before, ...change, metadata: { ...before.metadata, ...change.metadata } });
      }
      return;
    }
    case 'workloads gone': {
      const known = await workloadHrefs(side, step.at);
      const gone = step.uids.filter((uid) => known.has(uid)).map((uid) => ({ href: known.get(uid) }));
      if (gone.length > 0) expectAnswer(await agent.put(`${href}/kubernetes_workloads/bulk_delete`, gone));
      for (const uid of step.uids) cluster.workloads.delete(uid);
      return;
    }
    case 'label map':
      expectAnswer(await agent.put(`${href}/label_map`, step.maps));
      cluster.labelMap = step.maps;
      return;
    case 'enforce': {
      const policies = await agent.get(`${href}/policies`);
      expectAnswer(policies, isClas(cluster));
      if (!isClas(cluster)) return;
      const { security_policy_set_digest } = policies.body;
      for (const what of ['acks', 'applied']) {
        expectAnswer(await agent.put(`${href}/security_policy_${what}`, { security_policy_set_digest }));
      }
      return;
    }
    case 'new cluster':
      expectAnswer(await pce.delete(href));
      return makeCluster(side, step.at);
    case 'rename cluster':
      expectAnswer(await pce.put(href, { name: step.name }));
      cluster.name = step.name;
      return;
    default: {
      const { namespace } = step;
      const settings = namespace === null ? cluster.template : cluster.profiles.get(namespace);
      const profiles: Json[] = (await pce.get(`${href}/container_workload_profiles`)).body;
      const profile = profiles.find((one) => one.namespace === namespace);
      expect(profile !== undefined).toBe(settings !== undefined);
      if (!settings) return;
      if (step.do === 'settings') return change(side, profile.href, settings, step.change);
      const linked = isLinked(cluster, step.namespace);
      expectAnswer(await pce.delete(profile.href), !linked);
      if (!linked) cluster.profiles.delete(step.namespace);
    }
  }
}

async function change(
  { emulator, pce, picture, hrefs }: Side,
  profile: string,
  settings: Settings,
  said: Change,
): Promise<void> {
  const { options: asked, ...rest } = said;
  const options = asked?.flatMap(({ key, kind, labels: places }): Option<Label>[] => {
    const all = labelsOfKey(picture, key);
    const labels = [...new Set(places.flatMap((place) => all[place] ?? []))].slice(0, kind === 'one' ? 1 : 2);
    if (kind === 'none' || kind === 'any') return [{ key, kind, labels: [] }];
    return labels.length > 0 ? [{ key, kind, labels }] : [];
  });
  const labels = options?.map(({ key, kind, labels: given }) => {
    const [first, ...more] = given.map((label) => ({ href: hrefs.get(label) }));
    if (kind === 'none' || kind === 'one') return { key, assignment: first ?? {} };
    return { key, restriction: first ? [first, ...more] : [] };
  });
  const after = { ...settings, ...rest, ...(options && { options }) };
  // A managed profile may not be idle (24.5).
  const spoken = said.managed !== undefined || said.enforcement_mode !== undefined;
  const idle = spoken && after.managed && after.enforcement_mode === 'idle';
  // "None" cannot be said any more (25.2).
  const none = emulator.pce_version === '25.2' && options?.some(({ kind }) => kind === 'none');
  const accepted = !idle && !none;
  expectAnswer(await pce.put(profile, { ...rest, ...(labels && { labels }) }), accepted);
  if (accepted) Object.assign(settings, after);
}

/** Adds a label to the picture that is there. */
export function know({ picture, hrefs }: Side, { key, value, href }: Json): void {
  const label = { key, value };
  picture.labels.push(label);
  hrefs.set(label, href);
}

async function workloadHrefs({ clusters }: Side, at: number): Promise<Map<string, string>> {
  const { href, agent } = clusterAt(clusters, at);
  const rows: Json[] = (await agent.get(`${href}/kubernetes_workloads`)).body;
  return new Map(rows.map((one) => [uidOf(one), one.href]));
}

function clusterAt<T>(clusters: readonly T[], at: number): T {
  const cluster = clusters[at];
  if (cluster === undefined) throw new Error(`there is no cluster ${at}`);
  return cluster;
}

/** All that users can read, list by list. */
export async function look({ pce, clusters }: Side): Promise<Record<string, Json[]>> {
  const org = '/orgs/1';
  const paths: [string, string][] = [
    ['labels', `${org}/labels`],
    ['clusters', `${org}/container_clusters`],
    ['networks', `${org}/networks`],
    ['drafts', `${org}/sec_policy/draft/virtual_services`],
    ['actives', `${org}/sec_policy/active/virtual_services`],
    ['bindings', `${org}/service_bindings`],
    ['pods', `${org}/container_workloads`],
    ['workloads', `${org}/kubernetes_workloads`],
    ...clusters.map(({ href }, at): [string, string] => [`backends ${at}`, `${href}/service_backends`]),
    ...clusters.map(({ href }, at): [string, string] => [`profiles ${at}`, `${href}/container_workload_profiles`]),
  ];
  const lists = paths.map(async ([list, path]) => {
    const { status, text, body } = await pce.get(path);
    if (status !== 200) throw new Error(`${path}: ${text}`);
    return [list, body];
  });
  return Object.fromEntries(await Promise.all(lists));
}

import fc from 'fast-check';
import type { Release } from '../../src/emulator.ts';
import type { Json } from '../support/emulator.ts';
import {
  isClas,
  isLinked,
  type Label,
  labelsOfKey,
  type Picture,
  type Step,
  type Story,
  stories,
} from './cluster-model.ts';
import { know, look, open, type Side, take } from './cluster-steps.ts';

// To make a key takes as long as half a story, and no list shows it.
jest.mock('../../src/pce/agent/clas-auth-key.ts', () => ({ authKeyOf: () => 'no key' }));

type Sight = Awaited<ReturnType<typeof look>>;

/** What must hold at every moment. */
function expectSound(seen: Sight, { picture, hrefs }: Side): void {
  const listed = (list: string): Json[] => seen[list] ?? [];
  const both = (list: string) => [...listed(`${list} 0`), ...listed(`${list} 1`)];
  const [drafts, actives, pods] = ['drafts', 'actives', 'pods'].map((list) => new Set(listed(list).map(hrefOf)));
  const asActive = ({ update_type, ...one }: Json) => ({ ...one, href: one.href.replace('/draft/', '/active/') });
  // Nothing is shown of a namespace that is gone, or not managed.
  const profiles = new Map(
    both('profiles').flatMap((one) => (one.linked && one.managed ? [[one.href, one.enforcement_mode]] : [])),
  );
  const namespaces = new Set(
    both('profiles').flatMap(({ href, namespace }) => (profiles.has(href) ? `${href.split('/')[4]}|${namespace}` : [])),
  );
  const workloads = [...listed('pods'), ...listed('workloads')];
  // Labels are those that are there, at most one of a key; none is made but by users and label maps that may.
  const labels = picture.labels.map((one) => ({ href: hrefs.get(one), key: one.key, value: one.value }));
  const labelled = [...workloads, ...listed('drafts')];
  const there = new Set(labels.map((one) => JSON.stringify(one)));
  expect({
    active: listed('actives'),
    labels: listed('labels').map(({ href, key, value }) => ({ href, key, value })),
    unbound: listed('bindings').filter(
      ({ bound_service, container_workload }) =>
        !actives?.has(bound_service.href) || !pods?.has(container_workload.href),
    ),
    backless: both('backends').filter(({ virtual_service }) => !drafts?.has(virtual_service.href)),
    stray: workloads.filter((one) => profiles.get(one.container_workload_profile.href) !== one.enforcement_mode),
    astray: listed('drafts').filter((one) => !namespaces.has(one.external_data_set)),
    unknown: labelled.filter((one) => one.labels.some((label: Json) => !there.has(JSON.stringify(label)))),
    twice: labelled.filter((one) => new Set(one.labels.map(({ key }: Json) => key)).size < one.labels.length),
  }).toEqual({
    active: listed('drafts').map(asActive),
    labels,
    ...{ unbound: [], backless: [], stray: [], astray: [], unknown: [], twice: [] },
  });
}

const hrefOf = ({ href }: Json): string => href;

/** Goes through a story, with a look around after each step. */
async function live(side: Side, [opening, steps]: Story, mapsMakeLabels: boolean): Promise<void> {
  for (const step of opening) await take(side, step);
  for (const step of steps) {
    await take(side, step);
    const seen = await look(side);
    const known = new Set(side.hrefs.values());
    // A path that matters: labels that maps have made stay. The picture goes on with them.
    if (mapsMakeLabels) for (const label of seen.labels ?? []) if (!known.has(label.href)) know(side, label);
    expectSound(seen, side);
    expect(side.bugs).toEqual([]);
  }
}

/**
 * Paths that matter: when and by whom things were made and changed, which events tell of it, and which policy an
 * agent has acknowledged.
 */
const HISTORY = new Set([
  ...['created_at', 'created_by', 'updated_at', 'updated_by', 'last_connected', 'audit_event'],
  ...['security_policy_applied_at', 'security_policy_sync_state'],
]);

/** All that users can read, with names for hrefs, without history, in an order of its own. */
async function portrait(side: Side): Promise<Json> {
  const { control, clusters, picture } = side;
  const seen = await look(side);
  const names = new Map<string, string>();
  const cluster = (href: string) => clusters.findIndex((one) => href.includes(one.href.slice(-36)));
  const name = (list: string, naming: (one: Json) => string) => {
    for (const one of seen[list] ?? []) names.set(one.href, `${list}: ${naming(one)}`);
  };
  name('labels', ({ key, value }) => `${key}=${value}`);
  name('clusters', ({ href }) => `${cluster(href)}`);
  name('networks', ({ created_by }) => `of ${cluster(created_by.href)}`);
  for (const list of ['drafts', 'actives']) {
    name(list, (one) => `${cluster(one.external_data_set)} ${one.external_data_reference}`);
  }
  name('pods', (one) => `${cluster(one.container_cluster.href)} ${one.name}`);
  name('workloads', (one) => `${cluster(one.container_cluster.href)} ${one.kind} ${one.namespace} ${one.name}`);
  name('bindings', () => 'one');
  for (const at of [0, 1]) name(`profiles ${at}`, ({ namespace }) => namespace);

  const explained = [...(seen.drafts ?? []), ...(seen.pods ?? []), ...(seen.workloads ?? [])].map(async ({ href }) => {
    const { body } = await control.get(`/explain?workload=${href}`);
    expect(body.shown).toBe(true);
    return body;
  });
  // What agents in CLAS mode are told of their workloads: of all, shown or not.
  const told = clusters.map(async ({ href, agent }, at) => {
    if (!picture.clusters[at] || !isClas(picture.clusters[at])) return [];
    const rows: Json[] = (await agent.get(`${href}/kubernetes_workloads`)).body;
    return rows.map((one) => ({ ...one, href: names.get(one.href) ?? 'not shown' }));
  });
  // A path that matters: profiles of namespaces that are gone. They wait, and show nothing.
  for (const [at, one] of picture.clusters.entries()) {
    const linked = seen[`profiles ${at}`]?.filter(({ namespace }) => isLinked(one, namespace));
    Object.assign(seen, { [`profiles ${at}`]: linked });
  }
  const everything = { ...seen, explained: await Promise.all(explained), told: (await Promise.all(told)).flat() };
  const named = (key: string, value: Json) => {
    if (HISTORY.has(key)) return undefined;
    if (key === 'errors') return sorted(value);
    if (key === 'external_data_set') return value?.replace(/^[^|]+/, `${cluster(value)}`);
    return names.get(value) ?? value;
  };
  return Object.fromEntries(
    Object.entries<Json[]>(everything).map(([list, rows]) => [list, sorted(JSON.parse(JSON.stringify(rows), named))]),
  );
}

/** In an order of its own, which no other order of the same things leads to. */
const sorted = (rows: Json[]) => rows.toSorted((one, other) => (canonical(one) < canonical(other) ? -1 : 1));
const canonical = (one: Json) => JSON.stringify(one, (_, value) => (isRecord(value) ? ordered(value) : value));
const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const ordered = (record: object) => Object.fromEntries(Object.entries(record).toSorted());

/** The shortest way to a picture: everything said once, in an order of our choice. */
function retold(picture: Picture): Step[] {
  const places = (key: string, labels: Label[]) => labels.map((one) => labelsOfKey(picture, key).indexOf(one));
  return [
    ...picture.labels.map(({ key, value }): Step => ({ do: 'new label', key, value })),
    ...picture.clusters.flatMap((cluster, at): Step[] => {
      const linked = [...cluster.profiles].filter(([namespace]) => isLinked(cluster, namespace));
      const settings = linked.map(([namespace, { options, ...rest }]): Step => {
        const told = options.map(({ key, kind, labels }) => ({ key, kind, labels: places(key, labels) }));
        return { do: 'settings', at, namespace, change: { ...rest, options: told } };
      });
      // What the other kind of agent said before the mode was switched is kept, and shown to nobody.
      const objects: Step[] = isClas(cluster)
        ? [...cluster.workloads.values()].map((one) => ({ do: 'workloads', at, said: [one] }))
        : [{ do: 'pods', at, refresh: true, said: [...cluster.pods.values()] }];
      return [
        { do: 'rename cluster', at, name: cluster.name },
        ...(cluster.report ? [{ do: 'report' as const, at, body: cluster.report }] : []),
        ...settings,
        { do: 'services', at, refresh: true, said: [...cluster.services.values()] },
        ...objects,
        { do: 'label map', at, maps: cluster.labelMap },
      ];
    }),
  ];
}

/** A story ends as the shortest way to its last picture does. @returns what there was to see */
async function expectConvergence(release: Release, story: Story, mapsMakeLabels = false): Promise<Json> {
  const [side, fresh] = [await open(release), await open(release)];
  try {
    await live(side, story, mapsMakeLabels);
    const end = await portrait(side);
    for (const step of retold(side.picture)) await take(fresh, step);
    expect(end).toEqual(await portrait(fresh));
    // Once the agents have acknowledged and applied the policy, it is in force, whatever they did before.
    for (const at of [0, 1]) await take(side, { do: 'enforce', at });
    const states = (await look(side)).workloads?.map((one) => one.security_policy_sync_state);
    expect(states?.filter((state) => state !== 'applied')).toEqual([]);
    expect([...side.bugs, ...fresh.bugs]).toEqual([]);
    return end;
  } finally {
    await Promise.all([side.emulator.close(), fresh.emulator.close()]);
  }
}

const shop = (at: number, pod: Json): Step[] => [
  { do: 'report', at, body: { namespaces: ['shop'] } },
  { do: 'settings', at, namespace: 'shop', change: { managed: true, enforcement_mode: 'full' } },
  { do: 'label map', at, maps: [{ from_key: 'tier', to_key: 'role', allow_create: true, values_map: [] }] },
  { do: 'pods', at, refresh: true, said: [{ uid: '1', name: 'pod', namespace: 'shop', ...pod }] },
];

/**
 * A map that may make labels asks for one value, there is a label with another, and it is renamed. A and a are in
 * each other's way, and then no longer; É and é are two values from the start.
 */
const renamed = (asked: string, there: string): Step[] => [
  { do: 'new label', key: 'role', value: there },
  ...shop(0, { labels: { tier: asked } }),
  { do: 'rename label', label: 0, value: 'b' },
];

/** An annotation in one cluster asks for a label that a map in the other makes. */
const madeElsewhere = [...shop(0, { annotations: { 'com.illumio.role': 'a' } }), ...shop(1, { labels: { tier: 'a' } })];

describe('whatever the order of reports, deletions, and changes of profiles and labels', () => {
  const tally: Record<string, number> = {};
  const count = (end: Json) => {
    for (const [list, rows] of Object.entries<Json[]>(end)) tally[list] = (tally[list] ?? 0) + rows.length;
  };
  /** On a slow machine fewer stories do. A counterexample gets more time, to be made shorter. */
  const during = (seconds: number, check: (story: Story) => Promise<Json>) => {
    let end = Date.now() + seconds * 1000;
    return async (story: Story) => {
      if (Date.now() > end) return;
      await check(story).then(count, (error) => {
        end = Math.max(end, Date.now() + 10_000);
        throw error;
      });
    };
  };

  it('the end is what a fresh report of the last state of the clusters gives', async () => {
    // The last release in which a profile can say "none".
    const converges = during(17, (story) => expectConvergence('24.5', story));
    await fc.assert(fc.asyncProperty(stories(fc.constant(false)), converges), { numRuns: 10 });
  }, 90_000);

  it('where label maps make labels, it is what the same report gives where these labels are', async () => {
    const converges = during(9, (story) => expectConvergence('25.2', story, true));
    const known = [renamed('A', 'a'), renamed('É', 'é'), madeElsewhere].map((steps): [Story] => [[[], steps]]);
    await fc.assert(fc.asyncProperty(stories(fc.boolean()), converges), { numRuns: 7, examples: known });
  }, 90_000);

  it('and there was something to see', () => {
    const lists = ['labels', 'networks', 'drafts', 'backends 0', 'bindings', 'pods', 'workloads', 'explained'];
    expect(lists.filter((list) => !tally[list])).toEqual([]);
  });
});

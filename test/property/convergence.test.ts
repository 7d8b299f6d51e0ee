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

type Sight = Awaited<ReturnType<typeof look>>;

/** What must hold at every moment. */
function expectSound(seen: Sight, { picture, hrefs }: Side): void {
  const listed = (list: string): Json[] => seen[list] ?? [];
  const both = (list: string) => [...listed(`${list} 0`), ...listed(`${list} 1`)];
  const hrefsOf = (list: string) => listed(list).map(({ href }) => href);
  const [drafts, actives, pods] = ['drafts', 'actives', 'pods'].map((list) => new Set(hrefsOf(list)));

  for (const { bound_service, container_workload } of listed('bindings')) {
    expect([bound_service, actives?.has(bound_service.href)]).toEqual([bound_service, true]);
    expect([container_workload, pods?.has(container_workload.href)]).toEqual([container_workload, true]);
  }
  for (const { virtual_service } of both('backends')) {
    expect([virtual_service, drafts?.has(virtual_service.href)]).toEqual([virtual_service, true]);
  }
  const asActive = listed('drafts').map(({ update_type, ...one }) => {
    expect(update_type).toBeNull();
    return { ...one, href: one.href.replace('/draft/', '/active/') };
  });
  expect(listed('actives')).toEqual(asActive);

  // Nothing is shown of a namespace that is gone, or not managed; and everything by its profile.
  const shown = both('profiles').filter(({ linked, managed }) => linked && managed);
  for (const one of [...listed('pods'), ...listed('workloads')]) {
    const { href, enforcement_mode } = shown.find((profile) => profile.href === one.container_workload_profile.href);
    expect(one).toMatchObject({ enforcement_mode, container_workload_profile: { href } });
  }
  const namespaces = shown.map(({ href, namespace }) => `${href.split('/')[4]}|${namespace}`);
  for (const { external_data_set } of listed('drafts')) expect(namespaces).toContain(external_data_set);

  // Labels are those that are there, at most one of a key; none is made but by users and label maps that may.
  const labels = listed('labels').map(({ href, key, value }) => ({ href, key, value }));
  expect(labels).toEqual(picture.labels.map((one) => ({ href: hrefs.get(one), ...one })));
  for (const one of [...listed('drafts'), ...listed('pods'), ...listed('workloads')]) {
    expect(labels).toEqual(expect.arrayContaining(one.labels));
    const keys = one.labels.map(({ key }: Json) => key);
    expect(keys).toEqual([...new Set(keys)]);
  }
}

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

/** É and é are two values, so a map can make the one once the other is there, or no longer there. */
const ACCENTS: Step[] = [
  { do: 'new label', key: 'role', value: 'é' },
  { do: 'report', at: 0, body: { namespaces: ['shop'] } },
  { do: 'settings', at: 0, namespace: 'shop', change: { managed: true, enforcement_mode: 'full' } },
  { do: 'label map', at: 0, maps: [{ from_key: 'tier', to_key: 'role', allow_create: true, values_map: [] }] },
  { do: 'pods', at: 0, refresh: true, said: [{ uid: '1', name: 'pod', namespace: 'shop', labels: { tier: 'É' } }] },
  { do: 'rename label', label: 0, value: 'b' },
];

describe('whatever the order of reports, deletions, and changes of profiles and labels', () => {
  const tally: Record<string, number> = {};
  const count = (end: Json) => {
    for (const [list, rows] of Object.entries<Json[]>(end)) tally[list] = (tally[list] ?? 0) + rows.length;
  };
  // On a slow machine fewer stories do, and a counterexample is shrunk less far.
  const within = (numRuns: number, seconds: number) => ({ numRuns, interruptAfterTimeLimit: seconds * 1000 });

  it('the end is what a fresh report of the last state of the clusters gives', async () => {
    // The last release in which a profile can say "none".
    const converges = async (story: Story) => count(await expectConvergence('24.5', story));
    await fc.assert(fc.asyncProperty(stories(fc.constant(false)), converges), within(25, 18));
  });

  it('where label maps make labels, it is what the same report gives where these labels are', async () => {
    const converges = async (story: Story) => count(await expectConvergence('25.2', story, true));
    await fc.assert(fc.asyncProperty(stories(fc.boolean()), converges), {
      ...within(12, 9),
      examples: [[[[], ACCENTS]]],
    });
  });

  it('and there was something to see', () => {
    const lists = ['labels', 'networks', 'drafts', 'backends 0', 'bindings', 'pods', 'workloads', 'explained'];
    expect(lists.filter((list) => !tally[list])).toEqual([]);
  });
});

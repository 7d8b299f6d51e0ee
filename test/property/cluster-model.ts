import fc from 'fast-check';
import type { Json } from '../support/emulator.ts';

/**
 * What users and agents may do to two clusters of one organisation, as plain data that shrinks and prints well,
 * and the picture that they leave: what is said of each cluster now, as if it had never been said otherwise.
 */
export type Step =
  | { do: 'report'; at: number; body: Json }
  | { do: 'services' | 'pods'; at: number; refresh: boolean; said: Json[] }
  | { do: 'services gone' | 'pods gone' | 'workloads gone'; at: number; uids: string[] }
  | { do: 'workloads'; at: number; said: Json[] }
  | { do: 'workloads change'; at: number; changes: { uid: string; change: Json }[] }
  | { do: 'label map'; at: number; maps: Json[] }
  | { do: 'enforce' | 'new cluster'; at: number }
  | { do: 'rename cluster'; at: number; name: string }
  /** Namespace null: the Default Profile. */
  | { do: 'settings'; at: number; namespace: string | null; change: Change }
  | { do: 'drop profile'; at: number; namespace: string }
  | { do: 'new label'; key: string; value: string }
  | { do: 'rename label'; label: number; value: string }
  | { do: 'delete label'; label: number };

/** What a user says of a profile; what is left out stays. Numbers of labels are places among those of the key. */
export interface Change {
  managed?: boolean;
  enforcement_mode?: string;
  name?: string | null;
  options?: Option<number>[];
}

/** What a profile says of a label key: none, any, this one, one of these. */
export interface Option<L> {
  key: string;
  kind: 'none' | 'any' | 'one' | 'some';
  labels: L[];
}

/** A label of the organisation: the same object for as long as it lives, whatever it is renamed to. */
export interface Label {
  readonly key: string;
  value: string;
}

export interface Settings {
  managed: boolean;
  enforcement_mode: string;
  name: string | null;
  options: Option<Label>[];
}

export interface ClusterPicture {
  name: string;
  /** All that its reports have said, each part as it was said last. */
  report?: Json;
  /** Of the namespaces that were ever there, without those whose profiles were deleted. */
  readonly profiles: Map<string, Settings>;
  template: Settings;
  readonly services: Map<string, Json>;
  readonly pods: Map<string, Json>;
  readonly workloads: Map<string, Json>;
  labelMap: Json[];
}

export interface Picture {
  readonly labels: Label[];
  readonly clusters: ClusterPicture[];
}

export const freshCluster = (at: number): ClusterPicture => ({
  name: `cluster-${at}`,
  profiles: new Map(),
  template: { managed: false, enforcement_mode: 'idle', name: null, options: [] },
  services: new Map(),
  pods: new Map(),
  workloads: new Map(),
  labelMap: [],
});

export const freshPicture = (): Picture => ({ labels: [], clusters: [freshCluster(0), freshCluster(1)] });

export const isClas = ({ report }: ClusterPicture): boolean => report?.cluster_mode === 'clas';
export const isLinked = ({ report }: ClusterPicture, namespace: string): boolean =>
  report?.namespaces?.includes(namespace) ?? false;
export const labelsOfKey = ({ labels }: Picture, key: string): Label[] => labels.filter((one) => one.key === key);
export const uidOf = ({ kind, namespace, name }: Json): string => `${kind}/${namespace}/${name}`;
/** As the PCE compares labels: ASCII letters without case. */
export const caseless = (value: string): string => value.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** An agent that has lost its own cluster shows no nodes; they come back only when they are reported anew. */
export const hearReport = (cluster: ClusterPicture, body: Json): void => {
  cluster.report = { ...cluster.report, ...body };
  if (cluster.report.errors?.length > 0) cluster.report.nodes = [];
  for (const namespace of cluster.report.namespaces ?? []) {
    // A path that matters: a namespace starts with what the Default Profile says when it is first seen, or seen
    // again after its profile was deleted. The picture keeps what that was.
    if (!cluster.profiles.has(namespace)) cluster.profiles.set(namespace, { ...cluster.template, name: null });
  }
};

// Few of everything, so that wishes, labels, options and objects meet often.
const key = fc.constantFrom('app', 'role');
const often = (...values: string[]) => fc.constantFrom(...values, 'a', 'b', 'a', 'b');
// Equal but for case, by ASCII and beyond; and what SQL, JSON and patterns could trip over.
const value = often('A', 'é', 'É', '5%_"\\');
const namespace = fc.constantFrom('shop', 'bank');
const at = fc.nat(1);
const some = <T>(one: fc.Arbitrary<T>, minLength = 0) => fc.array(one, { minLength, maxLength: 3 });
const uid = fc.constantFrom('1', '2', '3');
const hash = fc.record({ kind: fc.constant('replicasethash'), name: fc.constantFrom('x', 'x', 'y') });
const annotations = fc
  .dictionary(key, value, { maxKeys: 2, noNullPrototype: true })
  .map((wishes) => Object.fromEntries(Object.entries(wishes).map(([of, one]) => [`com.illumio.${of}`, one])));
const tiers = fc.dictionary(fc.constantFrom('tier', 'team'), often('A', 'É', ''), { noNullPrototype: true });
const ips = fc.subarray(['10.1.0.1', '10.1.0.2']);

const PORTS = [
  { port: 80, protocol: 6 },
  { port: 53, protocol: 17, node_port: 30053 },
];
const service: fc.Arbitrary<Json> = fc.record({
  uid,
  name: fc.constantFrom('web', 'db'),
  namespace,
  service_type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
  service_ports: fc.oneof(fc.subarray(PORTS), { arbitrary: fc.subarray(PORTS, { minLength: 1 }), weight: 3 }),
  ip_addresses: ips,
  annotations,
  labels: tiers,
  backends: fc.uniqueArray(hash, { selector: ({ name }) => name, size: 'max', maxLength: 2 }),
});

const pod: fc.Arbitrary<Json> = fc
  .record({
    uid,
    namespace,
    controller: fc.option(hash, { freq: 8 }),
    host_network: fc.constantFrom(false, false, false, true),
    ip_addresses: ips,
    labels: tiers,
    annotations,
  })
  .map((one) => ({ ...one, name: `pod-${one.uid}` }));

const name = fc.record({
  kind: fc.constantFrom('Deployment', 'DaemonSet'),
  namespace,
  name: fc.constantFrom('w', 'v'),
});
const observed = annotations.chain((one) =>
  fc.constantFrom(one, { ...one, 'meta.illumio.podIPObservability': 'true' }),
);
const metadata = fc.record({ labels: tiers, annotations: observed, external_service_uid: fc.option(uid) });
const workload: fc.Arbitrary<Json> = fc
  .record({ of: name, metadata, private_ip_addresses: ips })
  .map(({ of, ...rest }) => ({ ...of, ...rest }));
const workloadChange: fc.Arbitrary<Json> = fc.record(
  {
    metadata: fc.record({ labels: tiers, annotations: observed, external_service_uid: uid }, { requiredKeys: [] }),
    private_ip_addresses: ips,
  },
  { requiredKeys: [] },
);

const report = (mode: fc.Arbitrary<string>): fc.Arbitrary<Json> =>
  fc.record(
    {
      cluster_mode: mode,
      namespaces: fc.oneof(
        { arbitrary: fc.constant(['bank', 'shop']), weight: 2 },
        fc.shuffledSubarray(['shop', 'bank']),
      ),
      // Machine ids that the clusters have in common, and one that a cluster has twice.
      nodes: fc.uniqueArray(
        fc.record({ name: fc.constantFrom('n1', 'n2', 'n3'), machine_id: fc.constantFrom('m1', 'm2', 'm3', null) }),
        { selector: (node) => node.name },
      ),
      errors: fc.constantFrom([], [], [], [{ error_type: 'kubernetes_connection_failed' }]),
    },
    { requiredKeys: [] },
  );
// The first cluster is mostly a legacy one, the second mostly in CLAS mode.
const reports = fc.oneof(
  fc.record({ do: fc.constant('report'), at: fc.constant(0), body: report(often4('legacy', 'clas')) }),
  fc.record({ do: fc.constant('report'), at: fc.constant(1), body: report(often4('clas', 'legacy')) }),
);
function often4(mostly: string, seldom: string) {
  return fc.constantFrom(mostly, mostly, mostly, mostly, seldom);
}

const labels = fc.array(fc.nat(2), { minLength: 1, maxLength: 2 });
const option: fc.Arbitrary<Option<number>> = fc.record({
  key,
  kind: fc.constantFrom('none', 'any', 'one', 'some'),
  labels,
});
const change: fc.Arbitrary<Change> = fc.record(
  {
    managed: fc.constantFrom(true, true, true, true, false),
    enforcement_mode: fc.constantFrom('visibility_only', 'full', 'visibility_only', 'full', 'idle'),
    name: fc.option(fc.constantFrom('gold', 'silver')),
    options: fc.uniqueArray(option, { selector: (one) => one.key }),
  },
  { requiredKeys: [] },
);

/** Any step. @param allowCreate whether label maps may make labels */
function steps(allowCreate: fc.Arbitrary<boolean>): fc.Arbitrary<Step> {
  const mapping = fc.record({
    from_key: fc.constantFrom('tier', 'team'),
    to_key: key,
    allow_create: allowCreate,
    values_map: some(fc.record({ from: often('A', ''), to: value })),
  });
  const refresh = fc.boolean();
  const uids = some(uid, 1);
  const step = (weight: number, what: Step['do'], parts: Record<string, fc.Arbitrary<unknown>>) => ({
    weight,
    arbitrary: fc.record({ do: fc.constant(what), ...parts }) as fc.Arbitrary<unknown> as fc.Arbitrary<Step>,
  });
  return fc.oneof(
    { weight: 8, arbitrary: reports as fc.Arbitrary<Step> },
    step(14, 'services', { at, refresh, said: some(service, 1) }),
    step(2, 'services gone', { at, uids }),
    step(9, 'pods', { at: fc.constantFrom(0, 0, 0, 1), refresh, said: some(pod, 1) }),
    step(2, 'pods gone', { at, uids }),
    step(9, 'workloads', { at: fc.constantFrom(0, 1, 1, 1), said: some(workload, 1) }),
    step(3, 'workloads change', { at, changes: some(fc.record({ uid: name.map(uidOf), change: workloadChange }), 1) }),
    step(2, 'workloads gone', { at, uids: some(name.map(uidOf), 1) }),
    step(4, 'label map', { at, maps: some(mapping) }),
    step(2, 'enforce', { at }),
    step(2, 'new cluster', { at }),
    step(2, 'rename cluster', { at, name: fc.constantFrom('east', 'west') }),
    step(9, 'settings', { at, namespace: fc.option(namespace, { freq: 8 }), change }),
    step(3, 'drop profile', { at, namespace }),
    step(5, 'new label', { key, value }),
    step(4, 'rename label', { label: fc.nat(5), value }),
    step(2, 'delete label', { label: fc.nat(5) }),
  );
}

const wishes = { annotations: { 'com.illumio.app': 'a', 'com.illumio.role': 'b' }, labels: { tier: 'a', team: 'b' } };
const backends = [{ kind: 'replicasethash', name: 'x' }];
const both = <T>(make: (namespace: string, uid: string) => T) => [make('bank', '1'), make('shop', '2')];
const nodes = [{ name: 'n1', machine_id: 'm1' }];
const OPENING: Step[] = [
  ...['app', 'role'].flatMap((of) => ['a', 'b'].map((one): Step => ({ do: 'new label', key: of, value: one }))),
  ...['legacy', 'clas'].flatMap((cluster_mode, cluster): Step[] => {
    const service_ports = PORTS.slice(cluster);
    const services = both((where, which) => {
      const named = { uid: which, name: 'web', namespace: where, service_type: 'NodePort', service_ports };
      return { ...named, ...wishes, backends };
    });
    return [
      { do: 'report', at: cluster, body: { cluster_mode, nodes, namespaces: ['bank', 'shop'] } },
      ...both((where): Step => {
        return { do: 'settings', at: cluster, namespace: where, change: { managed: true, enforcement_mode: 'full' } };
      }),
      { do: 'services', at: cluster, refresh: false, said: services },
    ];
  }),
  {
    do: 'pods',
    at: 0,
    refresh: false,
    said: both((where, which) => {
      return { uid: which, name: `pod-${which}`, namespace: where, controller: backends[0], ...wishes };
    }),
  },
  {
    do: 'workloads',
    at: 1,
    said: both((where) => ({ name: 'w', kind: 'Deployment', namespace: where, metadata: wishes })),
  },
];

/** How things were to begin with, mostly with all there is to see; and what happens then. */
export type Story = readonly [opening: Step[], steps: Step[]];

export const stories = (allowCreate: fc.Arbitrary<boolean>): fc.Arbitrary<Story> =>
  fc
    .tuple(
      fc.oneof(fc.subarray(OPENING), { arbitrary: fc.constant(OPENING), weight: 3 }),
      fc.array(steps(allowCreate), { minLength: 5, maxLength: 25, size: 'max' }),
    )
    .map((story) => JSON.parse(JSON.stringify(story))); // Plain objects print well.

import type { Collection, Document, Reference } from '../contract/collection.ts';
import type { Labelling, NamespaceState, SaidPod, Wanted } from './agent/namespace-state.ts';
import type { Reported } from './agent/reported.ts';
import { resolved } from './labels.ts';

/** The link of a workload to the cluster that it runs in. */
export const inCluster: Reference = {
  to: 'container_clusters',
  edges: ({ container_cluster }) => [{ role: 'container_cluster', to: (container_cluster as { href: string }).href }],
  vanishes: true,
};

/** The pods of managed namespaces, of clusters in legacy mode. */
export const containerWorkloads: Collection = {
  name: 'container_workloads',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/container_workloads#item',
  keys: {
    name: '$.name',
    namespace: '$.namespace',
    enforcement_mode: '$.enforcement_mode',
    visibility_level: '$.visibility_level',
    container_cluster: '$.container_cluster.href',
    href: '$.href',
    container_host: '$.container_host.href',
    ven: '$.ven.href',
    external_data_set: '$.external_data_set',
    external_data_reference: '$.external_data_reference',
  },
  factKeys: { origin: '$.origin', asked: '$.asked' },
  indexed: ['origin', 'container_cluster'],
  references: [resolved, inCluster],
};

/** What any workload shows of their profile and their cluster. */
export function standing({ cluster, profile = {} }: NamespaceState): Document {
  const { href, name, enforcement_mode, visibility_level } = profile;
  return {
    enforcement_mode,
    visibility_level,
    container_workload_profile: name === undefined ? { href } : { href, name },
    container_cluster: { href: cluster.href, name: cluster.name },
  };
}

/** The container workload of a reported pod. */
export function containerWorkloadOf(
  { said, shown_as }: Reported<SaidPod>,
  state: NamespaceState,
  by: Labelling,
): Wanted {
  const document = {
    href: shown_as,
    name: said.name,
    namespace: state.namespace,
    labels: by.labels,
    ...standing(state),
    interfaces: (said.ip_addresses ?? []).map((address, index) => ({ name: `eth${index}`, address })),
  };
  return { href: shown_as, document, asked: by.asked };
}

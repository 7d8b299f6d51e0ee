import type { Collection, Document } from '../contract/collection.ts';
import { digest } from '../kernel/secrets.ts';
import type { Labelling, NamespaceState, SaidService, SaidWorkload, Wanted } from './agent/namespace-state.ts';
import type { Reported } from './agent/reported.ts';
import { inCluster, standing } from './container-workloads.ts';
import type { LabelQuote } from './label-options.ts';
import { resolved } from './labels.ts';
import { activeHref } from './policy/policy-object.ts';
import { virtualServiceName } from './virtual-services.ts';

/** The controllers (Deployments …) and services in managed namespaces, of clusters in CLAS mode. */
export const kubernetesWorkloads: Collection = {
  name: 'kubernetes_workloads',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/kubernetes_workloads#item',
  keys: {
    name: '$.name',
    kind: '$.kind',
    namespace: '$.namespace',
    enforcement_mode: '$.enforcement_mode',
    visibility_level: '$.visibility_level',
    container_cluster: '$.container_cluster.href',
    security_policy_sync_state: '$.security_policy_sync_state',
    security_policy_applied_at: '$.security_policy_applied_at',
    first_label: '$.labels[0].href',
  },
  factKeys: { origin: '$.origin', asked: '$.asked' },
  indexed: ['origin', 'container_cluster'],
  references: [resolved, inCluster],
};

const POD_IPS = 'meta.illumio.podIPObservability';

/** The Kubernetes workload of a reported one. @param services those of its namespace that became virtual services */
export function kubernetesWorkloadOf(
  workload: Reported<SaidWorkload>,
  services: readonly Reported<SaidService>[],
  state: NamespaceState,
  by: Labelling,
): Wanted {
  const { said, shown_as, policy } = workload;
  const { labels = {}, annotations = {}, external_service_uid = null } = said.metadata ?? {};
  const service = services.find(({ uid }) => uid === external_service_uid);
  const shared = standing(state);
  const inForce = policy?.applied === policyOf({ ...shared, labels: by.labels });
  const document = {
    href: shown_as,
    name: said.name,
    kind: said.kind,
    namespace: state.namespace,
    labels: by.labels,
    ...shared,
    security_policy_applied_at: policy?.applied_at ?? null,
    security_policy_sync_state: inForce ? 'applied' : 'syncing',
    metadata: { labels, annotations, external_service_uid },
    private_ip_addresses: POD_IPS in annotations ? (said.private_ip_addresses ?? []) : [],
    ...(service && {
      container_cluster_service: {
        href: activeHref(service.shown_as),
        name: virtualServiceName(service.said, state),
      },
    }),
  };
  return { href: shown_as, document, asked: by.asked };
}

/** The fingerprint of what a workload is to enforce. */
export function policyOf(workload: Document): string {
  const labels = (workload.labels as LabelQuote[]).map(({ href }) => href);
  return digest(JSON.stringify([labels, workload.enforcement_mode, workload.visibility_level]));
}

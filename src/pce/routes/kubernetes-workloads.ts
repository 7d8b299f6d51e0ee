import type { Condition, Document } from '../../contract/collection.ts';
import type { Route } from '../../contract/route.ts';
import { between, equalsOf, item, labelledWith, list, partsOf } from '../collections.ts';
import { kubernetesWorkloads } from '../kubernetes-workloads.ts';

const common = {
  admits: ['user'] as const,
  evidence: 'documented' as const,
  source: 'API schemas 25.2.10, kubernetes_workloads',
  feature: 'kubernetes_workloads',
};

function where(query: Document): Condition[] {
  const { container_clusters: clusters, no_labels } = query;
  return [
    ...partsOf(query, 'name', 'namespace'),
    ...equalsOf(query, 'kind', 'enforcement_mode', 'visibility_level', 'security_policy_sync_state'),
    ...(clusters === undefined ? [] : [{ key: 'container_cluster', oneOf: clusters as string[] }]),
    ...(no_labels === true ? [{ key: 'first_label', is: null }] : []),
    ...between(query, 'security_policy_applied_at'),
    ...labelledWith(query.labels, 'label'),
  ];
}

export const kubernetesWorkloadRoutes: Route[] = [
  {
    ...common,
    id: 'kubernetes_workloads.list',
    method: 'GET',
    path: '/orgs/{org_id}/kubernetes_workloads',
    summary: 'List the Kubernetes workloads of managed namespaces, of clusters in CLAS mode',
    query: 'pce/kubernetes_workloads#query',
    replies: { 200: 'pce/kubernetes_workloads#list', 202: null },
    handle: list(kubernetesWorkloads, { select: (query) => ({ where: where(query) }) }),
  },
  {
    ...common,
    id: 'kubernetes_workloads.get',
    method: 'GET',
    path: '/orgs/{org_id}/kubernetes_workloads/{kubernetes_workload_id}',
    summary: 'Get a Kubernetes workload',
    replies: { 200: 'pce/kubernetes_workloads#item' },
    handle: item(kubernetesWorkloads),
  },
];

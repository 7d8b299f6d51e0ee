import type { Condition, Document, World } from '../../contract/collection.ts';
import type { Route } from '../../contract/route.ts';
import { equalsOf, item, labelledWith, list, partsOf } from '../collections.ts';
import { containerWorkloads } from '../container-workloads.ts';
import { thoseThat } from '../policy/policy-object.ts';

const common = {
  admits: ['user'] as const,
  evidence: 'inferred' as const,
  source: 'routes and filters from the API schemas 25.2.10, where the object is not published',
};

const hrefsIn = (key: string, hrefs: unknown): Condition[] =>
  hrefs === undefined ? [] : [{ key, oneOf: hrefs as string[] }];

function where(query: Document, world: World, org: string): Condition[] {
  const address = (query.ip_address as string | undefined)?.toLowerCase();
  const isAt = ({ interfaces }: Document) =>
    (interfaces as { address: string }[]).some((one) => one.address.toLowerCase().includes(String(address)));
  return [
    ...partsOf(query, 'name', 'namespace'),
    ...(address === undefined ? [] : [thoseThat(world.table(containerWorkloads), org, isAt)]),
    ...equalsOf(query, 'enforcement_mode', 'visibility_level', 'ven', 'external_data_set', 'external_data_reference'),
    ...hrefsIn('container_cluster', query.container_clusters),
    ...hrefsIn('container_host', query.container_hosts),
    ...labelledWith(query.labels, 'label'),
  ];
}

export const containerWorkloadRoutes: Route[] = [
  {
    ...common,
    id: 'container_workloads.list',
    method: 'GET',
    path: '/orgs/{org_id}/container_workloads',
    summary: 'List the pods of managed namespaces, of clusters in legacy mode',
    query: 'pce/container_workloads#query',
    replies: { 200: 'pce/container_workloads#list', 202: null },
    handle: list(containerWorkloads, { select: (...asked) => ({ where: where(...asked) }) }),
  },
  {
    ...common,
    id: 'container_workloads.get',
    method: 'GET',
    path: '/orgs/{org_id}/container_workloads/{container_workload_id}',
    summary: 'Get a container workload',
    replies: { 200: 'pce/container_workloads#item' },
    handle: item(containerWorkloads),
  },
];

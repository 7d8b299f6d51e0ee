import type { Condition, Document } from '../../contract/collection.ts';
import type { Route } from '../../contract/route.ts';
import { equalsOf, item, labelledWith, list, partsOf } from '../collections.ts';
import { workloads } from '../workloads.ts';

const common = {
  admits: ['user'] as const,
  evidence: 'documented' as const,
  source: 'API schemas 25.2.10, workloads; the fields of a node alone',
};

function where(query: Document): Condition[] {
  return [
    ...partsOf(query, 'name', 'hostname'),
    ...equalsOf(query, 'managed', 'enforcement_mode', 'visibility_level'),
    ...labelledWith(query.labels, 'label'),
  ];
}

export const workloadRoutes: Route[] = [
  {
    ...common,
    id: 'workloads.list',
    method: 'GET',
    path: '/orgs/{org_id}/workloads',
    summary: 'List the hosts: the nodes of clusters whose agents have paired',
    query: 'pce/workloads#query',
    replies: { 200: 'pce/workloads#list', 202: null },
    handle: list(workloads, { select: (query) => ({ where: where(query) }) }),
  },
  {
    ...common,
    id: 'workloads.get',
    method: 'GET',
    path: '/orgs/{org_id}/workloads/{workload_id}',
    summary: 'Get a workload',
    replies: { 200: 'pce/workloads#item' },
    handle: item(workloads),
  },
];

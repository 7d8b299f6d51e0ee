import type { Condition, Document } from '../../contract/collection.ts';
import type { Route } from '../../contract/route.ts';
import { equalsOf, item, list } from '../collections.ts';
import { serviceBindings } from '../service-bindings.ts';
import { activeHref } from '../policy/policy-object.ts';

const common = {
  admits: ['user'] as const,
  evidence: 'documented' as const,
  source: 'API schemas 25.2.10, service_bindings',
};

function where(query: Document): Condition[] {
  const { virtual_service, workload } = query as Record<string, string | undefined>;
  // One parameter for both kinds of workloads (inferred): an href tells which it is.
  const end = workload?.includes('/container_workloads/') ? 'container_workload' : 'workload';
  return [
    ...equalsOf(query, 'external_data_set', 'external_data_reference'),
    ...(virtual_service === undefined ? [] : [{ key: 'virtual_service', is: activeHref(virtual_service) }]),
    ...(workload === undefined ? [] : [{ key: end, is: workload }]),
  ];
}

export const serviceBindingRoutes: Route[] = [
  {
    ...common,
    id: 'service_bindings.list',
    method: 'GET',
    path: '/orgs/{org_id}/service_bindings',
    summary: 'List which workloads stand behind which virtual services',
    query: 'pce/service_bindings#query',
    replies: { 200: 'pce/service_bindings#list', 202: null },
    handle: list(serviceBindings, { select: (query) => ({ where: where(query) }) }),
  },
  {
    ...common,
    id: 'service_bindings.get',
    method: 'GET',
    path: '/orgs/{org_id}/service_bindings/{service_binding_id}',
    summary: 'Get a service binding',
    replies: { 200: 'pce/service_bindings#item' },
    handle: item(serviceBindings),
  },
];

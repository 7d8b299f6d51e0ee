import type { Route } from '../../contract/route.ts';
import { list } from '../collections.ts';
import { serviceBackends } from '../service-backends.ts';

export const serviceBackendRoutes: Route[] = [
  {
    id: 'service_backends.list',
    method: 'GET',
    path: '/orgs/{org_id}/container_clusters/{container_cluster_id}/service_backends',
    summary: 'List which controllers stand behind the services of a cluster',
    admits: ['user'],
    evidence: 'documented',
    source: 'Core 22.2 REST API reference, Container Clusters',
    query: 'pce/service_backends#query',
    replies: { 200: 'pce/service_backends#list', 202: null },
    handle: list(serviceBackends),
  },
];

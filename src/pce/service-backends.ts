import type { Collection } from '../contract/collection.ts';
import type { Route } from '../contract/route.ts';
import { list } from './collections.ts';

export const serviceBackends: Collection = {
  name: 'service_backends',
  parent: 'container_clusters',
  id: 'uuid',
  schema: 'pce/service_backends#item',
};

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

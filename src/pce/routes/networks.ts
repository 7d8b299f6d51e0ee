import type { Route } from '../../contract/route.ts';
import { item, list, partsOf } from '../collections.ts';
import { networks } from '../networks.ts';

const common = {
  admits: ['user'] as const,
  evidence: 'inferred' as const,
  source: 'API schemas 25.2.10; that each cluster has a network of its own is documented (Containers, concepts)',
};

export const networkRoutes: Route[] = [
  {
    ...common,
    id: 'networks.list',
    method: 'GET',
    path: '/orgs/{org_id}/networks',
    summary: 'List the networks',
    query: 'pce/networks#query',
    replies: { 200: 'pce/networks#list', 202: null },
    handle: list(networks, { select: (query) => ({ where: partsOf(query, 'name') }) }),
  },
  {
    ...common,
    id: 'networks.get',
    method: 'GET',
    path: '/orgs/{org_id}/networks/{network_id}',
    summary: 'Get a network',
    replies: { 200: 'pce/networks#item' },
    handle: item(networks),
  },
];

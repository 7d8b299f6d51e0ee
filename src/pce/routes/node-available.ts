import type { Route } from '../../contract/route.ts';

export const nodeAvailableRoutes: Route[] = [
  {
    id: 'node_available.get',
    method: 'GET',
    path: '/node_available',
    summary: 'Tell a load balancer that this node is well, by the status alone',
    admits: ['nobody'],
    evidence: 'observed',
    source: 'a PCE 25.2.40 answers 200 without credentials; a page of Core 24.2 says 202; that it has no body is ours',
    replies: { 200: null },
    handle: () => ({ status: 200 }),
  },
];

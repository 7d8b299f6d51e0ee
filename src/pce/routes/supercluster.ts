import type { Route } from '../../contract/route.ts';

export const superclusterRoutes: Route[] = [
  {
    id: 'supercluster.leader',
    method: 'GET',
    path: '/supercluster/leader',
    summary: 'Tell a load balancer that this PCE leads, by the status alone; the only one does',
    admits: ['nobody'],
    evidence: 'documented',
    source: 'API schemas 25.2.10; a page of Core 24.2 says 202; that it has no body is ours',
    replies: { 200: null },
    handle: () => ({ status: 200 }),
  },
];

import type { Route } from '../../contract/route.ts';

export const noopRoutes: Route[] = [
  {
    id: 'noop.get',
    method: 'GET',
    path: '/noop',
    summary: 'Do nothing, for those who may ask for it: credentials can be tried here',
    admits: ['user'],
    evidence: 'documented',
    source: 'API schemas 25.2.10, noop',
    replies: { 200: 'pce/noop#item' },
    handle: () => ({ status: 200, body: {} }),
  },
];

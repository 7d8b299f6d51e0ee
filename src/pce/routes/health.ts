import type { Route } from '../../contract/route.ts';
import { health } from '../health.ts';

export const healthRoutes: Route[] = [
  {
    id: 'health.get',
    method: 'GET',
    path: '/health',
    summary: 'Tell how the PCE and its nodes are',
    admits: ['user'],
    evidence: 'documented',
    source: 'Core REST API reference, PCE Health; API schemas 25.2.20',
    replies: { 200: 'pce/health#list' },
    handle: (_request, world) => ({ status: 200, body: [health(world)] }),
  },
];

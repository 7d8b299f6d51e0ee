import type { Route } from '../../../contract/route.ts';
import { authKeyOf } from '../../agent/clas-auth-key.ts';
import { factsOf } from '../../container-clusters.ts';
import { agentRoute, CLUSTER, requireClasMode, speakerOf } from './route.ts';

export const clasRoutes: Route[] = [
  {
    ...agentRoute,
    id: 'container_clusters.clas_auth_public_key',
    method: 'GET',
    path: `${CLUSTER}/clas_auth_public_key`,
    summary: 'An agent in CLAS mode reads the key by which the PCE signs',
    feature: 'kubernetes_workloads',
    replies: { 200: 'pce/agent/clas#public_key' },
    refuses: [406],
    handle(request, world) {
      requireClasMode(request, world);
      return { status: 200, body: { public_key: authKeyOf(world, speakerOf(request).org) } };
    },
  },
  {
    ...agentRoute,
    id: 'container_clusters.support_report_info',
    method: 'GET',
    path: `${CLUSTER}/support_report_info`,
    summary: 'An agent asks whether a support report is wanted',
    replies: { 200: 'pce/agent/clas#support_report_info' },
    handle(request, world) {
      const { support_report_requested_at = null } = factsOf(world, speakerOf(request).cluster);
      return { status: 200, body: { requested_at: support_report_requested_at } };
    },
  },
];

import { emulatorRoute, NO_CONTENT, type Route } from '../../../contract/route.ts';
import { type ClusterFacts, containerClusters, factsOf } from '../../container-clusters.ts';
import { CLUSTER, clusterAt } from './route.ts';

export const supportReportRoutes: Route[] = [
  {
    ...emulatorRoute,
    id: 'emulator.support_report',
    method: 'PUT',
    path: `${CLUSTER}/support_report`,
    summary: 'Ask for a support report of a cluster, or no longer: its agent sees it in support_report_info',
    body: 'emulator/support_report#update',
    replies: { 204: null },
    handle(request, world) {
      const href = clusterAt(request, world);
      const { support_report_requested_at: _before, ...rest } = factsOf(world, href);
      const facts: ClusterFacts = request.body.requested
        ? { ...rest, support_report_requested_at: world.clock.timestamp() }
        : rest;
      const table = world.table(containerClusters);
      table.replace(href, table.get(href) ?? {}, { ...facts });
      return NO_CONTENT;
    },
  },
];

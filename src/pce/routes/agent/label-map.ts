import { NO_CONTENT, type Route } from '../../../contract/route.ts';
import { placesOf } from '../../agent/places.ts';
import { reconcile } from '../../agent/reconciliation.ts';
import { existing } from '../../collections.ts';
import { type ClusterFacts, containerClusters, factsOf } from '../../container-clusters.ts';
import { recordEvent } from '../../events.ts';
import { agentRoute, CLUSTER, speakerOf } from './route.ts';

export const labelMapRoutes: Route[] = [
  {
    ...agentRoute,
    id: 'container_clusters.label_map',
    method: 'PUT',
    path: `${CLUSTER}/label_map`,
    summary: 'An agent replaces the mappings from labels in Kubernetes to labels of the PCE',
    feature: 'cluster_label_map',
    body: 'pce/agent/label_map#update',
    replies: { 204: null },
    handle(request, world) {
      const { org, cluster: href } = speakerOf(request);
      const label_map = request.body as unknown as NonNullable<ClusterFacts['label_map']>;
      const cluster = existing(containerClusters, request, world, href);
      world.table(containerClusters).replace(href, cluster, { ...factsOf(world, href), label_map });
      recordEvent(request, world, org, { event_type: 'container_cluster.update_label_map' });
      reconcile(request, world, placesOf(world, href));
      return NO_CONTENT;
    },
  },
];

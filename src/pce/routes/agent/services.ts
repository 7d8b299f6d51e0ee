import type { Document, World } from '../../../contract/collection.ts';
import { NO_CONTENT, type Request, type Route } from '../../../contract/route.ts';
import { placesIn } from '../../agent/places.ts';
import { reconcile } from '../../agent/reconciliation.ts';
import { forget, forgetOthers, hear } from '../../agent/reported.ts';
import { recordEvent } from '../../events.ts';
import { virtualServices } from '../../virtual-services.ts';
import { agentRoute, CLUSTER, speakerOf } from './route.ts';

interface Named {
  readonly uid: string;
  readonly namespace: string;
}

/** Event and consequences of a change in some namespaces. */
function conclude(request: Request, world: World, namespaces: ReadonlySet<string>): void {
  const { org, cluster } = speakerOf(request);
  recordEvent(request, world, org, { event_type: 'container_cluster.update_services' });
  reconcile(request, world, placesIn(cluster, namespaces));
}

export const clusterServiceRoutes: Route[] = [
  {
    ...agentRoute,
    id: 'container_clusters.services',
    method: 'PUT',
    path: `${CLUSTER}/services`,
    summary: 'An agent reports the services of its cluster',
    query: 'pce/agent/services#query',
    body: 'pce/agent/services#update',
    replies: { 204: null },
    handle(request, world) {
      const { cluster } = speakerOf(request);
      const services = request.body as unknown as (Named & Document)[];
      const sayings = services.map(({ uid, namespace, ...said }) => ({ uid, namespace, said }));
      const { namespaces } = hear(world, cluster, 'service', sayings, virtualServices);
      if (request.query.refresh === true) {
        const kept = new Set(services.map(({ uid }) => uid));
        for (const namespace of forgetOthers(world, cluster, 'service', kept)) namespaces.add(namespace);
      }
      conclude(request, world, namespaces);
      return NO_CONTENT;
    },
  },
  {
    ...agentRoute,
    id: 'container_clusters.services_delete',
    method: 'PUT',
    path: `${CLUSTER}/services/delete`,
    summary: 'An agent reports that services of its cluster are gone',
    body: 'pce/agent/services#delete',
    replies: { 204: null },
    handle(request, world) {
      const services = request.body as unknown as Named[];
      const { cluster } = speakerOf(request);
      const gone = forget(
        world,
        cluster,
        'service',
        services.map(({ uid }) => uid),
      );
      conclude(request, world, gone);
      return NO_CONTENT;
    },
  },
];

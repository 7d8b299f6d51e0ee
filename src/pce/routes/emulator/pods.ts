import type { Document } from '../../../contract/collection.ts';
import { emulatorRoute, NO_CONTENT, type Route } from '../../../contract/route.ts';
import { placesIn } from '../../agent/places.ts';
import { reconcile } from '../../agent/reconciliation.ts';
import { forget, forgetOthers, hear } from '../../agent/reported.ts';
import { factsOf } from '../../container-clusters.ts';
import { containerWorkloads } from '../../container-workloads.ts';
import { CLUSTER, clusterAt, clusterInClasMode } from './route.ts';

interface Named extends Document {
  readonly uid: string;
  readonly namespace: string;
}

export const podRoutes: Route[] = [
  {
    ...emulatorRoute,
    id: 'emulator.pods',
    method: 'PUT',
    path: `${CLUSTER}/pods`,
    summary: 'Report pods of a cluster in legacy mode, as its node agents would',
    query: 'pce/agent/services#query',
    body: 'emulator/pods#update',
    replies: { 204: null },
    refuses: [409],
    handle(request, world) {
      const cluster = clusterAt(request, world);
      if (factsOf(world, cluster).mode === 'clas') throw clusterInClasMode();
      const pods = request.body as unknown as Named[];
      const sayings = pods.map(({ uid, namespace, ...said }) => ({ uid, namespace, said }));
      const { namespaces } = hear(world, cluster, 'pod', sayings, containerWorkloads);
      if (request.query.refresh === true) {
        const kept = new Set(pods.map(({ uid }) => uid));
        for (const namespace of forgetOthers(world, cluster, 'pod', kept)) namespaces.add(namespace);
      }
      reconcile(request, world, placesIn(cluster, namespaces));
      return NO_CONTENT;
    },
  },
  {
    ...emulatorRoute,
    id: 'emulator.pods_delete',
    method: 'PUT',
    path: `${CLUSTER}/pods/delete`,
    summary: 'Report that pods are gone',
    body: 'pce/agent/services#delete',
    replies: { 204: null },
    handle(request, world) {
      const cluster = clusterAt(request, world);
      const uids = (request.body as unknown as Named[]).map(({ uid }) => uid);
      reconcile(request, world, placesIn(cluster, forget(world, cluster, 'pod', uids)));
      return NO_CONTENT;
    },
  },
];

import type { Document, World } from '../../../contract/collection.ts';
import { NO_CONTENT, type Request, type Route } from '../../../contract/route.ts';
import { placesIn } from '../../agent/places.ts';
import { reconcile } from '../../agent/reconciliation.ts';
import { forget, hear, type Reported, reported, reportedOf, type Saying } from '../../agent/reported.ts';
import { recordEvent } from '../../events.ts';
import { kubernetesWorkloads } from '../../kubernetes-workloads.ts';
import { invalidKubernetesWorkload } from '../../problems.ts';
import { agentRoute, CLUSTER, requireClasMode, speakerOf } from './route.ts';

interface SaidWorkload extends Document {
  readonly name: string;
  readonly kind: string;
  readonly namespace: string;
}

/** Names are unique within their kind and namespace, and outlive a deletion and a new creation. */
const uidOf = ({ kind, namespace, name }: SaidWorkload) => JSON.stringify([kind, namespace, name]);

function conclude(request: Request, world: World, event: string, namespaces: ReadonlySet<string>): void {
  const { org, cluster } = speakerOf(request);
  recordEvent(request, world, org, { event_type: `container_cluster.kubernetes_workloads_${event}` });
  reconcile(request, world, placesIn(cluster, namespaces));
}

/** The reported workload at an href that the agent was given. */
function ownWorkload(world: World, cluster: string, href: string): Reported | undefined {
  const found = world.table(reported).lookup({ shown_as: href });
  return found?.href.startsWith(`${cluster}/reported_objects/workload/`)
    ? (found.document as unknown as Reported)
    : undefined;
}

const workloadRoute = { ...agentRoute, feature: 'kubernetes_workloads' };

export const clusterWorkloadRoutes: Route[] = [
  {
    ...workloadRoute,
    id: 'container_clusters.kubernetes_workloads',
    method: 'GET',
    path: `${CLUSTER}/kubernetes_workloads`,
    summary: 'An agent reads what it has reported, and what became of it',
    query: 'pce/agent/kubernetes_workloads#query',
    replies: { 200: 'pce/agent/kubernetes_workloads#list' },
    handle(request, world) {
      const { cluster } = speakerOf(request);
      const all = reportedOf(world, cluster, 'workload');
      // No cap: an agent cannot come back for a job, and must know all it has said.
      const limit = (request.query.max_results as number | undefined) ?? all.length;
      const rows = all.slice(0, limit).map(({ shown_as, namespace, said }) => {
        const { name, kind, metadata } = said;
        return world.table(kubernetesWorkloads).get(shown_as) ?? { href: shown_as, name, kind, namespace, metadata };
      });
      return { status: 200, headers: { 'X-Total-Count': String(all.length) }, body: rows };
    },
  },
  {
    ...workloadRoute,
    id: 'container_clusters.kubernetes_workloads_bulk_create',
    method: 'POST',
    path: `${CLUSTER}/kubernetes_workloads/bulk_create`,
    summary: 'An agent in CLAS mode reports workloads',
    body: 'pce/agent/kubernetes_workloads#create',
    replies: { 201: 'pce/agent/kubernetes_workloads#results' },
    handle(request, world) {
      requireClasMode(request, world);
      const { cluster } = speakerOf(request);
      const workloads = request.body as unknown as SaidWorkload[];
      const sayings = workloads.map((one) => {
        const { namespace, ...said } = one;
        return { uid: uidOf(one), namespace, said };
      });
      const { namespaces, heard } = hear(world, cluster, 'workload', sayings, kubernetesWorkloads);
      conclude(request, world, 'bulk_create', namespaces);
      const results = heard.map(({ known, shown_as }) => ({ status: known ? 'updated' : 'created', href: shown_as }));
      return { status: 201, body: results };
    },
  },
  {
    ...workloadRoute,
    id: 'container_clusters.kubernetes_workloads_bulk_update',
    method: 'PUT',
    path: `${CLUSTER}/kubernetes_workloads/bulk_update`,
    summary: 'An agent in CLAS mode reports changes of workloads, all or none',
    body: 'pce/agent/kubernetes_workloads#update',
    replies: { 204: null },
    handle(request, world) {
      requireClasMode(request, world);
      const { cluster } = speakerOf(request);
      const changes = request.body as unknown as ({ href: string } & Document)[];
      const changed = new Map<string, Saying>();
      for (const { href, ...change } of changes) {
        const before = changed.get(href) ?? ownWorkload(world, cluster, href);
        if (!before) throw invalidKubernetesWorkload(href);
        const { uid, namespace, said } = before;
        const metadata = { ...((said as Document).metadata as Document), ...(change.metadata as Document) };
        changed.set(href, { uid, namespace, said: { ...said, ...change, metadata } });
      }
      const sayings = [...changed.values()];
      const { namespaces } = hear(world, cluster, 'workload', sayings, kubernetesWorkloads);
      conclude(request, world, 'bulk_update', namespaces);
      return NO_CONTENT;
    },
  },
  {
    ...workloadRoute,
    id: 'container_clusters.kubernetes_workloads_bulk_delete',
    method: 'PUT',
    path: `${CLUSTER}/kubernetes_workloads/bulk_delete`,
    summary: 'An agent in CLAS mode reports that workloads are gone; those that are unknown are no matter',
    body: 'pce/agent/kubernetes_workloads#delete',
    replies: { 204: null },
    handle(request, world) {
      const { cluster } = speakerOf(request);
      const gone = (request.body as unknown as { href: string }[]).flatMap(
        ({ href }) => ownWorkload(world, cluster, href)?.uid ?? [],
      );
      conclude(request, world, 'bulk_delete', forget(world, cluster, 'workload', gone));
      return NO_CONTENT;
    },
  },
];

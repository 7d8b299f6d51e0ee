import type { Document, World } from '../../../contract/collection.ts';
import { NO_CONTENT, type Request, type Route } from '../../../contract/route.ts';
import { digest } from '../../../kernel/secrets.ts';
import { authKeyOf } from '../../agent/clas-auth-key.ts';
import { keepMachineIds, tellDuplicates, tellDuplicatesOf } from '../../agent/machine-ids.ts';
import type { ClusterMode } from '../../agent/namespace-state.ts';
import { placesIn, placesOf } from '../../agent/places.ts';
import { reconcile } from '../../agent/reconciliation.ts';
import { authorship, existing } from '../../collections.ts';
import { type ClusterFacts, containerClusters, factsOf } from '../../container-clusters.ts';
import { followNamespaces } from '../../container-workload-profiles.ts';
import { createNetwork } from '../../networks.ts';
import { agentRoute, CLUSTER, speakerOf } from './route.ts';

interface Report {
  readonly manager_type?: string | null;
  readonly kubelink_version?: string | null;
  readonly container_runtime?: string | null;
  readonly network_type?: string;
  readonly cluster_mode?: ClusterMode;
  readonly nodes?: readonly { readonly name: string; readonly machine_id?: string | null }[];
  readonly namespaces?: readonly string[];
  readonly errors?: readonly { readonly error_type: string }[];
}

/** Seen of a cluster whose agent has lost its own cluster: offline, without nodes and runtime, all else kept. */
const CONNECTION_FAILED = 'kubernetes_connection_failed';

/** The one value seen on a real PCE. */
const NETWORK_TYPE = 'host_switch_mode';

/** What a cluster shows after a report. */
function reportedCluster(cluster: Document, report: Report, now: string): Document {
  const { manager_type, kubelink_version, container_runtime, cluster_mode, nodes, errors } = report;
  const given = Object.entries({ manager_type, kubelink_version, container_runtime, cluster_mode, nodes });
  const cut = (errors ?? (cluster.errors as Report['errors']) ?? []).some(
    (one) => one.error_type === CONNECTION_FAILED,
  );
  return {
    ...cluster,
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    ...(cluster_mode !== undefined && { clas_mode: cluster_mode === 'clas' }),
    network_type: report.network_type ?? cluster.network_type ?? NETWORK_TYPE,
    last_connected: now,
    online: !cut,
    ...(cut && { nodes: [], container_runtime: null }),
    // The PCE's own findings stay; what the agent said before is replaced.
    ...(errors && { errors: [...errors, ...(cluster.errors as Document[]).filter(({ audit_event }) => audit_event)] }),
  };
}

function hearReport(request: Request, world: World): void {
  const { org, cluster: href } = speakerOf(request);
  const report = request.body as Report;
  const table = world.table(containerClusters);
  const before = existing(containerClusters, request, world, href);
  const known = factsOf(world, href);
  const now = world.clock.timestamp();
  const facts: ClusterFacts = {
    ...known,
    heartbeat_at: now,
    mode: report.cluster_mode ?? known.mode,
    network: known.network ?? createNetwork(world, org, String(before.name), authorship(request, world)),
    ...(report.namespaces && { namespaces_sha256: digest(JSON.stringify([...report.namespaces].sort())) }),
  };
  const after = table.replace(href, reportedCluster(before, report, now), { ...facts });
  if (report.cluster_mode === 'clas') authKeyOf(world, org);
  hearMachineIds(request, world, before, after);
  const changed =
    facts.namespaces_sha256 === known.namespaces_sha256
      ? []
      : followNamespaces(request, world, href, report.namespaces ?? []);
  const places =
    (facts.mode ?? 'legacy') === (known.mode ?? 'legacy') ? placesIn(href, changed) : placesOf(world, href);
  if (places.length > 0) reconcile(request, world, places);
}

/** A steady heartbeat repeats them, and asks nothing of the store. */
function hearMachineIds(request: Request, world: World, before: Document, after: Document): void {
  const { org, cluster } = speakerOf(request);
  if (JSON.stringify(before.nodes) === JSON.stringify(after.nodes)) return;
  const ids = (after.nodes as Report['nodes'])?.flatMap(({ machine_id }) => machine_id ?? []) ?? [];
  tellDuplicates(request, world, org, keepMachineIds(world, cluster, ids));
  tellDuplicatesOf(request, world, org, cluster);
}

export const putFromClusterRoutes: Route[] = [
  {
    ...agentRoute,
    id: 'container_clusters.put_from_cluster',
    method: 'PUT',
    path: `${CLUSTER}/put_from_cluster`,
    summary: 'An agent reports its cluster, or that it is still there',
    body: 'pce/agent/put_from_cluster#report',
    replies: { 204: null },
    handle(request, world) {
      hearReport(request, world);
      return NO_CONTENT;
    },
  },
];

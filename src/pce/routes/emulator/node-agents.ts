import type { Document, World } from '../../../contract/collection.ts';
import { emulatorRoute, type Route } from '../../../contract/route.ts';
import { numberVen } from '../../agents.ts';
import { containerClusters } from '../../container-clusters.ts';
import { type Change, recordEvents } from '../../events.ts';
import { labels } from '../../labels.ts';
import { usePairingKey } from '../../pairing-profiles.ts';
import { productVersion } from '../../product-version.ts';
import { vens } from '../../vens.ts';
import { addWorkload, replaceWorkload, workloads } from '../../workloads.ts';
import { CLUSTER, clusterAt, refusal } from './route.ts';

/** Makes workloads of nodes, each with a VEN. One that is there already is paired anew. */
function pairNodes(
  world: World,
  org: string,
  cluster: Document,
  profile: Document,
  nodes: readonly string[],
): Change[] {
  const table = world.table(workloads);
  const now = world.clock.timestamp();
  // Clients cannot do without a version; that VENs have that of the PCE is ours.
  const version = productVersion(world).long_display;
  const where = [
    { key: 'container_cluster', is: String(cluster.href) },
    { key: 'deleted', is: false },
  ];
  const there = new Map(table.find(org, { where }).map((workload) => [workload.hostname, workload]));
  const by = { updated_at: now, updated_by: profile.created_by };
  const shown = {
    managed: true,
    online: true,
    labels: (profile.labels as Document[]).map(({ href }) => {
      const { key, value } = world.table(labels).get(String(href)) ?? {};
      return { href, key, value };
    }),
    enforcement_mode: profile.enforcement_mode,
    visibility_level: profile.visibility_level,
    container_cluster: { href: cluster.href, name: cluster.name },
    ...by,
  };
  return nodes.map((hostname) => {
    const made = { created_at: now, created_by: profile.created_by };
    const before = there.get(hostname);
    const workload = before ?? addWorkload(world, { href: table.mint(org), hostname, ...shown, ...made });
    const href = String(workload.href).replace('/workloads/', '/vens/');
    // A VEN has the id of its workload (observed).
    const known = world.table(vens).get(href);
    const alive = { status: 'active', unpair_allowed: true, last_heartbeat_at: now, version, ...by };
    if (known) world.table(vens).replace(href, { ...known, ...alive });
    else {
      world.table(vens).insert(org, href, { href, hostname, ...made, ...alive, workloads: [{ href: workload.href }] });
      numberVen(world, org, href);
    }
    const after = replaceWorkload(world, { ...workload, ...shown, ven: { href } });
    return { type: 'workload', before, after };
  });
}

export const nodeAgentRoutes: Route[] = [
  {
    ...emulatorRoute,
    id: 'emulator.node_agents',
    method: 'POST',
    path: `${CLUSTER}/node_agents`,
    summary: 'Pair the nodes of a cluster, as the agents on them would with an activation code',
    body: 'emulator/node_agents#pair',
    replies: { 201: 'emulator/node_agents#paired' },
    refuses: [409],
    handle(request, world) {
      const href = clusterAt(request, world);
      const org = `/orgs/${request.params.org_id}`;
      const cluster = world.table(containerClusters).get(href) ?? {};
      const reported = [...new Set((cluster.nodes as Document[]).map(({ name }) => String(name)))];
      const { activation_code, nodes = reported } = request.body as { activation_code: string; nodes?: string[] };
      const known = new Set(reported);
      const unknown = nodes.find((node) => !known.has(node));
      if (unknown !== undefined) {
        throw refusal(409, 'unknown_node', `The agent of the cluster has reported no node ${unknown}`);
      }
      const profile = usePairingKey(world, org, activation_code, nodes.length);
      if (!profile) {
        const message = 'The activation code is wrong, has expired or is used up, or its profile is disabled';
        throw refusal(403, 'invalid_activation_code', message);
      }
      const changes = pairNodes(world, org, cluster, profile, nodes);
      // The agent itself is who does so; the emulator's events know no agents of nodes.
      recordEvents(request, world, org, { event_type: 'agent.activate', changes, bySystem: true });
      return { status: 201, body: changes.map(({ after }) => ({ href: after?.href, hostname: after?.hostname })) };
    },
  },
];

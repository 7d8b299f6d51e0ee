import type { Condition, Document, Entry, World } from '../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Request, type Route } from '../../contract/route.ts';
import { digest } from '../../kernel/secrets.ts';
import { machineIdsOf, tellDuplicates } from '../agent/machine-ids.ts';
import { placesOf } from '../agent/places.ts';
import { reconcile } from '../agent/reconciliation.ts';
import { existing, list } from '../collections.ts';
import { asOfNow, containerClusters, factsOf, isSilent, lastHeartbeatOfOffline } from '../container-clusters.ts';
import { createDefaultProfile } from '../container-workload-profiles.ts';
import { recordEvent } from '../events.ts';
import { renameNetwork } from '../networks.ts';
import { notFound } from '../problems.ts';
import { reassignNodes } from '../workloads.ts';

const common = {
  admits: ['user'] as const,
  evidence: 'documented' as Evidence,
  source: 'Core 22.2 REST API reference, Container Clusters',
};

/** Rows go out as stored while none of them has fallen silent. */
function presented(request: Request, world: World): ((row: Entry) => Document) | undefined {
  const silent = [
    { key: 'heartbeat_at', to: lastHeartbeatOfOffline(world) },
    { key: 'online', is: true },
  ];
  if (world.table(containerClusters).count(`/orgs/${request.params.org_id}`, silent) === 0) return undefined;
  return ({ document, facts }) => asOfNow(document, facts, world);
}

/** Leaves the event of a cluster that a user made, changed or deleted. */
function tell(request: Request, world: World, what: string, before?: Document, after?: Document): void {
  const changes = [{ type: 'container_cluster', before, after }];
  recordEvent(request, world, `/orgs/${request.params.org_id}`, { event_type: `container_cluster.${what}`, changes });
}

const ALL = '/orgs/{org_id}/container_clusters';
const ONE = `${ALL}/{container_cluster_id}`;

export const containerClusterRoutes: Route[] = [
  {
    ...common,
    id: 'container_clusters.list',
    method: 'GET',
    path: ALL,
    summary: 'List the container clusters',
    query: 'pce/container_clusters#query',
    replies: { 200: 'pce/container_clusters#list', 202: null },
    handle: list(containerClusters, {
      select({ name, clas_mode }) {
        const where: Condition[] = [];
        if (clas_mode !== undefined) where.push({ key: 'clas_mode', is: clas_mode as boolean });
        if (name === undefined) return { where };
        // The official Ansible collection asks for one row by name and takes it: an equal name comes first.
        return { where: [...where, { key: 'name', contains: String(name) }], first: { key: 'name', is: String(name) } };
      },
      presented,
    }),
  },
  {
    ...common,
    id: 'container_clusters.create',
    method: 'POST',
    path: ALL,
    summary: 'Create a container cluster; the answer shows its token this once',
    body: 'pce/container_clusters#create',
    replies: { 201: 'pce/container_clusters#created' },
    handle(request, world) {
      const org = `/orgs/${request.params.org_id}`;
      const href = world.table(containerClusters).mint(org);
      const token = `${request.params.org_id}_${world.ids.hex(32)}`;
      const facts = { token_sha256: digest(token) };
      const cluster = world.table(containerClusters).insert(org, href, { href, ...request.body }, facts);
      tell(request, world, 'create', undefined, cluster);
      createDefaultProfile(request, world, href);
      return { status: 201, body: { ...cluster, container_cluster_token: token } };
    },
  },
  {
    ...common,
    id: 'container_clusters.get',
    method: 'GET',
    path: ONE,
    summary: 'Get a container cluster',
    replies: { 200: 'pce/container_clusters#item' },
    handle(request, world) {
      const text = world.table(containerClusters).text(request.path);
      if (text === undefined) throw notFound();
      const facts = factsOf(world, request.path);
      return isSilent(facts, world)
        ? { status: 200, body: asOfNow(JSON.parse(text), facts, world) }
        : { status: 200, text };
    },
  },
  {
    ...common,
    id: 'container_clusters.update',
    method: 'PUT',
    path: ONE,
    summary: 'Change what a user may say of a container cluster',
    body: 'pce/container_clusters#update',
    replies: { 204: null },
    handle(request, world) {
      const before = existing(containerClusters, request, world);
      const after = world.table(containerClusters).replace(request.path, { ...before, ...request.body });
      tell(request, world, 'update', before, after);
      if (after.name !== before.name) {
        renameNetwork(world, factsOf(world, request.path).network, String(after.name));
        reassignNodes(world, request.path, String(after.name));
        reconcile(request, world, placesOf(world, request.path));
      }
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'container_clusters.delete',
    method: 'DELETE',
    path: ONE,
    summary: 'Delete a container cluster with its profiles, its token and all that came from it',
    replies: { 204: null },
    handle(request, world) {
      const before = existing(containerClusters, request, world);
      const machineIds = machineIdsOf(world, request.path);
      world.table(containerClusters).remove(request.path);
      reassignNodes(world, request.path);
      tell(request, world, 'delete', before);
      tellDuplicates(request, world, `/orgs/${request.params.org_id}`, machineIds);
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'container_clusters.autocomplete',
    method: 'GET',
    path: `${ALL}/autocomplete`,
    summary: "Complete what a user types into the PCE's own pages",
    source: 'API schemas 25.2.10 (private)',
    replies: {},
  },
  {
    ...common,
    id: 'container_clusters.facets',
    method: 'GET',
    path: `${ALL}/facets`,
    summary: "Offer filters on the PCE's own pages",
    source: 'API schemas 25.2.10 (private)',
    replies: {},
  },
];

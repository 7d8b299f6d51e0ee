import type { Collection, Condition, Document } from '../contract/collection.ts';
import type { Evidence, Route } from '../contract/route.ts';
import { digest } from '../kernel/secrets.ts';
import { existing, item, list, NO_CONTENT } from './collections.ts';
import { createDefaultProfile } from './container-workload-profiles.ts';
import { notFound } from './problems.ts';

export const containerClusters: Collection = {
  name: 'container_clusters',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/container_clusters#item',
  keys: { name: '$.name', clas_mode: '$.clas_mode' },
  // The fingerprint of the cluster's token, which lives as long as the cluster.
  factKeys: { token_sha256: '$.token_sha256' },
  indexed: ['token_sha256'],
  credential: true,
};

const common = {
  admits: ['user'] as const,
  evidence: 'documented' as Evidence,
  source: 'Core 22.2 REST API reference, Container Clusters',
};
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
    handle: item(containerClusters),
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
      const cluster: Document = existing(containerClusters, request, world);
      world.table(containerClusters).replace(request.path, { ...cluster, ...request.body });
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'container_clusters.delete',
    method: 'DELETE',
    path: ONE,
    summary: 'Delete a container cluster with its profiles, service backends and token',
    replies: { 204: null },
    handle(request, world) {
      if (!world.table(containerClusters).has(request.path)) throw notFound();
      world.table(containerClusters).remove(request.path);
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

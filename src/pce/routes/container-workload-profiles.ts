import type { Condition, Document, World } from '../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Request, type Route } from '../../contract/route.ts';
import type { Place } from '../agent/places.ts';
import { reconcile } from '../agent/reconciliation.ts';
import { authorship, change, equalsOf, existing, item, labelledWith, list, parentOf, partsOf } from '../collections.ts';
import { containerWorkloadProfiles, tell } from '../container-workload-profiles.ts';
import type { Change } from '../events.ts';
import { assignLabels, requestedOptions } from '../label-options.ts';
import { enforcementModeOf } from '../modes.ts';
import {
  defaultProfileStays,
  invalidProfile,
  linkedProfileStays,
  managedProfileIsIdle,
  notFound,
  oneOrTheOther,
} from '../problems.ts';

/** What a body says of a profile, in the names that profiles are kept by. */
function requestedChange(body: Document, org: string, world: World): Document {
  const { mode, log_traffic, labels: _labels, assign_labels: _assignLabels, ...rest } = body;
  if (mode !== undefined && rest.enforcement_mode !== undefined) throw oneOrTheOther('mode', 'enforcement_mode');
  if (log_traffic !== undefined && rest.visibility_level !== undefined) {
    throw oneOrTheOther('log_traffic', 'visibility_level');
  }
  const options = requestedOptions(body, org, world);
  return {
    ...rest,
    ...(mode !== undefined && { enforcement_mode: enforcementModeOf(mode) }),
    ...(log_traffic !== undefined && { visibility_level: log_traffic ? 'flow_summary' : 'flow_drops' }),
    ...(options && { labels: options, assign_labels: assignLabels(options) }),
  };
}

/** A profile after a change: null takes a name or a description away. @throws Problem 406 */
function changed(profile: Document, requested: Document, world: World): Document {
  const result: Document = { ...profile, ...requested };
  for (const key of ['name', 'description']) if (result[key] === null) delete result[key];
  const asked = requested.managed !== undefined || requested.enforcement_mode !== undefined;
  const managedIdle = result.managed === true && result.enforcement_mode === 'idle';
  if (asked && managedIdle && world.has('profile_managed_idle_refused')) {
    throw managedProfileIsIdle();
  }
  return result;
}

function select(query: Document): { where: Condition[] } {
  const where = [
    ...partsOf(query, 'name', 'namespace'),
    ...equalsOf(query, 'enforcement_mode', 'visibility_level', 'linked', 'managed'),
    ...labelledWith(query.assign_labels, 'assignment'),
  ];
  if (query.mode === 'managed' || query.mode === 'unmanaged') {
    where.push({ key: 'managed', is: query.mode === 'managed' });
  } else if (query.mode !== undefined) {
    where.push({ key: 'enforcement_mode', is: enforcementModeOf(query.mode) });
  }
  return { where };
}

/** Puts a change in force: on the profile, and on what is shown of its namespace. */
function apply(request: Request, world: World, changes: readonly Omit<Change, 'type'>[]): void {
  const table = world.table(containerWorkloadProfiles);
  const told = changes.map(({ before, after = {} }) => ({ before, after: table.replace(String(after.href), after) }));
  for (const change of told) tell(request, world, change);
  reconcile(
    request,
    world,
    told.flatMap(({ after }) => placeOfProfile(after)),
  );
}

function placeOfProfile({ href, namespace }: Document): Place[] {
  const cluster = parentOf(parentOf(String(href)));
  return typeof namespace === 'string' ? [{ cluster, namespace }] : [];
}

const common = {
  admits: ['user'] as const,
  evidence: 'documented' as Evidence,
  source: 'Core 22.2 REST API reference, Container Clusters',
};
const ALL = '/orgs/{org_id}/container_clusters/{container_cluster_id}/container_workload_profiles';
const ONE = `${ALL}/{container_workload_profile_id}`;
const READERS = ['user', 'own_cluster'] as const;
const orgOf = (request: Request) => `/orgs/${request.params.org_id}`;

export const containerWorkloadProfileRoutes: Route[] = [
  {
    ...common,
    id: 'container_workload_profiles.list',
    method: 'GET',
    path: ALL,
    summary: "List a cluster's profiles",
    admits: READERS,
    query: 'pce/container_workload_profiles#query',
    replies: { 200: 'pce/container_workload_profiles#list', 202: null },
    handle: list(containerWorkloadProfiles, { select }),
  },
  {
    ...common,
    id: 'container_workload_profiles.create',
    method: 'POST',
    path: ALL,
    summary: 'Create a profile for a namespace that is not there yet',
    body: 'pce/container_workload_profiles#create',
    replies: { 201: 'pce/container_workload_profiles#item' },
    handle(request, world) {
      const table = world.table(containerWorkloadProfiles);
      const cluster = parentOf(request.path);
      if (!table.hasParent(cluster)) throw notFound();
      const href = table.mint(cluster);
      const fresh = { href, enforcement_mode: 'idle', ...authorship(request, world) };
      const profile = changed(fresh, requestedChange(request.body, orgOf(request), world), world);
      const after = table.insert(cluster, href, profile);
      tell(request, world, { after });
      return { status: 201, body: after };
    },
  },
  {
    ...common,
    id: 'container_workload_profiles.bulk_update',
    method: 'PUT',
    path: `${ALL}/update`,
    summary: 'Change many profiles of a cluster, all or none',
    source: 'Core 24.2 REST API reference, Container Clusters',
    feature: 'profile_bulk_update',
    body: 'pce/container_workload_profiles#bulk_update',
    replies: { 204: null },
    handle(request, world) {
      const { container_workload_profiles: profiles, ...rest } = request.body;
      const cluster = parentOf(parentOf(request.path));
      const table = world.table(containerWorkloadProfiles);
      if (!table.hasParent(cluster)) throw notFound();
      const requested = { ...requestedChange(rest, orgOf(request), world), ...change(request, world) };
      const changes = (profiles as { href: string }[]).map(({ href }) => {
        const before = href.startsWith(`${cluster}/`) ? table.get(href) : undefined;
        if (!before) throw invalidProfile(href);
        return { before, after: changed(before, requested, world) };
      });
      apply(request, world, changes);
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'container_workload_profiles.get',
    method: 'GET',
    path: ONE,
    summary: 'Get a profile',
    evidence: 'observed',
    source: 'the official Terraform provider and Python client read profiles so; API schemas 25.2.10',
    admits: READERS,
    replies: { 200: 'pce/container_workload_profiles#item' },
    handle: item(containerWorkloadProfiles),
  },
  {
    ...common,
    id: 'container_workload_profiles.update',
    method: 'PUT',
    path: ONE,
    summary: 'Change a profile; what is left out stays',
    body: 'pce/container_workload_profiles#update',
    replies: { 204: null },
    handle(request, world) {
      const before = existing(containerWorkloadProfiles, request, world);
      const requested = { ...requestedChange(request.body, orgOf(request), world), ...change(request, world) };
      apply(request, world, [{ before, after: changed(before, requested, world) }]);
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'container_workload_profiles.delete',
    method: 'DELETE',
    path: ONE,
    summary: 'Delete a profile that is neither the default nor linked to a namespace',
    replies: { 204: null },
    handle(request, world) {
      const table = world.table(containerWorkloadProfiles);
      const profile = existing(containerWorkloadProfiles, request, world);
      if (table.facts(request.path)?.default) throw defaultProfileStays();
      if (profile.linked) throw linkedProfileStays();
      table.remove(request.path);
      tell(request, world, { before: profile });
      reconcile(request, world, placeOfProfile(profile));
      return NO_CONTENT;
    },
  },
  ...['autocomplete', 'facets'].map(
    (page): Route => ({
      ...common,
      id: `container_workload_profiles.${page}`,
      method: 'GET',
      path: `${ALL}/${page}`,
      summary: "Help on the PCE's own pages",
      source: 'API schemas 25.2.10 (private)',
      replies: {},
    }),
  ),
];

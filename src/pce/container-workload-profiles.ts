import type { Collection, Condition, Document, Edge, World } from '../contract/collection.ts';
import type { Evidence, Request, Route } from '../contract/route.ts';
import { authorship, change, existing, item, list, NO_CONTENT, parentOf } from './collections.ts';
import { assignLabels, type LabelOption, type LabelQuote, requestedOptions, requoted } from './label-options.ts';
import {
  defaultProfileStays,
  invalidProfile,
  linkedProfileStays,
  managedProfileIsIdle,
  notFound,
  oneOrTheOther,
} from './problems.ts';

export const containerWorkloadProfiles: Collection = {
  name: 'container_workload_profiles',
  parent: 'container_clusters',
  id: 'uuid',
  schema: 'pce/container_workload_profiles#item',
  keys: {
    name: '$.name',
    namespace: '$.namespace',
    enforcement_mode: '$.enforcement_mode',
    visibility_level: '$.visibility_level',
    managed: '$.managed',
    linked: '$.linked',
  },
  references: [
    {
      to: 'labels',
      edges: (profile) => optionsOf(profile).flatMap(edges),
      quote: (profile, label) => ({
        ...profile,
        labels: requoted(optionsOf(profile), { href: String(label.href), value: String(label.value) }),
      }),
    },
  ],
};

const optionsOf = (profile: Document) => profile.labels as LabelOption[];

function edges(option: LabelOption): Edge[] {
  if ('restriction' in option) return option.restriction.map(({ href }) => ({ role: 'restriction', to: href }));
  return 'href' in option.assignment
    ? [{ role: 'assignment', to: String((option.assignment as LabelQuote).href) }]
    : [];
}

const DEFAULT_PROFILE = 'Default Profile';

/** Every cluster owns one from its first moment (observed); it is the one hand-made profile without a namespace. */
export function createDefaultProfile(request: Request, world: World, cluster: string): void {
  const table = world.table(containerWorkloadProfiles);
  const href = table.mint(cluster);
  table.insert(cluster, href, { href, name: DEFAULT_PROFILE, ...authorship(request, world) }, { default: true });
}

/** The older values of `mode`; newer names are taken as they are (inferred). */
const MODES: Record<string, string> = { illuminated: 'visibility_only', enforced: 'full' };
const enforcementMode = (mode: unknown) => MODES[String(mode)] ?? String(mode);

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
    ...(mode !== undefined && { enforcement_mode: enforcementMode(mode) }),
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
  const where: Condition[] = [];
  for (const key of ['name', 'namespace']) {
    if (query[key] !== undefined) where.push({ key, contains: String(query[key]) });
  }
  for (const key of ['enforcement_mode', 'visibility_level', 'linked', 'managed']) {
    if (query[key] !== undefined) where.push({ key, is: query[key] as string | boolean });
  }
  if (query.mode === 'managed' || query.mode === 'unmanaged') {
    where.push({ key: 'managed', is: query.mode === 'managed' });
  } else if (query.mode !== undefined) {
    where.push({ key: 'enforcement_mode', is: enforcementMode(query.mode) });
  }
  if (query.assign_labels !== undefined) {
    const anyOfAll = labelGroups(query.assign_labels as string[] | string[][]);
    where.push({ role: 'assignment', to: 'labels', anyOfAll });
  }
  return { where };
}

/** The official Terraform provider sends one list of hrefs; the documentation speaks of a list of lists. */
function labelGroups(lists: string[] | string[][]): string[][] {
  return lists.every((one) => typeof one === 'string') ? [lists as string[]] : (lists as string[][]);
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
      return { status: 201, body: table.insert(cluster, href, profile) };
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
      for (const { href } of profiles as { href: string }[]) {
        const profile = href.startsWith(`${cluster}/`) ? table.get(href) : undefined;
        if (!profile) throw invalidProfile(href);
        table.replace(href, changed(profile, requested, world));
      }
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
      const profile = existing(containerWorkloadProfiles, request, world);
      const requested = { ...requestedChange(request.body, orgOf(request), world), ...change(request, world) };
      world.table(containerWorkloadProfiles).replace(request.path, changed(profile, requested, world));
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

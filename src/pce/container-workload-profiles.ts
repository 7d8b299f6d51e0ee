import type { Collection, Document, Edge, World } from '../contract/collection.ts';
import type { Request } from '../contract/route.ts';
import { authorship, change } from './collections.ts';
import { type Change, recordEvent } from './events.ts';
import { type LabelOption, type LabelQuote, requoted } from './label-options.ts';

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
  indexed: ['namespace'],
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

/** What a namespace's new profile takes over from the Default Profile. */
const TEMPLATE = ['enforcement_mode', 'visibility_level', 'managed', 'assign_labels', 'labels'];

/**
 * Brings a cluster's profiles in line with its namespaces. A new namespace gets a profile after the Default
 * Profile (inferred, strongly), one that came back gets its own again; of one that is gone the profile stays,
 * no longer linked (inferred).
 * @param request the agent's report
 * @param present the names of all namespaces
 * @returns those whose profile changed
 */
export function followNamespaces(
  request: Request,
  world: World,
  cluster: string,
  present: readonly string[],
): string[] {
  const table = world.table(containerWorkloadProfiles);
  const all = table.entries(cluster);
  const template = all.find(({ facts }) => facts.default)?.document ?? {};
  const known = new Map(all.map(({ document }) => [document.namespace, document]));
  const changed: string[] = [];
  // By the alphabet, as a PCE inserts them at first contact (observed).
  for (const namespace of [...present].sort()) {
    const profile = known.get(namespace);
    if (profile?.linked) continue;
    changed.push(namespace);
    if (profile) relink(request, world, profile, true);
    else {
      const href = table.mint(cluster);
      const taken = Object.fromEntries(TEMPLATE.map((key) => [key, template[key]]));
      const made = { href, namespace, ...taken, linked: true, ...authorship(request, world) };
      tell(request, world, { after: table.insert(cluster, href, made) });
    }
  }
  const there = new Set<unknown>(present);
  for (const { document: profile } of all.filter(({ document }) => document.linked)) {
    if (there.has(profile.namespace)) continue;
    changed.push(String(profile.namespace));
    relink(request, world, profile, false);
  }
  return changed;
}

function relink(request: Request, world: World, before: Document, linked: boolean): void {
  const after = { ...before, linked, ...change(request, world) };
  world.table(containerWorkloadProfiles).replace(String(before.href), after);
  tell(request, world, { before, after });
}

/** Leaves the event of a profile that was made, changed or deleted. */
export function tell(request: Request, world: World, { before, after }: Omit<Change, 'type'>): void {
  const what = before && after ? 'update' : after ? 'create' : 'delete';
  const changes = [{ type: 'container_workload_profile', before, after }];
  const event_type = `container_workload_profile.${what}`;
  recordEvent(request, world, request.caller.org, { event_type, changes });
}

import {
  type Collection,
  type Document,
  type Entry,
  NotUnique,
  type Table,
  type World,
} from '../contract/collection.ts';
import type { Request } from '../contract/route.ts';
import { authorship } from './collections.ts';
import { containerClusters, factsOf } from './container-clusters.ts';
import { containerWorkloadProfiles } from './container-workload-profiles.ts';
import { containerWorkloads } from './container-workloads.ts';
import { asking, type Derived, derive } from './derivation.ts';
import { type Change, recordEvent } from './events.ts';
import { kubernetesWorkloads } from './kubernetes-workloads.ts';
import { isReserved, labels, type ShownLabel } from './labels.ts';
import type { NamespaceState, Wanted } from './namespace-state.ts';
import { networks } from './networks.ts';
import { organisationOf } from './organisations.ts';
import { reportedOf } from './reported.ts';
import { serviceBackends } from './service-backends.ts';
import { serviceBindings } from './service-bindings.ts';
import { virtualServices } from './virtual-services.ts';

/** A namespace of a cluster. */
export interface Place {
  readonly cluster: string;
  readonly namespace: string;
}

/** How the facts of what is derived say where it comes from. */
const originOf = ({ cluster, namespace }: Place) => `${cluster}/namespaces/${namespace}`;

function placeOf(origin: string): Place {
  const [cluster = '', namespace = ''] = origin.split('/namespaces/');
  return { cluster, namespace };
}

/** The collections whose documents have labels by resolution. */
const RESOLVED = [virtualServices, containerWorkloads, kubernetesWorkloads];

/**
 * Brings what the PCE shows of some namespaces in line with what is said of them now: by their agents, in
 * their profiles, in label maps and labels. Whatever said it, and in whatever order, the end is the same.
 * @param cause the request that changed something
 */
export function reconcile(cause: Request, world: World, places: Iterable<Place>): void {
  const queue = new Map<string, Place>();
  const enqueue = ({ cluster, namespace }: Place) => {
    const place = { cluster, namespace };
    queue.set(originOf(place), place);
  };
  for (const place of places) enqueue(place);
  const [first] = queue.values();
  if (!first) return;
  const org = organisationOf(first.cluster);
  const derived = new Map<string, Derived & Place>();
  let existing = existingLabels(world, org);
  // A map goes on with what is put in while it is gone through.
  for (const [origin, place] of queue) {
    queue.delete(origin);
    const found = derive(stateOf(world, place, existing));
    derived.set(origin, { ...place, ...found });
    for (const { key, value } of found.missing) {
      makeLabel(cause, world, place, key, value);
      for (const other of [...askedBy(world, org, key, value), ...derived.values()]) enqueue(other);
    }
    if (found.missing.length > 0) existing = existingLabels(world, org);
  }
  write(cause, world, org, derived);
}

/** Writes what differs, of all namespaces together: what moves from one to another is not gone in between. */
function write(cause: Request, world: World, org: string, derived: ReadonlyMap<string, Derived & Place>): void {
  const writeAll = writer(cause, world, org, derived);
  const services = writeAll(virtualServices, (one) => one.virtualServices);
  const pods = writeAll(containerWorkloads, (one) => one.containerWorkloads);
  writeAll(kubernetesWorkloads, (one) => one.kubernetesWorkloads);
  writeAll(serviceBackends, (one) => one.serviceBackends);
  bind(world, org, derived);
  record(cause, world, org, { services, workloads: pods.filter(({ before, after }) => before && after) });
}

interface Told {
  readonly services: Change[];
  readonly workloads: Change[];
}

function record(cause: Request, world: World, org: string, { services, workloads }: Told): void {
  const drafts = services.filter(({ before, after }) => String((after ?? before)?.href).includes('/draft/'));
  if (drafts.length > 0) {
    const event_type = 'system_task.provision_container_cluster_services';
    recordEvent(cause, world, org, { event_type, changes: drafts, bySystem: true });
  }
  if (workloads.length > 0) {
    recordEvent(cause, world, org, { event_type: 'container_workload.update', changes: workloads });
  }
}

/** The namespaces in which something asks for a label of this key and value. */
export function askedBy(world: World, org: string, key: string, value: string): Place[] {
  const wish = JSON.stringify(asking(key, value));
  const where = [{ key: 'asked', contains: wish }];
  const origins = RESOLVED.flatMap((one) => world.table(one).entries(org, { where })).map(({ facts }) => facts.origin);
  return [...new Set(origins)].map((origin) => placeOf(String(origin)));
}

/** All namespaces of a cluster of which anything is reported. */
export function placesOf(world: World, cluster: string): Place[] {
  const names = reportedOf(world, cluster).map(({ namespace }) => namespace);
  return [...new Set(names)].map((namespace) => ({ cluster, namespace }));
}

/** Everything that decides what is shown of a namespace. */
export function stateOf(
  world: World,
  { cluster: href, namespace }: Place,
  existing = existingLabels(world, organisationOf(href)),
): NamespaceState {
  const cluster = world.table(containerClusters).get(href) ?? {};
  const { mode = 'legacy', network, label_map = [] } = factsOf(world, href);
  const where = [{ key: 'namespace', is: namespace }];
  const shownNetwork = network === undefined ? undefined : world.table(networks).get(network);
  return {
    cluster: { href, name: String(cluster.name), mode },
    network: shownNetwork && { href: String(shownNetwork.href), name: String(shownNetwork.name) },
    namespace,
    profile: world.table(containerWorkloadProfiles).find(href, { where, limit: 1 })[0],
    labelMaps: label_map,
    labels: existing,
    reserved: (value) => isReserved(value, world),
    reported: reportedOf(world, href, undefined, namespace),
  };
}

function existingLabels(world: World, org: string): ShownLabel[] {
  const found = world.table(labels).find(org, { where: [{ key: 'deleted', is: false }] });
  return found.map(({ href, key, value }) => ({ href: String(href), key: String(key), value: String(value) }));
}

/** Two maps may ask for one label; and values that differ in case alone are one to the PCE. */
function makeLabel(cause: Request, world: World, { cluster }: Place, key: string, value: string): void {
  const org = organisationOf(cluster);
  const by = { ...cause, caller: { kind: 'cluster', href: cluster, org } } as const;
  const table = world.table(labels);
  try {
    const href = table.mint(org);
    const after = table.insert(org, href, { href, key, value, ...authorship(by, world) });
    recordEvent(by, world, org, { event_type: 'label.create', changes: [{ type: 'label', after }] });
  } catch (error) {
    if (!(error instanceof NotUnique)) throw error;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  virtual_services: 'virtual_service',
  container_workloads: 'container_workload',
  kubernetes_workloads: 'kubernetes_workload',
};

const AUTHORSHIP = ['created_at', 'created_by', 'updated_at', 'updated_by'];

/** Writes what differs of the documents of one collection, and returns what that was. */
function writer(cause: Request, world: World, org: string, derived: ReadonlyMap<string, Derived & Place>) {
  const now = world.clock.timestamp();
  const user = cause.caller.kind === 'user' ? { href: cause.caller.href } : undefined;
  return (collection: Collection, wantedOf: (one: Derived) => readonly Wanted[]): Change[] => {
    const table = world.table(collection);
    const type = TYPES[collection.name] ?? collection.name;
    const signed = collection === virtualServices;
    const there = new Map<string, Entry>();
    for (const [origin, { cluster }] of derived) {
      const parent = collection.parent === 'orgs' ? org : cluster;
      const found = table.entries(parent, { where: [{ key: 'origin', is: origin }] });
      for (const entry of found) there.set(entry.href, entry);
    }
    const changes: Change[] = [];
    for (const [origin, one] of derived) {
      const parent = collection.parent === 'orgs' ? org : one.cluster;
      const cluster = { href: one.cluster };
      for (const { href, document, asked = [] } of wantedOf(one)) {
        const facts = { origin, asked };
        const before = there.get(href) ?? fromElsewhere(table, href);
        there.delete(href);
        if (!before) {
          const by = signed && { created_by: cluster, updated_by: cluster };
          const fresh = { ...document, created_at: now, updated_at: now, ...by };
          changes.push({ type, after: table.insert(parent, href, fresh, facts) });
        } else if (differ(before.document, document)) {
          const kept = Object.fromEntries(AUTHORSHIP.map((key) => [key, before.document[key]]));
          const changed = { ...document, ...kept, updated_at: now, ...(signed && { updated_by: user ?? cluster }) };
          changes.push({ type, before: before.document, after: table.replace(href, changed, facts) });
        } else if (JSON.stringify(before.facts) !== JSON.stringify(facts)) {
          table.replace(href, before.document, facts);
        }
      }
    }
    for (const [href, { document }] of there) {
      table.remove(href);
      changes.push({ type, before: document });
    }
    return changes;
  };
}

/** What has moved here from another namespace. */
function fromElsewhere(table: Table, href: string): Entry | undefined {
  const document = table.get(href);
  return document && { href, document, facts: table.facts(href) ?? {} };
}

function differ(stored: Document, wanted: Document): boolean {
  const keys = new Set([...Object.keys(stored), ...Object.keys(wanted)]);
  for (const key of AUTHORSHIP) keys.delete(key);
  return [...keys].some((key) => JSON.stringify(stored[key]) !== JSON.stringify(wanted[key]));
}

/** Makes the bindings that are wanted and not there, and removes the others. */
function bind(world: World, org: string, derived: ReadonlyMap<string, Derived>): void {
  const table = world.table(serviceBindings);
  const ends = ({ bound_service, container_workload }: Document) => JSON.stringify([bound_service, container_workload]);
  for (const [origin, { serviceBindings: wanted }] of derived) {
    const missing = new Map(wanted.map((binding) => [ends(binding), binding]));
    for (const { href, document } of table.entries(org, { where: [{ key: 'origin', is: origin }] })) {
      if (!missing.delete(ends(document))) table.remove(href);
    }
    for (const binding of missing.values()) {
      const href = table.mint(org);
      table.insert(org, href, { href, ...binding }, { origin });
    }
  }
}

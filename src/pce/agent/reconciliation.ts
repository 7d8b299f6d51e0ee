import type { Collection, Condition, Document, Entry, Table, World } from '../../contract/collection.ts';
import type { Request } from '../../contract/route.ts';
import { authorship } from '../collections.ts';
import { containerWorkloads } from '../container-workloads.ts';
import { type Change, recordEvent, recordEvents } from '../events.ts';
import { kubernetesWorkloads } from '../kubernetes-workloads.ts';
import { labels } from '../labels.ts';
import { organisationOf } from '../organisations.ts';
import { serviceBackends } from '../service-backends.ts';
import { serviceBindings } from '../service-bindings.ts';
import { virtualServices } from '../virtual-services.ts';
import { asking, type Derived, derive } from './derivation.ts';
import type { Wanted } from './namespace-state.ts';
import { originOf, type Place, placeOf, statesIn } from './places.ts';

/** The collections whose documents have labels by resolution. */
const RESOLVED = [virtualServices, containerWorkloads, kubernetesWorkloads];

/**
 * Brings what the PCE shows of some namespaces in line with what is said of them now: by their agents, in
 * their profiles, in label maps and labels. Whatever said it, and in whatever order, the end is the same.
 * @param cause the request that changed something
 */
export function reconcile(cause: Request, world: World, places: Iterable<Place>): void {
  const queue = new Map([...places].map((place) => [originOf(place), place]));
  const [first] = queue.values();
  if (!first) return;
  const org = organisationOf(first.cluster);
  const derived = new Map<string, Derived & Place>();
  while (queue.size > 0) {
    const stateOf = statesIn(world, org);
    const missing = new Map<string, Missing>();
    for (const [origin, { cluster, namespace }] of queue) {
      const found = derive(stateOf({ cluster, namespace }));
      derived.set(origin, { ...found, cluster, namespace });
      for (const { key, value } of found.missing) {
        const wish = asking(key, value);
        if (!missing.has(wish)) missing.set(wish, { cluster, key, value });
      }
    }
    queue.clear();
    for (const label of missing.values()) makeLabel(cause, world, org, label);
    // Whoever has asked for what is there now is looked at again.
    const wishes = new Set(missing.keys());
    for (const place of wishes.size > 0 ? askedBy(world, org, wishes) : []) queue.set(originOf(place), place);
    for (const [origin, one] of derived) if (asksFor(one, wishes)) queue.set(origin, one);
  }
  write(cause, world, org, derived);
}

interface Missing {
  readonly cluster: string;
  readonly key: string;
  readonly value: string;
}

function asksFor(one: Derived, wishes: ReadonlySet<string>): boolean {
  const wanted = [...one.virtualServices, ...one.containerWorkloads, ...one.kubernetesWorkloads];
  return wishes.size > 0 && wanted.some(({ asked = [] }) => asked.some((wish) => wishes.has(wish)));
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
  const provisioning = 'system_task.provision_container_cluster_services';
  recordEvents(cause, world, org, { event_type: provisioning, changes: drafts, bySystem: true });
  recordEvents(cause, world, org, { event_type: 'container_workload.update', changes: workloads });
}

/**
 * The namespaces in which something asks for one of some labels, or has it.
 * @param wishes as `asking` writes them
 */
export function askedBy(world: World, org: string, wishes: ReadonlySet<string>): Place[] {
  const [only] = wishes;
  const where = wishes.size === 1 ? [{ key: 'asked', contains: JSON.stringify(only) }] : [];
  return wherever(world, org, where, (wish) => wishes.has(wish));
}

/** The namespaces in which something asks for a label of a key, whatever its value, or has one. */
export function askedOfKey(world: World, org: string, key: string): Place[] {
  const beginning = asking(key, '');
  const where = [{ key: 'asked', contains: JSON.stringify(beginning).slice(0, -1) }];
  return wherever(world, org, where, (wish) => wish.startsWith(beginning));
}

function wherever(world: World, org: string, where: Condition[], suits: (wish: string) => boolean): Place[] {
  const origins = RESOLVED.flatMap((one) => world.table(one).findFacts(org, { where }))
    .filter(({ asked }) => (asked as string[] | undefined)?.some(suits))
    .map(({ origin }) => String(origin));
  return [...new Set(origins)].map(placeOf);
}

/** Makes a label in the name of the cluster whose label map asks for it. */
function makeLabel(cause: Request, world: World, org: string, { cluster, key, value }: Missing): void {
  const by = { ...cause, caller: { kind: 'cluster', href: cluster, org } } as const;
  const table = world.table(labels);
  const href = table.mint(org);
  const after = table.insert(org, href, { href, key, value, ...authorship(by, world) });
  recordEvent(by, world, org, { event_type: 'label.create', changes: [{ type: 'label', after }] });
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
        const newFacts = JSON.stringify(before?.facts) === JSON.stringify(facts) ? undefined : facts;
        there.delete(href);
        if (!before) {
          const by = signed && { created_by: cluster, updated_by: cluster };
          const fresh = { ...document, created_at: now, updated_at: now, ...by };
          changes.push({ type, after: table.insert(parent, href, fresh, facts) });
        } else if (differ(before.document, document)) {
          const kept = Object.fromEntries(AUTHORSHIP.map((key) => [key, before.document[key]]));
          const changed = { ...document, ...kept, updated_at: now, ...(signed && { updated_by: user ?? cluster }) };
          changes.push({ type, before: before.document, after: table.replace(href, changed, newFacts) });
        } else if (newFacts) {
          table.replace(href, before.document, newFacts);
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
  const isOther = (key: string) =>
    stored[key] !== wanted[key] &&
    !AUTHORSHIP.includes(key) &&
    JSON.stringify(stored[key]) !== JSON.stringify(wanted[key]);
  return Object.keys({ ...stored, ...wanted }).some(isOther);
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

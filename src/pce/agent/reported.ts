import type { Collection, World } from '../../contract/collection.ts';
import { organisationOf } from '../organisations.ts';

/** `service` and `workload` come from a cluster's agent, `pod` from its nodes. */
export type ReportedType = 'service' | 'pod' | 'workload';

/** An object of a cluster as its agent has told of it. */
export interface Reported<Said = Record<string, unknown>> {
  readonly type: ReportedType;
  /** What tells it from the others of its type: a UID, or its kind, namespace and name as JSON. */
  readonly uid: string;
  readonly namespace: string;
  /** The href that it has where the PCE shows it: the same for as long as it is reported. */
  readonly shown_as: string;
  readonly said: Said;
  /** Of a workload in CLAS mode: the policies that its cluster has acknowledged and applied. */
  readonly policy?: {
    /** The digest of the whole policy that this one was a part of. */
    readonly set: string;
    readonly acknowledged: string;
    readonly applied?: string;
    readonly applied_at?: string;
  };
}

/**
 * What agents have said of the objects of their clusters. No reply shows it; everything that the PCE makes
 * of it (`derivation.ts`) can be made again from here, whatever the order in which things were said.
 */
export const reported: Collection = {
  name: 'reported_objects',
  parent: 'container_clusters',
  id: 'uuid',
  schema: 'pce/agent/reported#object',
  keys: { type: '$.type', namespace: '$.namespace', shown_as: '$.shown_as' },
  indexed: ['namespace', 'shown_as'],
};

/** One thing that an agent says. */
export interface Saying {
  readonly uid: string;
  readonly namespace: string;
  readonly said: object;
}

const placeOf = (cluster: string, type: ReportedType, uid: string) => `${cluster}/reported_objects/${type}/${uid}`;

/** What became of one thing that was said. */
export interface Heard {
  readonly known: boolean;
  readonly shown_as: string;
}

/**
 * Keeps what an agent says of objects of one type.
 * @param shown the collection in which they are shown
 * @returns the namespaces that it changes anything in, and what became of each, in order
 */
export function hear(
  world: World,
  cluster: string,
  type: ReportedType,
  sayings: readonly Saying[],
  shown: Collection,
): { namespaces: Set<string>; heard: Heard[] } {
  const table = world.table(reported);
  const namespaces = new Set<string>();
  const heard: Heard[] = [];
  const org = organisationOf(cluster);
  for (const { uid, namespace, said } of sayings) {
    const place = placeOf(cluster, type, uid);
    const before = table.get(place) as unknown as Reported | undefined;
    const shown_as = before?.shown_as ?? world.table(shown).mint(org);
    heard.push({ known: before !== undefined, shown_as });
    const same = before?.namespace === namespace && JSON.stringify(before.said) === JSON.stringify(said);
    if (same) continue;
    namespaces.add(namespace);
    if (before) {
      namespaces.add(before.namespace);
      table.replace(place, { ...before, namespace, said });
    } else {
      table.insert(cluster, place, { type, uid, namespace, shown_as, said });
    }
  }
  return { namespaces, heard };
}

/** Forgets objects; those that were never reported are no matter. @returns the namespaces that they were in */
export function forget(world: World, cluster: string, type: ReportedType, uids: Iterable<string>): Set<string> {
  const table = world.table(reported);
  const namespaces = new Set<string>();
  for (const uid of uids) {
    const place = placeOf(cluster, type, uid);
    const before = table.get(place) as unknown as Reported | undefined;
    if (!before) continue;
    namespaces.add(before.namespace);
    table.remove(place);
  }
  return namespaces;
}

/** Forgets all objects of a type but these. @returns the namespaces that the others were in */
export function forgetOthers(
  world: World,
  cluster: string,
  type: ReportedType,
  kept: ReadonlySet<string>,
): Set<string> {
  const uids = reportedOf(world, cluster, type).map(({ uid }) => uid);
  return forget(
    world,
    cluster,
    type,
    uids.filter((uid) => !kept.has(uid)),
  );
}

/** What is reported of a cluster: all of a type, or all in a namespace, in the order of the first report. */
export function reportedOf(world: World, cluster: string, type?: ReportedType, namespace?: string): Reported[] {
  const where = [
    ...(namespace === undefined ? [] : [{ key: 'namespace', is: namespace }]),
    ...(type === undefined ? [] : [{ key: 'type', is: type }]),
  ];
  return world.table(reported).find(cluster, { where }) as unknown as Reported[];
}

/** Keeps what became of the policy of a workload. */
export function keepPolicy(world: World, cluster: string, one: Reported, policy: Reported['policy']): void {
  world.table(reported).replace(placeOf(cluster, one.type, one.uid), { ...one, policy });
}

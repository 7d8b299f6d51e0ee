import type { Collection, Document, World } from '../../contract/collection.ts';
import type { Request } from '../../contract/route.ts';
import { containerClusters } from '../container-clusters.ts';
import { type Change, recordEvent } from '../events.ts';
import { organisationOf } from '../organisations.ts';

/** Which machine id an agent has reported for which cluster. No reply shows it. */
export const machineIds: Collection = {
  name: 'machine_ids',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/machine_ids#machine_id',
  keys: { machine_id: '$.machine_id', container_cluster: '$.container_cluster' },
  indexed: ['machine_id', 'container_cluster'],
  references: [
    {
      to: 'container_clusters',
      edges: ({ container_cluster }) => [{ role: 'container_cluster', to: String(container_cluster) }],
      vanishes: true,
    },
  ],
};

const DUPLICATE = 'container_cluster.duplicate_machine_id';

/** The machine ids of a cluster. */
export function machineIdsOf(world: World, cluster: string): string[] {
  const where = [{ key: 'container_cluster', is: cluster }];
  return world
    .table(machineIds)
    .find(organisationOf(cluster), { where })
    .map(({ machine_id }) => String(machine_id));
}

/** Keeps the machine ids of a cluster. @returns those that it gained or lost */
export function keepMachineIds(world: World, cluster: string, ids: readonly string[]): string[] {
  const table = world.table(machineIds);
  const wanted = new Set(ids);
  const before = new Set(machineIdsOf(world, cluster));
  const place = (id: string) => `${cluster}/machine_ids/${id}`;
  const gained = [...wanted].filter((id) => !before.has(id));
  const lost = [...before].filter((id) => !wanted.has(id));
  for (const id of lost) table.remove(place(id));
  for (const machine_id of gained) {
    table.insert(organisationOf(cluster), place(machine_id), { machine_id, container_cluster: cluster });
  }
  return [...gained, ...lost];
}

/**
 * Brings the errors of all clusters that had, or have, some machine ids in line with who has them now. Each id
 * belongs to one cluster (documented); the entry is that of the official Ansible collection's example.
 */
export function tellDuplicates(cause: Request, world: World, org: string, ids: readonly string[]): void {
  const clusters = new Set(ids.flatMap((id) => clustersWith(world, org, id)));
  for (const cluster of clusters) tellDuplicatesOf(cause, world, org, cluster);
}

/** The same for one cluster. */
export function tellDuplicatesOf(cause: Request, world: World, org: string, cluster: string): void {
  const table = world.table(containerClusters);
  const document = table.get(cluster);
  if (!document) return;
  const errors = document.errors as Document[];
  const told = errors.find(({ error_type, audit_event }) => error_type === DUPLICATE && audit_event);
  const duplicate_ids = machineIdsOf(world, cluster)
    .filter((id) => clustersWith(world, org, id).length > 1)
    .sort();
  if (JSON.stringify(told?.duplicate_ids ?? []) === JSON.stringify(duplicate_ids)) return;
  const others = errors.filter((one) => one !== told);
  if (duplicate_ids.length === 0) return void table.replace(cluster, { ...document, errors: others });
  const error = { duplicate_ids, error_type: DUPLICATE };
  const after = { ...document, errors: [...others, error] };
  const changes: Change[] = [{ type: 'container_cluster', before: document, after }];
  const href = recordEvent(cause, world, org, { event_type: DUPLICATE, severity: 'err', bySystem: true, changes });
  table.replace(cluster, { ...document, errors: [...others, { audit_event: { href }, ...error }] });
}

function clustersWith(world: World, org: string, machineId: string): string[] {
  const where = [{ key: 'machine_id', is: machineId }];
  return world
    .table(machineIds)
    .find(org, { where })
    .map(({ container_cluster }) => String(container_cluster));
}

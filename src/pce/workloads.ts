import type { Collection, World } from '../contract/collection.ts';
import { labelled } from './labels.ts';
import { organisationOf } from './organisations.ts';

/** Hosts. So far those that are nodes of a cluster, which their agents have paired. */
export const workloads: Collection = {
  name: 'workloads',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/workloads#item',
  keys: {
    name: '$.name',
    hostname: '$.hostname',
    managed: '$.managed',
    enforcement_mode: '$.enforcement_mode',
    visibility_level: '$.visibility_level',
    container_cluster: '$.container_cluster.href',
  },
  indexed: ['container_cluster'],
  references: [labelled],
};

/**
 * Brings the nodes of a cluster in line with it.
 * @param name its new name; none once it is deleted: the hosts stay, as nodes of none (inferred)
 */
export function reassignNodes(world: World, cluster: string, name?: string): void {
  const table = world.table(workloads);
  const where = [{ key: 'container_cluster', is: cluster }];
  for (const { container_cluster: _before, ...workload } of table.find(organisationOf(cluster), { where })) {
    const container_cluster = name === undefined ? undefined : { href: cluster, name };
    table.replace(String(workload.href), { ...workload, container_cluster });
  }
}

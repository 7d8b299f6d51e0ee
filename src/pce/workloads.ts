import type { Collection, Document, Facts, World } from '../contract/collection.ts';
import { agentOf } from './agents.ts';
import { labelled } from './labels.ts';
import { organisationOf } from './organisations.ts';
import { quotedVen, shownOfWorkload, vens } from './vens.ts';

/** Hosts: managed by a VEN, as the nodes of clusters are, or unmanaged, which users make by hand. */
export const workloads: Collection = {
  name: 'workloads',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/workloads#item',
  keys: {
    name: '$.name',
    hostname: '$.hostname',
    description: '$.description',
    managed: '$.managed',
    online: '$.online',
    deleted: '$.deleted',
    os_id: '$.os_id',
    enforcement_mode: '$.enforcement_mode',
    visibility_level: '$.visibility_level',
    container_cluster: '$.container_cluster.href',
    ven: '$.ven.href',
    external_data_set: '$.external_data_set',
    external_data_reference: '$.external_data_reference',
  },
  factKeys: { addresses: '$.addresses' },
  indexed: ['container_cluster'],
  // Names and host names may repeat: a public client has a command that looks for duplicates.
  unique: [{ keys: ['external_data_set', 'external_data_reference'], unless: 'deleted' }],
  // A deleted workload keeps no label from being deleted.
  references: [{ ...labelled, edges: (workload) => (workload.deleted ? [] : labelled.edges(workload)) }],
};

/** What lists are searched by, as no key of a document can be: any of the addresses. */
function factsOf({ public_ip, interfaces = [] }: Document): Facts {
  const addresses = [public_ip, ...(interfaces as { address: string | null }[]).map(({ address }) => address)];
  return { addresses: addresses.filter((one) => typeof one === 'string').join('\n') };
}

/** Adds a workload. @throws NotUnique */
export function addWorkload(world: World, workload: Document): Document {
  const { href } = workload;
  const document = { ...workload, agent: agentOf(world, workload) };
  return world.table(workloads).insert(organisationOf(String(href)), String(href), document, factsOf(workload));
}

/** Puts a workload's new version in its place; it and its VEN show each other as they are now. @throws NotUnique */
export function replaceWorkload(world: World, workload: Document): Document {
  const { href, ven: quoted } = workload as { href: string; ven?: { href: string } };
  const ven = quoted && world.table(vens).get(quoted.href);
  const shown = { ...workload, agent: agentOf(world, workload, ven), ven: ven && quotedVen(ven) };
  const after = world.table(workloads).replace(href, shown, factsOf(workload));
  if (ven) world.table(vens).replace(String(ven.href), { ...ven, ...shownOfWorkload(after) });
  return after;
}

/**
 * Brings the nodes of a cluster in line with it.
 * @param name its new name; none once it is deleted: the hosts stay, as nodes of none (inferred)
 */
export function reassignNodes(world: World, cluster: string, name?: string): void {
  const where = [{ key: 'container_cluster', is: cluster }];
  for (const workload of world.table(workloads).find(organisationOf(cluster), { where })) {
    const container_cluster = name === undefined ? undefined : { href: cluster, name };
    replaceWorkload(world, { ...workload, container_cluster });
  }
}

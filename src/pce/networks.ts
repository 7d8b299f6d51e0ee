import type { Collection, Document, World } from '../contract/collection.ts';

/** Each cluster's pod network is one of its own, so that equal subnets of two clusters are told apart. */
export const networks: Collection = {
  name: 'networks',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/networks#item',
  keys: { name: '$.name' },
  references: [
    {
      to: 'container_clusters',
      edges: ({ created_by }) => [{ role: 'created_by', to: (created_by as { href: string }).href }],
      vanishes: true,
    },
  ],
};

/** What a cluster's network is called. Ours; the captured names are anonymised. */
const networkName = (cluster: string): string => `${cluster} pod network`;

/**
 * Makes the network of a cluster.
 * @param name the cluster's
 * @param authorship says that the cluster made it; the network vanishes with the cluster
 * @returns the network's href
 */
export function createNetwork(world: World, org: string, name: string, authorship: Document): string {
  const href = world.table(networks).mint(org);
  world.table(networks).insert(org, href, { href, name: networkName(name), ...authorship });
  return href;
}

/** Gives a cluster's network the name that goes with the cluster's. */
export function renameNetwork(world: World, href: string | undefined, cluster: string): void {
  const network = href === undefined ? undefined : world.table(networks).get(href);
  if (network) world.table(networks).replace(String(href), { ...network, name: networkName(cluster) });
}

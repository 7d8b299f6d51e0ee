import type { World } from '../../contract/collection.ts';
import { containerClusters, factsOf } from '../container-clusters.ts';
import { containerWorkloadProfiles } from '../container-workload-profiles.ts';
import { labelKeys } from '../label-dimensions.ts';
import { isReserved, labels, type ShownLabel } from '../labels.ts';
import { networks } from '../networks.ts';
import { organisationOf } from '../organisations.ts';
import { indexLabels } from './label-resolution.ts';
import type { NamespaceState } from './namespace-state.ts';
import { reportedOf } from './reported.ts';

/** A namespace of a cluster. */
export interface Place {
  readonly cluster: string;
  readonly namespace: string;
}

/** How the facts of what is derived say where it comes from. */
export const originOf = ({ cluster, namespace }: Place) => `${cluster}/namespaces/${namespace}`;

/** The namespace that an origin names. */
export function placeOf(origin: string): Place {
  const [cluster = '', namespace = ''] = origin.split('/namespaces/');
  return { cluster, namespace };
}

/** Some namespaces of a cluster, by their names. */
export const placesIn = (cluster: string, namespaces: Iterable<string>): Place[] =>
  [...namespaces].map((namespace) => ({ cluster, namespace }));

/** All namespaces of a cluster of which anything is reported. */
export function placesOf(world: World, cluster: string): Place[] {
  return placesIn(cluster, new Set(reportedOf(world, cluster).map(({ namespace }) => namespace)));
}

/** Everything that decides what is shown of a namespace. */
export const stateOf = (world: World, place: Place): NamespaceState =>
  statesIn(world, organisationOf(place.cluster))(place);

/**
 * Tells everything that decides what is shown of the namespaces of an organisation. What they have in common is read
 * once: it holds until something is written.
 */
export function statesIn(world: World, org: string): (place: Place) => NamespaceState {
  const ofOrganisation = inOrganisation(world, org);
  const clusters = new Map<string, OfCluster>();
  return ({ cluster, namespace }) => {
    const ofCluster = clusters.get(cluster) ?? inCluster(world, cluster);
    clusters.set(cluster, ofCluster);
    const where = [{ key: 'namespace', is: namespace }];
    return {
      ...ofOrganisation,
      ...ofCluster,
      namespace,
      profile: world.table(containerWorkloadProfiles).find(cluster, { where, limit: 1 })[0],
      reported: reportedOf(world, cluster, undefined, namespace),
    };
  };
}

type OfOrganisation = Pick<NamespaceState, 'labels' | 'dimensions' | 'reserved'>;
type OfCluster = Pick<NamespaceState, 'cluster' | 'network' | 'labelMaps'>;

function inOrganisation(world: World, org: string): OfOrganisation {
  const found = world.table(labels).find(org, { where: [{ key: 'deleted', is: false }] });
  return {
    labels: indexLabels(found as unknown as ShownLabel[]),
    dimensions: labelKeys(world, org),
    reserved: (value) => isReserved(value, world),
  };
}

function inCluster(world: World, href: string): OfCluster {
  const cluster = world.table(containerClusters).get(href) ?? {};
  const { mode = 'legacy', network, label_map = [] } = factsOf(world, href);
  const shownNetwork = network === undefined ? undefined : world.table(networks).get(network);
  return {
    cluster: { href, name: String(cluster.name), mode },
    network: shownNetwork && { href: String(shownNetwork.href), name: String(shownNetwork.name) },
    labelMaps: label_map,
  };
}

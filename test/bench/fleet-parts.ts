import { digest } from '../../src/kernel/secrets.ts';
import { fleetOf } from '../../src/simulate/fleet.ts';
import type { Inventory } from '../../src/simulate/inventory.ts';

/** How large a fleet is. */
export interface FleetSize {
  readonly clusters: number;
  /** Of each cluster, one for each of its namespaces. */
  readonly profiles: number;
}

/** A cluster of the fleet: what its agent says, and what the agent signs in by. */
export interface FleetPart {
  readonly index: number;
  readonly name: string;
  readonly inventory: Inventory;
  readonly token: string;
}

/** Each cluster tells of so many services and pods, in namespaces that the PCE does not manage. */
export const OBJECTS = 10;

const SEED = 7;

/** The clusters one by one, the same in every run. */
export function* partsOf({ clusters, profiles }: FleetSize): Generator<FleetPart> {
  let index = 0;
  for (const { inventory } of fleetOf({ clusters, namespaces: profiles, workloads: 1, seed: SEED })) {
    yield { index, name: nameOf(index), inventory: cut(inventory), token: `1_${digest(`token ${index}`)}` };
    index++;
  }
}

export const nameOf = (index: number): string => `fleet-${String(index).padStart(5, '0')}`;

function cut({ services, pods, ...rest }: Inventory): Inventory {
  return { ...rest, services: services.slice(0, OBJECTS), pods: pods.slice(0, OBJECTS), workloads: [] };
}

/** The values of the labels that profiles have, by key. */
export const LABELS = {
  app: ['payments', 'orders', 'catalog', 'accounts', 'shipping', 'search', 'reports', 'billing'],
  env: ['Production', 'Staging', 'Development'],
  loc: ['Amazon', 'Azure', 'Frankfurt', 'Dublin', 'Tokyo', 'Sydney', 'Lima', 'Cairo', 'Oslo', 'Rome'],
} as const;

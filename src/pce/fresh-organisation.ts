import type { World } from '../contract/collection.ts';
import { organisations, ownerOf } from './organisations.ts';
import { createDefaultPairingProfile, pairingProfiles } from './pairing-profiles.ts';
import { createAllServices, services } from './policy/services.ts';

/** Gives organisations of a file that was written before they had it what a PCE gives to each. */
export function completeOrganisations(world: World): void {
  for (const { href } of world.table(organisations).find('')) {
    const org = String(href);
    const defaults = [{ key: 'is_default', is: true }];
    if (world.table(pairingProfiles).count(org, defaults) === 0) createDefaultPairingProfile(world, org, ownerOf(org));
    if (world.table(services).count(org) === 0) createAllServices(world, org);
  }
}

/** Makes an organisation with what a PCE gives to each. @returns its href */
export function createOrganisation(world: World, id: number, name: string): string {
  const href = `/orgs/${id}`;
  world.table(organisations).insert('', href, { href, name });
  createDefaultPairingProfile(world, href, ownerOf(href));
  createAllServices(world, href);
  return href;
}

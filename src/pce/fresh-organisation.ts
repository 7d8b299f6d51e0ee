import type { World } from '../contract/collection.ts';
import { completeKeys } from './access/api-keys.ts';
import { createOwner, users } from './access/users.ts';
import { createBuiltInDimensions, labelDimensions } from './label-dimensions.ts';
import { organisations, ownerOf } from './organisations.ts';
import { createDefaultPairingProfile, pairingProfiles } from './pairing-profiles.ts';
import { createAnyIpList, ipLists } from './policy/ip-lists.ts';
import { createAllServices, services } from './policy/services.ts';

/**
 * Gives organisations of a file, or of a world of documents, that was written before they had it what a PCE gives to
 * each.
 * @throws Error where a user of another organisation has the number of an owner
 */
export function completeOrganisations(world: World): void {
  for (const { href } of world.table(organisations).find('')) {
    const org = String(href);
    const owner = world.table(users).facts(ownerOf(org));
    if (owner && owner.org !== org) throw new Error(`${ownerOf(org)} is the owner of ${org}, and of no other`);
    if (!owner) createOwner(world, org);
    completeKeys(world, org);
    const defaults = [{ key: 'is_default', is: true }];
    if (world.table(pairingProfiles).count(org, defaults) === 0) createDefaultPairingProfile(world, org, ownerOf(org));
    if (world.table(labelDimensions).count(org) === 0) createBuiltInDimensions(world, org);
    if (world.table(services).count(org) === 0) createAllServices(world, org);
    if (world.table(ipLists).count(org) === 0) createAnyIpList(world, org);
  }
}

/** Makes an organisation with what a PCE gives to each. @returns its href */
export function createOrganisation(world: World, id: number, name: string): string {
  const href = `/orgs/${id}`;
  world.table(organisations).insert('', href, { href, name });
  createOwner(world, href);
  createDefaultPairingProfile(world, href, ownerOf(href));
  createBuiltInDimensions(world, href);
  createAllServices(world, href);
  createAnyIpList(world, href);
  return href;
}

import type { World } from '../contract/collection.ts';
import { organisations, ownerOf } from './organisations.ts';
import { createDefaultPairingProfile } from './pairing-profiles.ts';

/** Makes an organisation with what a PCE gives to each. @returns its href */
export function createOrganisation(world: World, id: number, name: string): string {
  const href = `/orgs/${id}`;
  world.table(organisations).insert('', href, { href, name });
  createDefaultPairingProfile(world, href, ownerOf(href));
  return href;
}

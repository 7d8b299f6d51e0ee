import type { World } from '../../contract/collection.ts';
import { organisations } from '../organisations.ts';

/**
 * The public key by which an organisation's PCE would sign for its clusters in CLAS mode, as PEM. It is made
 * when the first of them reports. Nothing that the emulator sends is signed, so the other half is not kept.
 */
export function authKeyOf(world: World, org: string): string {
  const table = world.table(organisations);
  const facts = table.facts(org) ?? {};
  if (facts.clas_auth_public_key !== undefined) return String(facts.clas_auth_public_key);
  const clas_auth_public_key = world.ids.rsaPublicKey();
  table.replace(org, table.get(org) ?? {}, { ...facts, clas_auth_public_key });
  return clas_auth_public_key;
}

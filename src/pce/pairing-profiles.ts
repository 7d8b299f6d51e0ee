import type { Collection, Document, World } from '../contract/collection.ts';
import type { Request } from '../contract/route.ts';
import { momentOf } from '../kernel/clock.ts';
import { digest } from '../kernel/secrets.ts';
import { type Change, recordEvent } from './events.ts';
import { enforcementModeOf, modeOf } from './modes.ts';

/** How hosts, and the nodes of clusters, get in: with which labels, in which mode. */
export const pairingProfiles: Collection = {
  name: 'pairing_profiles',
  parent: 'orgs',
  id: 'integer',
  schema: 'pce/pairing_profiles#item',
  keys: {
    name: '$.name',
    description: '$.description',
    agent_software_release: '$.agent_software_release',
    ven_type: '$.ven_type',
    is_default: '$.is_default',
    external_data_set: '$.external_data_set',
    external_data_reference: '$.external_data_reference',
  },
  unique: [{ keys: ['name'], caseless: true }, { keys: ['external_data_set', 'external_data_reference'] }],
  references: [
    {
      to: 'labels',
      edges: ({ labels }) => (labels as { href: string }[]).map(({ href }) => ({ role: 'label', to: href })),
    },
  ],
};

export const pairingKeys: Collection = {
  name: 'pairing_keys',
  parent: 'pairing_profiles',
  id: 'uuid',
  schema: 'pce/pairing_profiles#stored_key',
  factKeys: { code_sha256: '$.code_sha256' },
  indexed: ['code_sha256'],
};

/** Every organisation has one from the first (documented). */
export function createDefaultPairingProfile(world: World, org: string, user: string): void {
  const table = world.table(pairingProfiles);
  const href = table.mint(org);
  const now = world.clock.timestamp();
  const by = { href: user };
  const authorship = { created_at: now, created_by: by, updated_at: now, updated_by: by };
  table.insert(org, href, { href, name: 'Default', enabled: true, is_default: true, ...authorship });
}

/** What a body says, with both names of the mode: clients use both, so they are kept in step. */
export function inBothModes(body: Document): Document {
  const { mode, enforcement_mode } = body;
  if (enforcement_mode !== undefined) return { ...body, mode: modeOf(enforcement_mode) };
  return mode === undefined ? body : { ...body, enforcement_mode: enforcementModeOf(mode) };
}

/**
 * Makes a pairing key.
 * @param by the href of who asks for it, whom the profile then shows
 * @returns its activation code, which is kept as a fingerprint alone
 */
export function createPairingKey(world: World, profile: Document, by: string): string {
  // As the captured codes: the first digit is a 1, 81 hex digits in all.
  const code = `1${world.ids.hex(40)}`;
  const table = world.table(pairingKeys);
  const parent = String(profile.href);
  const href = table.mint(parent);
  // The limits are those of the moment at which the key is made (inferred).
  const { key_lifespan: lifespan, allowed_uses_per_key: uses } = profile;
  const facts = { code_sha256: digest(code), lifespan, uses, used: 0 };
  const now = world.clock.timestamp();
  table.insert(parent, href, { href, created_at: now }, facts);
  // It is no change of the profile: updated_at stays (inferred).
  const last = { last_pairing_key_generated_at: now, last_pairing_key_generated_by: { href: by } };
  world.table(pairingProfiles).replace(parent, { ...profile, ...last });
  return code;
}

/**
 * Uses a pairing key some times.
 * @returns its profile; undefined when the code is wrong, has expired or is used up, or the profile is disabled
 */
export function usePairingKey(world: World, org: string, code: string, times: number): Document | undefined {
  const key = world.table(pairingKeys).lookup({ code_sha256: digest(code) });
  const profile = key && world.table(pairingProfiles).get(key.href.replace(/\/pairing_keys\/.*/, ''));
  if (!key || !profile?.enabled || !String(profile.href).startsWith(`${org}/`)) return undefined;
  const { lifespan, uses, used } = key.facts;
  const age = world.clock.now() - momentOf(String(key.document.created_at));
  if (typeof lifespan === 'number' && age >= lifespan * 1000) return undefined;
  if (typeof uses === 'number' && Number(used) + times > uses) return undefined;
  world.table(pairingKeys).replace(key.href, key.document, { ...key.facts, used: Number(used) + times });
  const last_pairing_at = times > 0 ? world.clock.timestamp() : profile.last_pairing_at;
  const total_use_count = Number(profile.total_use_count) + times;
  return world.table(pairingProfiles).replace(String(profile.href), { ...profile, total_use_count, last_pairing_at });
}

/** Leaves an event about a pairing profile. */
export function tellOfPairing(request: Request, world: World, what: string, change?: Omit<Change, 'type'>): void {
  const changes = change ? [{ type: 'pairing_profile', ...change }] : [];
  recordEvent(request, world, request.caller.org, { event_type: `pairing_profile.${what}`, changes });
}

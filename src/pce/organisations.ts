import type { Collection, World } from '../contract/collection.ts';
import { digest } from '../kernel/secrets.ts';

/** Each organisation is a tenant: it has its own users' keys, labels and clusters. */
export const organisations: Collection = {
  name: 'orgs',
  id: 'integer',
  schema: 'pce/organisations#org',
};

export const apiKeys: Collection = {
  name: 'api_keys',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/organisations#api_key',
  keys: { auth_username: '$.auth_username' },
  indexed: ['auth_username'],
  credential: true,
};

/** The organisation that anything at an href belongs to: `/orgs/1`. */
export const organisationOf = (href: string): string => href.split('/').slice(0, 3).join('/');

/** The user who owns an organisation's first key. User ids run over all organisations of a PCE. */
export const ownerOf = (org: string): string => org.replace('/orgs/', '/users/');

/** The name that events show for a user: of a form that PCEs use, and of nobody. */
export const usernameOf = (user: string): string => `user${user.slice('/users/'.length)}@example.com`;

/**
 * Makes an API key for the organisation's owner. The secret is in what this returns and nowhere else.
 * @param given name and secret to use instead of fresh ones; a key of that name gets the new secret
 * @returns undefined when another organisation has a key of that name
 */
export function createApiKey(world: World, org: string, given?: ApiKey): ApiKey | undefined {
  // As the key of the documentation's examples: 17 hex digits; the secret has 64.
  const name = given?.name ?? `api_${world.ids.hex(9).slice(0, 17)}`;
  const secret = given?.secret ?? world.ids.hex(32);
  const user = ownerOf(org);
  const href = `${user}/api_keys/${encodeURIComponent(name)}`;
  const table = world.table(apiKeys);
  const before = table.lookup({ auth_username: name });
  if (before && before.facts.org !== org) return undefined;
  if (before) table.remove(before.href);
  const document = { href, auth_username: name, name: 'pce-emulator', created_at: world.clock.timestamp() };
  table.insert(org, href, document, { user, org, secret_sha256: digest(secret) });
  return { name, secret };
}

export interface ApiKey {
  /** The user name of Basic authentication: `api_16b0db2422adcdae9`. */
  readonly name: string;
  readonly secret: string;
}

import type { Collection, Document, Edge, Entry, World } from '../../contract/collection.ts';
import { momentOf, timestampOf } from '../../kernel/clock.ts';
import { digest } from '../../kernel/secrets.ts';
import { organisationOf, ownerOf } from '../organisations.ts';
import { permissionOf, serviceAccounts } from './service-accounts.ts';
import { users } from './users.ts';

/** The link to whom a key lets in as; keys of a file that was written before there were users have none. */
const holder =
  (prefix: RegExp) =>
  (document: Document): Edge[] => {
    const { href } = (document.account ?? {}) as { href?: string };
    return href !== undefined && prefix.test(href) ? [{ role: 'holder', to: href }] : [];
  };

/**
 * The keys of users and of service accounts. Their facts: `org`, `user` (the href of whom they let in as),
 * `secret_sha256`, `until` when, and `logs_in` for a key whose secret is its owner's password, too.
 */
export const apiKeys: Collection = {
  name: 'api_keys',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/api_keys#stored',
  keys: {
    auth_username: '$.auth_username',
    key_id: '$.key_id',
    type: '$.account.type',
    account: '$.account.name',
    permissions: '$.account.permissions',
  },
  factKeys: { user: '$.user', until: '$.until', secret_sha256: '$.secret_sha256', logs_in: '$.logs_in' },
  indexed: ['auth_username', 'user'],
  onceShown: ['user', 'org', 'secret_sha256'],
  credential: true,
  references: [
    { to: 'users', edges: holder(/^\/users\//), vanishes: true },
    { to: 'service_accounts', edges: holder(/^\/orgs\//), vanishes: true, quote: quoteAccount },
  ],
};

function quoteAccount(key: Document, { name, permissions }: Document): Document {
  return { ...key, name, account: { ...(key.account as Document), name, permissions } };
}

export interface ApiKey {
  /** The user name of Basic authentication: `api_16b0db2422adcdae9`. */
  readonly name: string;
  readonly secret: string;
}

interface NewKey {
  /** Whom it lets in as: `/users/1`, or a service account. */
  readonly holder: string;
  readonly created_by: string;
  readonly name: string;
  readonly description?: string;
  readonly expires_in_seconds?: number;
  /** True where its secret is a password, too. */
  readonly logsIn?: boolean;
}

/** When a key ends that does not: as text after all timestamps, and as a moment none. */
const NEVER = 'never';

/** The last moment that there is. */
const LAST = momentOf('9999-12-31T23:59:59.999Z');

/** @returns the key with its secret, which nobody can read again, and the document */
export function mintKey(world: World, org: string, wanted: NewKey, given?: ApiKey): ApiKey & { entry: Entry } {
  const { holder: user, created_by, name: label, description, expires_in_seconds, logsIn } = wanted;
  // As the key of the documentation's examples: 17 hex digits; the secret has 64.
  const name = given?.name ?? `api_${world.ids.hex(9).slice(0, 17)}`;
  const secret = given?.secret ?? world.ids.hex(32);
  const key_id = keyIdOf(name);
  const href = hrefOf(user, key_id);
  const now = world.clock.now();
  const ends = expires_in_seconds === undefined || expires_in_seconds < 0 ? undefined : expires_in_seconds * 1000;
  const until = ends === undefined ? NEVER : timestampOf(Math.min(now + ends, LAST));
  const facts = { org, user, secret_sha256: digest(secret), until, ...(logsIn && { logs_in: true }) };
  const fresh = {
    ...{ href, key_id, auth_username: name, created_at: timestampOf(now), name: label, description },
    ...{ expires_in_seconds, created_by: { href: created_by }, account: accountOf(world, user) },
  };
  const document = world.table(apiKeys).insert(org, href, fresh, facts);
  return { name, secret, entry: { href, document, facts } };
}

/** Whether the key of a name has an href that a client can ask for. */
export const canStandInPath = (name: string): boolean =>
  !/[/\p{Surrogate}]/u.test(name) && !['.', '..'].includes(keyIdOf(name));

const keyIdOf = (name: string): string => name.replace(/^api_(?=.)/, '');

const hrefOf = (user: string, key_id: string): string => `${user}/api_keys/${encodeURIComponent(key_id)}`;

/** How a key shows whom it lets in as. */
function accountOf(world: World, href: string): Document {
  const { name, permissions } = world.table(serviceAccounts).get(href) ?? {};
  if (permissions !== undefined) return { href, type: 'service_account', name, permissions };
  const { org, role } = world.table(users).facts(href) ?? {};
  const { username } = world.table(users).get(href) ?? {};
  return { href, type: 'user', name: username, permissions: [permissionOf(String(org), String(role))] };
}

/**
 * Makes an API key for the organisation's owner, with whose secret the owner can log in, too.
 * @param given name and secret to use instead of fresh ones; a key of that name gets the new secret
 * @returns undefined when another organisation has a key of that name
 */
export function createApiKey(world: World, org: string, given?: ApiKey): ApiKey | undefined {
  const table = world.table(apiKeys);
  const user = ownerOf(org);
  if (given) {
    const before = table.lookup({ auth_username: given.name });
    if (before && before.facts.org !== org) return undefined;
    if (before && isThatOf(before, user, given)) return given;
    if (before) table.remove(before.href);
    // The names of two keys may differ in how they begin alone.
    table.remove(hrefOf(user, keyIdOf(given.name)));
  }
  const { name, secret } = mintKey(
    world,
    org,
    { holder: user, created_by: user, name: 'pce-emulator', logsIn: true },
    given,
  );
  return { name, secret };
}

/** Whether a key is an owner's, with just this secret: then it may have a name and a description by now. */
const isThatOf = ({ facts }: Entry, owner: string, { secret }: ApiKey): boolean =>
  facts.user === owner && facts.logs_in === true && facts.until === NEVER && facts.secret_sha256 === digest(secret);

/** Gives keys of a file that was written before there were users what keys have now. */
export function completeKeys(world: World, org: string): void {
  const table = world.table(apiKeys);
  for (const { href, document, facts } of table.entries(org, { where: [{ key: 'key_id', is: null }] })) {
    const user = ownerOf(org);
    const key_id = keyIdOf(String(document.auth_username));
    const complete = { ...document, key_id, created_by: { href: user }, account: accountOf(world, user) };
    table.remove(href);
    const now = hrefOf(user, key_id);
    table.insert(org, now, { ...complete, href: now }, { ...facts, until: NEVER });
  }
}

/** A key as its own user sees it. */
export function ownView({ document }: Entry): Document {
  const { href, key_id, auth_username, created_at, name, description } = document;
  return { href, key_id, auth_username, created_at, name, ...(description !== undefined && { description }) };
}

/** A key as its organisation sees it. */
export function orgView({ document, facts }: Entry, world: World): Document {
  return { ...document, state: String(facts.until) <= world.clock.timestamp() ? 'expired' : 'active' };
}

/** The keys of a user or a service account. */
export function keysOf(world: World, user: string, org = organisationOf(user)): Entry[] {
  return world.table(apiKeys).entries(org, { where: [{ key: 'user', is: user }] });
}

/** One of them. */
export function keyOf(world: World, user: string, key_id: string): Entry | undefined {
  const table = world.table(apiKeys);
  const href = hrefOf(user, key_id);
  const document = table.get(href);
  return document && { href, document, facts: table.facts(href) ?? {} };
}

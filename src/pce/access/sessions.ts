import type { Collection, Table, World } from '../../contract/collection.ts';
import type { Caller } from '../../contract/route.ts';
import { digest } from '../../kernel/secrets.ts';

/** What a password brings: it logs in once. Its facts: the token's digest, and `until` when it does. */
export const authTokens: Collection = {
  name: 'auth_tokens',
  parent: 'users',
  id: 'uuid',
  schema: 'pce/users#credential',
  factKeys: { token_sha256: '$.token_sha256', until: '$.until' },
  indexed: ['token_sha256'],
  ranges: ['until'],
  credential: true,
};

/** What a login brings. Its facts: the token's digest, and `since` when it has not been used. */
export const sessions: Collection = {
  name: 'sessions',
  parent: 'users',
  id: 'uuid',
  schema: 'pce/users#credential',
  factKeys: { token_sha256: '$.token_sha256' },
  indexed: ['token_sha256'],
  credential: true,
};

/** About 30 seconds (documented). */
const TOKEN_LASTS_MS = 30_000;

/** After so long without a request a session is over (documented, REST API Users: 10 minutes). */
export const IDLE_MINUTES = 10;

/** How many sessions of one user there may be, and how many tokens: the oldest goes for a new one (ours). */
const MOST_OF_A_USER = 1000;

/** Digits of the tokens in the documentation's examples. */
const freshToken = (world: World): string => world.ids.hex(21).slice(0, 41);

/** Makes a token that logs a user in. */
export function createAuthToken(world: World, user: string): string {
  const table = world.table(authTokens);
  const now = world.clock.now();
  table.removeAll(user, [{ key: 'until', to: now }]);
  makeRoom(table, user);
  const token = freshToken(world);
  const href = table.mint(user);
  table.insert(user, href, { href }, { token_sha256: digest(token), until: now + TOKEN_LASTS_MS });
  return token;
}

/** Makes a session of a user. @returns its token */
export function createSession(world: World, user: string): string {
  const table = world.table(sessions);
  makeRoom(table, user);
  const token = freshToken(world);
  const href = table.mint(user);
  table.insert(user, href, { href }, { token_sha256: digest(token), since: world.clock.now() });
  return token;
}

/** Keeps that the session that a caller came with was used just now. */
export function keepUse({ credential = '' }: Caller, world: World): void {
  const table = world.table(sessions);
  const document = table.get(credential);
  if (document) table.replace(credential, document, { ...table.facts(credential), since: world.clock.now() });
}

function makeRoom(table: Table, user: string): void {
  if (table.count(user) < MOST_OF_A_USER) return;
  const [oldest] = table.entries(user, { limit: 1 });
  if (oldest) table.remove(oldest.href);
}

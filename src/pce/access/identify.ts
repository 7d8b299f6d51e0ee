import type { World } from '../../contract/collection.ts';
import type { Caller, Credentials } from '../../contract/route.ts';
import { momentOf } from '../../kernel/clock.ts';
import { digest } from '../../kernel/secrets.ts';
import { parentOf } from '../collections.ts';
import { containerClusters } from '../container-clusters.ts';
import { apiKeys } from './api-keys.ts';
import { onlyReads, serviceAccounts } from './service-accounts.ts';
import { authTokens, IDLE_MINUTES, sessions } from './sessions.ts';
import { isReader, users } from './users.ts';

/**
 * Who holds these credentials: a user or a service account with an API key (`Basic key:secret`), a user with a session
 * (`Basic user_1:token`) or about to begin one (`Token token=<token>`), or a cluster with the token of its creation,
 * as `Basic <cluster uuid>:<token>` or `Token token=<token>`. How a real Kubelink presents its token is not public;
 * both forms are inferred.
 */
export function identify(credentials: Credentials, world: World): Caller | undefined {
  if (credentials.scheme === 'bearer') return undefined;
  if (credentials.scheme === 'token') {
    const { token } = credentials;
    return clusterOf(token, world) ?? loggingIn(token, world);
  }
  const { name, secret } = credentials;
  return withKey(name, secret, world) ?? inSession(name, secret, world) ?? clusterNamed(name, secret, world);
}

/** A key, by its name and the digest of its secret: the time of the look-up tells nothing about them. */
function withKey(name: string, secret: string, world: World): Caller | undefined {
  // Both at once: it takes as long where there is a key of this name as where there is none.
  const key = world.table(apiKeys).lookup({ auth_username: name, secret_sha256: digest(secret) });
  if (!key) return undefined;
  const { user, org, until } = key.facts;
  const holder = userAt(String(user), world) ?? accountAt(String(user), String(org), world);
  const end = momentOf(String(until));
  return holder && { ...holder, apiKey: name, ...(Number.isFinite(end) && { until: end }) };
}

/** A session, by the digest of its token: the time of the look-up tells nothing about it. */
function inSession(name: string, token: string, world: World): Caller | undefined {
  const session = world.table(sessions).lookup({ token_sha256: digest(token) });
  const user = session && userAt(parentOf(parentOf(session.href)), world);
  if (!user || name !== authUsernameOf(user.href)) return undefined;
  const idle = { limit: IDLE_MINUTES * 60_000, since: Number(session.facts.since) };
  return { ...user, credential: session.href, idle };
}

function loggingIn(token: string, world: World): Caller | undefined {
  const found = world.table(authTokens).lookup({ token_sha256: digest(token) });
  const user = found && userAt(parentOf(parentOf(found.href)), world);
  return user && { ...user, loggingIn: true, credential: found.href, until: Number(found.facts.until) };
}

/** The user name of a session: `user_4`. */
export const authUsernameOf = (user: string): string => user.replace('/users/', 'user_');

function userAt(href: string, world: World): Caller | undefined {
  const user = world.table(users).get(href);
  const facts = world.table(users).facts(href);
  if (!user || !facts) return undefined;
  return { kind: 'user', href, org: String(facts.org), name: String(user.username), readOnly: isReader(facts) };
}

function accountAt(href: string, org: string, world: World): Caller | undefined {
  const account = world.table(serviceAccounts).get(href);
  if (!account) return undefined;
  return { kind: 'user', href, org, name: String(account.name), isAccount: true, readOnly: onlyReads(account) };
}

function clusterNamed(uuid: string, token: string, world: World): Caller | undefined {
  const cluster = clusterOf(token, world);
  return cluster?.href.endsWith(`/${uuid}`) ? cluster : undefined;
}

/** Looked up by the token's digest, so that the time it takes tells nothing about the token. */
function clusterOf(token: string, world: World): Caller | undefined {
  const cluster = world.table(containerClusters).lookup({ token_sha256: digest(token) });
  return cluster && { kind: 'cluster', href: cluster.href, org: parentOf(parentOf(cluster.href)) };
}

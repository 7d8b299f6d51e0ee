import type { World } from '../contract/collection.ts';
import type { Caller, Credentials } from '../contract/route.ts';
import { digest, sameDigest } from '../kernel/secrets.ts';
import { clusterTokens } from './container-clusters.ts';
import { apiKeys } from './organisations.ts';

/**
 * Who holds these credentials: a user with an API key (`Basic key:secret`), or a cluster with the token
 * of its creation, as `Basic <cluster uuid>:<token>` or `Token token=<token>`. How a real Kubelink
 * presents its token is not public; both forms are inferred.
 */
export function identify(credentials: Credentials, world: World): Caller | undefined {
  if (credentials.scheme === 'token') return clusterOf(credentials.token, world);
  return (
    userOf(credentials.name, credentials.secret, world) ?? clusterNamed(credentials.name, credentials.secret, world)
  );
}

function userOf(name: string, secret: string, world: World): Caller | undefined {
  const key = world.table(apiKeys).lookup({ auth_username: name })?.document;
  if (!key || !sameDigest(String(key.secret_sha256), digest(secret))) return undefined;
  return { kind: 'user', href: String(key.user), org: String(key.org) };
}

function clusterNamed(uuid: string, token: string, world: World): Caller | undefined {
  const cluster = clusterOf(token, world);
  return cluster?.href.endsWith(`/${uuid}`) ? cluster : undefined;
}

/** Looked up by the token's digest, so that the time it takes tells nothing about the token. */
function clusterOf(token: string, world: World): Caller | undefined {
  const found = world.table(clusterTokens).lookup({ secret_sha256: digest(token) })?.document;
  return found && { kind: 'cluster', href: String(found.cluster), org: String(found.org) };
}

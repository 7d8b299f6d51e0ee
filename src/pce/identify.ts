import type { World } from '../contract/collection.ts';
import type { Caller, Credentials } from '../contract/route.ts';
import { digest, sameDigest } from '../kernel/secrets.ts';
import { parentOf } from './collections.ts';
import { containerClusters } from './container-clusters.ts';
import { apiKeys } from './organisations.ts';

/**
 * Who holds these credentials: a user with an API key (`Basic key:secret`), or a cluster with the token
 * of its creation, as `Basic <cluster uuid>:<token>` or `Token token=<token>`. How a real Kubelink
 * presents its token is not public; both forms are inferred.
 */
export function identify(credentials: Credentials, world: World): Caller | undefined {
  if (credentials.scheme === 'token') return clusterOf(credentials.token, world);
  if (credentials.scheme === 'bearer') return undefined;
  return (
    userOf(credentials.name, credentials.secret, world) ?? clusterNamed(credentials.name, credentials.secret, world)
  );
}

function userOf(name: string, secret: string, world: World): Caller | undefined {
  const key = world.table(apiKeys).lookup({ auth_username: name });
  if (!key || !sameDigest(String(key.facts.secret_sha256), digest(secret))) return undefined;
  return { kind: 'user', href: String(key.facts.user), org: String(key.facts.org), apiKey: name };
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

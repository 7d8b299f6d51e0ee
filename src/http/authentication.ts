import basicAuth from 'basic-auth';
import type { World } from '../contract/collection.ts';
import type { Api, Caller, Credentials } from '../contract/route.ts';
import { digest } from '../kernel/secrets.ts';

/** Identities remembered at the most; a bound, so that no one can fill the memory with logins. */
const REMEMBERED = 10_000;

/** Tells who sent an Authorization header, or undefined when nobody known did. */
export type Authenticate = (api: Api, header: string | undefined) => Caller | undefined;

/**
 * Remembers identities by the digest of their header, so that neither secrets stay in memory nor the
 * time of a look-up tells about them. Forgets them all when a credential may have gone.
 * @param generation grows whenever that happens
 */
export function createAuthenticate(world: World, generation: () => number): Authenticate {
  const remembered = new Map<string, Caller>();
  let asOf = generation();
  return (api, header) => {
    if (header === undefined) return undefined;
    if (asOf !== generation() || remembered.size >= REMEMBERED) {
      remembered.clear();
      asOf = generation();
    }
    const fingerprint = digest(`${api.name} ${header}`);
    const known = remembered.get(fingerprint);
    if (known) return known;
    const credentials = parse(header);
    const caller = credentials && api.identify?.(credentials, world);
    if (caller) remembered.set(fingerprint, caller);
    return caller;
  };
}

function parse(header: string): Credentials | undefined {
  const token = /^Token token="?([^"\s]+)"?$/i.exec(header)?.[1];
  if (token) return { scheme: 'token', token };
  const bearer = /^Bearer (\S+)$/i.exec(header)?.[1];
  if (bearer) return { scheme: 'bearer', token: bearer };
  const basic = basicAuth.parse(header);
  return basic && { scheme: 'basic', name: basic.name, secret: basic.pass };
}

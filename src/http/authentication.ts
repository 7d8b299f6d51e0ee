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
    let caller = remembered.get(fingerprint);
    if (!caller) {
      const credentials = credentialsIn(header);
      caller = credentials && api.identify?.(credentials, world);
      if (caller) remembered.set(fingerprint, caller);
    }
    return caller && !isOver(caller, world.clock.now()) ? caller : undefined;
  };
}

/** Whether the time of credentials is over. */
const isOver = ({ until, idle }: Caller, now: number): boolean =>
  (until !== undefined && now >= until) || (idle !== undefined && now - idle.since >= idle.limit);

/** A use that comes so soon after the last is not kept, in ms: else a session would cost a write for each request. */
const GRAIN = 1000;

/** Whether it is to be kept that a caller's credentials are used now. The clock may have been put back. */
export const isUseDue = ({ idle }: Caller, now: number): boolean =>
  idle !== undefined && Math.abs(now - idle.since) >= GRAIN;

/** What an Authorization header says; undefined for one that says nothing of the kind. */
export function credentialsIn(header: string): Credentials | undefined {
  const token = /^Token token="?([^"\s]+)"?$/i.exec(header)?.[1];
  if (token) return { scheme: 'token', token };
  const bearer = /^Bearer (\S+)$/i.exec(header)?.[1];
  if (bearer) return { scheme: 'bearer', token: bearer };
  const basic = basicAuth.parse(header);
  return basic && { scheme: 'basic', name: basic.name, secret: basic.pass };
}

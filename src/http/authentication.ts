import basicAuth from 'basic-auth';
import type { World } from '../contract/collection.ts';
import type { Api, Caller, Credentials } from '../contract/route.ts';
import type { Clock } from '../kernel/clock.ts';
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
  const isOver = createUse(world.clock);
  let asOf = generation();
  return (api, header) => {
    if (header === undefined) return undefined;
    if (asOf !== generation() || remembered.size >= REMEMBERED) {
      remembered.clear();
      asOf = generation();
    }
    const fingerprint = digest(`${api.name} ${header}`);
    const known = remembered.get(fingerprint);
    if (known) return isOver(known, fingerprint) ? undefined : known;
    const credentials = credentialsIn(header);
    const caller = credentials && api.identify?.(credentials, world);
    if (!caller || isOver(caller, fingerprint)) return undefined;
    remembered.set(fingerprint, caller);
    return caller;
  };
}

/**
 * Tells of credentials whether their time is over, and remembers that they were used. When is kept here, beside the
 * identities, so that a session costs no write for each request, and goes on when these are forgotten.
 */
function createUse(clock: Clock): (caller: Caller, fingerprint: string) => boolean {
  const used = new Map<string, number>();
  return ({ until, idle }, fingerprint) => {
    if (until === undefined && idle === undefined) return false;
    const now = clock.now();
    if (until !== undefined && now >= until) return true;
    if (idle === undefined) return false;
    const last = used.get(fingerprint) ?? idle.since;
    if (now - last >= idle.limit) return true;
    // The one that was used the longest ago comes first.
    used.delete(fingerprint);
    used.set(fingerprint, now);
    const [oldest] = used.keys();
    if (used.size > REMEMBERED && oldest !== undefined) used.delete(oldest);
    return false;
  };
}

/** What an Authorization header says; undefined for one that says nothing of the kind. */
export function credentialsIn(header: string): Credentials | undefined {
  const token = /^Token token="?([^"\s]+)"?$/i.exec(header)?.[1];
  if (token) return { scheme: 'token', token };
  const bearer = /^Bearer (\S+)$/i.exec(header)?.[1];
  if (bearer) return { scheme: 'bearer', token: bearer };
  const basic = basicAuth.parse(header);
  return basic && { scheme: 'basic', name: basic.name, secret: basic.pass };
}

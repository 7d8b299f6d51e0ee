import { isLike } from '../contract/pattern.ts';
import { Problem } from '../contract/problem.ts';
import type { Refusals } from '../contract/route.ts';
import type { EntryPattern } from '../journal/entry-pattern.ts';
import type { Journal } from '../journal/journal.ts';

const refuse = (status: number, token: string, message: string, headers?: Record<string, string>) =>
  new Problem(status, message, { token, message }, headers);

/** How the emulator's own API says no: `{token, message}`, with the statuses that HTTP has for it. */
export const controlRefusals: Refusals = {
  unauthenticated: () =>
    refuse(401, 'unauthenticated', 'Send the control token as Authorization: Bearer <token>', {
      'WWW-Authenticate': 'Bearer realm="pce-emulator"',
    }),
  forbidden: (message) => refuse(403, 'forbidden', message),
  notFound: (hint) => refuse(404, 'not_found', hint ? `There is no such route; ${hint}` : 'Not found'),
  methodNotAllowed: (method, allowed) =>
    refuse(405, 'method_not_allowed', `${method} is not possible here; ${allowed.join(', ')} is`, {
      Allow: allowed.join(', '),
    }),
  malformedJson: (message) => refuse(400, 'malformed_json', message),
  invalid: (violations) =>
    refuse(400, 'invalid', violations.map((one) => `#${one.path || '/'} ${one.message}`).join('; ')),
  tooLarge: (limit) => refuse(413, 'too_large', `The body is larger than ${limit} bytes`),
  unsupportedMediaType: (given) => refuse(415, 'unsupported_media_type', `Send application/json, not ${given}`),
  notImplemented: (route) => refuse(501, 'not_implemented', `${route.id} is not implemented`),
  injected: (status, token = 'injected', message = `An error ${status}`) => refuse(status, token, message),
  bug: (message) => refuse(500, 'bug', message),
};

export const noSuchMoment = (message: string) => refuse(400, 'no_such_moment', `There is no such moment; ${message}`);

/**
 * Refuses the name of a route that there is not: it would match nothing, and nobody would know.
 * @param ids of all routes
 */
export function refuseUnknownRoute(pattern: string | undefined, ids: readonly string[]): void {
  if (pattern === undefined || ids.some((id) => isLike(id, pattern))) return;
  const [collection = ''] = pattern.split('.');
  const like = (id: string) => (id.startsWith(collection) ? 2 : Number(id.startsWith(collection.slice(0, 4))));
  // What has more in common first; label_groups begin with label as well, but are further from it than labels.
  const nearest = ids
    .filter(like)
    .sort((one, other) => like(other) - like(one) || one.indexOf('.') - other.indexOf('.'));
  const near = nearest.slice(0, 8);
  const hint = near.length > 0 ? `; there are ${near.join(', ')}` : '';
  throw refuse(400, 'no_such_route', `No route is named ${pattern}${hint}`);
}

/** @param what such as `snapshot named before` */
export const noSuch = (what: string) => refuse(404, 'not_found', `There is no ${what}`);

export const tooMuchToCopy = (message: string) => refuse(409, 'too_much_to_copy', message);

/** Who waits for more than is kept would wait in vain. */
export const noRoom = (wanted: number, room: number) =>
  refuse(
    400,
    'no_room',
    `The journal keeps ${room} requests, and never shows ${wanted}; start with --journal ${wanted}`,
  );

export const tooManyFaults = (message: string) => refuse(409, 'too_many_faults', message);

export const nameTaken = (message: string) => refuse(409, 'name_taken', message);

export const unusableWorld = (message: string) => refuse(400, 'unusable_world', message);

/** What came instead of the requests that somebody waited for, for the person who wonders. */
export function notSeen(journal: Journal, pattern: EntryPattern, wanted: number, within: string): Problem {
  const latest = journal.find({}, 3);
  const came = latest.map(({ method, path, route, status }) => `${method} ${path} (${route ?? 'no route'}, ${status})`);
  const instead = came.length > 0 ? `the latest requests were ${came.join('; ')}` : 'no request was seen at all';
  const seen = `Of ${wanted} requests like ${JSON.stringify(pattern)} ${journal.count(pattern)} came within ${within}`;
  return refuse(404, 'not_seen', `${seen}; ${instead}`);
}

export const startStays = () =>
  refuse(409, 'start_stays', 'The snapshot named start is what a reset goes back to; it cannot be replaced or dropped');

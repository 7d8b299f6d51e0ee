import { Problem } from '../contract/problem.ts';
import type { Refusals } from '../contract/route.ts';
import type { Entry } from '../journal/entry.ts';

const refuse = (status: number, token: string, message: string, headers?: Record<string, string>) =>
  new Problem(status, message, { token, message }, headers);

/** How the emulator's own API says no: `{token, message}`, with the statuses that HTTP has for it. */
export const controlRefusals: Refusals = {
  unauthenticated: () => refuse(401, 'unauthenticated', 'Credentials are missing or wrong'),
  forbidden: (message) => refuse(403, 'forbidden', message),
  notFound: (hint) => refuse(404, 'not_found', hint ? `There is no such route; ${hint}` : 'Not found'),
  methodNotAllowed: (method, allowed) =>
    refuse(405, 'method_not_allowed', `${method} is not possible here; ${allowed.join(', ')} is`, {
      Allow: allowed.join(', '),
    }),
  malformedJson: (message) => refuse(400, 'malformed_json', message),
  invalid: (violations) =>
    refuse(400, 'invalid', violations.map(({ path, message }) => `#${path || '/'} ${message}`).join('; ')),
  tooLarge: (limit) => refuse(413, 'too_large', `The body is larger than ${limit} bytes`),
  unsupportedMediaType: (given) => refuse(415, 'unsupported_media_type', `Send application/json, not ${given}`),
  notImplemented: (route) => refuse(501, 'not_implemented', `${route.id} is not implemented`),
  injected: (status, token = 'injected', message = `An error ${status}`) => refuse(status, token, message),
  bug: (message) => refuse(500, 'bug', message),
};

export const noSuchMoment = (message: string) => refuse(400, 'no_such_moment', `There is no such moment; ${message}`);

export const noSuchSnapshot = (name: string) => refuse(404, 'not_found', `There is no snapshot named ${name}`);

export const tooMuchToCopy = (message: string) => refuse(409, 'too_much_to_copy', message);

export const nameTaken = (message: string) => refuse(409, 'name_taken', message);

export const unusableWorld = (message: string) => refuse(400, 'unusable_world', message);

/** @param latest what came instead, for the person who wonders */
export function notSeen(wanted: number, seen: number, within: string, latest: readonly Entry[]): Problem {
  const came = latest.map(({ method, path, route, status }) => `${method} ${path} (${route ?? 'no route'}, ${status})`);
  const instead = came.length > 0 ? `the latest requests were ${came.join('; ')}` : 'no request was seen at all';
  return refuse(404, 'not_seen', `Of ${wanted} such requests ${seen} came within ${within}; ${instead}`);
}

export const startStays = () =>
  refuse(409, 'start_stays', 'The snapshot named start is what a reset goes back to; it cannot be replaced or dropped');

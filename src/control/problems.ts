import { Problem } from '../contract/problem.ts';
import type { Refusals } from '../contract/route.ts';

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
  bug: (message) => refuse(500, 'bug', message),
};

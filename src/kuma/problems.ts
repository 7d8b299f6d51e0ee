import { Problem } from '../contract/problem.ts';
import type { Refusals } from '../contract/route.ts';
import type { Cause } from './resource-type.ts';

/**
 * How Kuma says no. What its API server refuses is JSON: a title, details, and the causes by field. What the router below
 * it refuses is one line of text.
 */

/** During what something went wrong: the title of the error. */
export type During =
  | 'Could not process a resource'
  | 'Could not create a resource'
  | 'Could not update a resource'
  | 'Could not delete a resource'
  | 'Could not retrieve a resource'
  | 'Could not retrieve resources'
  | 'Could not retrieve a dataplane overview'
  | 'Could not retrieve dataplane overviews';

const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' };

/** A line of text, as Go's router sends it; of no type where it is empty. */
export const inText = (status: number, text: string, headers: Record<string, string> = TEXT): Problem =>
  new Problem(status, text, text === '' ? undefined : text, headers);

const inJson = (status: number, title: string, details: string, causes?: readonly Cause[]): Problem =>
  new Problem(status, `${title}: ${details}`, { title, details, ...(causes && { causes }) });

export const notFound = (title: During): Problem => inJson(404, title, 'Not found');

/** The body breaks the rules of its type; that is no matter of state. */
export function notValid(title: During, causes: readonly Cause[]): Problem {
  const [{ field = '', message = '' } = {}] = causes;
  const problem = inJson(400, title, 'Resource is not valid', causes);
  return problem.becauseOf({ in: 'body', path: field, message });
}

export const noSuchMesh = (mesh: string): Problem =>
  inJson(400, 'Could not create a resource', 'Mesh is not found', [
    { field: 'mesh', message: `mesh of name ${mesh} is not found` },
  ]);

/** What the original fails at, without saying why. @param why for the journal */
export const unreadable = (title: During, why: string): Problem =>
  inJson(500, title, 'Internal Server Error').becauseOf({ in: 'body', path: '', message: why });

/** A page that cannot be. */
export function noSuchPage(title: During, details: string, { field, message }: Cause): Problem {
  const problem = inJson(400, title, details, [{ field, message }]);
  return problem.becauseOf({ in: 'query', path: field, message });
}

export const pagesOfSome = (): Problem => {
  const details = 'Pagination and filtering at the same time is not supported';
  const problem = inJson(400, 'Could not retrieve dataplane overviews', details);
  return problem.becauseOf({ in: 'query', path: 'size', message: details });
};

/** What the server of a Kubernetes installation says to who wants to change something: Kuma 0.5. */
export const READ_ONLY =
  "On Kubernetes you cannot change the state of Kuma resources with 'kumactl apply' or via the HTTP API. As a best practice, you should always be using 'kubectl apply' instead. You can still use 'kumactl' or the HTTP API to make read-only operations. On Universal this limitation does not apply.\n";

const PAGE_NOT_FOUND = '404: Page Not Found';

/** What Go's server calls the statuses of what is no request. */
const BROKEN: Readonly<Record<number, string>> = {
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Request Entity Too Large',
  431: 'Request Header Fields Too Large',
};

/** What the router and Go's own server say. Those that only the emulator has need of are JSON in Kuma's form. */
export const kumaRefusals: Refusals = {
  unauthenticated: () => inText(401, '401: Not Authorized'),
  forbidden: () => inText(403, '403: Not Authorized'),
  notFound: () => inText(404, PAGE_NOT_FOUND),
  methodNotAllowed: () => inText(405, '405: Method Not Allowed'),
  malformedJson: (message) => unreadable('Could not process a resource', message),
  invalid: () => inText(400, '400: Bad Request'),
  tooLarge: (limit) => inJson(413, 'Could not process a resource', `The body is larger than ${limit} bytes`),
  unsupportedMediaType: (given) =>
    inText(415, '415: Unsupported Media Type').becauseOf({
      in: 'headers',
      path: 'content-type',
      message: `is not application/json, but ${given}`,
    }),
  notImplemented: (route) => inJson(501, 'Not implemented', `${route.id} is not implemented by pce-emulator`),
  broken: (status, message) => new Problem(status, message, `${status} ${BROKEN[status] ?? 'Bad Request'}`, TEXT),
  injected: (status, token = 'Injected', message = `An error ${status}`) => inJson(status, message, token),
  bug: (message) => inJson(500, 'Internal Server Error', message),
};

/** A client that takes no JSON, or says of nothing that it is something else. */
export const notAcceptable = (header: string, given: string): Problem =>
  inText(406, '406: Not Acceptable').becauseOf({
    in: 'headers',
    path: header,
    message: `does not go with application/json, but is ${given}`,
  });

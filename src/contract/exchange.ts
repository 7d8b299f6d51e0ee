import type { World } from './collection.ts';
import { readQuery } from './query.ts';
import type { Api, Caller, Reply, Request, Route } from './route.ts';
import type { Schemas } from './schemas.ts';

/** What is known of a request to a route before it has been checked. */
export interface Arrival {
  readonly path: string;
  readonly address: string;
  readonly params: Readonly<Record<string, string>>;
  /** The query as it came, without the question mark. */
  readonly search: string;
  /** The body as text; empty when there is none. */
  readonly body: string;
  readonly caller: Caller;
  readonly respondAsync: boolean;
}

/** Checks what came against the route's schemas. @throws Problem in the words of the API */
export function validRequest(api: Api, route: Route, arrival: Arrival, schemas: Schemas): Request {
  const { path, address, params, caller, respondAsync } = arrival;
  const query = route.query ? validQuery(api, route.query, arrival.search, schemas) : {};
  const body = route.body ? validBody(api, route.body, arrival.body, schemas) : {};
  return { method: route.method, path, address, params, query, body, caller, respondAsync };
}

function validQuery(api: Api, reference: string, search: string, schemas: Schemas): Request['query'] {
  const { values, violations } = readQuery(schemas, reference, new URLSearchParams(search));
  if (violations.length > 0) throw api.refusals.invalid(violations, reference);
  return values;
}

function validBody(api: Api, reference: string, text: string, schemas: Schemas): Request['body'] {
  const body = parse(api, text);
  const violations = schemas.check(reference, body);
  if (violations.length > 0) throw api.refusals.invalid(violations, reference);
  return body as Request['body'];
}

/** An escaped U+0000 inside JSON: a backslash that is not itself escaped, and its code. */
const ESCAPED_NUL = /(?<!\\)(?:\\\\)*\\u0000/;

function parse(api: Api, text: string): unknown {
  // PostgreSQL, which a PCE keeps its data in, has no text with this character (inferred).
  if (ESCAPED_NUL.test(text)) throw api.refusals.malformedJson('A string contains the character U+0000');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw api.refusals.malformedJson(
      text === '' ? 'The body is empty' : `The body is not JSON: ${(error as Error).message}`,
    );
  }
}

/** The reply of the route's handler. @throws Problem 501 where there is none */
export function handled(api: Api, route: Route, request: Request, world: World): Reply {
  if (!route.handle) throw api.refusals.notImplemented(route);
  return route.handle(request, world);
}

/** @throws Error when a reply is not what the route's table entry promises: a bug of ours, never of a client */
export function checkReply(route: Route, reply: Reply, schemas: Schemas): void {
  const promised = route.replies[reply.status];
  if (promised === undefined) throw new Error(`${route.id} does not promise status ${reply.status}`);
  if (reply.contentType !== undefined) return;
  const body = reply.text === undefined ? reply.body : JSON.parse(Buffer.from(reply.text).toString());
  if (promised === null) {
    if (body !== undefined) throw new Error(`${route.id} promises no body with status ${reply.status}`);
    return;
  }
  const [violation] = schemas.check(promised, body);
  if (violation) throw new Error(`${route.id} breaks ${promised} at #${violation.path}: ${violation.message}`);
}

import type { World } from './collection.ts';
import type { Breach, Problem } from './problem.ts';
import { readQuery } from './query.ts';
import type { Api, Caller, Credentials, Listing, Reply, Request, Route } from './route.ts';
import type { Schemas, Violation } from './schemas.ts';

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
  readonly credentials?: Credentials;
  readonly listing?: Listing;
  readonly respondAsync: boolean;
  readonly lastEventId?: string;
}

/** Checks what came against the route's schemas. @throws Problem in the words of the API */
export function validRequest(api: Api, route: Route, arrival: Arrival, schemas: Schemas): Request {
  const { path, address, params, search, caller, credentials, listing, respondAsync, lastEventId } = arrival;
  const { manner } = api;
  if (!api.emulated && search !== '') refuseUnknown(api, route, search, schemas);
  const query = route.query && !manner ? validQuery(api, route.query, search, schemas) : {};
  const body = route.body ? bodyOf(api, route, arrival.body, schemas) : {};
  const { method } = route;
  // One literal: V8 takes nine microseconds where it spreads another into it.
  return {
    method,
    path,
    address,
    params,
    search,
    query,
    body,
    caller,
    credentials,
    listing,
    respondAsync,
    lastEventId,
  };
}

/** The names of the parameters in a query that its route does not have. */
function unknownParameters(route: Route, search: string, schemas: Schemas): string[] {
  const known = route.query ? schemas.parameters(route.query) : new Map();
  return [...new Set(new URLSearchParams(search).keys())].filter((name) => !known.has(name));
}

/** So many are told of one request; of the others, how many there are. */
const MOST_TOLD = 20;

/** Where a query has parameters that its route does not have. */
export function ignoredParameters(route: Route, search: string, schemas: Schemas): Breach[] {
  const names = unknownParameters(route, search, schemas);
  const breaches = names
    .slice(0, MOST_TOLD)
    .map((name): Breach => ({ in: 'query', path: name, message: `is no parameter of ${route.id}, and ignored` }));
  const more = names.length - MOST_TOLD;
  if (more > 0) breaches.push({ in: 'query', path: '', message: `has ${more} more that ${route.id} does not have` });
  return breaches;
}

/** The emulator's own API refuses what it does not know: a filter that is misspelt would let everything through. */
function refuseUnknown(api: Api, route: Route, search: string, schemas: Schemas): void {
  const [name] = unknownParameters(route, search, schemas);
  if (name === undefined) return;
  const violation = { path: `/${name}`, keyword: 'parameter', params: {}, value: undefined };
  throw invalid(api, 'query', [{ ...violation, message: `is no parameter of ${route.id}` }], route.query ?? '');
}

function validQuery(api: Api, reference: string, search: string, schemas: Schemas): Request['query'] {
  const { values, violations } = readQuery(schemas, reference, new URLSearchParams(search));
  if (violations.length > 0) throw invalid(api, 'query', violations, reference);
  return values;
}

function bodyOf(api: Api, route: Route, text: string, schemas: Schemas): Request['body'] {
  const { manner } = api;
  if (!manner) return validBody(api, route, text, schemas);
  return manner.read(text, route.body ?? '', schemas) as Request['body'];
}

function validBody(api: Api, route: Route, text: string, schemas: Schemas): Request['body'] {
  const { body: reference = '', bodyIsOptional } = route;
  const body = bodyIsOptional && text === '' ? null : parse(api, text);
  const violations = schemas.check(reference, body);
  if (violations.length > 0) throw invalid(api, 'body', violations, reference);
  return body as Request['body'];
}

function invalid(api: Api, place: Breach['in'], violations: readonly Violation[], reference: string): Problem {
  const { path = '', message = '' } = violations.at(-1) ?? {};
  return api.refusals.invalid(violations, reference).becauseOf({ in: place, path, message });
}

/** The refusal of a body that is no JSON text. */
export function malformed(api: Api, message: string): Problem {
  return api.refusals.malformedJson(message).becauseOf({ in: 'body', path: '', message });
}

/** An escaped U+0000 inside JSON: a backslash that is not itself escaped, and its code. */
const ESCAPED_NUL = /(?<!\\)(?:\\\\)*\\u0000/;

/** A body that is longer than this, in characters, is looked at before it is parsed. */
const LONG = 1024 * 1024;

/** So few characters for each value, on average, nobody writes who has something to say; it takes V8 minutes to read. */
const SHORTEST_VALUE = 8;

/** More values than a world that was saved can have. */
const MOST_VALUES = 16 * 1024 * 1024;

/** Whether a long text is of ever so many values that say nothing. */
function isCrumbled(text: string): boolean {
  let left = Math.min(Math.floor(text.length / SHORTEST_VALUE), MOST_VALUES);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // A comma, a bracket, a brace: each may begin a value.
    if ((code === 0x2c || code === 0x5b || code === 0x7b) && left-- === 0) return true;
  }
  return false;
}

function parse(api: Api, text: string): unknown {
  if (text.length > LONG && isCrumbled(text)) throw malformed(api, 'The body is of too many values that say nothing');
  // PostgreSQL, which a PCE keeps its data in, has no text with this character (inferred).
  if (ESCAPED_NUL.test(text)) throw malformed(api, 'A string contains the character U+0000');
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = withoutQuote((error as Error).message);
    throw malformed(api, text === '' ? 'The body is empty' : `The body is not JSON: ${why}`);
  }
}

/** V8 quotes the text that it could not read, which may hold a secret. */
const withoutQuote = (message: string): string => message.replace(/, .*is not valid JSON$/s, '');

/** The reply of the route's handler. @throws Problem 501 where there is none */
export function handled(api: Api, route: Route, request: Request, world: World): Reply {
  if (!route.handle) throw api.refusals.notImplemented(route);
  const reply = route.handle(request, world);
  return request.caller.readOnly && api.forReaders ? api.forReaders(reply) : reply;
}

/**
 * What is wrong with a reply: undefined where it is what the route's table entry promises. Text from the store was
 * held to its schema when it was written.
 * @param thoroughly read such text all the same
 */
export function replyViolation(route: Route, reply: Reply, schemas: Schemas, thoroughly: boolean): string | undefined {
  const promised = route.replies[reply.status];
  if (promised === undefined) return `${route.id} does not promise status ${reply.status}`;
  if (route.contentType !== undefined) return undefined;
  if (promised === null) {
    const empty = reply.text === undefined && reply.body === undefined;
    return empty ? undefined : `${route.id} promises no body with status ${reply.status}`;
  }
  if (reply.text !== undefined && !thoroughly) return undefined;
  const body = reply.text === undefined ? reply.body : JSON.parse(Buffer.from(reply.text).toString());
  const [violation] = schemas.check(promised, body);
  return violation && `${route.id} breaks ${promised} at #${violation.path}: ${violation.message}`;
}

import type { Document, World } from './collection.ts';
import type { Has } from './cut.ts';
import type { Manner } from './manner.ts';
import type { Problem } from './problem.ts';
import type { Violation } from './schemas.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/**
 * How sure we are that the real thing behaves so: `documented` by its maker, `observed` on one or
 * asserted by an official client's tests, or `inferred`: our choice, with the reason.
 */
export type Evidence = 'documented' | 'observed' | 'inferred';

/** Who makes a request. */
export interface Caller {
  readonly kind: 'user' | 'cluster' | 'operator' | 'nobody';
  /** What `created_by` shows: `/users/1`, or the cluster's own href. */
  readonly href: string;
  /** The organisation it belongs to: `/orgs/1`. */
  readonly org: string;
  /** The user name of the API key it came with: `api_16b0db2422adcdae9`. */
  readonly apiKey?: string;
  /** What events call it, where that is not told by its href. */
  readonly name?: string;
  /** A user that is a service account, and no person. */
  readonly isAccount?: boolean;
  /** It sees everything, and changes nothing. */
  readonly readOnly?: boolean;
  /** It has shown its password, and may log in. */
  readonly loggingIn?: boolean;
  /** The href of what it came with, where that ends: a session, or what logs in. */
  readonly credential?: string;
  /** When its credentials end: ms since the epoch. */
  readonly until?: number;
  /** How long they last without a request, in ms; the last was at `since` (ms since the epoch), or up to a second later. */
  readonly idle?: { readonly limit: number; readonly since: number };
}

/** The caller of routes that are open to all. */
export const NOBODY: Caller = { kind: 'nobody', href: '', org: '' };

/** What a handler is given: matched, authenticated and valid by the route's schemas. */
export interface Request<Body = Document, Query = Document> {
  readonly method: Method;
  /** The path from the API's root, as an href: `/orgs/1/labels`. */
  readonly path: string;
  /** The IP address that it came from. */
  readonly address: string;
  readonly params: Readonly<Record<string, string>>;
  /** The query as it came, without the question mark. */
  readonly search: string;
  /** Query parameters, of the types that the schema gives them. */
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  /** What came to a route that is open to all, for its handler to look at. */
  readonly credentials?: Credentials;
  /** How lists are to come out, where something interferes with them. */
  readonly listing?: Listing;
  /** The client asked for a job instead of an answer (`Prefer: respond-async`). */
  readonly respondAsync: boolean;
  /** What a client that comes back to a feed has seen last (`Last-Event-ID`). */
  readonly lastEventId?: string;
}

/** What interferes with a list. */
export interface Listing {
  /** It stops after so many rows. */
  readonly rows?: number;
  /** It comes in another order, where none is promised; the same for the same number. */
  readonly shuffled?: number;
}

/** What a handler returns. `text` is JSON already written, `body` a value yet to be; neither: an empty reply. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly text?: string | Uint8Array;
  /** This reply is for the time being: another comes later. */
  readonly pending?: Pending;
  /** What else is written, bit by bit, until the client leaves. */
  readonly feed?: Feed;
}

/** A reply that waits for something. */
export interface Pending {
  /** How long at the most, in real milliseconds. */
  readonly within: number;
  /** @returns what ends the waiting */
  begin(settle: (reply: Reply) => void): () => void;
  /** What is answered when the time is over. @throws Problem */
  otherwise(): Reply;
}

export interface Feed {
  /** What there is already, one part after the other; ends once there is no more. */
  past(): Iterator<Uint8Array>;
  /** @returns what ends the writing */
  begin(write: (part: Uint8Array) => void): () => void;
}

/**
 * `nobody`: open to all. `user`: any user of the organisation, one that only reads for GET alone; `person`: the same
 * without service accounts; `self`: the user named in the path; `own_session`: that one, also where it only reads;
 * `logging_in`: who has just shown a password. `own_cluster`: the cluster named in the path, by its token;
 * `any_cluster`: any of the org. `operator`: whoever runs the emulator.
 */
export type Admitted =
  | 'nobody'
  | 'user'
  | 'person'
  | 'self'
  | 'own_session'
  | 'logging_in'
  | 'own_cluster'
  | 'any_cluster'
  | 'operator';

/**
 * One operation: data, and a pure function that returns its reply. Everything that knows about
 * operations (routing, validation, documentation, tests) reads it from here.
 */
export interface Route {
  /** `container_clusters.create` */
  readonly id: string;
  readonly method: Method;
  /** Below the API's prefix, parameters in braces: `/orgs/{org_id}/labels`. */
  readonly path: string;
  readonly summary: string;
  readonly admits: readonly Admitted[];
  readonly evidence: Evidence;
  /** Where the evidence stands. */
  readonly source: string;
  /** The named difference between releases that brings this route; absent: there from the first. */
  readonly feature?: string;
  /** The named difference that lets service accounts in where users are; absent: they always are. */
  readonly accountsFeature?: string;
  /** True for a GET that changes something. */
  readonly writes?: boolean;
  /** Schema references. A request to a route without `body` may carry none, or one that is not read. */
  readonly query?: string;
  readonly body?: string;
  /** True where the body may be left out; it counts as null. */
  readonly bodyIsOptional?: boolean;
  /** The names of properties of its body whose values nobody may see afterwards, beside those of all routes. */
  readonly secrets?: readonly string[];
  /** The largest body that is read, in bytes, where it is not as everywhere. */
  readonly largestBody?: number;
  /** Every status of a success, with the schema of its body, or null where it has none. */
  readonly replies: Readonly<Record<number, string | null>>;
  /** The statuses with which its handler refuses, beside those that any route may be refused with. */
  readonly refuses?: readonly number[];
  /** For the rare route whose replies are not JSON. */
  readonly contentType?: string;
  /** Absent where the real thing has this operation and the emulator does not: it answers 501. */
  handle?(request: Request, world: World): Reply;
}

/** The reply to a change that has nothing to tell. */
export const NO_CONTENT: Reply = { status: 204 };

/** What all routes of the emulator's own API have in common. */
export const emulatorRoute = {
  admits: ['operator'] as const,
  evidence: 'documented' as Evidence,
  source: "the emulator's own",
};

/** Credentials as they come off the wire. */
export type Credentials =
  | { readonly scheme: 'basic'; readonly name: string; readonly secret: string }
  | { readonly scheme: 'token'; readonly token: string }
  | { readonly scheme: 'bearer'; readonly token: string };

/** How an API says no where no handler is involved. */
export interface Refusals {
  unauthenticated(): Problem;
  forbidden(message: string): Problem;
  /** @param hint for the person who reads it, never for a client */
  notFound(hint?: string): Problem;
  methodNotAllowed(method: string, allowed: readonly string[]): Problem;
  malformedJson(message: string): Problem;
  /** @param schema the reference of the schema that the body or query does not meet */
  invalid(violations: readonly Violation[], schema: string): Problem;
  tooLarge(limit: number): Problem;
  unsupportedMediaType(given: string): Problem;
  notImplemented(route: Route): Problem;
  /** A refusal for no reason but a fault's; `token` and `message` where the API has none for the status. */
  injected(status: number, token?: string, message?: string): Problem;
  /** Of what is no request; absent: as `injected`, with a token for the status. @param message why, in words */
  broken?(status: number, message: string): Problem;
  bug(message: string): Problem;
}

/** A whole API: a prefix, its routes, how it knows its callers and how it refuses. */
export interface Api {
  readonly name: string;
  readonly prefix: string;
  readonly routes: readonly Route[];
  /** What the parameters of paths look like; a path with another text in their place is no path of the API. */
  readonly parameters: Readonly<Record<string, RegExp>>;
  readonly refusals: Refusals;
  /** The schema of the body of a refusal. */
  readonly problem: string;
  /**
   * True for what clients are tested against: the journal tells of it, and faults strike it. The emulator's own API
   * is closed to web pages instead.
   */
  readonly emulated: boolean;
  /** How its server goes about HTTP, where that is not as `http/` does it for all. */
  readonly manner?: Manner;
  /** The names of JSON properties whose values nobody may see afterwards. */
  readonly secrets: readonly string[];
  /** Who holds these credentials, if anybody does. Absent: the API is open to all. */
  identify?(credentials: Credentials, world: World): Caller | undefined;
  /** Keeps that a caller's credentials were used just now: those that are `idle` otherwise. */
  keepUse?(caller: Caller, world: World): void;
  /** A reply as it goes out to a caller that only reads. */
  forReaders?(reply: Reply): Reply;
}

/** The API of one release. @param has whether the release has a named difference */
export function cutApi(api: Api, has: Has): Api {
  const routes = api.routes.filter(({ feature }) => feature === undefined || has(feature));
  return { ...api, routes: routes.map((route) => withoutAccounts(route, has)) };
}

/** The route of a release that lets no service accounts in. */
function withoutAccounts(route: Route, has: Has): Route {
  const { accountsFeature, admits } = route;
  if (accountsFeature === undefined || has(accountsFeature)) return route;
  return { ...route, admits: admits.map((one) => (one === 'user' ? 'person' : one)) };
}

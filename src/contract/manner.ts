import type { Problem } from './problem.ts';
import type { Schemas } from './schemas.ts';

/** The head of a request, and what the table of routes has for it. */
export interface Head {
  readonly method: string;
  /** The path as on the request line, without the query. */
  readonly pathname: string;
  /** The query as it came, without the question mark. */
  readonly search: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The id of its route, where it has one. */
  readonly route: string | undefined;
  /** The methods that its path has routes for; none where there is no such path. */
  readonly served: readonly string[];
}

/** What an API's server makes of a head. */
export interface Meeting {
  /** Header fields of the reply, whatever becomes of the request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is answered at once, in the place of any handler. */
  readonly answer?: Problem;
}

/**
 * How the server of an API goes about HTTP: which paths are the same, what it asks of header fields, how it reads and
 * writes bodies. An API that has none is served as `http/` does it, the way of a PCE.
 */
export interface Manner {
  /** The statuses of what it refuses itself, in text. */
  readonly inText: readonly number[];
  /** How bodies may be packed (`Content-Encoding`); what comes otherwise is read as it is. */
  readonly unpacks: readonly ('gzip' | 'deflate')[];
  /** The segments of a path, in clear, by which its route is found. */
  segments(pathname: string): string[];
  meet(head: Head): Meeting;
  /**
   * What the handler finds as `body`.
   * @param text the body; bytes that are no UTF-8 have become U+FFFD
   * @param reference the schema of the route's body
   * @throws Problem
   */
  read(text: string, reference: string, schemas: Schemas): unknown;
  /** The text of a body that a handler or a refusal returned. */
  write(body: unknown): string;
}

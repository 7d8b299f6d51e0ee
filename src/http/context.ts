import type { RequestHandler } from 'express';
import type { World } from '../contract/collection.ts';
import type { Problem } from '../contract/problem.ts';
import type { Api, Caller, Reply, Request, Route } from '../contract/route.ts';
import type { Routing } from '../contract/routing.ts';
import type { Schemas } from '../contract/schemas.ts';
import type { StorageFailure } from '../contract/unusable.ts';
import type { Faults, Strike } from '../faults/faults.ts';
import type { ContractViolation } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';
import type { Redaction } from '../journal/redaction.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Authenticate } from './authentication.ts';
import type { Endings } from './endings.ts';
import type { Unread } from './unread.ts';

/** What the stages work with; the same for all requests. */
export interface Context {
  readonly apis: readonly { readonly api: Api; readonly routing: Routing }[];
  readonly world: World;
  readonly schemas: Schemas;
  readonly authenticate: Authenticate;
  /** Grows whenever a credential may have gone. */
  credentialGeneration(): number;
  /** Runs `work` in a transaction, and `settle` with what came of it once that is committed. */
  write(work: () => Reply, settle: (outcome: () => Reply) => void): void;
  /** Runs `work` in a transaction of its own: nothing sees it half done, and all is as it was where it cannot be kept. */
  alone<T>(work: () => T): T;
  /** Runs `work` when all that was written is committed. */
  read(work: () => void): void;
  /** What an error says of the file that keeps everything; undefined where it is about something else. */
  storageTrouble(error: unknown): StorageFailure | undefined;
  /** Answer 500 instead of a reply that breaks its schema; and read replies for it that were held to it when written. */
  readonly checkReplies: boolean;
  readonly journal: Journal;
  readonly redaction: Redaction;
  readonly faults: Faults;
  /** Grows whenever another state has taken the place of all that there was. */
  stateGeneration(): number;
  readonly endings: Endings;
  readonly unread: Unread;
  /** The machine's clock. */
  readonly realTime: Clock;
  /** An id for a request to an API. */
  requestId(api: Api): string;
  readonly doors: Doors;
  /** Told of bugs: what the one who runs the emulator should see, and a client should not. */
  logError(message: string): void;
}

/** Who may come to the emulator's own API besides programs on this machine. */
export interface Doors {
  /** Web pages, by origin: `https://example.com`. */
  readonly origins: readonly string[];
  /** The names by which it may be called besides localhost and addresses; any where absent. */
  readonly names?: readonly string[];
}

/** What the stages find out about one request, in `res.locals`. */
export interface Exchange {
  api: Api;
  /** What to say once the caller is known, when there is no route. */
  missing: Problem;
  /** The route that comes nearest, where there is none. */
  nearest?: string;
  route?: Route;
  params: Record<string, string>;
  path: string;
  /** The path as on the request line. */
  pathname: string;
  /** Where the method has no route: those that have. */
  served: readonly string[];
  search: string;
  caller: Caller;
  /** As of when the caller was known. */
  generation: number;
  request: Request;
  strike?: Strike;
  /** The faults have been asked. */
  tried?: boolean;
  /** The journal has it. */
  recorded?: boolean;
  violations: ContractViolation[];
  /** The state that it arrived in. */
  state: number;
  /** By the emulator's clock and by the machine's, in ms since the epoch. */
  arrived: number;
  really_arrived: number;
  elapsed(): number;
}

export type Stage = RequestHandler<never, unknown, unknown, never, Exchange>;

/** The organisation that a request is about: its caller's, or else the one in its path. */
export function orgOf({ caller, params }: Partial<Exchange>): string | undefined {
  return caller?.org || (params?.org_id === undefined ? undefined : `/orgs/${params.org_id}`);
}

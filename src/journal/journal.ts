import { jsonIn } from '../contract/json.ts';
import { isLike, matches, type Pattern, type Sighting } from '../contract/pattern.ts';
import type { Entry, Message } from './entry.ts';

/** What picks entries out; all that is given must hold. */
export interface EntryPattern extends Pattern {
  /** `204`, or `4xx`; `none` for requests that were left without an answer. */
  readonly status?: string;
  /** The token of a problem in the answer. */
  readonly token?: string;
  /** The name of the fault that struck, in which `*` stands for any text. */
  readonly fault?: string;
  /** Whether the client broke the contract. */
  readonly violations?: boolean;
  /** Whether there is no such route. */
  readonly unknown?: boolean;
  /** Whether it is a route that the emulator does not implement. */
  readonly unimplemented?: boolean;
  /** Only entries after the one with this id. */
  readonly since?: number;
}

/** What arrived and was answered, as far back as there is room. */
export interface Journal {
  /** Keeps an entry, and tells whoever follows. */
  record(entry: Omit<Entry, 'id'>): Entry;
  /** The entries that a pattern picks out, in the order of the answers; the latest `limit` of them. */
  find(pattern?: EntryPattern, limit?: number): Entry[];
  count(pattern?: EntryPattern): number;
  get(id: number): Entry | undefined;
  /** Forgets entries. @returns how many */
  clear(pattern?: EntryPattern): number;
  /** Calls `listener` with each entry from now on. @returns what ends that */
  follow(listener: (entry: Entry) => void): () => void;
  readonly state: JournalState;
  /** Nobody keeps or reads entries: there is no need to make any. */
  readonly idle: boolean;
}

export interface JournalState {
  /** The id of the latest entry; 0 before the first. */
  readonly last: number;
  /** How many are kept, and what they take, about. */
  readonly entries: number;
  readonly bytes: number;
  /** How many had to go for want of room. */
  readonly dropped: number;
  /** How many answers, of all there ever were, broke the contract: each a bug of the emulator. */
  readonly broken_replies: number;
}

export interface JournalLimits {
  /** How many entries are kept. */
  readonly entries: number;
  /** How many bytes all of them may take together, about. */
  readonly bytes: number;
}

/** What an entry takes besides what its client can make long, about. */
const BYTES_OF_AN_ENTRY = 1200;

/** A journal in memory: the oldest entries go when there is no room for a new one. */
export function createJournal(limits: JournalLimits): Journal {
  const kept = new Map<number, { readonly entry: Entry; readonly size: number }>();
  /** No entry has a lower id: asking the map for its first key would cost more, the more have gone. */
  let oldest = 1;
  let [last, bytes, dropped, broken_replies] = [0, 0, 0, 0];
  const listeners = new Set<(entry: Entry) => void>();

  const forget = (id: number) => {
    bytes -= kept.get(id)?.size ?? 0;
    kept.delete(id);
  };
  const dropOldest = () => {
    while (!kept.has(oldest)) oldest++;
    forget(oldest);
    dropped++;
  };
  const find = (pattern: EntryPattern = {}): Entry[] =>
    [...kept.values()].map(({ entry }) => entry).filter((entry) => isEntryLike(entry, pattern));

  return {
    record(facts) {
      const entry: Entry = { id: ++last, ...facts };
      const size = sizeOf(entry);
      kept.set(entry.id, { entry, size });
      bytes += size;
      if (entry.violations.some((one) => one.in === 'reply')) broken_replies++;
      while (kept.size > limits.entries || (bytes > limits.bytes && kept.size > 0)) dropOldest();
      for (const listener of listeners) tell(listener, entry);
      return entry;
    },
    find: (pattern, limit) => (limit === undefined ? find(pattern) : find(pattern).slice(-limit)),
    count: (pattern) => find(pattern).length,
    get: (id) => kept.get(id)?.entry,
    clear(pattern) {
      const found = find(pattern);
      for (const { id } of found) forget(id);
      return found.length;
    },
    follow(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    get idle() {
      return limits.entries === 0 && listeners.size === 0;
    },
    get state() {
      return { last, entries: kept.size, bytes, dropped, broken_replies };
    },
  };
}

/** What a listener throws is its own affair, and no client's: it surfaces as an uncaught error. */
function tell(listener: (entry: Entry) => void, entry: Entry): void {
  try {
    listener(entry);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** About what an entry takes: V8 keeps most texts in one byte for each character. */
function sizeOf({ path, query, request, response }: Entry): number {
  let size = BYTES_OF_AN_ENTRY + path.length + query.length;
  size += (request.text?.length ?? 0) + (response?.text?.length ?? 0);
  for (const name in request.headers) size += request.headers[name]?.length ?? 0;
  return size;
}

/** Whether an entry is one of those that a pattern picks out. */
export function isEntryLike(entry: Entry, pattern: EntryPattern): boolean {
  const { status, token, fault, violations, unknown, unimplemented, since } = pattern;
  if (since !== undefined && entry.id <= since) return false;
  if (status !== undefined && !isStatusLike(entry.status, status)) return false;
  if (token !== undefined && !entry.tokens.includes(token)) return false;
  if (fault !== undefined && !(entry.fault && isLike(entry.fault.rule, fault))) return false;
  if (violations !== undefined && violations !== entry.violations.some((one) => one.in !== 'reply')) return false;
  if (unknown !== undefined && unknown !== (entry.route === null)) return false;
  if (unimplemented !== undefined && unimplemented === entry.implemented) return false;
  return matches(pattern, sightingOf(entry));
}

function sightingOf({ route, method, path, org, caller, request }: Entry): Sighting {
  return {
    route: route ?? undefined,
    method,
    path,
    org: org ?? undefined,
    caller: caller ? { kind: caller.kind as 'user', href: caller.href, apiKey: caller.api_key } : undefined,
    body: () => jsonOf(request),
  };
}

function isStatusLike(status: number | null, wanted: string): boolean {
  if (status === null) return wanted === 'none';
  return wanted === String(status) || wanted === `${Math.floor(status / 100)}xx`;
}

/** What a message says, where it is JSON that is there in full. */
export function jsonOf({ text, truncated }: Message): unknown {
  return text === null || truncated ? undefined : jsonIn(text);
}

/** An entry with what its messages say. */
export function withJson(entry: Entry): Entry {
  const told = (message: Message): Message => {
    const json = jsonOf(message);
    return json === undefined ? message : { ...message, json };
  };
  return { ...entry, request: told(entry.request), response: entry.response && told(entry.response) };
}

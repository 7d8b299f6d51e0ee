import { jsonIn } from '../contract/json.ts';
import { isLike as isTextLike, matches, type Pattern, type Sighting } from '../contract/pattern.ts';
import { timestampOf } from '../kernel/clock.ts';
import type { Entry, Facts, KeptMessage, Message } from './entry.ts';

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
  record(facts: Facts): void;
  /** The entries that a pattern picks out, in the order of the answers; the latest `limit` of them. */
  find(pattern?: EntryPattern, limit?: number): Entry[];
  count(pattern?: EntryPattern): number;
  get(id: number): Entry | undefined;
  /** Forgets entries. @returns how many */
  clear(pattern?: EntryPattern): number;
  /** Calls `listener` with each entry of a kind from now on. @returns what ends that */
  follow(listener: (entry: Entry) => void, pattern?: EntryPattern): () => void;
  readonly state: JournalState;
  /** How many entries are kept at the most. */
  readonly room: number;
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
  /** How many bytes are kept of each body. */
  readonly body: number;
}

interface Kept extends Facts {
  readonly id: number;
  /** In bytes, about. */
  readonly size: number;
}

/** What an entry takes besides what its client can make long, about. */
const BYTES_OF_AN_ENTRY = 1200;

/**
 * A journal in memory: the oldest entries go when there is no room for a new one.
 * @param shown makes of a message what may be read of it
 */
export function createJournal(limits: JournalLimits, shown: (kept: KeptMessage) => Message): Journal {
  /** A ring: an entry's place is its id modulo the length. */
  const ring: (Kept | undefined)[] = [];
  const placeOf = (id: number) => id % limits.entries;
  /** No entry has a lower id. */
  let oldest = 1;
  let [last, count, bytes, dropped, broken_replies] = [0, 0, 0, 0, 0];
  const followers = new Set<{ readonly listener: (entry: Entry) => void; readonly pattern: EntryPattern }>();

  const at = (id: number): Kept | undefined => {
    const kept = ring[placeOf(id)];
    return kept?.id === id ? kept : undefined;
  };
  const forget = (id: number) => {
    const kept = at(id);
    if (!kept) return false;
    ring[placeOf(id)] = undefined;
    bytes -= kept.size;
    count--;
    return true;
  };
  const dropOldest = () => {
    while (!forget(oldest)) oldest++;
    dropped++;
  };
  const keep = (kept: Kept) => {
    if (forget(kept.id - limits.entries)) dropped++;
    ring[placeOf(kept.id)] = kept;
    count++;
    bytes += kept.size;
    while (bytes > limits.bytes) dropOldest();
  };
  const find = (pattern: EntryPattern = {}): Kept[] => {
    const found: Kept[] = [];
    for (let id = Math.max(oldest, last - limits.entries + 1, (pattern.since ?? 0) + 1); id <= last; id++) {
      const kept = at(id);
      if (kept && isLike(kept, pattern)) found.push(kept);
    }
    return found;
  };
  const entryOf = ({ size: _size, id, arrived, really_arrived, ...facts }: Kept): Entry => {
    const { caller, request, response } = facts;
    return {
      ...{ id, at: timestampOf(arrived), real_at: timestampOf(really_arrived), ...facts },
      caller: caller && { kind: caller.kind, href: caller.href, ...(caller.apiKey && { api_key: caller.apiKey }) },
      request: shown(request),
      response: response && shown(response),
    };
  };

  return {
    record(facts) {
      const kept = { id: ++last, size: sizeOf(facts, limits), ...facts };
      if (kept.violations.some((one) => one.in === 'reply')) broken_replies++;
      if (limits.entries > 0) keep(kept);
      else dropped++;
      for (const { listener, pattern } of followers) if (isLike(kept, pattern)) tell(listener, entryOf(kept));
    },
    find: (pattern, limit) => (limit === undefined ? find(pattern) : find(pattern).slice(-limit)).map(entryOf),
    count: (pattern) => find(pattern).length,
    get(id) {
      const kept = at(id);
      return kept && entryOf(kept);
    },
    clear(pattern) {
      const found = find(pattern);
      for (const { id } of found) forget(id);
      return found.length;
    },
    follow(listener, pattern = {}) {
      const follower = { listener, pattern };
      followers.add(follower);
      return () => void followers.delete(follower);
    },
    room: Math.min(limits.entries, Math.floor(limits.bytes / BYTES_OF_AN_ENTRY)),
    get idle() {
      return limits.entries === 0 && followers.size === 0;
    },
    get state() {
      return { last, entries: count, bytes, dropped, broken_replies };
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
function sizeOf({ path, query, request, response }: Facts, { body }: JournalLimits): number {
  const ofBodies = Math.min(request.bytes, body) + Math.min(response?.bytes ?? 0, body);
  return BYTES_OF_AN_ENTRY + path.length + query.length + request.headers.length + ofBodies;
}

/** Whether an entry is one of those that a pattern picks out. */
function isLike(kept: Kept, pattern: EntryPattern): boolean {
  const { status, token, fault, violations, unknown, unimplemented, since } = pattern;
  if (since !== undefined && kept.id <= since) return false;
  if (status !== undefined && !isStatusLike(kept.status, status)) return false;
  if (token !== undefined && !kept.tokens.includes(token)) return false;
  if (fault !== undefined && !(kept.fault && isTextLike(kept.fault.rule, fault))) return false;
  if (violations !== undefined && violations !== kept.violations.some((one) => one.in !== 'reply')) return false;
  if (unknown !== undefined && unknown !== (kept.route === null)) return false;
  if (unimplemented !== undefined && unimplemented === kept.implemented) return false;
  return matches(pattern, sightingOf(kept));
}

function sightingOf({ route, method, path, org, caller, request }: Kept): Sighting {
  const { part, truncated } = request;
  return {
    route: route ?? undefined,
    method,
    path,
    org: org ?? undefined,
    caller: caller ?? undefined,
    body: () => jsonOf({ text: typeof part === 'string' ? part : null, truncated }),
  };
}

function isStatusLike(status: number | null, wanted: string): boolean {
  if (status === null) return wanted === 'none';
  return wanted === String(status) || wanted === `${Math.floor(status / 100)}xx`;
}

/** What a message says, where it is JSON that is there in full. */
export function jsonOf({ text, truncated }: Pick<Message, 'text' | 'truncated'>): unknown {
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

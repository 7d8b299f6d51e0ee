import { timestampOf } from '../kernel/clock.ts';
import type { Entry, Facts, KeptMessage, Message } from './entry.ts';
import { type EntryPattern, isLike, type Numbered, sightingOf } from './entry-pattern.ts';

/** What arrived and was answered, as far back as there is room. */
export interface Journal {
  /** Keeps an entry, and tells whoever follows. */
  record(facts: Facts): void;
  /** The entries that a pattern picks out, in the order of the answers; the latest `limit` of them. */
  find(pattern?: EntryPattern, limit?: number): Entry[];
  /** The first entry that a pattern picks out. */
  next(pattern: EntryPattern): Entry | undefined;
  count(pattern?: EntryPattern): number;
  get(id: number): Entry | undefined;
  /** Forgets entries. @returns how many */
  clear(pattern?: EntryPattern): number;
  /** Calls `listener` with each entry of a kind from now on. @returns what ends that */
  follow(listener: (entry: Entry) => void, pattern?: EntryPattern): () => void;
  /** The entries of a kind, where there are so many; else what waits for more, to be begun at once. */
  await(pattern: EntryPattern, wanted: number): Awaited;
  /** What brings back, before there are further entries, those that `clear` forgets. */
  save(): unknown;
  restore(saved: never): void;
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

interface Kept extends Numbered {
  /** In bytes, about. */
  readonly size: number;
}

export type Awaited =
  | { readonly entries: Entry[]; readonly begin?: undefined }
  /** Calls `settle` with them once another makes them enough. @returns what ends that */
  | { readonly entries?: undefined; begin(settle: (entries: Entry[]) => void): () => void };

interface Follower {
  readonly pattern: EntryPattern;
  /** @param entry made when it is first asked for */
  readonly tell: (id: number, entry: () => Entry) => void;
}

/** What an entry takes besides what its client can make long, about. */
const BYTES_OF_AN_ENTRY = 1200;

/**
 * A journal in memory: the oldest entries go when there is no room for a new one.
 * @param shown makes of a message what may be read of it
 */
export function createJournal(limits: JournalLimits, shown: (kept: KeptMessage) => Message): Journal {
  /** A ring: an entry's place is its id modulo the length. */
  let ring: (Kept | undefined)[] = [];
  const placeOf = (id: number) => id % limits.entries;
  /** No entry has a lower id. */
  let oldest = 1;
  let [last, count, bytes, dropped, broken_replies] = [0, 0, 0, 0, 0];
  const followers = new Set<Follower>();

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
  function* picked(pattern: EntryPattern): Generator<Kept> {
    for (let id = Math.max(oldest, last - limits.entries + 1, (pattern.since ?? 0) + 1); id <= last; id++) {
      const kept = at(id);
      if (kept && isLike(kept, sightingOf(kept), pattern)) yield kept;
    }
  }
  const find = (pattern: EntryPattern = {}): Kept[] => [...picked(pattern)];
  const entryOf = ({ size: _size, id, arrived, really_arrived, ...facts }: Kept): Entry => {
    const { caller, request, response } = facts;
    return {
      ...{ id, at: timestampOf(arrived), real_at: timestampOf(really_arrived), ...facts },
      caller: caller && { kind: caller.kind, href: caller.href, ...(caller.apiKey && { api_key: caller.apiKey }) },
      request: shown(request),
      response: response && shown(response),
    };
  };

  const tellFollowers = (kept: Kept) => {
    const sighting = sightingOf(kept);
    let made: Entry | undefined;
    const entry = () => {
      made ??= entryOf(kept);
      return made;
    };
    for (const { pattern, tell } of followers) if (isLike(kept, sighting, pattern)) tell(kept.id, entry);
  };
  const add = (follower: Follower) => {
    followers.add(follower);
    return () => void followers.delete(follower);
  };

  return {
    record(facts) {
      const kept = { id: ++last, size: sizeOf(facts, limits), ...facts };
      if (kept.violations.some((one) => one.in === 'reply')) broken_replies++;
      if (limits.entries > 0) keep(kept);
      else dropped++;
      if (followers.size > 0) tellFollowers(kept);
    },
    find: (pattern, limit) => (limit === undefined ? find(pattern) : find(pattern).slice(-limit)).map(entryOf),
    next(pattern) {
      const { value } = picked(pattern).next();
      return value && entryOf(value);
    },
    count: (pattern) => find(pattern).length,
    get(id) {
      const kept = at(id);
      return kept && entryOf(kept);
    },
    clear(pattern) {
      const found = find(pattern);
      // What `save` has told stays as it is.
      ring = ring.slice();
      for (const { id } of found) forget(id);
      return found.length;
    },
    follow(listener, pattern = {}) {
      return add({ pattern, tell: (_id, entry) => tell(listener, entry()) });
    },
    await(pattern, wanted) {
      const found = find(pattern);
      if (found.length >= wanted) return { entries: found.map(entryOf) };
      let ids = found.map(({ id }) => id);
      const begin = (settle: (entries: Entry[]) => void) => {
        const tell = (id: number) => {
          ids.push(id);
          if (ids.length < wanted) return;
          // Some may have been forgotten.
          const there = ids.map(at).filter((kept) => kept !== undefined);
          ids = there.map((kept) => kept.id);
          if (there.length >= wanted) settle(there.map(entryOf));
        };
        return add({ pattern, tell });
      };
      return { begin };
    },
    save: () => ({ ring, count, bytes }),
    restore(saved) {
      ({ ring, count, bytes } = saved as { ring: typeof ring; count: number; bytes: number });
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
function sizeOf({ path, query, violations, request, response }: Facts, { body }: JournalLimits): number {
  let size = BYTES_OF_AN_ENTRY + path.length + query.length + request.headers.length;
  for (const one of violations) size += one.path.length + one.message.length;
  return size + Math.min(request.bytes, body) + Math.min(response?.bytes ?? 0, body);
}

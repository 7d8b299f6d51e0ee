import { jsonTextOf } from './contract/json.ts';
import type { Method } from './contract/route.ts';
import type { Snapshot } from './contract/snapshots.ts';
import { closed, UnusableOption } from './contract/unusable.ts';
import { noRoom, notSeen } from './control/problems.ts';
import type { WorldDefinition } from './control/worlds.ts';
import type { FaultRule, StandingFault } from './faults/rule.ts';
import { type Endings, later } from './http/endings.ts';
import type { Entry } from './journal/entry.ts';
import { withJson } from './journal/entry.ts';
import type { EntryPattern } from './journal/entry-pattern.ts';
import type { Journal } from './journal/journal.ts';
import { durationOf } from './kernel/duration.ts';
import type { Credentials } from './worlds/starting-state.ts';

/** What the emulator's own API does under `/_emulator`, for programs that the emulator runs in. */
export interface TestBench {
  readonly clock: EmulatorClock;
  readonly faults: EmulatorFaults;
  /** What clients sent, and what they were answered. */
  readonly requests: EmulatorRequests;
  /** Keeps everything as it is now, under a name or a fresh one. @returns the name */
  snapshot(name?: string): string;
  /** Puts everything back as it was at a snapshot; the journal stays. */
  restore(name: string): void;
  /** Puts everything back as it was after the start, and empties the journal. */
  reset(options?: { readonly keepJournal?: boolean }): void;
  /** A fresh organisation with a key of its own, which sees nothing of the others. */
  org(name?: string): Credentials & { delete(): void };
  /** Everything there is, as a world that `world` and `loadWorld` take. */
  saveWorld(): WorldDefinition;
  /** Makes a world in the place of all that there is; the keys of the start go on working. */
  loadWorld(world: WorldDefinition): void;
}

export interface EmulatorClock {
  /** What time it is: `2025-01-01T00:00:00.000Z`. */
  now(): string;
  /** Stops it, at a time where one is given. */
  freeze(at?: string | Date): void;
  /** Lets it go on from where it stands. */
  resume(): void;
  set(to: string | Date): void;
  /** Moves it on by a duration: `90s`, `10m`, `2h`, `1d`. */
  advance(by: string): void;
}

export interface EmulatorFaults {
  /** Has something go wrong; the rule's name is in what this returns. */
  add(rule: FaultRule): StandingFault;
  list(): StandingFault[];
  get(name: string): StandingFault;
  remove(name: string): void;
  clear(): void;
}

export interface EmulatorRequests {
  /** Those of a kind, in the order of the answers. */
  find(pattern?: EntryPattern): Entry[];
  count(pattern?: EntryPattern): number;
  clear(pattern?: EntryPattern): void;
  /** Waits until so many of a kind have been seen, before or from now on. Rejects when the time is over. */
  seen(pattern: EntryPattern, options?: { readonly within?: string; readonly count?: number }): Promise<Entry[]>;
  /** Calls `listener` with each from now on. @returns what ends that */
  follow(listener: (entry: Entry) => void): () => void;
}

/** Makes a request to the emulator's own API, and returns the body of the reply. @throws Problem */
export type AskControl = (method: Method, target: string, body?: unknown) => unknown;

/** The way that embedders take is the one that HTTP takes, checks and all. */
export function createTwins(askControl: AskControl, journal: Journal, endings: Endings): TestBench {
  const freshName = () => {
    const taken = (askControl('GET', '/snapshots') as Snapshot[]).map(({ name }) => name);
    let number = 1;
    while (taken.includes(`snapshot-${number}`)) number++;
    return `snapshot-${number}`;
  };
  /** Refuses what the filters of HTTP refuse. */
  const checked = (pattern: EntryPattern = {}): EntryPattern => {
    if (typeof pattern !== 'object' || pattern === null)
      throw new UnusableOption('requests are picked out by an object, such as { route: "labels.*" }');
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(pattern)) {
      if (value !== undefined) query.set(name, name === 'body' ? jsonTextOf(value) : String(value));
    }
    if (query.size > 0) askControl('GET', `/requests/count?${query}`);
    return pattern;
  };
  return {
    clock: {
      now: () => (askControl('GET', '/clock') as { now: string }).now,
      freeze: (time) =>
        void askControl('PUT', '/clock', { frozen: true, ...(time !== undefined && { now: timestamp(time) }) }),
      resume: () => void askControl('PUT', '/clock', { frozen: false }),
      set: (time) => void askControl('PUT', '/clock', { now: timestamp(time) }),
      advance: (by) => void askControl('POST', '/clock/advance', { by }),
    },
    faults: {
      // Copies: what is in force changes by the checks of the API alone.
      add: (rule) => structuredClone(askControl('POST', '/faults', rule) as StandingFault),
      list: () => structuredClone(askControl('GET', '/faults') as StandingFault[]),
      get: (name) => structuredClone(askControl('GET', at('faults', name)) as StandingFault),
      remove: (name) => void askControl('DELETE', at('faults', name)),
      clear: () => void askControl('DELETE', '/faults'),
    },
    requests: {
      find: (pattern) => journal.find(checked(pattern)).map(shown),
      count: (pattern) => journal.count(checked(pattern)),
      clear: (pattern) => void journal.clear(checked(pattern)),
      seen: async (pattern, options) => {
        const { within = '10s', count = 1 } = options ?? {};
        return seen(journal, endings, { pattern: checked(pattern), count, within });
      },
      follow(listener) {
        if (typeof listener !== 'function') throw new UnusableOption('follow takes a function');
        return journal.follow((entry) => listener(shown(entry)));
      },
    },
    snapshot: (name = freshName()) => (askControl('PUT', at('snapshots', name)) as Snapshot).name,
    restore: (name) => void askControl('POST', `${at('snapshots', name)}/restore`),
    reset: (options) => void askControl('POST', `/reset?keep_journal=${options?.keepJournal ?? false}`),
    org(name) {
      const made = askControl('POST', '/orgs', { name }) as Credentials;
      const { org_id, api_key, api_secret, username } = made;
      return { org_id, api_key, api_secret, username, delete: () => void askControl('DELETE', `/orgs/${org_id}`) };
    },
    saveWorld: () => askControl('GET', '/world') as WorldDefinition,
    loadWorld: (world) => void askControl('PUT', '/world', world),
  };
}

/** Where something with a name is. @throws UnusableOption for what is no name */
function at(place: string, name: string): string {
  if (typeof name === 'string' && /^(?!\.{1,2}$)[^\p{Cs}]+$/u.test(name))
    return `/${place}/${encodeURIComponent(name)}`;
  throw new UnusableOption('a name is a text of one character or more, and not . or ..');
}

/** A copy: what the journal holds is nobody's to change. */
const shown = (entry: Entry): Entry => structuredClone(withJson(entry));

/** @throws UnusableOption for what is neither a text nor a time */
function timestamp(time: string | Date): string {
  if (typeof time === 'string') return time;
  if (time instanceof Date && !Number.isNaN(time.valueOf())) return time.toISOString();
  throw new UnusableOption('the clock takes a text such as 2026-03-01T09:00:00Z, or a Date that is one');
}

/** The longest that Node's timers can wait. */
const LONGEST_MS = 2 ** 31 - 1;

function patience(within: string): number {
  const time = typeof within === 'string' ? durationOf(within) : undefined;
  if (time === undefined) throw new UnusableOption(`within takes a time such as 10s or 500ms, not ${within}`);
  return Math.min(time, LONGEST_MS);
}

interface Awaited {
  readonly pattern: EntryPattern;
  readonly count: number;
  readonly within: string;
}

function seen(journal: Journal, endings: Endings, { pattern, count, within }: Awaited): Promise<Entry[]> {
  if (count > journal.room) throw noRoom(count, journal.room);
  if (!Number.isInteger(count) || count < 1)
    throw new UnusableOption(`count is a whole number, 1 or more, not ${count}`);
  const time = patience(within);
  return new Promise((resolve, reject) => {
    const awaited = journal.await(pattern, count);
    if (awaited.entries) return resolve(awaited.entries.map(shown));
    const stop = awaited.begin((entries) => {
      callOff();
      stop();
      resolve(entries.map(shown));
    });
    const callOff = later(endings, time, (isClosing) => {
      stop();
      reject(isClosing ? closed() : notSeen(journal, pattern, count, within));
    });
  });
}

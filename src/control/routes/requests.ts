import type { Document } from '../../contract/collection.ts';
import { emulatorRoute, NO_CONTENT, type Reply, type Route } from '../../contract/route.ts';
import type { Entry } from '../../journal/entry.ts';
import { withJson } from '../../journal/entry.ts';
import type { EntryPattern } from '../../journal/entry-pattern.ts';
import type { Journal } from '../../journal/journal.ts';
import { durationOf } from '../../kernel/duration.ts';
import { noRoom, noSuch, notSeen, refuseUnknownRoute } from '../problems.ts';

/** How many entries a list has unless it is asked for more. */
const ENTRIES_OF_A_LIST = 100;

/** What of a query picks entries out. */
function patternOf(
  { wait: _wait, count: _count, limit: _limit, ...pattern }: Document,
  routeIds: readonly string[],
): EntryPattern {
  refuseUnknownRoute(pattern.route as string | undefined, routeIds);
  return pattern;
}

const listed = (entries: readonly Entry[]): Reply => ({ status: 200, body: entries.map(withJson) });

interface Patience {
  readonly wanted: number;
  readonly within: string;
  readonly limit?: number;
}

/** Waits until as many requests as were asked for have been seen, of those that were before and those that come. */
function waiting(journal: Journal, pattern: EntryPattern, { wanted, within, limit }: Patience): Reply {
  const told = (entries: Entry[]) => listed(limit === undefined ? entries : entries.slice(-limit));
  const awaited = journal.await(pattern, wanted);
  if (awaited.entries) return told(awaited.entries);
  return {
    status: 200,
    pending: {
      within: durationOf(within) ?? 0,
      begin: (settle) => awaited.begin((entries) => settle(told(entries))),
      otherwise() {
        throw notSeen(journal, pattern, wanted, within);
      },
    },
  };
}

/** Where a client goes on that has seen events before; with another emulator in place of its own, where that stands. */
function resumption({ state }: Journal, seen = ''): Pick<EntryPattern, 'since'> {
  return /^\d{1,15}$/.test(seen) ? { since: Math.min(Number(seen), state.last) } : {};
}

/** The events after an entry, with those that come while they are read. One at a time: a reader may take for ever. */
function* since(journal: Journal, pattern: EntryPattern, id: number): Generator<Uint8Array> {
  for (
    let entry = journal.next({ ...pattern, since: id });
    entry;
    entry = journal.next({ ...pattern, since: entry.id })
  ) {
    yield event(entry);
  }
}

const event = (entry: Entry): Uint8Array =>
  Buffer.from(`id: ${entry.id}\nevent: request\ndata: ${JSON.stringify(withJson(entry))}\n\n`);

/**
 * What clients sent, and what they were answered.
 * @param routeIds of the routes that a filter can name
 */
export function requestRoutes(journal: Journal, routeIds: readonly string[]): Route[] {
  /** Whoever follows gets the same bytes: hundreds may, and read slowly. */
  const events = new WeakMap<Entry, Uint8Array>();
  const sharedEvent = (entry: Entry): Uint8Array => {
    const made = events.get(entry) ?? event(entry);
    events.set(entry, made);
    return made;
  };
  return [
    {
      ...emulatorRoute,
      id: 'emulator.requests.list',
      method: 'GET',
      path: '/requests',
      summary: 'What arrived and was answered, and with `wait`, once it has',
      query: 'emulator/requests#query',
      replies: { 200: 'emulator/requests#list' },
      handle({ query }) {
        const { wait, count = 1, limit } = query as { wait?: string; count?: number; limit?: number };
        const pattern = patternOf(query, routeIds);
        if (wait === undefined) return listed(journal.find(pattern, limit ?? ENTRIES_OF_A_LIST));
        if (count > journal.room) throw noRoom(count, journal.room);
        return waiting(journal, pattern, { wanted: count, within: wait, limit });
      },
    },
    {
      ...emulatorRoute,
      id: 'emulator.requests.count',
      method: 'GET',
      path: '/requests/count',
      summary: 'How many requests were of this kind',
      query: 'emulator/requests#filter',
      replies: { 200: 'emulator/requests#count' },
      handle: ({ query }) => ({
        status: 200,
        body: { count: journal.count(patternOf(query, routeIds)), ...journal.state },
      }),
    },
    {
      ...emulatorRoute,
      id: 'emulator.requests.follow',
      method: 'GET',
      path: '/requests/stream',
      summary: 'Each request as it is answered, as server-sent events',
      query: 'emulator/requests#filter',
      replies: { 200: null },
      contentType: 'text/event-stream',
      handle({ query, lastEventId }) {
        const pattern = { ...patternOf(query, routeIds), ...resumption(journal, lastEventId) };
        return {
          status: 200,
          feed: {
            past: () => (pattern.since === undefined ? [] : since(journal, pattern, pattern.since))[Symbol.iterator](),
            begin: (write) => journal.follow((entry) => write(sharedEvent(entry)), pattern),
          },
        };
      },
    },
    {
      ...emulatorRoute,
      id: 'emulator.requests.get',
      method: 'GET',
      path: '/requests/{entry_id}',
      summary: 'One of them',
      replies: { 200: 'emulator/requests#entry' },
      handle({ params }) {
        const entry = journal.get(Number(params.entry_id));
        if (!entry) throw noSuch(`entry ${params.entry_id} in the journal, or no longer`);
        return { status: 200, body: withJson(entry) };
      },
    },
    {
      ...emulatorRoute,
      id: 'emulator.requests.clear',
      method: 'DELETE',
      path: '/requests',
      summary: 'Forget them all, or those of a kind',
      query: 'emulator/requests#filter',
      replies: { 204: null },
      handle({ query }) {
        journal.clear(patternOf(query, routeIds));
        return NO_CONTENT;
      },
    },
  ];
}

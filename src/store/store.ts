import type { Collection, Document, Table } from '../contract/collection.ts';
import type { Snapshots, Stateful } from '../contract/snapshots.ts';
import type { StorageFailure } from '../contract/unusable.ts';
import type { Ids } from '../kernel/ids.ts';
import { type Commits, createCommits } from './commits.ts';
import { closeDatabase, highestId, type Opened, openDatabase, pathOf } from './database.ts';
import { quoted } from './layout.ts';
import { reshapeAll } from './reshaping.ts';
import { rowsOf, type StoredRow } from './rows.ts';
import { createSnapshots } from './snapshots.ts';
import { createTable, type Shared } from './table.ts';
import { createWatch, failureOf, unhindered, unusable } from './trouble.ts';

export interface StoreOptions {
  /** Path of the SQLite file; in memory when absent. */
  readonly file?: string;
  readonly collections: readonly Collection[];
  readonly ids: Ids;
  /** Runs a function once what has arrived has been handled: the moment to commit. */
  defer(flush: () => void): void;
  /** Brings a document into the shape of its collection's schema, or throws. */
  shaped(collection: Collection, document: Document): Document;
  /** What a snapshot holds beside the documents, by name. */
  readonly beside?: Readonly<Record<string, Stateful>>;
  /** What no snapshot holds, and a change that cannot be kept leaves as it was all the same. */
  readonly evidence?: readonly Stateful[];
  /** Tells whoever runs the emulator. */
  warn(message: string): void;
}

/** All state of one emulator: what is not in here does not survive, and a copy of it is a copy of everything. */
export interface Store {
  table(collection: Collection): Table;
  /** The reads and writes of requests. */
  readonly commits: Commits;
  /** Runs `work` alone, as `commits` do. @throws StorageFailure */
  transaction<T>(work: () => T): T;
  /** Runs `work`, which only reads, as `commits` do. @throws StorageFailure */
  look<T>(work: () => T): T;
  /** Copies of everything; each call belongs to the transaction under way. */
  readonly snapshots: Snapshots;
  /** Grows whenever a credential may have gone. */
  credentialGeneration(): number;
  /** Grows whenever another state has taken the place of all that there was. */
  stateGeneration(): number;
  /**
   * Runs `work`, in which documents may link to later ones of their collection.
   * @throws Error where one of those is not there in the end
   */
  awaitingLinks(work: () => void): void;
  /** Sets ids aside: the next documents of the collection get these, in order. */
  reserve(collection: string, ids: readonly string[]): void;
  /** A remark about the whole store, such as the world it was made from. */
  remark(name: string): string | undefined;
  setRemark(name: string, value: string): void;
  /** The documents of a collection in order, whatever their parent, with what they belong to. */
  rows(collection: Collection): Iterable<StoredRow>;
  /** How far integer ids have come, by the href of their list: `{ '/orgs/1/labels': 12 }`. As text beyond 2^53. */
  sequences(): Record<string, number | string>;
  setSequence(name: string, last: number | string): void;
  /** The ids that are set aside, by collection. */
  reserved(): Record<string, string[]>;
  /** Removes every document and all that is remembered of ids. */
  clear(): void;
  /** Brings every document into the shape of its schema, after the emulated release has changed. @throws Error */
  reshape(): void;
  /** What an error says of the file; undefined where it is about something else. */
  trouble(error: unknown): StorageFailure | undefined;
  /** The same, told to who runs the emulator too: once for the same trouble in a minute. */
  tellTrouble(error: unknown): StorageFailure | undefined;
  /** Keeps what a start has done, all at once. @throws UnusableFile */
  started(): void;
  /** Before that, it undoes the start. @throws StorageFailure where the file was cut off while it was in use */
  close(): void;
}

/** @throws UnusableFile with one line that says why the file cannot be used */
export function openStore(options: StoreOptions): Store {
  const { collections, warn } = options;
  const file = pathOf(options.file);
  const opened = openDatabase(file, collections, warn);
  try {
    return createStore(opened, { ...options, file });
  } catch (error) {
    opened.abandon();
    throw file === undefined ? error : unusable(file, error);
  }
}

function createStore({ database, started, abandon }: Opened, options: StoreOptions): Store {
  const { file, collections, ids, defer, shaped, evidence = [], warn } = options;
  // Until it is in use, nothing becomes of a file.
  let watch = createWatch(undefined, 0, warn);
  let rows = highestId(database, collections);
  let credentials = 0;
  let states = 0;
  const shared: Shared = {
    database,
    collections,
    ids,
    shaped,
    nextRow: () => ++rows,
    reserved: new Set(collections.map(({ name }) => name)),
    credentialsGone: () => void credentials++,
  };
  const tables = new Map(collections.map((collection) => [collection.name, createTable(collection, shared)]));
  // Row ids decide the order of shuffled lists: from one snapshot they go on alike.
  const counter: Stateful = {
    save: () => rows,
    restore: (saved) => {
      rows = saved;
    },
  };
  // An id that was set aside and taken is there again. To ask the database for it might fail as well.
  const reserved: Stateful = {
    save: () => null,
    restore() {
      for (const { name } of collections) shared.reserved.add(name);
    },
  };
  const beside = { ...options.beside, ids, counter, reserved };
  const snapshots = createSnapshots(database, collections, beside);
  // What was let in meanwhile may be what was undone.
  const lettingIn: Stateful = {
    save: () => credentials,
    restore(before) {
      if (credentials !== before) shared.credentialsGone();
    },
  };
  const generation: Stateful = {
    save: () => states,
    restore: (before) => {
      states = before;
    },
  };
  const drawn = [ids, counter, reserved, lettingIn];
  let isStarting = true;
  const commits = createCommits(database, {
    ...{ defer, start: started, check: () => watch.check(), drawn },
    beside: [...Object.values(beside), lettingIn, generation, ...evidence],
  });
  const reserve = database.prepare('INSERT INTO reserved_ids (collection, id) VALUES (?, ?)');
  const readRemark = database.prepare('SELECT value FROM meta WHERE name = ?').pluck();
  const writeRemark = database.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)');

  const telling = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw failureOf(file, error) ?? error;
    }
  };

  return {
    table(collection) {
      const table = tables.get(collection.name);
      if (!table) throw new Error(`the collection ${collection.name} is not part of this store`);
      return table;
    },
    transaction: (work) => telling(() => commits.alone(work)),
    look: (work) => telling(() => commits.look(work)),
    commits,
    snapshots: {
      ...snapshots,
      restore(name) {
        const restored = snapshots.restore(name);
        if (restored) {
          states++;
          shared.credentialsGone();
        }
        return restored;
      },
    },
    credentialGeneration: () => credentials,
    stateGeneration: () => states,
    awaitingLinks(work) {
      shared.awaited = new Map();
      try {
        work();
        const [missing] = shared.awaited.keys();
        if (missing !== undefined) throw new Error(`something links to ${missing}, which is not there`);
      } finally {
        shared.awaited = undefined;
      }
    },
    reserve(collection, list) {
      for (const id of list) reserve.run(collection, id);
      shared.reserved.add(collection);
    },
    remark: (name) => readRemark.get(name) as string | undefined,
    setRemark: (name, value) => void writeRemark.run(name, value),
    rows: (collection) => rowsOf(database, collection),
    sequences() {
      const last = `CASE WHEN last > ${Number.MAX_SAFE_INTEGER} THEN CAST(last AS TEXT) ELSE last END`;
      return Object.fromEntries(database.prepare(`SELECT name, ${last} FROM sequences`).raw().all() as []);
    },
    setSequence(name, last) {
      database.prepare('INSERT OR REPLACE INTO sequences (name, last) VALUES (?, CAST(? AS INTEGER))').run(name, last);
    },
    reserved() {
      const ids: Record<string, string[]> = {};
      const all = database.prepare('SELECT collection, id FROM reserved_ids ORDER BY place').all();
      for (const { collection, id } of all as { collection: string; id: string }[]) {
        ids[collection] = [...(ids[collection] ?? []), id];
      }
      return ids;
    },
    clear() {
      const emptied = ['refs', ...collections.map(({ name }) => name).reverse(), 'sequences', 'reserved_ids'];
      unhindered(() => {
        for (const name of emptied) database.prepare(`DELETE FROM ${quoted(name)}`).run();
      });
      states++;
      shared.credentialsGone();
    },
    reshape() {
      for (const collection of collections) if (!collection.unshaped) reshapeAll(database, collection, shaped);
    },
    started() {
      try {
        commits.started();
        isStarting = false;
        watch = createWatch(file, Number(database.pragma('page_size', { simple: true })), warn);
      } catch (error) {
        throw file === undefined ? error : unusable(file, error);
      }
    },
    close() {
      if (!database.open) return;
      if (isStarting) return abandon();
      commits.flush();
      const standing = watch.standing();
      closeDatabase(database, standing);
      if (standing.fate === 'gone' && standing.failure) watch.tell(standing.failure);
      if (standing.fate === 'cut off') throw standing.failure;
    },
    trouble: (error) => failureOf(file, error),
    tellTrouble(error) {
      const failure = failureOf(file, error);
      if (failure && database.open) watch.tell(failure);
      return failure;
    },
  };
}

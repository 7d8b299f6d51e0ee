import type { Collection, Document, Table } from '../contract/collection.ts';
import type { Ids } from '../kernel/ids.ts';
import { type Commits, createCommits } from './commits.ts';
import { highestId, openDatabase } from './database.ts';
import { quoted } from './layout.ts';
import { createTable, type Shared } from './table.ts';

export interface StoreOptions {
  /** Path of the SQLite file; in memory when absent. */
  readonly file?: string;
  readonly collections: readonly Collection[];
  readonly ids: Ids;
  /** Runs a function once what has arrived has been handled: the moment to commit. */
  defer(flush: () => void): void;
  /** Brings a document into the shape of its collection's schema, or throws. */
  shaped(collection: Collection, document: Document): Document;
}

interface Row {
  readonly id: number;
  readonly document: string;
}

/** All state of one emulator: what is not in here does not survive, and a copy of it is a copy of everything. */
export interface Store {
  table(collection: Collection): Table;
  /** The reads and writes of requests. */
  readonly commits: Commits;
  /** Runs `work` by itself, so that all its writes happen or none. */
  transaction<T>(work: () => T): T;
  /** Grows whenever a credential may have gone. */
  credentialGeneration(): number;
  /** Sets ids aside: the next documents of the collection get these, in order. */
  reserve(collection: string, ids: readonly string[]): void;
  /** A remark about the whole store, such as the world it was made from. */
  remark(name: string): string | undefined;
  setRemark(name: string, value: string): void;
  /** Brings every document into the shape of its schema, after the emulated release has changed. */
  reshape(): void;
  close(): void;
}

/** @throws UnusableFile with one line that says why the file cannot be used */
export function openStore({ file, collections, ids, defer, shaped }: StoreOptions): Store {
  const database = openDatabase(file, collections);
  let rows = highestId(database, collections);
  let credentials = 0;
  const shared: Shared = {
    database,
    collections,
    ids,
    shaped,
    nextRow: () => ++rows,
    reserved: new Set(),
    credentialsGone: () => void credentials++,
  };
  const collectionsWithIds = database.prepare('SELECT DISTINCT collection FROM reserved_ids').pluck();
  // An id that was taken and given back by a rollback is there again.
  function recallReserved(): void {
    for (const name of collectionsWithIds.all() as string[]) shared.reserved.add(name);
  }
  recallReserved();
  const tables = new Map(collections.map((collection) => [collection.name, createTable(collection, shared)]));
  const commits = createCommits(database, defer, recallReserved);
  const run = database.transaction((work: () => unknown) => work());
  const reserve = database.prepare('INSERT INTO reserved_ids (collection, id) VALUES (?, ?)');
  const readRemark = database.prepare('SELECT value FROM meta WHERE name = ?').pluck();
  const writeRemark = database.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)');

  return {
    table(collection) {
      const table = tables.get(collection.name);
      if (!table) throw new Error(`the collection ${collection.name} is not part of this store`);
      return table;
    },
    transaction: <T>(work: () => T) => run.immediate(work) as T,
    commits,
    credentialGeneration: () => credentials,
    reserve(collection, list) {
      for (const id of list) reserve.run(collection, id);
      shared.reserved.add(collection);
    },
    remark: (name) => readRemark.get(name) as string | undefined,
    setRemark: (name, value) => void writeRemark.run(name, value),
    reshape() {
      for (const collection of collections.filter(({ unshaped }) => !unshaped)) {
        const table = quoted(collection.name);
        const update = database.prepare(`UPDATE ${table} SET document = ? WHERE id = ?`);
        const next = database.prepare(`SELECT id, document FROM ${table} WHERE id > ? ORDER BY id LIMIT 1000`);
        let some = next.all(0) as Row[];
        while (some.length > 0) {
          for (const { id, document } of some) {
            update.run(JSON.stringify(shaped(collection, JSON.parse(document) as Document)), id);
          }
          some = next.all(some.at(-1)?.id) as Row[];
        }
      }
    },
    close() {
      if (!database.open) return;
      commits.flush();
      database.close();
    },
  };
}

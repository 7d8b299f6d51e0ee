import Database from 'better-sqlite3';
import type { Collection } from '../contract/collection.ts';
import { quoted } from './layout.ts';

/** Copies of everything that a store holds, by name, for as long as it is open. */
export interface Snapshots {
  /** Keeps a copy of everything as it is now; one of that name is replaced. */
  take(name: string): void;
  /** Puts everything back as it was. @returns false when there is no snapshot of that name */
  restore(name: string): boolean;
  /** @returns false when there is no snapshot of that name */
  drop(name: string): boolean;
  names(): string[];
  /** How large a copy would be now, in bytes. */
  size(): number;
}

/** The columns that hold data; generated ones are computed again. */
const OF_DOCUMENTS = ['id', 'parent', 'href', 'document', 'facts'];
const OF_STORE: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ['meta', ['name', 'value']],
  ['sequences', ['name', 'last']],
  ['reserved_ids', ['place', 'collection', 'id']],
  ['refs', ['from_id', 'role', 'to_id']],
];

interface Copied {
  readonly columns: string;
  readonly table: string;
  readonly empty: Database.Statement;
  readonly insert: Database.Statement;
}

/** Where SQLite says in a file's header how it is written: 1 is a plain file, 2 one with a log beside it. */
const WRITE_VERSION = 18;
const READ_VERSION = 19;

/**
 * Keeps copies as SQLite's own images of the database, which cost next to nothing to take. To put one back, its
 * rows are written over those that are there: so it works in a file as in memory, within the transaction under way.
 * @param collections what belongs to something comes after it
 */
export function createSnapshots(database: Database.Database, collections: readonly Collection[]): Snapshots {
  const images = new Map<string, Buffer>();
  let prepared: Copied[] | undefined;

  const copied = () => {
    prepared ??= [
      ...collections.map(({ name }) => prepare(database, name, OF_DOCUMENTS)),
      ...OF_STORE.map(([name, columns]) => prepare(database, name, columns)),
    ];
    return prepared;
  };
  const putBack = database.transaction((image: Database.Database) => {
    // Links first: without them the triggers that follow links have nothing to do.
    for (const { empty } of [...copied()].reverse()) empty.run();
    for (const { table, columns, insert } of copied()) {
      for (const row of image.prepare(`SELECT ${columns} FROM ${table}`).raw().iterate()) insert.run(row);
    }
  });

  return {
    take(name) {
      const image = database.serialize();
      image[WRITE_VERSION] = 1;
      image[READ_VERSION] = 1;
      images.set(name, image);
    },
    restore(name) {
      const bytes = images.get(name);
      if (!bytes) return false;
      const image = new Database(bytes);
      try {
        putBack(image);
      } finally {
        image.close();
      }
      return true;
    },
    drop: (name) => images.delete(name),
    names: () => [...images.keys()],
    size: () =>
      Number(database.pragma('page_count', { simple: true })) * Number(database.pragma('page_size', { simple: true })),
  };
}

function prepare(database: Database.Database, name: string, names: readonly string[]): Copied {
  const table = quoted(name);
  const columns = names.map(quoted).join(', ');
  return {
    columns,
    table,
    empty: database.prepare(`DELETE FROM ${table}`),
    insert: database.prepare(`INSERT INTO ${table} (${columns}) VALUES (${names.map(() => '?').join(', ')})`),
  };
}

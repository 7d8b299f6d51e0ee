import type Database from 'better-sqlite3';
import type { Collection } from '../contract/collection.ts';
import { type Snapshot, type Snapshots, type Stateful, StoreTooLarge } from '../contract/snapshots.ts';
import { quoted } from './layout.ts';
import { unhindered } from './trouble.ts';

/** Copies lie in memory: of more than this, in bytes, none is made. */
const LARGEST = 256 * 1024 * 1024;

/** The columns that hold data; generated ones are computed again. */
const OF_DOCUMENTS = ['id', 'parent', 'href', 'document', 'facts'];
const OF_STORE: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ['refs', ['from_id', 'role', 'to_id']],
  ['meta', ['name', 'value']],
  ['sequences', ['name', 'last']],
  ['reserved_ids', ['place', 'collection', 'id']],
];

/** The tables that snapshots copy. */
const copied = (collections: readonly Collection[]) => [
  ...collections.map(({ name }) => [name, OF_DOCUMENTS] as const),
  ...OF_STORE,
];

/** Attaches the database that snapshots are kept in: outside of any transaction. */
export function layCopies(database: Database.Database, collections: readonly Collection[]): void {
  database.exec("ATTACH ':memory:' AS kept");
  database.exec(
    'CREATE TABLE kept.snapshots (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, documents INTEGER, filled TEXT, beside TEXT) STRICT',
  );
  for (const [name, columns] of copied(collections)) {
    const table = quoted(name);
    database.exec(`CREATE TABLE kept.${table} (snapshot INTEGER NOT NULL, ${columns.map(quoted).join(', ')})`);
    database.exec(`CREATE INDEX kept.${quoted(`${name}_of_snapshot`)} ON ${table} (snapshot)`);
  }
}

/**
 * Keeps copies in a second database, in memory, that has each table once more with the number of the snapshot. So
 * SQLite copies them, in a file as in memory, within the transaction under way, and undoes it if that fails.
 * @param database with `layCopies`
 * @param collections what belongs to something comes after it
 * @param beside what else a snapshot holds, by name
 */
export function createSnapshots(
  database: Database.Database,
  collections: readonly Collection[],
  beside: Readonly<Record<string, Stateful>>,
): Snapshots {
  const tables = copied(collections);
  /** A statement for each table, prepared when it is first needed. */
  const each = (sql: (table: string, columns: string) => string) => {
    let statements: Database.Statement[] | undefined;
    return () => {
      statements ??= tables.map(([name, columns]) =>
        database.prepare(sql(quoted(name), columns.map(quoted).join(', '))),
      );
      return statements;
    };
  };
  const copy = each((table, columns) => `INSERT INTO kept.${table} SELECT ?, ${columns} FROM main.${table}`);
  const forget = each((table) => `DELETE FROM kept.${table} WHERE snapshot = ?`);
  // Links first, and children before what they belong to: then no trigger and no cascade has anything to do.
  const empty = each((table) => `DELETE FROM main.${table}`);
  const putBack = each(
    (table, columns) =>
      `INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM kept.${table} WHERE snapshot = ? ORDER BY rowid`,
  );
  const [find, enter, leave, all] = [
    'SELECT id, name, documents, filled, beside FROM kept.snapshots WHERE name = ?',
    'INSERT INTO kept.snapshots (name, beside) VALUES (?, ?) RETURNING id',
    'DELETE FROM kept.snapshots WHERE name = ? RETURNING id',
    'SELECT name, documents FROM kept.snapshots ORDER BY id',
  ].map((sql) => database.prepare(sql)) as [
    Database.Statement,
    Database.Statement,
    Database.Statement,
    Database.Statement,
  ];
  const count = database.prepare('UPDATE kept.snapshots SET documents = ?, filled = ? WHERE id = ?');

  const drop = (name: string): boolean => {
    const id = leave.pluck().get(name);
    if (id === undefined) return false;
    for (const statement of forget()) statement.run(id);
    return true;
  };
  const pragma = (text: string) => Number(database.pragma(text, { simple: true }));
  /** What was dropped leaves free pages. */
  const size = (schema: 'main' | 'kept') =>
    (pragma(`${schema}.page_count`) - pragma(`${schema}.freelist_count`)) * pragma(`${schema}.page_size`);

  return {
    take(name) {
      drop(name);
      if (size('main') + size('kept') > LARGEST) {
        throw new StoreTooLarge(`snapshots lie in memory, of ${LARGEST} bytes at the most, and there is too much`);
      }
      const saved = Object.fromEntries(Object.entries(beside).map(([key, one]) => [key, one.save()]));
      const id = enter.pluck().get(name, JSON.stringify(saved));
      const changes = copy().map((statement) => statement.run(id).changes);
      const documents = changes.slice(0, collections.length).reduce((sum, one) => sum + one, 0);
      // Most tables are empty in most worlds: to put nothing back would take most of the time.
      const filled = changes.flatMap((rows, index) => (rows > 0 ? [index] : []));
      count.run(documents, JSON.stringify(filled), id);
      return { name, documents };
    },
    restore(name) {
      const found = find.get(name) as { id: number; documents: number; filled: string; beside: string } | undefined;
      if (!found) return undefined;
      unhindered(() => {
        for (const statement of [...empty()].reverse()) statement.run();
        for (const index of JSON.parse(found.filled) as number[]) putBack()[index]?.run(found.id);
      });
      for (const [key, saved] of Object.entries(JSON.parse(found.beside) as Record<string, never>)) {
        beside[key]?.restore(saved);
      }
      return { name, documents: found.documents };
    },
    drop,
    list: () => all.all() as Snapshot[],
  };
}

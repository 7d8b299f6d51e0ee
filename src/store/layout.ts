import type { Collection } from '../contract/collection.ts';

/**
 * The SQL that a list of declared collections asks for. Each collection has a table of its own:
 *
 *     id        INTEGER PRIMARY KEY   order of insertion; unique over all collections
 *     parent    INTEGER               the document it belongs to and vanishes with
 *     href      TEXT UNIQUE
 *     document  TEXT                  the JSON that a reply sends
 *     facts     TEXT                  the JSON that no reply sends
 *     "<key>"                         generated from the document or the facts, one for each declared key
 *
 * `refs` holds the links between documents. A trigger removes a link with either of its ends, and the document
 * that is to vanish with what it links to.
 */
export const BASE_LAYOUT = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sequences (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS reserved_ids (
    place INTEGER PRIMARY KEY, collection TEXT NOT NULL, id TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS refs (
    from_id INTEGER NOT NULL, role TEXT NOT NULL, to_id INTEGER NOT NULL,
    PRIMARY KEY (from_id, role, to_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS refs_to ON refs (to_id, from_id, role);
`;

export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** The table of a collection. */
export function tableSql(collection: Collection): string {
  const { name, parent } = collection;
  const belongs = parent ? `INTEGER NOT NULL REFERENCES ${quoted(parent)} (id) ON DELETE CASCADE` : 'INTEGER';
  const keys = keyColumns(collection).map(([, column]) => `, ${column}`);
  return `CREATE TABLE IF NOT EXISTS ${quoted(name)} (
    id INTEGER PRIMARY KEY, parent ${belongs}, href TEXT NOT NULL UNIQUE, document TEXT NOT NULL, facts TEXT${keys.join('')}
  ) STRICT`;
}

/** The generated columns of a collection, by name. The href, which may be a key as well, is a column of every table. */
function keyColumns({ keys = {}, factKeys = {} }: Collection): [name: string, sql: string][] {
  const column =
    (source: string) =>
    ([key, path]: [string, string]): [string, string] => [
      key,
      `${quoted(key)} ANY GENERATED ALWAYS AS (${source} ->> '${path}') VIRTUAL`,
    ];
  const columns = [...Object.entries(keys).map(column('document')), ...Object.entries(factKeys).map(column('facts'))];
  return columns.filter(([key]) => key !== 'href');
}

/** What adds the keys that the table of an earlier emulator has not. */
export const keysSql = (collection: Collection, present: readonly unknown[]): string[] =>
  keyColumns(collection)
    .filter(([key]) => !present.includes(key))
    .map(([, column]) => `ALTER TABLE ${quoted(collection.name)} ADD COLUMN ${column}`);

/**
 * Indexes and triggers: they hold no data of their own, so they may be dropped and made again.
 * @param all the collections that may link to this one
 */
export function derivedSql(collection: Collection, all: readonly Collection[]): { drop: string; create: string }[] {
  const table = quoted(collection.name);
  const index = (name: string, columns: string, unique = false, where = '') => ({
    drop: `DROP INDEX IF EXISTS ${quoted(name)}`,
    create: `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${quoted(name)} ON ${table} (${columns}) ${where}`,
  });
  const derived = [index(`${collection.name}_in_order`, 'parent, id')];
  for (const key of collection.indexed ?? []) {
    derived.push(index(`${collection.name}_by_${key}`, `${quoted(key)}, parent`));
  }
  for (const key of collection.ranges ?? []) {
    derived.push(index(`${collection.name}_in_order_of_${key}`, `parent, ${quoted(key)}`));
  }
  for (const { keys, unless, caseless } of collection.unique ?? []) {
    const collation = caseless ? ' COLLATE NOCASE' : '';
    const columns = ['parent', ...keys.map((key) => quoted(key) + collation)].join(', ');
    const conditions = [unless ?? []].flat().map((key) => `coalesce(${quoted(key)}, 0) IS 0`);
    const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    derived.push(index(`${collection.name}_one_${keys.join('_')}`, columns, true, where));
  }
  const linking = all.filter(({ references = [] }) => references.some(({ to }) => to === collection.name));
  if (linking.length > 0 || collection.references) {
    const trigger = quoted(`${collection.name}_unlink`);
    const vanishing = linking
      .filter(({ references = [] }) => references.some(({ to, vanishes }) => vanishes && to === collection.name))
      .map(({ name }) => `DELETE FROM ${quoted(name)} WHERE id IN (SELECT from_id FROM refs WHERE to_id = OLD.id);`);
    derived.push({
      drop: `DROP TRIGGER IF EXISTS ${trigger}`,
      create: `CREATE TRIGGER ${trigger} AFTER DELETE ON ${table} BEGIN
        ${vanishing.join(' ')}
        DELETE FROM refs WHERE from_id = OLD.id;
        DELETE FROM refs WHERE to_id = OLD.id;
      END`,
    });
  }
  return derived;
}

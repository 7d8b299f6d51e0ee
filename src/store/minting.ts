import type Database from 'better-sqlite3';
import type { Collection } from '../contract/collection.ts';
import type { Ids } from '../kernel/ids.ts';

/** What the ids of a collection are made from. */
export interface Minting {
  /** The prepared statement of a text. */
  readonly sql: (text: string) => Database.Statement;
  readonly collection: Collection;
  /** The href of what the document will belong to. */
  readonly parent: string;
  readonly ids: Ids;
  /** The collections for which ids may have been set aside; one that has none left is taken out. */
  readonly reserved: Set<string>;
}

/** An id that is not taken: the next of those set aside, or a fresh one. A world may hold any, but for a fresh UUID. */
export function mintId(minting: Minting, taken: (id: string) => boolean): string {
  for (;;) {
    const reserved = reservedId(minting);
    const id = reserved ?? freshId(minting);
    if (reserved === undefined && minting.collection.id === 'uuid') return id;
    if (!taken(id)) return id;
  }
}

/** Once a document goes: no other gets its number, and how far those below it have come is forgotten. */
export function retireId({ sql, collection, parent }: Omit<Minting, 'ids' | 'reserved'>, href: string): void {
  const [, number] = href.split(/\/([0-9]+)$/);
  if (collection.id === 'integer' && number) countUpTo(sql, sequenceOf(collection, parent), number);
  sql("DELETE FROM sequences WHERE name > ? || '/' AND name < ? || '0'").run(href, href);
}

/** What remembers how far the ids of a collection have come. */
const sequenceOf = ({ name, countedIn }: Collection, parent: string) => `${countedIn?.(parent) ?? parent}/${name}`;

function countUpTo(sql: Minting['sql'], sequence: string, id: string): void {
  sql(
    `INSERT INTO sequences (name, last) VALUES (?, CAST(? AS INTEGER))
     ON CONFLICT DO UPDATE SET last = max(last, excluded.last)`,
  ).run(sequence, id);
}

/** The next id that a world has set aside for the collection. */
function reservedId({ sql, collection, parent, reserved: collections }: Minting): string | undefined {
  const { id, name } = collection;
  if (!collections.has(name)) return undefined;
  const reserved = sql(
    'DELETE FROM reserved_ids WHERE place = (SELECT min(place) FROM reserved_ids WHERE collection = ?) RETURNING id',
  )
    .pluck()
    .get(name) as string | undefined;
  if (reserved === undefined) collections.delete(name);
  else if (id === 'integer') countUpTo(sql, sequenceOf(collection, parent), reserved);
  return reserved;
}

function freshId({ sql, collection, parent, ids }: Minting): string {
  if (collection.id === 'uuid') return ids.uuid();
  // As text: integer ids of the PCE may exceed what a JavaScript number holds.
  return sql(
    `INSERT INTO sequences (name, last) VALUES (?, 1)
     ON CONFLICT DO UPDATE SET last = last + 1 RETURNING CAST(last AS TEXT)`,
  )
    .pluck()
    .get(sequenceOf(collection, parent)) as string;
}

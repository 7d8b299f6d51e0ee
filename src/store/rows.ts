import type Database from 'better-sqlite3';
import type { Collection, Facts } from '../contract/collection.ts';
import { quoted } from './layout.ts';
import { present, stored } from './trouble.ts';

/** A document as the store keeps it. */
export interface StoredRow {
  readonly href: string;
  /** Undefined where it belongs to nothing. */
  readonly parent: string | undefined;
  readonly document: unknown;
  readonly facts: Facts | undefined;
  /** How many characters all that takes. */
  readonly size: number;
}

type RawRow = [href: string | null, parent: string | null, document: string | null, facts: string | null];

function rowOf([href, parent, document, facts]: RawRow): StoredRow {
  const texts = [present(href), parent ?? '', present(document), facts ?? ''];
  return {
    href: present(href),
    parent: parent ?? undefined,
    document: stored(document),
    facts: facts === null ? undefined : stored(facts),
    size: texts.reduce((sum, { length }) => sum + length, 0),
  };
}

/** The documents of a collection in order, whatever their parent, with what they belong to. */
export function* rowsOf(database: Database.Database, { name, parent }: Collection): Iterable<StoredRow> {
  const owner = parent ? `(SELECT href FROM ${quoted(parent)} AS owner WHERE owner.id = one.parent)` : 'NULL';
  const sql = `SELECT href, ${owner} AS parent, document, facts FROM ${quoted(name)} AS one ORDER BY id`;
  for (const row of database.prepare(sql).raw().iterate() as Iterable<RawRow>) yield rowOf(row);
}

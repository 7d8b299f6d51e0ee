import type Database from 'better-sqlite3';
import type { Collection, Document, Facts } from '../contract/collection.ts';
import { quoted } from './layout.ts';
import { stored } from './trouble.ts';

interface Row {
  readonly id: number;
  readonly document: string;
  readonly facts: string | null;
}

/**
 * Brings every document of a collection into the shape that its schema has now.
 * @throws Error for one that cannot be
 */
export function reshapeAll(
  database: Database.Database,
  collection: Collection,
  shaped: (collection: Collection, document: Document) => Document,
): void {
  const table = quoted(collection.name);
  const update = database.prepare(`UPDATE ${table} SET document = ?, facts = ? WHERE id = ?`);
  const next = database.prepare(`SELECT id, document, facts FROM ${table} WHERE id > ? ORDER BY id LIMIT 1000`);
  let some = next.all(0) as Row[];
  while (some.length > 0) {
    for (const { id, document: text, facts: known } of some) {
      const [document, facts] = apart(stored<Document>(text), collection.onceShown);
      const together = facts ? JSON.stringify({ ...facts, ...stored<Facts>(known ?? '{}') }) : known;
      update.run(JSON.stringify(shaped(collection, document)), together, id);
    }
    some = next.all(some.at(-1)?.id) as Row[];
  }
}

/** A document without what has its place among the facts now, and that, if there is any. */
function apart(document: Document, names: readonly string[] = []): [Document, Facts | undefined] {
  const entries = Object.entries(document);
  const facts = entries.filter(([name]) => names.includes(name));
  if (facts.length === 0) return [document, undefined];
  return [Object.fromEntries(entries.filter(([name]) => !names.includes(name))), Object.fromEntries(facts)];
}

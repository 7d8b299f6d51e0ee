import type Database from 'better-sqlite3';
import type { Collection, Document, Edge } from '../contract/collection.ts';
import { quoted } from './layout.ts';

/** Links whose other end is not there yet, by its href. */
export type Awaited = Map<string, { readonly from: number; readonly role: string }[]>;

/** The links that the documents of one collection hold. */
export interface Links {
  /** Adds those of a document in a row. @throws Error where another end is not there, and is not awaited */
  add(row: number, document: Document): void;
  /** Makes those of a row what its new document says. @throws Error as above */
  change(row: number, before: Document, document: Document): void;
  /** Makes those that have waited for a document, now that it is in a row. */
  arrived(row: number, href: string): void;
}

const areEqual = (some: readonly Edge[], others: readonly Edge[]) =>
  some.length === others.length &&
  some.every(({ role, to }, index) => role === others[index]?.role && to === others[index]?.to);

/**
 * @param sql the prepared statement of a text
 * @param awaited while a world is made: documents may link to later ones of their own collection
 */
export function createLinks(
  { name, references = [] }: Collection,
  sql: (text: string) => Database.Statement,
  awaited: () => Awaited | undefined,
): Links {
  const kinds = references.map(({ to, edges, loose = false }) => {
    const endSql = `FROM ${quoted(to)} WHERE href = ?`;
    const linkSql = `INSERT OR IGNORE INTO refs (from_id, role, to_id) SELECT ?, ?, id ${endSql}`;
    return { to, edges, loose, linkSql, isThereSql: `SELECT 1 ${endSql}` };
  });
  const add = (row: number, document: Document) => {
    for (const { to, edges, loose, linkSql, isThereSql } of kinds) {
      for (const edge of edges(document)) {
        if (sql(linkSql).run(row, edge.role, edge.to).changes === 1 || loose) continue;
        if (sql(isThereSql).pluck().get(edge.to)) continue;
        const waiting = to === name ? awaited() : undefined;
        if (!waiting) throw new Error(`${name} links to ${edge.to}, which is not there`);
        waiting.set(edge.to, [...(waiting.get(edge.to) ?? []), { from: row, role: edge.role }]);
      }
    }
  };
  const remove = (row: number) => {
    sql('DELETE FROM refs WHERE from_id = ?').run(row);
    for (const [href, links] of awaited() ?? []) {
      const others = links.filter(({ from }) => from !== row);
      if (others.length > 0) awaited()?.set(href, others);
      else awaited()?.delete(href);
    }
  };
  /** A loose link may be gone, and its other end be there again: it is never the same. */
  const areSame = (before: Document, document: Document) =>
    references.every(({ edges, loose }) => {
      const wanted = edges(document);
      return loose ? wanted.length === 0 && edges(before).length === 0 : areEqual(edges(before), wanted);
    });
  return {
    add,
    change(row, before, document) {
      if (areSame(before, document)) return;
      remove(row);
      add(row, document);
    },
    arrived(row, href) {
      for (const { from, role } of awaited()?.get(href) ?? []) {
        sql('INSERT OR IGNORE INTO refs (from_id, role, to_id) VALUES (?, ?, ?)').run(from, role, row);
      }
      awaited()?.delete(href);
    },
  };
}

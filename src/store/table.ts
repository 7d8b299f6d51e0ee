import type Database from 'better-sqlite3';
import {
  type Collection,
  type Document,
  type Entry,
  type Facts,
  NotUnique,
  type Table,
} from '../contract/collection.ts';
import type { Ids } from '../kernel/ids.ts';
import { quoted } from './layout.ts';
import { type Awaited, createLinks } from './links.ts';
import { mintId, retireId } from './minting.ts';
import { countSql, removeSql, type Sql, selectSql } from './selection.ts';
import { present, stored } from './trouble.ts';

/** What the tables of one store share. */
export interface Shared {
  readonly database: Database.Database;
  readonly collections: readonly Collection[];
  readonly ids: Ids;
  /** A row id that no document has had. */
  nextRow(): number;
  /** The document in the shape of its collection's schema. @throws Error when it does not meet the schema */
  shaped(collection: Collection, document: Document): Document;
  /** The collections for which ids may have been set aside. */
  readonly reserved: Set<string>;
  /** Links that wait for their other end, while a world is made. */
  awaited?: Awaited;
  /** Called when a credential may have gone. */
  credentialsGone(): void;
}

/** The documents of one collection, in SQLite. */
export function createTable(collection: Collection, shared: Shared): Table {
  const { database, collections, ids } = shared;
  const table = quoted(collection.name);
  const statements = new Map<string, Database.Statement>();
  const sql = (text: string) => {
    let statement = statements.get(text);
    if (!statement) {
      statement = database.prepare(text);
      statements.set(text, statement);
    }
    return statement;
  };
  const value = ({ text, values }: Sql) =>
    sql(text)
      .pluck()
      .get(...values);
  const links = createLinks(collection, sql, () => shared.awaited);
  interface Row {
    readonly href: string;
    readonly document: string;
    readonly facts: string | null;
  }
  const entry = ({ href, document, facts }: Row): Entry => ({
    href,
    document: stored(document),
    facts: stored(facts ?? '{}'),
  });
  // Texts that are made once: to put one together for each call would cost as much as the query.
  const select = (columns: string, from = table) => `SELECT ${columns} FROM ${from} WHERE href = ?`;
  const [idSql, documentSql, factsSql, bothSql] = ['id', 'document', 'facts', 'id, document'].map((one) =>
    select(one),
  ) as [string, string, string, string];
  const parentIdSql = collection.parent && select('id', quoted(collection.parent));
  const [changeSql, changeBothSql] = ['document = ?', 'document = ?, facts = ?'].map(
    (columns) => `UPDATE ${table} SET ${columns} WHERE id = ?`,
  ) as [string, string];
  const removeOneSql = `DELETE FROM ${table} WHERE href = ?`;
  const row = (href: string) => sql(idSql).pluck().get(href) as number | undefined;
  const parentRow = (href: string) =>
    parentIdSql === undefined ? null : (sql(parentIdSql).pluck().get(href) as number | undefined);
  /** What a document belongs to: nothing, if it is a root. */
  const ownerSql = collection.parent
    ? `SELECT owner.href FROM ${table} AS one JOIN ${quoted(collection.parent)} AS owner ON owner.id = one.parent WHERE one.href = ?`
    : `SELECT '' FROM ${table} WHERE href = ?`;
  /** No row has the parent -1: the list below an href that is not there is empty. */
  const listed = (parent: string) => {
    const id = parentRow(parent);
    return id === undefined ? -1 : id;
  };
  const holdsCredentials = collections.some((one) => one.credential && isWithin(one, collection, collections));

  const quoting = collections.flatMap(({ name, references: others = [] }) =>
    others.flatMap(({ to, quote }) => {
      if (!quote || to !== collection.name) return [];
      const findSql = `SELECT id, document FROM ${quoted(name)} WHERE id IN (SELECT from_id FROM refs WHERE to_id = ?)`;
      return [{ quote, findSql, rewriteSql: `UPDATE ${quoted(name)} SET document = ? WHERE id = ?` }];
    }),
  );

  const writing = <T>(action: () => T): T => {
    if (!database.inTransaction) throw new Error(`a write to ${collection.name} outside a transaction`);
    try {
      return action();
    } catch (error) {
      throw notUnique(collection, error) ?? error;
    }
  };

  /** Rewrites the documents that hold a copy of something in this one. */
  const requote = (id: number, document: Document) => {
    for (const { quote, findSql, rewriteSql } of quoting) {
      for (const one of sql(findSql).all(id) as { id: number; document: string }[]) {
        const before = stored<Document>(one.document);
        const changed = quote(before, document);
        if (changed !== before) sql(rewriteSql).run(JSON.stringify(changed), one.id);
      }
    }
  };

  // A root has no parent, whatever href it is given.
  const owner = parentIdSql ? `(${parentIdSql})` : 'NULL';
  const insertSql = `INSERT INTO ${table} (parent, id, href, document, facts) VALUES (${owner}, ?, ?, ?, ?)`;
  const add = (parent: string, href: string, document: string, facts?: Facts): number => {
    const id = shared.nextRow();
    const below = parentIdSql ? [parent] : [];
    sql(insertSql).run(...below, id, href, document, facts ? JSON.stringify(facts) : null);
    return id;
  };

  return {
    mint: (parent) =>
      writing(() => {
        const at = (id: string) => `${parent}/${collection.path ?? collection.name}/${id}`;
        const minting = { sql, collection, parent, ids, reserved: shared.reserved };
        return at(mintId(minting, (id) => row(at(id)) !== undefined));
      }),
    get(href) {
      const text = sql(documentSql).pluck().get(href) as string | undefined;
      return text === undefined ? undefined : stored<Document>(text);
    },
    text(href) {
      const text = sql(documentSql).pluck().get(href) as string | null | undefined;
      return text === undefined ? undefined : present(text);
    },
    has: (href) => row(href) !== undefined,
    hasParent: (href) => parentRow(href) !== undefined,
    facts(href) {
      const text = sql(factsSql).pluck().get(href) as string | null | undefined;
      return text ? stored<Facts>(text) : undefined;
    },
    insert: (parent, href, document, facts) =>
      writing(() => {
        const shaped = shared.shaped(collection, document);
        const id = add(parent, href, JSON.stringify(shaped), facts);
        links.add(id, shaped);
        links.arrived(id, href);
        return shaped;
      }),
    replace: (href, document, facts) =>
      writing(() => {
        const shaped = shared.shaped(collection, document);
        const before = sql(bothSql).get(href) as { id: number; document: string } | undefined;
        if (!before) throw new Error(`there is no ${href} to replace`);
        const { id } = before;
        const text = JSON.stringify(shaped);
        if (facts) sql(changeBothSql).run(text, JSON.stringify(facts), id);
        else sql(changeSql).run(text, id);
        if (collection.references) links.change(id, stored<Document>(before.document), shaped);
        requote(id, shaped);
        // It may let in less than before.
        if (collection.credential) shared.credentialsGone();
        return shaped;
      }),
    remove: (href) =>
      writing(() => {
        const parent = sql(ownerSql).pluck().get(href) as string | undefined;
        if (parent === undefined) return;
        retireId({ sql, collection, parent }, href);
        sql(removeOneSql).run(href);
        if (holdsCredentials) shared.credentialsGone();
      }),
    removeAll: (parent, where) =>
      writing(() => {
        const { text, values } = removeSql(collection, listed(parent), where);
        const { changes } = sql(text).run(...values);
        if (holdsCredentials && changes > 0) shared.credentialsGone();
      }),
    list(parent, selection = {}) {
      const { text, values } = selectSql(collection, listed(parent), selection);
      // SQLite writes the array: many times faster than reading every document into an object and out again.
      const array = `SELECT CAST('[' || coalesce(group_concat(document, ','), '') || ']' AS BLOB) FROM (${text})`;
      return value({ text: array, values }) as Uint8Array;
    },
    find(parent, selection = {}) {
      const { text, values } = selectSql(collection, listed(parent), selection);
      const texts = sql(text)
        .pluck()
        .all(...values) as string[];
      return texts.map((one) => stored<Document>(one));
    },
    findFacts(parent, selection = {}) {
      const { text, values } = selectSql(collection, listed(parent), selection, 'facts');
      const texts = sql(text)
        .pluck()
        .all(...values) as (string | null)[];
      return texts.flatMap((one) => (one === null ? [] : [stored<Facts>(one)]));
    },
    entries(parent, selection = {}) {
      const { text, values } = selectSql(collection, listed(parent), selection, 'href, document, facts');
      return (sql(text).all(...values) as Row[]).map(entry);
    },
    count: (parent, where = []) => value(countSql(collection, listed(parent), where)) as number,
    lookup(keys) {
      const where = Object.keys(keys).map((key) => `${quoted(key)} = ?`);
      const found = sql(`SELECT href, document, facts FROM ${table} WHERE ${where.join(' AND ')} LIMIT 1`).get(
        ...Object.values(keys),
      ) as Row | undefined;
      return found && entry(found);
    },
    referrers(href) {
      const id = row(href) ?? -1;
      return collections
        .filter((one) => one.references?.some(({ to, vanishes }) => to === collection.name && !vanishes))
        .flatMap((one) => {
          const roles = sql(
            `SELECT DISTINCT role FROM refs JOIN ${quoted(one.name)} AS other ON other.id = refs.from_id WHERE to_id = ?`,
          );
          return (roles.pluck().all(id) as string[]).map((role) => ({ collection: one.name, role }));
        });
    },
    keep: (parent, href, text, facts) => writing(() => void add(parent, href, text, facts)),
  };
}

/** Whether the documents of `one` vanish with documents of `other`. */
function isWithin(one: Collection, other: Collection, all: readonly Collection[]): boolean {
  if (one === other) return true;
  const parent = all.find(({ name }) => name === one.parent);
  return parent !== undefined && isWithin(parent, other, all);
}

function notUnique(collection: Collection, error: unknown): NotUnique | undefined {
  const { code, message = '' } = error as { code?: string; message?: string };
  if (code !== 'SQLITE_CONSTRAINT_UNIQUE') return undefined;
  const broken = collection.unique?.find(({ keys }) =>
    keys.every((key) => message.includes(`${collection.name}.${key}`)),
  );
  return broken && new NotUnique(collection.name, broken.keys);
}

import type { Collection, Condition, Selection } from '../contract/collection.ts';
import { quoted } from './layout.ts';

export interface Sql {
  readonly text: string;
  readonly values: unknown[];
}

/** A number for an id that tells nothing of it, and is another for another salt. */
export function scattered(id: number, salt: number): number {
  let mixed = Math.imul(id ^ salt, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** `scattered`, for SQLite. */
const SHUFFLED = 'scattered(id, ?), id';

/** The documents of one parent that meet a selection, as a query for some columns of their rows. */
export function selectSql(
  collection: Collection,
  parent: number | null,
  selection: Selection,
  columns = 'document',
): Sql {
  const where = whereSql(collection, parent, selection.where ?? []);
  const values = [...where.values];
  let order = selection.descending ? `${column(collection, selection.descending)} DESC, id DESC` : 'id';
  if (selection.first) {
    const key = column(collection, selection.first.key);
    order = `${key} = ? DESC, ${key} = ? COLLATE NOCASE DESC, ${order}`;
    values.push(selection.first.is, selection.first.is);
  } else if (selection.shuffled !== undefined && !selection.descending) {
    order = SHUFFLED;
    values.push(selection.shuffled);
  }
  values.push(selection.limit ?? -1);
  const text = `SELECT ${columns} FROM ${quoted(collection.name)} ${where.text} ORDER BY ${order} LIMIT ?`;
  return { text, values };
}

export function removeSql(collection: Collection, parent: number | null, conditions: readonly Condition[]): Sql {
  const { text, values } = whereSql(collection, parent, conditions);
  return { text: `DELETE FROM ${quoted(collection.name)} ${text}`, values };
}

export function countSql(collection: Collection, parent: number | null, conditions: readonly Condition[]): Sql {
  const { text, values } = whereSql(collection, parent, conditions);
  return { text: `SELECT count(*) FROM ${quoted(collection.name)} ${text}`, values };
}

type LinkedCondition = Extract<Condition, { role: string }>;

function whereSql(collection: Collection, parent: number | null, conditions: readonly Condition[]): Sql {
  const parts = conditions.map((condition) => conditionSql(collection, condition));
  const text = ['parent IS ?', ...parts.map((part) => part.text)].join(' AND ');
  return { text: `WHERE ${text}`, values: [parent, ...parts.flatMap((part) => part.values)] };
}

function conditionSql(collection: Collection, condition: Condition): Sql {
  if ('role' in condition) return linkedSql(collection, condition);
  const key = column(collection, condition.key);
  if ('contains' in condition) {
    return { text: `${key} LIKE ? ESCAPE '\\'`, values: [`%${condition.contains.replace(/[\\%_]/g, '\\$&')}%`] };
  }
  if ('oneOf' in condition) {
    return { text: `${key} IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(condition.oneOf)] };
  }
  if (!('is' in condition)) {
    const bounds = [
      ['>=', condition.from],
      ['<=', condition.to],
    ].filter(([, bound]) => bound !== undefined);
    const text = bounds.map(([operator]) => `${key} ${operator} ?`).join(' AND ');
    return { text: text || 'TRUE', values: bounds.map(([, bound]) => bound) };
  }
  const { is } = condition;
  return { text: `${key} IS ?`, values: [typeof is === 'boolean' ? Number(is) : is] };
}

/** One text for any number of groups, so that no request can make the store prepare ever new statements. */
function linkedSql({ name }: Collection, { role, to, anyOfAll }: LinkedCondition): Sql {
  const text = `EXISTS (
    SELECT 1 FROM json_each(?) AS one_group WHERE NOT EXISTS (
      SELECT 1 FROM json_each(one_group.value) AS wanted WHERE NOT EXISTS (
        SELECT 1 FROM refs JOIN ${quoted(to)} AS target ON target.id = refs.to_id
        WHERE refs.from_id = ${quoted(name)}.id AND refs.role = ? AND target.href = wanted.value)))`;
  return { text, values: [JSON.stringify(anyOfAll), role] };
}

/** Column names come from declarations alone, never from a request. */
function column(collection: Collection, key: string): string {
  if (!Object.hasOwn({ ...collection.keys, ...collection.factKeys }, key))
    throw new Error(`${collection.name} declares no key ${key}`);
  return `${quoted(collection.name)}.${quoted(key)}`;
}

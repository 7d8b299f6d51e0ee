import type { Collection, Condition, Selection } from '../contract/collection.ts';
import { quoted } from './layout.ts';

export interface Sql {
  readonly text: string;
  readonly values: unknown[];
}

/** The documents of one parent that meet a selection, as a query with the single column `document`. */
export function selectSql(collection: Collection, parent: number | null, selection: Selection): Sql {
  const where = whereSql(collection, parent, selection.where ?? []);
  const values = [...where.values];
  let order = 'id';
  if (selection.first) {
    order = `${column(collection, selection.first.key)} = ? COLLATE NOCASE DESC, id`;
    values.push(selection.first.is);
  }
  values.push(selection.limit ?? -1);
  const text = `SELECT document FROM ${quoted(collection.name)} ${where.text} ORDER BY ${order} LIMIT ?`;
  return { text, values };
}

export function countSql(collection: Collection, parent: number | null, conditions: readonly Condition[]): Sql {
  const { text, values } = whereSql(collection, parent, conditions);
  return { text: `SELECT count(*) FROM ${quoted(collection.name)} ${text}`, values };
}

function whereSql(collection: Collection, parent: number | null, conditions: readonly Condition[]): Sql {
  const parts = conditions.map((condition) => conditionSql(collection, condition));
  const text = ['parent IS ?', ...parts.map((part) => part.text)].join(' AND ');
  return { text: `WHERE ${text}`, values: [parent, ...parts.flatMap((part) => part.values)] };
}

function conditionSql(collection: Collection, condition: Condition): Sql {
  if ('role' in condition) return linkedSql(collection, condition.role, condition.anyOfAll);
  const key = column(collection, condition.key);
  if ('contains' in condition) {
    return { text: `${key} LIKE ? ESCAPE '\\'`, values: [`%${condition.contains.replace(/[\\%_]/g, '\\$&')}%`] };
  }
  const { is } = condition;
  return { text: `${key} IS ?`, values: [typeof is === 'boolean' ? Number(is) : is] };
}

function linkedSql(collection: Collection, role: string, groups: readonly (readonly string[])[]): Sql {
  const targets = [...new Set((collection.references ?? []).map(({ to }) => to))];
  const values: unknown[] = [];
  const linkedTo = (href: string) => {
    const ends = targets.map((target) => {
      values.push(href);
      return `SELECT id FROM ${quoted(target)} WHERE href = ?`;
    });
    values.push(role);
    return `EXISTS (SELECT 1 FROM refs WHERE from_id = ${quoted(collection.name)}.id AND to_id IN (${ends.join(' UNION ALL ')}) AND role = ?)`;
  };
  const text = groups.map((group) => `(${group.map(linkedTo).join(' AND ') || 'TRUE'})`).join(' OR ');
  return { text: `(${text || 'TRUE'})`, values };
}

/** Column names come from declarations alone, never from a request. */
function column(collection: Collection, key: string): string {
  if (!Object.hasOwn(collection.keys ?? {}, key)) throw new Error(`${collection.name} declares no key ${key}`);
  return `${quoted(collection.name)}.${quoted(key)}`;
}

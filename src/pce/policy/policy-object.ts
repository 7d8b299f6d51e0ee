import type {
  Collection,
  Condition,
  Document,
  Entry,
  Reference,
  Selection,
  Table,
  World,
} from '../../contract/collection.ts';
import type { Problem } from '../../contract/problem.ts';
import type { Request } from '../../contract/route.ts';
import { equalsOf, partsOf } from '../collections.ts';

/**
 * A kind of things that policy speaks of. Each has a draft, which users change, and an active version, which is in
 * force since it was provisioned: two documents of one collection whose hrefs differ in one word.
 */
export interface PolicyObject {
  readonly collection: Collection;
  /** Its name in events, in the singular: `ip_list`. */
  readonly type: string;
  /** What people call one, and many of them: `an IP list`, `IP lists`. */
  readonly one: string;
  readonly many: string;
  /** What belongs to one and is provisioned with it: the rules of a rule set. */
  readonly parts?: PolicyObject;
  /** The key of a body that lists them: `rules`. */
  readonly partsAs?: string;
  /** The name of the one that each organisation has from the first, and that stays as it is. */
  readonly builtIn?: string;
  /** What a query selects of what belongs to `parent`. */
  select?(query: Document, world: World, parent: string): Selection;
  /**
   * What a valid body says, as it stands in a draft.
   * @param before the draft as it is, where there is one
   * @throws Problem 406
   */
  content(request: Request, world: World, before?: Document): Document;
  /** The refusal where another has the same keys, if it has tokens of its own. */
  taken?(keys: readonly string[]): Problem;
  /** The refusal where something of a collection still uses it. */
  inUse(by: string): Problem;
  /**
   * Holds documents that have just changed, drafts or in force, to what they must be together with all others.
   * @throws Problem 406
   */
  requireTogether?(world: World, hrefs: readonly string[]): void;
  /** How a document goes out, where that is not as stored. */
  presented?(world: World, query: Document): (row: Entry) => Document;
}

/** Who made what a PCE comes with (observed). */
export const PCE_ITSELF = '/users/0';

/** Facts of a version that does not keep its name from others: one in force, say. */
export const APART = { apart: true };

/** The key that a collection of policy objects leaves out of what is unique. */
export const APART_KEY = { apart: '$.apart' };

/** What a kind of policy objects adds to what they all have. */
type Own = Pick<Collection, 'name' | 'id' | 'keys' | 'factKeys' | 'indexed' | 'references'> & {
  /** True where no two may have one name. */
  readonly uniqueName?: boolean;
  /** A key of those that are compared with nobody, beside those that stand apart. */
  readonly incomparable?: string;
};

/** The collection of a kind of policy objects, in both versions, below an organisation. */
export function policyCollection({ name, keys, factKeys, uniqueName = false, incomparable, ...own }: Own): Collection {
  const unless = ['apart', ...(incomparable ? [incomparable] : [])];
  return {
    ...own,
    name,
    parent: 'orgs',
    path: `sec_policy/draft/${name}`,
    schema: `pce/${name}#item`,
    keys: {
      href: '$.href',
      name: '$.name',
      description: '$.description',
      update_type: '$.update_type',
      external_data_set: '$.external_data_set',
      external_data_reference: '$.external_data_reference',
      ...keys,
    },
    factKeys: { ...APART_KEY, ...factKeys },
    unique: [
      ...(uniqueName ? [{ keys: ['name'], unless }] : []),
      { keys: ['external_data_set', 'external_data_reference'], unless },
    ],
  };
}

/** What queries select of any kind: parts of texts, an equal name first; and what else is asked for. */
export function selectNamed(query: Document, ...conditions: readonly Condition[]): Selection {
  const where = [
    ...partsOf(query, 'name', 'description'),
    ...equalsOf(query, 'external_data_set', 'external_data_reference'),
    ...conditions,
  ];
  return query.name === undefined ? { where } : { where, first: { key: 'name', is: String(query.name) } };
}

/** The active version of a draft's href; that of an active version stays. */
export const activeHref = (href: string): string => href.replace('/sec_policy/draft/', '/sec_policy/active/');

/** The draft of an active version's href; a draft's stays. */
export const draftHref = (href: string): string => href.replace('/sec_policy/active/', '/sec_policy/draft/');

/** A value with all its hrefs as `to` makes them. */
export function withHrefs<T>(value: T, to: (href: string) => string): T {
  if (Array.isArray(value)) return value.map((one) => withHrefs(one, to)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [
    key,
    key === 'href' && typeof one === 'string' ? to(one) : withHrefs(one, to),
  ]);
  return Object.fromEntries(entries);
}

/** All hrefs in a value that `wanted` lets through. */
export function hrefsIn(value: unknown, wanted: (href: string) => boolean, found: string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, one] of Object.entries(value)) {
    if (key !== 'href' || typeof one !== 'string') hrefsIn(one, wanted, found);
    else if (wanted(one)) found.push(one);
  }
  return found;
}

/** Whether an href is that of a document of a collection, not of one within that. */
export const isIn = (collection: string, href: string): boolean =>
  href.endsWith(`/${collection}/`, href.lastIndexOf('/') + 1);

/** Those of a list that meet something that is no key. */
export function thoseThat(table: Table, parent: string, meet: (document: Document) => boolean): Condition {
  const oneOf = table.find(parent).flatMap((one) => (meet(one) ? [String(one.href)] : []));
  return { key: 'href', oneOf };
}

/** A link that a draft gives up once it is to go: what it needs may go with it. */
export const whileKept = (reference: Reference): Reference => ({
  ...reference,
  edges: (document) => (document.update_type === 'delete' ? [] : reference.edges(document)),
});

/** Links to whatever of a collection is named below some keys of a document. */
export function linksTo(collection: string, ...keys: string[]): Reference {
  return whileKept({
    to: collection,
    edges: (document) =>
      keys.flatMap((role) => hrefsIn(document[role], (href) => isIn(collection, href)).map((to) => ({ role, to }))),
  });
}

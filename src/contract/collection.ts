import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';

/** A JSON object as it stands in the store and goes over the wire. */
export type Document = Record<string, unknown>;

/** What the emulator knows of a document that no reply may show, such as the hash of a secret. */
export type Facts = Record<string, unknown>;

/** One link from a document to another: the part it plays there, and the href it points to. */
export interface Edge {
  readonly role: string;
  readonly to: string;
}

/**
 * What the store needs to know of a collection; data, but for two pure functions. A collection named
 * `labels` under the organisation `/orgs/1` holds documents with hrefs `/orgs/1/labels/<id>`.
 */
export interface Collection {
  /** The PCE's name for it: the last path segment of the list, and the name of the SQLite table. */
  readonly name: string;
  /** The name of the collection that its documents belong to and vanish with; none for the roots. */
  readonly parent?: string;
  /** Where its documents stand below that, if not under its name: `sec_policy/draft/virtual_services`. */
  readonly path?: string;
  /** How the store makes ids: UUIDs version 4, or integers from 1 within each parent. */
  readonly id: 'uuid' | 'integer';
  /** Within what else integers count, by the href of the parent. */
  readonly countedIn?: (parent: string) => string;
  /** Schema reference of a stored document; it says which keys exist, in which order, with which defaults. */
  readonly schema: string;
  /** Columns to filter by, each with the JSON path it is read from: `{ name: '$.name' }`. */
  readonly keys?: Readonly<Record<string, string>>;
  /** The same for what is read from the facts: to be found by a secret's digest, say. */
  readonly factKeys?: Readonly<Record<string, string>>;
  /** The keys that also have an index. */
  readonly indexed?: readonly string[];
  /** The keys that have one within each parent, for ranges. */
  readonly ranges?: readonly string[];
  /** Sets of keys that no two documents of one parent may share. */
  readonly unique?: readonly UniqueKeys[];
  /** The links of its documents to others. */
  readonly references?: readonly Reference[];
  /** True where documents are texts that `Table.keep` put there, of no shape that a release could change. */
  readonly unshaped?: boolean;
  /** What documents of the first emulators said themselves, and their facts say now: the names. */
  readonly onceShown?: readonly string[];
  /** True where a document lets somebody in for as long as it is there. */
  readonly credential?: boolean;
}

export interface UniqueKeys {
  readonly keys: readonly string[];
  /** ASCII letters compare without case. */
  readonly caseless?: boolean;
  /** Keys of which any takes a document out of the comparison while it is there and not false, such as `deleted`. */
  readonly unless?: string | readonly string[];
}

export interface Reference {
  /** The name of the collection that is linked to. */
  readonly to: string;
  /** The links that a document holds. */
  edges(document: Document): Edge[];
  /** The document as it must read once a document that it quotes has changed; itself where it stays as it is. */
  quote?(document: Document, changed: Document): Document;
  /** True where a document vanishes with what it links to. */
  readonly vanishes?: boolean;
  /** True where what a document links to may go without asking: it is named on, and the link is gone. */
  readonly loose?: boolean;
}

/** One thing to ask of the documents of a list. A key is one of the collection's `keys` or `factKeys`. */
export type Condition =
  | { readonly key: string; readonly is: string | number | boolean | null }
  | { readonly key: string; readonly contains: string }
  | { readonly key: string; readonly oneOf: readonly string[] }
  /** At least `from` and at most `to`, as texts compare, or numbers. */
  | { readonly key: string; readonly from?: string | number; readonly to?: string | number }
  /** Linked in `role` to all documents of at least one of the groups of hrefs, which lie in the collection `to`. */
  | { readonly role: string; readonly to: string; readonly anyOfAll: readonly (readonly string[])[] };

export interface Selection {
  readonly where?: readonly Condition[];
  /** At most this many; all when absent. */
  readonly limit?: number;
  /** Documents whose key equals the value come first, then those that differ in the case of ASCII letters. */
  readonly first?: { readonly key: string; readonly is: string };
  /** The highest value of a key first, and of equal ones the latest inserted. */
  readonly descending?: string;
  /** Where nothing else is said of the order: another one, the same for the same number. */
  readonly shuffled?: number;
}

/** A document where it stands, with what no reply shows. */
export interface Entry {
  readonly href: string;
  readonly document: Document;
  readonly facts: Facts;
}

/** The documents of one collection. Every write belongs to the transaction of the request under way. */
export interface Table {
  /** A fresh href below `parent`. */
  mint(parent: string): string;
  get(href: string): Document | undefined;
  /** The document as JSON text, as stored: what a reply can send without touching it. */
  text(href: string): string | undefined;
  has(href: string): boolean;
  /** Whether there is a document at `href` that documents of this collection can belong to. */
  hasParent(href: string): boolean;
  facts(href: string): Facts | undefined;
  /**
   * Adds a document below `parent`; keys that the schema gives a default may be left out.
   * @returns the document as stored, to be read and not changed
   * @throws NotUnique when it shares a unique set of keys with another
   */
  insert(parent: string, href: string, document: Document, facts?: Facts): Document;
  /**
   * Puts a new version in a document's place, and brings up to date what quotes it.
   * @param facts new facts; the old ones stay when absent
   * @throws NotUnique
   */
  replace(href: string, document: Document, facts?: Facts): Document;
  /** Removes a document, all that belongs to it, and all that vanishes with it. */
  remove(href: string): void;
  /** Removes all documents of `parent` that meet the conditions. */
  removeAll(parent: string, where: readonly Condition[]): void;
  /** The selected documents of `parent`, in order of insertion unless it says otherwise, as the text of one JSON array. */
  list(parent: string, selection?: Selection): Uint8Array;
  find(parent: string, selection?: Selection): Document[];
  /** The facts of the same, of those that have any: the documents are not read. */
  findFacts(parent: string, selection?: Selection): Facts[];
  entries(parent: string, selection?: Selection): Entry[];
  /** How many documents of `parent` meet the conditions. */
  count(parent: string, where?: readonly Condition[]): number;
  /** The first document with these keys, whatever its parent. */
  lookup(keys: Readonly<Record<string, string>>): Entry | undefined;
  /** Which collections hold a link to `href` that they do not vanish with, each with the role it plays there. */
  referrers(href: string): { collection: string; role: string }[];
  /** Writes text as the document at `href` below `parent`, unread and without links: for replies kept for later, and events. */
  keep(parent: string, href: string, text: string, facts: Facts): void;
}

/** What whoever runs the emulator may set. */
export interface Settings {
  /** How long a cluster counts as online after its agent's last word, in milliseconds. */
  readonly offlineAfter: number;
}

/** What a handler works on: time, chance, the release that is being emulated, and the documents. */
export interface World {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly settings: Settings;
  /** The release that is emulated: `22.2`. */
  readonly release: string;
  /** When the emulator started, by its clock: ms since the epoch. */
  readonly startedAt: number;
  /** Whether the emulated release has a named difference (see `pce/versions.ts`). */
  has(feature: string): boolean;
  table(collection: Collection): Table;
  /** Something the person who runs the emulator should know; not part of any reply. */
  warn(message: string): void;
}

/** Thrown by the store when a write would break a unique set of keys. */
export class NotUnique extends Error {
  readonly keys: readonly string[];
  constructor(collection: string, keys: readonly string[]) {
    super(`${collection}: another document has the same ${keys.join(' and ')}`);
    this.name = 'NotUnique';
    this.keys = keys;
  }
}

import {
  type Collection,
  type Condition,
  type Document,
  type Entry,
  NotUnique,
  type Selection,
  type World,
} from '../contract/collection.ts';
import type { Problem } from '../contract/problem.ts';
import type { Request, Route } from '../contract/route.ts';
import { momentOf, timestampOf } from '../kernel/clock.ts';
import { answerWithJob } from './jobs.ts';
import { notAMoment, notFound } from './problems.ts';

/**
 * What all collections of the PCE have in common: the cap of a plain list, its total, jobs for longer
 * lists, and who made and changed a document when.
 */

/** A plain GET of a list stops here without a word (documented, REST API limits). */
const ROWS_OF_A_PLAIN_LIST = 500;

/** The href of what a list, or an item, at this path belongs to. */
export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

interface ListOptions {
  /** What of the query selects documents. */
  select?(query: Document, world: World, parent: string): Selection;
  /** What counts as being in the list at all: the total is taken of these, whatever the filters. */
  all?(query: Document, world: World, parent: string): Selection['where'];
  /** How a row goes out for a request; undefined, as stored. */
  presented?(request: Request, world: World): ((row: Entry) => Document) | undefined;
  /** What the list belongs to, where that is not the path above it. */
  parent?(request: Request): string;
}

/** Answers the list of a collection. @throws Problem 404 when what it belongs to is not there */
export function list(collection: Collection, options: ListOptions = {}): NonNullable<Route['handle']> {
  return (request, world) => {
    const parent = options.parent?.(request) ?? parentOf(request.path);
    const table = world.table(collection);
    if (!table.hasParent(parent)) throw notFound();
    const { select, all, presented } = options;
    const everything = all?.(request.query, world, parent) ?? [];
    const chosen: Selection = select?.(request.query, world, parent) ?? {};
    const { rows: most, shuffled } = request.listing ?? {};
    const asked = (request.query.max_results as number | undefined) ?? ROWS_OF_A_PLAIN_LIST;
    const selection = {
      ...chosen,
      where: [...everything, ...(chosen.where ?? [])],
      // A job brings all rows that a client does not limit itself.
      limit: request.respondAsync ? (request.query.max_results as number | undefined) : Math.min(asked, most ?? asked),
      shuffled,
    };
    const present = presented?.(request, world);
    const rows = present
      ? { body: table.entries(parent, selection).map(present) }
      : { text: table.list(parent, selection) };
    if (request.respondAsync) {
      return answerWithJob(request, world, rows.text ?? Buffer.from(JSON.stringify(rows.body)));
    }
    // Counted without the filters: observed on a PCE 25.2.40 (20 rows, header 30).
    return { status: 200, headers: { 'X-Total-Count': String(table.count(parent, everything)) }, ...rows };
  };
}

/** Parameters that ask for part of a text, each by the key of the same name. */
export function partsOf(query: Document, ...keys: string[]): Condition[] {
  return given(query, keys).map(([key, value]) => ({ key, contains: String(value) }));
}

/** Parameters that ask for an equal value, each by the key of the same name. */
export function equalsOf(query: Document, ...keys: string[]): Condition[] {
  return given(query, keys).map(([key, value]) => ({ key, is: value as string | boolean }));
}

const given = (query: Document, keys: string[]) =>
  keys.filter((key) => query[key] !== undefined).map((key) => [key, query[key]] as const);

/** The parameters `<name>[gte]` and `<name>[lte]`, whatever zone and precision they come in. @throws Problem 406 */
export function between(query: Document, name: string): Condition[] {
  const [from, to] = [query[`${name}[gte]`], query[`${name}[lte]`]].map((text) => {
    if (text === undefined) return undefined;
    const moment = momentOf(String(text));
    if (Number.isNaN(moment)) throw notAMoment(String(text));
    return timestampOf(moment);
  });
  return from === undefined && to === undefined ? [] : [{ key: name, from, to }];
}

/**
 * A parameter with lists of label hrefs. The official Terraform provider sends one list of hrefs; the
 * documentation speaks of a list of lists.
 */
export function labelledWith(lists: unknown, role: string): Condition[] {
  if (lists === undefined) return [];
  const flat = (lists as unknown[]).every((one) => typeof one === 'string');
  return [{ role, to: 'labels', anyOfAll: (flat ? [lists] : lists) as string[][] }];
}

/** Answers one document as stored. @throws Problem 404 */
export function item(collection: Collection): NonNullable<Route['handle']> {
  return (request, world) => {
    const text = world.table(collection).text(request.path);
    if (text === undefined) throw notFound();
    return { status: 200, text };
  };
}

/** The document at the request's path, or another. @throws Problem 404 */
export function existing(collection: Collection, request: Request, world: World, href = request.path): Document {
  const document = world.table(collection).get(href);
  if (!document) throw notFound();
  return document;
}

/**
 * Runs a write, telling the client what the store refuses.
 * @param problem what to say of a set of keys that another document has
 */
export function refusingDuplicates<T>(write: () => T, problem: (keys: readonly string[]) => Problem): T {
  try {
    return write();
  } catch (error) {
    throw error instanceof NotUnique ? problem(error.keys) : error;
  }
}

/** Who made a document and when; the same for its first change. */
export function authorship(request: Request, world: World): Document {
  const now = world.clock.timestamp();
  const by = { href: request.caller.href };
  return { created_at: now, created_by: by, updated_at: now, updated_by: by };
}

/** Moves on even where nothing else changes (inferred). */
export function change(request: Request, world: World): Document {
  return { updated_at: world.clock.timestamp(), updated_by: { href: request.caller.href } };
}

import type { Collection, Document, Selection, World } from '../contract/collection.ts';
import type { Reply, Request, Route } from '../contract/route.ts';
import { answerWithJob } from './jobs.ts';
import { notFound } from './problems.ts';

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
  select?(query: Document): Selection;
  /** What counts as being in the list at all: the total is taken of these, whatever the filters. */
  all?(query: Document): Selection['where'];
  /** How a row goes out for a query; undefined, as stored. */
  presented?(query: Document, world: World): ((row: Document) => Document) | undefined;
}

/** Answers the list of a collection. @throws Problem 404 when what it belongs to is not there */
export function list(collection: Collection, options: ListOptions = {}): NonNullable<Route['handle']> {
  return (request, world) => {
    const parent = parentOf(request.path);
    const table = world.table(collection);
    if (!table.hasParent(parent)) throw notFound();
    const { select, all, presented } = options;
    const everything = all?.(request.query) ?? [];
    const chosen: Selection = select?.(request.query) ?? {};
    const limit = request.query.max_results as number | undefined;
    const selection = {
      ...chosen,
      where: [...everything, ...(chosen.where ?? [])],
      limit: limit ?? (request.respondAsync ? undefined : ROWS_OF_A_PLAIN_LIST),
    };
    const present = presented?.(request.query, world);
    const rows = present
      ? Buffer.from(JSON.stringify(table.find(parent, selection).map(present)))
      : table.list(parent, selection);
    if (request.respondAsync) return answerWithJob(request, world, rows);
    // Counted without the filters: observed on a PCE 25.2.40 (20 rows, header 30).
    return { status: 200, headers: { 'X-Total-Count': String(table.count(parent, everything)) }, text: rows };
  };
}

/** Answers one document as stored. @throws Problem 404 */
export function item(collection: Collection): NonNullable<Route['handle']> {
  return (request, world) => {
    const text = world.table(collection).text(request.path);
    if (text === undefined) throw notFound();
    return { status: 200, text };
  };
}

/** The document at the request's path. @throws Problem 404 */
export function existing(collection: Collection, request: Request, world: World): Document {
  const document = world.table(collection).get(request.path);
  if (!document) throw notFound();
  return document;
}

export const NO_CONTENT: Reply = { status: 204 };

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

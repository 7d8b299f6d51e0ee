import type { Document, Entry, World } from '../../contract/collection.ts';
import type { Reply, Request } from '../../contract/route.ts';
import { nextOf, pageOf, shown } from '../pages.ts';
import type { During } from '../problems.ts';
import { queryOf } from '../query.ts';

/** Where it says that it is, whoever asks: its advertised host name. */
export const urlAt = (port: number): string => `http://localhost:${port}`;

export interface Listed {
  /** All there are, in order. */
  readonly all: readonly Entry[];
  /** Those of them that the request asks for, where it asks for some. */
  readonly some?: readonly Entry[];
  present(entry: Entry): Document;
  /** The title of what a page is refused with. */
  readonly during?: During;
}

/** A list as the release shows it: all of it in 0.4, a page of it in 0.5. @throws Problem 400 for a page that cannot be */
export function listOf(
  port: number,
  { search, path }: Request,
  world: World,
  { all, some, present, during }: Listed,
): Reply {
  if (!world.has('kuma_paging')) return { status: 200, body: { items: (some ?? all).map(present) } };
  const query = queryOf(search);
  const page = pageOf(query, during ?? 'Could not retrieve resources');
  // Who asks for some gets them all: pages of some are refused.
  const items = some ?? shown(all, page);
  const next = some ? null : nextOf(urlAt(port) + path, query, page, all.length);
  return { status: 200, body: { total: all.length, items: items.map(present), next } };
}

import type { Caller } from './route.ts';

/** What picks requests out; all that is given must hold. `*` stands for any text. */
export interface Pattern {
  /** The name of the API: `pce`, `kuma`. */
  readonly api?: string;
  /** Of the route's id: `container_clusters.update`, `container_clusters.*`. */
  readonly route?: string;
  readonly method?: string;
  /** Of the path as it was sent, without the query: `/api/v2/orgs/1/*`. */
  readonly path?: string;
  /** The organisation that the caller belongs to, or that the path names. */
  readonly org?: number;
  /** The caller's href, the name of its API key, or its kind (`user`, `cluster`). */
  readonly caller?: string;
  /** What the JSON of the body must contain: see `contains`. */
  readonly body?: unknown;
}

/** A request, as far as it can be picked out by. */
export interface Sighting {
  readonly api: string | undefined;
  readonly route: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly org: string | undefined;
  readonly caller: Known | undefined;
  /** The body, read; asked for only where it matters. Undefined where it is no JSON. */
  body(): unknown;
}

type Known = Pick<Caller, 'kind' | 'href' | 'apiKey'>;

/** Whether a request is one of those picked out. */
export function matches(pattern: Pattern, request: Sighting): boolean {
  const { api, route, method, path, org, caller, body } = pattern;
  if (api !== undefined && request.api !== api) return false;
  if (route !== undefined && !(request.route !== undefined && isLike(request.route, route))) return false;
  if (method !== undefined && request.method !== method.toUpperCase()) return false;
  if (path !== undefined && !isLike(request.path, path)) return false;
  if (org !== undefined && request.org !== `/orgs/${org}`) return false;
  if (caller !== undefined) {
    const known = request.caller;
    if (!known || ![known.kind, known.href, known.apiKey].includes(caller)) return false;
  }
  return body === undefined || contains(request.body(), body);
}

/** Whether a text is like a pattern in which `*` stands for any text. */
export function isLike(text: string, pattern: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return text === pattern;
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

/**
 * Whether a JSON value holds another: of an object each of the wanted keys, of a list each of the wanted items,
 * anywhere in it. A list also holds what one of its items holds.
 */
export function contains(whole: unknown, wanted: unknown): boolean {
  if (Array.isArray(whole)) {
    if (Array.isArray(wanted)) return wanted.every((one) => whole.some((item) => contains(item, one)));
    return whole.some((item) => contains(item, wanted));
  }
  if (typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted)) {
    if (typeof whole !== 'object' || whole === null) return false;
    // A list may have many items to look into: nothing is made for each.
    for (const key in wanted) {
      if (!Object.hasOwn(whole, key)) return false;
      if (!contains((whole as Record<string, unknown>)[key], (wanted as Record<string, unknown>)[key])) return false;
    }
    return true;
  }
  return whole === wanted;
}

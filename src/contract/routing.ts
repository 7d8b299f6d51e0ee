import type { Api, Route } from './route.ts';

export type Match =
  | { readonly found: 'route'; readonly route: Route; readonly params: Record<string, string>; readonly path: string }
  | { readonly found: 'path'; readonly allowed: string[] }
  | { readonly found: 'nothing'; readonly nearest?: Route };

/** Finds the route of a request: a tree of path segments, so that a large table costs no more than a small one. */
export interface Routing {
  /**
   * @param method as on the request line; HEAD is answered by the route of GET, unless that changes something
   * @param pathname the path without query; may hold doubled slashes, which count as one. All this where the API has no
   *   manner of its own: there HEAD is a method like others
   */
  match(method: string, pathname: string): Match;
}

interface Node {
  readonly literals: Map<string, Node>;
  parameter?: Node;
  readonly routes: Map<string, { route: Route; names: string[] }>;
}

const node = (): Node => ({ literals: new Map(), routes: new Map() });
const isParameter = (segment: string) => segment.startsWith('{');

/** @throws Error when two routes share an id, or a method and a path */
export function createRouting({
  routes,
  prefix,
  parameters,
  manner,
}: Pick<Api, 'routes' | 'prefix' | 'parameters' | 'manner'>): Routing {
  const root = node();
  const ids = new Set<string>();
  for (const route of routes) {
    if (ids.has(route.id)) throw new Error(`two routes have the id ${route.id}`);
    ids.add(route.id);
    const parts = segments(prefix + route.path);
    let place = root;
    for (const part of parts) place = step(place, part);
    if (place.routes.has(route.method)) throw new Error(`two routes answer ${route.method} ${route.path}`);
    const names = parts.filter(isParameter).map((part) => part.slice(1, -1));
    place.routes.set(route.method, { route, names });
  }
  const skipped = segments(prefix).length;

  return {
    match(method, pathname) {
      const decoded = manner ? manner.segments(pathname) : segmentsInClear(pathname);
      if (!decoded) return { found: 'nothing' };
      const values: string[] = [];
      const place = find(root, decoded, 0, values);
      if (!place) return { found: 'nothing', nearest: nearest(routes, decoded.slice(skipped), method) };
      const asGet = method === 'HEAD' && !manner;
      const hit = place.routes.get(asGet ? 'GET' : method);
      if (!hit || (asGet && hit.route.writes)) {
        const there = [...place.routes.values()].map(({ route }) => route);
        return { found: 'path', allowed: manner ? there.map((route) => route.method) : allowed(there) };
      }
      const params: Record<string, string> = {};
      for (const [index, name] of hit.names.entries()) params[name] = values[index] ?? '';
      if (hit.names.some((name) => parameters[name]?.test(params[name] ?? '') === false)) return { found: 'nothing' };
      return { found: 'route', route: hit.route, params, path: `/${decoded.slice(skipped).join('/')}` };
    },
  };
}

/** HEAD is answered wherever GET is, but where that changes something. */
const allowed = (routes: readonly Route[]) =>
  routes.flatMap(({ method, writes }) => (method === 'GET' && !writes ? ['GET', 'HEAD'] : [method]));

function step(from: Node, part: string): Node {
  if (isParameter(part)) {
    from.parameter ??= node();
    return from.parameter;
  }
  const next = from.literals.get(part) ?? node();
  from.literals.set(part, next);
  return next;
}

/** Literal segments go before parameters, so that `…/update` is not taken for an id. */
function find(from: Node, parts: string[], index: number, values: string[]): Node | undefined {
  const part = parts[index];
  if (part === undefined) return from.routes.size > 0 ? from : undefined;
  const literal = from.literals.get(part);
  const straight = literal && find(literal, parts, index + 1, values);
  if (straight) return straight;
  if (!from.parameter || part === '') return undefined;
  values.push(part);
  const through = find(from.parameter, parts, index + 1, values);
  if (!through) values.pop();
  return through;
}

/** A trailing slash leaves an empty last segment, which no route has. Some clients double slashes inside. */
function segments(pathname: string): string[] {
  const parts = pathname.split('/');
  if (pathname.length > 1 && !pathname.includes('//')) return parts.slice(1);
  return parts.filter((part, index) => part !== '' || (index === parts.length - 1 && index > 1));
}

const segmentsInClear = (pathname: string): string[] | undefined =>
  pathname.includes('%') ? inClear(segments(pathname)) : segments(pathname);

/** Segments in clear; undefined where one is of a kind that no href can hold. */
function inClear(parts: readonly string[]): string[] | undefined {
  try {
    const clear = parts.map(decodeURIComponent);
    return clear.some((part) => part.includes('/')) ? undefined : clear;
  } catch {
    return undefined;
  }
}

/** The route that a path comes closest to, if it comes at all close. */
function nearest(routes: readonly Route[], parts: string[], method: string): Route | undefined {
  let best: Route | undefined;
  let bestScore = 0.5;
  for (const route of routes) {
    const wanted = segments(route.path);
    const likeness = wanted.map((part, index) => alike(part, parts[index]));
    const score = sum(likeness) / Math.max(wanted.length, parts.length) + (route.method === method ? 0.01 : 0);
    // Anything can stand for a parameter: what is like no word of a route is not near it.
    const words = likeness.filter((_, index) => !isParameter(wanted[index] ?? ''));
    if (score > bestScore && sum(words) > words.length / 2) [best, bestScore] = [route, score];
  }
  return best;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** From 0 to 1: how much of the longer of two segments both begin and end with. */
function alike(wanted: string, given = ''): number {
  if (isParameter(wanted)) return given === '' ? 0 : 1;
  const lower = given.toLowerCase();
  const most = Math.min(wanted.length, lower.length);
  let first = 0;
  while (first < most && wanted[first] === lower[first]) first++;
  let last = 0;
  while (last < most - first && wanted.at(-1 - last) === lower.at(-1 - last)) last++;
  return (first + last) / Math.max(wanted.length, given.length);
}

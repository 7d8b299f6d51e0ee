import type { Entry } from '../journal/entry.ts';
import { Misuse } from './arguments.ts';

/** What a client can do that the contract does not provide for. */
export const KINDS = ['violations', 'unknown-routes', 'unimplemented'] as const;

export type Kind = (typeof KINDS)[number];

/** What went against the contract, as often as the same did. */
export interface Offence {
  /** `replies` are the emulator's own, and a bug of it. */
  readonly kind: Kind | 'replies';
  /** The first of these requests: `GET /api/v2/orgs/1/labels?max_results=many`. */
  readonly request: string;
  readonly reason: string;
  times: number;
}

/** A route that the emulator answers, and how much it was used. */
export interface RouteUse {
  readonly route: string;
  requests: number;
  milliseconds: number;
}

/** What a command sent, held to the contract. */
export interface Watch {
  /** Takes note of a request that was answered. */
  see(entry: Entry): void;
  requests(): number;
  /** By name. */
  routes(): RouteUse[];
  /** In the order of `KINDS`, and then as they came. */
  offences(): Offence[];
}

/** Holds requests to the contract as they come: the journal keeps the latest only. */
export function createWatch(): Watch {
  const routes = new Map<string, RouteUse>();
  const offences = new Map<string, Offence>();
  let requests = 0;

  const count = (kind: Offence['kind'], { method, path, query, route }: Entry, reason: string) => {
    const what = visible(reason);
    const own = JSON.stringify([kind, method, route ?? visible(path), what]);
    const key = offences.has(own) || offences.size < MOST ? own : kind;
    const known = offences.get(key);
    if (known) known.times++;
    else if (key === kind)
      offences.set(key, { kind, request: 'further requests', reason: 'too many to tell', times: 1 });
    else {
      const request = visible(`${method} ${path}${query === '' ? '' : `?${query}`}`);
      offences.set(key, { kind, request, reason: what, times: 1 });
    }
  };

  return {
    see(entry) {
      const { route, nearest, implemented, violations, duration_ms } = entry;
      requests++;
      if (route === null) {
        count('unknown-routes', entry, `there is no such route${nearest === null ? '' : `; nearest: ${nearest}`}`);
      } else if (!implemented) {
        count('unimplemented', entry, 'a PCE has this route, the emulator has not');
      } else {
        const use = routes.get(route) ?? { route, requests: 0, milliseconds: 0 };
        routes.set(route, use);
        use.requests++;
        use.milliseconds += duration_ms;
      }
      for (const { in: place, path, message } of violations) {
        const reason = `${[place, path].filter((text) => text !== '').join(' ')}: ${message}`;
        count(place === 'reply' ? 'replies' : 'violations', entry, reason);
      }
    },
    requests: () => requests,
    routes: () => [...routes.values()].sort((one, other) => (one.route < other.route ? -1 : 1)),
    offences: () => [...KINDS, 'replies'].flatMap((kind) => [...offences.values()].filter((one) => one.kind === kind)),
  };
}

/** The kinds of `--fail-on`: all when it is not given. @throws Misuse */
export function kindsOf(list: string = KINDS.join(',')): Kind[] {
  if (list === 'none') return [];
  return list.split(',').map((name) => {
    const kind = KINDS.find((one) => one === name.trim());
    if (kind === undefined) throw new Misuse(`--fail-on takes ${KINDS.join(', ')}, with commas, or none; not ${name}`);
    return kind;
  });
}

/** How many different ones are told. */
const MOST = 10_000;

/** What is longer is cut. */
const LONGEST = 500;

/** What clients sent, so that a terminal does nothing but show it. */
function visible(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return short.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

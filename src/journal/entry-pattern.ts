import { isLike as isTextLike, matches, type Pattern, type Sighting } from '../contract/pattern.ts';
import { type Facts, jsonOf } from './entry.ts';

/** What picks entries out; all that is given must hold. */
export interface EntryPattern extends Pattern {
  /** `204`, or `4xx`; `none` for requests that were left without an answer. */
  readonly status?: string | number;
  /** The token of a problem in the answer. */
  readonly token?: string;
  /** The name of the fault that struck, in which `*` stands for any text. */
  readonly fault?: string;
  /** Whether the client broke the contract. */
  readonly violations?: boolean;
  /** Whether there is no such route. */
  readonly unknown?: boolean;
  /** Whether it is a route that the emulator does not implement. */
  readonly unimplemented?: boolean;
  /** Only entries after the one with this id. */
  readonly since?: number;
}

/** What the journal keeps of an entry, with its id. */
export interface Numbered extends Facts {
  readonly id: number;
}

/** Whether an entry is one of those that a pattern picks out. */
export function isLike(kept: Numbered, sighting: Sighting, pattern: EntryPattern): boolean {
  const { status, token, fault, violations, unknown, unimplemented, since } = pattern;
  if (since !== undefined && kept.id <= since) return false;
  if (status !== undefined && !isStatusLike(kept.status, status)) return false;
  if (token !== undefined && !kept.tokens.includes(token)) return false;
  if (fault !== undefined && !(kept.fault && isTextLike(kept.fault.rule, fault))) return false;
  if (violations !== undefined && violations !== kept.violations.some((one) => one.in !== 'reply')) return false;
  if (unknown !== undefined && unknown !== (kept.route === null)) return false;
  if (unimplemented !== undefined && unimplemented === kept.implemented) return false;
  return matches(pattern, sighting);
}

/** An entry as patterns see it; its body is read when it is first asked for. */
export function sightingOf({ api, route, method, path, org, caller, request }: Numbered): Sighting {
  const { part, truncated } = request;
  let read: { readonly body: unknown } | undefined;
  return {
    api,
    route: route ?? undefined,
    method,
    path,
    org: org ?? undefined,
    caller: caller ?? undefined,
    body() {
      read ??= { body: jsonOf({ text: typeof part === 'string' ? part : null, truncated }) };
      return read.body;
    },
  };
}

function isStatusLike(status: number | null, wanted: string | number): boolean {
  if (status === null) return wanted === 'none';
  return String(wanted) === String(status) || wanted === `${Math.floor(status / 100)}xx`;
}

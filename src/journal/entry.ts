import { jsonIn } from '../contract/json.ts';
import type { Caller } from '../contract/route.ts';

/** What arrived, and what was answered. */
export interface Entry {
  /** Counts from 1, in the order of the answers. */
  readonly id: number;
  /** When it arrived by the emulator's clock, and by the machine's. */
  readonly at: string;
  readonly real_at: string;
  /** Real milliseconds until it was answered. */
  readonly duration_ms: number;
  readonly protocol: 'http' | 'https';
  /** The IP address that it came from. */
  readonly address: string;
  /** What it came to: `pce` or `kuma`. */
  readonly api: string;
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  /** Without the question mark; empty when there was none. */
  readonly query: string;
  /** The id of its route; null where there is none. */
  readonly route: string | null;
  /** Where there is none: the route that comes nearest, as `PUT /api/v2/orgs/{org_id}/labels/{label_id}`. */
  readonly nearest: string | null;
  /** False where the real thing has the route, and the emulator answers 501. */
  readonly implemented: boolean;
  /** The organisation that its caller belongs to, or else that its path names: `/orgs/1`. */
  readonly org: string | null;
  readonly caller: { readonly kind: string; readonly href: string; readonly api_key?: string } | null;
  /** Null where the client was left without an answer. */
  readonly status: number | null;
  /** The tokens of the problems in the answer. */
  readonly tokens: readonly string[];
  /** The fault that struck, if one did. */
  readonly fault: { readonly rule: string; readonly effects: readonly string[] } | null;
  /** Where the request broke the contract; and, as a bug of the emulator, where its answer (`reply`) did. */
  readonly violations: readonly ContractViolation[];
  readonly request: Message;
  readonly response: Message | null;
}

export interface ContractViolation {
  readonly in: 'query' | 'headers' | 'body' | 'reply';
  /** JSON pointer, or the name of the parameter or header. */
  readonly path: string;
  readonly message: string;
}

/** Headers and body, without secrets. */
export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  /** As it was, as far as it is kept; null where it was empty or was not read. */
  readonly text: string | null;
  /** What the text says, where it is whole and JSON. */
  readonly json?: unknown;
  /** How long the body was. */
  readonly bytes: number;
  /** The body was longer than what is kept of it. */
  readonly truncated: boolean;
}

/**
 * What is kept of an entry until somebody reads it, in as few objects as will do: most are forgotten unread, and those
 * that live for a thousand requests are what the garbage collector has to carry along.
 */
export interface Facts extends Omit<Entry, 'id' | 'at' | 'real_at' | 'caller' | 'request' | 'response'> {
  /** When it arrived by the emulator's clock, and by the machine's, in ms since the epoch. */
  readonly arrived: number;
  readonly really_arrived: number;
  readonly caller: Caller | null;
  readonly request: KeptMessage;
  readonly response: KeptMessage | null;
}

export interface KeptMessage extends Pick<Message, 'bytes' | 'truncated'> {
  /** Names and values, each on a line of its own; none of them can hold the end of one. */
  readonly headers: string;
  /** As much of the body as is kept; null where there was none. */
  readonly part: Uint8Array | string | null;
}

/** What a message says, where it is JSON that is there in full. */
export function jsonOf({ text, truncated }: Pick<Message, 'text' | 'truncated'>): unknown {
  return text === null || truncated ? undefined : jsonIn(text);
}

/** An entry with what its messages say. */
export function withJson(entry: Entry): Entry {
  const told = (message: Message): Message => {
    const json = jsonOf(message);
    return json === undefined ? message : { ...message, json };
  };
  return { ...entry, request: told(entry.request), response: entry.response && told(entry.response) };
}

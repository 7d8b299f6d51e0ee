import type { Reply } from '../../contract/route.ts';

/**
 * A reply as it goes out to a caller that only reads: `caps` tells what the caller may do with a document (the official
 * clients take an empty list for "read only"), wherever it stands in the reply.
 */
export function forReaders(reply: Reply): Reply {
  const { text, body, ...rest } = reply;
  if (text === undefined && body === undefined) return reply;
  const told: unknown =
    text === undefined ? body : JSON.parse(typeof text === 'string' ? text : new TextDecoder().decode(text));
  return { ...rest, body: withoutCaps(told) };
}

function withoutCaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCaps);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [
    key,
    key === 'caps' && Array.isArray(one) ? [] : withoutCaps(one),
  ]);
  return Object.fromEntries(entries);
}

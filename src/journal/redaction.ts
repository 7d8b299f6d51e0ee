import type { Message } from './entry.ts';

type Headers = Readonly<Record<string, string | number | readonly string[] | undefined>>;

type Body = Uint8Array | string | undefined;

/** Makes the messages of a journal from what went over the wire. */
export interface Redaction {
  /** @param body bytes or text; undefined when there was none */
  request(headers: Headers, body: Body): Message;
  /** The same of an answer, whose names are written as the emulator writes them. */
  reply(headers: Headers, body: Body): Message;
  /** A query without the values of parameters that have the names of secrets. */
  query(search: string): string;
}

const REDACTED = '<redacted>';

/** Headers that let somebody in, of requests and of answers. */
const SECRET_HEADER = /auth|cookie|secret|token|password|api-?key/;

/**
 * @param secrets the names of JSON properties whose values nobody may see
 * @param most how many bytes of a body are kept
 */
export function createRedaction(secrets: readonly string[], most: number): Redaction {
  const names = secrets.map((name) => name.replace(/[^\w-]/g, '\\$&')).join('|');
  // A text, also one that the end of what is kept cuts in two; a number; of a list or an object, whatever follows.
  const value = String.raw`"(?:[^"\\]|\\.)*(?:"|\\?$)|-?\d[^\s,\]}]*|[[{].*`;
  const secret = secrets.length > 0 ? new RegExp(`("(?:${names})"\\s*:\\s*)(?:${value})`, 'gis') : undefined;

  const redacted = (text: string) => (secret ? text.replace(secret, `$1"${REDACTED}"`) : text);
  // To look for a name costs a fraction of what a pattern does.
  const quoted = secrets.map((name) => `"${name}"`);
  const redactedReply = (text: string) => (quoted.some((name) => text.includes(name)) ? redacted(text) : text);

  const parameter = new RegExp(`((?:^|&)(?:${names})=)[^&]*`, 'gi');

  return {
    query: (search) => (search && secrets.length > 0 ? search.replace(parameter, `$1${REDACTED}`) : search),
    request: (headers, body) => ({ headers: shownOf(headers), ...kept(body, most, redacted) }),
    reply: (headers, body) => ({ headers: shownOf(headers), ...kept(body, most, redactedReply) }),
  };
}

function shownOf(headers: Headers): Message['headers'] {
  const shown: Record<string, string> = {};
  for (const given in headers) {
    const value = headers[given];
    if (value === undefined) continue;
    const name = given.toLowerCase();
    shown[name] = SECRET_HEADER.test(name) ? scheme(String(value)) : String(value);
  }
  return shown;
}

function kept(body: Body, most: number, redacted: (text: string) => string): Omit<Message, 'headers'> {
  if (body === undefined || body.length === 0) return { text: null, bytes: 0, truncated: false };
  // A character takes three bytes at the most for each of its units, so a short text is whole as it is.
  if (typeof body === 'string' && body.length * 3 <= most) {
    return { text: redacted(body), bytes: Buffer.byteLength(body), truncated: false };
  }
  const buffer = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.length);
  return { text: redacted(buffer.toString('utf8', 0, most)), bytes: buffer.length, truncated: buffer.length > most };
}

/** Which way somebody wanted in is no secret. */
function scheme(value: string): string {
  const [, name] = /^(basic|bearer|token)\s/i.exec(value) ?? [];
  return name ? `${name} ${REDACTED}` : REDACTED;
}

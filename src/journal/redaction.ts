import type { Message } from './entry.ts';

type Headers = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** Makes the messages of a journal from what went over the wire. */
export interface Redaction {
  /** @param body bytes or text; undefined when there was none */
  message(headers: Headers, body: Uint8Array | string | undefined): Message;
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

  const kept = (body: Uint8Array | string): { text: string; bytes: number } => {
    const buffer =
      typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.length);
    const text = buffer.toString('utf8', 0, most);
    return { text: secret ? text.replace(secret, `$1"${REDACTED}"`) : text, bytes: buffer.length };
  };

  const parameter = new RegExp(`((?:^|&)(?:${names})=)[^&]*`, 'gi');

  return {
    query: (search) => (secrets.length > 0 ? search.replace(parameter, `$1${REDACTED}`) : search),
    message(headers, body) {
      const shown: Record<string, string> = {};
      for (const [given, value] of Object.entries(headers)) {
        if (value === undefined) continue;
        const name = given.toLowerCase();
        shown[name] = SECRET_HEADER.test(name) ? scheme(String(value)) : String(value);
      }
      if (body === undefined || body.length === 0) return { headers: shown, text: null, bytes: 0, truncated: false };
      const { text, bytes } = kept(body);
      return { headers: shown, text, bytes, truncated: bytes > most };
    },
  };
}

/** Which way somebody wanted in is no secret. */
function scheme(value: string): string {
  const [, name] = /^(basic|bearer|token)\s/i.exec(value) ?? [];
  return name ? `${name} ${REDACTED}` : REDACTED;
}

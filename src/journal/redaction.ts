import { jsonIn } from '../contract/json.ts';
import type { Message } from './entry.ts';

type Headers = Readonly<Record<string, string | number | readonly string[] | undefined>>;

type Body = Uint8Array | string | undefined;

/** Makes the messages of a journal from what went over the wire. */
export interface Redaction {
  /**
   * @param body bytes or text; undefined when there was none
   * @param more names of secrets beside those that are secret everywhere; the same list for the same route
   */
  request(headers: Headers, body: Body, more?: readonly string[]): Message;
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
  const everywhere = hidingOf(secrets);
  const ofRoutes = new Map<readonly string[], Hiding>();
  const hidingFor = (more?: readonly string[]): Hiding => {
    if (!more) return everywhere;
    const hiding = ofRoutes.get(more) ?? hidingOf([...secrets, ...more]);
    ofRoutes.set(more, hiding);
    return hiding;
  };
  return {
    query: everywhere.inQuery,
    request: (headers, body, more) => {
      const whole = () => (typeof body === 'string' ? body : Buffer.from(body ?? '').toString());
      return {
        headers: shownOf(headers),
        ...kept(body, most, (text) => hidingFor(more).inRequest(text, whole)),
      };
    },
    reply: (headers, body) => ({ headers: shownOf(headers), ...kept(body, most, everywhere.inReply) }),
  };
}

/** How the values of some names are hidden. */
interface Hiding {
  /** @param whole the body that the text is the beginning of */
  inRequest(text: string, whole: () => string): string;
  inReply(text: string): string;
  inQuery(search: string): string;
}

function hidingOf(secrets: readonly string[]): Hiding {
  const asTheyAre = (text: string) => text;
  if (secrets.length === 0) return { inRequest: asTheyAre, inReply: asTheyAre, inQuery: asTheyAre };
  const names = secrets.map((name) => name.replace(/[^\w-]/g, '\\$&')).join('|');
  // A text, also one that the end of what is kept cuts in two; a number; of a list or an object, whatever follows.
  const value = String.raw`"(?:[^"\\]|\\.)*(?:"|\\?$)|-?\d[^\s,\]}]*|[[{].*`;
  const secret = new RegExp(`("(?:${names})"\\s*:\\s*)(?:${value})`, 'gis');
  const [mention, name] = [new RegExp(names, 'i'), new RegExp(`^(?:${names})$`, 'i')];
  const redacted = (text: string) => text.replace(secret, `$1"${REDACTED}"`);
  // To look for a name costs a fraction of what a pattern does.
  const quoted = secrets.map((one) => `"${one}"`);
  const parameter = (text: string) => {
    const [[key = ''] = []] = new URLSearchParams(text);
    return name.test(key) ? `${text.split('=', 1)[0]}=${REDACTED}` : text;
  };
  return {
    inRequest(text, whole) {
      if (!mention.test(unspelt(text))) return text;
      // What is no JSON may tell a secret in any form.
      if (jsonIn(whole()) === undefined) return REDACTED;
      const plain = withPlainNames(text);
      const hidden = redacted(plain);
      return hidden === plain ? text : hidden;
    },
    inReply: (text) => (quoted.some((one) => text.includes(one)) ? redacted(text) : text),
    inQuery: (search) => (search === '' ? search : search.split('&').map(parameter).join('&')),
  };
}

const characterOf = (code: string): string => String.fromCharCode(Number.parseInt(code, 16));

/** A text to look for names in, however they are spelt: escaped in some way, or two bytes for each character. */
function unspelt(text: string): string {
  if (!/[\\%\0]/.test(text)) return text;
  return text.replaceAll('\0', '').replace(/(?:\\u00|\\x|%)([0-9a-f]{2})/gi, (_, code: string) => characterOf(code));
}

/** JSON that says the same, in which no character of a name is escaped. */
function withPlainNames(text: string): string {
  if (!text.includes('\\u')) return text;
  return text.replace(/(?<!\\)((?:\\\\)*)\\u00([2-7][0-9a-f])/gi, (all, before: string, code: string) => {
    const character = characterOf(code);
    return /[\w-]/.test(character) ? before + character : all;
  });
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

import { jsonIn } from '../contract/json.ts';
import type { KeptMessage, Message } from './entry.ts';

type Headers = Readonly<Record<string, string | number | readonly string[] | undefined>>;

type Body = Uint8Array | string | undefined;

/** Makes the messages of a journal from what went over the wire. */
export interface Redaction {
  /**
   * What is kept of a request; no secret is.
   * @param body bytes or text; undefined when there was none
   * @param more names of secrets beside those that are secret everywhere; the same list for the same route
   */
  request(headers: Headers, body: Body, more?: readonly string[]): KeptMessage;
  /** The same of an answer. What it shows once to its client lies in it until it is read, or forgotten. */
  reply(headers: Headers, body: Body): KeptMessage;
  /** What of a message everybody may read. */
  shown(kept: KeptMessage): Message;
  /** A query without the values of parameters that have the names of secrets, and without what looks like one. */
  query(search: string): string;
  /** A path, or what tells of one, without what looks like a secret. */
  path(text: string): string;
}

const REDACTED = '<redacted>';

/** Headers that let somebody in, of requests and of answers; and parameters that clients put into a query by mistake. */
const SECRET_HEADER = /auth|cookie|secret|token|password|api-?key/;
const SECRET_PARAMETER = /^auth(entication|orization)?$|secret|token|password|api[-_]?key/i;

/** What clients call secrets in bodies besides; in answers, a token is the name of a problem. */
const ALSO_IN_REQUESTS = ['token', 'access_token'];

/** The form of the secrets that the emulator makes, which no id has; any of its characters may be escaped. */
const LOOKS_SECRET = /(?:[0-9a-f]|%(?:3[0-9]|[46][1-6])){40,}/gi;

const withoutSecretLooks = (text: string): string => (text.length < 40 ? text : text.replace(LOOKS_SECRET, REDACTED));

/**
 * @param secrets the names of JSON properties whose values nobody may see
 * @param most how many bytes of a body are kept
 */
export function createRedaction(secrets: readonly string[], most: number): Redaction {
  const everywhere = hidingOf(secrets);
  const ofRequests = hidingOf([...secrets, ...ALSO_IN_REQUESTS]);
  const ofRoutes = new Map<readonly string[], Hiding>();
  const hidingFor = (more?: readonly string[]): Hiding => {
    if (!more) return ofRequests;
    const hiding = ofRoutes.get(more) ?? hidingOf([...secrets, ...ALSO_IN_REQUESTS, ...more]);
    ofRoutes.set(more, hiding);
    return hiding;
  };
  return {
    query: everywhere.inQuery,
    path: withoutSecretLooks,
    request(headers, body, more) {
      const { part, ...size } = beginning(body, most);
      if (part === null) return { headers: linesOf(headers), part, ...size };
      const whole = () => (typeof body === 'string' ? body : Buffer.from(body ?? '').toString());
      return { headers: linesOf(headers), part: hidingFor(more).inRequest(textOf(part), whole), ...size };
    },
    reply: (headers, body) => ({ headers: linesOf(headers), ...beginning(body, most) }),
    shown: ({ headers, part, ...size }) => ({
      headers: inLines(headers),
      text: part === null ? null : everywhere.inReply(textOf(part)),
      ...size,
    }),
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
    const isSecret = name.test(key) || SECRET_PARAMETER.test(key);
    return withoutSecretLooks(isSecret && text.includes('=') ? `${text.split('=', 1)[0]}=${REDACTED}` : text);
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

/** Headers without their secrets, a line for each name and one for its value. */
function linesOf(headers: Headers): string {
  const lines: string[] = [];
  for (const given in headers) {
    const value = headers[given];
    if (value === undefined) continue;
    const name = given.toLowerCase();
    lines.push(name, SECRET_HEADER.test(name) ? scheme(String(value)) : withoutSecretLooks(String(value)));
  }
  return lines.join('\n');
}

function inLines(text: string): Message['headers'] {
  const lines = text === '' ? [] : text.split('\n');
  const headers: Record<string, string> = {};
  for (let index = 0; index < lines.length; index += 2) headers[lines[index] ?? ''] = lines[index + 1] ?? '';
  return headers;
}

/** What is kept of a body, apart from all that is not, and how long it was. */
function beginning(body: Body, most: number): { part: Uint8Array | string | null; bytes: number; truncated: boolean } {
  if (body === undefined || body.length === 0) return { part: null, bytes: 0, truncated: false };
  const bytes = Buffer.byteLength(body);
  if (bytes <= most) return { part: body, bytes, truncated: false };
  const whole = typeof body === 'string' ? Buffer.from(body) : body;
  // A view would keep all of it, and a Buffer of its own costs the garbage collector more than a text.
  return { part: Buffer.from(whole.buffer, whole.byteOffset, most).toString(), bytes, truncated: true };
}

/** A character that the end cuts in two is told as U+FFFD. */
const textOf = (part: Uint8Array | string): string =>
  typeof part === 'string' ? part : Buffer.from(part.buffer, part.byteOffset, part.length).toString();

/** Which way somebody wanted in is no secret. */
function scheme(value: string): string {
  const [, name] = /^(basic|bearer|token)\s/i.exec(value) ?? [];
  return name ? `${name} ${REDACTED}` : REDACTED;
}

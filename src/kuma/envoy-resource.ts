import { quoted } from './causes.ts';

/** What Envoy is told by a control plane, in version 2 of its API: the messages that a proxy template can name. */
const KNOWN = [
  'envoy.api.v2.Cluster',
  'envoy.api.v2.ClusterLoadAssignment',
  'envoy.api.v2.Listener',
  'envoy.api.v2.RouteConfiguration',
  'envoy.api.v2.ScopedRouteConfiguration',
  'envoy.api.v2.auth.Secret',
  'envoy.service.discovery.v2.Runtime',
];

const NO_TYPE = "Any JSON doesn't have '@type'";
const noMap = (kind: string) => `json: cannot unmarshal ${kind} into Go value of type map[string]*json.RawMessage`;

/**
 * What is wrong with a resource of Envoy in YAML or JSON; undefined where nothing is seen to be.
 *
 * The original reads the whole by Envoy's own message. Here it is looked at only whether the text is a map with an
 * `@type` that is known: a text that begins with `{` is read as JSON, and of any other just the first line that says
 * something, and the lines that stand as far to the left as that one. What is below them is not looked at.
 */
export function faultOfEnvoyResource(text: string): string | undefined {
  const found = text.trimStart().startsWith('{') ? typeInJson(text) : typeInYaml(text);
  if ('fault' in found) return found.fault;
  const name = found.type.slice(found.type.lastIndexOf('/') + 1);
  return KNOWN.includes(name) ? undefined : `unknown message type ${quoted(name)}`;
}

type Found = { readonly type: string } | { readonly fault: string };

function typeInJson(text: string): Found {
  try {
    const { '@type': type } = JSON.parse(text) as Record<string, unknown>;
    if (type == null) return { fault: NO_TYPE };
    return typeof type === 'string'
      ? { type }
      : { fault: `can't unmarshal Any's '@type': ${quoted(JSON.stringify(type))}` };
  } catch {
    // Go tells which character it was; the words are ours.
    return { fault: 'invalid character in a JSON object' };
  }
}

const SAYS_NOTHING = /^\s*(#|$)|^(---|%)/;
const IS_NULL = /^(null|~)$/i;
const NOT_PLAIN = /^([[\]{}&*!|>%@`#,]|-(\s|$))/;
const indentOf = (line: string) => line.length - line.trimStart().length;

function typeInYaml(text: string): Found {
  const lines = text.split(/\r?\n/).filter((line) => !SAYS_NOTHING.test(line));
  const [first = ''] = lines;
  const top = lines.filter((line) => indentOf(line) === indentOf(first)).map((line) => line.trim());
  // YAML keeps this character for itself, so that the original goes on to read the text as JSON.
  if (top.some((line) => line.startsWith('@')))
    return { fault: "invalid character '@' looking for beginning of value" };
  if (!entryOf(first.trim())) return { fault: first === '' ? NO_TYPE : ofNoMap(first.trim()) };
  const value = top.map(entryOf).find((entry) => entry?.key === '@type')?.value ?? '';
  const type = inQuotes(value)?.inside ?? ` ${value}`.split(/\s#/, 1)[0]?.trim() ?? '';
  return type === '' || IS_NULL.test(type) ? { fault: NO_TYPE } : { type };
}

/** A text in quotes and what comes after it. What is escaped in it is not looked at. */
function inQuotes(text: string): { inside: string; after: string } | undefined {
  const end = /^['"]/.test(text) ? text.indexOf(text.charAt(0), 1) : -1;
  return end < 0 ? undefined : { inside: text.slice(1, end), after: text.slice(end + 1).trim() };
}

/** What a line says as an entry of a map. */
function entryOf(line: string): { key: string; value: string } | undefined {
  const quote = inQuotes(line);
  if (!quote && NOT_PLAIN.test(line)) return undefined;
  const colon = quote ? quote.after.search(/^:(\s|$)/) : line.search(/:(\s|$)/);
  if (colon < 0) return undefined;
  return quote
    ? { key: quote.inside, value: quote.after.slice(1).trim() }
    : { key: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() };
}

function ofNoMap(text: string): string {
  if (IS_NULL.test(text)) return NO_TYPE;
  if (/^(\[|-(\s|$))/.test(text)) return noMap('array');
  if (/^(true|false|yes|no|on|off)$/i.test(text)) return noMap('bool');
  return noMap(Number.isNaN(Number(text)) ? 'string' : 'number');
}

import type { Cause } from './resource-type.ts';

/** The causes of a part, told of the whole that it stands in. A part speaks of itself by an empty field. */
export const under = (whole: string, causes: readonly Cause[]): Cause[] =>
  causes.map(({ field, message }) => ({
    field: field === '' || field.startsWith('[') ? `${whole}${field}` : `${whole}.${field}`,
    message,
  }));

/** The causes of each element of a list: `inbound[0].port`. */
export const underEach = <T>(
  field: string,
  elements: readonly T[] | undefined,
  causesOf: (element: T) => readonly Cause[],
): Cause[] => (elements ?? []).flatMap((element, index) => under(`${field}[${index}]`, causesOf(element)));

/** The one cause where a rule is broken; else none. */
export const unless = (holds: boolean, field: string, message: string): Cause[] => (holds ? [] : [{ field, message }]);

/** The one cause where there is something to tell. */
export const told = (field: string, message: string | undefined): Cause[] =>
  message === undefined ? [] : [{ field, message }];

/** A key of a map, as fields name it: `tags["service"]`. */
export const keyOf = (field: string, key: string): string => `${field}[${quoted(key)}]`;

/** The keys of a map in the order of their bytes, which an object of JavaScript does not keep: it puts `10` after `9`. */
export const keysOf = (map: object): string[] =>
  Object.keys(map)
    .map((key) => Buffer.from(key))
    .sort(Buffer.compare)
    .map(String);

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** A text in quotes, as Go's `%q` writes it. */
export const quoted = (text: string): string =>
  `"${text.replace(/[\\"]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (char) => ESCAPES[char] ?? escaped(char.codePointAt(0) ?? 0))}"`;

function escaped(point: number): string {
  const digits = (length: number) => point.toString(16).padStart(length, '0');
  if (point < 0x20 || point === 0x7f) return `\\x${digits(2)}`;
  return point < 0x10000 ? `\\u${digits(4)}` : `\\U${digits(8)}`;
}

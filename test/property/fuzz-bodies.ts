import fc from 'fast-check';
import type { Json } from '../support/emulator.ts';

/** A body as it goes over the wire. */
export interface Body {
  readonly text: string;
  /** `latin1` sends each character as one byte, whatever UTF-8 says. */
  readonly encoding: 'utf8' | 'latin1';
}

type Place = readonly (string | number)[];

/** Where something stands in a document, the document itself first. */
function placesIn(document: Json, at: Place = []): Place[] {
  if (typeof document !== 'object' || document === null) return [at];
  const keys = Array.isArray(document) ? [...document.keys()] : Object.keys(document);
  return [at, ...keys.flatMap((one) => placesIn(document[one], [...at, one]))];
}

/** A document with something else in one place; `undefined` takes away what is there. */
function replaced(document: Json, [first, ...rest]: Place, by: (there: Json) => Json): Json {
  if (first === undefined) return by(document);
  const copy: Json = Array.isArray(document) ? [...document] : { ...document };
  const value = replaced(document[first], rest, by);
  if (value === undefined && Array.isArray(copy)) copy.splice(Number(first), 1);
  else if (value === undefined) delete copy[first];
  else Object.defineProperty(copy, first, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

/** An object with a key of its own, also where the language means something by it. */
function withKey(there: Json, key: string, value: Json): Json {
  const whole = typeof there === 'object' && there !== null && !Array.isArray(there) ? { ...there } : {};
  return Object.defineProperty(whole, key, { value, enumerable: true, configurable: true, writable: true });
}

const ODD_KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'prototype',
  'hasOwnProperty',
  '$ref',
  'then',
  '',
  'href',
  'no such',
];
const ODD_TEXTS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff\ud800',
  '\ufeff',
  "'",
  '"',
  '%',
  '%00',
  '\\',
  '../..',
  '\r\n',
  '🦜',
  'İ',
  'ﬀ',
  '１',
  'null',
  'true',
  'NaN',
  '__proto__',
  "'; DROP TABLE labels; --",
  '{{x}}',
  '*',
  '\u202e',
];
const ODD_NUMBERS = [
  0,
  -0,
  -1,
  1,
  0.5,
  65_535,
  65_536,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53,
  2 ** 63,
  1e21,
  1e308,
  -1e308,
  5e-324,
];

const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, false, ...ODD_NUMBERS, ...ODD_TEXTS),
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...ODD_KEYS), fc.string({ maxLength: 5 })), tie('value'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).value as fc.Arbitrary<Json>;

/** What may be wrong with one thing, at and beyond the bounds of its schema. */
function oneWrong(hrefs: fc.Arbitrary<string>, bounds: readonly number[]): fc.Arbitrary<(there: Json) => Json> {
  const lengths = fc.constantFrom(1, 256, ...bounds.filter((one) => one > 0 && one <= 5000));
  const puts = fc.oneof(
    fc.constantFrom<Json>(null, '', [], {}, true, 'x', 0, [null], [[]], [{}]),
    fc.constantFrom<Json>(...ODD_TEXTS),
    fc.constantFrom<Json>(...ODD_NUMBERS, ...bounds),
    hrefs,
    anything,
  );
  return fc.oneof(
    fc.constant(() => undefined),
    { weight: 4, arbitrary: puts.map((value) => () => value) },
    lengths.map((length) => (there: Json) => (Array.isArray(there) ? repeated(there, length) : 'x'.repeat(length))),
    fc.constant((there: Json) => (Array.isArray(there) ? [...there, ...there] : [there, there])),
    fc.tuple(fc.constantFrom(...ODD_KEYS), anything).map(
      ([key, value]) =>
        (there: Json) =>
          withKey(there, key, value),
    ),
  );
}

/** More items than a schema of a list allows, where it allows a thousand at the most. */
const repeated = (items: Json[], length: number): Json[] =>
  Array.from({ length: Math.min(length, 1002) }, (_, at) => items[at % Math.max(1, items.length)] ?? null);

const nested = (depth: number, open: string, shut: string) => open.repeat(depth) + shut.repeat(depth);
const utf8 = (text: string): Body => ({ text, encoding: 'utf8' });

/** What is no JSON, or JSON as nobody writes it, made of a text that is. */
const TEXTS: readonly ((text: string) => Body)[] = [
  () => utf8(''),
  () => utf8(' '),
  (text) => utf8(text.slice(0, -1)),
  (text) => utf8(`${text}${text}`),
  (text) => utf8(`${text},`),
  (text) => utf8(`\ufeff${text}`),
  (text) => utf8(` \r\n\t${text}\n\n`),
  (text) => utf8(text.replace(/"/g, "'")),
  (text) => utf8(text.replace(/[{[]/, '$&,')),
  (text) => utf8(text.replace(/^\{/, '{"name":"twice","href":1,"__proto__":{"admin":true},')),
  (text) => utf8(text.replace(/"([^"]*)":/, '"$1":null,"$1":')),
  (text) => utf8(text.replace(/"[^"]*"$|"[^"]*"(?=[,}\]])/, '"\\ud83d"')),
  (text) => utf8(text.replace(/"(?=[,}\]])/, '\\u0000"')),
  (text) => utf8(text.replace(/"(?=[,}\]])/, '\u0000"')),
  (text) => utf8(text.replace(/:[^,}]*/, ':1e400')),
  (text) => utf8(text.replace(/:[^,}]*/, ':-0')),
  (text) => utf8(text.replace(/:[^,}]*/, ':123456789012345678901234567890')),
  (text) => utf8(text.replace(/:[^,}]*/, ':NaN')),
  (text) => utf8(text.replace(/:[^,}]*/, `:${nested(5000, '[', ']')}`)),
  () => utf8(nested(100_000, '[', ']')),
  () => utf8(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`),
  () => utf8('['.repeat(500_000)),
  (text) => ({ text: text.replace(/"(?=[,}\]])/, '\xff\xfe"'), encoding: 'latin1' }),
  (text) => ({ text: text.replace(/"(?=[,}\]])/, '\xed\xa0\x80"'), encoding: 'latin1' }),
  () => ({ text: '\x1f\x8b\x08\x00', encoding: 'latin1' }),
  () => utf8(`"${'x'.repeat(1_048_575)}"`),
  (text) => utf8(text.replace(/"(?=[,}\]])/, `${'é'.repeat(100_000)}"`)),
  () => utf8('a=1&b=2'),
  () => utf8('<xml/>'),
];

const written = (value: Json): Body => utf8(JSON.stringify(value) ?? '');

/**
 * Bodies for a route: valid ones, those with one or two things wrong, any JSON, and what is none.
 * @param valid values that its schema asks for, and its examples
 * @param hrefs all kinds of them
 * @param bounds what its schema says of sizes
 */
export function bodies(
  valid: fc.Arbitrary<Json>,
  hrefs: fc.Arbitrary<string>,
  bounds: readonly number[],
): fc.Arbitrary<Body> {
  const change = fc.tuple(fc.nat(), oneWrong(hrefs, bounds));
  const almost = fc.tuple(valid, fc.array(change, { minLength: 1, maxLength: 2 })).map(([value, changes]) =>
    changes.reduce((document, [at, by]) => {
      const places = placesIn(document);
      return replaced(document, places[at % places.length] ?? [], by);
    }, value),
  );
  return fc.oneof(
    { weight: 5, arbitrary: valid.map(written) },
    { weight: 8, arbitrary: almost.map(written) },
    { weight: 1, arbitrary: anything.map(written) },
    {
      weight: 2,
      arbitrary: fc.tuple(valid, fc.constantFrom(...TEXTS)).map(([value, as]) => as(JSON.stringify(value) ?? '')),
    },
  );
}

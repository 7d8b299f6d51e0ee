import fc from 'fast-check';
import type { Document } from '../../src/contract/collection.ts';
import { referred, type Schemas } from '../../src/contract/schemas.ts';

type Written = fc.Arbitrary<string>;

const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'service', '*', '__proto__', '10'));
const amount = fc.tuple(fc.nat(9_999), fc.option(fc.nat(), { nil: undefined })).map(joined);

function joined([whole, part]: [number, number | undefined]): string {
  return part === undefined ? String(whole) : `${whole}.${part}`;
}

const durations = fc
  .tuple(
    fc.constantFrom('', '-', '+'),
    fc.array(fc.tuple(amount, fc.constantFrom('ns', 'us', '\u00b5s', 'ms', 's', 'm', 'h')), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([sign, parts]) => sign + parts.flat().join(''));

const timestamps = fc
  .tuple(
    fc.date({ min: new Date('0001-01-01'), max: new Date('9998-12-31'), noInvalidDate: true }),
    fc.constantFrom('', '.5', '.123456', '.123456789', '.000'),
    fc.constantFrom('Z', '+01:00', '-23:59'),
  )
  .map(([date, fraction, zone]) => `${date.toISOString().slice(0, 19)}${fraction}${zone}`);

const quoted = (values: fc.Arbitrary<string>): Written => values.map((text) => JSON.stringify(text));
const perhapsQuoted = (values: fc.Arbitrary<number | bigint>): Written =>
  fc.tuple(values, fc.boolean()).map(([value, isQuoted]) => (isQuoted ? `"${value}"` : String(value)));

const uint32 = perhapsQuoted(fc.nat(2 ** 32 - 1));
const free = fc.dictionary(texts, fc.jsonValue()).map((value) => JSON.stringify(value));

/** What of each kind of value may be written, and is taken. */
const KINDS: Readonly<Record<string, Written>> = {
  uint32,
  UInt32Value: uint32,
  uint64: perhapsQuoted(fc.bigInt(0n, 2n ** 64n - 1n)),
  string: quoted(texts),
  StringValue: quoted(texts),
  bool: fc.boolean().map(String),
  DoubleValue: perhapsQuoted(fc.double({ noNaN: true, noDefaultInfinity: true })),
  duration: quoted(durations),
  timestamp: quoted(timestamps),
  struct: free,
};

const object = (entries: readonly (readonly [string, string])[]): string =>
  `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;

/** JSON that protobuf takes for a message: its fields in any order, by either name, some of them null, and others too. */
export function messagesOf(schemas: Pick<Schemas, 'definition'>, reference: string): Written {
  const [file = ''] = reference.split('#');
  return writtenAs(schemas.definition(reference), file);

  function writtenAs(schema: Document, from: string): Written {
    if (typeof schema.$ref === 'string') return messagesOf(schemas, referred(schema.$ref, from));
    const kind = KINDS[String(schema['x-proto'])];
    if (kind) return kind;
    if (schema.items) return fc.array(writtenAs(schema.items as Document, from), { maxLength: 3 }).map(listed);
    if (schema.properties) return message(schema.properties as Record<string, Document>, from);
    return fc.array(fc.tuple(quoted(texts), quoted(texts)), { maxLength: 4 }).map(mapped);
  }

  function message(properties: Readonly<Record<string, Document>>, from: string): Written {
    const known = Object.entries(properties)
      .filter(([, schema]) => !isMeta(schema))
      .map(([name, schema]) =>
        fc.tuple(
          fc.constantFrom(name, String(schema['x-proto-name'] ?? name)),
          fc.oneof({ weight: 9, arbitrary: writtenAs(schema, from) }, { weight: 1, arbitrary: fc.constant('null') }),
        ),
      );
    const unknown = fc.tuple(fc.constantFrom('unknown', '__proto__'), free);
    return fc
      .tuple(...known, unknown)
      .chain((entries) => fc.shuffledSubarray(entries))
      .map(object);
  }
}

const isMeta = ({ const: constant, $ref }: Document): boolean =>
  constant !== undefined || /parts\.json.*\/(name|time)$/.test(String($ref));

const listed = (items: readonly string[]): string => `[${items.join(',')}]`;
const mapped = (entries: readonly (readonly [string, string])[]): string =>
  `{${entries.map(([key, value]) => `${key}:${value}`).join(',')}}`;

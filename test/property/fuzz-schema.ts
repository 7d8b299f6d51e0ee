import fc from 'fast-check';
import type { Document } from '../../src/contract/collection.ts';
import type { Schemas } from '../../src/contract/schemas.ts';
import type { Json } from '../support/emulator.ts';

/** A schema, and the file that its references are relative to. */
interface Placed {
  readonly file: string;
  readonly schema: Json;
}

/** How an href comes about where a schema wants one: by the keys that lead there, the last one first. */
export type HrefsFor = (keys: readonly string[]) => fc.Arbitrary<string>;

const DEEPEST = 8;

const words = fc.constantFrom('web', 'Payments', 'a b', 'é', '10.0.0.1', '10.0.0.0/8', 'fe80::1', '0', 'null', '1.2.3');
const time = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

/** Values as a schema asks for them. What no schema says, such as which hrefs there are, `hrefs` does. */
export function valuesOf(schemas: Schemas, reference: string, hrefs: HrefsFor): fc.Arbitrary<Json> {
  const [file = ''] = reference.split('#');
  return valueFor({ file, schema: schemas.definition(reference) }, [], 0);

  function resolved({ file, schema }: Placed): Placed {
    if (typeof schema?.$ref !== 'string') return { file, schema };
    const { pathname, hash } = new URL(schema.$ref, `schema:/${file}.json`);
    const other = pathname.slice(1, -'.json'.length);
    return resolved({ file: other, schema: schemas.definition(`${other}#${hash.slice('#/$defs/'.length)}`) });
  }

  function valueFor(placed: Placed, keys: readonly string[], depth: number): fc.Arbitrary<Json> {
    const { file, schema } = resolved(placed);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices && !schema.properties) {
      return fc.oneof(...choices.map((one: Json) => valueFor({ file, schema: one }, keys, depth + 1)));
    }
    if ('const' in schema) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const types = [schema.type ?? (schema.properties ? 'object' : 'string')].flat();
    return fc.oneof(...types.map((type) => ofType(type, { file, schema }, keys, depth)));
  }

  function ofType(type: string, { file, schema }: Placed, keys: readonly string[], depth: number): fc.Arbitrary<Json> {
    switch (type) {
      case 'null':
        return fc.constant(null);
      case 'boolean':
        return fc.boolean();
      case 'integer':
      case 'number':
        return number(schema);
      case 'array':
        return list({ file, schema }, keys, depth);
      case 'object':
        return object({ file, schema }, keys, depth);
      default:
        return text(schema, keys);
    }
  }

  function list({ file, schema }: Placed, keys: readonly string[], depth: number): fc.Arbitrary<Json[]> {
    const { items = {}, minItems = 0, maxItems = 3, uniqueItems } = schema;
    const most = depth > DEEPEST ? minItems : Math.max(minItems, Math.min(maxItems, 3));
    const limits = { minLength: minItems, maxLength: most };
    const item = valueFor({ file, schema: items }, keys, depth + 1);
    return uniqueItems
      ? fc.uniqueArray(item, { ...limits, selector: (one) => JSON.stringify(one) })
      : fc.array(item, limits);
  }

  function object({ file, schema }: Placed, keys: readonly string[], depth: number): fc.Arbitrary<Document> {
    const { properties = {}, required = [], additionalProperties, oneOf, anyOf } = schema;
    const known = Object.keys(properties);
    const optional = depth > DEEPEST ? [] : known.filter((key) => !required.includes(key));
    const built = new Map<string, fc.Arbitrary<Json>>();
    const of = (key: string) => {
      const one = built.get(key) ?? valueFor({ file, schema: properties[key] ?? {} }, [key, ...keys], depth + 1);
      built.set(key, one);
      return one;
    };
    const more =
      typeof additionalProperties === 'object'
        ? fc.dictionary(
            fc.constantFrom('a', 'com.illumio.role', '__proto__', 'constructor'),
            valueFor({ file, schema: additionalProperties }, keys, depth + 1),
            { maxKeys: 2, noNullPrototype: true },
          )
        : fc.constant({});
    // Alternatives beside properties say which of them are required together.
    const together: string[][] = (oneOf ?? anyOf ?? [{}]).map((one: Json) => one.required ?? []);
    const few = fc.subarray(optional, { maxLength: Math.min(3, optional.length) });
    return fc
      .tuple(fc.constantFrom(...together), fc.oneof(fc.constant([]), few, fc.constant(optional)), more)
      .chain(([one, chosen, others]) => {
        const wanted = [...new Set([...required, ...one, ...chosen])].filter((key) => key in properties);
        return fc.record(Object.fromEntries(wanted.map((key) => [key, of(key)]))).map((own) => ({ ...others, ...own }));
      });
  }

  function text(schema: Json, keys: readonly string[]): fc.Arbitrary<string> {
    const { format, pattern, minLength = 0, maxLength = 60 } = schema;
    if (format === 'date-time') return time;
    if (format === 'uuid') return fc.uuid({ version: 4 });
    if (pattern === '^/') return hrefs(keys);
    if (pattern !== undefined) return matching(pattern, maxLength);
    const some = fc.string({ unit: 'grapheme', minLength, maxLength: Math.max(minLength, Math.min(maxLength, 20)) });
    return fc.oneof({ weight: 3, arbitrary: words.filter((word) => word.length >= minLength) }, some, hrefs(keys));
  }
}

function number({ type, minimum = -5, maximum = 2 ** 31 }: Json): fc.Arbitrary<number> {
  const low = Math.max(minimum, -(2 ** 31));
  const edges = fc.constantFrom(minimum, maximum, low);
  return fc
    .oneof(edges, fc.integer({ min: low, max: Math.max(low, Math.min(maximum, low + 100)) }))
    .map((one) => (type === 'integer' ? Math.trunc(one) : one));
}

function matching(pattern: string, longest: number): fc.Arbitrary<string> {
  return fc.stringMatching(new RegExp(pattern, 'u'), { size: 'small' }).map((one) => one.slice(0, longest));
}

/** Each bound that a schema states, anywhere in it: values one beyond are refused, those at it are not. */
export function boundsOf(schemas: Schemas, reference: string): readonly number[] {
  const found = new Set<number>();
  const walk = (node: Json) => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (typeof value === 'number' && /^(min|max)(imum|Length|Items|Properties)$/.test(key)) found.add(value);
      else walk(value);
    }
  };
  walk(schemas.definition(reference));
  return [...found].flatMap((bound) => [bound - 1, bound, bound + 1]);
}

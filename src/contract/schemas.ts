import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { digest } from '../kernel/secrets.ts';
import type { Document } from './collection.ts';
import { cutTo, type Has } from './cut.ts';

type Schema = Record<string, unknown>;

/** One way in which a value misses its schema. */
export interface Violation {
  /** JSON pointer to the offending value; empty for the whole. */
  readonly path: string;
  /** The keyword of JSON Schema that was broken: `type`, `required`, `maxLength` … */
  readonly keyword: string;
  /** What the keyword says: `{ limit: 255 }`. */
  readonly params: Record<string, unknown>;
  readonly value: unknown;
  readonly message: string;
}

/** How the text of a query parameter is to be read. */
export type ParameterKind = 'string' | 'integer' | 'boolean' | 'json';

/**
 * The contract as data, cut to one release. A schema reference is `pce/labels#item`: the file below
 * `schemas/`, and the name under its `$defs`. What a release does not have carries `"x-feature"` in the
 * file and is cut out here, so that one file describes all releases.
 */
export interface Schemas {
  /**
   * What is wrong with a value; empty when it is right. Stops at the first finding, which comes last, after
   * what each alternative of it lacks.
   */
  check(reference: string, value: unknown): Violation[];
  /**
   * The document with its keys in the schema's order, defaults filled in and keys of other releases left
   * out. Defaults are shared and frozen.
   */
  complete(reference: string, document: Document): Document;
  /** The query parameters that an object schema declares. */
  parameters(reference: string): ReadonlyMap<string, ParameterKind>;
  /** The definition as this release has it. Its `$ref`s are relative to its file. @throws Error where there is none */
  definition(reference: string): Document;
  /** Tells these from all other schemas: what was stored by others may have another shape. */
  fingerprint(): string;
}

const ROOT = 'schema:/';
const JSON_TEXT = 'application/json';

/** Reads every schema file below a folder, keyed by its path without the ending: `pce/labels`. */
export function readSchemaFiles(folder: string): Map<string, Schema> {
  const files = new Map<string, Schema>();
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.json')) continue;
    const name = entry.replaceAll('\\', '/').slice(0, -'.json'.length);
    files.set(name, JSON.parse(readFileSync(join(folder, entry), 'utf8')) as Schema);
  }
  return files;
}

/**
 * Makes the schemas of one release.
 * @param files what `readSchemaFiles` returned
 * @param has whether the release has a named difference
 */
export function createSchemas(files: ReadonlyMap<string, Schema>, has: Has): Schemas {
  // The files are checked against the meta-schema by a test, so that no start-up pays for it; and the
  // compiled checks are fast enough as they come.
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    verbose: true,
    validateSchema: false,
    code: { optimize: false },
  });
  formats.default(ajv, ['date-time', 'uuid']);
  // They say how protobuf reads a value; what is emitted, the rest of a schema says.
  ajv.addVocabulary(['x-proto', 'x-proto-name', 'x-oneof', 'x-order']);
  const cutFiles = new Map<string, Schema>();
  const cut = (file: string): Schema | undefined => {
    const known = cutFiles.get(file);
    const whole = known ? undefined : files.get(file);
    if (!whole) return known;
    const schema = cutTo(whole, has) as Schema;
    cutFiles.set(file, schema);
    return schema;
  };
  const added = new Set<string>();
  /** Has ajv know a file, and all that it refers to: a start needs few of them. */
  const add = (file: string): void => {
    const schema = cut(file);
    if (!schema || added.has(file)) return;
    added.add(file);
    ajv.addSchema({ ...schema, $id: `${ROOT}${file}.json` });
    for (const other of filesIn(schema, file)) add(other);
  };

  const split = (reference: string): [string, string] => {
    const [file = '', name = ''] = reference.split('#');
    return [file, name];
  };
  const properties = (schema: Schema | undefined) => (schema?.properties ?? {}) as Record<string, Schema>;
  const whole = (file: string) => files.get(file);
  const named = (from: (file: string) => Schema | undefined, file: string, name: string): Schema => {
    const found = (from(file)?.$defs as Record<string, Schema> | undefined)?.[name];
    if (!found) throw new Error(`there is no schema ${file}#${name}`);
    return found;
  };
  const definition = (from: (file: string) => Schema | undefined, reference: string): Schema => {
    const [file, name] = split(reference);
    const found = named(from, file, name);
    const beside = /^#\/\$defs\/(\w+)$/.exec(String(found.$ref))?.[1];
    return beside ? definition(from, `${file}#${beside}`) : found;
  };

  /** The schema itself, or the one in its place that it refers to. */
  const target = (file: string, schema: Schema): Schema => {
    if (typeof schema.$ref !== 'string') return schema;
    return definition(cut, referred(schema.$ref, file));
  };

  const validators = new Map<string, ValidateFunction>();
  const validator = (reference: string): ValidateFunction => {
    let known = validators.get(reference);
    if (!known) {
      const [file, name] = split(reference);
      add(file);
      known = ajv.getSchema(`${ROOT}${file}.json#/$defs/${name}`);
      if (!known) throw new Error(`there is no schema ${reference}`);
      validators.set(reference, known);
    }
    return known;
  };

  const shapes = new Map<string, { keys: [string, Schema][]; cutOut: Set<string> }>();
  const shape = (reference: string) => {
    let known = shapes.get(reference);
    if (!known) {
      const keys = Object.entries(properties(definition(cut, reference)));
      const left = new Set(keys.map(([key]) => key));
      const all = Object.keys(properties(definition(whole, reference)));
      known = { keys, cutOut: new Set(all.filter((key) => !left.has(key))) };
      shapes.set(reference, known);
    }
    return known;
  };

  const kinds = new Map<string, ReadonlyMap<string, ParameterKind>>();

  return {
    check(reference, value) {
      const validate = validator(reference);
      return validate(value) ? [] : (validate.errors ?? []).map(violation);
    },
    complete(reference, document) {
      const { keys, cutOut } = shape(reference);
      const completed: Document = {};
      for (const [key, schema] of keys) {
        const value = document[key] === undefined ? schema.default : document[key];
        if (value !== undefined) completed[key] = value;
      }
      for (const key in document) {
        if (key in completed || cutOut.has(key) || document[key] === undefined) continue;
        completed[key] = document[key];
      }
      return completed;
    },
    parameters(reference) {
      let known = kinds.get(reference);
      if (!known) {
        const [file] = split(reference);
        const entries = Object.entries(properties(definition(cut, reference)));
        known = new Map(entries.map(([name, schema]) => [name, kind(target(file, schema))]));
        kinds.set(reference, known);
      }
      return known;
    },
    definition(reference) {
      const [file, name] = split(reference);
      return named(cut, file, name);
    },
    fingerprint() {
      const text = JSON.stringify([...files]);
      const features = [...text.matchAll(/"x-feature":"(\w+)"/g)].map(([, name = '']) => has(name));
      return digest(text + features);
    },
  };
}

/** What a `$ref` in a file stands for: `pce/labels#item`. */
export function referred($ref: string, file: string): string {
  const { pathname, hash } = new URL($ref, `${ROOT}${file}.json`);
  return `${pathname.slice(1, -'.json'.length)}#${hash.slice('#/$defs/'.length)}`;
}

/** The files that a file refers to, besides itself. */
function filesIn(schema: Schema, file: string): Set<string> {
  const references = JSON.stringify(schema).matchAll(/"\$ref":"([^"#]+)/g);
  return new Set([...references].map(([, $ref = '']) => referred(`${$ref}#`, file).slice(0, -1)));
}

function kind(schema: Schema): ParameterKind {
  if (schema.contentMediaType === JSON_TEXT) return 'json';
  return schema.type === 'integer' || schema.type === 'boolean' ? schema.type : 'string';
}

function violation(error: ErrorObject): Violation {
  const { instancePath, keyword, data } = error;
  const params: Violation['params'] = { ...error.params, ...surplus(error) };
  return { path: instancePath, keyword, params, value: data, message: inWords(error, params) };
}

/** What is wrong, with what would be right. */
function inWords(
  { keyword, message = keyword, parentSchema }: ErrorObject,
  { surplus: keys, allowedValues }: Violation['params'],
): string {
  if (keys) return `has no ${(keys as string[]).join(', ')}`;
  if (allowedValues) return `must be one of ${(allowedValues as unknown[]).join(', ')}`;
  if (keyword === 'pattern' && parentSchema?.title) return `must be ${parentSchema.title}`;
  return keyword === 'false schema' ? 'does not go with what is beside it' : message;
}

/** ajv names the first surplus key; whoever reads the message wants them all. */
function surplus({ keyword, data, parentSchema }: ErrorObject): { surplus?: string[] } {
  if (keyword !== 'additionalProperties') return {};
  const known = Object.keys((parentSchema?.properties ?? {}) as Schema);
  return { surplus: Object.keys(data as Document).filter((key) => !known.includes(key)) };
}

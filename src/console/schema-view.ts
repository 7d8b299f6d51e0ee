import { html, type Markup } from './markup.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Named schemas, by the reference that leads to each: shown where they are used, and linked to. */
export interface Definitions {
  /** The schema that a `$ref` leads to, with its name. */
  find(ref: string): { readonly name: string; readonly schema: Schema } | undefined;
}

/** The name of the place in the page where a named schema stands. */
export const anchorOf = (name: string) => `schema.${name}`;

/** Whether a schema has parts: one that has none is told where it is used, and needs no place of its own. */
export const hasParts = (schema: Schema): boolean =>
  PARTS.some((keyword) => isSchema(schema[keyword])) || typeof schema.$ref === 'string';

const PARTS = ['properties', 'items', 'additionalProperties', 'anyOf', 'oneOf', 'allOf'];

/** A schema as a sentence on its type, and below it the properties, of what it refers to or lists too. */
export function schemaView(schema: Schema, definitions: Definitions): Markup {
  const shown = target(schema, definitions);
  const whole = isSchema(shown.items) ? { ...shown, items: target(shown.items, definitions) } : shown;
  return html`<p>${typeText(shown, definitions)}${about(shown, definitions)}</p>${fields(whole, definitions)}`;
}

/** What a reference leads to; any other schema itself. */
function target(schema: Schema, definitions: Definitions): Schema {
  return (typeof schema.$ref === 'string' && definitions.find(schema.$ref)?.schema) || schema;
}

/** What a schema says of itself, or one without parts that it refers to. */
function about(schema: Schema, definitions: Definitions): Markup | undefined {
  const named = target(schema, definitions);
  const text = schema.description ?? (hasParts(named) ? undefined : named.description);
  return typeof text === 'string' ? html`<br><span class="soft">${text}</span>` : undefined;
}

/** The properties of an object, or of the objects of a list, as far as they are not named elsewhere. */
function fields(schema: Schema, definitions: Definitions): Markup | undefined {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  if (properties.length === 0) return within(schema, definitions);
  const required = (schema.required ?? []) as readonly string[];
  const rows = properties.map(([name, one]) => {
    const badge = required.includes(name) && html` <span class="badge">required</span>`;
    const head = html`<code>${name}</code> ${typeText(one, definitions)}${badge}`;
    return html`<li>${head}${about(one, definitions)}${fields(one, definitions)}</li>`;
  });
  return html`<ul class="fields">${rows}</ul>`;
}

/** What a schema that has no properties itself has them in: the items of a list, the values of a map, alternatives. */
function within(schema: Schema, definitions: Definitions): Markup | undefined {
  const inner = [schema.items, schema.additionalProperties, ...alternativesOf(schema)].filter(isSchema);
  const views = inner.flatMap((one) => fields(one, definitions) ?? []);
  return views.length > 0 ? html`${views}` : undefined;
}

const isSchema = (node: unknown): node is Schema => typeof node === 'object' && node !== null;
const alternativesOf = ({ anyOf, oneOf, allOf }: Schema) => [anyOf ?? oneOf ?? allOf ?? []].flat() as Schema[];

/** `list of string`, `"a" or "b"`, or a link to a named schema; with the limits that it sets. */
function typeText(schema: Schema, definitions: Definitions): Markup {
  return html`<span class="soft">${nameOf(schema, definitions)}${limits(schema)}</span>`;
}

function nameOf(schema: Schema, definitions: Definitions): Markup {
  if (typeof schema.$ref === 'string') return linkTo(schema.$ref, definitions);
  if ('const' in schema) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (Array.isArray(schema.enum)) return joined(schema.enum.map((one) => html`<code>${JSON.stringify(one)}</code>`));
  if (isSchema(schema.items)) return html`list of ${nameOf(schema.items, definitions)}`;
  const alternatives = schema.properties ? [] : alternativesOf(schema);
  if (alternatives.length > 0) return joined(alternatives.map((one) => nameOf(one, definitions)));
  if (isSchema(schema.additionalProperties)) return html`object of ${nameOf(schema.additionalProperties, definitions)}`;
  const types = [schema.type ?? 'anything'].flat().map((type) => (type === 'array' ? 'list' : String(type)));
  return html`${types.join(' or ')}`;
}

function linkTo(ref: string, definitions: Definitions): Markup {
  const found = definitions.find(ref);
  if (found && !hasParts(found.schema)) return html`${nameOf(found.schema, definitions)}${limits(found.schema)}`;
  return found ? html`<a href="#${anchorOf(found.name)}">${found.name}</a>` : html`${ref}`;
}

const joined = (parts: readonly Markup[]) => html`${parts.map((part, index) => html`${index > 0 && ' or '}${part}`)}`;

const LIMITS: Readonly<Record<string, (value: unknown) => string>> = {
  format: String,
  pattern: (value) => `like ${value}`,
  minLength: (value) => `at least ${value} characters`,
  maxLength: (value) => `at most ${value} characters`,
  minimum: (value) => `from ${value}`,
  maximum: (value) => `to ${value}`,
  minItems: (value) => `at least ${value}`,
  maxItems: (value) => `at most ${value}`,
  default: (value) => `default ${JSON.stringify(value)}`,
};

function limits(schema: Schema): string {
  const told = Object.entries(LIMITS).filter(([keyword]) => keyword in schema);
  return told.map(([keyword, say]) => `, ${say(schema[keyword])}`).join('');
}

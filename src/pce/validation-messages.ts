import type { Violation } from '../contract/schemas.ts';

/**
 * A violation in the words of the PCE, which checks its input with the json-schema gem for Ruby. The
 * sentence about additional properties was captured from a PCE 25.2.40; the others follow the same
 * pattern (inferred).
 */
export function inWordsOfThePce(violations: readonly Violation[], schema: string): string {
  const ambiguous = Boolean(violations.at(-1)?.params.passingSchemas);
  const inner = ambiguous ? [] : violations.slice(0, -1).map(sentence);
  const last = violations.slice(-1).map(sentence).join('');
  const errors = inner.length > 0 ? `. The schema specific errors were: ${inner.join('; ')}` : '';
  return `${last} in schema ${schemaFile(schema)}${errors}`;
}

function sentence({ path, keyword, params, value, message }: Violation): string {
  const property = `The property '#${path || '/'}'`;
  switch (keyword) {
    case 'additionalProperties':
      return `${property} contains additional properties ${excerpt(params.surplus)} outside of the schema when none are allowed`;
    case 'required':
      return `${property} did not contain a required property of '${params.missingProperty}'`;
    case 'type':
      return `${property} of type ${typeName(value)} did not match the following type: ${[params.type].flat().join(', ')}`;
    case 'enum':
      return `${property} value ${excerpt(value)} did not match one of the following values: ${(params.allowedValues as unknown[]).join(', ')}`;
    case 'maxLength':
      return `${property} was not of a maximum string length of ${params.limit}`;
    case 'minLength':
      return `${property} was not of a minimum string length of ${params.limit}`;
    case 'maxItems':
      return `${property} had more items than the allowed ${params.limit}`;
    case 'minItems':
      return `${property} did not contain a minimum number of items ${params.limit}`;
    case 'maxProperties':
      return `${property} had more properties than the allowed ${params.limit}`;
    case 'uniqueItems':
      return `${property} contained duplicated array values`;
    case 'pattern':
      return `${property} value ${excerpt(value)} did not match the regex '${params.pattern}'`;
    case 'minimum':
      return `${property} did not have a minimum value of ${params.limit}, inclusively`;
    case 'oneOf':
    case 'anyOf':
      if (params.passingSchemas)
        return `${property} of type ${typeName(value)} matched more than one of the required schemas`;
      return `${property} of type ${typeName(value)} did not match ${keyword === 'oneOf' ? 'exactly one' : 'one or more'} of the required schemas`;
    default:
      return `${property} ${message}`;
  }
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (Number.isInteger(value)) return 'integer';
  return typeof value;
}

const LONGEST_EXCERPT = 200;

/** A value in a message: whole when it is short; never the inside of a structure, which may be of any depth. */
function excerpt(value: unknown): string {
  const isText = (one: unknown) => typeof one === 'string';
  const inside = typeof value === 'object' && value !== null && !(Array.isArray(value) && value.every(isText));
  const text = inside ? typeName(value) : JSON.stringify(value);
  return text.length > LONGEST_EXCERPT ? `${text.slice(0, LONGEST_EXCERPT)}…` : text;
}

/** What the PCE's names of schemas begin with, where a collection stands below something (API schemas 25.2.20). */
const STANDS_BELOW: Readonly<Record<string, string>> = {
  container_workload_profiles: 'container_clusters_',
  enforcement_boundaries: 'sec_policy_',
  ip_lists: 'sec_policy_',
  label_groups: 'sec_policy_',
  rule_sets: 'sec_policy_',
  sec_rules: 'sec_policy_rule_sets_',
  services: 'sec_policy_',
  virtual_services: 'sec_policy_',
};

/** `pce/labels#create` is `labels_post.schema.json` in the PCE's own messages. */
function schemaFile(reference: string): string {
  const [file = '', name = ''] = reference.split('#');
  const verbs: Record<string, string> = { create: 'post', update: 'put', query: 'get', item_query: 'get' };
  const collection = file.split('/').at(-1) ?? '';
  return `${STANDS_BELOW[collection] ?? ''}${collection}_${verbs[name] ?? name}.schema.json`;
}

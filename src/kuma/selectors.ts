import type { Has } from '../contract/cut.ts';
import { keyOf, keysOf, quoted, told, under, underEach, unless } from './causes.ts';
import type { Cause } from './resource-type.ts';

export type Tags = Readonly<Record<string, string>>;

/** What is asked of the tags of a selector. */
export interface TagRules {
  readonly atLeastOne?: true;
  readonly needs?: string;
  /** The only tag that there may be, and must be. */
  readonly only?: string;
  readonly protocols?: readonly string[];
}

/** What is asked of each list of selectors, in the order in which the original looks at them. */
export type Selection = Readonly<Record<string, TagRules & { readonly mayBeEmpty?: true }>>;

export const ANY_TAGS = { atLeastOne: true } as const satisfies TagRules;
export const SERVICE = { atLeastOne: true, needs: 'service' } as const satisfies TagRules;
// An empty selector misses the service already, and is not told that it is empty.
export const ONLY_SERVICE = { needs: 'service', only: 'service' } as const satisfies TagRules;
export const HTTP = { atLeastOne: true, protocols: ['http'] } as const satisfies TagRules;

const NAME = /^[a-zA-Z0-9.\-_:/]*$/;
const VALUE_OR_ANY = /^([a-zA-Z0-9.\-_:/]*|\*)$/;
const VALUE_OF_DATAPLANE = /^[a-zA-Z0-9.\-_:]*$/;
const OF_NAMES = 'tag name must consist of alphanumeric characters, dots, dashes, slashes and underscores';
const OF_VALUES_OR_ANY =
  'tag value must consist of alphanumeric characters, dots, dashes, slashes and underscores or be "*"';
const OF_VALUES = 'tag value must consist of alphanumeric characters, dots, dashes and underscores';

/** What is wrong with the lists of selectors of a resource. */
export const faultsOfSelection = (spec: object, selection: Selection, has: Has): Cause[] =>
  Object.entries(selection).flatMap(([field, rules]) => {
    const selectors: readonly { readonly match?: Tags }[] = (spec as Record<string, never>)[field] ?? [];
    return [
      ...unless(selectors.length > 0 || rules.mayBeEmpty === true, field, 'must have at least one element'),
      ...underEach(field, selectors, ({ match }) => under('match', faultsOfTags(match, rules, has))),
    ];
  });

/** What is wrong with the tags by which a selector chooses. */
export function faultsOfTags(tags: Tags = {}, rules: TagRules, has: Has): Cause[] {
  const keys = keysOf(tags);
  const { atLeastOne, needs, only } = rules;
  return [
    ...unless(!atLeastOne || keys.length > 0, '', 'must have at least one tag'),
    ...unless(!only || (keys.length === 1 && keys[0] === only), '', `must consist of exactly one tag "${only}"`),
    ...faultsOfProtocol(tags, rules),
    ...keys.flatMap((key) => faultsOfTag(key, tags[key] ?? '', rules, has)),
    ...unless(!needs || Object.hasOwn(tags, needs), '', `mandatory tag "${needs}" is missing`),
  ];
}

function faultsOfTag(key: string, value: string, { only }: TagRules, has: Has): Cause[] {
  const charset = has('kuma_charset_of_tags');
  const field = keyOf('', key);
  return [
    ...unless(key !== '', '', charset ? 'tag name must be non-empty' : 'tag key must be non-empty'),
    ...unless(!charset || NAME.test(key), field, OF_NAMES),
    ...unless(!only || key === only, field, `tag ${quoted(key)} is not allowed`),
    ...unless(value !== '', field, 'tag value must be non-empty'),
    ...unless(!charset || VALUE_OR_ANY.test(value), field, OF_VALUES_OR_ANY),
  ];
}

function faultsOfProtocol({ protocol }: Tags, { protocols }: TagRules): Cause[] {
  if (!protocols) return [];
  if (protocol === undefined) return told('', 'protocol must be specified');
  return unless(protocols.includes(protocol), keyOf('', 'protocol'), `must be one of the [${protocols.join(', ')}]`);
}

/** What is wrong with the tags that a dataplane bears. The original tells it in no order; here it is that of the keys. */
export const faultsOfBorneTags = (tags: Tags, has: Has): Cause[] =>
  keysOf(tags).flatMap((key) => {
    const charset = has('kuma_charset_of_tags');
    const field = keyOf('tags', key);
    const value = tags[key] ?? '';
    return [
      ...unless(value !== '', field, 'tag value cannot be empty'),
      ...unless(!charset || NAME.test(key), field, OF_NAMES),
      ...unless(!charset || VALUE_OF_DATAPLANE.test(value), field, OF_VALUES),
    ];
  });

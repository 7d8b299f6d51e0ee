import type { Document, World } from '../contract/collection.ts';
import { labelKeys } from './label-dimensions.ts';
import { labels, type ShownLabel } from './labels.ts';
import { invalidLabel, labelKeyNotSupported, oneOrTheOther } from './problems.ts';

/** A label as other documents quote it. */
export interface LabelQuote {
  readonly href: string;
  readonly value: string;
}

/**
 * What a namespace may do with one label key. No label: `assignment: {}`. One label, chosen in the PCE:
 * `assignment: {href, value}`. One of some: `restriction: [{href, value} …]`. Any: `restriction: []`,
 * which is also what a key without an option gets.
 */
export type LabelOption =
  | { readonly key: string; readonly assignment: LabelQuote | Record<string, never> }
  | { readonly key: string; readonly restriction: readonly LabelQuote[] };

interface Reference {
  readonly href: string;
}

/** An entry of `labels` in a request, in all the forms that a release lets in. */
interface RequestedOption {
  readonly key: string;
  readonly assign?: Reference | Record<string, never>;
  readonly assignment?: Reference | Record<string, never>;
  readonly restriction?: Reference | readonly Reference[];
}

/**
 * The label options that a request asks for, or undefined when it does not speak of labels.
 * `labels` and `assign_labels` each replace all options (the mirroring of one into the other is observed;
 * that `assign_labels` also drops restrictions is inferred).
 * @param org the href of the organisation whose labels may be named
 * @throws Problem 406 for both forms at once, a key twice, a key that is none, a label that is not there,
 *   deleted, of another key or of another organisation
 */
export function requestedOptions(body: Document, org: string, world: World): LabelOption[] | undefined {
  if (body.labels !== undefined && body.assign_labels !== undefined) throw oneOrTheOther('labels', 'assign_labels');
  const options =
    (body.labels as RequestedOption[] | undefined)?.map((option) => readOption(option, org, world)) ??
    (body.assign_labels as Reference[] | undefined)?.map(({ href }) => {
      const { key, ...assignment } = labelAt(href, org, world);
      return { key, assignment };
    });
  const keys = options?.map(({ key }) => key) ?? [];
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) throw invalidLabel(`Label key ${twice} is given more than once`);
  return options;
}

function readOption(option: RequestedOption, org: string, world: World): LabelOption {
  const { key, restriction } = option;
  if (!labelKeys(world, org).includes(key)) throw labelKeyNotSupported();
  if (restriction === undefined) {
    const given = option.assignment ?? option.assign ?? {};
    return { key, assignment: 'href' in given ? quoteOf(given as Reference, key, org, world) : {} };
  }
  const allowed = ([restriction].flat() as Reference[]).map((one) => quoteOf(one, key, org, world));
  if (!Array.isArray(restriction)) {
    // The page's "Set a Location label" writes it so; read to the letter it is a list of one (inferred).
    world.warn(`a restriction for ${key} came without a list; it is read as a list of one label`);
  }
  return { key, restriction: allowed };
}

function quoteOf({ href }: Reference, key: string, org: string, world: World): LabelQuote {
  const label = labelAt(href, org, world);
  if (label.key !== key) throw invalidLabel(`${href} is a label of key ${label.key}, not ${key}`);
  return { href, value: label.value };
}

/** A label that may be named. @throws Problem 406 for one that is not there, deleted or of another organisation */
export function labelAt(href: string, org: string, world: World): LabelQuote & { key: string } {
  const label = href.startsWith(`${org}/labels/`) ? world.table(labels).get(href) : undefined;
  if (!label) throw invalidLabel(`${href} is not a label of this organisation`);
  if (label.deleted) throw invalidLabel(`${href} is deleted`);
  return { href, key: String(label.key), value: String(label.value) };
}

/** Labels that may be named, one for each key. @throws Problem 406 */
export function labelsAt(references: readonly Reference[], org: string, world: World): ShownLabel[] {
  const found = references.map(({ href }) => labelAt(href, org, world));
  const twice = found.find(({ key }, index) => found.findIndex((one) => one.key === key) !== index);
  if (twice) throw invalidLabel(`Label key ${twice.key} is given more than once`);
  return found;
}

/** The fixed labels among the options, as the older `assign_labels` has them. */
export function assignLabels(options: readonly LabelOption[]): Reference[] {
  return options.flatMap((option) =>
    'assignment' in option && 'href' in option.assignment ? [{ href: String(option.assignment.href) }] : [],
  );
}

/** The options once a label that they quote has another value. */
export function requoted(options: readonly LabelOption[], label: LabelQuote): LabelOption[] {
  const renew = (quote: LabelQuote): LabelQuote => (quote.href === label.href ? label : quote);
  return options.map((option) => {
    if ('restriction' in option) return { ...option, restriction: option.restriction.map(renew) };
    return 'href' in option.assignment ? { ...option, assignment: renew(option.assignment as LabelQuote) } : option;
  });
}

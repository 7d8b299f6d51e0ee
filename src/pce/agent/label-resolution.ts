import type { LabelOption, LabelQuote } from '../label-options.ts';
import { LABEL_KEYS } from '../labels.ts';

/** The rules that decide a key or refuse a value; the table at `resolveLabels` has them all. */
export type Rule = 'R1' | 'R2' | 'R3' | 'R4' | 'R5' | 'R6' | 'R7' | 'R8' | 'R9' | 'R10' | 'R11' | 'R12' | 'R14';

/** Each rule in words, for people. */
export const MEANING: Readonly<Record<Rule, string>> = {
  R1: 'its namespace is not managed',
  R2: 'the profile gives this label',
  R3: 'the profile says that this key gets no label',
  R4: "the profile's label wins over an annotation that disagrees",
  R5: 'the annotation names one of the labels that the profile allows',
  R6: 'the annotation names a label, and the profile allows any',
  R7: 'the annotation names a value of which there is no label, and none is made from annotations',
  R8: 'the annotation names a value that the profile does not allow',
  R9: 'the profile allows some labels, and no annotation names one',
  R10: 'the profile allows any label, and no annotation names one',
  R11: 'a label map decides: it wins over profile and annotation, if it has a label or may make one',
  R12: "the pod is in its host's network",
  R14: 'another label map that comes first has a label for this key',
};

/** An entry of a label map as the common schema `label_mappings` has it (documented, API schemas 25.2). */
export interface LabelMapping {
  readonly from_key: string;
  readonly to_key: string;
  readonly allow_create: boolean;
  readonly values_map: readonly { readonly from: string; readonly to: string }[];
}

/** The labels of each key, by value. */
export type LabelIndex = ReadonlyMap<
  string,
  { readonly byValue: Map<string, LabelQuote>; readonly folded: Set<string> }
>;

/** Puts labels where they are found by key and value. */
export function indexLabels(labels: Iterable<LabelQuote & { readonly key: string }>): LabelIndex {
  const index = new Map<string, { byValue: Map<string, LabelQuote>; folded: Set<string> }>();
  for (const { key, href, value } of labels) {
    const of = index.get(key) ?? { byValue: new Map<string, LabelQuote>(), folded: new Set<string>() };
    index.set(key, of);
    // Of two that are equal, which the PCE does not have, the first counts.
    if (!of.byValue.has(value)) of.byValue.set(value, { href, value });
    of.folded.add(folded(value));
  }
  return index;
}

/** As labels compare for being unique: ASCII letters without case. */
export const folded = (value: string) => value.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

export interface ResolutionInput {
  /** Of the namespace's profile. */
  readonly managed: boolean;
  /** Of the pod. */
  readonly hostNetwork?: boolean;
  /** The profile's `labels`, at most one entry per key. */
  readonly options: readonly LabelOption[];
  /** All annotations of the object; only `com.illumio.<key>` matter. */
  readonly annotations: Readonly<Record<string, string>>;
  /** What label maps read: the object's labels in Kubernetes. */
  readonly kubernetesLabels?: Readonly<Record<string, string>>;
  readonly labelMaps?: readonly LabelMapping[];
  /** The organisation's labels without the deleted ones. */
  readonly existing: LabelIndex;
  /** The keys that a label can be made with; those of a fresh PCE when absent. */
  readonly dimensions?: readonly string[];
  /** Whether a value is one that no label may be made with. */
  readonly reserved?: (value: string) => boolean;
}

/** A value that something asked for and that the key did not get. */
export interface Refusal {
  readonly value: string;
  readonly source: 'annotation' | 'label_map';
  readonly rule: Rule;
}

/** What a key gets: an existing label, or one that has to be made (`create` is its value), or neither: none. */
export interface Decision {
  readonly key: string;
  readonly rule: Rule;
  readonly label?: LabelQuote;
  readonly create?: string;
  readonly refused: readonly Refusal[];
}

export interface Resolution {
  /** Whether the PCE shows the object at all; if not, `rule` tells why and there are no decisions. */
  readonly reported: boolean;
  readonly rule?: 'R1' | 'R12';
  /** Sorted by key; one for each key that an option, an annotation or a label map's value is for. */
  readonly decisions: readonly Decision[];
}

type Outcome = Pick<Decision, 'rule' | 'label' | 'create'>;

/** A value that a label map has for a key, and what the key would get by it: undefined when there is no such label. */
interface Offer {
  readonly key: string;
  readonly value: string;
  readonly outcome: Outcome | undefined;
}

const ANNOTATION = 'com.illumio.';

/** As in the schema of labels. */
const LONGEST_VALUE = 255;

/**
 * The labels that a pod, Kubernetes workload or service has in the PCE, key by key, with the rule behind each.
 * For `app` fixed to shop and annotated bank:
 * `{key: 'app', rule: 'R4', label: {href, value: 'shop'}, refused: [{value: 'bank', source: 'annotation', rule: 'R4'}]}`.
 *
 * | rule | in the case of                          | the key gets                   | evidence                            |
 * |------|-----------------------------------------|--------------------------------|-------------------------------------|
 * | R1   | a namespace that is not managed         | – (not reported)               | documented: Core 22.2, 24.2         |
 * | R2   | a fixed label, nothing disagrees        | the fixed label                | documented: Core 24.2               |
 * | R3   | "none"                                  | none, even if annotated        | documented: Core 22.2               |
 * | R4   | a fixed label, an annotation disagrees  | the fixed label                | documented: Containers, annotations |
 * | R5   | an allow-list, annotated with one of it | that label                     | documented: Core 22.2               |
 * | R6   | "any" or no option, annotated           | the label of that value        | documented: Core 22.2, 23.2         |
 * | R7   | the same, but there is no such label    | none; it is not made           | documented: Core 23.2               |
 * | R8   | an allow-list, annotated with another   | none                           | inferred from R5                    |
 * | R9   | an allow-list, not annotated            | none                           | inferred                            |
 * | R10  | "any", not annotated                    | none; no key is obligatory     | documented: Containers, annotations |
 * | R11  | a label map with a value for the key    | its label, whatever R2–R10 say | documented: label maps 25.1         |
 * | R12  | a pod in its host's network             | – (not reported)               | documented: known limitations       |
 * | R13  | values that differ in case, white space | – (they are different)         | inferred                            |
 * | R14  | two label maps with values for the key  | one label, the first map's     | one: documented; first: inferred    |
 *
 * A label map has no value when the object lacks its `from_key`, or has there what a non-empty `values_map` does
 * not list; an empty `values_map` takes the value as it is (both inferred). A value without a label counts only if
 * the map may make labels and the key is a dimension (documented); otherwise it is refused (R11), and the next map
 * or the profile decides.
 */
export function resolveLabels(input: ResolutionInput): Resolution {
  if (!input.managed) return { reported: false, rule: 'R1', decisions: [] };
  if (input.hostNetwork) return { reported: false, rule: 'R12', decisions: [] };
  const options = byKey(input.options);
  const annotations = byKey(annotatedValues(input.annotations));
  const offers = byKey(mappedValues(input));
  const keys = new Set([...options.keys(), ...annotations.keys(), ...offers.keys()]);
  const decisions = [...keys].sort().map((key): Decision => {
    const annotation = annotations.get(key)?.[0]?.value;
    const byProfile = profileOutcome(options.get(key)?.[0], annotation, (value) =>
      input.existing.get(key)?.byValue.get(value),
    );
    return { key, ...decide(offers.get(key) ?? [], annotation, byProfile) };
  });
  return { reported: true, decisions };
}

/** Lets the first usable offer win over the profile, and notes who asked for something else. */
function decide(offers: readonly Offer[], annotation: string | undefined, byProfile: Outcome): Omit<Decision, 'key'> {
  const outcome = offers.find((offer) => offer.outcome)?.outcome ?? byProfile;
  const asked: Refusal[] = offers.map((offer) => ({
    value: offer.value,
    source: 'label_map',
    rule: offer.outcome ? 'R14' : 'R11',
  }));
  if (annotation !== undefined) asked.push({ value: annotation, source: 'annotation', rule: outcome.rule });
  const given = outcome.create ?? outcome.label?.value;
  return { ...outcome, refused: asked.filter(({ value }) => value !== given) };
}

function profileOutcome(
  option: LabelOption | undefined,
  annotation: string | undefined,
  existing: (value: string) => LabelQuote | undefined,
): Outcome {
  if (option && 'assignment' in option) {
    if (!('href' in option.assignment)) return { rule: 'R3' };
    const label = option.assignment as LabelQuote;
    return { rule: annotation === undefined || annotation === label.value ? 'R2' : 'R4', label };
  }
  const restricted = option !== undefined && option.restriction.length > 0;
  if (annotation === undefined) return { rule: restricted ? 'R9' : 'R10' };
  const label = restricted ? labelOf(annotation, option.restriction) : existing(annotation);
  if (!label) return { rule: restricted ? 'R8' : 'R7' };
  return { rule: restricted ? 'R5' : 'R6', label };
}

function mappedValues(input: ResolutionInput): Offer[] {
  const { kubernetesLabels = {}, labelMaps = [], dimensions = LABEL_KEYS, reserved = () => false } = input;
  return labelMaps.flatMap(({ from_key, to_key: key, allow_create, values_map }): Offer[] => {
    const found = Object.hasOwn(kubernetesLabels, from_key) ? kubernetesLabels[from_key] : undefined;
    const value = values_map.length === 0 ? found : values_map.find(({ from }) => from === found)?.to;
    if (value === undefined) return [];
    const label = input.existing.get(key)?.byValue.get(value);
    if (label) return [{ key, value, outcome: { rule: 'R11', label } }];
    const create =
      allow_create && dimensions.includes(key) && !reserved(value) && canBeMade(value, input.existing.get(key)?.folded);
    return [{ key, value, outcome: create ? { rule: 'R11', create: value } : undefined }];
  });
}

/** Labels of one key are unique without regard to case, although their values compare with it (R13; inferred). */
function canBeMade(value: string, taken?: ReadonlySet<string>): boolean {
  return value !== '' && value.length <= LONGEST_VALUE && !taken?.has(folded(value));
}

function annotatedValues(annotations: ResolutionInput['annotations']): { key: string; value: string }[] {
  return Object.entries(annotations)
    .filter(([name]) => name.startsWith(ANNOTATION))
    .map(([name, value]) => ({ key: name.slice(ANNOTATION.length), value }));
}

function labelOf(value: string, labels: readonly LabelQuote[]): LabelQuote | undefined {
  const label = labels.find((one) => one.value === value);
  return label && { href: label.href, value };
}

function byKey<T extends { readonly key: string }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.key);
    if (group) group.push(item);
    else groups.set(item.key, [item]);
  }
  return groups;
}

import fc from 'fast-check';
import {
  type Decision,
  indexLabels,
  type LabelMapping,
  type ResolutionInput,
  type Rule,
  resolveLabels,
} from '../../src/pce/agent/label-resolution.ts';
import type { LabelOption, LabelQuote } from '../../src/pce/label-options.ts';

// Few keys and few values, so that options, annotations, maps and labels meet often. Some are also names that
// every JavaScript object has.
const KEYS = ['app', 'env', '__proto__', 'constructor', ''];
const VALUES = ['a', 'b', 'A', '', '__proto__'];
const NAMES = ['team', 'tier', '__proto__'];
const DIMENSIONS = ['app', '__proto__', ''];

const key = fc.constantFrom(...KEYS);
const value = fc.constantFrom(...VALUES);

type ShownLabel = LabelQuote & { readonly key: string };
/** As it is thought of: with the labels in a list. */
type Input = Omit<Required<ResolutionInput>, 'existing'> & { readonly existing: readonly ShownLabel[] };

const resolve = (one: Input) => resolveLabels({ ...one, existing: indexLabels(one.existing) });

function inputs(anyKey = key, anyValue = value, anyName: fc.Arbitrary<string> = fc.constantFrom(...NAMES)) {
  const label = fc
    .record({ key: anyKey, value: anyValue })
    .map((one) => ({ href: `/orgs/1/labels/live-${JSON.stringify(one)}`, ...one }));
  const quotes = (of: string) =>
    anyValue.map((one): LabelQuote => ({ href: `/orgs/1/labels/quoted-${of}-${one}`, value: one }));
  const option = anyKey.chain(
    (of): fc.Arbitrary<LabelOption> =>
      fc.oneof(
        fc.constant({ key: of, assignment: {} }),
        quotes(of).map((assignment) => ({ key: of, assignment })),
        fc.array(quotes(of), { maxLength: 3 }).map((restriction) => ({ key: of, restriction })),
      ),
  );
  const mapping: fc.Arbitrary<LabelMapping> = fc.record({
    from_key: anyName,
    to_key: anyKey,
    allow_create: fc.boolean(),
    values_map: fc.array(fc.record({ from: anyValue, to: anyValue }), { maxLength: 3 }),
  });
  const annotation = fc.tuple(
    fc.oneof({ arbitrary: anyKey.map((of) => `com.illumio.${of}`), weight: 4 }, { arbitrary: anyKey, weight: 1 }),
    anyValue,
  );
  const unique = { selector: JSON.stringify, maxLength: 12 };
  return fc.record<Input>({
    managed: fc.constant(true),
    hostNetwork: fc.constant(false),
    options: fc.uniqueArray(option, { selector: (one) => one.key }),
    annotations: fc.array(annotation, { maxLength: 8 }).map(Object.fromEntries<string>),
    kubernetesLabels: fc.array(fc.tuple(anyName, anyValue), { maxLength: 4 }).map(Object.fromEntries<string>),
    labelMaps: fc.array(mapping, { maxLength: 4 }),
    existing: fc.uniqueArray(label, unique),
    dimensions: fc.constant(DIMENSIONS),
    reserved: fc.constant(() => false),
  });
}

const input = inputs();
const withoutMaps = input.map((one): Input => ({ ...one, labelMaps: [] }));

const decisionsOf = (one: Input) => resolve(one).decisions;
const annotationOf = (one: Input, of: string) => new Map(Object.entries(one.annotations)).get(`com.illumio.${of}`);
const given = ({ label, create }: Decision) => create ?? label?.value;

function holds<T>(arbitrary: fc.Arbitrary<T>, check: (one: T) => void, numRuns = 1000): void {
  fc.assert(fc.property(arbitrary, check), { numRuns });
}

/**
 * The rules once more, differently: for each key that there can be, what is known of it is put into a word,
 * and a table has the rule for each word.
 */
const RULE_FOR: Record<string, Rule> = {
  'none, bare': 'R3',
  'none, matching': 'R3',
  'none, other': 'R3',
  'fixed, bare': 'R2',
  'fixed, matching': 'R2',
  'fixed, other': 'R4',
  'list, bare': 'R9',
  'list, matching': 'R5',
  'list, other': 'R8',
  'any, bare': 'R10',
  'any, matching': 'R6',
  'any, other': 'R7',
};

function expectedOf(one: Input, of: string): Decision | undefined {
  const option = one.options.filter((candidate) => candidate.key === of)[0];
  const annotation = annotationOf(one, of);
  const live = one.existing.filter((candidate) => candidate.key === of).map(({ href, value }) => ({ href, value }));

  const refused: Decision['refused'][number][] = [];
  let mapped: Pick<Decision, 'label' | 'create'> | undefined;
  let spoken = option !== undefined || annotation !== undefined;
  for (const map of one.labelMaps) {
    const pairs = map.to_key === of ? Object.entries(one.kubernetesLabels) : [];
    for (const [name, found] of pairs) {
      if (name !== map.from_key) continue;
      const to =
        map.values_map.length === 0 ? [found] : map.values_map.flatMap((v) => (v.from === found ? [v.to] : []));
      if (to[0] === undefined) continue;
      spoken = true;
      const sameButForCase = live.filter((candidate) => candidate.value.toUpperCase() === to[0]?.toUpperCase());
      const same = sameButForCase.filter((candidate) => candidate.value === to[0]);
      const makes = map.allow_create && DIMENSIONS.includes(of) && sameButForCase.length === 0 && to[0] !== '';
      const usable = same.length > 0 || makes;
      refused.push({ value: to[0], source: 'label_map', rule: usable ? 'R14' : 'R11' });
      if (usable && !mapped) mapped = same[0] ? { label: same[0] } : { create: to[0] };
    }
  }
  if (!spoken) return undefined;

  let kind = 'any';
  let candidates = live;
  if (option && 'assignment' in option) {
    kind = Object.keys(option.assignment).length === 0 ? 'none' : 'fixed';
    candidates = kind === 'fixed' ? [option.assignment as LabelQuote] : [];
  } else if (option && option.restriction.length > 0) {
    kind = 'list';
    candidates = [...option.restriction];
  }
  const matching = candidates.filter((candidate) => candidate.value === annotation);
  const rule = RULE_FOR[`${kind}, ${annotation === undefined ? 'bare' : matching.length > 0 ? 'matching' : 'other'}`];
  const label = kind === 'fixed' ? candidates[0] : matching[0];
  const outcome = mapped ? { rule: 'R11' as Rule, ...mapped } : { rule: rule as Rule, ...(label && { label }) };
  if (annotation !== undefined) refused.push({ value: annotation, source: 'annotation', rule: outcome.rule });
  const got = given({ key: of, refused, ...outcome });
  return { key: of, ...outcome, refused: refused.filter((refusal) => refusal.value !== got) };
}

describe('resolving labels', () => {
  it('agrees with the rules written down differently', () => {
    holds(
      input,
      (one) => {
        const expected = [...KEYS].sort().flatMap((of) => expectedOf(one, of) ?? []);
        expect(decisionsOf(one)).toEqual(expected);
      },
      3000,
    );
  });

  it('is tried here with inputs for every rule', () => {
    const seen = new Set<Rule>();
    for (const one of fc.sample(input, 2000)) {
      for (const { rule, refused } of decisionsOf(one))
        for (const by of [rule, ...refused.map((r) => r.rule)]) seen.add(by);
    }
    expect([...seen].sort()).toEqual(['R10', 'R11', 'R14', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8', 'R9']);
  });

  it('reports nothing of an unmanaged namespace or of a pod on the network of its host', () => {
    holds(input, (one) => {
      expect(resolve({ ...one, managed: false })).toEqual({ reported: false, rule: 'R1', decisions: [] });
      expect(resolve({ ...one, hostNetwork: true })).toEqual({ reported: false, rule: 'R12', decisions: [] });
    });
  });

  it('decides a key once, in the order of keys, with at most one label', () => {
    holds(input, (one) => {
      const decisions = decisionsOf(one);
      const keys = decisions.map((decision) => decision.key);
      expect(keys).toEqual([...new Set(keys)].sort());
      for (const { label, create } of decisions) expect([label, create]).toContain(undefined);
    });
  });

  it('does not depend on the order of annotations, options, labels', () => {
    const shuffled = input.chain((one) => {
      const shuffle = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length });
      const parts = fc.record({
        annotations: shuffle(Object.entries(one.annotations)).map(Object.fromEntries<string>),
        kubernetesLabels: shuffle(Object.entries(one.kubernetesLabels)).map(Object.fromEntries<string>),
        options: shuffle(one.options),
        existing: shuffle(one.existing),
      });
      return fc.tuple(fc.constant(one), parts);
    });
    holds(shuffled, ([one, parts]) => {
      expect(resolve({ ...one, ...parts })).toEqual(resolve(one));
    });
  });

  it('decides each key by itself', () => {
    holds(fc.tuple(input, key), ([one, of]) => {
      const alone = decisionsOf({
        ...one,
        options: one.options.filter((option) => option.key === of),
        annotations: Object.fromEntries(
          Object.entries(one.annotations).filter(([name]) => name === `com.illumio.${of}`),
        ),
        labelMaps: one.labelMaps.filter((map) => map.to_key === of),
        existing: one.existing.filter((label) => label.key === of),
      });
      expect(alone).toEqual(decisionsOf(one).filter((decision) => decision.key === of));
    });
  });

  it('hands out only labels that exist or that the profile quotes, and makes only what a map may make', () => {
    holds(input, (one) => {
      for (const { key: of, label, create } of decisionsOf(one)) {
        const quoted = one.options.flatMap((option): unknown[] => {
          if (option.key !== of) return [];
          return 'restriction' in option ? [...option.restriction] : [option.assignment];
        });
        const live = one.existing.flatMap(({ key: other, ...rest }) => (other === of ? [rest] : []));
        if (label) expect([...live, ...quoted]).toContainEqual(label);
        if (create === undefined) continue;
        expect(live.map((other) => other.value)).not.toContain(create);
        expect(one.labelMaps.filter((map) => map.to_key === of && map.allow_create)).not.toEqual([]);
        expect(DIMENSIONS).toContain(of);
      }
    });
  });

  it('makes nothing twice: once the labels are made, the same values are found', () => {
    holds(input, (one) => {
      const decisions = decisionsOf(one);
      const made = decisions.flatMap(({ key: of, create }) =>
        create === undefined ? [] : [{ href: `/orgs/1/labels/made-${of}`, key: of, value: create }],
      );
      const again = decisionsOf({ ...one, existing: [...one.existing, ...made] });
      expect(again.every(({ create }) => create === undefined)).toBe(true);
      const got = (all: readonly Decision[]) => all.map((decision) => [decision.key, given(decision)]);
      const keysOfMade = made.map((label) => label.key);
      const ofMade = ([of]: (string | undefined)[]) => keysOfMade.includes(String(of));
      expect(got(again).filter(ofMade)).toEqual(got(decisions).filter(ofMade));
    });
  });

  it('accounts for every annotation: its value is given or refused, never both', () => {
    holds(input, (one) => {
      const decisions = decisionsOf(one);
      for (const decision of decisions) {
        expect(decision.refused.map((refusal) => refusal.value)).not.toContain(given(decision));
      }
      for (const of of KEYS) {
        const annotation = annotationOf(one, of);
        if (annotation === undefined) continue;
        const decision = decisions.find((candidate) => candidate.key === of) as Decision;
        const byAnnotation = decision.refused.filter(({ source }) => source === 'annotation');
        if (given(decision) === annotation) expect(byAnnotation).toEqual([]);
        else expect(byAnnotation).toEqual([{ value: annotation, source: 'annotation', rule: decision.rule }]);
      }
    });
  });

  it('takes no notice of annotations that are not com.illumio.*', () => {
    const foreign = fc
      .tuple(fc.oneof(fc.string(), key, fc.constantFrom('com.illumio', 'meta.illumio.app', 'Com.illumio.app')), value)
      .filter(([name]) => !name.startsWith('com.illumio.'));
    holds(fc.tuple(input, fc.array(foreign, { maxLength: 5 })), ([one, more]) => {
      const annotations = Object.fromEntries([...Object.entries(one.annotations), ...more]);
      expect(resolve({ ...one, annotations })).toEqual(resolve(one));
    });
  });

  it('takes no notice of labels of keys that nothing speaks of', () => {
    holds(input, (one) => {
      const spokenOf = decisionsOf(one).map((decision) => decision.key);
      const existing = one.existing.filter((label) => spokenOf.includes(label.key));
      expect(resolve({ ...one, existing })).toEqual(resolve(one));
    });
  });

  it('never throws, whatever the strings', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'length', '', '\0', '\ud800'),
    );
    holds(inputs(hostile, hostile, hostile), (one) => {
      const keys = decisionsOf(one).map((decision) => decision.key);
      expect(keys).toEqual([...new Set(keys)].sort());
    });
  });
});

describe('without a label map', () => {
  const decidedByOption = (one: Input) =>
    one.options.map((option) => {
      const decision = decisionsOf(one).find((candidate) => candidate.key === option.key) as Decision;
      return { option, decision };
    });

  it('a fixed label always wins, and none stays none', () => {
    holds(withoutMaps, (one) => {
      for (const { option, decision } of decidedByOption(one)) {
        if (!('assignment' in option)) continue;
        expect(decision.label ?? {}).toEqual(option.assignment);
        expect(decision.create).toBeUndefined();
      }
    });
  });

  it('an allow-list never yields a label outside the list', () => {
    holds(withoutMaps, (one) => {
      for (const { option, decision } of decidedByOption(one)) {
        if (!('restriction' in option) || option.restriction.length === 0 || !decision.label) continue;
        expect(option.restriction).toContainEqual(decision.label);
        expect(decision.label.value).toBe(annotationOf(one, option.key));
      }
    });
  });

  it('nothing is made, and what is not fixed is what the annotation says', () => {
    holds(withoutMaps, (one) => {
      for (const decision of decisionsOf(one)) {
        expect(decision.create).toBeUndefined();
        const fixed = decision.rule === 'R2' || decision.rule === 'R4';
        if (decision.label && !fixed) expect(decision.label.value).toBe(annotationOf(one, decision.key));
      }
    });
  });

  it('taking away an option lets an annotation through that names a label, and touches no other key', () => {
    holds(fc.tuple(withoutMaps, key), ([one, of]) => {
      const options = one.options.filter((option) => option.key !== of);
      const loosened = decisionsOf({ ...one, options });
      const annotation = annotationOf(one, of);
      const label = one.existing.find((candidate) => candidate.key === of && candidate.value === annotation);
      expect(loosened.find((decision) => decision.key === of)?.label?.href).toBe(label?.href);
      const others = (decisions: readonly Decision[]) => decisions.filter((decision) => decision.key !== of);
      expect(others(loosened)).toEqual(others(decisionsOf(one)));
    });
  });

  it('an option "any" is the same as no option, but for a key that nothing else speaks of', () => {
    holds(withoutMaps, (one) => {
      const options = one.options.filter((option) => !('restriction' in option) || option.restriction.length > 0);
      const silent = (decision: Decision) => decision.rule === 'R10';
      expect(decisionsOf({ ...one, options })).toEqual(decisionsOf(one).filter((decision) => !silent(decision)));
    });
  });
});

describe('a label map', () => {
  it('changes only keys that it maps to', () => {
    holds(input, (one) => {
      const mapped = one.labelMaps.map((map) => map.to_key);
      const others = (decisions: readonly Decision[]) => decisions.filter((decision) => !mapped.includes(decision.key));
      expect(others(decisionsOf(one))).toEqual(others(decisionsOf({ ...one, labelMaps: [] })));
    });
  });

  it('changes nothing for an object without Kubernetes labels', () => {
    holds(input, (one) => {
      expect(decisionsOf({ ...one, kubernetesLabels: {} })).toEqual(decisionsOf({ ...one, labelMaps: [] }));
    });
  });

  it('gives what it gives whatever the profile and the annotations say', () => {
    holds(input, (one) => {
      const byMap = (decisions: readonly Decision[]) =>
        decisions.flatMap(({ refused: _refused, ...rest }) => (rest.rule === 'R11' ? [rest] : []));
      expect(byMap(decisionsOf(one))).toEqual(byMap(decisionsOf({ ...one, options: [], annotations: {} })));
    });
  });

  it('after the others never takes a label away from them', () => {
    const oneMore = input.filter((one) => one.labelMaps.length > 0);
    holds(oneMore, (one) => {
      const before = decisionsOf({ ...one, labelMaps: one.labelMaps.slice(0, -1) });
      const after = decisionsOf(one);
      for (const decision of before.filter(({ rule }) => rule === 'R11')) {
        const { refused: _refused, ...rest } = decision;
        expect(after.find((candidate) => candidate.key === decision.key)).toMatchObject(rest);
      }
    });
  });
});

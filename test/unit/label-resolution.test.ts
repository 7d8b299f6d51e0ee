import {
  type Decision,
  indexLabels,
  type LabelMapping,
  type ResolutionInput,
  resolveLabels,
} from '../../src/pce/agent/label-resolution.ts';
import type { LabelOption } from '../../src/pce/label-options.ts';

const label = (id: number, key: string, value: string) => ({ href: `/orgs/1/labels/${id}`, key, value });
const quote = (id: number, value: string) => ({ href: `/orgs/1/labels/${id}`, value });

const EXISTING = [
  label(1, 'app', 'shop'),
  label(2, 'app', 'bank'),
  label(3, 'app', 'mail'),
  label(4, 'env', 'prod'),
  label(5, 'env', 'shop'),
];
const SHOP = quote(1, 'shop');
const BANK = quote(2, 'bank');
const MAIL = quote(3, 'mail');

const NONE: LabelOption = { key: 'app', assignment: {} };
const FIXED: LabelOption = { key: 'app', assignment: SHOP };
const ALLOW_LIST: LabelOption = { key: 'app', restriction: [SHOP, BANK] };
const ANY: LabelOption = { key: 'app', restriction: [] };

const MAP: LabelMapping = { from_key: 'team', to_key: 'app', allow_create: false, values_map: [] };
const MAKING_MAP: LabelMapping = { ...MAP, allow_create: true };

type Input = Partial<Omit<ResolutionInput, 'existing'>> & { readonly existing?: typeof EXISTING };

const resolve = ({ existing = EXISTING, ...input }: Input) =>
  resolveLabels({ managed: true, options: [], annotations: {}, existing: indexLabels(existing), ...input });

/** The one decision of an input that speaks of one key. */
function decision(input: Input): Decision {
  const { decisions } = resolve(input);
  expect(decisions).toHaveLength(1);
  return decisions[0] as Decision;
}

const app = (value: string) => ({ 'com.illumio.app': value });
const refusedAnnotation = (value: string, rule: string) => [{ value, source: 'annotation', rule }];

describe('an object that the PCE does not show', () => {
  const all = { options: [FIXED], annotations: app('bank'), labelMaps: [MAP], kubernetesLabels: { team: 'mail' } };

  it('is one in a namespace that is not managed (R1)', () => {
    expect(resolve({ ...all, managed: false })).toEqual({ reported: false, rule: 'R1', decisions: [] });
  });

  it("is a pod in its host's network (R12)", () => {
    expect(resolve({ ...all, hostNetwork: true })).toEqual({ reported: false, rule: 'R12', decisions: [] });
  });

  it('is not shown for its namespace first, when both hold', () => {
    expect(resolve({ managed: false, hostNetwork: true }).rule).toBe('R1');
  });
});

describe('an object that the PCE shows', () => {
  it('has no decisions when nothing speaks of a key (R10)', () => {
    expect(resolve({ hostNetwork: false })).toEqual({ reported: true, decisions: [] });
  });

  it('has its decisions sorted by key, whatever spoke of the key', () => {
    const { decisions } = resolve({
      options: [{ key: 'role', restriction: [] }],
      annotations: { 'com.illumio.loc': 'x', 'com.illumio.app': 'shop' },
      labelMaps: [{ ...MAP, to_key: 'env' }],
      kubernetesLabels: { team: 'prod' },
    });
    expect(decisions.map(({ key, rule }) => [key, rule])).toEqual([
      ['app', 'R6'],
      ['env', 'R11'],
      ['loc', 'R7'],
      ['role', 'R10'],
    ]);
  });
});

describe('a fixed label', () => {
  it('is given without an annotation (R2)', () => {
    expect(decision({ options: [FIXED] })).toEqual({ key: 'app', rule: 'R2', label: SHOP, refused: [] });
  });

  it('is given when the annotation agrees (R2)', () => {
    expect(decision({ options: [FIXED], annotations: app('shop') })).toMatchObject({ rule: 'R2', refused: [] });
  });

  it('wins over an annotation that disagrees (R4)', () => {
    const refused = refusedAnnotation('bank', 'R4');
    expect(decision({ options: [FIXED], annotations: app('bank') })).toEqual({
      key: 'app',
      rule: 'R4',
      label: SHOP,
      refused,
    });
  });

  it('does not depend on the labels passed beside it', () => {
    expect(decision({ options: [FIXED], existing: [] }).label).toEqual(SHOP);
  });
});

describe('the option "none"', () => {
  it('gives no label (R3)', () => {
    expect(decision({ options: [NONE] })).toEqual({ key: 'app', rule: 'R3', refused: [] });
  });

  it('gives no label to an annotated object either (R3)', () => {
    const refused = refusedAnnotation('shop', 'R3');
    expect(decision({ options: [NONE], annotations: app('shop') })).toEqual({ key: 'app', rule: 'R3', refused });
  });

  it('holds for its own key only', () => {
    const { decisions } = resolve({ options: [NONE], annotations: { 'com.illumio.env': 'prod' } });
    expect(decisions[1]).toEqual({ key: 'env', rule: 'R6', label: quote(4, 'prod'), refused: [] });
  });
});

describe('an allow-list', () => {
  it('lets in an annotation with one of its values (R5)', () => {
    expect(decision({ options: [ALLOW_LIST], annotations: app('bank') })).toEqual({
      key: 'app',
      rule: 'R5',
      label: BANK,
      refused: [],
    });
  });

  it('refuses a label that exists but is not on it (R8)', () => {
    const refused = refusedAnnotation('mail', 'R8');
    expect(decision({ options: [ALLOW_LIST], annotations: app('mail') })).toEqual({ key: 'app', rule: 'R8', refused });
  });

  it('gives nothing without an annotation, not even the only label on it (R9)', () => {
    const only: LabelOption = { key: 'app', restriction: [SHOP] };
    expect(decision({ options: [only] })).toEqual({ key: 'app', rule: 'R9', refused: [] });
  });
});

describe.each([
  ['the option "any"', [ANY]],
  ['a key without an option', []],
])('%s', (_name, options) => {
  it('takes an annotation with the value of a label (R6)', () => {
    expect(decision({ options, annotations: app('mail') })).toEqual({
      key: 'app',
      rule: 'R6',
      label: MAIL,
      refused: [],
    });
  });

  it('ignores an annotation without a label, and does not make one (R7)', () => {
    const refused = refusedAnnotation('game', 'R7');
    expect(decision({ options, annotations: app('game') })).toEqual({ key: 'app', rule: 'R7', refused });
  });

  it('does not take a label of another key (R7)', () => {
    expect(decision({ options, annotations: app('prod') })).not.toHaveProperty('label');
  });
});

it('the option "any" gives nothing without an annotation (R10)', () => {
  expect(decision({ options: [ANY] })).toEqual({ key: 'app', rule: 'R10', refused: [] });
});

describe('annotations', () => {
  it.each([
    'app',
    'illumio.app',
    'com.illumioXapp',
    'com.illumio',
    'meta.illumio.app',
    'x.com.illumio.app',
    'COM.ILLUMIO.app',
  ])('named %s speak of no key', (name) => {
    expect(resolve({ annotations: { [name]: 'shop' } }).decisions).toEqual([]);
  });

  it.each(['Shop', ' shop', 'shop ', 'shop\n', ''])('with the value %j are not the label shop (R13)', (value) => {
    expect(decision({ annotations: app(value) })).toMatchObject({ rule: 'R7', refused: [{ value }] });
    expect(decision({ annotations: app(value), options: [ALLOW_LIST] })).toMatchObject({ rule: 'R8' });
    expect(decision({ annotations: app(value), options: [FIXED] })).toMatchObject({ rule: 'R4', label: SHOP });
  });

  it('have keys that compare with case as well (R13)', () => {
    expect(decision({ annotations: { 'com.illumio.App': 'shop' } })).toMatchObject({ key: 'App', rule: 'R7' });
  });

  it('get the label of their own key when another key has the same value', () => {
    expect(decision({ annotations: { 'com.illumio.env': 'shop' } }).label).toEqual(quote(5, 'shop'));
  });

  it('reach keys beyond the first four when such labels exist', () => {
    const existing = [label(9, 'os', 'linux')];
    expect(decision({ annotations: { 'com.illumio.os': 'linux' }, existing })).toMatchObject({ rule: 'R6' });
  });
});

describe('a label map', () => {
  const mapped = { labelMaps: [MAP], kubernetesLabels: { team: 'mail' } };

  it('gives the label of the value that it reads (R11)', () => {
    expect(decision(mapped)).toEqual({ key: 'app', rule: 'R11', label: MAIL, refused: [] });
  });

  it.each([
    ['none', NONE],
    ['a fixed label', FIXED],
    ['an allow-list', ALLOW_LIST],
    ['any', ANY],
  ])('wins over %s, and over the annotation (R11)', (_name, option) => {
    const refused = refusedAnnotation('bank', 'R11');
    const input = { ...mapped, options: [option], annotations: app('bank') };
    expect(decision(input)).toEqual({ key: 'app', rule: 'R11', label: MAIL, refused });
  });

  it('refuses nothing of an annotation that agrees with it', () => {
    expect(decision({ ...mapped, options: [NONE], annotations: app('mail') }).refused).toEqual([]);
  });

  it('says nothing of an object without the label that it reads', () => {
    expect(resolve({ ...mapped, kubernetesLabels: { other: 'mail' } }).decisions).toEqual([]);
    expect(resolve({ labelMaps: [MAP] }).decisions).toEqual([]);
  });

  it('translates a value that it lists', () => {
    const values_map = [
      { from: 'm', to: 'mail' },
      { from: 'b', to: 'bank' },
      { from: 'b', to: 'shop' },
    ];
    const labelMaps = [{ ...MAP, values_map }];
    expect(decision({ labelMaps, kubernetesLabels: { team: 'b' } })).toMatchObject({ rule: 'R11', label: BANK });
  });

  it('says nothing of a value that it does not list', () => {
    const labelMaps = [{ ...MAKING_MAP, values_map: [{ from: 'm', to: 'mail' }] }];
    expect(resolve({ labelMaps, kubernetesLabels: { team: 'mail' } }).decisions).toEqual([]);
    expect(decision({ labelMaps, kubernetesLabels: { team: 'mail' }, options: [FIXED] }).rule).toBe('R2');
  });

  it('leaves the key to the profile when the label is not there and it may not make one', () => {
    const input = { labelMaps: [MAP], kubernetesLabels: { team: 'game' } };
    const refused = [{ value: 'game', source: 'label_map', rule: 'R11' }];
    expect(decision(input)).toEqual({ key: 'app', rule: 'R10', refused });
    expect(decision({ ...input, options: [FIXED] })).toEqual({ key: 'app', rule: 'R2', label: SHOP, refused });
    expect(decision({ ...input, annotations: app('bank') })).toEqual({ key: 'app', rule: 'R6', label: BANK, refused });
    expect(decision({ ...input, options: [NONE], annotations: app('bank') }).refused).toEqual([
      ...refused,
      ...refusedAnnotation('bank', 'R3'),
    ]);
  });

  it('asks for a label to be made when it may (R11)', () => {
    const input = { labelMaps: [MAKING_MAP], kubernetesLabels: { team: 'game' }, options: [FIXED] };
    expect(decision(input)).toEqual({ key: 'app', rule: 'R11', create: 'game', refused: [] });
  });

  it('does not make a label that is there', () => {
    const input = { labelMaps: [MAKING_MAP], kubernetesLabels: { team: 'mail' } };
    expect(decision(input)).toEqual({ key: 'app', rule: 'R11', label: MAIL, refused: [] });
  });

  it.each([
    ['without a value', ''],
    ['that differs from another by case alone', 'Shop'],
    ['with too long a value', 'x'.repeat(256)],
  ])('does not make a label %s', (_name, value) => {
    const input = { labelMaps: [MAKING_MAP], kubernetesLabels: { team: value } };
    const refused = [{ value, source: 'label_map', rule: 'R11' }];
    expect(decision(input)).toEqual({ key: 'app', rule: 'R10', refused });
  });

  it('makes a label with the longest value that the PCE takes', () => {
    const value = 'x'.repeat(255);
    expect(decision({ labelMaps: [MAKING_MAP], kubernetesLabels: { team: value } }).create).toBe(value);
  });

  it('translates an empty value, as node roles in Kubernetes have it', () => {
    const labelMaps = [{ ...MAP, from_key: 'node-role.kubernetes.io/worker', values_map: [{ from: '', to: 'mail' }] }];
    const kubernetesLabels = { 'node-role.kubernetes.io/worker': '' };
    expect(decision({ labelMaps, kubernetesLabels })).toMatchObject({ rule: 'R11', label: MAIL });
  });

  it('makes labels only for keys that the PCE has', () => {
    const input = { labelMaps: [{ ...MAKING_MAP, to_key: 'os' }], kubernetesLabels: { team: 'linux' } };
    expect(decision(input)).toMatchObject({ key: 'os', rule: 'R10', refused: [{ rule: 'R11' }] });
    expect(decision({ ...input, dimensions: ['os'] })).toMatchObject({ key: 'os', rule: 'R11', create: 'linux' });
  });
});

describe('of two label maps for one key', () => {
  const kubernetesLabels = { team: 'mail', owner: 'bank', other: 'game' };
  const second: LabelMapping = { ...MAP, from_key: 'owner' };
  const unusable: LabelMapping = { ...MAP, from_key: 'other' };

  it('the first wins (R14)', () => {
    const labels = (labelMaps: LabelMapping[]) => decision({ labelMaps, kubernetesLabels });
    const refused = (value: string) => [{ value, source: 'label_map', rule: 'R14' }];
    expect(labels([MAP, second])).toEqual({ key: 'app', rule: 'R11', label: MAIL, refused: refused('bank') });
    expect(labels([second, MAP])).toEqual({ key: 'app', rule: 'R11', label: BANK, refused: refused('mail') });
  });

  it('the second wins when the first has no usable value (R11)', () => {
    const refused = [{ value: 'game', source: 'label_map', rule: 'R11' }];
    expect(decision({ labelMaps: [unusable, second], kubernetesLabels })).toMatchObject({ label: BANK, refused });
    expect(decision({ labelMaps: [second, unusable], kubernetesLabels })).toMatchObject({ label: BANK, refused });
  });

  it('neither is refused when they agree, even if only one may make the label', () => {
    const making = { ...unusable, allow_create: true };
    for (const labelMaps of [
      [unusable, making],
      [making, unusable],
    ]) {
      expect(decision({ labelMaps, kubernetesLabels })).toMatchObject({ create: 'game', refused: [] });
    }
  });
});

describe('names that JavaScript objects have already', () => {
  const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''];

  it.each(NAMES)('%j is an annotated key like any other', (key) => {
    const annotations = JSON.parse(`{${JSON.stringify(`com.illumio.${key}`)}: "x"}`);
    expect(decision({ annotations })).toEqual({ key, rule: 'R7', refused: refusedAnnotation('x', 'R7') });
    expect(decision({ annotations, existing: [label(9, key, 'x')] }).label).toEqual(quote(9, 'x'));
  });

  it.each(NAMES)('%j is a label of a Kubernetes object only if it has it', (name) => {
    const labelMaps = [{ ...MAP, from_key: name }];
    expect(resolve({ labelMaps, kubernetesLabels: {} }).decisions).toEqual([]);
    const kubernetesLabels = JSON.parse(`{${JSON.stringify(name)}: "mail"}`);
    expect(decision({ labelMaps, kubernetesLabels }).label).toEqual(MAIL);
  });
});

it('leaves its input as it was', () => {
  const freeze = <T extends object>(value: T): T => {
    for (const part of Object.values(value)) if (typeof part === 'object') freeze(part as object);
    return Object.freeze(value);
  };
  const input = freeze({
    options: [{ ...ALLOW_LIST }],
    annotations: app('bank'),
    labelMaps: [{ ...MAKING_MAP }],
    kubernetesLabels: { team: 'game' },
    existing: EXISTING.map((one) => ({ ...one })),
  });
  expect(decision(input).create).toBe('game');
});

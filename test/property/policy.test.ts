import fc from 'fast-check';
import { type Answer, type Client, type Json, useEmulator } from '../support/emulator.ts';

/**
 * Policy under random stories: whatever users make, change, delete, provision and put back, what is in force is whole,
 * drafts say how they differ from it, and a refused request changes nothing.
 */

const KINDS = [
  'services',
  'ip_lists',
  'label_groups',
  'virtual_services',
  'rule_sets',
  'enforcement_boundaries',
] as const;
type Kind = (typeof KINDS)[number];

const POLICY = '/orgs/1/sec_policy';
const drafts = (kind: Kind) => `${POLICY}/draft/${kind}`;

/** What a story may do. Numbers pick something of what there is then. */
type Step =
  | { readonly does: 'make'; readonly kind: Kind; readonly name: string; readonly picks: readonly number[] }
  | {
      readonly does: 'change';
      readonly kind: Kind;
      readonly at: number;
      readonly name: string;
      readonly picks: readonly number[];
    }
  | { readonly does: 'delete'; readonly kind: Kind; readonly at: number }
  | { readonly does: 'rename'; readonly kind: Kind; readonly at: number; readonly name: string }
  | {
      readonly does: 'make rule' | 'change rule' | 'delete rule';
      readonly at: number;
      readonly picks: readonly number[];
    }
  | { readonly does: 'provision' | 'revert'; readonly share: number };

const kind = fc.constantFrom(...KINDS);
const name = fc.constantFrom('first', 'b', 'c');
const at = fc.nat({ max: 3 });
const picks = fc.array(fc.nat({ max: 3 }), { minLength: 3, maxLength: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('make' as const), kind, name, picks }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('change' as const), kind, at, name, picks }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('delete' as const), kind, at }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom('make rule' as const, 'change rule' as const, 'delete rule' as const),
      at,
      picks,
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('provision' as const), share: fc.nat({ max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('revert' as const), share: fc.nat({ max: 9 }) }) },
);

/** Stories of names, and of groups in groups: things of one kind take names from each other, come into force and go back. */
const namesakes: fc.Arbitrary<Step[]> = fc.constantFrom('ip_lists', 'label_groups', 'rule_sets').chain((of: Kind) => {
  const kind = fc.constant(of);
  const share = fc.nat({ max: 4 });
  const one = fc.oneof(
    { weight: 2, arbitrary: fc.record({ does: fc.constant('make' as const), kind, name, picks }) },
    { weight: 5, arbitrary: fc.record({ does: fc.constant('rename' as const), kind, at, name }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('change' as const), kind, at, name, picks }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('delete' as const), kind, at }) },
    { weight: 4, arbitrary: fc.record({ does: fc.constant('provision' as const), share }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('revert' as const), share }) },
  );
  return fc.array(one, { minLength: 10, maxLength: 18 });
});

interface Sight {
  /** Every document of policy by href, rules among them. */
  readonly all: ReadonlyMap<string, Json>;
  readonly pending: Json;
}

async function look(pce: Client): Promise<Sight> {
  const all = new Map<string, Json>();
  for (const version of ['draft', 'active']) {
    for (const one of KINDS) {
      for (const document of (await pce.get(`${POLICY}/${version}/${one}`)).body) {
        all.set(document.href, document);
        for (const rule of document.rules ?? []) all.set(rule.href, rule);
      }
    }
  }
  return { all, pending: (await pce.get(`${POLICY}/pending`)).body };
}

const isDraft = (href: string) => href.includes('/sec_policy/draft/');
const ofKind = ({ all }: Sight, wanted: Kind): Json[] =>
  [...all.values()].filter(({ href }) => isDraft(href) && href.split('/').at(-2) === wanted);
const rulesOf = ({ all }: Sight): Json[] =>
  [...all.values()].filter(({ href }) => isDraft(href) && href.includes('/sec_rules/'));

/** One of some, or nothing to pick from. */
const pick = <T>(from: readonly T[], number = 0): T | undefined => from[number % Math.max(from.length, 1)];
const referenceTo = (document: Json) => ({ href: document.href });

interface Ground {
  readonly pce: Client;
  readonly labels: readonly string[];
}

function actor(seen: Sight, labels: readonly string[], number = 0): Json {
  const ways = [
    { label: { href: pick(labels, number) } },
    ...[pick(ofKind(seen, 'ip_lists'), number)].flatMap((one) => (one ? [{ ip_list: referenceTo(one) }] : [])),
    ...[pick(ofKind(seen, 'label_groups'), number)].flatMap((one) => (one ? [{ label_group: referenceTo(one) }] : [])),
  ];
  return pick(ways, number);
}

function rule(seen: Sight, { labels }: Ground, [first, second, third]: readonly number[]): Json {
  return {
    enabled: true,
    providers: [actor(seen, labels, first)],
    consumers: [actor(seen, labels, second)],
    ingress_services: [referenceTo(pick(ofKind(seen, 'services'), third))],
    resolve_labels_as: { providers: ['workloads'], consumers: ['workloads'] },
  };
}

/** A body for a document of a kind, that names others of those there are. */
function body(of: Kind, called: string, seen: Sight, ground: Ground, chosen: readonly number[]): Json {
  const [first = 0, second = 0, third = 0] = chosen;
  const label = { href: pick(ground.labels, first) };
  const group = pick(ofKind(seen, 'label_groups'), second);
  switch (of) {
    case 'services':
      return { name: called, service_ports: [{ port: 1000 + first, proto: 6 }] };
    case 'ip_lists':
      return { name: called, ip_ranges: [{ from_ip: `10.${first}.0.0/16` }] };
    case 'label_groups':
      return { name: called, key: 'env', labels: [label], sub_groups: group ? [referenceTo(group)] : [] };
    case 'virtual_services':
      return { name: called, service: referenceTo(pick(ofKind(seen, 'services'), second)), labels: [label] };
    case 'rule_sets':
      return { name: called, scopes: [[{ label }], ...(group ? [[{ label_group: referenceTo(group) }]] : [])] };
    case 'enforcement_boundaries': {
      const { providers, consumers, ingress_services } = rule(seen, ground, [first, second, third]);
      return { name: called, providers, consumers, ingress_services };
    }
  }
}

/** All of what is pending for 0, else one of it. */
function subset({ pending }: Sight, share: number): Json | undefined {
  if (share === 0) return undefined;
  const all = Object.entries(pending as Record<string, Json[]>).flatMap(([of, some]) =>
    some.map((one): [string, Json[]] => [of, [referenceTo(one)]]),
  );
  const chosen = pick(all, share);
  return Object.fromEntries(chosen ? [chosen] : []);
}

async function take(story: Step, ground: Ground, seen: Sight): Promise<Answer | undefined> {
  const { pce } = ground;
  switch (story.does) {
    case 'make':
      return pce.post(drafts(story.kind), body(story.kind, story.name, seen, ground, story.picks));
    case 'change': {
      const one = pick(ofKind(seen, story.kind), story.at);
      const { key: _fixed, ...changes } = body(story.kind, story.name, seen, ground, story.picks);
      return one && pce.put(one.href, changes);
    }
    case 'delete': {
      const one = pick(ofKind(seen, story.kind), story.at);
      return one && pce.delete(one.href);
    }
    case 'rename': {
      const one = pick(ofKind(seen, story.kind), story.at);
      return one && pce.put(one.href, { name: story.name });
    }
    case 'make rule': {
      const set = pick(ofKind(seen, 'rule_sets'), story.at);
      return set && pce.post(`${set.href}/sec_rules`, rule(seen, ground, story.picks));
    }
    case 'change rule': {
      const one = pick(rulesOf(seen), story.at);
      return one && pce.put(one.href, rule(seen, ground, story.picks));
    }
    case 'delete rule': {
      const one = pick(rulesOf(seen), story.at);
      return one && pce.delete(one.href);
    }
    case 'provision': {
      const change_subset = subset(seen, story.share);
      return pce.post(POLICY, change_subset ? { change_subset } : {});
    }
    case 'revert': {
      const change_subset = subset(seen, story.share);
      return change_subset ? pce.put(`${POLICY}/delete`, { change_subset }) : pce.delete(`${POLICY}/pending`);
    }
  }
}

/** Every href of a policy object in a document, but its own and those of its rules, which are looked at themselves. */
function named(value: unknown, own: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => {
    if (key === 'rules') return [];
    if (key === 'href') return String(one).includes('/sec_policy/') && one !== own ? [String(one)] : [];
    return named(one, own);
  });
}

const active = (href: string) => href.replace('/draft/', '/active/');
/** A document as it is in force: only drafts say what provisioning would do. Others that it shows by name have their own. */
const asActive = (document: Json): Json =>
  JSON.parse(JSON.stringify(document).replaceAll('/sec_policy/draft/', '/sec_policy/active/'), (key, value) => {
    if (key === 'sub_groups') return value.map(referenceTo);
    return key === 'update_type' ? undefined : value;
  });

/** Whether a group is in another one, or in itself where no other is said. */
function isIn(all: Sight['all'], href: string, within = href, seen = new Set<string>()): boolean {
  const groups: Json[] = all.get(within)?.sub_groups ?? [];
  return groups.some((group) => {
    if (group.href === href) return true;
    if (seen.has(group.href)) return false;
    seen.add(group.href);
    return isIn(all, href, group.href, seen);
  });
}

/** Those of some documents that have the name of an earlier one of a kind in which there is one of each. */
function twins(documents: Json[]): string[] {
  const ones = documents.filter(({ href }) =>
    /\/(ip_lists|label_groups|rule_sets|enforcement_boundaries)\/[^/]+$/.test(href),
  );
  const names = ones.map(({ href, name }) => `${href.split('/').at(-2)} ${name}`);
  return names.filter((one, index) => names.indexOf(one) !== index);
}

function expectSound({ all, pending }: Sight): void {
  const told = Object.values(pending as Record<string, Json[]>).flat();
  const documents = [...all.values()];
  const objects = documents.filter(({ href }) => isDraft(href) && !href.includes('/sec_rules/'));
  const stays = ({ href, update_type }: Json) => isDraft(href) && update_type !== 'delete';
  const state = (wanted: unknown) =>
    documents.filter(({ href, update_type }) => isDraft(href) && update_type === wanted);
  expect({
    dangling: documents.flatMap(({ href, ...rest }) => named(rest, href).filter((other) => !all.has(other))),
    mixed: documents.flatMap(({ href, ...rest }) =>
      named(rest, href).filter((other) => isDraft(other) !== isDraft(href)),
    ),
    going: documents
      .filter(stays)
      .flatMap(({ href, ...rest }) => named(rest, href).filter((other) => all.get(other).update_type === 'delete')),
    circles: documents.filter(({ href }) => isIn(all, href)).map(({ href }) => href),
    twins: [...twins(objects.filter(stays)), ...twins(documents.filter(({ href }) => !isDraft(href)))],
    orphans: documents.filter(({ href }) => !isDraft(href) && !all.has(href.replace('/active/', '/draft/'))),
    new: state('create').filter(({ href }) => all.has(active(href))),
    known: [...state('update'), ...state('delete')].filter(({ href }) => !all.has(active(href))),
    pending: told.map(({ href, update_type }) => `${href} ${update_type}`).sort(),
  }).toEqual({
    ...{ dangling: [], mixed: [], going: [], circles: [], twins: [], orphans: [], new: [], known: [] },
    pending: objects.flatMap(({ href, update_type }) => (update_type ? [`${href} ${update_type}`] : [])).sort(),
  });
  for (const document of state(null)) expect(asActive(document)).toEqual(asActive(all.get(active(document.href))));
}

const emulator = useEmulator({ pceVersion: '25.2' });

const ALLOWED = [200, 201, 204, 404, 406];

/** How often each kind of step went well. */
const done: Record<string, number> = {};

/** There is something of each kind, in force, before a story begins. */
const OPENING: readonly Step[] = [
  ...KINDS.map((of): Step => ({ does: 'make', kind: of, name: 'first', picks: [0, 0, 1] })),
  { does: 'make rule', at: 0, picks: [0, 1, 1] },
  { does: 'provision', share: 0 },
];

/** @param provisioning whether all is provisioned in the end; what is pending goes in any case */
/** A story in which every kind of step goes well. */
const EVERYTHING: Step[] = [
  { does: 'change rule', at: 0, picks: [0, 1, 1] },
  { does: 'provision', share: 0 },
  { does: 'change', kind: 'ip_lists', at: 1, name: 'b', picks: [1, 0, 0] },
  { does: 'rename', kind: 'rule_sets', at: 0, name: 'c' },
  { does: 'delete rule', at: 0, picks: [] },
  { does: 'revert', share: 0 },
  { does: 'make rule', at: 0, picks: [1, 0, 0] },
  { does: 'delete', kind: 'enforcement_boundaries', at: 0 },
];

async function live(steps: readonly Step[], provisioning: boolean): Promise<void> {
  emulator.emulator.reset();
  const { pce } = emulator;
  const labels: string[] = [];
  for (const value of ['one', 'two']) labels.push((await pce.post('/orgs/1/labels', { key: 'env', value })).body.href);
  const ground = { pce, labels };
  let seen = await look(pce);
  for (const one of [...OPENING, ...steps]) {
    const answer = await take(one, ground, seen);
    const after = await look(pce);
    if (answer) expect(ALLOWED).toContain(answer.status);
    if (answer && answer.status < 400) done[one.does] = (done[one.does] ?? 0) + 1;
    if (!answer || answer.status >= 400) expect(after).toEqual(seen);
    expectSound(after);
    seen = after;
  }
  const left = Object.keys(seen.pending).length;
  if (provisioning && left > 0) expect((await pce.post(POLICY, {})).status).toBe(201);
  expect((await pce.delete(`${POLICY}/pending`)).status).toBe(204);
  expect((await look(pce)).pending).toEqual({});
  expectSound(await look(pce));
}

describe('policy', () => {
  it('takes every kind of step in its stride', async () => {
    const before = { ...done };
    await live(EVERYTHING, true);
    const taken = [...new Set([...OPENING, ...EVERYTHING].map(({ does }) => does))];
    expect(taken.filter((does) => (done[does] ?? 0) === (before[does] ?? 0))).toEqual([]);
  });

  it('is whole in force, and told rightly in drafts, whatever users do', async () => {
    const stories = fc.array(step, { minLength: 8, maxLength: 24 });
    await fc.assert(fc.asyncProperty(stories, fc.boolean(), live), { numRuns: 5 });
  }, 120_000);

  it('is so whatever names and groups change hands', async () => {
    await fc.assert(fc.asyncProperty(namesakes, fc.boolean(), live), { numRuns: 5 });
  }, 120_000);
});

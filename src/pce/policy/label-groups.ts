import type { Document, World } from '../../contract/collection.ts';
import type { Request } from '../../contract/route.ts';
import { equalsOf } from '../collections.ts';
import { labelKeys } from '../label-dimensions.ts';
import { labelled, labels, type ShownLabel } from '../labels.ts';
import { invalidLabel, labelKeyNotSupported } from '../problems.ts';
import { usageOf } from '../usage.ts';
import { inOrderOfNeed } from './order.ts';
import { draftHref, linksTo, type PolicyObject, policyCollection, selectNamed } from './policy-object.ts';
import { invalidPolicyHref, labelGroupInCircle, labelGroupOfAnotherKey, referenced } from './problems.ts';

/** Labels of one key, and other groups of them, that rules speak of by one name. */
export const labelGroups = policyCollection({
  name: 'label_groups',
  id: 'uuid',
  keys: { key: '$.key' },
  uniqueName: true,
  references: [labelled, linksTo('label_groups', 'sub_groups')],
});

interface Named {
  readonly href: string;
  readonly name?: string;
}

const subGroupsOf = ({ sub_groups }: Document) => (sub_groups ?? []) as Named[];

/** Each href that a list of a body names, once. */
const hrefsOf = (list: unknown) => [...new Set((list as Named[]).map(({ href }) => href))];

/** @throws Problem 406 where a label is not there, or is of another key */
function labelOf(world: World, org: string, key: unknown, href: string): ShownLabel {
  const label = href.startsWith(`${org}/`) ? world.table(labels).get(href) : undefined;
  if (!label || label.deleted) throw invalidLabel(`${href} is not a label of this organization`);
  if (label.key !== key) throw invalidLabel(`${href} is not a label of the key ${key}`);
  return { href, key: String(label.key), value: String(label.value) };
}

/** @throws Problem 406 where a group is not there, is to go, or is of another key */
function groupOf(world: World, org: string, key: unknown, href: string): Document {
  const group = href.startsWith(`${org}/`) ? world.table(labelGroups).get(draftHref(href)) : undefined;
  if (!group || group.update_type === 'delete') throw invalidPolicyHref(href, 'label_group');
  if (group.key !== key) throw labelGroupOfAnotherKey(String(group.name), String(key));
  return group;
}

/** Some groups, and all groups in them, each once. */
export function withSubGroups(world: World, ...groups: readonly Document[]): Document[] {
  const found = new Map(groups.map((group) => [String(group.href), group]));
  // What is found on the way is looked at in its turn.
  for (const group of found.values()) {
    for (const { href } of subGroupsOf(group)) {
      const one = found.has(href) ? undefined : world.table(labelGroups).get(href);
      if (one) found.set(href, one);
    }
  }
  return [...found.values()];
}

/** @throws Problem 406 where one of some groups contains itself, drafts in drafts, or in force what is in force */
function refuseCircles(world: World, groups: readonly string[]): void {
  const table = world.table(labelGroups);
  const within = (href: string) => subGroupsOf(table.get(href) ?? {}).map((group) => group.href);
  inOrderOfNeed(groups, within, (href) => {
    throw labelGroupInCircle(String(table.get(href)?.name));
  });
}

/** What a body says of a draft. @throws Problem 406 */
function content({ body, params }: Request, world: World, before: Document = {}): Document {
  const org = `/orgs/${params.org_id}`;
  const { key = body.key, name } = before;
  if (body.key !== undefined && !labelKeys(world, org).includes(String(body.key))) throw labelKeyNotSupported();
  const said: Document = { ...body };
  if (body.labels) said.labels = hrefsOf(body.labels).map((href) => labelOf(world, org, key, href));
  if (body.sub_groups) {
    const groups = hrefsOf(body.sub_groups).map((href) => groupOf(world, org, key, href));
    // A new one is in no other.
    if (before.href && withSubGroups(world, ...groups).some(({ href }) => href === before.href))
      throw labelGroupInCircle(String(name));
    said.sub_groups = hrefsOf(groups).map((href) => ({ href }));
  }
  return said;
}

/** What `usage` tells, with the collections whose documents set the flag; others stay false, as nothing does. */
const USAGE: Readonly<Record<string, readonly string[]>> = {
  label_group: ['label_groups'],
  ruleset: ['rule_sets'],
  rule: ['sec_rules'],
  static_policy_scopes: [],
  containers_inherit_host_policy_scopes: [],
  blocked_connection_reject_scopes: [],
  enforcement_boundary: ['enforcement_boundaries'],
  loopback_interfaces_in_policy_scopes: [],
  ip_forwarding_enabled_scopes: [],
  rule_hit_count_enabled_scopes: [],
};

export const labelGroupObjects: PolicyObject = {
  collection: labelGroups,
  type: 'label_group',
  one: 'a label group',
  many: 'label groups',
  select: (query) => selectNamed(query, ...equalsOf(query, 'key')),
  content,
  inUse: (by) => referenced('label_group', by),
  requireTogether: refuseCircles,
  // The names of sub groups are read, not kept: a draft shows those of drafts, what is in force those in force.
  presented: (world, { usage }) => {
    const table = world.table(labelGroups);
    const names = new Map<string, unknown>();
    const named = ({ href }: Named) => {
      if (!names.has(href)) names.set(href, table.get(href)?.name);
      return { href, name: names.get(href) };
    };
    return ({ href, document }) => ({
      ...document,
      sub_groups: subGroupsOf(document).map(named),
      ...(usage === true ? { usage: usageOf(world, labelGroups, href, USAGE) } : {}),
    });
  },
};

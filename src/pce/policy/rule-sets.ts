import type { Collection } from '../../contract/collection.ts';
import { equalsOf, labelledWith, partsOf } from '../collections.ts';
import { externalReferenceNotUnique } from '../problems.ts';
import { actorLinks, requireActors } from './actors.ts';
import { APART_KEY, type PolicyObject } from './policy-object.ts';
import { referenced, ruleSetNameInUse } from './problems.ts';
import { secRuleObjects, secRules } from './sec-rules.ts';

/** Rules for what is in some scopes. Each shows its rules, which are documents of their own. */
export const ruleSets: Collection = {
  name: 'rule_sets',
  parent: 'orgs',
  path: 'sec_policy/draft/rule_sets',
  id: 'integer',
  schema: 'pce/rule_sets#item',
  keys: {
    href: '$.href',
    name: '$.name',
    description: '$.description',
    update_type: '$.update_type',
    external_data_set: '$.external_data_set',
    external_data_reference: '$.external_data_reference',
  },
  factKeys: APART_KEY,
  unique: [
    { keys: ['name'], unless: 'apart' },
    { keys: ['external_data_set', 'external_data_reference'], unless: 'apart' },
  ],
  references: actorLinks('scopes'),
};

export const ruleSetObjects: PolicyObject = {
  collection: ruleSets,
  type: 'rule_set',
  one: 'a rule set',
  many: 'rule sets',
  parts: secRuleObjects,
  partsAs: 'rules',
  select(query) {
    const { name } = query;
    const where = [
      ...partsOf(query, 'name', 'description'),
      ...equalsOf(query, 'external_data_set', 'external_data_reference'),
      ...labelledWith(query.labels, 'label'),
    ];
    return name === undefined ? { where } : { where, first: { key: 'name', is: String(name) } };
  },
  content({ body, params }, world) {
    const { rules: _parts, update_type: _readOnly, ...said } = body;
    for (const scope of (said.scopes ?? []) as unknown[]) requireActors(scope, world, `/orgs/${params.org_id}`);
    return said;
  },
  taken: (keys) => (keys.includes('name') ? ruleSetNameInUse() : externalReferenceNotUnique()),
  inUse: (by) => referenced('rule_set', by),
  presented:
    (world) =>
    ({ document, href }) => ({ ...document, rules: world.table(secRules).find(href) }),
};

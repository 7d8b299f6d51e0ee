import { labelledWith } from '../collections.ts';
import { externalReferenceNotUnique } from '../problems.ts';
import { actorLinks, requireActors } from './actors.ts';
import { type PolicyObject, policyCollection, selectNamed } from './policy-object.ts';
import { referenced, ruleSetNameInUse } from './problems.ts';
import { secRuleObjects, secRules } from './sec-rules.ts';

/** Rules for what is in some scopes. Each shows its rules, which are documents of their own. */
export const ruleSets = policyCollection({
  name: 'rule_sets',
  id: 'integer',
  uniqueName: true,
  references: actorLinks('scopes'),
});

export const ruleSetObjects: PolicyObject = {
  collection: ruleSets,
  type: 'rule_set',
  one: 'a rule set',
  many: 'rule sets',
  parts: secRuleObjects,
  partsAs: 'rules',
  select: (query) => selectNamed(query, ...labelledWith(query.labels, 'label')),
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

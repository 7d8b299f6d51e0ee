import type { Collection, Document } from '../../contract/collection.ts';
import { equalsOf } from '../collections.ts';
import { organisationOf } from '../organisations.ts';
import { externalReferenceNotUnique, invalidInput } from '../problems.ts';
import { actorLinks, ingressOf, requireActors, requirePrincipals } from './actors.ts';
import { APART_KEY, linksTo, type PolicyObject } from './policy-object.ts';
import { referenced } from './problems.ts';

/** What is let through: each belongs to a rule set, and is provisioned with it. */
export const secRules: Collection = {
  name: 'sec_rules',
  parent: 'rule_sets',
  id: 'integer',
  // Captured ids are far higher than a rule set has rules (2463 in rule set 2292): they count in the organisation.
  countedIn: organisationOf,
  schema: 'pce/sec_rules#item',
  keys: {
    href: '$.href',
    update_type: '$.update_type',
    external_data_set: '$.external_data_set',
    external_data_reference: '$.external_data_reference',
  },
  factKeys: APART_KEY,
  unique: [{ keys: ['external_data_set', 'external_data_reference'], unless: 'apart' }],
  references: [
    ...actorLinks('providers', 'consumers'),
    linksTo('security_principals', 'consuming_security_principals'),
  ],
};

/** Of which a rule has one at the most, says the official Terraform provider; refused by inference. */
const ONE_AT_MOST = ['sec_connect', 'stateless', 'machine_auth'];

/**
 * Holds a rule as it would be to what its parts allow of each other.
 * @throws Problem 406
 */
function requireCoherence(rule: Document): void {
  if (ONE_AT_MOST.filter((key) => rule[key]).length > 1) {
    throw invalidInput(`A rule has only one of ${ONE_AT_MOST.join(', ')}`);
  }
  // Virtual services bring their own ports: said so by the official Terraform provider (inferred that it is refused).
  const { providers } = rule.resolve_labels_as as { providers: string[] };
  const bringTheirPorts = !providers.includes('workloads');
  const named = (rule.ingress_services as unknown[]).length;
  if (bringTheirPorts && named > 0) {
    throw invalidInput('ingress_services must be empty where providers resolve as virtual_services alone');
  }
  if (!bringTheirPorts && named === 0) throw invalidInput('ingress_services must name a service or ports');
}

export const secRuleObjects: PolicyObject = {
  collection: secRules,
  type: 'sec_rule',
  one: 'a rule of a rule set',
  many: 'rules of a rule set',
  select: (query) => ({ where: equalsOf(query, 'external_data_set', 'external_data_reference') }),
  content({ body, params }, world, before) {
    const { update_type: _readOnly, ...said } = body;
    const org = `/orgs/${params.org_id}`;
    requireActors(said.providers, world, org, before?.providers);
    requireActors(said.consumers, world, org, before?.consumers);
    requirePrincipals(said.consuming_security_principals, world, org);
    const wanted = { ...said, ...ingressOf(said, world, org) };
    requireCoherence({ ...before, ...wanted });
    return wanted;
  },
  taken: externalReferenceNotUnique,
  inUse: (by) => referenced('sec_rule', by),
};

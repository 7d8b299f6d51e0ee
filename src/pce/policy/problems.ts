import type { Problem } from '../../contract/problem.ts';
import { notAcceptable } from '../problems.ts';

/** How the PCE says no to a change of its policy. Tokens marked "ours" stand where no public source tells its own. */

/** Ours. */
export const invalidPolicyHref = (href: string, what: string): Problem =>
  notAcceptable(`invalid_${what}_href`, `${href} is not a ${what.replaceAll('_', ' ')} of this organization's policy`);

/** Ours. */
export const invalidNetwork = (href: string): Problem =>
  notAcceptable('invalid_network_href', `${href} is not a network of this organization`);

/** Observed on PCE 26.3. */
export const ipListNameNotUnique = (): Problem =>
  notAcceptable('ip_list_name_not_unique', 'IP List name must be unique');

/** Ours: what the PCE answers is not public. */
export const labelGroupInCircle = (name: string): Problem =>
  notAcceptable('label_group_circular_reference', `${name} would contain itself`);

/** Ours: what the PCE answers is not public. */
export const labelGroupOfAnotherKey = (name: string, key: string): Problem =>
  notAcceptable('label_group_key_mismatch', `Label group ${name} is not of the key ${key}`);

/** Ours: what the PCE answers is not public. */
export const nothingToProvision = (): Problem =>
  notAcceptable('sec_policy_nothing_to_provision', 'There are no pending changes to provision');

/** Ours: that what an object needs has to be provisioned with it is documented. */
export const dependenciesMissing = (href: string, needed: readonly string[]): Problem =>
  notAcceptable('sec_policy_dependency_not_provisioned', `${href} needs what is not provisioned: ${needed.join(', ')}`);

/** Ours: drafts name nothing that is to go. */
export const revertNeeds = (href: string, going: readonly string[]): Problem =>
  notAcceptable(
    'sec_policy_dependency_pending_deletion',
    `${href} needs what is to be deleted; revert that too: ${going.join(', ')}`,
  );

/** Ours: the active policy still has something that needs it. */
export const activePolicyNeeds = (href: string, by: string): Problem =>
  notAcceptable(
    'sec_policy_object_in_use',
    `${href} is still used by active ${by.replaceAll('_', ' ')}; provision their change too`,
  );

/** Observed. */
export const ruleSetNameInUse = (): Problem => notAcceptable('rule_set_name_in_use', 'Rule set name in use');

/** Ours: that what a PCE comes with stays as it is, is inferred. */
export const builtIn = (name: string): Problem =>
  notAcceptable('default_object_cannot_be_changed', `${name} cannot be changed or deleted`);

/** Ours: what a cluster's agent made is its own. */
export const madeByCluster = (): Problem =>
  notAcceptable('managed_by_container_cluster', 'What a container cluster reports cannot be changed by users');

/** `service_referenced` and `ip_list_referenced` are observed; the others follow them. */
export const referenced = (type: string, by: string): Problem =>
  notAcceptable(`${type}_referenced`, `It is still used by ${by.replaceAll('_', ' ')}`);

import type { Problem } from '../../contract/problem.ts';
import { notAcceptable } from '../problems.ts';

/** How the PCE says no to a change of its policy. Tokens marked "ours" stand where no public source tells its own. */

/** Ours. */
export const invalidPolicyHref = (href: string, what: string): Problem =>
  notAcceptable(`invalid_${what}_href`, `${href} is not a ${what.replaceAll('_', ' ')} of this organization's policy`);

/** Ours: what the PCE answers is not public. */
export const nothingToProvision = (): Problem =>
  notAcceptable('sec_policy_nothing_to_provision', 'There are no pending changes to provision');

/** Ours: that what an object needs has to be provisioned with it is documented. */
export const dependenciesMissing = (href: string, needed: readonly string[]): Problem =>
  notAcceptable('sec_policy_dependency_not_provisioned', `${href} needs what is not provisioned: ${needed.join(', ')}`);

/** Ours: the active policy still has something that needs it. */
export const activePolicyNeeds = (href: string, by: string): Problem =>
  notAcceptable(
    'sec_policy_object_in_use',
    `${href} is still used by active ${by.replaceAll('_', ' ')}; provision their change too`,
  );

/** Ours: what a cluster's agent made is its own. */
export const madeByCluster = (): Problem =>
  notAcceptable('managed_by_container_cluster', 'What a container cluster reports cannot be changed by users');

/** `service_referenced` and `ip_list_referenced` are observed; the others follow them. */
export const referenced = (type: string, by: string): Problem =>
  notAcceptable(`${type}_referenced`, `It is still used by ${by.replaceAll('_', ' ')}`);

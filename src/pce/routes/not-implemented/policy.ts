import { type Area, INDEX, POLICY } from './area.ts';

/** Versions of the policy, and questions about its rules. */
export const policy: Area = {
  ...INDEX,
  rows: [
    ['/orgs/{org_id}/sec_policy/impact', 'POST'],
    [`${POLICY}/allow`, 'GET'],
    [`${POLICY}/dependencies`, 'POST'],
    [`${POLICY}/firewall_settings`, 'GET PUT'],
    [`${POLICY}/modified_objects`, 'GET'],
    [`${POLICY}/policy_check`, 'GET'],
    [`${POLICY}/restore`, 'POST'],
    [`${POLICY}/rule_coverage`, 'POST'],
    [`${POLICY}/rule_search`, 'POST'],
    [`${POLICY}/virtual_services/bulk_create`, 'PUT'],
    [`${POLICY}/virtual_services/bulk_update`, 'PUT'],
  ],
};

/** Not in Illumio's index: programs use them all the same. */
export const policyBeyondIndex: readonly Area[] = [
  {
    evidence: 'observed',
    source: 'a public MCP server for Illumio works with deny rules; API schemas 25.2.20, deny_rules_get',
    rows: [
      [`${POLICY}/rule_sets/{rule_set_id}/deny_rules`, 'GET POST'],
      [`${POLICY}/rule_sets/{rule_set_id}/deny_rules/{deny_rule_id}`, 'GET PUT DELETE'],
    ],
  },
  {
    evidence: 'observed',
    source: 'illumioapi and illumio-py provision objects with such hrefs; the methods are those of other objects',
    rows: [
      [`${POLICY}/secure_connect_gateways`, 'GET POST'],
      [`${POLICY}/secure_connect_gateways/{secure_connect_gateway_id}`, 'GET PUT DELETE'],
    ],
  },
];

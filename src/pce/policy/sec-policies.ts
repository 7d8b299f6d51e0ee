import type { Collection } from '../../contract/collection.ts';

/** The versions of an organisation's policy: one for each time that it was provisioned. */
export const secPolicies: Collection = {
  name: 'sec_policies',
  parent: 'orgs',
  path: 'sec_policy',
  id: 'integer',
  schema: 'pce/sec_policy#item',
  keys: { commit_message: '$.commit_message', version: '$.version' },
};

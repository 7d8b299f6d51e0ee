import type { Collection } from '../contract/collection.ts';

/** Groups of Windows users that rules can be for. */
export const securityPrincipals: Collection = {
  name: 'security_principals',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/security_principals#item',
  keys: { name: '$.name', sid: '$.sid' },
  unique: [{ keys: ['sid'], caseless: true }],
};

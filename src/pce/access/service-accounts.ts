import type { Collection, Document } from '../../contract/collection.ts';
import { organisationOf } from '../organisations.ts';
import { invalidRole } from '../problems.ts';

/** What programs come as: its keys let in with the permissions that it has. */
export const serviceAccounts: Collection = {
  name: 'service_accounts',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/service_accounts#stored',
  keys: { name: '$.name', permissions: '$.permissions' },
  credential: true,
};

export interface Permission {
  readonly role: { readonly href: string };
  readonly scope: readonly unknown[];
}

/** The roles that change things; of the others the emulator knows the one that only reads. */
const WRITING = ['owner', 'admin'];
const ROLES = [...WRITING, 'read_only'];

/** The last part of a role's href, which is its name. */
const nameOf = ({ role }: Permission) => role.href.slice(role.href.lastIndexOf('/') + 1);

/** Whether an account sees everything, and changes nothing. */
export const onlyReads = ({ permissions }: Document): boolean =>
  !(permissions as Permission[]).some((one) => WRITING.includes(nameOf(one)));

/** The permission that a role without a scope is. */
export const permissionOf = (org: string, role: string): Permission => ({
  role: { href: `${org}/roles/${role}` },
  scope: [],
});

/**
 * Permissions as they are kept. A PCE has finer roles, which the emulator does not tell apart: it refuses them, so
 * that nobody takes an account for one that may do less than it does.
 * @throws Problem 406
 */
export function permissionsIn(given: readonly Permission[], org: string): Permission[] {
  return given.map((one) => {
    const { href } = one.role;
    if (organisationOf(href) !== org || !ROLES.some((role) => href === `${org}/roles/${role}`)) {
      throw invalidRole(href, ROLES);
    }
    return permissionOf(org, nameOf(one));
  });
}

import type { Collection, Document, Facts, World } from '../../contract/collection.ts';
import { isPassword, passwordHash } from '../../kernel/secrets.ts';
import { organisations, usernameOf } from '../organisations.ts';

/** The people of an organisation. Their facts: `org`, `role` and, where they have chosen one, a `password`. */
export const users: Collection = {
  name: 'users',
  parent: 'orgs',
  id: 'integer',
  schema: 'pce/users#item',
  keys: { username: '$.username' },
  indexed: ['username'],
  credential: true,
};

/** What of the roles of a PCE the emulator tells apart: who may change things, and who may look at them. */
export type Role = 'owner' | 'read_only';

/** Whether what has these facts sees everything, and changes nothing. */
export const isReader = ({ role }: Facts): boolean => role !== 'owner';

/** The number of a user or of an organisation: `/users/7`. */
export const numberOf = (href: string): number => Number(href.slice(href.lastIndexOf('/') + 1));

/**
 * A number that no organisation and no user has, or had. They share one sequence, since an organisation has the number
 * of its owner.
 */
export function freshNumber(world: World): number {
  for (;;) {
    const number = numberOf(world.table(organisations).mint(''));
    if (!world.table(users).has(`/users/${number}`)) return number;
  }
}

interface NewUser {
  readonly username?: string;
  readonly full_name: string;
  readonly role: Role;
  /** Absent for owners: the secret of a key that the emulator made for them is theirs. */
  readonly password?: string;
}

/** Makes a user. @returns the document */
export function createUser(world: World, org: string, number: number, given: NewUser): Document {
  const href = `/users/${number}`;
  const { username = usernameOf(href), full_name, role, password } = given;
  const now = world.clock.timestamp();
  const document = { href, id: number, username, full_name, created_at: now, updated_at: now };
  const hash = password === undefined ? {} : { password: passwordHash(password, world.ids.hex(16)) };
  return world.table(users).insert(org, href, document, { org, role, ...hash });
}

/** Makes the owner of an organisation, who has its number. */
export function createOwner(world: World, org: string): void {
  createUser(world, org, numberOf(org), { full_name: 'Organization Owner', role: 'owner' });
}

/** What no password is kept as. */
const NO_PASSWORD = `:${'0'.repeat(64)}`;

/** Whether a user has chosen this password. Takes as long where there is no user, or none has been chosen. */
export const hasPassword = (facts: Facts | undefined, password: string): boolean => {
  const isRight = isPassword(password, String(facts?.password ?? NO_PASSWORD));
  return isRight && facts?.password !== undefined;
};

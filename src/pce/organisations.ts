import type { Collection } from '../contract/collection.ts';

/** Each organisation is a tenant: it has its own users' keys, labels and clusters. */
export const organisations: Collection = {
  name: 'orgs',
  id: 'integer',
  schema: 'pce/organisations#org',
};

/** The organisation that anything at an href belongs to: `/orgs/1`. */
export const organisationOf = (href: string): string => href.split('/').slice(0, 3).join('/');

/** The user who owns an organisation's first key. User ids run over all organisations of a PCE. */
export const ownerOf = (org: string): string => org.replace('/orgs/', '/users/');

/** The name that events show for a user: of a form that PCEs use, and of nobody. */
export const usernameOf = (user: string): string => `user${user.slice('/users/'.length)}@example.com`;

import type { World } from '../../contract/collection.ts';
import type { Evidence, Request, Route } from '../../contract/route.ts';
import { users } from '../access/users.ts';
import { list } from '../collections.ts';
import { pceRefusals } from '../problems.ts';
import { orgsOf } from './login.ts';

const common = {
  admits: ['user'] as const,
  accountsFeature: 'service_accounts_manage_users',
  evidence: 'documented' as Evidence,
  source: 'Core REST API reference, REST API Users; API schemas 25.2.10',
};
const ONE = '/users/{user_id}';

/** The text of a user. One of another organisation looks like one that is not there (inferred). @throws Problem 403 */
function colleague({ params, caller }: Request, world: World): string {
  const href = `/users/${params.user_id}`;
  const text = world.table(users).text(href);
  if (text === undefined || world.table(users).facts(href)?.org !== caller.org) {
    throw pceRefusals.forbidden('There is no such user in your organization');
  }
  return text;
}

export const userRoutes: Route[] = [
  {
    ...common,
    id: 'users.list',
    method: 'GET',
    path: '/users',
    summary: "List the organisation's users",
    query: 'pce/users#query',
    replies: { 200: 'pce/users#list' },
    handle: list(users, { parent: ({ caller }) => caller.org }),
  },
  {
    ...common,
    id: 'users.get',
    method: 'GET',
    path: ONE,
    summary: 'Get a user',
    replies: { 200: 'pce/users#item' },
    handle: (request, world) => ({ status: 200, text: colleague(request, world) }),
  },
  {
    ...common,
    id: 'users.orgs',
    method: 'GET',
    path: `${ONE}/orgs`,
    summary: 'The organisation of a user',
    replies: { 200: 'pce/users#orgs' },
    handle(request, world) {
      colleague(request, world);
      return { status: 200, body: orgsOf(request.caller.org, world) };
    },
  },
];

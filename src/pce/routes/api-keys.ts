import type { Condition, Document, Entry, Selection, World } from '../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Request, type Route } from '../../contract/route.ts';
import { timestampOf } from '../../kernel/clock.ts';
import { apiKeys, keyOf, mintKey, orgView, ownView } from '../access/api-keys.ts';
import { list } from '../collections.ts';
import { recordChange } from '../events.ts';
import { notFound } from '../problems.ts';

const SOURCE = 'Core REST API reference, API Keys; API schemas 25.2.10';
const ofUser = { admits: ['self'] as const, evidence: 'documented' as Evidence, source: SOURCE };
const ofOrg = {
  admits: ['user'] as const,
  accountsFeature: 'service_accounts_manage_users',
  evidence: 'documented' as Evidence,
  source: SOURCE,
};
const ALL = '/users/{user_id}/api_keys';
const ONE = `${ALL}/{key_id}`;

/** A key of the user who calls. @throws Problem 404 */
function ownKey({ params, caller }: Request, world: World): Entry {
  const key = keyOf(world, caller.href, params.key_id ?? '');
  if (!key) throw notFound();
  return key;
}

/** Removes a key, which shuts out at once whoever has it. */
export function removeKey(request: Request, world: World, { href, document }: Entry): void {
  world.table(apiKeys).remove(href);
  recordChange(request, world, 'delete', { type: 'api_key', before: document });
}

function select(query: Document, now: number): Selection {
  const { type, name, username, role, state } = query;
  const where: Condition[] = [];
  if (type !== undefined) where.push({ key: 'type', is: String(type) });
  // A name is that of a service account, a username that of a user (documented).
  for (const [kind, text] of [
    ['service_account', name],
    ['user', username],
  ] as const) {
    if (text !== undefined) where.push({ key: 'type', is: kind }, { key: 'account', contains: String(text) });
  }
  if (role !== undefined) where.push(hasRole(String(role)));
  if (state === 'expired') where.push({ key: 'until', to: timestampOf(now) });
  if (state === 'active') where.push({ key: 'until', from: timestampOf(now + 1) });
  return { where };
}

/** The permissions as text contain the href of a role, in quotes. */
export const hasRole = (role: string): Condition => ({ key: 'permissions', contains: JSON.stringify(role) });

export const apiKeyRoutes: Route[] = [
  {
    ...ofUser,
    id: 'users.api_keys.list',
    method: 'GET',
    path: ALL,
    summary: 'List your own API keys',
    query: 'pce/api_keys#query',
    replies: { 200: 'pce/api_keys#list' },
    handle: (request, world) =>
      list(apiKeys, {
        parent: ({ caller }) => caller.org,
        all: () => [{ key: 'user', is: request.caller.href }],
        presented: () => ownView,
      })(request, world),
  },
  {
    ...ofUser,
    id: 'users.api_keys.create',
    method: 'POST',
    path: ALL,
    summary: 'Make an API key; the answer shows its secret this once',
    body: 'pce/api_keys#create',
    replies: { 201: 'pce/api_keys#created' },
    handle(request, world) {
      const { org, href } = request.caller;
      const wanted = request.body as { name: string; description?: string };
      const { secret, entry } = mintKey(world, org, { ...wanted, holder: href, created_by: href });
      recordChange(request, world, 'create', { type: 'api_key', after: entry.document });
      return { status: 201, body: { ...ownView(entry), secret } };
    },
  },
  {
    ...ofUser,
    id: 'users.api_keys.get',
    method: 'GET',
    path: ONE,
    summary: 'Get one of your own API keys',
    replies: { 200: 'pce/api_keys#item' },
    handle: (request, world) => ({ status: 200, body: ownView(ownKey(request, world)) }),
  },
  {
    ...ofUser,
    id: 'users.api_keys.update',
    method: 'PUT',
    path: ONE,
    summary: 'Rename an API key, or describe it',
    body: 'pce/api_keys#update',
    replies: { 204: null },
    handle(request, world) {
      const { href, document: before } = ownKey(request, world);
      const after = world.table(apiKeys).replace(href, { ...before, ...request.body });
      recordChange(request, world, 'update', { type: 'api_key', before, after });
      return NO_CONTENT;
    },
  },
  {
    ...ofUser,
    id: 'users.api_keys.delete',
    method: 'DELETE',
    path: ONE,
    summary: 'Delete an API key',
    replies: { 204: null },
    handle(request, world) {
      removeKey(request, world, ownKey(request, world));
      return NO_CONTENT;
    },
  },
  {
    ...ofOrg,
    id: 'api_keys.list',
    method: 'GET',
    path: '/orgs/{org_id}/api_keys',
    summary: 'List the API keys of all users and service accounts',
    query: 'pce/api_keys#org_query',
    replies: { 200: 'pce/api_keys#org_list', 202: null },
    handle: (request, world) =>
      list(apiKeys, {
        select: (query) => select(query, world.clock.now()),
        presented: () => (entry) => orgView(entry, world),
      })(request, world),
  },
  {
    ...ofOrg,
    id: 'api_keys.delete',
    method: 'DELETE',
    path: '/orgs/{org_id}/api_keys/{key_id}',
    summary: 'Delete the API key of a user or a service account',
    replies: { 204: null },
    handle(request, world) {
      const where = [{ key: 'key_id', is: request.params.key_id ?? '' }];
      const [key] = world.table(apiKeys).entries(request.caller.org, { where });
      if (!key) throw notFound();
      removeKey(request, world, key);
      return NO_CONTENT;
    },
  },
];

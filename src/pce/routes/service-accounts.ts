import type { Document, Entry, World } from '../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Request, type Route } from '../../contract/route.ts';
import { keyOf, keysOf, mintKey, orgView } from '../access/api-keys.ts';
import { type Permission, permissionsIn, serviceAccounts } from '../access/service-accounts.ts';
import { authorship, change, existing, list, partsOf } from '../collections.ts';
import { recordChange } from '../events.ts';
import { notFound } from '../problems.ts';
import { hasRole, removeKey } from './api-keys.ts';

const common = {
  admits: ['user'] as const,
  accountsFeature: 'service_accounts_manage_users',
  evidence: 'documented' as Evidence,
  source: 'Core REST API reference, Service Account-based API Keys; API schemas 25.2.20 and 26.3.0',
};
const ALL = '/orgs/{org_id}/service_accounts';
const ONE = `${ALL}/{service_account_id}`;
const orgOf = (request: Request) => `/orgs/${request.params.org_id}`;
const accountOf = (request: Request) => `${orgOf(request)}/service_accounts/${request.params.service_account_id}`;

/** How long a key lasts where the settings say: 90 days (inferred; what the console proposes). */
const DEFAULT_SECONDS = 90 * 24 * 60 * 60;

/** An account with its keys. */
const shown = (account: Document, world: World): Document => ({
  ...account,
  api_keys: keysOf(world, String(account.href)).map((key) => orgView(key, world)),
});

/** What a body says of an account. @throws Problem 406 */
function requested({ body, caller }: Request): Document {
  const { api_key: _, permissions, ...rest } = body;
  return { ...rest, ...(permissions ? { permissions: permissionsIn(permissions as Permission[], caller.org) } : {}) };
}

/** Makes a key of an account, which lasts as long as is asked for. */
function createKey(
  request: Request,
  world: World,
  account: Document,
  asked: unknown,
): { entry: Entry; secret: string } {
  const expires_in_seconds = typeof asked === 'number' ? asked : DEFAULT_SECONDS;
  const { href: created_by, org } = request.caller;
  const [holder, name] = [String(account.href), String(account.name)];
  const { entry, secret } = mintKey(world, org, { holder, created_by, name, expires_in_seconds });
  recordChange(request, world, 'create', { type: 'api_key', after: entry.document });
  return { entry, secret };
}

const type = 'service_account';

export const serviceAccountRoutes: Route[] = [
  {
    ...common,
    id: 'service_accounts.list',
    method: 'GET',
    path: ALL,
    summary: 'List the service accounts',
    query: 'pce/service_accounts#query',
    replies: { 200: 'pce/service_accounts#list', 202: null },
    handle: list(serviceAccounts, {
      select: (query) => ({
        where: [...partsOf(query, 'name'), ...(query.role === undefined ? [] : [hasRole(String(query.role))])],
      }),
      presented:
        (_request, world) =>
        ({ document }) =>
          shown(document, world),
    }),
  },
  {
    ...common,
    id: 'service_accounts.create',
    method: 'POST',
    path: ALL,
    summary: 'Create a service account with a first key; the answer shows its secret this once',
    body: 'pce/service_accounts#create',
    replies: { 201: 'pce/service_accounts#created' },
    handle(request, world) {
      const table = world.table(serviceAccounts);
      const fresh = { ...requested(request), ...authorship(request, world) } as Document;
      const href = table.mint(orgOf(request));
      const account = table.insert(orgOf(request), href, { href, ...fresh });
      recordChange(request, world, 'create', { type, after: account });
      const { expires_in_seconds } = request.body.api_key as Document;
      const { entry, secret } = createKey(request, world, account, expires_in_seconds);
      const api_key = { auth_username: entry.document.auth_username, secret };
      return { status: 201, body: { ...shown(account, world), api_key } };
    },
  },
  {
    ...common,
    id: 'service_accounts.get',
    method: 'GET',
    path: ONE,
    summary: 'Get a service account with its keys',
    replies: { 200: 'pce/service_accounts#item' },
    handle: (request, world) => ({ status: 200, body: shown(existing(serviceAccounts, request, world), world) }),
  },
  {
    ...common,
    id: 'service_accounts.update',
    method: 'PUT',
    path: ONE,
    summary: 'Change a service account; what is left out stays, and its keys let in with the new permissions at once',
    body: 'pce/service_accounts#update',
    replies: { 204: null },
    handle(request, world) {
      const before = existing(serviceAccounts, request, world);
      const changed = { ...before, ...requested(request), ...change(request, world) };
      const after = world.table(serviceAccounts).replace(request.path, changed);
      recordChange(request, world, 'update', { type, before, after });
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'service_accounts.delete',
    method: 'DELETE',
    path: ONE,
    summary: 'Delete a service account and its keys',
    replies: { 204: null },
    handle(request, world) {
      const before = existing(serviceAccounts, request, world);
      world.table(serviceAccounts).remove(request.path);
      recordChange(request, world, 'delete', { type, before });
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'service_accounts.create_api_key',
    method: 'POST',
    path: `${ONE}/api_keys`,
    summary: 'Make a further key for a service account; the answer shows its secret this once',
    body: 'pce/api_keys#account_create',
    replies: { 201: 'pce/api_keys#account_created' },
    handle(request, world) {
      const account = existing(serviceAccounts, request, world, accountOf(request));
      const { entry, secret } = createKey(request, world, account, request.body.expires_in_seconds);
      return { status: 201, body: { ...orgView(entry, world), secret } };
    },
  },
  {
    ...common,
    id: 'service_accounts.delete_api_key',
    method: 'DELETE',
    path: `${ONE}/api_keys/{key_id}`,
    summary: 'Delete a key of a service account',
    replies: { 204: null },
    handle(request, world) {
      const account = existing(serviceAccounts, request, world, accountOf(request));
      const key = keyOf(world, String(account.href), request.params.key_id ?? '');
      if (!key) throw notFound();
      removeKey(request, world, key);
      return NO_CONTENT;
    },
  },
];

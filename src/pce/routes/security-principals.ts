import type { Document, Entry, Selection, World } from '../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Route } from '../../contract/route.ts';
import { equalsOf, existing, list, partsOf, refusingDuplicates } from '../collections.ts';
import { recordChange } from '../events.ts';
import { securityPrincipalInUse, sidNotUnique } from '../problems.ts';
import { securityPrincipals } from '../security-principals.ts';

const common = {
  admits: ['user'] as const,
  evidence: 'documented' as Evidence,
  source: 'API schemas 25.2.20, security_principals',
};
const ALL = '/orgs/{org_id}/security_principals';
const ONE = `${ALL}/{security_principal_id}`;

function select(query: Document): Selection {
  const where = [...partsOf(query, 'name'), ...equalsOf(query, 'sid')];
  return query.name === undefined ? { where } : { where, first: { key: 'name', is: String(query.name) } };
}

const isUsed = (world: World, href: string) => world.table(securityPrincipals).referrers(href).length > 0;

const presented = (world: World) => (row: Pick<Entry, 'href' | 'document'>) => ({
  ...row.document,
  used_by_ruleset: isUsed(world, row.href),
});

const type = 'security_principal';

export const securityPrincipalRoutes: Route[] = [
  {
    ...common,
    id: 'security_principals.list',
    method: 'GET',
    path: ALL,
    summary: 'List the security principals',
    query: 'pce/security_principals#query',
    replies: { 200: 'pce/security_principals#list', 202: null },
    handle: list(securityPrincipals, { select, presented: (_request, world) => presented(world) }),
  },
  {
    ...common,
    id: 'security_principals.create',
    method: 'POST',
    path: ALL,
    summary: 'Create a security principal',
    body: 'pce/security_principals#create',
    replies: { 201: 'pce/security_principals#item' },
    handle(request, world) {
      const org = `/orgs/${request.params.org_id}`;
      const table = world.table(securityPrincipals);
      const href = table.mint(org);
      const after = refusingDuplicates(() => table.insert(org, href, { href, ...request.body }), sidNotUnique);
      recordChange(request, world, 'create', { type, after });
      return { status: 201, body: after };
    },
  },
  {
    ...common,
    id: 'security_principals.get',
    method: 'GET',
    path: ONE,
    summary: 'Get a security principal',
    replies: { 200: 'pce/security_principals#item' },
    handle(request, world) {
      const document = existing(securityPrincipals, request, world);
      return { status: 200, body: presented(world)({ href: request.path, document }) };
    },
  },
  {
    ...common,
    id: 'security_principals.update',
    method: 'PUT',
    path: ONE,
    summary: 'Change the name or the description of a security principal',
    body: 'pce/security_principals#update',
    replies: { 204: null },
    handle(request, world) {
      const before = existing(securityPrincipals, request, world);
      const after = world.table(securityPrincipals).replace(request.path, { ...before, ...request.body });
      recordChange(request, world, 'update', { type, before, after });
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'security_principals.delete',
    method: 'DELETE',
    path: ONE,
    summary: 'Delete a security principal that no rule is for',
    replies: { 204: null },
    handle(request, world) {
      const before = existing(securityPrincipals, request, world);
      if (isUsed(world, request.path)) throw securityPrincipalInUse();
      world.table(securityPrincipals).remove(request.path);
      recordChange(request, world, 'delete', { type, before });
      return NO_CONTENT;
    },
  },
];

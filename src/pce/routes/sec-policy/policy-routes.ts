import type { World } from '../../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Request, type Route } from '../../../contract/route.ts';
import { list } from '../../collections.ts';
import { changeDraft, createDraft, deleteDraft } from '../../policy/drafts.ts';
import type { PolicyObject } from '../../policy/policy-object.ts';
import { notFound, pceRefusals } from '../../problems.ts';

/** Earlier versions of the policy are not kept. @throws Problem 404 */
function version({ params }: Request): string {
  if (params.pversion !== 'draft' && params.pversion !== 'active') throw notFound();
  return params.pversion;
}

/** What is in force changes by provisioning alone: refused by inference. @throws Problem 404, 405 */
export function keepToDrafts(request: Request): void {
  if (version(request) !== 'draft') throw pceRefusals.methodNotAllowed(request.method, ['GET', 'HEAD']);
}

/** One document of policy, of either version. @throws Problem 404 */
export function policyItem({ collection, presented }: PolicyObject): NonNullable<Route['handle']> {
  return ({ path }, world) => {
    const table = world.table(collection);
    if (!presented) {
      const text = table.text(path);
      if (text === undefined) throw notFound();
      return { status: 200, text };
    }
    return { status: 200, body: shown(presented, world, collection, path) };
  };
}

function shown(
  presented: NonNullable<PolicyObject['presented']>,
  world: World,
  collection: PolicyObject['collection'],
  href: string,
) {
  const document = world.table(collection).get(href);
  if (!document) throw notFound();
  return presented(world)({ href, document, facts: {} });
}

/** The routes that all policy objects of an organisation have. The schemas stand at `pce/<collection>`. */
export function policyRoutes(object: PolicyObject, told: { evidence: Evidence; source: string }): Route[] {
  const { collection, type, one, many, select, presented } = object;
  const { name } = collection;
  const common = { admits: ['user'] as const, ...told };
  const all = `/orgs/{org_id}/sec_policy/{pversion}/${name}`;
  const each = `${all}/{${type}_id}`;
  const orgOf = ({ params }: Request) => `/orgs/${params.org_id}`;
  return [
    {
      ...common,
      id: `${name}.list`,
      method: 'GET',
      path: all,
      summary: `List the ${many}, as drafts or as they are in force`,
      query: `pce/${name}#query`,
      replies: { 200: `pce/${name}#list`, 202: null },
      handle: (request, world) =>
        list(collection, {
          parent: orgOf,
          all: () => [{ key: 'href', contains: `/sec_policy/${version(request)}/` }],
          select,
          presented: presented && ((_request, where) => presented(where)),
        })(request, world),
    },
    {
      ...common,
      id: `${name}.create`,
      method: 'POST',
      path: all,
      summary: `Create the draft of ${one}`,
      body: `pce/${name}#create`,
      replies: { 201: `pce/${name}#item` },
      handle(request, world) {
        keepToDrafts(request);
        const { href } = createDraft(object, request, world, orgOf(request));
        return { ...policyItem(object)({ ...request, path: String(href) }, world), status: 201 };
      },
    },
    {
      ...common,
      id: `${name}.get`,
      method: 'GET',
      path: each,
      summary: `Get ${one}`,
      replies: { 200: `pce/${name}#item` },
      handle: policyItem(object),
    },
    {
      ...common,
      id: `${name}.update`,
      method: 'PUT',
      path: each,
      summary: `Change the draft of ${one}; what is left out stays`,
      body: `pce/${name}#update`,
      replies: { 204: null },
      handle(request, world) {
        keepToDrafts(request);
        changeDraft(object, request, world);
        return NO_CONTENT;
      },
    },
    {
      ...common,
      id: `${name}.delete`,
      method: 'DELETE',
      path: each,
      summary: `Delete the draft of ${one}; what is in force goes once that is provisioned`,
      replies: { 204: null },
      handle(request, world) {
        keepToDrafts(request);
        deleteDraft(object, request, world);
        return NO_CONTENT;
      },
    },
  ];
}

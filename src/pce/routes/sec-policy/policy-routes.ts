import type { World } from '../../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Request, type Route } from '../../../contract/route.ts';
import { existing, item, list, parentOf } from '../../collections.ts';
import { changeDraft, createDraft, deleteDraft, touchDraft } from '../../policy/drafts.ts';
import { writeParts } from '../../policy/parts.ts';
import type { PolicyObject } from '../../policy/policy-object.ts';
import { notFound, pceRefusals } from '../../problems.ts';

/** Earlier versions of the policy are not kept. @throws Problem 404 */
function version({ params }: Request): string {
  if (params.pversion !== 'draft' && params.pversion !== 'active') throw notFound();
  return params.pversion;
}

/** What is in force changes by provisioning alone: refused by inference. @throws Problem 404, 405 */
function keepToDrafts(request: Request): void {
  if (version(request) !== 'draft') throw pceRefusals.methodNotAllowed(request.method, ['GET', 'HEAD']);
}

const OF_WHAT_IS_IN_FORCE = [405];

/** Answers one document of policy, of either version. @throws Problem 404 */
function policyItem({ collection, presented }: PolicyObject): NonNullable<Route['handle']> {
  if (!presented) return item(collection);
  return (request, world) => {
    const document = existing(collection, request, world);
    return { status: 200, body: presented(world, request.query)({ href: request.path, document, facts: {} }) };
  };
}

/**
 * The routes that all policy objects have. The schemas stand at `pce/<collection>`.
 * @param itemQuery the schema of what a GET of one takes
 * @param whole what each is a part of, where that is not the organisation itself
 */
export function policyRoutes(
  object: PolicyObject,
  { itemQuery, ...told }: { evidence: Evidence; source: string; itemQuery?: string },
  whole?: PolicyObject,
): Route[] {
  const { collection, type, one, many, select, presented } = object;
  const { name } = collection;
  const common = { admits: ['user'] as const, ...told };
  const within = whole ? `${whole.collection.name}/{${whole.type}_id}/` : '';
  const all = `/orgs/{org_id}/sec_policy/{pversion}/${within}${name}`;
  const each = `${all}/{${type}_id}`;
  const ownerOf = ({ params, path }: Request) => (whole ? parentOf(path) : `/orgs/${params.org_id}`);
  /** The request for the list that a document is in. */
  const ofList = (request: Request) => ({ ...request, path: parentOf(request.path) });
  const touch = (request: Request, world: World, owner: string) => whole && touchDraft(whole, request, world, owner);
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
          parent: ownerOf,
          all: () => [{ key: 'href', contains: `/sec_policy/${version(request)}/` }],
          select,
          presented: presented && (({ query }, where) => presented(where, query)),
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
      refuses: OF_WHAT_IS_IN_FORCE,
      handle(request, world) {
        keepToDrafts(request);
        const owner = ownerOf(request);
        touch(request, world, owner);
        const href = String(createDraft(object, request, world, owner).href);
        writeParts(object, request, world, href);
        return { ...policyItem(object)({ ...request, path: href }, world), status: 201 };
      },
    },
    {
      ...common,
      id: `${name}.get`,
      method: 'GET',
      path: each,
      summary: `Get ${one}`,
      query: itemQuery,
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
      refuses: OF_WHAT_IS_IN_FORCE,
      handle(request, world) {
        keepToDrafts(request);
        const { update_type } = changeDraft(object, request, world);
        if (update_type !== 'delete') writeParts(object, request, world, request.path);
        touch(request, world, ownerOf(ofList(request)));
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
      refuses: OF_WHAT_IS_IN_FORCE,
      handle(request, world) {
        keepToDrafts(request);
        deleteDraft(object, request, world);
        touch(request, world, ownerOf(ofList(request)));
        return NO_CONTENT;
      },
    },
  ];
}

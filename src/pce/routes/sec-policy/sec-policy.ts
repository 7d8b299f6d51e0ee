import type { Document, World } from '../../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Request, type Route } from '../../../contract/route.ts';
import { item, list, partsOf } from '../../collections.ts';
import { recordEvent } from '../../events.ts';
import { type ChangeSubset, pendingChanges, provision, revert } from '../../policy/provisioning.ts';
import { secPolicies } from '../../policy/sec-policies.ts';
import { notFound } from '../../problems.ts';
import { workloads } from '../../workloads.ts';

const common = {
  admits: ['user'] as const,
  evidence: 'documented' as Evidence,
  source: 'Core REST API reference, Provisioning; API schemas 25.2.10',
};
const ALL = '/orgs/{org_id}/sec_policy';
const orgOf = ({ params }: Request) => `/orgs/${params.org_id}`;
const subsetOf = ({ body }: Request) => body.change_subset as ChangeSubset | undefined;

/** What the list of pending changes tells of a draft. */
const PENDING = ['href', 'name', 'update_type', 'updated_at', 'updated_by', 'caps'];

/** Which workloads a change reaches takes their rules; the emulator counts all that are managed (inferred). */
const workloadsAffected = (world: World, org: string) =>
  world.table(workloads).count(org, [{ key: 'managed', is: true }]);

/** The latest version of an organisation's policy. @throws Problem 404 where there is none yet */
function latest(world: World, org: string): Document {
  const found = world.table(secPolicies).find(org).at(-1);
  if (!found) throw notFound();
  return found;
}

export const secPolicyRoutes: Route[] = [
  {
    ...common,
    id: 'sec_policy.list',
    method: 'GET',
    path: ALL,
    summary: 'List the versions of the policy, one for each time that it was provisioned, the latest first',
    query: 'pce/sec_policy#query',
    replies: { 200: 'pce/sec_policy#list', 202: null },
    handle: list(secPolicies, {
      parent: orgOf,
      // A public client takes the first for the latest.
      select: (query) => ({ where: partsOf(query, 'commit_message'), descending: 'version' }),
    }),
  },
  {
    ...common,
    id: 'sec_policy.provision',
    method: 'POST',
    path: ALL,
    summary: 'Bring drafts into force: all that have changed, or some',
    body: 'pce/sec_policy#provision',
    replies: { 201: 'pce/sec_policy#item' },
    handle(request, world) {
      const org = orgOf(request);
      const object_counts = provision(world, org, subsetOf(request));
      const table = world.table(secPolicies);
      const href = table.mint(org);
      const after = table.insert(org, href, {
        href,
        version: Number(href.split('/').at(-1)),
        commit_message: request.body.update_description,
        workloads_affected: workloadsAffected(world, org),
        object_counts,
        created_at: world.clock.timestamp(),
        created_by: { href: request.caller.href },
      });
      recordEvent(request, world, org, { event_type: 'sec_policy.create', changes: [{ type: 'sec_policy', after }] });
      return { status: 201, body: after };
    },
  },
  {
    ...common,
    id: 'sec_policy.get',
    method: 'GET',
    path: `${ALL}/{pversion}`,
    summary: 'Get a version of the policy by its number, or the latest as `active`',
    replies: { 200: 'pce/sec_policy#item' },
    handle(request, world) {
      const { pversion } = request.params;
      return pversion === 'active'
        ? { status: 200, body: latest(world, orgOf(request)) }
        : item(secPolicies)(request, world);
    },
  },
  {
    ...common,
    id: 'sec_policy.pending',
    method: 'GET',
    path: `${ALL}/pending`,
    summary: 'List the drafts that differ from what is in force, by kind',
    replies: { 200: 'pce/sec_policy#pending' },
    handle(request, world) {
      const pending: Record<string, Document[]> = {};
      for (const { kind, draft } of pendingChanges(world, orgOf(request)).values()) {
        const told = Object.fromEntries(PENDING.flatMap((key) => (key in draft ? [[key, draft[key]]] : [])));
        pending[kind.collection.name] = [...(pending[kind.collection.name] ?? []), told];
      }
      return { status: 200, body: pending };
    },
  },
  {
    ...common,
    id: 'sec_policy.revert_pending',
    method: 'DELETE',
    path: `${ALL}/pending`,
    summary: 'Put all drafts back to what is in force',
    replies: { 204: null },
    handle: (request, world) => reverting(request, world),
  },
  {
    ...common,
    id: 'sec_policy.revert_some',
    method: 'PUT',
    path: `${ALL}/delete`,
    summary: 'Put some drafts back to what is in force',
    body: 'pce/sec_policy#revert',
    replies: { 204: null },
    handle: (request, world) => reverting(request, world, subsetOf(request)),
  },
];

function reverting(request: Request, world: World, subset?: ChangeSubset) {
  const org = orgOf(request);
  if (revert(world, org, subset) > 0) recordEvent(request, world, org, { event_type: 'sec_policy_pending.delete' });
  return NO_CONTENT;
}

import type { Document, World } from '../contract/collection.ts';
import type { Request } from '../contract/route.ts';
import { authorship, change, refusingDuplicates } from './collections.ts';
import type { Change } from './events.ts';
import { labelsAt } from './label-options.ts';
import {
  externalReferenceNotUnique,
  managedWorkloadStays,
  setByVen,
  venIsSuspended,
  workloadAlreadyDeleted,
} from './problems.ts';
import { serviceBindings } from './service-bindings.ts';
import { vens } from './vens.ts';
import { addWorkload, replaceWorkload, workloads } from './workloads.ts';

/**
 * What users may do to workloads. Each of these looks at everything before it writes anything, so that of many
 * workloads in one request one may be refused without the others.
 */

const orgOf = (request: Request) => `/orgs/${request.params.org_id}`;

const isLoopback = (address: unknown) => /^(127\.|(::|(0+:){7}0*)1(\/|$))/.test(String(address));

function shownInterface({ name, ...one }: Document): Document {
  const empty = {
    link_state: null,
    address: null,
    cidr_block: null,
    default_gateway_address: null,
    friendly_name: null,
  };
  return { name, ...empty, ...one, loopback: isLoopback(one.address) };
}

/** What a body says of a workload, as workloads show it. @throws Problem 406 */
function requestedWorkload({ labels, interfaces, ...rest }: Document, org: string, world: World): Document {
  return {
    ...rest,
    ...(labels !== undefined && { labels: labelsAt(labels as { href: string }[], org, world) }),
    ...(interfaces !== undefined && {
      interfaces: (interfaces as Document[]).map(shownInterface),
    }),
  };
}

/** Marks a workload as deleted: it stays readable by its href. Its VEN and its bindings are gone (inferred). */
function retire(request: Request, world: World, before: Document): void {
  const { href, ven, ...rest } = before as Document & { href: string; ven?: { href: string } };
  if (ven) world.table(vens).remove(ven.href);
  world.table(serviceBindings).removeAll(orgOf(request), [{ key: 'workload', is: href }]);
  const changed = change(request, world);
  const deletion = { deleted: true, deleted_at: changed.updated_at, deleted_by: changed.updated_by };
  replaceWorkload(world, { href, ...rest, ...changed, ...deletion });
}

/** What the VEN of a managed workload says, and nobody else. */
const SET_BY_VEN = ['hostname', 'public_ip', 'interfaces', 'os_id', 'os_detail', 'online', 'distinguished_name'];

/** Makes an unmanaged workload. @throws Problem 406 */
export function createWorkload(request: Request, world: World, body: Document): Document {
  // Both modes are those that the official Terraform provider and public captures show (inferred as defaults).
  const defaults = { enforcement_mode: 'visibility_only', visibility_level: 'flow_summary' };
  const requested = requestedWorkload(body, orgOf(request), world);
  const fresh = { ...defaults, ...requested, managed: false, ...authorship(request, world) };
  const href = world.table(workloads).mint(orgOf(request));
  return refusingDuplicates(() => addWorkload(world, { href, ...fresh }), externalReferenceNotUnique);
}

/** Changes a workload; what the body leaves out stays. @throws Problem 406 */
export function changeWorkload(request: Request, world: World, before: Document, body: Document): Document {
  if (before.deleted) throw workloadAlreadyDeleted();
  const foreign = before.managed ? SET_BY_VEN.filter((field) => field in body) : [];
  if (foreign.length > 0) throw setByVen(foreign);
  const requested = requestedWorkload(body, orgOf(request), world);
  const changed = { ...before, ...requested, ...change(request, world) };
  return refusingDuplicates(() => replaceWorkload(world, changed), externalReferenceNotUnique);
}

/** Deletes an unmanaged workload. @throws Problem 406 */
export function deleteWorkload(request: Request, world: World, before: Document): void {
  if (before.deleted) throw workloadAlreadyDeleted();
  if (before.managed) throw managedWorkloadStays();
  retire(request, world, before);
}

/**
 * Takes managed workloads and their VENs away (documented, for both ways to ask for it).
 * @returns what has gone
 * @throws Problem 406 for a VEN that is suspended; then none is taken away
 */
export function unpair(request: Request, world: World, managed: readonly Document[]): Change[] {
  const unique = [...new Map(managed.map((workload) => [workload.href, workload])).values()];
  // A node that a file of an earlier emulator holds has none.
  for (const { ven } of unique as { ven?: { href: string; status: string } }[]) {
    if (ven?.status === 'suspended') throw venIsSuspended(ven.href);
  }
  for (const workload of unique) retire(request, world, workload);
  return unique.map((before) => ({ type: 'workload', before }));
}

import type { Condition, Document, World } from '../../contract/collection.ts';
import { Problem } from '../../contract/problem.ts';
import { NO_CONTENT, type Request, type Route } from '../../contract/route.ts';
import { equalsOf, existing, item, list, refusingDuplicates } from '../collections.ts';
import { containerWorkloads } from '../container-workloads.ts';
import { recordEvent, recordEvents } from '../events.ts';
import { activeHref } from '../policy/policy-object.ts';
import { madeByCluster } from '../policy/problems.ts';
import { allowOverrides, type PortOverride } from '../port-overrides.ts';
import {
  alreadyBound,
  externalReferenceNotUnique,
  noSuchActiveVirtualService,
  noSuchContainerWorkload,
  noSuchWorkload,
} from '../problems.ts';
import { boundWorkload, serviceBindings } from '../service-bindings.ts';
import { virtualServices } from '../virtual-services.ts';
import { workloads } from '../workloads.ts';

const common = {
  admits: ['user'] as const,
  evidence: 'documented' as const,
  source: 'Core REST API reference, Virtual Services and Service Bindings; API schemas 25.2.20',
};
const ALL = '/orgs/{org_id}/service_bindings';
const ONE = `${ALL}/{service_binding_id}`;
const orgOf = ({ params }: Request) => `/orgs/${params.org_id}`;

function where(query: Document): Condition[] {
  const { virtual_service, workload } = query as Record<string, string | undefined>;
  // One parameter for both kinds of workloads (inferred): an href tells which it is.
  const end = workload?.includes('/container_workloads/') ? 'container_workload' : 'workload';
  return [
    ...equalsOf(query, 'external_data_set', 'external_data_reference'),
    ...(virtual_service === undefined ? [] : [{ key: 'virtual_service', is: activeHref(virtual_service) }]),
    ...(workload === undefined ? [] : [{ key: end, is: workload }]),
  ];
}

interface Named {
  readonly href: string;
}

/** A binding that is asked for. */
interface Wish {
  readonly virtual_service: Named;
  readonly workload?: Named;
  readonly container_workload?: Named;
  readonly port_overrides?: readonly PortOverride[] | null;
}

/** The end of a binding at which a workload stands, as it is shown. @throws Problem 406 */
function workloadEnd({ workload, container_workload }: Wish, org: string, world: World): Record<string, Document> {
  const named = (workload ?? container_workload) as Named;
  const own = named.href.startsWith(`${org}/`);
  if (!workload) {
    if (!own || !world.table(containerWorkloads).has(named.href)) throw noSuchContainerWorkload(named.href);
    return { container_workload: { href: named.href } };
  }
  const found = own ? world.table(workloads).get(named.href) : undefined;
  if (!found || found.deleted) throw noSuchWorkload(named.href);
  return { workload: boundWorkload(found) };
}

/** Makes one binding, having looked at everything before it writes. @throws Problem 406 */
function bind(request: Request, world: World, wish: Wish): Document {
  const org = orgOf(request);
  const { virtual_service, workload, container_workload, port_overrides, ...rest } = wish;
  const { href: service } = virtual_service;
  const inForce = service.startsWith(`${org}/`) && activeHref(service) === service;
  const bound = inForce ? world.table(virtualServices).get(service) : undefined;
  if (!bound) throw noSuchActiveVirtualService(service);
  const end = workloadEnd(wish, org, world);
  allowOverrides(port_overrides ?? [], bound, world);
  const table = world.table(serviceBindings);
  const ends = Object.entries(end).map(([key, { href }]) => ({ key, is: String(href) }));
  if (table.count(org, [{ key: 'virtual_service', is: service }, ...ends]) > 0) throw alreadyBound();
  const href = table.mint(org);
  const binding = { href, bound_service: { href: service }, ...end, port_overrides: port_overrides ?? [], ...rest };
  return refusingDuplicates(() => table.insert(org, href, binding), externalReferenceNotUnique);
}

export const serviceBindingRoutes: Route[] = [
  {
    ...common,
    id: 'service_bindings.list',
    method: 'GET',
    path: ALL,
    summary: 'List which workloads stand behind which virtual services',
    query: 'pce/service_bindings#query',
    replies: { 200: 'pce/service_bindings#list', 202: null },
    handle: list(serviceBindings, { select: (query) => ({ where: where(query) }) }),
  },
  {
    ...common,
    id: 'service_bindings.create',
    method: 'POST',
    path: ALL,
    summary: 'Bind workloads to virtual services that are in force, each by itself',
    body: 'pce/service_bindings#create',
    replies: { 201: 'pce/service_bindings#results' },
    handle(request, world) {
      const made: Document[] = [];
      const results = (request.body as unknown as Wish[]).map((wish) => {
        try {
          const binding = bind(request, world, wish);
          made.push(binding);
          return { status: 'created', href: binding.href };
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          return (error.body as Document[])[0];
        }
      });
      const changes = made.map((after) => ({ type: 'service_binding', after }));
      recordEvents(request, world, orgOf(request), { event_type: 'service_binding.create', changes });
      return { status: 201, body: results };
    },
  },
  {
    ...common,
    id: 'service_bindings.get',
    method: 'GET',
    path: ONE,
    summary: 'Get a service binding',
    replies: { 200: 'pce/service_bindings#item' },
    handle: item(serviceBindings),
  },
  {
    ...common,
    id: 'service_bindings.delete',
    method: 'DELETE',
    path: ONE,
    summary: 'Unbind a workload from a virtual service',
    replies: { 204: null },
    handle(request, world) {
      const table = world.table(serviceBindings);
      const before = existing(serviceBindings, request, world);
      if (table.facts(request.path)?.origin !== undefined) throw madeByCluster();
      table.remove(request.path);
      const changes = [{ type: 'service_binding', before }];
      recordEvent(request, world, orgOf(request), { event_type: 'service_binding.delete', changes });
      return NO_CONTENT;
    },
  },
];

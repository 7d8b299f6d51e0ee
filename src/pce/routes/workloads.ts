import type { Condition, Document, Selection, World } from '../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Request, type Route } from '../../contract/route.ts';
import { equalsOf, existing, item, labelledWith, list, partsOf } from '../collections.ts';
import { recordEvent, recordEvents } from '../events.ts';
import { noSuchWorkload, notManaged } from '../problems.ts';
import { changeWorkload, createWorkload, deleteWorkload, unpair } from '../workload-changes.ts';
import { workloads } from '../workloads.ts';

const common = {
  admits: ['user'] as const,
  evidence: 'documented' as Evidence,
  source: 'Core REST API reference, Workloads; API schemas 25.2.10',
};
const ALL = '/orgs/{org_id}/workloads';
const ONE = `${ALL}/{workload_id}`;
const orgOf = (request: Request) => `/orgs/${request.params.org_id}`;

function select(query: Document): Selection {
  const { name, hostname, ip_address, container_clusters } = query;
  const where: Condition[] = [
    ...partsOf(query, 'name', 'hostname', 'description', 'os_id'),
    ...equalsOf(query, 'managed', 'online', 'enforcement_mode', 'visibility_level', 'ven'),
    ...equalsOf(query, 'external_data_set', 'external_data_reference'),
    ...labelledWith(query.labels, 'label'),
    ...(ip_address === undefined ? [] : [{ key: 'addresses', contains: String(ip_address) }]),
    ...(container_clusters === undefined ? [] : [{ key: 'container_cluster', oneOf: container_clusters as string[] }]),
  ];
  // Clients ask for one row by either name and take the first.
  const key = name === undefined ? 'hostname' : 'name';
  const wanted = name ?? hostname;
  return wanted === undefined ? { where } : { where, first: { key, is: String(wanted) } };
}

function tell(request: Request, world: World, what: string, before?: Document, after?: Document): void {
  const changes = [{ type: 'workload', before, after }];
  recordEvent(request, world, orgOf(request), { event_type: `workload.${what}`, changes });
}

export const workloadRoutes: Route[] = [
  {
    ...common,
    id: 'workloads.list',
    method: 'GET',
    path: ALL,
    summary: 'List the hosts: unmanaged ones, and the nodes of clusters whose agents have paired',
    query: 'pce/workloads#query',
    replies: { 200: 'pce/workloads#list', 202: null },
    handle: list(workloads, {
      select,
      all: ({ include_deleted: all }) => (all === 'true' || all === 'yes' ? [] : [{ key: 'deleted', is: false }]),
    }),
  },
  {
    ...common,
    id: 'workloads.create',
    method: 'POST',
    path: ALL,
    summary: 'Create an unmanaged workload',
    body: 'pce/workloads#create',
    replies: { 201: 'pce/workloads#item' },
    handle(request, world) {
      const after = createWorkload(request, world, request.body);
      tell(request, world, 'create', undefined, after);
      return { status: 201, body: after };
    },
  },
  {
    ...common,
    id: 'workloads.get',
    method: 'GET',
    path: ONE,
    summary: 'Get a workload; a deleted one too',
    replies: { 200: 'pce/workloads#item' },
    handle: item(workloads),
  },
  {
    ...common,
    id: 'workloads.update',
    method: 'PUT',
    path: ONE,
    summary: 'Change a workload; what is left out stays',
    body: 'pce/workloads#update',
    replies: { 204: null },
    handle(request, world) {
      const before = existing(workloads, request, world);
      tell(request, world, 'update', before, changeWorkload(request, world, before, request.body));
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'workloads.delete',
    method: 'DELETE',
    path: ONE,
    summary: 'Mark an unmanaged workload as deleted',
    source: 'Core REST API reference, Workloads; that it stays readable: tests of the official Terraform provider',
    replies: { 204: null },
    handle(request, world) {
      const before = existing(workloads, request, world);
      deleteWorkload(request, world, before);
      tell(request, world, 'delete', before);
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'workloads.unpair',
    method: 'PUT',
    path: `${ALL}/unpair`,
    summary: 'Take managed workloads and their VENs away, all or none',
    body: 'pce/workloads#unpair',
    replies: { 204: null },
    handle(request, world) {
      const { workloads: named } = request.body as { workloads: { href: string }[] };
      const found = named.map(({ href }) => {
        const workload = href.startsWith(`${orgOf(request)}/`) ? world.table(workloads).get(href) : undefined;
        if (!workload || workload.deleted) throw noSuchWorkload(href);
        if (!workload.managed) throw notManaged(href);
        return workload;
      });
      recordEvents(request, world, orgOf(request), {
        event_type: 'workloads.unpair',
        changes: unpair(request, world, found),
      });
      return NO_CONTENT;
    },
  },
];

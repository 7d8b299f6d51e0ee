import type { Document, Selection, World } from '../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Request, type Route } from '../../contract/route.ts';
import { change, equalsOf, existing, item, labelledWith, list, partsOf } from '../collections.ts';
import { recordEvent, recordEvents } from '../events.ts';
import { noSuchVen, venIsSuspended } from '../problems.ts';
import { vens } from '../vens.ts';
import { unpair } from '../workload-changes.ts';
import { replaceWorkload, workloads } from '../workloads.ts';

const common = {
  admits: ['user'] as const,
  evidence: 'documented' as Evidence,
  source: 'Core REST API reference, VEN Operations; API schemas 25.2.10',
};
const ALL = '/orgs/{org_id}/vens';
const ONE = `${ALL}/{ven_id}`;
const orgOf = (request: Request) => `/orgs/${request.params.org_id}`;

function select(query: Document): Selection {
  const { name, hostname, os, container_clusters } = query;
  const where = [
    ...partsOf(query, 'name', 'hostname', 'description'),
    ...equalsOf(query, 'status', 'activation_type', 'active_pce_fqdn'),
    ...labelledWith(query.labels, 'label'),
    ...(os === undefined ? [] : [{ key: 'os_id', contains: String(os) }]),
    ...(container_clusters === undefined ? [] : [{ key: 'container_cluster', oneOf: container_clusters as string[] }]),
  ];
  const key = name === undefined ? 'hostname' : 'name';
  const wanted = name ?? hostname;
  return wanted === undefined ? { where } : { where, first: { key, is: String(wanted) } };
}

const workloadOf = (world: World, ven: Document): Document[] =>
  (ven.workloads as { href: string }[]).flatMap(({ href }) => {
    const workload = world.table(workloads).get(href);
    return workload ? [workload] : [];
  });

/** The events of a VEN are those of its agent (the PCE's list of events knows no others). */
function happened(before: Document, after: Document): string {
  if (before.status === after.status) return 'agent.update';
  return after.status === 'suspended' ? 'agent.suspend' : 'agent.unsuspend';
}

export const venRoutes: Route[] = [
  {
    ...common,
    id: 'vens.list',
    method: 'GET',
    path: ALL,
    summary: 'List the VENs: those of the nodes of clusters whose agents have paired',
    query: 'pce/vens#query',
    replies: { 200: 'pce/vens#list', 202: null },
    handle: list(vens, { select }),
  },
  {
    ...common,
    id: 'vens.get',
    method: 'GET',
    path: ONE,
    summary: 'Get a VEN',
    replies: { 200: 'pce/vens#item' },
    handle: item(vens),
  },
  {
    ...common,
    id: 'vens.update',
    method: 'PUT',
    path: ONE,
    summary: 'Change what a user may say of a VEN, or mark it as suspended',
    body: 'pce/vens#update',
    replies: { 204: null },
    handle(request, world) {
      const before = existing(vens, request, world);
      const changed = { ...before, ...request.body, ...change(request, world) } as Document;
      const unpair_allowed = changed.status !== 'suspended';
      const after = world.table(vens).replace(request.path, { ...changed, unpair_allowed });
      for (const workload of workloadOf(world, after)) replaceWorkload(world, workload);
      const changes = [{ type: 'ven', before, after }];
      recordEvent(request, world, orgOf(request), { event_type: happened(before, after), changes });
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'vens.unpair',
    method: 'PUT',
    path: `${ALL}/unpair`,
    summary: 'Take VENs and their workloads away; the answer tells of those that were not',
    evidence: 'inferred',
    source: 'Core REST API reference, VEN Operations; that it answers 200, with errors, as pylo reads it',
    body: 'pce/vens#unpair',
    replies: { 200: 'pce/vens#unpaired' },
    handle(request, world) {
      const { vens: named } = request.body as { vens: { href: string }[] };
      const errors: Document[] = [];
      const managed = named.flatMap(({ href }) => {
        const ven = href.startsWith(`${orgOf(request)}/`) ? world.table(vens).get(href) : undefined;
        if (ven?.status === 'active') return workloadOf(world, ven);
        const [problem] = (ven ? venIsSuspended(href) : noSuchVen(href)).body as Document[];
        errors.push({ ...problem, hrefs: [href] });
        return [];
      });
      const changes = unpair(request, world, managed);
      recordEvents(request, world, orgOf(request), { event_type: 'agents.unpair', changes, http_status_code: 200 });
      return { status: 200, body: { errors } };
    },
  },
];

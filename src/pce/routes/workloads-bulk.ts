import type { Document, World } from '../../contract/collection.ts';
import { Problem } from '../../contract/problem.ts';
import type { Evidence, Request, Route } from '../../contract/route.ts';
import { type Change, recordEvents } from '../events.ts';
import { noSuchWorkload } from '../problems.ts';
import { changeWorkload, createWorkload, deleteWorkload } from '../workload-changes.ts';
import { workloads } from '../workloads.ts';

const common = {
  method: 'PUT' as const,
  admits: ['user'] as const,
  evidence: 'documented' as Evidence,
  source: 'Core REST API reference, Workload Bulk Operations; read as public clients read it',
  // A thousand workloads, each with some interfaces.
  largestBody: 8 * 2 ** 20,
};
const ALL = '/orgs/{org_id}/workloads';

type Attempt<Item> = { readonly item: Item } & ({ readonly change: Change } | { readonly problems: Document[] });

/**
 * Does something to each of many. One that is refused stops none of the others: each looks before it writes.
 * @param doTo what is done to one. @throws Problem
 */
function attempt<Item>(items: readonly Item[], doTo: (item: Item) => Omit<Change, 'type'>): Attempt<Item>[] {
  return items.map((item) => {
    try {
      return { item, change: { type: 'workload', ...doTo(item) } };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return { item, problems: error.body as Document[] };
    }
  });
}

function tell(request: Request, world: World, what: string, attempts: readonly Attempt<unknown>[]): void {
  const changes = attempts.flatMap((one) => ('change' in one ? [one.change] : []));
  const event_type = `workloads.bulk_${what}`;
  recordEvents(request, world, `/orgs/${request.params.org_id}`, { event_type, changes, http_status_code: 200 });
}

/** A workload of the request's organisation. @throws Problem 406 */
function named(request: Request, world: World, href: string): Document {
  const own = href.startsWith(`/orgs/${request.params.org_id}/`);
  const workload = own ? world.table(workloads).get(href) : undefined;
  if (!workload) throw noSuchWorkload(href);
  return workload;
}

/**
 * One entry of an answer: what was done, or the first reason why it was not. The official Python client looks for
 * `href` in each, so the entry of what was not created has one, too.
 */
function result(href: unknown, status: string, one: Attempt<unknown>): Document {
  return { href, ...('change' in one ? { status } : { status: 'validation_failure', ...one.problems[0] }) };
}

export const workloadBulkRoutes: Route[] = [
  {
    ...common,
    id: 'workloads.bulk_create',
    path: `${ALL}/bulk_create`,
    summary: 'Create up to 1000 unmanaged workloads, each by itself',
    body: 'pce/workloads#bulk_create',
    replies: { 200: 'pce/workloads#results' },
    handle(request, world) {
      const items = request.body as unknown as Document[];
      const attempts = attempt(items, (body) => ({ after: createWorkload(request, world, body) }));
      tell(request, world, 'create', attempts);
      const hrefOf = (one: Attempt<Document>) => ('change' in one ? one.change.after?.href : null);
      return { status: 200, body: attempts.map((one) => result(hrefOf(one), 'created', one)) };
    },
  },
  {
    ...common,
    id: 'workloads.bulk_update',
    path: `${ALL}/bulk_update`,
    summary: 'Change up to 1000 workloads, each by itself',
    body: 'pce/workloads#bulk_update',
    replies: { 200: 'pce/workloads#results' },
    handle(request, world) {
      const items = request.body as unknown as ({ href: string } & Document)[];
      const attempts = attempt(items, ({ href, ...body }) => {
        const before = named(request, world, href);
        return { before, after: changeWorkload(request, world, before, body) };
      });
      tell(request, world, 'update', attempts);
      return { status: 200, body: attempts.map((one) => result(one.item.href, 'updated', one)) };
    },
  },
  {
    ...common,
    id: 'workloads.bulk_delete',
    path: `${ALL}/bulk_delete`,
    summary: 'Delete up to 1000 unmanaged workloads, each by itself; the answer tells of those that were not',
    body: 'pce/workloads#bulk_delete',
    replies: { 200: 'pce/workloads#not_deleted' },
    handle(request, world) {
      const items = request.body as unknown as { href: string }[];
      const attempts = attempt(items, ({ href }) => {
        const before = named(request, world, href);
        deleteWorkload(request, world, before);
        return { before };
      });
      tell(request, world, 'delete', attempts);
      // A public client warns of every entry, so there is none for a success.
      const body = attempts.flatMap((one) =>
        'problems' in one ? [{ href: one.item.href, errors: one.problems }] : [],
      );
      return { status: 200, body };
    },
  },
];

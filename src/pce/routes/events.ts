import type { Condition, Document } from '../../contract/collection.ts';
import type { Route } from '../../contract/route.ts';
import { equalsOf, item, list } from '../collections.ts';
import { events, oldestKept } from '../events.ts';

const common = { admits: ['user'] as const, evidence: 'documented' as const, source: 'API schemas 25.2.10, events' };

function where(query: Document): Condition[] {
  const { status, 'timestamp[gte]': from, 'timestamp[lte]': to } = query as Record<string, string | undefined>;
  return [
    ...equalsOf(query, 'created_by', 'event_type', 'severity'),
    ...(status === undefined ? [] : [{ key: 'status', is: status === 'nil' ? null : status }]),
    ...(from === undefined && to === undefined ? [] : [{ key: 'timestamp', from, to }]),
  ];
}

export const eventRoutes: Route[] = [
  {
    ...common,
    id: 'events.list',
    method: 'GET',
    path: '/orgs/{org_id}/events',
    summary: 'List what happened, the latest first',
    query: 'pce/events#query',
    replies: { 200: 'pce/events#list', 202: null },
    handle(request, world) {
      const kept = { key: 'timestamp', from: oldestKept(world) };
      return list(events, { select: (query) => ({ where: [kept, ...where(query)], latestFirst: true }) })(
        request,
        world,
      );
    },
  },
  {
    ...common,
    id: 'events.get',
    method: 'GET',
    path: '/orgs/{org_id}/events/{event_id}',
    summary: 'Get an event',
    replies: { 200: 'pce/events#item' },
    handle: item(events),
  },
];

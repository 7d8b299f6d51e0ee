import type { Condition, Document } from '../../contract/collection.ts';
import type { Route } from '../../contract/route.ts';
import { between, equalsOf, existing, list, parentOf } from '../collections.ts';
import { events, oldestKept } from '../events.ts';
import { notFound } from '../problems.ts';

const common = { admits: ['user'] as const, evidence: 'documented' as const, source: 'API schemas 25.2.10, events' };

function where(query: Document): Condition[] {
  const { status } = query;
  return [
    ...equalsOf(query, 'created_by', 'event_type', 'severity'),
    ...(status === undefined ? [] : [{ key: 'status', is: status === 'nil' ? null : String(status) }]),
    ...between(query, 'timestamp'),
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
    handle: list(events, {
      all: (_query, world, org) => [{ key: 'timestamp', from: oldestKept(world, org) }],
      select: (query) => ({ where: where(query), descending: 'timestamp' }),
    }),
  },
  {
    ...common,
    id: 'events.get',
    method: 'GET',
    path: '/orgs/{org_id}/events/{event_id}',
    summary: 'Get an event',
    replies: { 200: 'pce/events#item' },
    handle(request, world) {
      const event = existing(events, request, world);
      if (String(event.timestamp) < oldestKept(world, parentOf(parentOf(request.path)))) throw notFound();
      return { status: 200, body: event };
    },
  },
];

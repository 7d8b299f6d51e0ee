import type { Document, World } from '../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Request, type Route } from '../../contract/route.ts';
import { forgetOldEvents, recordEvent } from '../events.ts';
import { labelAt } from '../label-options.ts';
import { changeSettings, type Kind, mergedByScope, settingsOf } from '../settings.ts';

const common = { admits: ['user'] as const, evidence: 'documented' as Evidence };
const EVENTS = '/orgs/{org_id}/settings/events';
const WORKLOADS = '/orgs/{org_id}/settings/workloads';

const orgOf = (request: Request) => `/orgs/${request.params.org_id}`;

/** Changes settings, with the event of that. */
function change(request: Request, world: World, kind: Kind, type: string, changed: Document): void {
  const org = orgOf(request);
  const changes = [{ type, ...changeSettings(world, org, kind, changed) }];
  recordEvent(request, world, org, { event_type: `${type}.update`, changes });
}

/** What a body asks of the settings of workloads, beside what they have. @throws Problem 406 for a label that is none */
function mergedSettings(request: Request, world: World): Document {
  const before = settingsOf(world, orgOf(request), 'workloads') as Record<string, Document[]>;
  const asked = Object.entries(request.body as Record<string, Document[]>);
  for (const { scope } of asked.flatMap(([, values]) => values)) {
    for (const { href } of scope as { href: string }[]) labelAt(href, orgOf(request), world);
  }
  return Object.fromEntries(asked.map(([name, values]) => [name, mergedByScope(before[name] ?? [], values)]));
}

export const settingsRoutes: Route[] = [
  {
    ...common,
    id: 'settings.events',
    method: 'GET',
    path: EVENTS,
    summary: 'Tell how long events are kept, and in which form they would leave',
    source: 'Core REST API reference, Organization Settings; API schemas 25.2.20',
    replies: { 200: 'pce/settings_events#item' },
    handle: (request, world) => {
      const { href: _, ...body } = settingsOf(world, orgOf(request), 'events');
      return { status: 200, body };
    },
  },
  {
    ...common,
    id: 'settings.update_events',
    method: 'PUT',
    path: EVENTS,
    summary: 'Set how long events are kept, and from which severity on; what is left out stays',
    source: 'Core REST API reference, Organization Settings; API schemas 25.2.20',
    body: 'pce/settings_events#update',
    replies: { 204: null },
    handle(request, world) {
      // Before it changes: what is over does not come back.
      forgetOldEvents(world, orgOf(request));
      change(request, world, 'events', 'event_settings', request.body);
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'settings.workloads',
    method: 'GET',
    path: WORKLOADS,
    summary: 'Tell when workloads count as offline',
    source: 'Core REST API reference, Workload Settings; the official Terraform provider needs the href',
    replies: { 200: 'pce/settings_workloads#item' },
    handle: (request, world) => ({
      status: 200,
      body: { href: request.path, ...settingsOf(world, orgOf(request), 'workloads') },
    }),
  },
  {
    ...common,
    id: 'settings.update_workloads',
    method: 'PUT',
    path: WORKLOADS,
    summary: 'Set when workloads count as offline, by scope and type of VEN; what is left out stays',
    source: 'Core REST API reference, Workload Settings; API schemas 25.2.20',
    body: 'pce/settings_workloads#update',
    replies: { 204: null },
    handle(request, world) {
      change(request, world, 'workloads', 'workload_settings', mergedSettings(request, world));
      return NO_CONTENT;
    },
  },
];

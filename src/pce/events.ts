import type { Collection, Document, World } from '../contract/collection.ts';
import type { Caller, Request } from '../contract/route.ts';
import { timestampOf } from '../kernel/clock.ts';
import { containerClusters } from './container-clusters.ts';
import { usernameOf } from './organisations.ts';
import { settingsOf } from './settings.ts';

export const events: Collection = {
  name: 'events',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/events#item',
  keys: {
    event_type: '$.event_type',
    severity: '$.severity',
    status: '$.status',
    timestamp: '$.timestamp',
  },
  factKeys: { created_by: '$.created_by' },
  ranges: ['timestamp'],
  // There are as many as writes: they are made in their final shape, and the same in all releases.
  unshaped: true,
};

/** The name that events and the health of the PCE show for it; it is nobody's. */
export const PCE_FQDN = 'pce.example.com';

/** The moment of the oldest event that an organisation is still told of: how long that is, it sets itself. */
function sinceWhen(world: World, org: string): number {
  const seconds = Number(settingsOf(world, org, 'events').audit_event_retention_seconds);
  return world.clock.now() - seconds * 1000;
}

/** Its timestamp. */
export const oldestKept = (world: World, org: string): string => timestampOf(sinceWhen(world, org));

/** Clears away what an organisation is no longer told of. */
export function forgetOldEvents(world: World, org: string): void {
  world.table(events).removeAll(org, [{ key: 'timestamp', to: timestampOf(sinceWhen(world, org) - 1) }]);
}

/** From which severity on an organisation keeps events (documented), by the word in its settings. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  error: ['err'],
  warning: ['err', 'warning'],
  informational: ['err', 'warning', 'info'],
};

/** One document that an event tells about. */
export interface Change {
  /** What kind of thing it is, in the singular: `container_cluster`. */
  readonly type: string;
  readonly before?: Document;
  readonly after?: Document;
}

interface Happening {
  readonly event_type: string;
  readonly changes?: readonly Change[];
  readonly severity?: 'info' | 'warning' | 'err';
  /** The status of the reply, where it is not that of every such method. */
  readonly http_status_code?: number;
  /** True for what the PCE does by itself in the course of a request. */
  readonly bySystem?: boolean;
}

const STATUS: Readonly<Record<Request['method'], number>> = { GET: 200, POST: 201, PUT: 204, DELETE: 204 };

/**
 * Keeps an event, unless its organisation has set that it wants none of such a severity.
 * @param request what caused it
 * @param org the organisation whose event it is: `/orgs/1`
 * @returns its href
 */
export function recordEvent(request: Request, world: World, org: string, happening: Happening): string {
  const { event_type, changes = [], severity = 'info', bySystem = request.caller.kind === 'nobody' } = happening;
  const table = world.table(events);
  const href = table.mint(org);
  // Readers look at the age themselves, so it is enough that one in 256 clears away for the others.
  if (href.endsWith('00')) forgetOldEvents(world, org);
  const { audit_event_min_severity } = settingsOf(world, org, 'events');
  if (!KEPT[String(audit_event_min_severity)]?.includes(severity)) return href;
  const { caller, path, method, address } = request;
  const ofRequest = {
    ...(caller.apiKey && { info: { api_key_id: caller.apiKey.replace(/^api_/, '') } }),
    api_endpoint: `/api/v2${path}`,
    api_method: method,
    http_status_code: happening.http_status_code ?? STATUS[method],
    src_ip: address,
  };
  const ofSystem = { api_endpoint: null, api_method: null, http_status_code: null, src_ip: null };
  const event = {
    href,
    timestamp: world.clock.timestamp(),
    pce_fqdn: PCE_FQDN,
    created_by: bySystem ? { system: {} } : makerOf(caller, world),
    event_type,
    status: 'success',
    severity,
    action: { uuid: world.ids.uuid(), ...(bySystem ? ofSystem : ofRequest) },
    resource_changes: changes.map((change) => ({ uuid: world.ids.uuid(), ...told(change) })),
    notifications: [],
  };
  table.keep(org, href, JSON.stringify(event), { created_by: bySystem ? 'system' : caller.href });
  return href;
}

/** So many that no event grows beyond what a client can read (ours). */
const CHANGES_OF_ONE_EVENT = 100;

/** Keeps as many events as many changes need; none where nothing has changed. */
export function recordEvents(request: Request, world: World, org: string, happening: Happening): void {
  const { changes = [] } = happening;
  for (let at = 0; at < changes.length; at += CHANGES_OF_ONE_EVENT) {
    recordEvent(request, world, org, { ...happening, changes: changes.slice(at, at + CHANGES_OF_ONE_EVENT) });
  }
}

function makerOf({ kind, href, name, isAccount }: Caller, world: World): Document {
  // As tests of a public tool that reads a PCE's events show it; the API schemas know no service accounts here.
  if (isAccount) return { service_account: { href, name } };
  if (kind === 'user') return { user: { href, username: name ?? usernameOf(href) } };
  const cluster = world.table(containerClusters).get(href);
  return { container_cluster: { href, name: cluster?.name } };
}

/**
 * Keeps the event of a user's change of one document: `label_dimension.create`.
 * @param what happened to it: `create`, `update`, `delete`
 */
export function recordChange(request: Request, world: World, what: string, change: Change): void {
  const event_type = `${change.type}.${what}`;
  recordEvent(request, world, request.caller.org, { event_type, changes: [change] });
}

/** What names a document in an event. */
const NAMING = ['href', 'name', 'namespace', 'key', 'value'];
/** What every change changes, or what says nothing of the document itself. */
const LEFT_OUT = ['href', 'created_at', 'created_by', 'updated_at', 'updated_by', 'caps'];

function told({ type, before, after }: Change): Document {
  const document = after ?? before ?? {};
  const named: Document = {};
  for (const key of NAMING) if (document[key] !== undefined && document[key] !== null) named[key] = document[key];
  const changes: Document = {};
  const compare = (key: string) => {
    if (key in changes || LEFT_OUT.includes(key)) return;
    const [old, now] = [before?.[key] ?? null, after?.[key] ?? null];
    if (old === now || (before && after && JSON.stringify(old) === JSON.stringify(now))) return;
    changes[key] = { before: old, after: now };
  };
  for (const key in before) compare(key);
  for (const key in after) compare(key);
  const change_type = before && after ? 'update' : after ? 'create' : 'delete';
  return { resource: { [type]: named }, changes, change_type };
}

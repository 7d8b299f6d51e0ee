import type { Collection, Document, Edge, World } from '../contract/collection.ts';

/**
 * What an organisation has set, one document for each kind, at `<org>/settings/<kind>`. Where there is none, or where
 * it says nothing of a setting, the defaults hold.
 */
export const settings: Collection = {
  name: 'settings',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/settings#stored',
  references: [{ to: 'labels', edges: scopesOf, quote: withoutDeleted }],
};

export const SETTINGS = ['events', 'workloads'] as const;
export type Kind = (typeof SETTINGS)[number];

const HOUR = 3600;

/** A setting of workloads for those with all labels of a scope, and one type of VEN. */
interface Scoped {
  readonly scope: readonly { readonly href: string }[];
  readonly ven_type: string;
}

const isScoped = (value: unknown): value is Scoped[] => Array.isArray(value);

function scopesOf(document: Document): Edge[] {
  const scoped = Object.values(document).filter(isScoped).flat();
  return scoped.flatMap(({ scope }) => scope.map(({ href }) => ({ role: 'scope', to: href })));
}

/**
 * What is set for the workloads with a label goes with it (ours): a change keeps what it leaves out, so that nobody
 * could take it away before.
 */
function withoutDeleted(document: Document, { href, deleted }: Document): Document {
  if (!deleted) return document;
  const kept = Object.entries(document).map(([name, value]) => {
    if (!isScoped(value)) return [name, value];
    return [name, value.filter(({ scope }) => !scope.some((label) => label.href === href))];
  });
  return Object.fromEntries(kept);
}

/** Each setting has a value for the empty scope (documented); an untold type of VEN is a server (official provider). */
const everywhere = (value: Document): (Scoped & Document)[] => [{ scope: [], ...value, ven_type: 'server' }];

/**
 * What a fresh organisation has. The hour without a heartbeat is documented, as are the 30 days; the values of the
 * other settings are ours, as public examples have them where there are any.
 */
const DEFAULTS: Readonly<Record<Kind, (world: World) => Document>> = {
  events: () => ({
    audit_event_retention_seconds: 30 * 24 * HOUR,
    audit_event_min_severity: 'informational',
    format: 'JSON',
  }),
  workloads: (world) => ({
    workload_disconnected_timeout_seconds: everywhere({ value: HOUR }),
    workload_goodbye_timeout_seconds: everywhere({ value: HOUR / 4 }),
    ...(world.has('workload_settings_of_vens') && {
      workload_disconnected_notification_seconds: everywhere({ warning: HOUR / 4 }),
      ven_uninstall_timeout_hours: everywhere({ value: 7 * 24 }),
    }),
  }),
};

const hrefOf = (org: string, kind: Kind) => `${org}/settings/${kind}`;

/** The settings of an organisation, complete. */
export function settingsOf(world: World, org: string, kind: Kind): Document {
  return { ...DEFAULTS[kind](world), ...world.table(settings).get(hrefOf(org, kind)) };
}

/** Changes some settings of an organisation. @returns how they were, and how they are */
export function changeSettings(
  world: World,
  org: string,
  kind: Kind,
  changed: Document,
): { before: Document; after: Document } {
  const table = world.table(settings);
  const href = hrefOf(org, kind);
  const before = { href, ...settingsOf(world, org, kind) };
  const after = { ...before, ...changed };
  if (table.has(href)) table.replace(href, after);
  else table.insert(org, href, after);
  return { before, after };
}

/**
 * The values of a setting once some are changed: what is asked for takes the place of what has the same scope and type
 * of VEN, and the rest stays, as the official Terraform provider found.
 */
export function mergedByScope(before: readonly Document[], asked: readonly Document[]): Document[] {
  const merged = new Map(before.map((one) => [keyOf(one), one]));
  for (const one of asked) {
    const value = { ...one, ven_type: one.ven_type ?? 'server' };
    merged.set(keyOf(value), value);
  }
  return [...merged.values()];
}

function keyOf(value: Document): string {
  const { scope, ven_type } = value as unknown as Scoped;
  const labels = scope.map(({ href }) => href).sort();
  return [ven_type, ...labels].join(' ');
}

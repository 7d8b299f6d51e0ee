import type { Collection, Document, World } from '../contract/collection.ts';
import { modeOf } from './modes.ts';

/**
 * VENs under their older name, which is a number. Workloads still show it: by it older clients know which of them are
 * managed.
 */
export const agents: Collection = {
  name: 'agents',
  parent: 'orgs',
  id: 'integer',
  schema: 'pce/vens#agent',
  keys: { ven: '$.ven.href' },
  indexed: ['ven'],
  references: [
    { to: 'vens', edges: ({ ven }) => [{ role: 'ven', to: (ven as { href: string }).href }], vanishes: true },
  ],
};

/** Gives a VEN its number. */
export function numberVen(world: World, org: string, ven: string): void {
  const table = world.table(agents);
  const href = table.mint(org);
  table.insert(org, href, { href, ven: { href: ven } });
}

/** What a workload shows under `agent`, the older form of what its modes and its VEN are. */
export function agentOf(world: World, workload: Document, ven?: Document): Document {
  const { enforcement_mode, visibility_level } = workload;
  const config = { mode: modeOf(enforcement_mode), visibility_level, security_policy_update_mode: 'adaptive' };
  if (!ven) return { config, type: 'Host' };
  const { status, created_at, last_heartbeat_at, version, unpair_allowed } = ven;
  const alive = { status, managed_since: created_at, last_heartbeat_on: last_heartbeat_at, agent_version: version };
  const { href } = world.table(agents).lookup({ ven: String(ven.href) }) ?? {};
  return { href, config, status: alive, type: 'Host', unpair_allowed };
}

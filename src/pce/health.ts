import type { Document, World } from '../contract/collection.ts';
import { PCE_FQDN } from './events.ts';

/** What a PCE that runs properly calls its runlevel. */
const FULL_OPERATION = 5;

/** What a node is called that is the whole PCE. No schema has it; a public client (pylo) cannot do without. */
const SINGLE_NODE = 'snc0';

/**
 * How the PCE is: one node that is well, since the emulator answers. It has no hardware whose use could be told, and
 * no second database to replicate to.
 */
export function health(world: World): Document {
  const age = Math.max(0, Math.floor((world.clock.now() - world.startedAt) / 1000));
  const generated_at = world.clock.timestamp();
  return {
    status: 'normal',
    type: 'standalone',
    fqdn: PCE_FQDN,
    available_seconds: age,
    notifications: [],
    listen_only_mode_enabled_at: null,
    nodes: [
      {
        hostname: PCE_FQDN,
        type: SINGLE_NODE,
        ip_address: null,
        runlevel: FULL_OPERATION,
        uptime_seconds: age,
        services: { status: 'running', running: ['pce_emulator'], not_running: [], partial: [], optional: [] },
        generated_at,
      },
    ],
    network: { replication: [] },
    generated_at,
  };
}

import type { Collection, Document, World } from '../contract/collection.ts';
import { timestampOf } from '../kernel/clock.ts';
import type { LabelMapping } from './agent/label-resolution.ts';
import type { ClusterMode } from './agent/namespace-state.ts';

export const containerClusters: Collection = {
  name: 'container_clusters',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/container_clusters#item',
  keys: { name: '$.name', clas_mode: '$.clas_mode', online: '$.online' },
  factKeys: { token_sha256: '$.token_sha256', heartbeat_at: '$.heartbeat_at' },
  indexed: ['token_sha256'],
  ranges: ['heartbeat_at'],
  credential: true,
};

/** What the PCE knows of a cluster and shows to nobody. */
export interface ClusterFacts {
  /** The fingerprint of the cluster's token, which lives as long as the cluster. */
  readonly token_sha256?: string;
  /** When the agent last reported. A cluster that was put online by a world has none, and stays online. */
  readonly heartbeat_at?: string;
  readonly mode?: ClusterMode;
  /** The fingerprint of the namespaces that were last reported: heartbeats mostly repeat them. */
  readonly namespaces_sha256?: string;
  /** The href of the network that its pods are in. */
  readonly network?: string;
  readonly label_map?: readonly LabelMapping[];
  /** The policy that the agent has acknowledged last. */
  readonly security_policy_set_digest?: string;
  readonly support_report_requested_at?: string;
}

export const factsOf = (world: World, cluster: string): ClusterFacts =>
  world.table(containerClusters).facts(cluster) ?? {};

/** The last heartbeat that no longer keeps a cluster online. */
export const lastHeartbeatOfOffline = (world: World): string =>
  timestampOf(world.clock.now() - world.settings.offlineAfter);

/** A cluster as it is now: offline once its agent has been silent for too long (inferred; how long is configurable). */
export function asOfNow(cluster: Document, facts: ClusterFacts, world: World): Document {
  return isSilent(facts, world) && cluster.online === true ? { ...cluster, online: false } : cluster;
}

/** Whether a cluster that has reported has not done so for too long. */
export const isSilent = ({ heartbeat_at }: ClusterFacts, world: World): boolean =>
  heartbeat_at !== undefined && heartbeat_at <= lastHeartbeatOfOffline(world);

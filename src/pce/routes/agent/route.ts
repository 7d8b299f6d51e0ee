import type { World } from '../../../contract/collection.ts';
import type { Evidence, Request } from '../../../contract/route.ts';
import { factsOf } from '../../container-clusters.ts';
import { clusterNotInClasMode } from '../../problems.ts';

/** Below what path a cluster's agent makes its requests. */
export const CLUSTER = '/orgs/{org_id}/container_clusters/{container_cluster_id}';

/** Names and statuses are in a published list of private routes; bodies are in none. */
export const agentRoute = {
  admits: ['own_cluster'] as const,
  evidence: 'inferred' as Evidence,
  source: 'path and status from the API schemas 25.2.10 (private routes, this_kubelink); the body is ours',
};

/** The organisation and the cluster that an agent speaks for. */
export function speakerOf({ caller }: Request): { org: string; cluster: string } {
  return { org: caller.org, cluster: caller.href };
}

/** In legacy mode nothing would come of what an agent says of workloads and policy, so it is told (inferred). */
export function requireClasMode(request: Request, world: World): void {
  if (factsOf(world, speakerOf(request).cluster).mode !== 'clas') throw clusterNotInClasMode();
}

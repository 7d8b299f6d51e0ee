import type { World } from '../../../contract/collection.ts';
import { Problem } from '../../../contract/problem.ts';
import type { Request } from '../../../contract/route.ts';
import { containerClusters } from '../../container-clusters.ts';

export const CLUSTER = '/orgs/{org_id}/container_clusters/{container_cluster_id}';

/** Tells that something is wrong, as the emulator's own API does. */
export const refusal = (status: number, token: string, message: string) =>
  new Problem(status, message, { token, message });

export const clusterInClasMode = () =>
  refusal(409, 'cluster_in_clas_mode', 'The cluster is in CLAS mode, in which no pods are reported');

/** The cluster that a request is about. @throws Problem 404 */
export function clusterAt(request: Request, world: World): string {
  const { org_id, container_cluster_id } = request.params;
  const href = `/orgs/${org_id}/container_clusters/${container_cluster_id}`;
  if (!world.table(containerClusters).has(href)) throw refusal(404, 'not_found', `There is no ${href}`);
  return href;
}

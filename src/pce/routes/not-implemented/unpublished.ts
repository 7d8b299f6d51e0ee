import type { Area } from './area.ts';

/** Routes that Illumio has described, and does not promise to keep. */
export const unpublished: Area = {
  evidence: 'documented',
  source: 'API schemas 25.2.10, private routes',
  rows: [
    ['/orgs/{org_id}/container_workloads/{container_workload_id}/running_containers', 'GET'],
    ['/orgs/{org_id}/label_dimensions/obj_limits', 'GET'],
    ['/orgs/{org_id}/traffic_data/kubelink', 'POST', 'any_cluster'],
    ['/users/auth_token', 'POST'],
  ],
};

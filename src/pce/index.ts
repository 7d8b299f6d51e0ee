import type { Collection } from '../contract/collection.ts';
import type { Api } from '../contract/route.ts';
import { containerClusterRoutes, containerClusters } from './container-clusters.ts';
import { containerWorkloadProfileRoutes, containerWorkloadProfiles } from './container-workload-profiles.ts';
import { identify } from './identify.ts';
import { datafiles, jobRoutes, jobs } from './jobs.ts';
import { labelRoutes, labels } from './labels.ts';
import { notImplementedRoutes } from './not-implemented.ts';
import { apiKeys, organisations } from './organisations.ts';
import { pceRefusals } from './problems.ts';
import { serviceBackendRoutes, serviceBackends } from './service-backends.ts';

/** Everything the PCE keeps; what others belong to comes before them. */
export const pceCollections: readonly Collection[] = [
  organisations,
  apiKeys,
  labels,
  containerClusters,
  containerWorkloadProfiles,
  serviceBackends,
  jobs,
  datafiles,
];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const INTEGER = /^(0|[1-9][0-9]*)$/;

/** The table of everything the PCE answers. */
export const pce: Api = {
  name: 'pce',
  prefix: '/api/v2',
  routes: [
    ...containerClusterRoutes,
    ...containerWorkloadProfileRoutes,
    ...serviceBackendRoutes,
    ...labelRoutes,
    ...jobRoutes,
    ...notImplementedRoutes,
  ],
  parameters: {
    container_cluster_id: UUID,
    container_workload_profile_id: UUID,
    datafile_id: UUID,
    job_id: UUID,
    label_id: INTEGER,
  },
  refusals: pceRefusals,
  identify,
};

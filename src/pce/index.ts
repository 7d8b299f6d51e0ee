import type { Collection } from '../contract/collection.ts';
import type { Api } from '../contract/route.ts';
import { clusterTokens, containerClusterRoutes, containerClusters } from './container-clusters.ts';
import { containerWorkloadProfileRoutes, containerWorkloadProfiles } from './container-workload-profiles.ts';
import { identify } from './identify.ts';
import { datafiles, jobRoutes, jobs } from './jobs.ts';
import { labelRoutes, labels } from './labels.ts';
import { apiKeys, organisations } from './organisations.ts';
import { pceRefusals } from './problems.ts';
import { serviceBackendRoutes, serviceBackends } from './service-backends.ts';

/** Everything the PCE keeps; what others belong to comes before them. */
export const pceCollections: readonly Collection[] = [
  organisations,
  apiKeys,
  labels,
  containerClusters,
  clusterTokens,
  containerWorkloadProfiles,
  serviceBackends,
  jobs,
  datafiles,
];

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
  ],
  refusals: pceRefusals,
  identify,
};

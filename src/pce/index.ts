import type { Collection } from '../contract/collection.ts';
import type { Api } from '../contract/route.ts';
import { containerClusters } from './container-clusters.ts';
import { containerWorkloadProfiles } from './container-workload-profiles.ts';
import { containerWorkloads } from './container-workloads.ts';
import { events } from './events.ts';
import { identify } from './identify.ts';
import { datafiles, jobs } from './jobs.ts';
import { kubernetesWorkloads } from './kubernetes-workloads.ts';
import { labels } from './labels.ts';
import { machineIds } from './machine-ids.ts';
import { networks } from './networks.ts';
import { apiKeys, organisations } from './organisations.ts';
import { pairingKeys, pairingProfiles } from './pairing-profiles.ts';
import { secPolicies } from './policy/sec-policies.ts';
import { services } from './policy/services.ts';
import { pceRefusals } from './problems.ts';
import { reported } from './reported.ts';
import { clasRoutes } from './routes/agent/clas.ts';
import { clusterWorkloadRoutes } from './routes/agent/kubernetes-workloads.ts';
import { labelMapRoutes } from './routes/agent/label-map.ts';
import { policyRoutes } from './routes/agent/policies.ts';
import { putFromClusterRoutes } from './routes/agent/put-from-cluster.ts';
import { clusterServiceRoutes } from './routes/agent/services.ts';
import { containerClusterRoutes } from './routes/container-clusters.ts';
import { containerWorkloadProfileRoutes } from './routes/container-workload-profiles.ts';
import { containerWorkloadRoutes } from './routes/container-workloads.ts';
import { explainRoutes } from './routes/emulator/explain.ts';
import { nodeAgentRoutes } from './routes/emulator/node-agents.ts';
import { orgRoutes } from './routes/emulator/orgs.ts';
import { podRoutes } from './routes/emulator/pods.ts';
import { supportReportRoutes } from './routes/emulator/support-report.ts';
import { eventRoutes } from './routes/events.ts';
import { jobRoutes } from './routes/jobs.ts';
import { kubernetesWorkloadRoutes } from './routes/kubernetes-workloads.ts';
import { labelRoutes } from './routes/labels.ts';
import { networkRoutes } from './routes/networks.ts';
import { notImplementedRoutes } from './routes/not-implemented.ts';
import { pairingProfileRoutes } from './routes/pairing-profiles.ts';
import { secPolicyRoutes } from './routes/sec-policy/sec-policy.ts';
import { serviceRoutes } from './routes/sec-policy/services.ts';
import { serviceBackendRoutes } from './routes/service-backends.ts';
import { serviceBindingRoutes } from './routes/service-bindings.ts';
import { virtualServiceRoutes } from './routes/virtual-services.ts';
import { workloadRoutes } from './routes/workloads.ts';
import { serviceBackends } from './service-backends.ts';
import { serviceBindings } from './service-bindings.ts';
import { virtualServices } from './virtual-services.ts';
import { workloads } from './workloads.ts';

/** Everything the PCE keeps; what others belong to comes before them. */
export const pceCollections: readonly Collection[] = [
  organisations,
  apiKeys,
  events,
  labels,
  pairingProfiles,
  pairingKeys,
  workloads,
  containerClusters,
  containerWorkloadProfiles,
  networks,
  machineIds,
  reported,
  services,
  secPolicies,
  virtualServices,
  serviceBackends,
  containerWorkloads,
  kubernetesWorkloads,
  serviceBindings,
  jobs,
  datafiles,
];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const INTEGER = /^(0|[1-9][0-9]*)$/;

/** What the emulator's own API does and tells of the PCE. */
export const pceControl: Pick<Api, 'routes' | 'parameters'> = {
  routes: [...orgRoutes, ...podRoutes, ...nodeAgentRoutes, ...supportReportRoutes, ...explainRoutes],
  parameters: { org_id: INTEGER, container_cluster_id: UUID },
};

/** The table of everything the PCE answers. */
export const pce: Api = {
  name: 'pce',
  prefix: '/api/v2',
  routes: [
    ...containerClusterRoutes,
    ...containerWorkloadProfileRoutes,
    ...putFromClusterRoutes,
    ...clusterServiceRoutes,
    ...clusterWorkloadRoutes,
    ...labelMapRoutes,
    ...policyRoutes,
    ...clasRoutes,
    ...serviceBackendRoutes,
    ...serviceBindingRoutes,
    ...virtualServiceRoutes,
    ...serviceRoutes,
    ...secPolicyRoutes,
    ...containerWorkloadRoutes,
    ...kubernetesWorkloadRoutes,
    ...networkRoutes,
    ...pairingProfileRoutes,
    ...workloadRoutes,
    ...eventRoutes,
    ...labelRoutes,
    ...jobRoutes,
    ...notImplementedRoutes,
  ],
  parameters: {
    container_cluster_id: UUID,
    container_workload_profile_id: UUID,
    container_workload_id: UUID,
    datafile_id: UUID,
    event_id: UUID,
    job_id: UUID,
    kubernetes_workload_id: UUID,
    label_id: INTEGER,
    network_id: UUID,
    pairing_profile_id: INTEGER,
    pversion: /^(draft|active|[1-9][0-9]*)$/,
    service_binding_id: UUID,
    service_id: INTEGER,
    virtual_service_id: UUID,
    workload_id: UUID,
  },
  refusals: pceRefusals,
  problem: 'common#problems',
  emulated: true,
  // Some belong to routes that are not implemented: clients send them all the same.
  secrets: [
    'container_cluster_token',
    'activation_code',
    'secret',
    'api_secret',
    'auth_token',
    'session_token',
    'password',
    'old_password',
    'new_password',
  ],
  identify,
};

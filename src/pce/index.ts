import type { Collection } from '../contract/collection.ts';
import type { Api } from '../contract/route.ts';
import { apiKeys } from './access/api-keys.ts';
import { identify } from './access/identify.ts';
import { forReaders } from './access/read-only.ts';
import { serviceAccounts } from './access/service-accounts.ts';
import { authTokens, keepUse, sessions } from './access/sessions.ts';
import { users } from './access/users.ts';
import { machineIds } from './agent/machine-ids.ts';
import { reported } from './agent/reported.ts';
import { agents } from './agents.ts';
import { containerClusters } from './container-clusters.ts';
import { containerWorkloadProfiles } from './container-workload-profiles.ts';
import { containerWorkloads } from './container-workloads.ts';
import { events } from './events.ts';
import { datafiles, jobs } from './jobs.ts';
import { kubernetesWorkloads } from './kubernetes-workloads.ts';
import { labelDimensions } from './label-dimensions.ts';
import { labels } from './labels.ts';
import { networks } from './networks.ts';
import { optionalFeatures } from './optional-features.ts';
import { organisations } from './organisations.ts';
import { pairingKeys, pairingProfiles } from './pairing-profiles.ts';
import { enforcementBoundaries } from './policy/enforcement-boundaries.ts';
import { ipLists } from './policy/ip-lists.ts';
import { labelGroups } from './policy/label-groups.ts';
import { ruleSets } from './policy/rule-sets.ts';
import { secPolicies } from './policy/sec-policies.ts';
import { secRules } from './policy/sec-rules.ts';
import { services } from './policy/services.ts';
import { pceRefusals } from './problems.ts';
import { clasRoutes } from './routes/agent/clas.ts';
import { clusterWorkloadRoutes } from './routes/agent/kubernetes-workloads.ts';
import { labelMapRoutes } from './routes/agent/label-map.ts';
import { policyRoutes } from './routes/agent/policies.ts';
import { putFromClusterRoutes } from './routes/agent/put-from-cluster.ts';
import { clusterServiceRoutes } from './routes/agent/services.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { containerClusterRoutes } from './routes/container-clusters.ts';
import { containerWorkloadProfileRoutes } from './routes/container-workload-profiles.ts';
import { containerWorkloadRoutes } from './routes/container-workloads.ts';
import { explainRoutes } from './routes/emulator/explain.ts';
import { nodeAgentRoutes } from './routes/emulator/node-agents.ts';
import { orgRoutes } from './routes/emulator/orgs.ts';
import { podRoutes } from './routes/emulator/pods.ts';
import { supportReportRoutes } from './routes/emulator/support-report.ts';
import { orgUserRoutes } from './routes/emulator/users.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { jobRoutes } from './routes/jobs.ts';
import { kubernetesWorkloadRoutes } from './routes/kubernetes-workloads.ts';
import { labelDimensionRoutes } from './routes/label-dimensions.ts';
import { labelRoutes } from './routes/labels.ts';
import { loginRoutes } from './routes/login.ts';
import { networkRoutes } from './routes/networks.ts';
import { nodeAvailableRoutes } from './routes/node-available.ts';
import { noopRoutes } from './routes/noop.ts';
import { notImplementedRoutes } from './routes/not-implemented.ts';
import { optionalFeatureRoutes } from './routes/optional-features.ts';
import { pairingProfileRoutes } from './routes/pairing-profiles.ts';
import { productVersionRoutes } from './routes/product-version.ts';
import { enforcementBoundaryRoutes } from './routes/sec-policy/enforcement-boundaries.ts';
import { ipListRoutes } from './routes/sec-policy/ip-lists.ts';
import { labelGroupRoutes } from './routes/sec-policy/label-groups.ts';
import { ruleSetRoutes } from './routes/sec-policy/rule-sets.ts';
import { secPolicyRoutes } from './routes/sec-policy/sec-policy.ts';
import { secRuleRoutes } from './routes/sec-policy/sec-rules.ts';
import { serviceRoutes } from './routes/sec-policy/services.ts';
import { virtualServiceRoutes } from './routes/sec-policy/virtual-services.ts';
import { securityPrincipalRoutes } from './routes/security-principals.ts';
import { serviceAccountRoutes } from './routes/service-accounts.ts';
import { serviceBackendRoutes } from './routes/service-backends.ts';
import { serviceBindingRoutes } from './routes/service-bindings.ts';
import { settingsRoutes } from './routes/settings.ts';
import { superclusterRoutes } from './routes/supercluster.ts';
import { userRoutes } from './routes/users.ts';
import { venRoutes } from './routes/vens.ts';
import { workloadRoutes } from './routes/workloads.ts';
import { workloadBulkRoutes } from './routes/workloads-bulk.ts';
import { securityPrincipals } from './security-principals.ts';
import { serviceBackends } from './service-backends.ts';
import { serviceBindings } from './service-bindings.ts';
import { settings } from './settings.ts';
import { vens } from './vens.ts';
import { virtualServices } from './virtual-services.ts';
import { workloads } from './workloads.ts';

/** Everything the PCE keeps; what others belong to comes before them. */
export const pceCollections: readonly Collection[] = [
  organisations,
  users,
  authTokens,
  sessions,
  serviceAccounts,
  apiKeys,
  optionalFeatures,
  events,
  labelDimensions,
  labels,
  settings,
  pairingProfiles,
  pairingKeys,
  workloads,
  vens,
  agents,
  containerClusters,
  containerWorkloadProfiles,
  networks,
  machineIds,
  reported,
  securityPrincipals,
  ipLists,
  labelGroups,
  services,
  secPolicies,
  virtualServices,
  ruleSets,
  secRules,
  enforcementBoundaries,
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
  routes: [...orgRoutes, ...orgUserRoutes, ...podRoutes, ...nodeAgentRoutes, ...supportReportRoutes, ...explainRoutes],
  parameters: { org_id: INTEGER, container_cluster_id: UUID, user_id: INTEGER },
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
    ...ipListRoutes,
    ...labelGroupRoutes,
    ...serviceRoutes,
    ...ruleSetRoutes,
    ...secRuleRoutes,
    ...enforcementBoundaryRoutes,
    ...secPolicyRoutes,
    ...securityPrincipalRoutes,
    ...containerWorkloadRoutes,
    ...kubernetesWorkloadRoutes,
    ...networkRoutes,
    ...pairingProfileRoutes,
    ...workloadBulkRoutes,
    ...workloadRoutes,
    ...venRoutes,
    ...eventRoutes,
    ...labelRoutes,
    ...labelDimensionRoutes,
    ...settingsRoutes,
    ...optionalFeatureRoutes,
    ...jobRoutes,
    ...loginRoutes,
    ...userRoutes,
    ...apiKeyRoutes,
    ...serviceAccountRoutes,
    ...healthRoutes,
    ...productVersionRoutes,
    ...noopRoutes,
    ...nodeAvailableRoutes,
    ...superclusterRoutes,
    ...notImplementedRoutes,
  ],
  parameters: {
    container_cluster_id: UUID,
    container_workload_profile_id: UUID,
    container_workload_id: UUID,
    datafile_id: UUID,
    enforcement_boundary_id: INTEGER,
    event_id: UUID,
    ip_list_id: INTEGER,
    job_id: UUID,
    kubernetes_workload_id: UUID,
    label_dimension_id: UUID,
    label_group_id: UUID,
    label_id: INTEGER,
    network_id: UUID,
    pairing_profile_id: INTEGER,
    pversion: /^(draft|active|[1-9][0-9]*)$/,
    rule_set_id: INTEGER,
    sec_rule_id: INTEGER,
    security_principal_id: UUID,
    service_account_id: UUID,
    service_binding_id: UUID,
    service_id: INTEGER,
    user_id: INTEGER,
    virtual_service_id: UUID,
    ven_id: UUID,
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
    'one_time_password',
  ],
  identify,
  keepUse,
  forReaders,
};

import { createHas, type Difference } from '../contract/versions.ts';

/** The releases of the PCE that can be emulated, oldest first. */
export const RELEASES = ['22.2', '23.5', '24.5', '25.2'] as const;

export type Release = (typeof RELEASES)[number];

const SEED = 'Core 22.2 REST API reference, Container Clusters';

/** All that differs between releases, by name. Schemas refer to a name by `x-feature`, modules by `world.has(name)`. */
export const DIFFERENCES = {
  cluster_runtime_and_caps: {
    what: 'clusters show container_runtime and caps',
    from: '23.5',
    evidence: 'observed',
    source: "fixtures of the official Python client, mid-2022; the 22.2 page's examples have neither",
  },
  cluster_mode: {
    what: 'clusters show cluster_mode (legacy or clas)',
    from: '23.5',
    evidence: 'documented',
    source: 'REST API changes in 23.5.10',
  },
  cluster_clas_mode: {
    what: 'clusters show clas_mode, and lists filter by it',
    from: '25.2',
    evidence: 'documented',
    source: 'API schemas 25.2.10; payloads captured in 2025',
  },
  cluster_datacenter_nat: {
    what: 'clusters take and show datacenter_nat_1to1',
    from: '25.2',
    evidence: 'documented',
    source: 'API schemas 25.2.10',
  },
  cluster_name_required: {
    what: 'a new cluster must have a name',
    until: '25.2',
    evidence: 'documented',
    source: `${SEED}; the schemas of 25.2.10 require nothing`,
  },
  kubernetes_workloads: {
    what: 'clusters in CLAS mode report Kubernetes workloads',
    from: '23.5',
    evidence: 'documented',
    source: 'REST API changes in 23.5.0; upgrade to CLAS, 24.5 (needs PCE 23.5.10)',
  },
  cluster_label_map: {
    what: 'agents map labels in Kubernetes to labels of the PCE',
    from: '24.5',
    evidence: 'documented',
    source: 'Map Kubernetes node or workload labels, 25.1: workload maps need PCE 24.5',
  },
  profile_bulk_update: {
    what: 'PUT …/container_workload_profiles/update changes many profiles at once',
    from: '24.5',
    evidence: 'documented',
    source: 'Core 24.2 REST API reference, Container Clusters',
  },
  profile_label_assign: {
    what: 'a label option may be written `assign` instead of `assignment`',
    until: '25.2',
    evidence: 'documented',
    source: `${SEED}, Label Restrictions; the schemas of 25.2.10 know assignment alone`,
  },
  profile_label_none: {
    what: 'an empty assignment says that a key gets no label',
    until: '25.2',
    evidence: 'documented',
    source: `${SEED}, Label Restrictions; in the schemas of 25.2.10 an assignment needs an href`,
  },
  profile_label_restriction_object: {
    what: 'a restriction may be one label outside a list',
    until: '25.2',
    evidence: 'documented',
    source: `${SEED}, Set a Location label; not in the schemas of 25.2.10`,
  },
  profile_mode_and_log_traffic: {
    what: 'profiles take mode and log_traffic, and lists filter by mode',
    until: '25.2',
    evidence: 'documented',
    source: `${SEED}, curl examples; not in the schemas of 25.2.10`,
  },
  profile_managed_idle_refused: {
    what: 'a managed profile may not be idle',
    from: '24.5',
    evidence: 'observed',
    source: 'reported against PCE 24.5 by a public Kubernetes operator; accepted by a PCE of 2022',
  },
  label_dimensions: {
    what: 'labels have other keys than role, app, env and loc, by label dimensions',
    from: '23.5',
    evidence: 'documented',
    source: 'Core 22.5 documentation, label types; the official Terraform provider needs PCE 22.5 for them',
  },
  pairing_profile_last_key: {
    what: 'pairing profiles show who generated the last pairing key, and when',
    from: '25.2',
    evidence: 'documented',
    source: "API schemas 25.2.20, which require both keys; the official Python client's fixtures of 2022 have neither",
  },
  workload_settings_of_vens: {
    what: 'the settings of workloads tell when a silent VEN is warned of, and when one is uninstalled',
    from: '25.2',
    evidence: 'documented',
    source: 'API schemas 25.2.20; the examples of Core 21.5, Workload Settings, have neither',
  },
  optional_features_of_23: {
    what: 'optional features warn who edits labels, and enforce outbound processes on Windows',
    from: '23.5',
    evidence: 'documented',
    source: 'Core REST API guide 25.2, Optional Features: added in 23.2.10 and 23.5',
  },
  optional_features_of_25: {
    what: 'an optional feature, enabled at first, calculates the policy of Kubernetes workloads by set of labels',
    from: '25.2',
    evidence: 'documented',
    source: 'Core REST API guide 25.2, Optional Features: in the list of 25.2.13',
  },
  service_accounts_manage_users: {
    what: 'keys of service accounts may be used on users, service accounts and API keys',
    from: '23.5',
    evidence: 'documented',
    source: 'Core 25.2.10 REST API reference, API Keys: the restriction was removed in 23.4.0',
  },
  service_risk_details: {
    what: 'services take and show risk_details',
    from: '23.5',
    evidence: 'documented',
    source: 'API schemas 25.2.20; the ransomware dashboard, which they are for, came with Core 23.2',
  },
  label_values_reserved: {
    what: 'All Applications, All Environments and All Locations are no label values',
    from: '24.5',
    evidence: 'documented',
    source: 'Core 24.5 documentation, system default labels',
  },
} as const satisfies Record<string, Difference<Release>>;

/** Whether a release has a named difference. @throws Error for a name that is not in the table */
export const hasFeature = createHas<Release>(RELEASES, DIFFERENCES);

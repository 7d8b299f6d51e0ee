import type { Collection, Document, World } from '../contract/collection.ts';

/** What an organisation has switched: only features that it was asked to switch have a document. */
export const optionalFeatures: Collection = {
  name: 'optional_features',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/optional_features#item',
};

interface Feature {
  readonly name: string;
  /** How a fresh organisation has it; off when absent (inferred), but where documents tell. */
  readonly on?: true;
  /** The difference between releases that brings it. */
  readonly since?: string;
  /** True where enabling it takes a key that Illumio makes. */
  readonly keyed?: true;
}

/** The features in the order of the API schemas of 25.2.20. */
const FEATURES: readonly Feature[] = [
  { name: 'ip_forwarding_firewall_setting' },
  { name: 'ui_analytics', on: true },
  { name: 'illumination_classic', on: true },
  { name: 'ransomware_readiness_dashboard' },
  { name: 'per_rule_flow_log_setting' },
  { name: 'lightning_default' },
  { name: 'collector_scanner_filters' },
  { name: 'corporate_ips_groups' },
  { name: 'labels_editing_warning_for_enforcement_mode', since: 'optional_features_of_23' },
  { name: 'label_based_network_detection' },
  { name: 'cloudsecure_enabled' },
  { name: 'windows_outbound_process_enforcement', since: 'optional_features_of_23' },
  { name: 'rule_based_label_mapping' },
  { name: 'core_insights' },
  { name: 'rule_info_exposure_to_syslog' },
  {
    name: 'container_cluster_label_set_based_kubernetes_workload_instructions',
    on: true,
    since: 'optional_features_of_25',
  },
  { name: 'editable_dns_client_rule', keyed: true },
  { name: 'editable_dhcp_client_rule', keyed: true },
];

const hrefOf = (org: string, name: unknown) => `${org}/optional_features/${name}`;

/** Every feature that the release has, with how it stands for an organisation. */
export function featuresOf(world: World, org: string): Document[] {
  const table = world.table(optionalFeatures);
  return FEATURES.filter(({ since }) => since === undefined || world.has(since)).map(
    ({ name, on = false }) => table.get(hrefOf(org, name)) ?? { name, enabled: on },
  );
}

/** Whether a feature can be enabled only with a key. */
export const takesKey = (name: unknown): boolean => FEATURES.some((one) => one.name === name && one.keyed);

/** Switches a feature of an organisation. */
export function switchFeature(world: World, org: string, name: unknown, enabled: unknown): void {
  const table = world.table(optionalFeatures);
  const href = hrefOf(org, name);
  if (table.has(href)) table.replace(href, { name, enabled });
  else table.insert(org, href, { name, enabled });
}

import type { Document } from '../contract/collection.ts';
import type { Labelling, NamespaceState, SaidService, Wanted } from './agent/namespace-state.ts';
import type { Reported } from './agent/reported.ts';
import { labelled, resolved } from './labels.ts';
import { activeHref, linksTo, policyCollection } from './policy/policy-object.ts';

const isOfCluster = ({ created_by }: Document) =>
  (created_by as { href: string }).href.includes('/container_clusters/');

/**
 * The services that policy speaks of, made by users or of what clusters report. Each has a draft and, once it is provisioned, an active version: two
 * documents whose hrefs differ in one word. Several may have the same name (documented).
 */
export const virtualServices = policyCollection({
  name: 'virtual_services',
  id: 'uuid',
  keys: { service: '$.service.href', kubernetes: '$.k8s_service_info' },
  factKeys: { origin: '$.origin', asked: '$.asked' },
  indexed: ['origin'],
  // What a cluster reports is told apart by itself, and is in nobody's way.
  incomparable: 'kubernetes',
  references: [
    {
      ...resolved,
      quote: (service, label) => (isOfCluster(service) ? service : labelled.quote(service, label)),
    },
    linksTo('services', 'service'),
    {
      to: 'container_clusters',
      edges: (service) =>
        isOfCluster(service) ? [{ role: 'created_by', to: (service.created_by as { href: string }).href }] : [],
      vanishes: true,
    },
  ],
});

/** Of a service without ports there is nothing that a policy could speak of (inferred). */
export function becomesVirtualService({ service_type, service_ports }: SaidService, clas: boolean): boolean {
  return service_ports.length > 0 && !(clas && service_type === 'ClusterIP');
}

/** The virtual service of a reported service, draft and active. */
export function virtualServiceOf(
  { said, shown_as, uid }: Reported<SaidService>,
  state: NamespaceState,
  by: Labelling,
): Wanted[] {
  const { cluster, namespace, network } = state;
  const ports = distinct(said.service_ports.map(({ port, protocol }) => ({ port, proto: protocol })));
  const [onlyPort] = ports.length === 1 ? ports : [];
  const document = {
    href: shown_as,
    deleted_at: null,
    deleted_by: null,
    name: virtualServiceName(said, state),
    description: null,
    external_data_set: `${cluster.href.split('/').at(-1)}|${namespace}`,
    external_data_reference: uid,
    pce_fqdn: null,
    service_ports: ports,
    labels: by.labels,
    ip_overrides: [],
    apply_to: 'host_only',
    caps: [],
    k8s_service_info: {
      service_type: said.service_type,
      external_traffic_policy: said.external_traffic_policy ?? null,
      node_ports: said.service_ports.flatMap(({ node_port }) => node_port ?? []),
    },
    // With one port the address shows it, with several it does not (observed).
    service_addresses: (said.ip_addresses ?? []).map((ip) => ({
      ip,
      ...(network && { network }),
      ...(onlyPort && { port: onlyPort.port }),
    })),
  };
  return bothVersions({ href: shown_as, document, asked: by.asked });
}

/** `coredns-k8s2-kube-system` (documented). */
export const virtualServiceName = ({ name }: SaidService, { cluster, namespace }: NamespaceState) =>
  `${name}-${cluster.name}-${namespace}`;

/** What an agent reports is provisioned at once (inferred from the event of the task that does so). */
function bothVersions({ document, asked, href }: Wanted): Wanted[] {
  const active = activeHref(href);
  return [
    { href, document: { ...document, update_type: null }, asked },
    { href: active, document: { ...document, href: active } },
  ];
}

function distinct<T>(values: readonly T[]): T[] {
  const seen = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...seen.values()];
}

import { isIP } from 'node:net';
import { type KubernetesObject, ofKind, type PodObject, type ServiceObject, type Texts } from './kubernetes.ts';

/** How a cluster reports: its pods (by node agents), or as CLAS its workloads. */
export type Mode = 'legacy' | 'clas';

/** Who stands behind a service, and who made a pod: equal where they belong together. */
export interface Controller {
  readonly kind: string;
  readonly name: string;
}

export interface Node {
  readonly name: string;
  readonly pod_subnet: string | null;
  readonly machine_id: string | null;
}

export interface Service {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly service_type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  readonly service_ports: readonly { readonly port: number; readonly protocol: number; readonly node_port?: number }[];
  readonly external_traffic_policy: string | null;
  readonly ip_addresses: readonly string[];
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly backends: readonly Controller[];
}

export interface Pod {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly controller: Controller | null;
  readonly host_network: boolean;
  readonly ip_addresses: readonly string[];
  readonly labels: Texts;
  readonly annotations: Texts;
}

/** What a cluster in CLAS mode is made of: controllers, and the cluster-internal parts of services. */
export interface Workload {
  readonly name: string;
  readonly kind: string;
  readonly namespace: string;
  readonly metadata: {
    readonly labels: Texts;
    readonly annotations: Texts;
    readonly external_service_uid: string | null;
  };
}

/** All that an agent says of a cluster, in the words of the PCE. */
export interface Inventory {
  /** `Kubernetes v1.23.5`; absent when nothing tells. */
  readonly manager_type?: string;
  readonly container_runtime?: string;
  readonly nodes: readonly Node[];
  readonly namespaces: readonly string[];
  readonly services: readonly Service[];
  readonly pods: readonly Pod[];
  readonly workloads: readonly Workload[];
}

/** What an agent says of a cluster that consists of `objects`. */
export function inventoryOf(objects: readonly KubernetesObject[]): Inventory {
  const pods = ofKind(objects, 'Pod').filter(({ status }) => !['Succeeded', 'Failed'].includes(status?.phase ?? ''));
  const podsOf = byNamespace(pods);
  const services = ofKind(objects, 'Service').map((one) => serviceOf(one, podsOf.get(namespaceOf(one)) ?? []));
  return {
    ...platformOf(objects),
    nodes: ofKind(objects, 'Node').map(({ metadata, spec, status }) => ({
      name: metadata.name,
      pod_subnet: spec?.podCIDR ?? null,
      machine_id: status?.nodeInfo?.machineID ?? null,
    })),
    namespaces: namespacesOf(objects),
    services,
    pods: pods.map(podOf),
    workloads: [
      ...controllersOf([...objects.filter(({ kind }) => kind !== 'Pod'), ...pods]),
      ...internalParts(services),
    ],
  };
}

/** What a PCE in CLAS mode has of a service inside the cluster, beside what is reached from outside. */
export function internalPart({ uid, name, namespace, labels, annotations }: Service): Workload {
  return { name, kind: 'Service', namespace, metadata: { labels, annotations, external_service_uid: uid } };
}

const internalParts = (services: readonly Service[]) =>
  services.filter(({ service_type }) => service_type !== 'ExternalName').map(internalPart);

function platformOf(objects: readonly KubernetesObject[]): Pick<Inventory, 'manager_type' | 'container_runtime'> {
  const nodes = ofKind(objects, 'Node');
  const info = nodes[0]?.status?.nodeInfo;
  const traces = nodes.flatMap(({ metadata, status }) => [
    ...Object.keys({ ...metadata.labels, ...metadata.annotations }),
    status?.nodeInfo?.osImage ?? '',
  ]);
  const manager = traces.some((trace) => /openshift|enterprise linux coreos/i.test(trace)) ? 'OpenShift' : 'Kubernetes';
  return {
    manager_type: info?.kubeletVersion && `${manager} ${info.kubeletVersion}`,
    container_runtime: info?.containerRuntimeVersion?.split('://')[0],
  };
}

/** The namespaces of the list; also those that it lacks and has objects of. */
function namespacesOf(objects: readonly KubernetesObject[]): string[] {
  const listed = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const used = objects.flatMap(({ metadata }) => metadata.namespace ?? []);
  return [...new Set([...listed, ...used])];
}

const namespaceOf = ({ metadata }: KubernetesObject) => metadata.namespace ?? 'default';

function byNamespace(pods: readonly PodObject[]): ReadonlyMap<string, PodObject[]> {
  const grouped = new Map<string, PodObject[]>();
  for (const pod of pods) {
    const group = grouped.get(namespaceOf(pod));
    if (group) group.push(pod);
    else grouped.set(namespaceOf(pod), [pod]);
  }
  return grouped;
}

/** IP protocol numbers. A PCE has services of these alone. */
const PROTOCOLS: Readonly<Record<string, number>> = { TCP: 6, UDP: 17 };

function serviceOf(object: ServiceObject, pods: readonly PodObject[]): Service {
  const { metadata, spec, status } = object;
  const clusterAddresses = spec?.clusterIPs ?? [spec?.clusterIP];
  const balancers = status?.loadBalancer?.ingress ?? [];
  return {
    uid: metadata.uid,
    name: metadata.name,
    namespace: namespaceOf(object),
    service_type: spec?.type ?? 'ClusterIP',
    service_ports: (spec?.ports ?? []).flatMap(({ port, protocol: name = 'TCP', nodePort }) => {
      const protocol = PROTOCOLS[name];
      return protocol === undefined ? [] : { port, protocol, node_port: nodePort };
    }),
    external_traffic_policy: spec?.externalTrafficPolicy?.toLowerCase() ?? null,
    ip_addresses: addresses([...clusterAddresses, ...balancers.map(({ ip }) => ip)]),
    ...textsOf(object),
    backends: backendsOf(spec?.selector, pods),
  };
}

/** The controllers of the pods that a selector selects; none without a selector. */
function backendsOf(selector: Texts | undefined, pods: readonly PodObject[]): Controller[] {
  const wanted = Object.entries(selector ?? {});
  if (wanted.length === 0) return [];
  const selected = pods.filter(({ metadata }) => wanted.every(([key, value]) => metadata.labels?.[key] === value));
  const controllers = selected.flatMap((pod) => controllerOf(pod) ?? []);
  return [...new Map(controllers.map((one) => [`${one.kind} ${one.name}`, one])).values()];
}

function podOf(object: PodObject): Pod {
  const { metadata, spec, status } = object;
  return {
    uid: metadata.uid,
    name: metadata.name,
    namespace: namespaceOf(object),
    controller: controllerOf(object),
    host_network: spec?.hostNetwork ?? false,
    ip_addresses: addresses([status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)]),
    ...textsOf(object),
  };
}

const ownerOf = ({ metadata: { ownerReferences = [] } }: KubernetesObject) =>
  ownerReferences.find(({ controller }) => controller) ?? ownerReferences[0];

/** The controller of a pod: of a ReplicaSet what its pods are known by, its pod-template hash. */
function controllerOf(pod: PodObject): Controller | null {
  const owner = ownerOf(pod);
  if (!owner) return null;
  if (owner.kind !== 'ReplicaSet') return { kind: owner.kind.toLowerCase(), name: owner.name };
  const hash = pod.metadata.labels?.['pod-template-hash'] ?? owner.name.slice(owner.name.lastIndexOf('-') + 1);
  return { kind: 'replicasethash', name: hash };
}

/** The kinds that are workloads whoever owns them, and those that are when nobody does. */
const CONTROLLERS = ['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicationController'];
const ALONE = ['ReplicaSet', 'Pod'];

function controllersOf(objects: readonly KubernetesObject[]): Workload[] {
  return objects
    .filter((one) => CONTROLLERS.includes(one.kind) || (ALONE.includes(one.kind) && !ownerOf(one)))
    .map((one) => ({
      name: one.metadata.name,
      kind: one.kind,
      namespace: namespaceOf(one),
      metadata: { ...textsOf(one), external_service_uid: null },
    }));
}

/** All labels, for label maps read any; of the annotations those that the PCE reads, for others can be huge. */
function textsOf({ metadata: { labels = {}, annotations = {} } }: KubernetesObject): {
  labels: Texts;
  annotations: Texts;
} {
  const read = Object.entries(annotations).filter(([key]) => /^(com|meta)\.illumio\./.test(key));
  return { labels, annotations: Object.fromEntries(read) };
}

/** What of these is an IP address: `None`, hidden and absent ones are not. */
const addresses = (texts: readonly (string | undefined)[]): string[] => [
  ...new Set(texts.filter((text): text is string => text !== undefined && isIP(text) !== 0)),
];

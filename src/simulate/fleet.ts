import { type Chance, chances } from './chance.ts';
import {
  type Inventory,
  internalPart,
  type Mode,
  type Node,
  type Pod,
  type Service,
  type Workload,
} from './inventory.ts';

/** Clusters that are made up, all of the same size. */
export interface Fleet {
  readonly clusters: number;
  /** Namespaces of each cluster. */
  readonly namespaces: number;
  /** Workloads of each namespace: each a Deployment with one pod. */
  readonly workloads: number;
  /** Decides everything that is not a number above; from 0 to 2^32 - 1. */
  readonly seed: number;
}

type Platform = readonly [manager: string, runtime: string];

const PLATFORMS: readonly [Platform, ...Platform[]] = [
  ['Kubernetes v1.27.16', 'containerd'],
  ['Kubernetes v1.29.6', 'containerd'],
  ['OpenShift v1.29.14+7cf4c05', 'cri-o'],
];
const APPS = ['payments', 'orders', 'catalog', 'accounts', 'shipping', 'search', 'reports', 'billing'] as const;
const ROLES = ['Web', 'API', 'Database', 'Cache', 'Queue', 'Batch'] as const;
const ENVIRONMENTS = ['Production', 'Staging', 'Development'] as const;
const PODS_OF_A_NODE = 100;

/** The clusters one by one, each made when it is asked for, with the chance that it goes on with. */
export function* fleetOf(fleet: Fleet): Generator<{ readonly inventory: Inventory; readonly chance: Chance }> {
  const streams = chances(fleet.seed);
  for (let index = 0; index < fleet.clusters; index++) {
    const chance = streams.next().value;
    yield { inventory: clusterOf(fleet, index, chance), chance };
  }
}

/** How many objects the agents of a fleet tell of. In CLAS mode a service is two: itself, and its part inside. */
export function objectsOf({ clusters, namespaces, workloads }: Omit<Fleet, 'seed'>, mode: Mode): number {
  return clusters * namespaces * (workloads + (mode === 'clas' ? 2 : 1));
}

function clusterOf(fleet: Fleet, index: number, chance: Chance): Inventory {
  const [manager_type, container_runtime] = chance.oneOf(PLATFORMS);
  const network = networkOf(fleet, index, chance);
  const apps = Array.from({ length: fleet.namespaces }, (_, at) => {
    return { namespace: `${chance.oneOf(APPS)}-${at + 1}`, env: chance.oneOf(ENVIRONMENTS) };
  });
  const deployments = apps.map(({ namespace, env }, at) =>
    Array.from({ length: fleet.workloads }, (_, of) =>
      deploymentOf(namespace, env, of, network.pod(at * fleet.workloads + of), chance),
    ),
  );
  const services = deployments.flatMap(([first], at) =>
    first ? serviceOf(first.pod, network.service(at), chance) : [],
  );
  return {
    manager_type,
    container_runtime,
    nodes: network.nodes,
    namespaces: apps.map(({ namespace }) => namespace),
    services,
    pods: deployments.flat().map(({ pod }) => pod),
    workloads: [...deployments.flat().map(({ workload }) => workload), ...services.map(internalPart)],
  };
}

interface Deployment {
  readonly workload: Workload;
  readonly pod: Pod;
}

function deploymentOf(namespace: string, env: string, index: number, address: string, chance: Chance): Deployment {
  const role = chance.oneOf(ROLES);
  const name = `${role.toLowerCase()}-${index + 1}`;
  const hash = chance.letters(10);
  const app = namespace.slice(0, namespace.lastIndexOf('-'));
  // Some are not annotated, as in life.
  const annotations: Record<string, string> = chance.once(3)
    ? {}
    : { 'com.illumio.app': app, 'com.illumio.role': role, 'com.illumio.env': env };
  const pod = {
    uid: chance.uuid(),
    name: `${name}-${hash}-${chance.letters(5)}`,
    namespace,
    controller: { kind: 'replicasethash', name: hash },
    host_network: false,
    ip_addresses: [address],
    labels: { app: name, 'pod-template-hash': hash },
    annotations,
  };
  const metadata = { labels: { app: name }, annotations, external_service_uid: null };
  return { pod, workload: { name, kind: 'Deployment', namespace, metadata } };
}

/** A service for the workload of a pod: most are reached inside the cluster alone. */
function serviceOf(pod: Pod, address: string, chance: Chance): Service {
  const service_type = chance.oneOf<Service['service_type']>(['ClusterIP', 'ClusterIP', 'NodePort', 'LoadBalancer']);
  const inside = service_type === 'ClusterIP';
  const port = { port: chance.oneOf([80, 443, 5432, 6379, 8080]), protocol: 6 };
  return {
    uid: chance.uuid(),
    name: pod.labels.app ?? pod.name,
    namespace: pod.namespace,
    service_type,
    service_ports: [inside ? port : { ...port, node_port: chance.integer(30_000, 32_767) }],
    external_traffic_policy: inside ? null : chance.oneOf(['cluster', 'local']),
    ip_addresses: [address],
    labels: { app: pod.labels.app ?? pod.name },
    annotations: pod.annotations,
    backends: pod.controller ? [pod.controller] : [],
  };
}

/** The addresses of a cluster: a /24 for each node, then some for services; no two clusters have one in common. */
interface Network {
  readonly nodes: readonly Node[];
  /** The address of the pod that is made at this place. */
  pod(index: number): string;
  service(index: number): string;
}

const FIRST_ADDRESS = 10 * 2 ** 24;
const SUBNET = 256;

function networkOf({ namespaces, workloads }: Fleet, index: number, chance: Chance): Network {
  const nodes = Math.ceil((namespaces * workloads) / PODS_OF_A_NODE);
  const start = FIRST_ADDRESS + index * SUBNET * (nodes + Math.ceil(namespaces / PODS_OF_A_NODE));
  const shift = chance.integer(1, SUBNET - PODS_OF_A_NODE - 1);
  const address = (at: number) =>
    dotted(start + Math.floor(at / PODS_OF_A_NODE) * SUBNET + (at % PODS_OF_A_NODE) + shift);
  return {
    nodes: Array.from({ length: nodes }, (_, node) => ({
      name: `worker-${node + 1}`,
      pod_subnet: `${dotted(start + node * SUBNET)}/24`,
      machine_id: chance.hex(32),
    })),
    pod: address,
    service: (at) => address(nodes * PODS_OF_A_NODE + at),
  };
}

const dotted = (address: number) => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');

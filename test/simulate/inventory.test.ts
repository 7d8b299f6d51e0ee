import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Inventory, inventoryOf } from '../../src/simulate/inventory.ts';
import { type KubernetesObject, readList } from '../../src/simulate/kubernetes.ts';
import { type Json, ROOT } from '../support/emulator.ts';

const dump = readFileSync(join(ROOT, 'fixtures', 'kubernetes', 'kurl-v1.23.json'), 'utf8');
const tally = (texts: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
};

describe('what an agent says of a real cluster', () => {
  const inventory = inventoryOf(readList(dump, 'the dump'));
  const service = (name: string) => inventory.services.find((one) => one.name === name);

  it('is all of it', () => {
    const { nodes, namespaces, services, pods, workloads } = inventory;
    expect([nodes, namespaces, services, pods, workloads].map(({ length }) => length)).toEqual([3, 9, 12, 57, 24]);
  });

  it('begins with what the nodes tell', () => {
    expect(inventory).toMatchObject({ manager_type: 'Kubernetes v1.23.5', container_runtime: 'docker' });
    expect(inventory.nodes[0]).toEqual({
      name: 'troubleshoot-demo-001',
      pod_subnet: null,
      machine_id: '496deb43bf58f72783c3d494444709db',
    });
  });

  it('knows the pods of a ReplicaSet by their pod-template hash', () => {
    const coredns = inventory.pods.filter(({ name }) => name.startsWith('coredns-'));
    expect(coredns.map(({ controller }) => controller)).toEqual([
      { kind: 'replicasethash', name: '64897985d' },
      { kind: 'replicasethash', name: '64897985d' },
    ]);
  });

  it('knows the other pods by the kind of their owner', () => {
    expect(tally(inventory.pods.map(({ controller }) => controller?.kind ?? 'nobody'))).toEqual({
      replicasethash: 23,
      daemonset: 21,
      node: 7,
      instancemanager: 6,
    });
  });

  it('leaves out the pod of a Job that is done', () => {
    expect(inventory.pods.filter(({ name }) => name.startsWith('contour-certgen'))).toEqual([]);
  });

  it('tells which pods share the network of their node', () => {
    expect(inventory.pods.filter(({ host_network }) => host_network).map(({ name }) => name)).toHaveLength(13);
    expect(inventory.pods.find(({ name }) => name === 'kube-proxy-rqsh4')?.host_network).toBe(true);
  });

  it('names the controllers behind a service', () => {
    expect(service('kube-dns')).toEqual({
      uid: '6327a670-0243-46e0-8990-2b634a757104',
      name: 'kube-dns',
      namespace: 'kube-system',
      service_type: 'ClusterIP',
      service_ports: [
        { port: 53, protocol: 17 },
        { port: 53, protocol: 6 },
        { port: 9153, protocol: 6 },
      ],
      external_traffic_policy: null,
      ip_addresses: [],
      labels: {
        'k8s-app': 'kube-dns',
        'kubernetes.io/cluster-service': 'true',
        'kubernetes.io/name': 'CoreDNS',
      },
      annotations: {},
      backends: [{ kind: 'replicasethash', name: '64897985d' }],
    });
    expect(service('envoy')?.backends).toEqual([{ kind: 'daemonset', name: 'envoy' }]);
  });

  it('has nobody behind a service without a selector or without pods', () => {
    expect(service('kubernetes')?.backends).toEqual([]);
    expect(service('longhorn-frontend')?.backends).toEqual([]);
  });

  it('tells how a NodePort is reached', () => {
    expect(service('envoy')).toMatchObject({
      service_type: 'NodePort',
      external_traffic_policy: 'local',
      service_ports: [
        { port: 80, protocol: 6, node_port: 80 },
        { port: 443, protocol: 6, node_port: 443 },
      ],
    });
  });

  it('has as workloads the controllers, and the part of each service inside the cluster', () => {
    expect(tally(inventory.workloads.map(({ kind }) => kind))).toEqual({ Deployment: 12, Service: 12 });
    expect(inventory.workloads.find(({ kind, name }) => kind === 'Service' && name === 'kube-dns')).toMatchObject({
      namespace: 'kube-system',
      metadata: { external_service_uid: '6327a670-0243-46e0-8990-2b634a757104' },
    });
  });

  it('carries no annotation that the PCE does not read', () => {
    expect(dump).toContain('"prometheus.io/scrape"');
    expect(JSON.stringify(inventory)).not.toContain('prometheus.io');
  });

  it('takes hidden addresses for none', () => {
    expect(JSON.stringify(inventory)).not.toContain('HIDDEN');
  });
});

describe('what an agent says of', () => {
  const object = (kind: string, metadata: Json = {}, more: Json = {}): KubernetesObject => ({
    kind,
    metadata: { name: 'one', uid: 'u1', namespace: 'shop', ...metadata },
    ...more,
  });
  const pod = (metadata: Json, more: Json = {}) => inventoryOf([object('Pod', metadata, more)]).pods[0];
  const service = (spec: Json, status: Json = {}) => inventoryOf([object('Service', {}, { spec, status })]).services[0];
  const owned = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, controller: true }] });

  it('a ReplicaSet whose pods carry no hash: the end of its name', () => {
    expect(pod(owned('ReplicaSet', 'web-front-5c689d88bb'))?.controller).toEqual({
      kind: 'replicasethash',
      name: '5c689d88bb',
    });
  });

  it('StatefulSets and ReplicationControllers: their own kind', () => {
    expect(pod(owned('StatefulSet', 'db'))?.controller).toEqual({ kind: 'statefulset', name: 'db' });
    expect(pod(owned('ReplicationController', 'old'))?.controller).toEqual({
      kind: 'replicationcontroller',
      name: 'old',
    });
  });

  it('a pod that nobody owns: no controller; in CLAS mode it is a workload itself', () => {
    expect(pod({})?.controller).toBeNull();
    expect(inventoryOf([object('Pod')]).workloads).toMatchObject([{ kind: 'Pod', name: 'one', namespace: 'shop' }]);
  });

  it('workloads: ReplicaSets only when no Deployment owns them', () => {
    const { workloads } = inventoryOf([
      object('ReplicaSet', { name: 'alone' }),
      object('ReplicaSet', { name: 'web-1', ...owned('Deployment', 'web') }),
      object('Deployment', { name: 'web' }),
      object('DaemonSet', { name: 'agent' }),
      object('StatefulSet', { name: 'db' }),
      object('ReplicationController', { name: 'old', ...owned('DeploymentConfig', 'old') }),
      object('Pod', { name: 'web-1-x', ...owned('ReplicaSet', 'web-1') }),
    ]);
    expect(workloads.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
      'DaemonSet agent',
      'Deployment web',
      'ReplicaSet alone',
      'ReplicationController old',
      'StatefulSet db',
    ]);
  });

  it('annotations: those for Illumio, and of labels all', () => {
    const annotations = {
      'com.illumio.role': 'Web',
      'meta.illumio.podIPObservability': 'true',
      'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(200_000),
    };
    expect(pod({ annotations, labels: { app: 'web', tier: 'front' } })).toMatchObject({
      labels: { app: 'web', tier: 'front' },
      annotations: { 'com.illumio.role': 'Web', 'meta.illumio.podIPObservability': 'true' },
    });
    expect(Object.keys(pod({ annotations })?.annotations ?? {})).toHaveLength(2);
  });

  it('addresses: those of the cluster and of a load balancer, of both families, and never `None`', () => {
    const ingress = [{ ip: '192.0.2.7' }, { hostname: 'lb.example.com' }];
    expect(
      service({ clusterIPs: ['10.0.0.1', 'fd00::1'], type: 'LoadBalancer' }, { loadBalancer: { ingress } }),
    ).toMatchObject({ ip_addresses: ['10.0.0.1', 'fd00::1', '192.0.2.7'] });
    expect(service({ clusterIP: 'None' })?.ip_addresses).toEqual([]);
    expect(pod({}, { status: { podIP: '10.1.0.2', podIPs: [{ ip: '10.1.0.2' }, { ip: 'fd00::2' }] } })).toMatchObject({
      ip_addresses: ['10.1.0.2', 'fd00::2'],
    });
  });

  it('ports: TCP and UDP alone; TCP when it is not said', () => {
    const ports = [{ port: 1 }, { port: 2, protocol: 'UDP' }, { port: 3, protocol: 'SCTP' }];
    expect(service({ ports })?.service_ports).toEqual([
      { port: 1, protocol: 6 },
      { port: 2, protocol: 17 },
    ]);
  });

  it('a selector: pods of the same namespace that carry all of its labels, each controller once', () => {
    const { services } = inventoryOf([
      object('Service', {}, { spec: { selector: { app: 'web', tier: 'front' } } }),
      object('Pod', { labels: { app: 'web', tier: 'front', x: 'y' }, ...owned('DaemonSet', 'right') }),
      object('Pod', { labels: { app: 'web', tier: 'front' }, ...owned('DaemonSet', 'right') }),
      object('Pod', { labels: { app: 'web' }, ...owned('DaemonSet', 'too-few-labels') }),
      object('Pod', { labels: { app: 'web', tier: 'front' }, namespace: 'other', ...owned('DaemonSet', 'elsewhere') }),
    ]);
    expect(services[0]?.backends).toEqual([{ kind: 'daemonset', name: 'right' }]);
  });

  it('OpenShift, by the labels of its nodes or their system', () => {
    const manager = (metadata: Json, nodeInfo: Json): Inventory['manager_type'] =>
      inventoryOf([object('Node', metadata, { status: { nodeInfo } })]).manager_type;
    const kubeletVersion = 'v1.29.14+7cf4c05';
    expect(manager({ labels: { 'node.openshift.io/os_id': 'rhcos' } }, { kubeletVersion })).toBe(
      'OpenShift v1.29.14+7cf4c05',
    );
    expect(manager({}, { kubeletVersion, osImage: 'Red Hat Enterprise Linux CoreOS 416.94' })).toBe(
      'OpenShift v1.29.14+7cf4c05',
    );
    expect(manager({}, { kubeletVersion, osImage: 'Ubuntu 22.04' })).toBe('Kubernetes v1.29.14+7cf4c05');
  });

  it('namespaces that are not listed but used', () => {
    expect(inventoryOf([object('Namespace', { name: 'b', namespace: undefined }), object('Pod')]).namespaces).toEqual([
      'b',
      'shop',
    ]);
  });
});

describe('a list of Kubernetes objects', () => {
  const reading = (text: string) => () => readList(text, 'x.json');

  it('may be of one kind, whose items do not say it', () => {
    const items = [{ metadata: { name: 'a', uid: 'u' } }];
    expect(readList(JSON.stringify({ kind: 'PodList', items }), 'x.json')[0]?.kind).toBe('Pod');
  });

  it('is refused in one line when it is YAML, no list, or of things without a name', () => {
    expect(reading('kind: List\nitems: []')).toThrow(/^x\.json is not JSON: .*-o json$/);
    expect(reading('{"kind":"Pod"}')).toThrow('x.json is no list of Kubernetes objects');
    expect(reading('null')).toThrow('x.json is no list of Kubernetes objects');
    expect(reading('{"kind":"List","items":[{"kind":"Pod","metadata":{"name":"a"}}]}')).toThrow(
      'x.json: item 0, a Pod, has no name or no uid',
    );
    expect(reading('{"kind":"List","items":[{}]}')).toThrow('x.json: item 0 has no kind');
  });
});

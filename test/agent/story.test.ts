import { type Json, useEmulator } from '../support/emulator.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');
const MINUTE = 60_000;

const NODES = [
  { name: 'worker-1', pod_subnet: '10.32.0.0/24', machine_id: '496deb43bf58f72783c3d494444709db' },
  { name: 'worker-2', pod_subnet: '10.32.1.0/24', machine_id: '0c4b3f0d0e5a4f0f9c1d6a8f3e1b7c55' },
];

const REPORT = {
  manager_type: 'Kubernetes v1.23.5',
  kubelink_version: '2.1.1.1847bc',
  container_runtime: 'containerd',
  cluster_mode: 'legacy',
  nodes: NODES,
  namespaces: ['payments', 'default', 'kube-system'],
  errors: [],
};

const WEB = {
  uid: '3f0a1a6c-3fb6-4e1c-a1fb-6b8cb1a5b2f7',
  name: 'web',
  namespace: 'payments',
  service_type: 'ClusterIP',
  service_ports: [{ port: 8443, protocol: 6 }],
  ip_addresses: ['10.96.12.7'],
  annotations: { 'com.illumio.role': 'Web' },
  backends: [{ kind: 'replicasethash', name: '58687784f9' }],
};

const pod = (name: string, annotations: Json = {}) => ({
  uid: `uid-of-${name}`,
  name,
  namespace: 'payments',
  controller: { kind: 'replicasethash', name: '58687784f9' },
  ip_addresses: ['10.32.0.12'],
  annotations,
});

/** The story that the public facts of agents and PCEs give, from the first contact to the last. */
describe('the life of a cluster and its agent', () => {
  let now = START;
  const test = useEmulator({ now: () => now });
  beforeEach(() => {
    now = START;
  });
  const names = (list: Json[]) => list.map(({ name }) => name);
  const eventTypes = async () =>
    (await test.pce.get('/orgs/1/events')).body.map(({ event_type }: Json) => event_type).reverse();

  it('goes from pairing over reports and silence to its end', async () => {
    const { pce, control } = test;
    const label = async (key: string, value: string) => (await pce.post('/orgs/1/labels', { key, value })).body;
    const [app, web] = [await label('app', 'Shop'), await label('role', 'Web')];

    // A user makes the cluster: a token, and a Default Profile.
    const cluster = (await pce.post('/orgs/1/container_clusters', { name: 'k8s', description: '' })).body;
    const agent = test.agent(cluster);
    const profiles = async () => (await pce.get(`${cluster.href}/container_workload_profiles`)).body;
    expect((await profiles()).map(({ name, namespace, linked }: Json) => [name, namespace, linked])).toEqual([
      ['Default Profile', null, false],
    ]);
    expect((await pce.get(cluster.href)).body).toMatchObject({ online: false, last_connected: null, nodes: [] });

    // And a pairing profile with a key, for the agents on its nodes.
    const pairing = {
      name: 'k8s nodes',
      enabled: true,
      labels: [{ href: web.href }],
      enforcement_mode: 'visibility_only',
    };
    const pairingProfile = (await pce.post('/orgs/1/pairing_profiles', pairing)).body;
    const { activation_code } = (await pce.post(`${pairingProfile.href}/pairing_key`)).body;

    // First contact: online, with all that was reported.
    now += MINUTE;
    expect((await agent.put(`${cluster.href}/put_from_cluster`, REPORT)).status).toBe(204);
    const reported = (await pce.get(cluster.href)).body;
    expect(reported).toMatchObject({
      online: true,
      last_connected: '2026-03-01T08:01:00.000Z',
      manager_type: 'Kubernetes v1.23.5',
      kubelink_version: '2.1.1.1847bc',
      network_type: 'host_switch_mode',
      nodes: NODES,
      errors: [],
    });
    expect((await pce.get('/orgs/1/container_clusters')).body).toEqual([reported]);

    // A profile for each namespace, by the alphabet, after the Default Profile, made by the cluster.
    const [, ...linked] = await profiles();
    expect(linked.map(({ namespace }: Json) => namespace)).toEqual(['default', 'kube-system', 'payments']);
    for (const profile of linked) {
      expect(profile).toMatchObject({ linked: true, managed: false, created_by: { href: cluster.href } });
      expect(Object.keys(profile)).not.toContain('name');
    }
    const payments = linked[2];

    // The agents on its nodes pair: workloads of the cluster, as the pairing profile has them.
    const nodes = await control.post(`${cluster.href}/node_agents`, { activation_code });
    expect([nodes.status, nodes.body.map(({ hostname }: Json) => hostname)]).toEqual([201, ['worker-1', 'worker-2']]);
    expect((await pce.get(nodes.body[0].href)).body).toMatchObject({
      hostname: 'worker-1',
      managed: true,
      enforcement_mode: 'visibility_only',
      labels: [{ href: web.href, key: 'role', value: 'Web' }],
      container_cluster: { href: cluster.href, name: 'k8s' },
    });

    // Services and pods of a namespace that is not managed are not shown.
    expect((await agent.put(`${cluster.href}/services?refresh=true`, [WEB])).status).toBe(204);
    const pods = [pod('web-1', { 'com.illumio.role': 'Web' }), pod('web-2', { 'com.illumio.role': 'Nobody' })];
    expect((await control.put(`${cluster.href}/pods?refresh=true`, pods)).status).toBe(204);
    const drafts = '/orgs/1/sec_policy/draft/virtual_services';
    for (const list of [drafts, '/orgs/1/container_workloads', '/orgs/1/service_bindings']) {
      expect([list, (await pce.get(list)).body]).toEqual([list, []]);
    }

    // A user manages the namespace: they appear, labelled.
    now += MINUTE;
    const options = [{ key: 'app', assignment: { href: app.href } }];
    await pce.put(payments.href, { managed: true, enforcement_mode: 'visibility_only', labels: options });
    const [service] = (await pce.get(drafts)).body;
    expect(service).toMatchObject({
      name: 'web-k8s-payments',
      created_by: { href: cluster.href },
      update_type: null,
      external_data_set: `${cluster.href.slice(-36)}|payments`,
      external_data_reference: WEB.uid,
      service_ports: [{ port: 8443, proto: 6 }],
      labels: [
        { href: app.href, key: 'app', value: 'Shop' },
        { href: web.href, key: 'role', value: 'Web' },
      ],
      caps: [],
      k8s_service_info: { service_type: 'ClusterIP', external_traffic_policy: null, node_ports: [] },
      service_addresses: [{ ip: '10.96.12.7', port: 8443, network: { name: 'k8s pod network' } }],
    });
    const active = service.href.replace('/draft/', '/active/');
    const { update_type: _, ...provisioned } = service;
    expect((await pce.get(active)).body).toEqual({ ...provisioned, href: active });
    expect((await pce.get(`${cluster.href}/service_backends`)).body).toMatchObject([
      {
        name: '58687784f9',
        kind: 'replicasethash',
        namespace: 'payments',
        virtual_service: { href: service.href, name: 'web-k8s-payments' },
      },
    ]);
    const workloads = (await pce.get('/orgs/1/container_workloads')).body;
    expect(names(workloads)).toEqual(['web-1', 'web-2']);
    expect(workloads[0]).toMatchObject({
      namespace: 'payments',
      enforcement_mode: 'visibility_only',
      container_cluster: { href: cluster.href, name: 'k8s' },
      container_workload_profile: { href: payments.href },
      interfaces: [{ name: 'eth0', address: '10.32.0.12' }],
    });
    expect(workloads.map(({ labels }: Json) => labels.map(({ value }: Json) => value))).toEqual([
      ['Shop', 'Web'],
      ['Shop'],
    ]);
    const bindings = (await pce.get('/orgs/1/service_bindings')).body;
    expect(bindings.map(({ bound_service, container_workload }: Json) => [bound_service, container_workload])).toEqual(
      workloads.map(({ href }: Json) => [{ href: active }, { href }]),
    );

    // Why these labels?
    const { body: why } = await control.get(`/explain?workload=${workloads[1].href}`);
    expect(why).toMatchObject({ shown: true, namespace: 'payments', name: 'web-2' });
    expect(
      why.labels.map(({ key, rule, label, refused }: Json) => [key, rule, label?.value, refused[0]?.value]),
    ).toEqual([
      ['app', 'R2', 'Shop', undefined],
      ['role', 'R7', undefined, 'Nobody'],
    ]);

    // The label that was asked for comes: so does the workload's.
    await label('role', 'Nobody');
    expect((await pce.get(workloads[1].href)).body.labels.map(({ value }: Json) => value)).toEqual(['Shop', 'Nobody']);

    // A pod goes, and its binding; then the service, and all that was about it.
    await control.put(`${cluster.href}/pods/delete`, [{ uid: 'uid-of-web-1' }]);
    expect((await pce.get('/orgs/1/service_bindings')).body).toHaveLength(1);
    expect((await pce.get(workloads[0].href)).status).toBe(404);
    await agent.put(`${cluster.href}/services/delete`, [{ uid: WEB.uid }]);
    for (const list of [drafts, `${cluster.href}/service_backends`, '/orgs/1/service_bindings']) {
      expect([list, (await pce.get(list)).body]).toEqual([list, []]);
    }
    expect((await pce.get(active)).status).toBe(404);

    // Silence: offline after ten minutes, everything else as it was last reported.
    const last = (await pce.get(cluster.href)).body;
    now = Date.parse(last.last_connected) + 10 * MINUTE - 1;
    expect((await pce.get(cluster.href)).body.online).toBe(true);
    now += 1;
    expect((await pce.get(cluster.href)).body).toEqual({ ...last, online: false });
    expect((await pce.get('/orgs/1/container_clusters')).body).toEqual([{ ...last, online: false }]);

    // It comes back, without one of its namespaces: its profile stays, and can be deleted now.
    await agent.put(`${cluster.href}/put_from_cluster`, { namespaces: ['default', 'kube-system'] });
    expect((await pce.get(cluster.href)).body).toMatchObject({
      online: true,
      last_connected: new Date(now).toISOString(),
    });
    expect((await pce.get(payments.href)).body).toMatchObject({ linked: false, managed: true });
    expect((await pce.get('/orgs/1/container_workloads')).body).toEqual([]);
    expect((await pce.delete(payments.href)).status).toBe(204);

    // The user deletes it: its agent is refused.
    expect((await pce.delete(cluster.href)).status).toBe(204);
    expect((await agent.put(`${cluster.href}/put_from_cluster`, REPORT)).status).toBe(401);
    expect((await pce.get('/orgs/1/networks')).body).toEqual([]);
    expect((await pce.get(nodes.body[0].href)).body).not.toHaveProperty('container_cluster');

    expect(await eventTypes()).toEqual([
      'label.create',
      'label.create',
      'container_cluster.create',
      'pairing_profile.create',
      'pairing_profile.create_pairing_key',
      'container_workload_profile.create',
      'container_workload_profile.create',
      'container_workload_profile.create',
      'agent.activate',
      'container_cluster.update_services',
      'container_workload_profile.update',
      'system_task.provision_container_cluster_services',
      'label.create',
      'container_workload.update',
      'container_cluster.update_services',
      'system_task.provision_container_cluster_services',
      'container_workload_profile.update',
      'container_workload_profile.delete',
      'container_cluster.delete',
    ]);
  });
});

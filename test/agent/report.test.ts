import { type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';
import { assigned, clusterOf, eventTypes, labelOf, names, rows, TWO_ORGANISATIONS } from './cluster.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');
const NODES = [{ name: 'worker-1', pod_subnet: '10.32.0.0/24', machine_id: '496deb43bf58f72783c3d494444709db' }];
const REPORT = {
  manager_type: 'Kubernetes v1.23.5',
  kubelink_version: '2.1.1.1847bc',
  container_runtime: 'containerd',
  cluster_mode: 'legacy',
  nodes: NODES,
  namespaces: ['shop', 'default'],
  errors: [],
};

describe('put_from_cluster', () => {
  let now = START;
  let pce: Client;
  const test = useEmulator({ now: () => now, pceVersion: '23.5', world: TWO_ORGANISATIONS });
  beforeEach(() => {
    now = START;
    pce = test.pce;
  });
  const shown = async ({ href }: Json) => (await pce.get(href)).body;
  const profilesOf = (cluster: Json) => rows(pce, `${cluster.href}/container_workload_profiles`);

  describe('as inventory', () => {
    it('leaves what a report does not speak of as it was', async () => {
      const cluster = await clusterOf(test, { report: REPORT });
      const before = await shown(cluster);
      now += 1000;
      await cluster.report({ kubelink_version: '5.5.1-5' });
      expect(await shown(cluster)).toEqual({
        ...before,
        kubelink_version: '5.5.1-5',
        last_connected: '2026-03-01T08:00:01.000Z',
      });
    });

    it('takes an empty report as a mere heartbeat', async () => {
      const cluster = await clusterOf(test, { report: REPORT });
      const [before, profiles] = [await shown(cluster), await profilesOf(cluster)];
      now += 60_000;
      await cluster.report({});
      expect(await shown(cluster)).toEqual({ ...before, last_connected: '2026-03-01T08:01:00.000Z' });
      expect(await profilesOf(cluster)).toEqual(profiles);
    });

    it('brings a cluster online by a heartbeat alone', async () => {
      const cluster = await clusterOf(test, { report: {} });
      expect(await shown(cluster)).toMatchObject({
        online: true,
        last_connected: '2026-03-01T08:00:00.000Z',
        network_type: 'host_switch_mode',
        manager_type: null,
        kubelink_version: null,
        nodes: [],
      });
      expect(names(await profilesOf(cluster))).toEqual(['Default Profile']);
    });

    it('takes null and empty lists at their word', async () => {
      const cluster = await clusterOf(test, { report: REPORT });
      await cluster.report({ manager_type: null, nodes: [], namespaces: [] });
      expect(await shown(cluster)).toMatchObject({ manager_type: null, nodes: [], kubelink_version: '2.1.1.1847bc' });
      expect((await profilesOf(cluster)).map(({ linked }) => linked)).toEqual([false, false, false]);
    });

    it('does not touch what a user says of the cluster', async () => {
      const cluster = await clusterOf(test);
      await pce.put(cluster.href, { description: 'ours' });
      await cluster.report(REPORT);
      expect(await shown(cluster)).toMatchObject({ name: 'k8s', description: 'ours' });
    });
  });

  describe('with errors', () => {
    const CUT = [{ error_type: 'kubernetes_connection_failed' }];

    it('goes offline when the agent has lost its own cluster, and forgets only nodes and runtime', async () => {
      const cluster = await clusterOf(test, { report: REPORT });
      const before = await shown(cluster);
      now += 1000;
      await cluster.report({ errors: CUT });
      const cut = { ...before, online: false, nodes: [], container_runtime: null, errors: CUT };
      expect(await shown(cluster)).toEqual({ ...cut, last_connected: '2026-03-01T08:00:01.000Z' });
      expect((await profilesOf(cluster)).slice(1).every(({ linked }) => linked)).toBe(true);
    });

    it('stays offline over heartbeats, and whatever nodes they speak of', async () => {
      const cluster = await clusterOf(test, { report: { ...REPORT, errors: CUT } });
      expect(await shown(cluster)).toMatchObject({ online: false, nodes: [], container_runtime: null });
      for (const more of [{}, { nodes: NODES }]) {
        await cluster.report(more);
        expect(await shown(cluster)).toMatchObject({ online: false, nodes: [], errors: CUT });
      }
    });

    it('recovers with the next report without the error', async () => {
      const cluster = await clusterOf(test, { report: REPORT });
      const before = await shown(cluster);
      await cluster.report({ errors: CUT });
      await cluster.report(REPORT);
      expect(await shown(cluster)).toEqual(before);
    });

    it('shows other errors and stays online', async () => {
      const errors = [{ error_type: 'something_else' }, { error_type: 'and_more' }];
      const cluster = await clusterOf(test, { report: { ...REPORT, errors } });
      expect(await shown(cluster)).toMatchObject({ online: true, nodes: NODES, errors });
      await cluster.report({ errors: [] });
      expect((await shown(cluster)).errors).toEqual([]);
    });
  });

  describe('that cannot be read', () => {
    const bad: [string, Json][] = [
      ['a namespace in upper case', { namespaces: ['Shop'] }],
      ['a namespace that is too long', { namespaces: ['a'.repeat(64)] }],
      ['a namespace that ends with a dash', { namespaces: ['shop-'] }],
      ['an empty namespace', { namespaces: [''] }],
      ['a namespace twice', { namespaces: ['shop', 'shop'] }],
      ['namespaces that are no list', { namespaces: 'shop' }],
      ['an unknown key', { online: true }],
      ['an unknown key in a node', { nodes: [{ name: 'worker-1', ip: '10.0.0.1' }] }],
      ['a node without a name', { nodes: [{ machine_id: 'abc' }] }],
      ['a mode that is none', { cluster_mode: 'flat' }],
      ['an error without a type', { errors: [{}] }],
      ['a list', []],
    ];
    it.each(bad)('is refused and changes nothing: %s', async (_what, part) => {
      const cluster = await clusterOf(test, { report: REPORT });
      const before = [await shown(cluster), await profilesOf(cluster), await eventTypes(pce)];
      now += 1000;
      const body = Array.isArray(part) ? part : { ...part, kubelink_version: '9.9.9' };
      const answer = await cluster.agent.put(`${cluster.href}/put_from_cluster`, body);
      expect([answer.status, tokenOf(answer)]).toEqual([406, 'input_validation_error']);
      expect([await shown(cluster), await profilesOf(cluster), await eventTypes(pce)]).toEqual(before);
    });
  });

  describe('speaks for one cluster', () => {
    it('is refused to users, to the agents of other clusters, and to strangers', async () => {
      const [one, other] = [await clusterOf(test), await clusterOf(test, { name: 'other' })];
      const foreign = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
      const abroad = await clusterOf(test, { pce: foreign, org: '/orgs/2' });
      const path = `${one.href}/put_from_cluster`;
      for (const [who, status] of [
        [pce, 403],
        [other.agent, 403],
        [abroad.agent, 403],
        [foreign, 403],
      ] as const) {
        expect((await who.put(path, REPORT)).status).toBe(status);
      }
      expect((await test.with({}).put(path, REPORT)).status).toBe(401);
      expect(await shown(one)).toMatchObject({ online: false, last_connected: null });
    });

    it('leaves the clusters of others alone', async () => {
      const foreign = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
      const here = await clusterOf(test, { report: REPORT });
      const abroad = await clusterOf(test, { pce: foreign, org: '/orgs/2' });
      await here.report({ namespaces: ['mine'] });
      expect((await foreign.get(abroad.href)).body).toMatchObject({ online: false, nodes: [] });
      expect(await rows(foreign, `${abroad.href}/container_workload_profiles`)).toHaveLength(1);
      expect(await rows(foreign, '/orgs/2/networks')).toEqual([]);
      expect((await pce.get(abroad.href)).status).toBe(403);
    });
  });

  it('gives a new namespace what the Default Profile says, and is not retroactive', async () => {
    const [shop, bank] = [await labelOf(pce, 'app', 'shop'), await labelOf(pce, 'app', 'bank')];
    const cluster = await clusterOf(test, { report: { namespaces: ['early'] } });
    await cluster.manage(null, {
      labels: [assigned(shop), { key: 'env', restriction: [] }],
      visibility_level: 'flow_drops',
    });
    expect(await cluster.profile('early')).toMatchObject({ managed: false, enforcement_mode: 'idle', labels: [] });
    await cluster.report({ namespaces: ['early', 'late'] });
    expect(await cluster.profile('late')).toMatchObject({
      managed: true,
      enforcement_mode: 'visibility_only',
      visibility_level: 'flow_drops',
      assign_labels: [{ href: shop.href }],
      labels: [
        { key: 'app', assignment: { href: shop.href, value: 'shop' } },
        { key: 'env', restriction: [] },
      ],
      linked: true,
      created_by: { href: cluster.href },
    });
    await cluster.configure(null, { managed: false, labels: [assigned(bank)] });
    expect((await cluster.profile('late')).assign_labels).toEqual([{ href: shop.href }]);
    expect((await cluster.profile(null)).linked).toBe(false);
  });
});

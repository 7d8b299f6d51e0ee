import { type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';
import {
  allowed,
  annotated,
  assigned,
  type Cluster,
  clusterOf,
  DRAFTS,
  deployment,
  labelOf,
  PODS,
  pod,
  rows,
  service,
  TWO_ORGANISATIONS,
  values,
  WORKLOADS,
} from './cluster.ts';

const mapping = (from_key: string, to_key: string, more: Json = {}): Json => ({
  from_key,
  to_key,
  allow_create: false,
  values_map: [],
  ...more,
});
const CREATE = { allow_create: true };

describe('the label map of a cluster', () => {
  const test = useEmulator({ pceVersion: '24.5', world: TWO_ORGANISATIONS });
  let pce: Client;
  let cluster: Cluster;
  beforeEach(async () => {
    pce = test.pce;
    cluster = await clusterOf(test, { report: { namespaces: ['shop', 'bank', 'dark'] } });
    await cluster.manage('shop');
    await cluster.manage('bank');
  });
  const map = (...mappings: Json[]) => cluster.agent.put(`${cluster.href}/label_map`, mappings);
  const labelsOf = async (path = PODS) => (await rows(pce, path)).map(values);
  const allLabels = async () => (await rows(pce, '/orgs/1/labels')).map(({ key, value }) => `${key}=${value}`);

  it('gives pods the labels that it says, by its values or as they are', async () => {
    for (const [key, value] of [
      ['role', 'Web'],
      ['env', 'prod'],
    ] as const)
      await labelOf(pce, key, value);
    const tier = mapping('tier', 'role', { values_map: [{ from: 'front', to: 'Web' }] });
    expect((await map(tier, mapping('stage', 'env'))).status).toBe(204);
    await cluster.pods([
      pod('a', { labels: { tier: 'front', stage: 'prod' } }),
      pod('b', { labels: { tier: 'Web', stage: 'Prod' } }),
      pod('c', { labels: { role: 'Web', env: 'prod' } }),
    ]);
    expect(await labelsOf()).toEqual([['prod', 'Web'], [], []]);
  });

  it('gives them to Kubernetes workloads, and not to services', async () => {
    await labelOf(pce, 'role', 'Web');
    await map(mapping('tier', 'role'));
    const labels = { tier: 'Web' };
    await cluster.services([service('web', { labels })]);
    expect(await labelsOf(DRAFTS)).toEqual([[]]);
    await cluster.report({ cluster_mode: 'clas' });
    const [href = ''] = await cluster.workloads(deployment('web', { metadata: { labels } }));
    expect(await labelsOf(WORKLOADS)).toEqual([['Web']]);
    await cluster.agent.put(`${cluster.href}/kubernetes_workloads/bulk_update`, [{ href, metadata: { labels: {} } }]);
    expect(await labelsOf(WORKLOADS)).toEqual([[]]);
  });

  it('makes labels where it may, in the name of the cluster; everything annotated so gets them too', async () => {
    const other = await clusterOf(test, { name: 'other', report: { namespaces: ['shop'] } });
    await other.manage('shop');
    await other.pods([pod('x', annotated('role', 'Web'))]);
    await cluster.services([service('web', annotated('role', 'Web'))]);
    await cluster.pods([
      pod('a', { labels: { tier: 'front' } }),
      pod('b', { namespace: 'bank', ...annotated('role', 'Web') }),
    ]);
    expect([await labelsOf(), await labelsOf(DRAFTS)]).toEqual([[[], [], []], [[]]]);
    await map(mapping('tier', 'role', { ...CREATE, values_map: [{ from: 'front', to: 'Web' }] }));
    expect([await labelsOf(), await labelsOf(DRAFTS)]).toEqual([[['Web'], ['Web'], ['Web']], [['Web']]]);
    const [label, ...more] = await rows(pce, '/orgs/1/labels');
    expect(more).toEqual([]);
    expect(label).toMatchObject({ key: 'role', value: 'Web', created_by: { href: cluster.href } });
    const [event, ...others] = await rows(pce, '/orgs/1/events?event_type=label.create');
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      created_by: { container_cluster: { href: cluster.href, name: 'k8s' } },
      resource_changes: [{ change_type: 'create', resource: { label: { href: label?.href } } }],
    });
    expect(await rows(pce, '/orgs/1/events?event_type=container_cluster.update_label_map')).toHaveLength(1);
  });

  it('makes a label when a pod comes that asks for it, and one for many', async () => {
    await map(mapping('tier', 'role', CREATE), mapping('layer', 'role', CREATE));
    expect(await allLabels()).toEqual([]);
    await cluster.pods([
      pod('a', { labels: { tier: 'front' } }),
      pod('b', { labels: { layer: 'front' } }),
      pod('c', { namespace: 'bank', labels: { tier: 'front' } }),
    ]);
    expect(await allLabels()).toEqual(['role=front']);
    expect(await labelsOf()).toEqual([['front'], ['front'], ['front']]);
  });

  it('makes one of two labels that differ in case alone', async () => {
    await map(mapping('tier', 'role', CREATE));
    await cluster.pods([pod('a', { labels: { tier: 'front' } }), pod('b', { labels: { tier: 'FRONT' } })]);
    expect(await allLabels()).toEqual(['role=front']);
    expect(await labelsOf()).toEqual([['front'], []]);
  });

  it('makes no label where it may not, for a key or a value that cannot be, or for what is not shown', async () => {
    await map(
      mapping('a', 'role'),
      mapping('b', 'zone', CREATE),
      mapping('c', 'app', CREATE),
      mapping('d', 'env', CREATE),
    );
    await cluster.pods([
      pod('a', { labels: { a: 'x', b: 'x', c: 'All Applications', d: '' } }),
      pod('b', { namespace: 'dark', labels: { d: 'x' } }),
      pod('c', { host_network: true, labels: { d: 'y' } }),
    ]);
    expect(await allLabels()).toEqual([]);
    expect(await labelsOf()).toEqual([[]]);
    await cluster.manage('dark');
    expect(await allLabels()).toEqual(['env=x']);
  });

  it('wins over profile and annotations, when it has a label', async () => {
    const [web, db, mail] = [
      await labelOf(pce, 'role', 'Web'),
      await labelOf(pce, 'role', 'DB'),
      await labelOf(pce, 'role', 'Mail'),
    ];
    await map(mapping('tier', 'role'));
    const mapped = pod('a', { labels: { tier: 'Web' }, ...annotated('role', 'DB') });
    await cluster.pods([mapped, pod('b', { labels: { tier: 'Nobody' }, ...annotated('role', 'DB') })]);
    expect(await labelsOf()).toEqual([['Web'], ['DB']]);
    await cluster.configure('shop', { labels: [assigned(mail)] });
    expect(await labelsOf()).toEqual([['Web'], ['Mail']]);
    await cluster.configure('shop', { labels: [allowed('role', db)] });
    expect(await labelsOf()).toEqual([['Web'], ['DB']]);
    await cluster.configure('shop', { labels: [{ key: 'role', assignment: {} }] });
    expect(await labelsOf()).toEqual([['Web'], []]);
    expect(web.value).toBe('Web');
  });

  it('gives the label of the first entry that has one', async () => {
    for (const value of ['first', 'second']) await labelOf(pce, 'env', value);
    await map(mapping('a', 'env'), mapping('b', 'env'));
    await cluster.pods([
      pod('a', { labels: { b: 'second', a: 'first' } }),
      pod('b', { labels: { b: 'second', a: 'third' } }),
    ]);
    expect(await labelsOf()).toEqual([['first'], ['second']]);
  });

  it('is replaced as a whole, and with it the labels', async () => {
    for (const [key, value] of [
      ['role', 'x'],
      ['env', 'x'],
    ] as const)
      await labelOf(pce, key, value);
    await cluster.pods([pod('a', { labels: { a: 'x' } })]);
    await map(mapping('a', 'role'));
    expect((await rows(pce, PODS))[0].labels).toMatchObject([{ key: 'role' }]);
    await map(mapping('a', 'env'));
    expect((await rows(pce, PODS))[0].labels).toMatchObject([{ key: 'env' }]);
    await map();
    expect(await labelsOf()).toEqual([[]]);
  });

  it('is followed when a label comes, changes its value or goes', async () => {
    await map(mapping('tier', 'role'));
    await cluster.pods([pod('a', { labels: { tier: 'Web' } })]);
    const label = await labelOf(pce, 'role', 'Web');
    expect(await labelsOf()).toEqual([['Web']]);
    await pce.put(label.href, { value: 'Www' });
    expect(await labelsOf()).toEqual([[]]);
    expect((await pce.delete(label.href)).status).toBe(204);
    await labelOf(pce, 'role', 'Web');
    expect(await labelsOf()).toEqual([['Web']]);
  });

  it('makes a label again once a user has given its own another value', async () => {
    await map(mapping('tier', 'role', CREATE));
    await cluster.pods([pod('a', { labels: { tier: 'Web' } })]);
    const [label] = await rows(pce, '/orgs/1/labels');
    await pce.put(label?.href, { value: 'Www' });
    expect(await labelsOf()).toEqual([['Web']]);
    expect(await allLabels()).toEqual(['role=Www', 'role=Web']);
  });

  it('is of one cluster, and makes labels in its organisation alone', async () => {
    const foreign = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    const other = await clusterOf(test, { name: 'other', report: { namespaces: ['shop'] } });
    const abroad = await clusterOf(test, { pce: foreign, org: '/orgs/2', report: { namespaces: ['shop'] } });
    for (const one of [cluster, other, abroad]) {
      await one.manage('shop');
      await one.pods([pod('a', { labels: { tier: 'front' } })]);
    }
    await map(mapping('tier', 'role', CREATE));
    expect(await labelsOf()).toEqual([['front'], []]);
    expect(await rows(foreign, '/orgs/2/labels')).toEqual([]);
    expect((await rows(foreign, '/orgs/2/container_workloads')).map(values)).toEqual([[]]);
    expect((await other.agent.put(`${cluster.href}/label_map`, [])).status).toBe(403);
    expect((await pce.put(`${cluster.href}/label_map`, [])).status).toBe(403);
  });

  it.each([
    ['no list', {}],
    ['an entry without allow_create', [{ from_key: 'a', to_key: 'role', values_map: [] }]],
    ['an unknown key', [mapping('a', 'role', { kind: 'node' })]],
    ['a value to nothing', [mapping('a', 'role', { values_map: [{ from: 'x', to: '' }] })]],
  ])('is refused as %s, and stays as it was', async (_what, body) => {
    await labelOf(pce, 'role', 'Web');
    await map(mapping('tier', 'role'));
    await cluster.pods([pod('a', { labels: { tier: 'Web' } })]);
    const answer = await cluster.agent.put(`${cluster.href}/label_map`, body);
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'input_validation_error']);
    expect(await labelsOf()).toEqual([['Web']]);
    expect(await rows(pce, '/orgs/1/events?event_type=container_cluster.update_label_map')).toHaveLength(1);
  });
});

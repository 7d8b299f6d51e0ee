import { type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';
import {
  ACTIVES,
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

const START = Date.parse('2026-03-01T08:00:00.000Z');

/** Whatever a label depends on, what has it follows in the same request. */
describe('labels', () => {
  let now = START;
  const test = useEmulator({ now: () => now, pceVersion: '24.5', world: TWO_ORGANISATIONS });
  let pce: Client;
  let cluster: Cluster;
  beforeEach(async () => {
    now = START;
    pce = test.pce;
    cluster = await clusterOf(test, { report: { namespaces: ['shop', 'bank'] } });
    await cluster.manage('shop');
    await cluster.manage('bank');
  });
  const labelsOf = async (path = PODS) => (await rows(pce, path)).map(values);

  it('come to what is annotated with them when they are made', async () => {
    await cluster.services([service('web', annotated('role', 'Web'))]);
    await cluster.pods([pod('a', annotated('role', 'Web')), pod('b', annotated('role', 'web')), pod('c')]);
    await labelOf(pce, 'app', 'Web');
    expect([await labelsOf(), await labelsOf(DRAFTS)]).toEqual([[[], [], []], [[]]]);
    now += 1000;
    const { href } = await labelOf(pce, 'role', 'Web');
    const [first] = await rows(pce, PODS);
    expect(first).toMatchObject({
      labels: [{ href, key: 'role', value: 'Web' }],
      created_at: '2026-03-01T08:00:00.000Z',
      updated_at: '2026-03-01T08:00:01.000Z',
    });
    expect(await labelsOf()).toEqual([['Web'], [], []]);
    for (const list of [DRAFTS, ACTIVES]) expect(await labelsOf(list)).toEqual([['Web']]);
    const [event] = await rows(pce, '/orgs/1/events?event_type=container_workload.update');
    expect(event.resource_changes).toHaveLength(1);
    expect(event.resource_changes[0].changes.labels).toMatchObject({ before: [], after: [{ value: 'Web' }] });
  });

  it.each(['pro"d', 'back\\slash', 'Käse', '100%', 'a_b', 'a=b', 'a/b', '𝄞', "l'eau", ' ', '[]', '\u2028'])(
    'come whatever their value is: %j',
    async (value) => {
      await cluster.pods([pod('a', annotated('env', value))]);
      const label = await labelOf(pce, 'env', value);
      expect(await labelsOf()).toEqual([[value]]);
      await pce.put(label.href, { value: 'another' });
      expect(await labelsOf()).toEqual([[]]);
      await pce.put(label.href, { value });
      expect(await labelsOf()).toEqual([[value]]);
    },
  );

  it('go from what is annotated with them, and stay with what is assigned them, when their value changes', async () => {
    const [prod, db] = [await labelOf(pce, 'env', 'prod'), await labelOf(pce, 'role', 'DB')];
    await cluster.configure('shop', { labels: [assigned(prod), allowed('role', db)] });
    await cluster.pods([
      pod('a', annotated('role', 'DB')),
      pod('b', annotated('role', 'Database')),
      pod('c', { namespace: 'bank', ...annotated('env', 'prod') }),
      pod('d', { namespace: 'bank', ...annotated('env', 'production') }),
    ]);
    expect(await labelsOf()).toEqual([['prod', 'DB'], ['prod'], ['prod'], []]);
    await pce.put(prod.href, { value: 'production' });
    await pce.put(db.href, { value: 'Database' });
    expect(await labelsOf()).toEqual([['production'], ['production', 'Database'], [], ['production']]);
  });

  it('follow the profile', async () => {
    const [shop, prod, test1] = [
      await labelOf(pce, 'app', 'shop'),
      await labelOf(pce, 'env', 'prod'),
      await labelOf(pce, 'env', 'test'),
    ];
    await cluster.services([service('web', annotated('env', 'test'))]);
    await cluster.pods([pod('a', annotated('env', 'test')), pod('b', { namespace: 'bank' })]);
    const after = async (...labels: Json[]) => {
      await cluster.configure('shop', { labels });
      expect(await labelsOf(DRAFTS)).toEqual((await labelsOf()).slice(0, 1));
      return labelsOf();
    };
    expect(await after()).toEqual([['test'], []]);
    expect(await after(assigned(shop))).toEqual([['shop', 'test'], []]);
    expect(await after(assigned(prod))).toEqual([['prod'], []]);
    expect(await after(allowed('env', prod))).toEqual([[], []]);
    expect(await after(allowed('env', prod, test1))).toEqual([['test'], []]);
    expect(await after({ key: 'env', assignment: {} })).toEqual([[], []]);
    expect(await after({ key: 'env', restriction: [] })).toEqual([['test'], []]);
    await cluster.configure('shop', { assign_labels: [{ href: prod.href }] });
    expect(await labelsOf()).toEqual([['prod'], []]);
  });

  it('and modes follow a change of many profiles', async () => {
    const prod = await labelOf(pce, 'env', 'prod');
    await cluster.pods([pod('a'), pod('b', { namespace: 'bank' })]);
    const profiles = [await cluster.profile('shop'), await cluster.profile('bank')].map(({ href }) => ({ href }));
    const path = `${cluster.href}/container_workload_profiles/update`;
    const change = { container_workload_profiles: profiles, labels: [assigned(prod)], enforcement_mode: 'full' };
    expect((await pce.put(path, change)).status).toBe(204);
    expect(await labelsOf()).toEqual([['prod'], ['prod']]);
    expect((await rows(pce, PODS)).map((one) => one.enforcement_mode)).toEqual(['full', 'full']);
    expect((await pce.put(path, { container_workload_profiles: profiles, managed: false })).status).toBe(204);
    expect(await labelsOf()).toEqual([]);
  });

  it('follow annotations', async () => {
    for (const value of ['prod', 'test']) await labelOf(pce, 'env', value);
    await cluster.pods([pod('a', annotated('env', 'prod'))]);
    await cluster.pods([pod('a', annotated('env', 'test'))]);
    expect(await labelsOf()).toEqual([['test']]);
    await cluster.pods([pod('a')]);
    expect(await labelsOf()).toEqual([[]]);
  });

  describe('cannot be deleted', () => {
    const inUse = async (label: Json) => {
      const answer = await pce.delete(label.href);
      expect(answer.status).toBe(406);
      expect((await pce.get(label.href)).body.deleted).toBe(false);
      return tokenOf(answer);
    };

    it('while a pod has them', async () => {
      const prod = await labelOf(pce, 'env', 'prod');
      await cluster.pods([pod('a', annotated('env', 'prod'))]);
      expect((await pce.get(`${prod.href}?usage=true`)).body.usage).toMatchObject({
        container_workload: true,
        container_workload_profile: false,
      });
      expect(await inUse(prod)).toBe('label_still_has_associated_container_workload');
      await cluster.pods([]);
      expect((await pce.get(`${prod.href}?usage=true`)).body.usage).toMatchObject({ container_workload: false });
      expect((await pce.delete(prod.href)).status).toBe(204);
    });

    it('while a virtual service has them', async () => {
      const prod = await labelOf(pce, 'env', 'prod');
      await cluster.services([service('web', annotated('env', 'prod'))]);
      expect((await pce.get(`${prod.href}?usage=true`)).body.usage).toMatchObject({ virtual_service: true });
      expect(await inUse(prod)).toBe('label_still_has_associated_virtual_service');
      await cluster.configure('shop', { managed: false });
      expect((await pce.delete(prod.href)).status).toBe(204);
      await cluster.manage('shop');
      expect(await labelsOf(DRAFTS)).toEqual([[]]);
    });

    it('while a Kubernetes workload has them', async () => {
      const prod = await labelOf(pce, 'env', 'prod');
      await cluster.report({ cluster_mode: 'clas' });
      const [href] = await cluster.workloads(deployment('web', { metadata: annotated('env', 'prod') }));
      expect(await inUse(prod)).toBe('label_still_has_associated_kubernetes_workload');
      await cluster.agent.put(`${cluster.href}/kubernetes_workloads/bulk_delete`, [{ href }]);
      expect((await pce.delete(prod.href)).status).toBe(204);
      expect(await rows(pce, WORKLOADS)).toEqual([]);
    });

    it('until their cluster is deleted', async () => {
      const prod = await labelOf(pce, 'env', 'prod');
      await cluster.configure('shop', { labels: [assigned(prod)] });
      await cluster.pods([pod('a')]);
      await inUse(prod);
      await pce.delete(cluster.href);
      expect((await pce.delete(prod.href)).status).toBe(204);
    });
  });

  it('of one organisation are none to the annotations of another', async () => {
    const foreign = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    await cluster.pods([pod('a', annotated('env', 'prod'))]);
    await labelOf(foreign, 'env', 'prod', '/orgs/2');
    expect(await labelsOf()).toEqual([[]]);
  });
});

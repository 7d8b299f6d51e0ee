import { type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';
import { type Cluster, clusterOf, DRAFTS, eventTypes, hrefs, names, PODS, pod, rows, service } from './cluster.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');

describe('the profiles of namespaces', () => {
  let now = START;
  let pce: Client;
  let cluster: Cluster;
  const test = useEmulator({ now: () => now });
  beforeEach(async () => {
    now = START;
    pce = test.pce;
    cluster = await clusterOf(test, { report: { namespaces: ['shop', 'bank'] } });
  });
  const profiles = () => rows(pce, `${cluster.href}/container_workload_profiles`);
  const events = async (type: string): Promise<Json[]> => rows(pce, `/orgs/1/events?event_type=${type}`);

  it('are made by the alphabet, in one go, and told of one by one in the name of the cluster', async () => {
    await cluster.report({ namespaces: ['zoo', 'shop', 'bank', 'ape'] });
    expect((await profiles()).map(({ namespace }) => namespace)).toEqual([null, 'bank', 'shop', 'ape', 'zoo']);
    const told = (await events('container_workload_profile.create')).reverse();
    expect(told.map(({ resource_changes: [only] }) => only.resource.container_workload_profile.namespace)).toEqual([
      'bank',
      'shop',
      'ape',
      'zoo',
    ]);
    for (const event of told) {
      expect(event.created_by).toEqual({ container_cluster: { href: cluster.href, name: 'k8s' } });
      expect(event.resource_changes).toHaveLength(1);
      expect(event.resource_changes[0]).toMatchObject({ change_type: 'create' });
      expect(event.action).toMatchObject({ api_method: 'PUT', http_status_code: 204 });
      expect(event.action).not.toHaveProperty('info');
    }
  });

  it('and the events about them stay as they are when a report is repeated', async () => {
    const [before, told] = [await profiles(), await eventTypes(pce)];
    for (const namespaces of [
      ['shop', 'bank'],
      ['bank', 'shop'],
    ]) {
      now += 1000;
      await cluster.report({ namespaces });
    }
    expect(await profiles()).toEqual(before);
    expect(await eventTypes(pce)).toEqual(told);
  });

  it('stay without their namespace, no longer linked, and are linked again with their old settings', async () => {
    await cluster.manage('shop', { name: 'Our shop', enforcement_mode: 'full' });
    const before = await cluster.profile('shop');
    now += 1000;
    await cluster.report({ namespaces: ['bank'] });
    const updated_by = { href: cluster.href };
    const gone = { ...before, linked: false, updated_at: '2026-03-01T08:00:01.000Z', updated_by };
    expect(await cluster.profile('shop')).toEqual(gone);
    now += 1000;
    await cluster.report({ namespaces: ['bank', 'shop'] });
    expect(await cluster.profile('shop')).toEqual({ ...gone, linked: true, updated_at: '2026-03-01T08:00:02.000Z' });
    const told = await events('container_workload_profile.update');
    expect(told.slice(0, 2).map(({ resource_changes: [only] }) => only.changes)).toEqual([
      { linked: { before: false, after: true } },
      { linked: { before: true, after: false } },
    ]);
  });

  it('hide what is in a namespace that is gone, and show it with the same hrefs once it is back', async () => {
    await cluster.manage('shop');
    await cluster.services([service('web')]);
    await cluster.pods([pod('web-1')]);
    const shown = async () => [...hrefs(await rows(pce, DRAFTS)), ...hrefs(await rows(pce, PODS))];
    const before = await shown();
    expect(before).toHaveLength(2);
    await cluster.report({ namespaces: ['bank'] });
    expect(await shown()).toEqual([]);
    await cluster.report({ namespaces: ['bank', 'shop'] });
    expect(await shown()).toEqual(before);
  });

  it('may be deleted without their namespace, not with it; a namespace that comes then is new', async () => {
    await cluster.manage('shop');
    const { href } = await cluster.profile('shop');
    const refused = await pce.delete(href);
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'container_workload_profile_linked_cannot_be_deleted']);
    expect(await cluster.profile('shop')).toMatchObject({ href, managed: true });
    await cluster.report({ namespaces: ['bank'] });
    expect((await pce.delete(href)).status).toBe(204);
    expect(await cluster.profile('shop')).toBeUndefined();
    await cluster.report({ namespaces: ['bank', 'shop'] });
    const fresh = await cluster.profile('shop');
    expect(fresh).toMatchObject({ linked: true, managed: false });
    expect(fresh.href).not.toBe(href);
  });

  it('have nothing to do with those of another cluster, or with one made by hand', async () => {
    const other = await clusterOf(test, { name: 'other', report: { namespaces: ['shop'] } });
    const byHand = await pce.post(`${cluster.href}/container_workload_profiles`, { name: 'fish' });
    expect(byHand.body).toMatchObject({ namespace: null, linked: false });
    await cluster.report({ namespaces: ['bank', 'fish'] });
    expect(await cluster.profile('shop')).toMatchObject({ linked: false });
    expect(await other.profile('shop')).toMatchObject({ linked: true });
    expect((await pce.get(byHand.body.href)).body).toEqual(byHand.body);
    expect((await cluster.profile('fish')).href).not.toBe(byHand.body.href);
    await other.manage('shop');
    expect(await cluster.profile('shop')).toMatchObject({ managed: false });
  });

  it('are read by the agent of their cluster, and by no other', async () => {
    const other = await clusterOf(test, { name: 'other' });
    const path = `${cluster.href}/container_workload_profiles`;
    expect((await cluster.agent.get(path)).body).toEqual(await profiles());
    const one = await cluster.profile('shop');
    expect((await cluster.agent.get(one.href)).body).toEqual(one);
    expect((await other.agent.get(path)).status).toBe(403);
    expect((await cluster.agent.put(one.href, { managed: true })).status).toBe(403);
  });

  it('keep the name that a user gives them, and workloads show it', async () => {
    await cluster.manage('shop');
    await cluster.pods([pod('web-1')]);
    const { href } = await cluster.profile('shop');
    const shown = async () => (await rows(pce, PODS))[0].container_workload_profile;
    expect(await shown()).toEqual({ href });
    await cluster.configure('shop', { name: 'Our shop' });
    await cluster.report({ namespaces: ['bank', 'shop', 'new'] });
    expect(await shown()).toEqual({ href, name: 'Our shop' });
    expect(names([await cluster.profile('shop')])).toEqual(['Our shop']);
  });

  it('may have names that JavaScript has uses for', async () => {
    const namespaces = ['constructor', 'tostring', 'a'.repeat(63), '0'];
    await cluster.report({ namespaces });
    const linked = (await profiles()).filter((one) => one.linked).map(({ namespace }) => namespace);
    expect(linked).toEqual([...namespaces].sort());
  });
});

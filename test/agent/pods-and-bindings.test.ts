import { type Client, type Json, useEmulator } from '../support/emulator.ts';
import { BINDINGS, type Cluster, clusterOf, DRAFTS, hrefs, names, PODS, pod, rows, service } from './cluster.ts';

const WEB = { kind: 'replicasethash', name: '58687784f9' };
const behind = (...backends: Json[]) => ({ backends });

describe('the pods of a cluster', () => {
  const test = useEmulator({ pceVersion: '25.2' });
  let pce: Client;
  let control: Client;
  let cluster: Cluster;
  beforeEach(async () => {
    [pce, control] = [test.pce, test.control];
    cluster = await clusterOf(test, { pce, control, report: { namespaces: ['shop', 'bank'] } });
    await cluster.manage('shop');
    await cluster.manage('bank');
  });
  const shown = async () => names(await rows(pce, PODS));
  /** Who is bound to what, by name. */
  const bound = async () => {
    const services = new Map((await rows(pce, DRAFTS)).map(({ href, name }) => [href, name]));
    const pods = new Map((await rows(pce, PODS)).map(({ href, name }) => [href, name]));
    return (await rows(pce, BINDINGS)).map(({ bound_service, container_workload }) => [
      services.get(bound_service.href.replace('/active/', '/draft/')),
      pods.get(container_workload.href),
    ]);
  };

  it('are replaced by a refresh, added and changed without one', async () => {
    await cluster.pods([pod('a'), pod('b')], '');
    await cluster.pods([pod('c')], '?refresh=false');
    expect(await shown()).toEqual(['a', 'b', 'c']);
    const [, { href }] = (await rows(pce, PODS)) as [Json, Json];
    await cluster.pods([pod('b', { ip_addresses: ['10.32.0.8', 'fd00::8'] }), pod('d')]);
    expect(await shown()).toEqual(['b', 'd']);
    expect((await pce.get(href)).body.interfaces).toEqual([
      { name: 'eth0', address: '10.32.0.8' },
      { name: 'eth1', address: 'fd00::8' },
    ]);
    await cluster.pods([]);
    expect(await shown()).toEqual([]);
  });

  it('may be said to be gone, those that nobody knows too', async () => {
    await cluster.pods([pod('a'), pod('b')]);
    const gone = [{ uid: 'uid-of-a' }, { uid: 'never-heard-of' }];
    for (const _time of [1, 2]) {
      expect((await control.put(`${cluster.href}/pods/delete`, gone)).status).toBe(204);
      expect(await shown()).toEqual(['b']);
    }
  });

  it("are not shown in their host's network", async () => {
    await cluster.pods([pod('a', { host_network: true, controller: WEB }), pod('b', { host_network: false })]);
    await cluster.services([service('web', behind(WEB))]);
    expect(await shown()).toEqual(['b']);
    expect(await bound()).toEqual([]);
    await cluster.pods([pod('a', { host_network: false, controller: WEB })], '');
    expect(await shown()).toContain('a');
    expect(await bound()).toEqual([['web-k8s-shop', 'a']]);
  });

  it('show the mode of their profile as it is now', async () => {
    await cluster.pods([pod('a'), pod('b', { namespace: 'bank' })]);
    await cluster.configure('bank', { enforcement_mode: 'full', visibility_level: 'flow_drops' });
    const modes = (await rows(pce, PODS)).map((one) => [one.enforcement_mode, one.visibility_level]);
    expect(modes).toEqual([
      ['visibility_only', 'flow_summary'],
      ['full', 'flow_drops'],
    ]);
  });

  it('may move to another namespace', async () => {
    for (const [from, to] of [
      ['shop', 'bank'],
      ['bank', 'shop'],
    ]) {
      await cluster.pods([pod('a', { namespace: from })]);
      const [before] = await rows(pce, PODS);
      await cluster.pods([pod('a', { namespace: to })]);
      expect((await rows(pce, PODS)).map(({ href, namespace }) => [href, namespace])).toEqual([[before.href, to]]);
    }
  });

  it('change their bindings with their namespace', async () => {
    await cluster.services([service('web', behind(WEB)), service('vault', { namespace: 'bank', ...behind(WEB) })]);
    await cluster.pods([pod('a', { controller: WEB })]);
    expect(await bound()).toEqual([['web-k8s-shop', 'a']]);
    await cluster.pods([pod('a', { namespace: 'bank', controller: WEB })]);
    expect(await bound()).toEqual([['vault-k8s-bank', 'a']]);
    await cluster.services([service('web', { namespace: 'bank', ...behind(WEB) })]);
    expect(await bound()).toEqual([['web-k8s-bank', 'a']]);
  });

  it('are bound to the services whose controller is theirs, in whatever order both come', async () => {
    await cluster.pods([
      pod('a', { controller: WEB }),
      pod('b', { controller: WEB }),
      pod('c'),
      pod('d', { controller: null }),
    ]);
    await cluster.services([
      service('web', behind(WEB)),
      service('alias', behind({ kind: 'daemonset', name: 'x' }, WEB)),
    ]);
    await cluster.pods([pod('e', { controller: WEB })], '');
    expect((await bound()).sort()).toEqual([
      ['alias-k8s-shop', 'a'],
      ['alias-k8s-shop', 'b'],
      ['alias-k8s-shop', 'e'],
      ['web-k8s-shop', 'a'],
      ['web-k8s-shop', 'b'],
      ['web-k8s-shop', 'e'],
    ]);
  });

  it('are bound by kind and name of their controller, not by one of them', async () => {
    await cluster.services([
      service('web', behind({ kind: 'daemonset', name: WEB.name }, { kind: WEB.kind, name: 'x' })),
    ]);
    await cluster.pods([pod('a', { controller: WEB })]);
    expect(await bound()).toEqual([]);
  });

  it('are not bound to a service of another namespace or cluster', async () => {
    const other = await clusterOf(test, { name: 'other', report: { namespaces: ['shop'] } });
    await other.manage('shop');
    await other.services([service('web', behind(WEB))]);
    await cluster.services([service('web', { namespace: 'bank', ...behind(WEB) })]);
    await cluster.pods([pod('a', { controller: WEB })]);
    expect(await bound()).toEqual([]);
    await cluster.pods([pod('b', { namespace: 'bank', controller: WEB })], '');
    expect(await bound()).toEqual([['web-k8s-bank', 'b']]);
  });

  it('lose their bindings with either end, and keep the others', async () => {
    const [web, db] = [service('web', behind(WEB)), service('db', behind(WEB))];
    await cluster.services([web, db]);
    await cluster.pods([pod('a', { controller: WEB }), pod('b', { controller: WEB })]);
    const before = await rows(pce, BINDINGS);
    expect(before).toHaveLength(4);
    expect((await pce.get(before[0].href)).body).toEqual(before[0]);
    await cluster.pods([pod('b', { controller: WEB })]);
    expect(await bound()).toEqual([
      ['web-k8s-shop', 'b'],
      ['db-k8s-shop', 'b'],
    ]);
    await cluster.services([web]);
    expect(await bound()).toEqual([['web-k8s-shop', 'b']]);
    expect(hrefs(before)).toContain((await rows(pce, BINDINGS))[0].href);
    await cluster.services([service('web', behind())]);
    expect(await bound()).toEqual([]);
    expect((await pce.get(before[0].href)).status).toBe(404);
    await cluster.services([web]);
    await cluster.pods([pod('b', { controller: { kind: 'daemonset', name: 'b' } })]);
    expect(await bound()).toEqual([]);
  });

  it('lose their bindings when their namespace is no longer managed, or their cluster is deleted', async () => {
    await cluster.services([service('web', behind(WEB))]);
    await cluster.pods([pod('a', { controller: WEB })]);
    await cluster.configure('shop', { managed: false });
    expect([await shown(), await bound()]).toEqual([[], []]);
    await cluster.manage('shop');
    expect(await bound()).toHaveLength(1);
    await pce.delete(cluster.href);
    expect([await shown(), await bound()]).toEqual([[], []]);
  });

  it('are not taken of a cluster in CLAS mode, or of one that is not there', async () => {
    await cluster.report({ cluster_mode: 'clas' });
    const refused = await control.put(`${cluster.href}/pods`, [pod('a')]);
    expect([refused.status, refused.body.token]).toEqual([409, 'cluster_in_clas_mode']);
    const nowhere = '/orgs/1/container_clusters/00000000-0000-4000-8000-000000000000';
    for (const path of [`${nowhere}/pods`, `${nowhere}/pods/delete`, `/orgs/1/container_clusters/x/pods`]) {
      const answer = await control.put(path, []);
      expect([path, answer.status, answer.body.token]).toEqual([path, 404, 'not_found']);
    }
    expect((await control.put(`/orgs/2/container_clusters/${cluster.uuid}/pods`, [])).status).toBe(404);
  });

  const bad: [string, Json][] = [
    ['no list', {}],
    ['no namespace', [{ uid: 'a', name: 'a' }]],
    ['an unknown key', [pod('b', { node: 'worker-1' })]],
    ['a controller without a name', [pod('b', { controller: { kind: 'daemonset' } })]],
  ];
  it.each(bad)('are refused with %s, all of them', async (_what, body) => {
    await cluster.pods([pod('old')]);
    const list = Array.isArray(body) ? [pod('new'), ...body] : body;
    const answer = await control.put(`${cluster.href}/pods?refresh=true`, list);
    expect(answer.status).toBe(400);
    expect(await shown()).toEqual(['old']);
  });
});

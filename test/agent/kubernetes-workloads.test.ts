import { type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';
import {
  ACTIVES,
  annotated,
  assigned,
  type Cluster,
  clusterOf,
  DRAFTS,
  deployment,
  hrefs,
  labelOf,
  names,
  PODS,
  pod,
  rows,
  service,
  succeeded,
  values,
  WORKLOADS,
} from './cluster.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');
const CLAS = { cluster_mode: 'clas', namespaces: ['shop', 'dark'] };

describe('the Kubernetes workloads of a cluster in CLAS mode', () => {
  let now = START;
  const test = useEmulator({ now: () => now, pceVersion: '25.2' });
  let pce: Client;
  let cluster: Cluster;
  beforeEach(async () => {
    now = START;
    pce = test.pce;
    cluster = await clusterOf(test, { report: CLAS });
    await cluster.manage('shop');
  });
  const inventory = () => `${cluster.href}/kubernetes_workloads`;
  const create = (body: Json, who = cluster.agent) => who.post(`${inventory()}/bulk_create`, body);
  const update = (body: Json) => cluster.agent.put(`${inventory()}/bulk_update`, body);
  const remove = (body: Json) => cluster.agent.put(`${inventory()}/bulk_delete`, body);
  const shown = () => rows(pce, WORKLOADS);

  it('are reported with bulk_create, which answers in order', async () => {
    const web = await labelOf(pce, 'role', 'Web');
    await cluster.workloads(deployment('db'));
    const answer = await create([
      deployment('web', { metadata: { labels: { tier: 'front' }, ...annotated('role', 'Web') } }),
      deployment('db', { kind: 'StatefulSet' }),
      deployment('db', { metadata: annotated('role', 'Web') }),
      deployment('web', { metadata: annotated('role', 'Web') }),
    ]);
    expect([answer.status, answer.body.map(({ status }: Json) => status)]).toEqual([
      201,
      ['created', 'created', 'updated', 'updated'],
    ]);
    expect(answer.body[0].href).toBe(answer.body[3].href);
    const list = await shown();
    expect(list.map(({ kind, name }) => [kind, name])).toEqual([
      ['Deployment', 'db'],
      ['Deployment', 'web'],
      ['StatefulSet', 'db'],
    ]);
    expect(hrefs(list)).toEqual([answer.body[2], answer.body[0], answer.body[1]].map(({ href }) => href));
    expect(list[1]).toMatchObject({
      namespace: 'shop',
      labels: [{ href: web.href, key: 'role', value: 'Web' }],
      enforcement_mode: 'visibility_only',
      container_cluster: { href: cluster.href, name: 'k8s' },
      container_workload_profile: { href: (await cluster.profile('shop')).href },
      security_policy_applied_at: null,
      security_policy_sync_state: 'syncing',
      metadata: { labels: {}, annotations: { 'com.illumio.role': 'Web' }, external_service_uid: null },
      private_ip_addresses: [],
    });
    expect((await pce.get(list[1]?.href)).body).toEqual(list[1]);
  });

  it('are changed by href with bulk_update; what is left out stays', async () => {
    await labelOf(pce, 'role', 'Web');
    const metadata = { labels: { tier: 'front' }, ...annotated('role', 'Web') };
    const [href = '', other = ''] = await cluster.workloads(deployment('web', { metadata }), deployment('db'));
    now += 1000;
    expect((await update([{ href, metadata: { labels: { tier: 'back' } } }])).status).toBe(204);
    expect((await pce.get(href)).body).toMatchObject({
      metadata: { labels: { tier: 'back' }, ...annotated('role', 'Web') },
      labels: [{ value: 'Web' }],
      created_at: '2026-03-01T08:00:00.000Z',
      updated_at: '2026-03-01T08:00:01.000Z',
    });
    expect((await pce.get(other)).body.updated_at).toBe('2026-03-01T08:00:00.000Z');
    await update([{ href, metadata: { annotations: {} } }]);
    expect(values((await pce.get(href)).body)).toEqual([]);
  });

  it('take two changes of one workload in one update as one after the other', async () => {
    const [href = ''] = await cluster.workloads(deployment('web'));
    const second = { href, metadata: { annotations: { team: 'blue' } } };
    expect((await update([{ href, metadata: { labels: { tier: 'front' } } }, second])).status).toBe(204);
    const { metadata } = (await pce.get(href)).body;
    expect(metadata).toMatchObject({ labels: { tier: 'front' }, annotations: { team: 'blue' } });
  });

  it('are updated all or none, and only those of the cluster', async () => {
    const other = await clusterOf(test, { name: 'other', report: CLAS });
    await other.manage('shop');
    const [href = ''] = await cluster.workloads(deployment('web'));
    const [foreign = ''] = await other.workloads(deployment('web'));
    await cluster.services([service('web', { service_type: 'NodePort' })]);
    const before = await shown();
    const metadata = { labels: { tier: 'front' } };
    const nowhere = `${WORKLOADS}/00000000-0000-4000-8000-000000000000`;
    for (const wrong of [foreign, nowhere, cluster.href, hrefs(await rows(pce, DRAFTS))[0]]) {
      const answer = await update([
        { href, metadata },
        { href: wrong, metadata },
      ]);
      expect([wrong, answer.status, tokenOf(answer)]).toEqual([wrong, 406, 'invalid_kubernetes_workload_href']);
    }
    expect(await shown()).toEqual(before);
  });

  it('are deleted by href, as often as one likes, and those of others stay', async () => {
    const other = await clusterOf(test, { name: 'other', report: CLAS });
    await other.manage('shop');
    const [web, db] = await cluster.workloads(deployment('web'), deployment('db'));
    const [foreign] = await other.workloads(deployment('web'));
    for (const _time of [1, 2]) {
      expect((await remove([{ href: web }, { href: foreign }])).status).toBe(204);
      expect(hrefs(await shown())).toEqual([db, foreign]);
    }
    const [again] = await cluster.workloads(deployment('web'));
    expect(again).not.toBe(web);
  });

  it('are known to their agent whether they are shown or not', async () => {
    const [web, hidden] = await cluster.workloads(
      deployment('web'),
      deployment('ghost', { namespace: 'dark', metadata: { labels: { a: 'b' } } }),
    );
    expect(hrefs(await shown())).toEqual([web]);
    expect((await pce.get(String(hidden))).status).toBe(404);
    const answer = await cluster.agent.get(inventory());
    expect(answer.headers['x-total-count']).toBe('2');
    expect(answer.body[0]).toEqual((await shown())[0]);
    expect(answer.body[1]).toEqual({
      href: hidden,
      name: 'ghost',
      kind: 'Deployment',
      namespace: 'dark',
      metadata: { labels: { a: 'b' } },
    });
    expect((await cluster.agent.get(`${inventory()}?max_results=1`)).body).toHaveLength(1);
    await cluster.manage('dark');
    expect(hrefs(await shown())).toEqual([web, hidden]);
  });

  it('are asked for by their own agent alone', async () => {
    const other = await clusterOf(test, { name: 'other', report: CLAS });
    expect((await create([deployment('web')], other.agent)).status).toBe(403);
    expect((await create([deployment('web')], pce)).status).toBe(403);
    expect((await other.agent.get(inventory())).status).toBe(403);
    expect((await cluster.agent.get(WORKLOADS)).status).toBe(403);
  });

  it.each([
    ['no list', {}],
    ['an empty list', []],
    ['no kind', [{ name: 'web', namespace: 'shop' }]],
    ['an unknown key', [deployment('web', { replicas: 3 })]],
    ['a namespace that is none', [deployment('web', { namespace: 'Shop' })]],
  ])('are refused with %s', async (_what, body) => {
    const answer = await create(Array.isArray(body) && body.length > 0 ? [deployment('db'), ...body] : body);
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'input_validation_error']);
    expect(await shown()).toEqual([]);
  });

  it('show the addresses of their pods only where an annotation asks for it', async () => {
    const ips = { private_ip_addresses: ['10.32.0.5'] };
    const metadata = { annotations: { 'meta.illumio.podIPObservability': 'true' } };
    const [, href = ''] = await cluster.workloads(deployment('a', ips), deployment('b', { ...ips, metadata }));
    expect((await shown()).map((one) => one.private_ip_addresses)).toEqual([[], ['10.32.0.5']]);
    await update([{ href, private_ip_addresses: ['10.32.0.6'] }]);
    expect((await pce.get(href)).body.private_ip_addresses).toEqual(['10.32.0.6']);
    await update([{ href, metadata: { annotations: {} } }]);
    expect((await pce.get(href)).body.private_ip_addresses).toEqual([]);
  });

  it('stand for the inner part of a NodePort service, which is a virtual service besides', async () => {
    const metadata = { external_service_uid: 'uid-of-web' };
    const [href = ''] = await cluster.workloads(deployment('web', { kind: 'Service', metadata }));
    expect((await pce.get(href)).body).not.toHaveProperty('container_cluster_service');
    await cluster.services([service('web', { service_type: 'NodePort' }), service('inner')]);
    expect(names(await rows(pce, DRAFTS))).toEqual(['web-k8s-shop']);
    const [{ href: active }] = (await rows(pce, ACTIVES)) as [Json];
    const linked = async () => (await pce.get(href)).body.container_cluster_service;
    expect(await linked()).toEqual({ href: active, name: 'web-k8s-shop' });
    await pce.put(cluster.href, { name: 'prod' });
    expect(await linked()).toEqual({ href: active, name: 'web-prod-shop' });
    await cluster.services([service('web')]);
    expect([await linked(), await rows(pce, DRAFTS)]).toEqual([undefined, []]);
  });

  it('take the place of pods and inner services when the cluster changes its mode, and back', async () => {
    const shop = await labelOf(pce, 'app', 'shop');
    await cluster.configure('shop', { labels: [assigned(shop)] });
    await cluster.workloads(deployment('web'));
    await cluster.services([service('inner'), service('outer', { service_type: 'LoadBalancer' })]);
    const state = async () => [
      names(await shown()),
      names(await rows(pce, PODS)),
      names(await rows(pce, DRAFTS)).sort(),
      (await pce.get(cluster.href)).body.clas_mode,
    ];
    expect(await state()).toEqual([['web'], [], ['outer-k8s-shop'], true]);
    await cluster.report({ cluster_mode: 'legacy' });
    await cluster.pods([pod('web-1')]);
    expect(await state()).toEqual([[], ['web-1'], ['inner-k8s-shop', 'outer-k8s-shop'], false]);
    for (const refused of [await create([deployment('db')]), await update([{ href: WORKLOADS }])]) {
      expect([refused.status, tokenOf(refused)]).toEqual([406, 'container_cluster_not_in_clas_mode']);
    }
    await cluster.report({});
    expect((await state())[1]).toEqual(['web-1']);
    await cluster.report({ cluster_mode: 'clas' });
    expect(await state()).toEqual([['web'], [], ['outer-k8s-shop'], true]);
    expect(values((await shown())[0])).toEqual(['shop']);
  });

  it('go with their cluster', async () => {
    await cluster.workloads(deployment('web'));
    succeeded(await pce.delete(cluster.href));
    expect(await shown()).toEqual([]);
    expect((await cluster.agent.get(inventory())).status).toBe(401);
  });
});

describe('PCE 22.2', () => {
  const test = useEmulator();

  it('knows nothing of CLAS mode', async () => {
    const cluster = await clusterOf(test, { report: {} });
    const { agent, href } = cluster;
    expect((await agent.put(`${href}/put_from_cluster`, { cluster_mode: 'clas' })).status).toBe(406);
    for (const path of ['kubernetes_workloads', 'policies', 'clas_auth_public_key']) {
      expect([path, (await agent.get(`${href}/${path}`)).status]).toEqual([path, 404]);
    }
    expect((await agent.post(`${href}/kubernetes_workloads/bulk_create`, [])).status).toBe(404);
    for (const path of ['bulk_update', 'bulk_delete'].map((one) => `kubernetes_workloads/${one}`)) {
      expect([path, (await agent.put(`${href}/${path}`, [])).status]).toEqual([path, 404]);
    }
    for (const path of ['label_map', 'security_policy_acks', 'security_policy_applied']) {
      expect([path, (await agent.put(`${href}/${path}`, [])).status]).toEqual([path, 404]);
    }
    expect((await test.pce.get(WORKLOADS)).status).toBe(404);
  });
});

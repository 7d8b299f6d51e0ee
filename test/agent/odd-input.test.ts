import { type Client, type Json, useEmulator } from '../support/emulator.ts';
import {
  annotated,
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

const CLAS = { cluster_mode: 'clas', namespaces: ['shop'] };

const START = Date.parse('2026-03-01T08:00:00.000Z');

describe('an agent with something odd to say', () => {
  let now = START;
  const test = useEmulator({ now: () => now, pceVersion: '25.2' });
  let pce: Client;
  let cluster: Cluster;
  beforeEach(async () => {
    now = START;
    pce = test.pce;
    cluster = await clusterOf(test, { report: { namespaces: ['shop'] } });
    await cluster.manage('shop');
  });

  it('may have names as long as they can be', async () => {
    const namespace = 'n'.repeat(63);
    const long = await clusterOf(test, { name: 'c'.repeat(255), report: { namespaces: [namespace] } });
    await long.manage(namespace);
    const name = 's'.repeat(253);
    const backends = [{ kind: 'daemonset', name }];
    await long.services([service(name, { uid: 'u'.repeat(255), namespace, backends })]);
    expect(names(await rows(pce, DRAFTS))).toEqual([`${name}-${'c'.repeat(255)}-${namespace}`]);
    expect(names(await rows(pce, `${long.href}/service_backends`))).toEqual([name]);
    await long.pods([pod(name, { uid: 'u'.repeat(255), namespace })]);
    expect(names(await rows(pce, PODS))).toEqual([name]);
  });

  it('may speak for a cluster that has no name', async () => {
    const { body } = succeeded(await pce.post('/orgs/1/container_clusters', {}));
    const agent = test.agent(body);
    succeeded(await agent.put(`${body.href}/put_from_cluster`, { namespaces: ['shop'] }));
    const profiles = await rows(pce, `${body.href}/container_workload_profiles?namespace=shop`);
    succeeded(await pce.put(profiles[0]?.href, { managed: true, enforcement_mode: 'visibility_only' }));
    succeeded(await agent.put(`${body.href}/services`, [service('web')]));
    const shown = JSON.stringify([await rows(pce, DRAFTS), await rows(pce, '/orgs/1/networks')]);
    expect(shown).not.toMatch(/undefined|"null/);
  });

  it('may name one service twice: the last word counts', async () => {
    await cluster.services([service('web'), service('web', { name: 'www' })]);
    expect(names(await rows(pce, DRAFTS))).toEqual(['www-k8s-shop']);
  });

  it('may give two services one name', async () => {
    await cluster.services([service('web', { uid: 'a' }), service('web', { uid: 'b' })]);
    expect(names(await rows(pce, DRAFTS))).toEqual(['web-k8s-shop', 'web-k8s-shop']);
    await cluster.services([service('web', { uid: 'b' })]);
    expect(names(await rows(pce, DRAFTS))).toEqual(['web-k8s-shop']);
  });

  it('may move things between namespaces, both ways at once: they are the same as before', async () => {
    await cluster.report({ namespaces: ['shop', 'bank'] });
    await cluster.manage('bank');
    await cluster.services([service('web'), service('vault', { namespace: 'bank' })]);
    const before = hrefs(await rows(pce, DRAFTS)).sort();
    now += 1000;
    await cluster.services([service('web', { namespace: 'bank' }), service('vault', { namespace: 'shop' })]);
    const after = await rows(pce, DRAFTS);
    expect(hrefs(after).sort()).toEqual(before);
    expect(names(after).sort()).toEqual(['vault-k8s-shop', 'web-k8s-bank']);
    expect(after.map(({ created_at }) => created_at)).toEqual(Array(2).fill('2026-03-01T08:00:00.000Z'));
    const [event] = await rows(pce, '/orgs/1/events?event_type=system_task.provision_container_cluster_services');
    expect(event.resource_changes.map((one: Json) => one.change_type)).toEqual(['update', 'update']);
  });

  it('may use uids that look like paths, and one for things of two types', async () => {
    const uid = '../service/a/reported_objects/b';
    await cluster.services([service('web', { uid })]);
    await cluster.pods([pod('a', { uid }), pod('b', { uid: `${uid}/b` })]);
    expect(names(await rows(pce, PODS))).toEqual(['a', 'b']);
    const [href] = hrefs(await rows(pce, PODS));
    expect((await test.control.get(`/explain?workload=${href}`)).body).toMatchObject({ name: 'a', shown: true });
    await cluster.pods([]);
    expect(names(await rows(pce, DRAFTS))).toEqual(['web-k8s-shop']);
  });

  it('tells workloads apart by kind, namespace and name, wherever a slash stands', async () => {
    const other = await clusterOf(test, { name: 'clas', report: { ...CLAS, namespaces: ['shop', 'a'] } });
    const odd = [
      { kind: 'Deployment', namespace: 'shop', name: 'a/b' },
      { kind: 'Deployment/shop', namespace: 'a', name: 'b' },
    ];
    expect(new Set(await other.workloads(...odd)).size).toBe(2);
  });

  it('may annotate with keys that JavaScript has uses for', async () => {
    await labelOf(pce, 'role', 'Web');
    const text =
      '[{"uid":"a","name":"a","namespace":"shop","annotations":{"__proto__":"x","com.illumio.__proto__":"x",' +
      '"com.illumio.":"x","com.illumio.constructor":"x","com.illumio.role":"Web"},"labels":{"__proto__":"x"}}]';
    await cluster.agent.put(`${cluster.href}/label_map`, [
      { from_key: '__proto__', to_key: '__proto__', allow_create: true, values_map: [] },
      { from_key: 'constructor', to_key: 'app', allow_create: true, values_map: [] },
    ]);
    await cluster.pods(JSON.parse(text));
    expect((await rows(pce, PODS)).map(values)).toEqual([['Web']]);
    expect((await rows(pce, '/orgs/1/labels')).map(({ value }) => value)).toEqual(['Web']);
  });

  it('may say much at once', async () => {
    await labelOf(pce, 'role', 'Web');
    const many = <T>(make: (name: string) => T): T[] => Array.from({ length: 1000 }, (_, index) => make(`x${index}`));
    await cluster.services(many((name) => service(name, annotated('role', 'Web'))));
    const { body, headers } = await pce.get(DRAFTS);
    expect([body.length, headers['x-total-count']]).toEqual([500, '1000']);
    const { status } = await cluster.agent.put(`${cluster.href}/services`, [...many(service), service('one-more')]);
    expect(status).toBe(406);
    const other = await clusterOf(test, { name: 'clas', report: CLAS });
    await other.manage('shop');
    expect(await other.workloads(...many(deployment))).toHaveLength(1000);
    expect((await other.agent.get(`${other.href}/kubernetes_workloads`)).body).toHaveLength(1000);
    expect((await pce.get(WORKLOADS)).headers['x-total-count']).toBe('1000');
  });

  it('may speak while others do', async () => {
    const others = await Promise.all(
      Array.from({ length: 8 }, (_, index) => clusterOf(test, { name: `k${index}`, pce, control: test.control })),
    );
    const nodes = [{ name: 'worker-1', machine_id: 'aaa' }];
    await Promise.all(others.map((one) => one.report({ nodes, namespaces: ['shop', 'bank'] })));
    await Promise.all(others.map((one) => one.manage('shop')));
    await Promise.all([
      ...others.map((one) => one.services([service('web', annotated('role', 'Web'))])),
      ...others.map((one) => one.pods([pod('a', annotated('role', 'Web'))])),
      labelOf(pce, 'role', 'Web'),
    ]);
    expect((await rows(pce, DRAFTS)).map(values)).toEqual(Array(8).fill(['Web']));
    expect((await rows(pce, PODS)).map(values)).toEqual(Array(8).fill(['Web']));
    const errors = (await rows(pce, '/orgs/1/container_clusters')).map((one: Json) => one.errors.length);
    expect(errors).toEqual([0, ...Array(8).fill(1)]);
  });
});

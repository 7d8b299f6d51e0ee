import { type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';
import {
  ACTIVES,
  annotated,
  assigned,
  type Cluster,
  clusterOf,
  DRAFTS,
  hrefs,
  labelOf,
  names,
  rows,
  service,
  values,
} from './cluster.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');

describe('the services of a cluster', () => {
  let now = START;
  const test = useEmulator({ now: () => now });
  let pce: Client;
  let cluster: Cluster;
  beforeEach(async () => {
    now = START;
    pce = test.pce;
    cluster = await clusterOf(test, { report: { namespaces: ['shop', 'bank', 'dark'] } });
    await cluster.manage('shop');
    await cluster.manage('bank');
  });
  const drafts = () => rows(pce, DRAFTS);
  const only = async (): Promise<Json> => {
    const [first, ...more] = await drafts();
    expect(more).toEqual([]);
    return first;
  };

  it('are replaced by a refresh, added and changed without one', async () => {
    await cluster.services([service('web'), service('db')], '');
    await cluster.services([service('mail')], '?refresh=false');
    expect(names(await drafts())).toEqual(['web-k8s-shop', 'db-k8s-shop', 'mail-k8s-shop']);
    await cluster.services([service('db'), service('new')]);
    expect(names(await drafts())).toEqual(['db-k8s-shop', 'new-k8s-shop']);
    await cluster.services([]);
    expect(await drafts()).toEqual([]);
  });

  it('keep their hrefs for as long as they are reported', async () => {
    await cluster.services([service('web')]);
    const [before] = await drafts();
    await cluster.services([service('web'), service('db')]);
    expect((await drafts())[0]).toEqual(before);
    await cluster.services([service('db')]);
    await cluster.services([service('web'), service('db')], '');
    expect(names(await drafts())).toEqual(['db-k8s-shop', 'web-k8s-shop']);
    expect(hrefs(await drafts())).not.toContain(before?.href);
    expect((await pce.get(before?.href)).status).toBe(404);
  });

  it('change in place', async () => {
    const web = await labelOf(pce, 'role', 'Web');
    await cluster.services([service('web')]);
    const before = await only();
    now += 1000;
    const changed = service('web', {
      name: 'www',
      service_type: 'NodePort',
      service_ports: [
        { port: 80, protocol: 6, node_port: 30080 },
        { port: 53, protocol: 17, node_port: null },
      ],
      external_traffic_policy: 'local',
      ip_addresses: ['10.96.0.8', '10.96.0.9'],
      ...annotated('role', 'Web'),
    });
    await cluster.services([changed], '');
    const [network] = await rows(pce, '/orgs/1/networks');
    const address = { network: { href: network.href, name: network.name } };
    expect(await only()).toEqual({
      ...before,
      name: 'www-k8s-shop',
      service_ports: [
        { port: 80, proto: 6 },
        { port: 53, proto: 17 },
      ],
      labels: [{ href: web.href, key: 'role', value: 'Web' }],
      k8s_service_info: { service_type: 'NodePort', external_traffic_policy: 'local', node_ports: [30080] },
      // With several ports, an address shows none.
      service_addresses: [
        { ip: '10.96.0.8', ...address },
        { ip: '10.96.0.9', ...address },
      ],
      updated_at: '2026-03-01T08:00:01.000Z',
    });
  });

  it('have a draft and an active version that tell the same', async () => {
    await cluster.services([service('web'), service('db')]);
    for (const draft of await drafts()) {
      const { href, update_type, ...rest } = draft;
      expect(update_type).toBeNull();
      const active = (await pce.get(href.replace('/draft/', '/active/'))).body;
      expect(active).toEqual({ href: href.replace('/draft/', '/active/'), ...rest });
      expect((await pce.get(href)).body).toEqual(draft);
    }
    expect(names(await rows(pce, ACTIVES))).toEqual(names(await drafts()));
    for (const path of [DRAFTS, ACTIVES]) expect((await pce.get(path)).headers['x-total-count']).toBe('2');
    expect((await pce.get(`${DRAFTS}?name=web`)).headers['x-total-count']).toBe('2');
    expect((await pce.get(DRAFTS.replace('draft', '1'))).status).toBe(404);
  });

  it.each(['before', 'after'])('may move to another namespace that comes %s theirs', async (where) => {
    const [from, to] = where === 'before' ? ['shop', 'bank'] : ['bank', 'shop'];
    await cluster.services([service('web', { namespace: from })]);
    const before = await only();
    expect(before.name).toBe(`web-k8s-${from}`);
    await cluster.services([service('web', { namespace: to })]);
    expect(await only()).toMatchObject({
      href: before.href,
      name: `web-k8s-${to}`,
      external_data_set: `${cluster.uuid}|${to}`,
    });
    expect(names(await rows(pce, ACTIVES))).toEqual([`web-k8s-${to}`]);
  });

  it('vanish when they move to a namespace that is not managed', async () => {
    await cluster.services([service('web')]);
    await cluster.services([service('web', { namespace: 'dark' })]);
    expect(await drafts()).toEqual([]);
    await cluster.services([service('web', { namespace: 'nowhere' })]);
    expect(await drafts()).toEqual([]);
  });

  it('without ports are no virtual services', async () => {
    const external = { service_type: 'ExternalName', service_ports: [], ip_addresses: [] };
    await cluster.services([service('web', external), service('headless', { service_ports: [] })]);
    expect(await drafts()).toEqual([]);
    const ports = [{ port: 80, protocol: 6 }];
    await cluster.services([service('web', { ...external, service_ports: ports })]);
    expect(await only()).toMatchObject({ k8s_service_info: { service_type: 'ExternalName' }, service_addresses: [] });
    await cluster.services([service('web', external)]);
    expect(await drafts()).toEqual([]);
  });

  it('show ports of one number and both protocols, and none twice', async () => {
    const dns = [
      { port: 53, protocol: 17 },
      { port: 53, protocol: 6 },
      { port: 53, protocol: 17, node_port: 30053 },
    ];
    await cluster.services([service('dns', { service_ports: dns })]);
    expect((await only()).service_ports).toEqual([
      { port: 53, proto: 17 },
      { port: 53, proto: 6 },
    ]);
  });

  it('take their labels from the profile and their annotations', async () => {
    const [shop, bank, web] = [
      await labelOf(pce, 'app', 'shop'),
      await labelOf(pce, 'app', 'bank'),
      await labelOf(pce, 'role', 'Web'),
    ];
    await cluster.configure('shop', { labels: [assigned(shop)] });
    const annotations = { 'com.illumio.app': bank.value, 'com.illumio.role': web.value, 'com.illumio.env': 'none' };
    await cluster.services([service('web', { annotations })]);
    expect(values(await only())).toEqual(['shop', 'Web']);
    expect(values((await rows(pce, ACTIVES))[0])).toEqual(['shop', 'Web']);
  });

  it('follow the name of their cluster, with all that quotes it', async () => {
    const backends = [{ kind: 'daemonset', name: 'web' }];
    await cluster.services([service('web', { backends })]);
    const before = await only();
    await pce.put(cluster.href, { name: 'prod' });
    const after = await only();
    expect(after).toMatchObject({ href: before.href, name: 'web-prod-shop' });
    expect(after.service_addresses[0].network).toMatchObject({ name: 'prod pod network' });
    expect(names(await rows(pce, ACTIVES))).toEqual(['web-prod-shop']);
    const [backend] = await rows(pce, `${cluster.href}/service_backends`);
    expect(backend.virtual_service).toEqual({ href: before.href, name: 'web-prod-shop' });
  });

  it('vanish with all that is about them when their namespace is not managed, and come back with their hrefs', async () => {
    await cluster.services([service('web', { backends: [{ kind: 'daemonset', name: 'web' }] })]);
    const lists = [DRAFTS, ACTIVES, `${cluster.href}/service_backends`];
    const before = await drafts();
    await cluster.configure('shop', { managed: false });
    for (const list of lists) expect([list, await rows(pce, list)]).toEqual([list, []]);
    await cluster.manage('shop');
    for (const list of lists) expect(await rows(pce, list)).toHaveLength(1);
    expect(hrefs(await drafts())).toEqual(hrefs(before));
  });

  it('show which controllers stand behind them', async () => {
    const backends = [
      { kind: 'replicasethash', name: '58687784f9' },
      { kind: 'statefulset', name: 'db' },
    ];
    await cluster.services([service('web', { backends }), service('alias', { backends: backends.slice(0, 1) })]);
    const shown = await rows(pce, `${cluster.href}/service_backends`);
    expect(shown.map(({ kind, name, virtual_service }) => [kind, name, virtual_service.name])).toEqual([
      ['replicasethash', '58687784f9', 'web-k8s-shop'],
      ['statefulset', 'db', 'web-k8s-shop'],
      ['replicasethash', '58687784f9', 'alias-k8s-shop'],
    ]);
    expect(shown[0]).not.toHaveProperty('href');
    await cluster.services([service('web', { backends: backends.slice(1) })]);
    expect(names(await rows(pce, `${cluster.href}/service_backends`))).toEqual(['db']);
  });

  it('go with their cluster, and those of another cluster stay', async () => {
    const other = await clusterOf(test, { name: 'other', report: { namespaces: ['shop'] } });
    await other.manage('shop');
    for (const one of [cluster, other]) await one.services([service('web')]);
    expect(names(await drafts())).toEqual(['web-k8s-shop', 'web-other-shop']);
    await cluster.services([]);
    expect(names(await drafts())).toEqual(['web-other-shop']);
    await cluster.services([service('web')]);
    await pce.delete(cluster.href);
    for (const list of [DRAFTS, ACTIVES]) expect(names(await rows(pce, list))).toEqual(['web-other-shop']);
    expect((await pce.get(`${cluster.href}/service_backends`)).status).toBe(404);
    expect(names(await rows(pce, '/orgs/1/networks'))).toEqual(['other pod network']);
  });

  const bad: [string, Json][] = [
    ['no list', {}],
    ['no uid', [{ ...service('web'), uid: undefined }]],
    ['a type that is none', [service('web', { service_type: 'Mesh' })]],
    ['a protocol by name', [service('web', { service_ports: [{ port: 80, protocol: 'TCP' }] })]],
    ['port 0', [service('web', { service_ports: [{ port: 0, protocol: 6 }] })]],
    ['an unknown key', [service('web', { clusterIP: '10.96.0.7' })]],
    ['a kind in upper case', [service('web', { backends: [{ kind: 'DaemonSet', name: 'web' }] })]],
    ['an annotation that is no text', [service('web', { annotations: { a: 1 } })]],
  ];
  it.each(bad)('are refused with %s, all of them', async (_what, body) => {
    await cluster.services([service('old')]);
    const list = Array.isArray(body) ? [service('new'), ...body] : body;
    const answer = await cluster.agent.put(`${cluster.href}/services?refresh=true`, list);
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'input_validation_error']);
    expect(names(await drafts())).toEqual(['old-k8s-shop']);
  });

  it('that are gone may be said to be gone again', async () => {
    await cluster.services([service('web'), service('db')]);
    const gone = [{ uid: 'uid-of-web' }, { uid: 'never-heard-of' }];
    for (const _time of [1, 2]) {
      expect((await cluster.agent.put(`${cluster.href}/services/delete`, gone)).status).toBe(204);
      expect(names(await drafts())).toEqual(['db-k8s-shop']);
    }
  });
});

import { ACTIVES, clusterOf, DRAFTS, eventTypes, labelOf, names, rows, service } from '../agent/cluster.ts';
import { type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const POLICY = '/orgs/1/sec_policy';
const SERVICES = `${POLICY}/draft/services`;
const PORTS = [{ port: 443, proto: 6 }];
const NOBODY = '14d7ff69-2fa4-458b-a299-e3f11ffa9b01';

const test = useEmulator({ pceVersion: '25.2' });
const active = (href: string) => href.replace('/draft/', '/active/');
const get = async (href: string) => (await test.pce.get(href)).body;

async function made(body: Json = {}): Promise<Json> {
  const ports = 'service' in body ? {} : { service_ports: PORTS };
  const answer = await test.pce.post(DRAFTS, { name: 'web', ...ports, ...body });
  expect([answer.status, answer.body]).toEqual([201, expect.objectContaining({ href: expect.any(String) })]);
  return answer.body;
}

async function provision(...drafts: Json[]): Promise<void> {
  const virtual_services = drafts.map(({ href }) => ({ href }));
  const body = drafts.length > 0 ? { change_subset: { virtual_services } } : {};
  expect((await test.pce.post(POLICY, body)).status).toBe(201);
}

/** What a cluster's agent has made a virtual service of. */
async function ofCluster(): Promise<{ href: string; rename(): Promise<void> }> {
  const cluster = await clusterOf(test, { report: { namespaces: ['shop'] } });
  await cluster.manage('shop');
  await cluster.services([service('db')]);
  const [made] = await rows(test.pce, `${DRAFTS}?name=db`);
  return {
    href: made?.href,
    rename: () => cluster.services([service('db', { name: 'database' })]),
  };
}

describe('a virtual service', () => {
  it('is a draft that users may change, with all that it takes', async () => {
    const [env, app] = [await labelOf(test.pce, 'env', 'prod'), await labelOf(test.pce, 'app', 'shop')];
    const sent = {
      name: 'web',
      description: 'the shop',
      service_ports: [{ proto: 6, port: 80, to_port: 90 }, { port: 53, proto: 17 }, { proto: 17 }],
      service_addresses: [
        { ip: '10.0.0.1', port: 101 },
        { fqdn: '*.example.com', description: 'all', port: 443 },
        { fqdn: 'example.com' },
      ],
      ip_overrides: ['10.1.0.0/16', '10.2.0.1', 'fe80::1'],
      apply_to: 'internal_bridge_network',
      external_data_set: 'cmdb',
      external_data_reference: '1',
    };
    const draft = await made({ ...sent, labels: [{ href: env.href }, { href: app.href }] });
    expect(draft).toEqual({
      href: expect.stringMatching(/^\/orgs\/1\/sec_policy\/draft\/virtual_services\/[0-9a-f-]{36}$/),
      ...{ created_at: expect.any(String), updated_at: draft.created_at, deleted_at: null },
      ...{ created_by: { href: '/users/1' }, updated_by: { href: '/users/1' }, deleted_by: null },
      ...sent,
      labels: [
        { href: env.href, key: 'env', value: 'prod' },
        { href: app.href, key: 'app', value: 'shop' },
      ],
      pce_fqdn: null,
      update_type: 'create',
      caps: ['write', 'provision', 'delete'],
    });
    expect(await get(draft.href)).toEqual(draft);
    expect(await rows(test.pce, ACTIVES)).toEqual([]);
  });

  it('is for the host, without addresses and labels, unless it says otherwise; names may repeat', async () => {
    const defaults = { description: null, apply_to: 'host_only', labels: [], ip_overrides: [], service_addresses: [] };
    for (const _ of [1, 2]) expect(await made()).toMatchObject(defaults);
    expect(names(await rows(test.pce, DRAFTS))).toEqual(['web', 'web']);
    expect(await made()).not.toHaveProperty('external_data_set');
  });

  it('has ports or a service, and a change replaces one by the other', async () => {
    const { href } = (await test.pce.post(SERVICES, { name: 'https', service_ports: PORTS })).body;
    const draft = await made({ service: { href, name: '' } });
    expect(draft).toMatchObject({ service: { href } });
    expect(draft).not.toHaveProperty('service_ports');
    await test.pce.put(draft.href, { service_ports: PORTS });
    expect(await get(draft.href)).toMatchObject({ service_ports: PORTS });
    expect(await get(draft.href)).not.toHaveProperty('service');
    await test.pce.put(draft.href, { service: { href: active(href) } });
    expect(await get(draft.href)).toMatchObject({ service: { href } });
    expect(await get(draft.href)).not.toHaveProperty('service_ports');
    await test.pce.put(draft.href, { name: 'other' });
    expect(await get(draft.href)).toMatchObject({ name: 'other', service: { href } });
  });

  it.each([
    ['no name', { service_ports: PORTS }],
    ['an empty name', { name: '', service_ports: PORTS }],
    ['neither ports nor a service', { name: 'x' }],
    ['both', { name: 'x', service_ports: PORTS, service: { href: `${SERVICES}/1` } }],
    ['something unknown', { name: 'x', service_ports: PORTS, caps: [] }],
    ['its own href', { name: 'x', service_ports: PORTS, href: '/x' }],
    ['another protocol', { name: 'x', service_ports: [{ port: 1, proto: 1 }] }],
    ['a port without protocol', { name: 'x', service_ports: [{ port: 1 }] }],
    ['a port too high', { name: 'x', service_ports: [{ port: 65_536, proto: 6 }] }],
    ['a range that ends before it begins', { name: 'x', service_ports: [{ port: 9, to_port: 8, proto: 6 }] }],
    ['the end of a range alone', { name: 'x', service_ports: [{ to_port: 8, proto: 6 }] }],
    [
      'an address without network and port',
      { name: 'x', service_ports: PORTS, service_addresses: [{ ip: '1.1.1.1' }] },
    ],
    ['an address with a name', { name: 'x', service_ports: PORTS, service_addresses: [{ ip: '1.1.1.1', fqdn: 'x' }] }],
    ['an empty address', { name: 'x', service_ports: PORTS, service_addresses: [{}] }],
    ['an unknown target', { name: 'x', service_ports: PORTS, apply_to: 'host' }],
    ['an override that is no address', { name: 'x', service_ports: PORTS, ip_overrides: ['10.0.0.1', 'x'] }],
    ['a block too small', { name: 'x', service_ports: PORTS, ip_overrides: ['10.0.0.0/33'] }],
    ['labels by value', { name: 'x', service_ports: PORTS, labels: [{ key: 'env', value: 'prod' }] }],
    ['a description that is none', { name: 'x', service_ports: PORTS, description: 7 }],
  ])('is not made with %s', async (_what, body) => {
    expect(tokenOf(await test.pce.post(DRAFTS, body))).toBe('input_validation_error');
    expect(await rows(test.pce, DRAFTS)).toEqual([]);
    expect(await eventTypes(test.pce)).toEqual([]);
  });

  it('names what is there, and of its own organisation, or nothing changes', async () => {
    const [prod, test1] = [await labelOf(test.pce, 'env', 'prod'), await labelOf(test.pce, 'env', 'test')];
    const draft = await made();
    const { href: going } = (await test.pce.post(SERVICES, { name: 'going', service_ports: PORTS })).body;
    await provision();
    await test.pce.delete(going);
    const before = await get(draft.href);
    for (const [token, body] of [
      ['invalid_service_href', { service: { href: `${SERVICES}/999` } }],
      ['invalid_service_href', { service: { href: '/orgs/2/sec_policy/draft/services/1' } }],
      ['invalid_service_href', { service: { href: draft.href } }],
      ['invalid_service_href', { service: { href: going } }],
      ['invalid_label_href', { labels: [{ href: '/orgs/1/labels/999' }] }],
      ['invalid_label_href', { labels: [{ href: prod.href }, { href: test1.href }] }],
      ['invalid_network_href', { service_addresses: [{ ip: '1.1.1.1', network: { href: '/orgs/1/networks/x' } }] }],
      ['input_validation_error', { service: { href: `${SERVICES}/1` }, service_ports: PORTS }],
      ['input_validation_error', { service_ports: [{ port: 2, to_port: 1, proto: 6 }] }],
      ['input_validation_error', { update_type: 'delete' }],
      ['input_validation_error', { name: null }],
    ] as const) {
      expect([body, tokenOf(await test.pce.put(draft.href, body))]).toEqual([body, token]);
    }
    expect(await get(draft.href)).toEqual(before);
  });

  it('follows its labels, in both versions, and keeps them from being deleted', async () => {
    const env = await labelOf(test.pce, 'env', 'prod');
    const draft = await made({ labels: [{ href: env.href }] });
    await provision(draft);
    expect((await test.pce.put(env.href, { value: 'Production' })).status).toBe(204);
    for (const href of [draft.href, active(draft.href)]) {
      expect((await get(href)).labels).toEqual([{ href: env.href, key: 'env', value: 'Production' }]);
    }
    expect(tokenOf(await test.pce.delete(env.href))).toBe('label_still_has_associated_virtual_service');
    expect((await get(`${env.href}?usage=true`)).usage).toMatchObject({ virtual_service: true });
    await test.pce.put(draft.href, { labels: [] });
    await provision(draft);
    expect((await test.pce.delete(env.href)).status).toBe(204);
  });

  it('shows the network of an address by its href, which keeps no cluster from going', async () => {
    const cluster = await clusterOf(test, { report: { namespaces: ['shop'] } });
    const [network] = await rows(test.pce, '/orgs/1/networks');
    const { href, name } = network ?? {};
    const draft = await made({ service_addresses: [{ ip: '10.0.0.1', network: { href, name } }] });
    expect(draft.service_addresses).toEqual([{ ip: '10.0.0.1', network: { href } }]);
    expect((await test.pce.delete(cluster.href)).status).toBe(204);
    expect((await test.pce.put(draft.href, { description: 'x' })).status).toBe(204);
    await provision(draft);
    expect(await get(active(draft.href))).toMatchObject({ description: 'x' });
  });

  it('comes into force, changes and goes by provisioning alone', async () => {
    const draft = await made();
    const inForce = active(draft.href);
    expect((await test.pce.get(inForce)).status).toBe(404);
    await provision(draft);
    const { update_type: _draftOnly, ...content } = await get(draft.href);
    expect(await get(inForce)).toEqual({ ...content, href: inForce });
    expect((await get(draft.href)).update_type).toBeNull();

    expect((await test.pce.put(draft.href, { description: 'new' })).status).toBe(204);
    expect(await get(draft.href)).toMatchObject({ description: 'new', update_type: 'update' });
    expect(await get(inForce)).toMatchObject({ description: null });
    expect((await get(`${POLICY}/pending`)).virtual_services).toMatchObject([{ href: draft.href, name: 'web' }]);
    await provision(draft);
    expect(await get(inForce)).toMatchObject({ description: 'new' });

    expect((await test.pce.post(ACTIVES, { name: 'x', service_ports: PORTS })).status).toBe(405);
    expect((await test.pce.put(inForce, {})).status).toBe(405);
    expect((await test.pce.delete(inForce)).status).toBe(405);

    expect((await test.pce.delete(draft.href)).status).toBe(204);
    expect(await get(draft.href)).toMatchObject({ update_type: 'delete', deleted_by: { href: '/users/1' } });
    expect((await test.pce.delete(draft.href)).status).toBe(404);
    expect((await test.pce.get(inForce)).status).toBe(200);
    await provision(draft);
    for (const href of [draft.href, inForce]) expect((await test.pce.get(href)).status).toBe(404);
  });

  it('that was never in force is gone at once', async () => {
    const draft = await made();
    expect((await test.pce.delete(draft.href)).status).toBe(204);
    expect((await test.pce.get(draft.href)).status).toBe(404);
    expect((await test.pce.delete(draft.href)).status).toBe(404);
    for (const ask of [() => test.pce.put(`${DRAFTS}/${NOBODY}`, {}), () => test.pce.delete(`${DRAFTS}/${NOBODY}`)]) {
      expect((await ask()).status).toBe(404);
    }
  });

  it('comes into force with the service that it names, and keeps it', async () => {
    const { href } = (await test.pce.post(SERVICES, { name: 'https', service_ports: PORTS })).body;
    const draft = await made({ service: { href } });
    const alone = await test.pce.post(POLICY, { change_subset: { virtual_services: [{ href: draft.href }] } });
    expect(tokenOf(alone)).toBe('sec_policy_dependency_not_provisioned');
    await provision();
    expect(await get(active(draft.href))).toMatchObject({ service: { href: active(href) } });
    expect(tokenOf(await test.pce.delete(href))).toBe('service_referenced');
    await test.pce.put(draft.href, { service_ports: PORTS });
    expect((await test.pce.delete(href)).status).toBe(204);
    const left = await test.pce.post(POLICY, { change_subset: { services: [{ href }] } });
    expect(tokenOf(left)).toBe('sec_policy_object_in_use');
    await provision();
    expect((await test.pce.get(href)).status).toBe(404);
  });

  it('has an external reference that no other draft of users has', async () => {
    const external = { external_data_set: 'cmdb', external_data_reference: '1' };
    const first = await made(external);
    expect(tokenOf(await test.pce.post(DRAFTS, { name: 'x', service_ports: PORTS, ...external }))).toBe(
      'external_reference_not_unique',
    );
    const second = await made({ ...external, external_data_reference: '2' });
    expect(tokenOf(await test.pce.put(second.href, external))).toBe('external_reference_not_unique');
    expect(await get(second.href)).toEqual(second);
    expect((await test.pce.put(first.href, { external_data_set: null, external_data_reference: null })).status).toBe(
      204,
    );
    expect((await test.pce.put(second.href, external)).status).toBe(204);
  });

  it('of users leaves an event for each change', async () => {
    const draft = await made();
    await test.pce.put(draft.href, { name: 'shop' });
    await test.pce.delete(draft.href);
    expect(await eventTypes(test.pce)).toEqual([
      'virtual_service.create',
      'virtual_service.update',
      'virtual_service.delete',
    ]);
    const [, update] = await rows(test.pce, '/orgs/1/events');
    expect(update?.resource_changes).toEqual([
      expect.objectContaining({
        resource: { virtual_service: expect.objectContaining({ href: draft.href, name: 'shop' }) },
        changes: expect.objectContaining({ name: { before: 'web', after: 'shop' } }),
      }),
    ]);
  });
});

describe('a virtual service of a cluster', () => {
  it('stands beside those of users, who cannot change it', async () => {
    const { href } = await ofCluster();
    const mine = await made();
    expect(names(await rows(test.pce, DRAFTS))).toEqual(['db-k8s-shop', 'web']);
    expect((await test.pce.get(DRAFTS)).headers['x-total-count']).toBe('2');
    const before = await get(href);
    expect(before).toMatchObject({ caps: [], update_type: null });
    for (const ask of [() => test.pce.put(href, { name: 'mine' }), () => test.pce.delete(href)]) {
      expect(tokenOf(await ask())).toBe('managed_by_container_cluster');
    }
    expect(await get(href)).toEqual(before);
    expect(Object.keys(await get(`${POLICY}/pending`))).toEqual(['virtual_services']);
    expect((await get(`${POLICY}/pending`)).virtual_services).toHaveLength(1);
    const alone = await test.pce.post(POLICY, { change_subset: { virtual_services: [{ href }] } });
    expect(tokenOf(alone)).toBe('sec_policy_nothing_to_provision');
    await provision();
    expect(names(await rows(test.pce, ACTIVES))).toEqual(['db-k8s-shop', 'web']);
    await test.pce.delete(mine.href);
    await provision();
    expect(names(await rows(test.pce, ACTIVES))).toEqual(['db-k8s-shop']);
    expect(await get(href)).toEqual(before);
  });

  it('takes no external reference from users', async () => {
    const { href, rename } = await ofCluster();
    const { external_data_set, external_data_reference } = await get(href);
    const mine = await made({ external_data_set, external_data_reference });
    await rename();
    expect(await get(href)).toMatchObject({ name: 'database-k8s-shop', external_data_set, external_data_reference });
    expect(await get(mine.href)).toMatchObject({ name: 'web', external_data_set, external_data_reference });
  });

  it('follows its labels by what its cluster says, and leaves an event', async () => {
    const cluster = await clusterOf(test, { report: { namespaces: ['shop'] } });
    const env = await labelOf(test.pce, 'env', 'prod');
    await cluster.manage('shop', { labels: [{ key: 'env', assignment: { href: env.href } }] });
    await cluster.services([service('db')]);
    await test.pce.put(env.href, { value: 'production' });
    const [db] = await rows(test.pce, DRAFTS);
    expect(db?.labels).toEqual([{ href: env.href, key: 'env', value: 'production' }]);
    expect((await eventTypes(test.pce)).at(-1)).toBe('system_task.provision_container_cluster_services');
  });
});

describe('the list of virtual services', () => {
  it('tells which of them meet a filter', async () => {
    const [env, app] = [await labelOf(test.pce, 'env', 'prod'), await labelOf(test.pce, 'app', 'shop')];
    const { href } = (await test.pce.post(SERVICES, { name: 'https', service_ports: PORTS })).body;
    await made({ name: 'a web', labels: [{ href: env.href }], service_ports: [{ proto: 6, port: 80, to_port: 90 }] });
    await made({
      name: 'web',
      description: 'Of the Shop',
      labels: [{ href: env.href }, { href: app.href }],
      service_ports: [{ port: 53, proto: 17 }, { proto: 6 }],
      service_addresses: [{ ip: '10.0.0.1', port: 53 }, { fqdn: 'Shop.example.com' }],
      ...{ external_data_set: 'cmdb', external_data_reference: '1' },
    });
    await made({ name: 'c', service: { href } });
    await provision();
    const expected: Record<string, string[]> = {
      '': ['a web', 'web', 'c'],
      'name=web': ['web', 'a web'],
      'name=web&name=web': ['web', 'a web'],
      'name=web&max_results=1': ['web'],
      'description=shop': ['web'],
      [`labels=[["${env.href}"]]`]: ['a web', 'web'],
      [`labels=[["${env.href}","${app.href}"]]`]: ['web'],
      [`service=${href}`]: ['c'],
      [`service=${active(href)}`]: ['c'],
      'service_ports.port=80': ['a web'],
      'service_ports.port=85': ['a web'],
      'service_ports.port=91': [],
      'service_ports.port=-1': ['web'],
      'service_ports.proto=6': ['a web', 'web'],
      'service_ports.proto=17&service_ports.port=53': ['web'],
      'service_ports.proto=6&service_ports.port=53': [],
      'service_address.ip=10.0': ['web'],
      'service_address.fqdn=shop.': ['web'],
      'service_address.fqdn=shop.&service_address.ip=10.1': [],
      'external_data_set=cmdb': ['web'],
      'external_data_reference=1': ['web'],
      'external_data_set=CMDB': [],
    };
    for (const list of [DRAFTS, ACTIVES]) {
      for (const [query, wanted] of Object.entries(expected)) {
        const answer = await test.pce.get(`${list}?${query}`);
        expect([query, names(answer.body), answer.headers['x-total-count']]).toEqual([query, wanted, '3']);
      }
    }
  });

  it('has both versions, and no earlier one', async () => {
    await made();
    await provision();
    expect((await test.pce.get(`${POLICY}/1/virtual_services`)).status).toBe(404);
    expect((await test.pce.post(`${POLICY}/1/virtual_services`, { name: 'x', service_ports: PORTS })).status).toBe(404);
    const job = await test.pce.get(DRAFTS, { prefer: 'respond-async' });
    const { result } = await get(String(job.headers.location));
    expect(await get(result.href)).toEqual(await rows(test.pce, DRAFTS));
  });
});

import { type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const ALL = '/orgs/1/vens';
const WORKLOADS = '/orgs/1/workloads';
const PRODUCTION = '/orgs/1/labels/176';
const START = Date.parse('2026-03-01T08:00:00.000Z');

describe('VENs', () => {
  let now = START;
  const test = useEmulator({ world: 'demo', now: () => now });
  beforeEach(() => {
    now = START;
  });

  interface Paired {
    readonly cluster: string;
    readonly workloads: Json[];
    readonly vens: Json[];
    /** Pairs the nodes once more. */
    again(): Promise<Json[]>;
  }

  /** A cluster whose nodes have paired. */
  async function paired(name: string, ...nodes: string[]): Promise<Paired> {
    const { pce, control } = test;
    const cluster = (await pce.post('/orgs/1/container_clusters', { name })).body;
    const report = { nodes: nodes.map((node) => ({ name: node })) };
    await test.agent(cluster).put(`${cluster.href}/put_from_cluster`, report);
    const labels = [{ href: PRODUCTION }];
    const profile = { enabled: true, name: `${name} nodes`, enforcement_mode: 'full', labels };
    const { href } = (await pce.post('/orgs/1/pairing_profiles', profile)).body;
    const { activation_code } = (await pce.post(`${href}/pairing_key`)).body;
    const pair = async () => (await control.post(`${cluster.href}/node_agents`, { activation_code })).body;
    const workloads = await Promise.all(((await pair()) as Json[]).map((one) => read(one.href)));
    const vens = await Promise.all(workloads.map(({ ven }) => read(ven.href)));
    return { cluster: cluster.href, workloads, vens, again: pair };
  }
  const read = async (href: string): Promise<Json> => (await test.pce.get(href)).body;
  const listed = async (query = '') => (await test.pce.get(`${ALL}${query}`)).body.map((one: Json) => one.hostname);
  const events = async (count: number) =>
    (await test.pce.get(`/orgs/1/events?max_results=${count}`)).body
      .map(({ event_type }: Json) => event_type)
      .reverse();

  it('come with the nodes that pair, and show their workloads', async () => {
    const { cluster, workloads, vens } = await paired('k8s', 'node1', 'node2');
    const [workload] = workloads;
    const uuid = workload.href.slice(-36);
    const by = { href: '/users/1' };
    expect(vens[0]).toEqual({
      href: `${ALL}/${uuid}`,
      name: null,
      description: null,
      hostname: 'node1',
      uid: null,
      os_id: null,
      os_detail: null,
      os_platform: null,
      version: '22.2.0-1',
      status: 'active',
      activation_type: 'pairing_key',
      active_pce_fqdn: null,
      target_pce_fqdn: null,
      ven_type: 'containerized',
      labels: [{ href: PRODUCTION, key: 'env', value: 'Production' }],
      interfaces: [],
      workloads: [
        {
          href: workload.href,
          name: null,
          hostname: 'node1',
          labels: [{ href: PRODUCTION, key: 'env', value: 'Production' }],
          mode: 'enforced',
          enforcement_mode: 'full',
          visibility_level: 'flow_summary',
          online: true,
        },
      ],
      container_cluster: { href: cluster, name: 'k8s' },
      unpair_allowed: true,
      last_heartbeat_at: '2026-03-01T08:00:00.000Z',
      conditions: [],
      created_at: '2026-03-01T08:00:00.000Z',
      updated_at: '2026-03-01T08:00:00.000Z',
      created_by: by,
      updated_by: by,
      caps: ['write'],
    });
    const answer = await test.pce.get(ALL);
    expect([answer.body, answer.headers['x-total-count']]).toEqual([vens, '2']);
  });

  it('are shown by their workloads, also in the older form', async () => {
    const { workloads, vens } = await paired('k8s', 'node1');
    expect(workloads[0]).toMatchObject({
      managed: true,
      online: true,
      ven: { href: vens[0].href, hostname: 'node1', status: 'active' },
      agent: {
        href: '/orgs/1/agents/1',
        config: { mode: 'enforced', visibility_level: 'flow_summary' },
        status: {
          status: 'active',
          managed_since: '2026-03-01T08:00:00.000Z',
          last_heartbeat_on: '2026-03-01T08:00:00.000Z',
          agent_version: '22.2.0-1',
        },
        type: 'Host',
        unpair_allowed: true,
      },
    });
    const found = (await test.pce.get(`${WORKLOADS}?ven=${vens[0].href}&managed=true`)).body;
    expect(found).toEqual(workloads);
  });

  it('are numbered in that form, no two alike, for as long as they are paired', async () => {
    const { workloads, vens, again } = await paired('k8s', 'node1', 'node2');
    const numbers = (them: Json[]) => them.map(({ agent }) => agent.href.split('/').at(-1));
    expect(numbers(workloads)).toEqual(['1', '2']);
    await test.pce.put(`${ALL}/unpair`, { vens: [{ href: vens[0].href }] });
    expect((await read(workloads[0].href)).agent.href).toBeUndefined();
    const [fresh, same] = await again();
    expect(numbers([await read(fresh.href), await read(same.href)])).toEqual(['3', '2']);
  });

  it('follow their workloads', async () => {
    const { cluster, workloads, vens } = await paired('k8s', 'node1');
    const [{ href }] = workloads;
    const app = (await test.pce.post('/orgs/1/labels', { key: 'app', value: 'shop' })).body;
    await test.pce.put(href, { name: 'first', enforcement_mode: 'selective', labels: [{ href: app.href }] });
    await test.pce.put(app.href, { value: 'store' });
    await test.pce.put(cluster, { name: 'renamed' });
    const labels = [{ href: app.href, key: 'app', value: 'store' }];
    expect(await read(vens[0].href)).toMatchObject({
      name: null,
      labels,
      container_cluster: { href: cluster, name: 'renamed' },
      workloads: [{ name: 'first', mode: 'selective', enforcement_mode: 'selective', labels }],
    });
    expect(await listed(`?labels=${JSON.stringify([[app.href]])}`)).toEqual(['node1']);
    expect(await listed(`?labels=${JSON.stringify([[PRODUCTION]])}`)).toEqual([]);
    await test.pce.delete(cluster);
    expect(await read(vens[0].href)).not.toHaveProperty('container_cluster');
    expect((await read(href)).container_cluster).toBeUndefined();
  });

  it('are named and described, and suspended, by users', async () => {
    const { workloads, vens } = await paired('k8s', 'node1');
    now += 1000;
    const { href } = vens[0];
    expect((await test.pce.put(href, { name: 'my node', description: 'mine' })).status).toBe(204);
    const named = { ...vens[0], name: 'my node', description: 'mine', updated_at: '2026-03-01T08:00:01.000Z' };
    expect(await read(href)).toEqual(named);
    await test.pce.put(href, { status: 'suspended', target_pce_fqdn: 'other.example.com' });
    const suspended = { status: 'suspended', unpair_allowed: false, target_pce_fqdn: 'other.example.com' };
    expect(await read(href)).toEqual({ ...named, ...suspended });
    expect(await read(workloads[0].href)).toMatchObject({
      name: null,
      ven: { href, name: 'my node', status: 'suspended' },
      agent: { status: { status: 'suspended' }, unpair_allowed: false },
    });
    await test.pce.put(href, { status: 'active' });
    expect((await read(workloads[0].href)).agent.unpair_allowed).toBe(true);
    expect(await events(4)).toEqual(['agent.activate', 'agent.update', 'agent.suspend', 'agent.unsuspend']);
  });

  it('do not change by a request that is refused', async () => {
    const [ven] = (await paired('k8s', 'node1')).vens;
    for (const body of [
      { status: 'stopped' },
      { name: 'x', hostname: 'y' },
      { name: 'x'.repeat(256) },
      { labels: [] },
    ]) {
      expect([body, tokenOf(await test.pce.put(ven.href, body))]).toEqual([body, 'input_validation_error']);
    }
    expect(await read(ven.href)).toEqual(ven);
    const nowhere = `${ALL}/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11`;
    expect([(await test.pce.get(nowhere)).status, (await test.pce.put(nowhere, {})).status]).toEqual([404, 404]);
  });

  it('are filtered by what clients ask for', async () => {
    const { cluster, vens } = await paired('k8s', 'node1', 'node2');
    await paired('other', 'host');
    await test.pce.put(vens[1].href, { name: 'Second', description: 'behind', status: 'suspended' });
    const container_clusters = JSON.stringify([cluster]);
    for (const [query, hosts] of [
      ['hostname=node', ['node1', 'node2']],
      [`container_clusters=${container_clusters}`, ['node1', 'node2']],
      ['name=sec', ['node2']],
      ['description=hind', ['node2']],
      ['status=suspended', ['node2']],
      ['status=stopped', []],
      ['activation_type=pairing_key', ['node1', 'node2', 'host']],
      ['activation_type=kerberos', []],
      ['os=ubuntu', []],
      ['active_pce_fqdn=pce.example.com', []],
      ['max_results=1', ['node1']],
    ] as const) {
      expect([query, await listed(`?${query}`)]).toEqual([query, hosts]);
    }
    expect(tokenOf(await test.pce.get(`${ALL}?status=asleep`))).toBe('input_validation_error');
  });

  it('are the same when a node pairs again', async () => {
    const { workloads, vens, again } = await paired('k8s', 'node1');
    await test.pce.put(vens[0].href, { name: 'mine', status: 'suspended' });
    now += 1000;
    expect((await again()).map(({ href }) => href)).toEqual([workloads[0].href]);
    expect(await read(vens[0].href)).toMatchObject({
      name: 'mine',
      status: 'active',
      created_at: vens[0].created_at,
      last_heartbeat_at: '2026-03-01T08:00:01.000Z',
    });
  });

  it('say what nobody else may say of their workloads, which only an unpairing takes away', async () => {
    const [workload] = (await paired('k8s', 'node1')).workloads;
    for (const body of [
      { hostname: 'x' },
      { interfaces: [] },
      { public_ip: '10.0.0.1' },
      { online: false },
      { os_id: 'x' },
    ]) {
      expect([body, tokenOf(await test.pce.put(workload.href, body))]).toEqual([body, 'workload_property_set_by_ven']);
    }
    expect(tokenOf(await test.pce.delete(workload.href))).toBe('method_not_allowed_error');
    const [refused] = (await test.pce.put(`${WORKLOADS}/bulk_delete`, [{ href: workload.href }])).body;
    expect(refused).toMatchObject({ href: workload.href, errors: [{ token: 'method_not_allowed_error' }] });
    const [entry] = (await test.pce.put(`${WORKLOADS}/bulk_update`, [{ href: workload.href, description: 'd' }])).body;
    expect(entry).toEqual({ href: workload.href, status: 'updated' });
    expect(await read(workload.href)).toEqual({ ...workload, description: 'd' });
  });

  it.each([
    ['their workloads', 'workloads.unpair'],
    ['themselves', 'agents.unpair'],
  ])('are unpaired by the hrefs of %s', async (_, event) => {
    const { workloads, vens, again } = await paired('k8s', 'node1', 'node2');
    const answer =
      event === 'agents.unpair'
        ? await test.pce.put(`${ALL}/unpair`, { vens: [{ href: vens[0].href }], firewall_restore: 'default' })
        : await test.pce.put(`${WORKLOADS}/unpair`, {
            workloads: [{ href: workloads[0].href }, { href: workloads[0].href }],
            ip_table_restore: 'disable',
          });
    const done = event === 'agents.unpair' ? [200, { errors: [] }] : [204, {}];
    expect([answer.status, answer.body]).toEqual(done);
    expect([await listed(), await events(1)]).toEqual([['node2'], [event]]);
    expect((await test.pce.get(vens[0].href)).status).toBe(404);
    const gone = await read(workloads[0].href);
    expect([gone.deleted, gone.ven]).toEqual([true, undefined]);
    expect((await test.pce.get(WORKLOADS)).body).toEqual([workloads[1]]);
    const [fresh, same] = await again();
    expect([fresh.href === workloads[0].href, same.href]).toEqual([false, workloads[1].href]);
  });

  it('are unpaired all or none by the hrefs of their workloads', async () => {
    const { workloads, vens } = await paired('k8s', 'node1', 'node2');
    const { href } = (await test.pce.post(WORKLOADS, { name: 'unmanaged' })).body;
    await test.pce.put(vens[1].href, { status: 'suspended' });
    const nowhere = '8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11';
    const unpair = async (...hrefs: string[]) => {
      const answer = await test.pce.put(`${WORKLOADS}/unpair`, { workloads: hrefs.map((one) => ({ href: one })) });
      return [answer.status, tokenOf(answer)];
    };
    const [first, second] = workloads;
    expect(await unpair(first.href, second.href)).toEqual([406, 'ven_suspended']);
    expect(await unpair(first.href, href)).toEqual([406, 'workload_not_managed']);
    expect(await unpair(first.href, `${WORKLOADS}/${nowhere}`)).toEqual([406, 'invalid_workload_href']);
    expect(await listed()).toEqual(['node1', 'node2']);
  });

  it('are unpaired each by itself by their own hrefs; the answer tells of those that were not', async () => {
    const { vens } = await paired('k8s', 'node1', 'node2', 'node3');
    await test.pce.put(vens[1].href, { status: 'suspended' });
    const nowhere = `${ALL}/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11`;
    const unpair = (...hrefs: string[]) =>
      test.pce.put(`${ALL}/unpair`, { vens: hrefs.map((href) => ({ href })), firewall_restore: 'saved' });
    const { status, body } = await unpair(vens[0].href, vens[1].href, nowhere);
    expect([status, body]).toEqual([
      200,
      {
        errors: [
          { token: 'ven_suspended', message: expect.any(String), hrefs: [vens[1].href] },
          { token: 'invalid_ven_href', message: expect.any(String), hrefs: [nowhere] },
        ],
      },
    ]);
    expect([await listed(), await events(1)]).toEqual([['node2', 'node3'], ['agents.unpair']]);
    // Nothing is left to be told of where none was unpaired.
    const before = await events(100);
    expect((await unpair(vens[0].href)).body.errors).toHaveLength(1);
    expect(await events(100)).toEqual(before);
    expect(tokenOf(await unpair())).toBe('input_validation_error');
    expect(await listed()).toEqual(['node2', 'node3']);
  });

  it('keep their labels from being deleted as the workload does', async () => {
    const { workloads } = await paired('k8s', 'node1');
    const app = (await test.pce.post('/orgs/1/labels', { key: 'app', value: 'shop' })).body;
    await test.pce.put(workloads[0].href, { labels: [{ href: app.href }] });
    expect(tokenOf(await test.pce.delete(app.href))).toBe('label_still_has_associated_workload');
    await test.pce.put(`${WORKLOADS}/unpair`, { workloads: [{ href: workloads[0].href }] });
    expect((await test.pce.delete(app.href)).status).toBe(204);
  });

  it('are those of one organisation', async () => {
    const { workloads, vens } = await paired('k8s', 'node1');
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    expect((await other.get('/orgs/10/vens')).body).toEqual([]);
    expect((await other.get(vens[0].href)).status).toBe(403);
    const asked = { workloads: [{ href: workloads[0].href }] };
    expect(tokenOf(await other.put('/orgs/10/workloads/unpair', asked))).toBe('invalid_workload_href');
    const { body } = await other.put('/orgs/10/vens/unpair', { vens: [{ href: vens[0].href }] });
    expect(body.errors).toMatchObject([{ token: 'invalid_ven_href', hrefs: [vens[0].href] }]);
    expect(await listed()).toEqual(['node1']);
  });
});

import { type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const ALL = '/orgs/1/pairing_profiles';
const START = Date.parse('2026-03-01T08:00:00.000Z');

describe('pairing profiles', () => {
  let now = START;
  const test = useEmulator({ world: 'demo', now: () => now });
  beforeEach(() => {
    now = START;
  });

  const created = async (body: Json = {}) => (await test.pce.post(ALL, { enabled: true, name: 'nodes', ...body })).body;
  const keyOf = async (profile: Json): Promise<string> =>
    (await test.pce.post(`${profile.href}/pairing_key`)).body.activation_code;

  /** A cluster with two nodes, and what pairing them with a code answers. */
  async function cluster(): Promise<{ href: string; pair(code: string, nodes?: string[]): Promise<Json> }> {
    const made = (await test.pce.post('/orgs/1/container_clusters', { name: 'k8s' })).body;
    await test.agent(made).put(`${made.href}/put_from_cluster`, { nodes: [{ name: 'a' }, { name: 'b' }] });
    const { control } = test;
    return {
      href: made.href,
      pair: (activation_code, nodes) => control.post(`${made.href}/node_agents`, { activation_code, nodes }),
    };
  }

  it('begin with one in every organisation, which stays', async () => {
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    for (const [client, org] of [
      [test.pce, 1],
      [other, 10],
    ] as const) {
      const { body } = await client.get(`/orgs/${org}/pairing_profiles`);
      expect(body.map(({ href, is_default }: Json) => [href, is_default])).toEqual([
        [`/orgs/${org}/pairing_profiles/1`, true],
      ]);
    }
    expect((await test.pce.delete(`${ALL}/1`)).status).toBe(406);
    expect((await test.pce.get(`${ALL}/1`)).status).toBe(200);
  });

  it('need to be told whether they are enabled, and take nothing unknown', async () => {
    for (const body of [
      {},
      { name: 'x' },
      { enabled: 'yes' },
      { enabled: true, caps: [] },
      { enabled: true, href: 'x' },
    ]) {
      expect([body, tokenOf(await test.pce.post(ALL, body))]).toEqual([body, 'input_validation_error']);
    }
    for (const key_lifespan of [0, -1, 1.5, '60', 'forever', null, 2_147_483_648]) {
      expect(tokenOf(await test.pce.post(ALL, { enabled: true, key_lifespan }))).toBe('input_validation_error');
    }
    expect(tokenOf(await test.pce.put(`${ALL}/1`, { ven_type: 'endpoint' }))).toBe('input_validation_error');
    expect((await test.pce.get(ALL)).body).toHaveLength(1);
  });

  it.each([
    [{ mode: 'illuminated' }, { mode: 'illuminated', enforcement_mode: 'visibility_only' }],
    [{ mode: 'enforced' }, { mode: 'enforced', enforcement_mode: 'full' }],
    [{ enforcement_mode: 'full' }, { mode: 'enforced', enforcement_mode: 'full' }],
    [{ enforcement_mode: 'selective' }, { mode: 'selective', enforcement_mode: 'selective' }],
    [{}, { mode: 'idle', enforcement_mode: 'idle' }],
  ])('made with %j show both names of the mode, and so do changed ones', async (sent, shown) => {
    expect(await created(sent)).toMatchObject(shown);
    await test.pce.put(`${ALL}/1`, sent);
    expect((await test.pce.get(`${ALL}/1`)).body).toMatchObject(shown);
  });

  it('begin as the official Ansible collection expects', async () => {
    const profile = (await test.pce.post(ALL, { enabled: true })).body;
    expect(profile).toMatchObject({
      name: '',
      description: '',
      mode: 'idle',
      enforcement_mode: 'idle',
      visibility_level: 'flow_summary',
      key_lifespan: 'unlimited',
      allowed_uses_per_key: 'unlimited',
      labels: [],
      agent_software_release: expect.stringMatching(/^Default/),
      total_use_count: 0,
      is_default: false,
      last_pairing_at: null,
    });
    const locks = ['app_label', 'env_label', 'loc_label', 'role_label', 'mode', 'enforcement_mode', 'visibility_level'];
    for (const lock of locks) expect([lock, profile[`${lock}_lock`]]).toEqual([lock, true]);
    expect((await test.pce.get(profile.href)).body).toEqual(profile);
  });

  it('have limits that are numbers or unlimited, one by one', async () => {
    const profile = await created();
    const limits = async (change: Json) => {
      expect((await test.pce.put(profile.href, change)).status).toBe(204);
      const { key_lifespan, allowed_uses_per_key } = (await test.pce.get(profile.href)).body;
      return [key_lifespan, allowed_uses_per_key];
    };
    expect(await limits({ key_lifespan: 120 })).toEqual([120, 'unlimited']);
    expect(await limits({ allowed_uses_per_key: 1 })).toEqual([120, 1]);
    expect(await limits({ key_lifespan: 'unlimited' })).toEqual(['unlimited', 1]);
    expect(await limits({ description: 'y' })).toEqual(['unlimited', 1]);
  });

  it('are found by what they say of themselves, and counted whatever is asked', async () => {
    await created({
      name: 'a',
      description: 'Nodes of the shop',
      ven_type: 'endpoint',
      agent_software_release: '22.2',
    });
    await created({ name: 'b', description: '', external_data_set: 'cmdb', external_data_reference: '7' });
    const found = async (query: string) => {
      const { status, headers, body } = await test.pce.get(`${ALL}?${query}`);
      expect([status, headers['x-total-count']]).toEqual([200, '3']);
      return body.map(({ name }: Json) => name);
    };
    expect(await found('description=SHOP')).toEqual(['a']);
    expect(await found('ven_type=endpoint')).toEqual(['a']);
    expect(await found('ven_type=server')).toEqual(['Default', 'b']);
    expect(await found('agent_software_release=22.2')).toEqual(['a']);
    expect(await found('agent_software_release=22')).toEqual([]);
    expect(await found('external_data_set=cmdb&external_data_reference=7')).toEqual(['b']);
    expect(await found('external_data_set=cm')).toEqual([]);
    expect(await found('max_results=2')).toEqual(['Default', 'a']);
    expect((await test.pce.get(`${ALL}?ven_type=phone`)).status).toBe(406);
  });

  it('keep what a change does not name', async () => {
    const profile = await created({ key_lifespan: 120, allowed_uses_per_key: 3, external_data_set: 'x' });
    expect((await test.pce.put(profile.href, { description: 'changed' })).status).toBe(204);
    expect((await test.pce.get(profile.href)).body).toEqual({
      ...profile,
      description: 'changed',
      updated_at: expect.any(String),
    });
  });

  it('have names, and external references, of their own', async () => {
    await created({ external_data_set: 's', external_data_reference: 'r' });
    expect(tokenOf(await test.pce.post(ALL, { enabled: true, name: 'NODES' }))).toBe('name_must_be_unique');
    const again = { enabled: true, name: 'y', external_data_set: 's', external_data_reference: 'r' };
    expect(tokenOf(await test.pce.post(ALL, again))).toBe('external_reference_not_unique');
    expect(tokenOf(await test.pce.put(`${ALL}/1`, { name: 'nodes' }))).toBe('name_must_be_unique');
  });

  it('give labels of their own organisation, which can then not be deleted', async () => {
    const production = '/orgs/1/labels/176';
    for (const href of ['/orgs/10/labels/128', '/orgs/1/labels/999']) {
      expect(tokenOf(await test.pce.post(ALL, { enabled: true, labels: [{ href }] }))).toBe('invalid_label_href');
    }
    const profile = await created({ labels: [{ href: production }] });
    expect(profile.labels).toEqual([{ href: production }]);
    expect(tokenOf(await test.pce.delete(production))).toBe('label_still_has_associated_pairing_profile');
    const usage = (await test.pce.get(`${production}?usage=true`)).body.usage;
    expect(usage).toMatchObject({ pairing_profile: true, workload: false });
    const filtered = (await test.pce.get(`${ALL}?labels=${JSON.stringify([[production]])}`)).body;
    expect(filtered.map(({ href }: Json) => href)).toEqual([profile.href]);
  });

  it('come first in a list by their exact name', async () => {
    for (const name of ['nodes of k8s', 'all nodes', 'nodes']) await created({ name });
    const names = (await test.pce.get(`${ALL}?name=nodes&max_results=1`)).body.map(({ name }: Json) => name);
    expect(names).toEqual(['nodes']);
  });

  it('are gone after a deletion, as are their keys', async () => {
    const profile = await created();
    const code = await keyOf(profile);
    expect((await test.pce.delete(profile.href)).status).toBe(204);
    for (const answer of [await test.pce.get(profile.href), await test.pce.delete(profile.href)]) {
      expect([answer.status, answer.text]).toEqual([404, '']);
    }
    expect((await (await cluster()).pair(code)).status).toBe(403);
  });

  it('count the nodes that pair with their keys', async () => {
    const profile = await created({ enforcement_mode: 'full', labels: [{ href: '/orgs/1/labels/176' }] });
    const { pair, href } = await cluster();
    const paired = await pair(await keyOf(profile));
    expect([paired.status, paired.body.map(({ hostname }: Json) => hostname)]).toEqual([201, ['a', 'b']]);
    expect((await test.pce.get('/orgs/1/workloads')).body).toMatchObject([
      { hostname: 'a', enforcement_mode: 'full', labels: [{ value: 'Production' }], container_cluster: { href } },
      { hostname: 'b', enforcement_mode: 'full', labels: [{ value: 'Production' }], container_cluster: { href } },
    ]);
    expect((await test.pce.get(profile.href)).body).toMatchObject({
      total_use_count: 2,
      last_pairing_at: '2026-03-01T08:00:00.000Z',
    });
  });

  it('make a node that pairs again the same workload', async () => {
    const { pair } = await cluster();
    const first = (await pair(await keyOf(await created()))).body;
    const other = await created({ name: 'other', enforcement_mode: 'full' });
    expect((await pair(await keyOf(other))).body).toEqual(first);
    expect((await test.pce.get(first[0].href)).body.enforcement_mode).toBe('full');
  });

  it('let nobody in whose code is wrong, old or used up', async () => {
    const { pair } = await cluster();
    const limited = await created({ key_lifespan: 60, allowed_uses_per_key: 1 });
    const code = await keyOf(limited);
    expect((await pair(code)).status).toBe(403);
    expect((await pair(code, ['a'])).status).toBe(201);
    expect((await pair(code, ['b'])).status).toBe(403);
    const late = await keyOf(limited);
    now += 60_000;
    expect((await pair(late, ['a'])).status).toBe(403);
    const open = await created({ name: 'open' });
    const stopped = await keyOf(open);
    expect((await test.pce.delete(`${open.href}/pairing_keys`)).status).toBe(204);
    expect((await pair(stopped)).status).toBe(403);
    const disabled = await keyOf(open);
    await test.pce.put(open.href, { enabled: false });
    expect((await pair(disabled)).status).toBe(403);
    expect((await pair('1'.repeat(81))).status).toBe(403);
    expect((await pair(await keyOf(limited), ['nobody'])).status).toBe(409);
    expect((await test.pce.get('/orgs/1/workloads')).body).toHaveLength(1);
  });

  it('of one organisation let no node of another in', async () => {
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    const { activation_code } = (await other.post('/orgs/10/pairing_profiles/1/pairing_key')).body;
    expect((await (await cluster()).pair(activation_code)).status).toBe(403);
  });

  it('leave events', async () => {
    const profile = await created();
    await keyOf(profile);
    await test.pce.put(profile.href, { enabled: false });
    await test.pce.delete(`${profile.href}/pairing_keys`);
    await test.pce.delete(profile.href);
    const events = (await test.pce.get('/orgs/1/events?max_results=5')).body;
    expect(events.map(({ event_type }: Json) => event_type).reverse()).toEqual([
      'pairing_profile.create',
      'pairing_profile.create_pairing_key',
      'pairing_profile.update',
      'pairing_profile.delete_all_pairing_keys',
      'pairing_profile.delete',
    ]);
    expect(JSON.stringify(events)).not.toContain('activation_code');
  });
});

describe('a pairing profile of PCE 25.2', () => {
  let now = START;
  const test = useEmulator({ now: () => now, pceVersion: '25.2' });

  it('shows who made its last pairing key, which is no change of it', async () => {
    const profile = (await test.pce.post(ALL, { enabled: true, name: 'nodes' })).body;
    const none = { last_pairing_key_generated_at: null, last_pairing_key_generated_by: null };
    expect(profile).toMatchObject(none);
    now = START + 60_000;
    await test.pce.post(`${profile.href}/pairing_key`);
    const last_pairing_key_generated_at = '2026-03-01T08:01:00.000Z';
    const last = { last_pairing_key_generated_at, last_pairing_key_generated_by: { href: '/users/1' } };
    expect((await test.pce.get(profile.href)).body).toEqual({ ...profile, ...last });
    await test.pce.put(profile.href, { enabled: false });
    expect((await test.pce.get(profile.href)).body).toMatchObject(last);
    expect((await test.pce.get(`${ALL}/1`)).body).toMatchObject(none);
  });

  it('cannot be told who made it', async () => {
    for (const body of [{ last_pairing_key_generated_at: null }, { last_pairing_key_generated_by: null }]) {
      expect(tokenOf(await test.pce.put(`${ALL}/1`, body))).toBe('input_validation_error');
      expect(tokenOf(await test.pce.post(ALL, { enabled: true, ...body }))).toBe('input_validation_error');
    }
  });
});

describe('the nodes of a cluster', () => {
  const test = useEmulator();

  it('follow its name, and stay as hosts when it is deleted', async () => {
    const { pce, control } = test;
    const made = (await pce.post('/orgs/1/container_clusters', { name: 'k8s' })).body;
    await test.agent(made).put(`${made.href}/put_from_cluster`, { nodes: [{ name: 'a' }] });
    const { activation_code } = (await pce.post(`${ALL}/1/pairing_key`)).body;
    const [{ href }] = (await control.post(`${made.href}/node_agents`, { activation_code })).body;
    await pce.put(made.href, { name: 'renamed' });
    expect((await pce.get(href)).body.container_cluster).toEqual({ href: made.href, name: 'renamed' });
    await pce.delete(made.href);
    expect((await pce.get(href)).body).toMatchObject({ hostname: 'a', managed: true });
    expect((await pce.get(href)).body).not.toHaveProperty('container_cluster');
  });
});

import { type Answer, type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const ALL = '/orgs/1/workloads';
const PRODUCTION = '/orgs/1/labels/176';
const START = Date.parse('2026-03-01T08:00:00.000Z');

describe('unmanaged workloads', () => {
  let now = START;
  const test = useEmulator({ world: 'demo', now: () => now });
  beforeEach(() => {
    now = START;
  });

  const created = async (body: Json = {}): Promise<Json> => {
    const answer = await test.pce.post(ALL, { name: 'vm', hostname: 'vm.example.com', ...body });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const read = async (href: string): Promise<Json> => (await test.pce.get(href)).body;
  const listed = async (query = '') => (await test.pce.get(`${ALL}${query}`)).body.map(({ name }: Json) => name);
  const labelled = async (key: string, value: string): Promise<Json> =>
    (await test.pce.post('/orgs/1/labels', { key, value })).body;
  const other = () => test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
  const eventTypes = async (count: number) =>
    (await test.pce.get(`/orgs/1/events?max_results=${count}`)).body
      .map(({ event_type }: Json) => event_type)
      .reverse();

  it('show what was said of them, and defaults for the rest', async () => {
    const workload = await created({ interfaces: [{ name: 'eth0', address: '10.0.0.5', cidr_block: 24 }] });
    const by = { href: '/users/1' };
    expect(workload).toEqual({
      href: expect.stringMatching(/^\/orgs\/1\/workloads\/[0-9a-f]{8}-[0-9a-f]{4}-4/),
      deleted: false,
      name: 'vm',
      description: null,
      hostname: 'vm.example.com',
      managed: false,
      service_principal_name: null,
      agent_to_pce_certificate_authentication_id: null,
      distinguished_name: null,
      public_ip: null,
      external_data_set: null,
      external_data_reference: null,
      interfaces: [
        {
          name: 'eth0',
          link_state: null,
          address: '10.0.0.5',
          cidr_block: 24,
          default_gateway_address: null,
          friendly_name: null,
          loopback: false,
        },
      ],
      ignored_interface_names: [],
      service_provider: null,
      data_center: null,
      data_center_zone: null,
      os_id: null,
      os_detail: null,
      online: true,
      labels: [],
      agent: {
        config: { mode: 'illuminated', visibility_level: 'flow_summary', security_policy_update_mode: 'adaptive' },
        type: 'Host',
      },
      enforcement_mode: 'visibility_only',
      visibility_level: 'flow_summary',
      created_at: '2026-03-01T08:00:00.000Z',
      updated_at: '2026-03-01T08:00:00.000Z',
      created_by: by,
      updated_by: by,
      caps: ['write'],
    });
    expect(await read(workload.href)).toEqual(workload);
    expect((await test.pce.get(ALL)).body).toEqual([workload]);
  });

  it('take all that the official Terraform provider sends', async () => {
    const sent = {
      name: 'CRM Web 0',
      agent_to_pce_certificate_authentication_id: 'id',
      data_center: 'us-west',
      data_center_zone: 'us-west-1',
      description: 'a web host',
      enforcement_mode: 'full',
      external_data_reference: 'r',
      external_data_set: 's',
      hostname: 'web0',
      online: false,
      os_detail: 'Ubuntu',
      os_id: 'ubuntu-x86_64-xenial',
      public_ip: '2001:db8::1',
      service_principal_name: 'host/web0',
      service_provider: 'example.com',
      ignored_interface_names: ['eth9'],
    };
    const workload = await created({
      ...sent,
      labels: [{ href: PRODUCTION, key: 'env', value: 'Production' }],
      interfaces: [
        { name: 'lo0', link_state: 'up', address: '127.0.0.1', friendly_name: 'Loopback' },
        { name: 'eth1', link_state: 'unknown', address: 'fd00::7', cidr_block: 64, default_gateway_address: 'fd00::1' },
      ],
    });
    expect(workload).toMatchObject({
      ...sent,
      labels: [{ href: PRODUCTION, key: 'env', value: 'Production' }],
      interfaces: [{ loopback: true }, { loopback: false, default_gateway_address: 'fd00::1' }],
      agent: { config: { mode: 'enforced' } },
    });
  });

  it.each([
    ['without any name', { name: undefined, hostname: undefined }],
    ['with an empty name alone', { name: '', hostname: undefined }],
    ['with a name that is too long', { name: 'x'.repeat(256) }],
    ['that say they are managed', { managed: true }],
    ['with an href', { href: `${ALL}/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11` }],
    ['with an unknown mode', { enforcement_mode: 'enforced' }],
    ['with an unknown visibility', { visibility_level: 'off' }],
    ['with labels of no href', { labels: [{ key: 'env' }] }],
    ['with a nameless interface', { interfaces: [{ address: '10.0.0.1' }] }],
    ['with an interface that is neither up nor down', { interfaces: [{ name: 'a', link_state: 'sideways' }] }],
    ['with an address that is none', { interfaces: [{ name: 'a', address: '10.0.0.256' }] }],
    ['with a public address that is none', { public_ip: 'face' }],
    ['with more bits than an address has', { interfaces: [{ name: 'a', cidr_block: 129 }] }],
    ['with a text for a truth value', { online: 'true' }],
    ['with an unknown field', { mode: 'idle' }],
  ])('are refused %s', async (_, body) => {
    const answer = await test.pce.post(ALL, { name: 'vm', ...body });
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'input_validation_error']);
    expect(await listed()).toEqual([]);
  });

  it('have labels of their own organisation, one of each key', async () => {
    const [app, second] = [await labelled('app', 'shop'), await labelled('app', 'bank')];
    for (const labels of [['/orgs/10/labels/128'], ['/orgs/1/labels/999'], [app.href, second.href]]) {
      const answer = await test.pce.post(ALL, { name: 'vm', labels: labels.map((href) => ({ href })) });
      expect([answer.status, tokenOf(answer)]).toEqual([406, 'invalid_label_href']);
    }
    expect(await listed()).toEqual([]);
    const workload = await created({ labels: [{ href: PRODUCTION }, { href: app.href }] });
    await test.pce.put(app.href, { value: 'store' });
    expect((await read(workload.href)).labels).toEqual([
      { href: PRODUCTION, key: 'env', value: 'Production' },
      { href: app.href, key: 'app', value: 'store' },
    ]);
    await test.pce.put(workload.href, { labels: [] });
    expect((await read(workload.href)).labels).toEqual([]);
  });

  it('keep their labels from being deleted until they are deleted themselves', async () => {
    const app = await labelled('app', 'shop');
    const { href } = await created({ labels: [{ href: app.href }] });
    expect(tokenOf(await test.pce.delete(app.href))).toBe('label_still_has_associated_workload');
    expect((await test.pce.get(`${app.href}?usage=true`)).body.usage).toMatchObject({ workload: true });
    await test.pce.delete(href);
    expect((await test.pce.get(`${app.href}?usage=true`)).body.usage).toMatchObject({ workload: false });
    expect((await test.pce.delete(app.href)).status).toBe(204);
    expect((await read(href)).labels).toEqual([{ href: app.href, key: 'app', value: 'shop' }]);
  });

  it('keep what a change does not name', async () => {
    const before = await created({ public_ip: '10.1.1.1', labels: [{ href: PRODUCTION }] });
    now += 1000;
    expect((await test.pce.put(before.href, { description: 'changed', enforcement_mode: 'selective' })).status).toBe(
      204,
    );
    expect(await read(before.href)).toEqual({
      ...before,
      description: 'changed',
      enforcement_mode: 'selective',
      agent: { ...before.agent, config: { ...before.agent.config, mode: 'selective' } },
      updated_at: '2026-03-01T08:00:01.000Z',
    });
  });

  it('are not changed by a request that is refused', async () => {
    const before = await created({ external_data_set: 's', external_data_reference: '1' });
    await created({ external_data_set: 's', external_data_reference: '2' });
    for (const [body, token] of [
      [{ description: 'x', managed: true }, 'input_validation_error'],
      [{ description: 'x', labels: [{ href: '/orgs/1/labels/999' }] }, 'invalid_label_href'],
      [{ description: 'x', external_data_reference: '2' }, 'external_reference_not_unique'],
    ] as const) {
      expect(tokenOf(await test.pce.put(before.href, body))).toBe(token);
    }
    expect(await read(before.href)).toEqual(before);
  });

  it('may share names, but no external reference', async () => {
    const external = { external_data_set: 's', external_data_reference: 'r' };
    const first = await created(external);
    await created();
    expect(tokenOf(await test.pce.post(ALL, { name: 'x', ...external }))).toBe('external_reference_not_unique');
    expect(await listed()).toEqual(['vm', 'vm']);
    await test.pce.delete(first.href);
    expect((await created(external)).href).not.toBe(first.href);
  });

  it('stay readable once deleted, and vanish from lists', async () => {
    const before = await created();
    now += 1000;
    expect([(await test.pce.delete(before.href)).status, await listed()]).toEqual([204, []]);
    const by = { href: '/users/1' };
    expect(await read(before.href)).toEqual({
      ...before,
      deleted: true,
      updated_at: '2026-03-01T08:00:01.000Z',
      deleted_at: '2026-03-01T08:00:01.000Z',
      deleted_by: by,
    });
    for (const [said, found] of [
      ['true', ['vm']],
      ['yes', ['vm']],
      ['false', []],
    ])
      expect(await listed(`?include_deleted=${said}`)).toEqual(found);
    expect(tokenOf(await test.pce.get(`${ALL}?include_deleted=maybe`))).toBe('input_validation_error');
    for (const again of [await test.pce.delete(before.href), await test.pce.put(before.href, { name: 'x' })]) {
      expect([again.status, tokenOf(again)]).toEqual([406, 'workload_already_deleted']);
    }
  });

  it('that are not there are not found', async () => {
    const nowhere = `${ALL}/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11`;
    const { pce } = test;
    for (const answer of [await pce.get(nowhere), await pce.put(nowhere, {}), await pce.delete(nowhere)]) {
      expect([answer.status, answer.text]).toEqual([404, '']);
    }
  });

  it('are those of one organisation', async () => {
    const { href } = await created();
    const foreign = href.replace('/orgs/1/', '/orgs/10/');
    expect((await other().get(href)).status).toBe(403);
    expect((await other().get(foreign)).status).toBe(404);
    expect((await other().get('/orgs/10/workloads')).body).toEqual([]);
    const [result] = (await other().put('/orgs/10/workloads/bulk_update', [{ href, name: 'mine' }])).body;
    expect(result).toMatchObject({ status: 'validation_failure', token: 'invalid_workload_href' });
    expect((await read(href)).name).toBe('vm');
  });

  it('are filtered by what clients ask for', async () => {
    const web = await created({
      name: 'web',
      hostname: 'web.example.com',
      description: 'in front',
      enforcement_mode: 'full',
      visibility_level: 'flow_drops',
      os_id: 'ubuntu',
      external_data_set: 's',
      external_data_reference: 'r',
      labels: [{ href: PRODUCTION }],
      interfaces: [
        { name: 'eth0', address: '10.0.0.1', default_gateway_address: '10.9.9.9' },
        { name: 'eth1', address: 'fd00::77' },
      ],
    });
    await created({ name: 'db', hostname: 'db.example.com', public_ip: '203.0.113.9', online: false });
    const web_alone = [
      'name=WE',
      'hostname=web.',
      'description=front',
      'os_id=bunt',
      'enforcement_mode=full',
      'visibility_level=flow_drops',
      'online=true',
      'external_data_set=s',
      'external_data_reference=r',
      `labels=${JSON.stringify([[PRODUCTION]])}`,
      'ip_address=0.0.1',
      'ip_address=fd00::7',
    ];
    for (const query of web_alone) expect([query, await listed(`?${query}`)]).toEqual([query, ['web']]);
    for (const query of ['online=false', 'ip_address=203.0.113']) {
      expect([query, await listed(`?${query}`)]).toEqual([query, ['db']]);
    }
    const container_clusters = JSON.stringify(['/orgs/1/container_clusters/445bfa9b-4de4-4c09-9705-496eb04b190f']);
    for (const query of [
      'managed=true',
      `container_clusters=${container_clusters}`,
      'ip_address=10.9',
      'name=nobody',
    ]) {
      expect([query, await listed(`?${query}`)]).toEqual([query, []]);
    }
    expect(await listed('?managed=false')).toEqual(['web', 'db']);
    await test.pce.put(web.href, { interfaces: [{ name: 'eth0', address: '192.0.2.1' }] });
    expect([await listed('?ip_address=10.0.0.1'), await listed('?ip_address=192.0.2.1')]).toEqual([[], ['web']]);
    for (const query of ['managed=maybe', 'enforcement_mode=enforced', 'labels=[', 'container_clusters={}']) {
      expect([query, tokenOf(await test.pce.get(`${ALL}?${query}`))]).toEqual([query, 'input_validation_error']);
    }
  });

  it('come first in a list by an exact name, and are counted without the filters', async () => {
    for (const name of ['vm of shop', 'my vm', 'vm'])
      await created({ name, hostname: `${name.replaceAll(' ', '-')}.x` });
    const answer = await test.pce.get(`${ALL}?name=vm&max_results=1`);
    expect([answer.body[0].name, answer.body.length, answer.headers['x-total-count']]).toEqual(['vm', 1, '3']);
    expect((await test.pce.get(`${ALL}?hostname=vm.x&max_results=1`)).body[0].name).toBe('vm');
    expect((await test.pce.get(ALL, { Prefer: 'respond-async' })).status).toBe(202);
  });

  it('leave events', async () => {
    const { href } = await created();
    await test.pce.put(href, { description: 'x' });
    await test.pce.delete(href);
    await test.pce.delete(href);
    expect(await eventTypes(3)).toEqual(['workload.create', 'workload.update', 'workload.delete']);
    const [{ resource_changes }] = (await test.pce.get('/orgs/1/events?event_type=workload.update')).body;
    expect(resource_changes).toMatchObject([
      { resource: { workload: { href, name: 'vm' } }, changes: { description: { before: null, after: 'x' } } },
    ]);
  });

  describe('in bulk', () => {
    const bulk = (what: string, items: Json): Promise<Answer> => test.pce.put(`${ALL}/bulk_${what}`, items);

    it('are made each by itself', async () => {
      const external = { external_data_set: 's', external_data_reference: 'r' };
      const refused = { status: 'validation_failure', message: expect.any(String) };
      const answer = await bulk('create', [
        { name: 'a', ...external, labels: [{ href: PRODUCTION }] },
        { name: 'b', ...external },
        { name: 'c', labels: [{ href: '/orgs/1/labels/999' }] },
        { hostname: 'd' },
      ]);
      expect([answer.status, answer.body]).toEqual([
        200,
        [
          { href: expect.stringContaining(`${ALL}/`), status: 'created' },
          { href: null, ...refused, token: 'external_reference_not_unique' },
          { href: null, ...refused, token: 'invalid_label_href' },
          { href: expect.stringContaining(`${ALL}/`), status: 'created' },
        ],
      ]);
      expect(await listed()).toEqual(['a', null]);
      expect(await read(answer.body[0].href)).toMatchObject({ managed: false, labels: [{ value: 'Production' }] });
    });

    it('are changed each by itself', async () => {
      const [first, second, gone] = [await created({ name: 'a' }), await created({ name: 'b' }), await created()];
      await test.pce.delete(gone.href);
      const nowhere = `${ALL}/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11`;
      const answer = await bulk('update', [
        { href: first.href, enforcement_mode: 'selective' },
        { href: nowhere, enforcement_mode: 'selective' },
        { href: gone.href, enforcement_mode: 'selective' },
        { href: second.href, labels: [{ href: '/orgs/1/labels/999' }] },
        { href: second.href, enforcement_mode: 'full' },
      ]);
      const short = answer.body.map(({ href, status, token }: Json) => [href, status, token]);
      expect([answer.status, short]).toEqual([
        200,
        [
          [first.href, 'updated', undefined],
          [nowhere, 'validation_failure', 'invalid_workload_href'],
          [gone.href, 'validation_failure', 'workload_already_deleted'],
          [second.href, 'validation_failure', 'invalid_label_href'],
          [second.href, 'updated', undefined],
        ],
      ]);
      const modes = (await test.pce.get(ALL)).body.map(({ enforcement_mode }: Json) => enforcement_mode);
      expect(modes).toEqual(['selective', 'full']);
    });

    it('are deleted each by itself, and the answer tells of failures alone', async () => {
      const [first, second] = [await created(), await created()];
      const answer = await bulk('delete', [{ href: first.href }, { href: first.href }, { href: second.href }]);
      expect([answer.status, answer.body]).toEqual([
        200,
        [{ href: first.href, errors: [{ token: 'workload_already_deleted', message: 'Workload already deleted' }] }],
      ]);
      expect(await listed()).toEqual([]);
      expect((await read(second.href)).deleted).toBe(true);
      expect((await bulk('delete', [])).body).toEqual([]);
    });

    it('are refused all together when the form of one is wrong', async () => {
      for (const [what, items] of [
        ['create', [{ name: 'a' }, { description: 'nameless' }]],
        ['create', { name: 'a' }],
        ['update', [{ name: 'a' }]],
        ['delete', ['/orgs/1/workloads/x']],
        ['create', Array.from({ length: 1001 }, (_, index) => ({ name: `vm${index}` }))],
      ] as const) {
        const answer = await bulk(what, items);
        expect([answer.status, tokenOf(answer)]).toEqual([406, 'input_validation_error']);
      }
      expect(await listed()).toEqual([]);
    });

    it('may be a thousand at a time, and leave events of a hundred changes', async () => {
      const interfaces = Array.from({ length: 10 }, (_, index) => ({
        name: `eth${index}`,
        address: `10.0.0.${index}`,
      }));
      const items = Array.from({ length: 1000 }, (_, index) => ({
        name: `vm${index}`,
        description: 'x'.repeat(1000),
        interfaces,
      }));
      const made = (await bulk('create', items)).body;
      expect(made.filter(({ status }: Json) => status === 'created')).toHaveLength(1000);
      const events = (await test.pce.get('/orgs/1/events?event_type=workloads.bulk_create')).body;
      expect(events.map(({ resource_changes }: Json) => resource_changes.length)).toEqual(Array(10).fill(100));
      expect(events[0].action).toMatchObject({ api_method: 'PUT', http_status_code: 200 });
      const gone = (
        await bulk(
          'delete',
          made.map(({ href }: Json) => ({ href })),
        )
      ).body;
      expect([gone, await listed()]).toEqual([[], []]);
    });

    it('leave no event when nothing has come of it', async () => {
      await bulk('update', [{ href: `${ALL}/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11` }]);
      expect((await test.pce.get('/orgs/1/events')).body).toEqual([]);
    });
  });
});

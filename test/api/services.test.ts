import { type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const DRAFTS = '/orgs/1/sec_policy/draft/services';
const ACTIVE = '/orgs/1/sec_policy/active/services';
const HTTPS = { port: 443, proto: 6 };

describe('services', () => {
  const test = useEmulator();

  const created = async (body: Json = {}) => {
    const answer = await test.pce.post(DRAFTS, { name: 'web', service_ports: [HTTPS], ...body });
    expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
    return answer.body;
  };
  const refused = async (body: Json) => tokenOf(await test.pce.post(DRAFTS, { name: 'x', ...body }));
  const namesOf = async (query: string, list = DRAFTS): Promise<string[]> =>
    (await test.pce.get(`${list}${query}`)).body.map(({ name }: Json) => name);

  it('begin with All Services in every organisation, as a draft and in force', async () => {
    const other = (await test.control.post('/orgs', {})).body;
    for (const [client, org] of [
      [test.pce, 1],
      [test.as(other), other.org_id],
    ] as const) {
      const [draft, active] = [`/orgs/${org}/sec_policy/draft/services`, `/orgs/${org}/sec_policy/active/services`];
      expect((await client.get(draft)).body).toEqual([
        expect.objectContaining({
          href: `${draft}/1`,
          name: 'All Services',
          service_ports: [{ proto: -1 }],
          update_type: null,
          created_by: { href: '/users/0' },
        }),
      ]);
      const [inForce] = (await client.get(active)).body;
      expect(inForce.href).toBe(`${active}/1`);
      expect(inForce).not.toHaveProperty('update_type');
    }
  });

  it('keep All Services as it is', async () => {
    for (const answer of [
      await test.pce.put(`${DRAFTS}/1`, { name: 'Some Services' }),
      await test.pce.put(`${DRAFTS}/1`, { service_ports: [HTTPS] }),
      await test.pce.delete(`${DRAFTS}/1`),
    ]) {
      expect([answer.status, tokenOf(answer)]).toEqual([406, 'default_object_cannot_be_changed']);
    }
    expect((await test.pce.get('/orgs/1/sec_policy/pending')).body).toEqual({});
    expect((await test.pce.get(`${DRAFTS}/1`)).body.service_ports).toEqual([{ proto: -1 }]);
  });

  it('let users have another of that name, which they may change', async () => {
    const { href } = await created({ name: 'All Services' });
    expect((await test.pce.put(href, { name: 'Some' })).status).toBe(204);
    expect((await test.pce.delete(href)).status).toBe(204);
  });

  it('are made with what is sent, and defaults for the rest', async () => {
    const service = await created({ description: 'pages' });
    expect(service).toEqual({
      href: expect.stringMatching(/^\/orgs\/1\/sec_policy\/draft\/services\/[1-9][0-9]*$/),
      created_at: expect.any(String),
      updated_at: service.created_at,
      deleted_at: null,
      created_by: { href: '/users/1' },
      updated_by: { href: '/users/1' },
      deleted_by: null,
      update_type: 'create',
      name: 'web',
      description: 'pages',
      description_url: null,
      process_name: null,
      service_ports: [HTTPS],
      external_data_set: null,
      external_data_reference: null,
      caps: ['write', 'provision', 'delete'],
    });
    expect((await test.pce.get(service.href)).body).toEqual(service);
    expect((await test.pce.get(`${ACTIVE}/${service.href.split('/').at(-1)}`)).status).toBe(404);
  });

  it('may have the same name, and need nothing but one', async () => {
    const [first, second] = [await created(), await created()];
    expect(first.href).not.toBe(second.href);
    expect((await test.pce.post(DRAFTS, { name: 'bare' })).status).toBe(201);
    expect((await test.pce.post(DRAFTS, {})).status).toBe(406);
  });

  it('share no external reference', async () => {
    const external = { external_data_set: 'set', external_data_reference: 'one' };
    const { href } = await created(external);
    expect(await refused(external)).toBe('external_reference_not_unique');
    const other = await created();
    expect(tokenOf(await test.pce.put(other.href, external))).toBe('external_reference_not_unique');
    await test.pce.delete(href);
    expect((await test.pce.put(other.href, external)).status).toBe(204);
  });

  it.each([
    ['a range', { service_ports: [{ port: 1, to_port: 1023, proto: 6 }] }],
    ['every port of a protocol', { service_ports: [{ proto: 17 }] }],
    [
      'ICMP',
      {
        service_ports: [
          { proto: 1, icmp_type: 8, icmp_code: 0 },
          { proto: 58, icmp_type: null, icmp_code: null },
        ],
      },
    ],
    ['a Windows service', { windows_services: [{ service_name: 'DNS' }] }],
    ['a Windows process and its port', { windows_services: [{ process_name: 'c:\\dns.exe', port: 53, proto: 17 }] }],
    ['the port 0 in Windows', { windows_services: [{ port: 0, proto: 6 }] }],
    [
      'a process that connects to ports',
      { service_ports: [HTTPS], windows_egress_services: [{ process_name: 'chrome' }] },
    ],
  ])('may be %s', async (_what, body) => {
    const { status, body: service } = await test.pce.post(DRAFTS, { name: 'x', ...body });
    expect([status, service]).toEqual([201, expect.objectContaining(body)]);
  });

  it.each([
    ['no ports at all', { service_ports: [] }],
    ['no Windows services at all', { windows_services: [] }],
    ['a port without a protocol', { service_ports: [{ port: 443 }] }],
    ['a port as a text', { service_ports: [{ port: '443', proto: 6 }] }],
    ['a port beyond all', { service_ports: [{ port: 65_536, proto: 6 }] }],
    ['a negative port', { service_ports: [{ port: -1, proto: 6 }] }],
    ['a protocol by name', { service_ports: [{ port: 443, proto: 'tcp' }] }],
    ['an end without a start', { service_ports: [{ to_port: 443, proto: 6 }] }],
    ['an end before the start', { service_ports: [{ port: 443, to_port: 80, proto: 6 }] }],
    ['a port of every protocol', { service_ports: [{ port: 443, proto: -1 }] }],
    ['a port of ICMP', { service_ports: [{ port: 443, proto: 1 }] }],
    ['a type of TCP', { service_ports: [{ ...HTTPS, icmp_type: 8 }] }],
    ['a code without a type', { service_ports: [{ proto: 1, icmp_code: 0 }] }],
    ['a code beyond all', { service_ports: [{ proto: 1, icmp_type: 8, icmp_code: 16 }] }],
    ['what no port has', { service_ports: [{ ...HTTPS, name: 'https' }] }],
    ['ports and Windows services', { service_ports: [HTTPS], windows_services: [{ service_name: 'DNS' }] }],
    ['a Windows service without a name', { windows_services: [{ proto: 6 }] }],
    ['a Windows service with an empty name', { windows_services: [{ service_name: '' }] }],
    ['a Windows service that is null', { windows_services: [{ service_name: null, process_name: null }] }],
    ['a port of a process that connects', { windows_egress_services: [{ process_name: 'chrome', port: 443 }] }],
    ['where it is described, which nobody sets', { description_url: 'https://example.com' }],
    ['no name', { name: '' }],
    ['null for a name', { name: null }],
    ['a name of too many letters', { name: 'x'.repeat(256) }],
    ['an href', { href: `${DRAFTS}/7` }],
  ])('are refused with %s, and nothing changes', async (_what, body) => {
    const service = await created();
    const before = (await test.pce.get(DRAFTS)).body;
    expect(await refused(body)).toBe('input_validation_error');
    expect(tokenOf(await test.pce.put(service.href, body))).toBe('input_validation_error');
    expect((await test.pce.get(DRAFTS)).body).toEqual(before);
  });

  it('do not turn from ports to Windows services', async () => {
    const { href } = await created();
    const answer = await test.pce.put(href, { windows_services: [{ service_name: 'DNS' }] });
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'input_validation_error']);
    expect((await test.pce.get(href)).body).not.toHaveProperty('windows_services');
  });

  it('keep what a change does not name, and forget what it says is null', async () => {
    const service = await created({ description: 'pages', process_name: 'httpd' });
    expect((await test.pce.put(service.href, { service_ports: [{ port: 80, proto: 6 }] })).status).toBe(204);
    expect((await test.pce.put(service.href, { description: null })).status).toBe(204);
    expect((await test.pce.get(service.href)).body).toEqual({
      ...service,
      description: null,
      service_ports: [{ port: 80, proto: 6 }],
      updated_at: expect.any(String),
    });
  });

  it('are found by part of a name, an equal one first', async () => {
    for (const name of ['S-HTTPS', 'S-HTTPS-UDP', 'S-HTTP', 'other']) await created({ name });
    expect(await namesOf('?name=S-HTTP')).toEqual(['S-HTTP', 'S-HTTPS', 'S-HTTPS-UDP']);
    expect(await namesOf('?name=s-http&max_results=1')).toEqual(['S-HTTP']);
    expect(await namesOf('?name=nothing')).toEqual([]);
  });

  it('are found by a port, also within a range, and by a protocol, whatever the order of keys', async () => {
    await created({
      name: 'web',
      service_ports: [
        { proto: 6, port: 80 },
        { to_port: 443, port: 443, proto: 6 },
      ],
    });
    await created({ name: 'well-known', service_ports: [{ to_port: 1023, proto: 6, port: 1 }] });
    await created({
      name: 'rdp',
      service_ports: [
        { port: 3389, proto: 6 },
        { proto: 17, port: 3389 },
      ],
    });
    await created({ name: 'long', service_ports: [{ port: 4430, proto: 6 }] });
    await test.pce.post(DRAFTS, { name: 'windows', windows_services: [{ port: 443, proto: 17 }] });
    expect(await namesOf('?port=443')).toEqual(['web', 'well-known', 'windows']);
    expect(await namesOf('?port=1023')).toEqual(['well-known']);
    expect(await namesOf('?port=1024')).toEqual([]);
    expect(await namesOf('?proto=17')).toEqual(['rdp', 'windows']);
    expect(await namesOf('?proto=1')).toEqual([]);
    expect(await namesOf('?proto=-1')).toEqual(['All Services']);
    expect(await namesOf('?port=-1')).toEqual(['All Services']);
    expect(await namesOf('?port=443&proto=17')).toEqual(['windows']);
    expect(await namesOf('?port=443&name=w')).toEqual(['web', 'well-known', 'windows']);
    expect((await test.pce.get(`${DRAFTS}?port=70000`)).status).toBe(406);
  });

  it('are found by description and external reference, each version in its own list', async () => {
    await created({ name: 'one', description: 'For pages', external_data_set: 'set', external_data_reference: 'a' });
    await created({ name: 'two', external_data_set: 'set', external_data_reference: 'b' });
    expect(await namesOf('?description=pages')).toEqual(['one']);
    expect(await namesOf('?external_data_set=set')).toEqual(['one', 'two']);
    expect(await namesOf('?external_data_reference=b')).toEqual(['two']);
    expect(await namesOf('?external_data_set=set', ACTIVE)).toEqual([]);
    await test.pce.post('/orgs/1/sec_policy', {});
    expect(await namesOf('?external_data_set=set', ACTIVE)).toEqual(['one', 'two']);
    expect(await namesOf('?port=443', ACTIVE)).toEqual(['one', 'two']);
  });

  it('are counted without the filters, and up to a number', async () => {
    for (const name of ['a', 'b', 'c']) await created({ name });
    const { headers, body } = await test.pce.get(`${DRAFTS}?name=b&port=443`);
    expect([headers['x-total-count'], body.length]).toEqual(['4', 1]);
    expect((await test.pce.get(ACTIVE)).headers['x-total-count']).toBe('1');
    expect(await namesOf('?max_results=2')).toEqual(['All Services', 'a']);
    expect(await namesOf('?max_results=0')).toEqual([]);
  });

  it('come as a job where a client asks for one', async () => {
    await created();
    const { status, headers } = await test.pce.get(`${DRAFTS}?name=web`, { Prefer: 'respond-async' });
    expect(status).toBe(202);
    const job = (await test.pce.get(headers.location ?? '')).body;
    expect((await test.pce.get(job.result.href)).body.map(({ name }: Json) => name)).toEqual(['web']);
  });
});

import { type Json, tokenOf, useEmulator } from '../support/emulator.ts';
import { ALL_SERVICES, ANY, activeOf, draftsOf, made, POLICY, provisioned } from '../support/policy.ts';

const ALL = draftsOf('enforcement_boundaries');
const AMS = { actors: 'ams' };

describe('enforcement boundaries', () => {
  const test = useEmulator();
  const read = async (href: string) => (await test.pce.get(href)).body;
  const bodyOf = (more: Json = {}): Json => ({
    name: 'EB-BLOCK-RDP',
    providers: [AMS],
    consumers: [{ ip_list: ANY }],
    ingress_services: [{ port: 3389, proto: 6 }],
    ...more,
  });
  const boundary = (more: Json = {}) => made(test.pce, 'enforcement_boundaries', bodyOf(more));

  it('are made with whom they keep from what, and show what else there is to them', async () => {
    const { status, body } = await test.pce.post(ALL, bodyOf());
    expect([status, body]).toEqual([
      201,
      {
        href: `${ALL}/1`,
        created_at: expect.any(String),
        updated_at: expect.any(String),
        deleted_at: null,
        created_by: { href: '/users/1' },
        updated_by: { href: '/users/1' },
        deleted_by: null,
        update_type: 'create',
        name: 'EB-BLOCK-RDP',
        enabled: true,
        network_type: 'brn',
        providers: [AMS],
        consumers: [{ ip_list: ANY }],
        ingress_services: [{ port: 3389, proto: 6 }],
        caps: ['write', 'provision'],
      },
    ]);
    expect(await read(body.href)).toEqual(body);
    expect(await read(ALL)).toEqual([body]);
  });

  it('live as drafts and in force', async () => {
    // The official Python client sends a service with all its fields.
    const services = [await read(activeOf(ALL_SERVICES.href))];
    const draft = await boundary({ ingress_services: services, network_type: 'all' });
    expect(draft.ingress_services).toEqual([ALL_SERVICES]);
    expect((await read(`${POLICY}/pending`)).enforcement_boundaries).toMatchObject([
      { href: draft.href, name: draft.name, update_type: 'create' },
    ]);
    const { object_counts } = await provisioned(test.pce, draft);
    expect(object_counts.enforcement_boundaries).toBe(1);
    const active = activeOf(draft.href);
    expect(await read(active)).toMatchObject({
      href: active,
      consumers: [{ ip_list: { href: activeOf(ANY.href) } }],
      ingress_services: [{ href: activeOf(ALL_SERVICES.href) }],
    });
    expect((await test.pce.put(draft.href, { enabled: false })).status).toBe(204);
    expect([(await read(draft.href)).update_type, (await read(active)).enabled]).toEqual(['update', true]);
    await provisioned(test.pce, draft);
    expect((await read(active)).enabled).toBe(false);
    expect((await test.pce.delete(draft.href)).status).toBe(204);
    expect((await read(draft.href)).update_type).toBe('delete');
    expect((await test.pce.delete(draft.href)).status).toBe(404);
    await provisioned(test.pce, draft);
    for (const href of [draft.href, active]) expect((await test.pce.get(href)).status).toBe(404);
    expect((await test.pce.put(active, {})).status).toBe(405);
  });

  it('keep what a change does not name', async () => {
    const draft = await boundary();
    const ingress_services = [...draft.ingress_services, { port: 20009, to_port: 20010, proto: 17 }];
    expect((await test.pce.put(draft.href, { ingress_services })).status).toBe(204);
    expect(await read(draft.href)).toEqual({ ...draft, ingress_services, updated_at: expect.any(String) });
  });

  it.each([
    [{ name: undefined }],
    [{ name: '' }],
    [{ providers: undefined }],
    [{ providers: [] }],
    [{ providers: [{}] }],
    [{ providers: [{ ...AMS, ip_list: ANY }] }],
    [{ providers: [{ actors: 'container_host' }] }],
    [{ consumers: [{ virtual_service: { href: '/x' } }] }],
    [{ consumers: [{ label: { href: '/x' }, exclusion: true }] }],
    [{ ingress_services: [] }],
    [{ ingress_services: null }],
    [{ ingress_services: [{ proto: -1 }] }],
    [{ ingress_services: [{ port: 2, to_port: 1, proto: 6 }] }],
    [{ enabled: null }],
    [{ resolve_labels_as: {} }],
  ])('are not made, nor changed, with %j', async (more) => {
    const answer = await test.pce.post(ALL, bodyOf(more));
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'input_validation_error']);
    const draft = await boundary();
    const [[key, value] = ['', undefined]] = Object.entries(more);
    if (value !== undefined)
      expect(tokenOf(await test.pce.put(draft.href, { [key]: value }))).toBe('input_validation_error');
    expect(await read(ALL)).toEqual([draft]);
  });

  it('name nothing that is not there', async () => {
    for (const [more, token] of [
      [{ providers: [{ label: { href: '/orgs/1/labels/9999' } }] }, 'invalid_label_href'],
      [{ consumers: [{ ip_list: { href: `${draftsOf('ip_lists')}/99` } }] }, 'invalid_ip_list_href'],
      [{ consumers: [{ ip_list: { href: '/orgs/10/sec_policy/draft/ip_lists/1' } }] }, 'invalid_ip_list_href'],
      [{ ingress_services: [{ href: ANY.href }] }, 'invalid_service_href'],
    ] as [Json, string][]) {
      expect([more, tokenOf(await test.pce.post(ALL, bodyOf(more)))]).toEqual([more, token]);
    }
    expect(await read(ALL)).toEqual([]);
  });

  it('have names of their own', async () => {
    await boundary();
    const other = await boundary({ name: 'other' });
    expect(tokenOf(await test.pce.post(ALL, bodyOf()))).toBe('name_must_be_unique');
    expect(tokenOf(await test.pce.put(other.href, { name: 'EB-BLOCK-RDP' }))).toBe('name_must_be_unique');
  });

  it('are found by name, labels, service and ports', async () => {
    const label = (await test.pce.post('/orgs/1/labels', { key: 'app', value: 'shop' })).body;
    await boundary({ name: 'EB-1', providers: [{ label: { href: label.href } }] });
    await boundary({ name: 'EB-12', consumers: [{ label: { href: label.href } }], ingress_services: [ALL_SERVICES] });
    await boundary({ name: '1', ingress_services: [{ port: 10, to_port: 20, proto: 17 }, { proto: 6 }] });
    const named = async (query: string) => (await read(`${ALL}?${query}`)).map(({ name }: Json) => name);
    for (const [query, found] of [
      ['name=1', ['1', 'EB-1', 'EB-12']],
      ['name=EB-1', ['EB-1', 'EB-12']],
      [`labels=${encodeURIComponent(JSON.stringify([[label.href]]))}`, ['EB-1', 'EB-12']],
      [`service=${ALL_SERVICES.href}`, ['EB-12']],
      [`service=${activeOf(ALL_SERVICES.href)}`, ['EB-12']],
      ['service=/orgs/1/sec_policy/draft/services/99', []],
      ['service_ports.port=3389', ['EB-1']],
      ['service_ports.port=15', ['1']],
      ['service_ports.port=-1', ['1']],
      ['service_ports.proto=6', ['EB-1', '1']],
      ['service_ports.port=15&service_ports.proto=6', []],
      ['max_results=1', ['EB-1']],
    ] as [string, string[]][]) {
      expect([query, await named(query)]).toEqual([query, found]);
    }
    expect((await test.pce.get(`${ALL}?name=nothing`)).headers['x-total-count']).toBe('3');
    await provisioned(test.pce);
    const active = await read(`${POLICY}/active/enforcement_boundaries?service=${ALL_SERVICES.href}`);
    expect(active.map(({ name }: Json) => name)).toEqual(['EB-12']);
  });

  it('keep what they name from going', async () => {
    const label = (await test.pce.post('/orgs/1/labels', { key: 'app', value: 'shop' })).body;
    const service = await made(test.pce, 'services', { name: 'rdp', service_ports: [{ port: 3389, proto: 6 }] });
    const draft = await boundary({
      providers: [{ label: { href: label.href } }],
      ingress_services: [{ href: service.href }],
    });
    expect(tokenOf(await test.pce.delete(label.href))).toBe('label_still_has_associated_enforcement_boundary');
    expect(tokenOf(await test.pce.delete(service.href))).toBe('service_referenced');
    expect((await read(`${label.href}?usage=true`)).usage).toMatchObject({
      ruleset: false,
      enforcement_boundary: true,
    });
    const refused = await test.pce.post(POLICY, { change_subset: { enforcement_boundaries: [{ href: draft.href }] } });
    expect(refused.body[0].message).toContain(service.href);
    await test.pce.delete(draft.href);
    for (const { href } of [label, service]) expect((await test.pce.delete(href)).status).toBe(204);
  });

  it('leave events', async () => {
    const draft = await boundary();
    await test.pce.put(draft.href, { enabled: false });
    await test.pce.delete(draft.href);
    const events = (await read('/orgs/1/events')).reverse();
    expect(events.map(({ event_type }: Json) => event_type)).toEqual(
      ['create', 'update', 'delete'].map((what) => `enforcement_boundary.${what}`),
    );
  });
});

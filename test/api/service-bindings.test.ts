import {
  ACTIVES,
  BINDINGS,
  type Cluster,
  clusterOf,
  DRAFTS,
  eventTypes,
  hrefs,
  PODS,
  pod,
  rows,
  service,
  TWO_ORGANISATIONS,
} from '../agent/cluster.ts';
import { type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const POLICY = '/orgs/1/sec_policy';
const WEB = { kind: 'replicasethash', name: '58687784f9' };
const NOBODY = '14d7ff69-2fa4-458b-a299-e3f11ffa9b01';

const test = useEmulator({ pceVersion: '25.2', world: TWO_ORGANISATIONS });
const active = (href: string) => href.replace('/draft/', '/active/');
const get = async (href: string) => (await test.pce.get(href)).body;

async function draftOf(name = 'web'): Promise<string> {
  return (await test.pce.post(DRAFTS, { name, service_ports: [{ port: 443, proto: 6 }] })).body.href;
}

const provision = async () => expect((await test.pce.post(POLICY, {})).status).toBe(201);

/** A virtual service in force. */
async function inForce(name?: string): Promise<string> {
  const draft = await draftOf(name);
  await provision();
  return active(draft);
}

async function workload(hostname = 'web01'): Promise<string> {
  return (await test.pce.post('/orgs/1/workloads', { name: hostname, hostname })).body.href;
}

const wish = (virtual_service: string, workload: string, more: Json = {}): Json => ({
  virtual_service: { href: virtual_service },
  workload: { href: workload },
  ...more,
});

/** Asks for bindings. @returns the results */
async function bind(...wishes: Json[]): Promise<Json[]> {
  const answer = await test.pce.post(BINDINGS, wishes);
  expect(answer.status).toBe(201);
  expect(answer.body).toHaveLength(wishes.length);
  return answer.body;
}

async function bound(...wishes: Json[]): Promise<string[]> {
  const results = await bind(...wishes);
  for (const result of results) expect(result).toEqual({ status: 'created', href: expect.any(String) });
  return hrefs(results);
}

const refusals = async (...wishes: Json[]) => (await bind(...wishes)).map(({ token }) => token);

/** A cluster with a service and the pod behind it. */
async function ofCluster(): Promise<Cluster> {
  const cluster = await clusterOf(test, { report: { namespaces: ['shop'] } });
  await cluster.manage('shop');
  await cluster.services([service('db', { backends: [WEB] })]);
  await cluster.pods([pod('a', { controller: WEB }), pod('b')]);
  return cluster;
}

describe('a service binding', () => {
  it('takes a virtual service from its draft to workloads, and vanishes with it', async () => {
    const draft = await draftOf();
    const host = await workload();
    expect(await bind(wish(draft, host), wish(active(draft), host))).toEqual([
      { token: 'invalid_virtual_service_href', message: expect.stringContaining(draft) },
      { token: 'invalid_virtual_service_href', message: expect.stringContaining(active(draft)) },
    ]);
    await provision();
    const [href] = await bound(wish(active(draft), host));
    expect(href).toMatch(/^\/orgs\/1\/service_bindings\/[0-9a-f-]{36}$/);
    const binding = {
      href,
      bound_service: { href: active(draft) },
      workload: { href: host, name: 'web01', hostname: 'web01', deleted: false },
      port_overrides: [],
      external_data_set: null,
      external_data_reference: null,
    };
    expect(await get(String(href))).toEqual(binding);
    expect(await rows(test.pce, BINDINGS)).toEqual([binding]);

    expect((await test.pce.delete(draft)).status).toBe(204);
    expect(await rows(test.pce, BINDINGS)).toEqual([binding]);
    await provision();
    expect(await rows(test.pce, BINDINGS)).toEqual([]);
    expect((await test.pce.get(String(href))).status).toBe(404);
    expect((await test.pce.get(host)).status).toBe(200);
  });

  it('stays when its virtual service changes', async () => {
    const vs = await inForce();
    const [href] = await bound(wish(vs, await workload()));
    await test.pce.put(vs.replace('/active/', '/draft/'), { name: 'other' });
    await provision();
    expect(await get(String(href))).toMatchObject({ bound_service: { href: vs } });
  });

  it('shows the ports that its workload has instead, and what it is elsewhere', async () => {
    const vs = await inForce();
    const more = {
      port_overrides: [
        { port: 443, proto: 6, new_port: 8443 },
        { new_port: 9000, new_to_port: 9010 },
      ],
      external_data_set: 'cmdb',
      external_data_reference: '1',
    };
    const [href, other] = await bound(
      wish(vs, await workload(), more),
      wish(vs, await workload('web02'), { port_overrides: null }),
    );
    expect(await get(String(href))).toMatchObject(more);
    expect(await get(String(other))).toMatchObject({ port_overrides: [], external_data_set: null });
    expect(await refusals(wish(vs, await workload('web03'), more))).toEqual(['external_reference_not_unique']);
    expect(await rows(test.pce, BINDINGS)).toHaveLength(2);
  });

  it('is made or refused by itself, in the order of the request', async () => {
    const vs = await inForce();
    const [one, two] = [await workload(), await workload('web02')];
    const gone = await workload('gone');
    await test.pce.delete(gone);
    const { workload: _none, ...withoutWorkload } = wish(vs, one);
    const results = await bind(
      wish(vs, one),
      wish(vs, one),
      wish(vs, gone),
      wish(vs, `/orgs/1/workloads/${NOBODY}`),
      wish(vs, '/orgs/2/workloads/x'),
      wish('/orgs/2/sec_policy/active/virtual_services/x', one),
      wish(`${ACTIVES}/${NOBODY}`, one),
      wish('/orgs/1/sec_policy/active/services/1', one),
      { ...withoutWorkload, container_workload: { href: one } },
      wish(vs, two),
    );
    expect(results.map(({ status, token }) => status ?? token)).toEqual([
      'created',
      'service_binding_already_exists',
      'invalid_workload_href',
      'invalid_workload_href',
      'invalid_workload_href',
      'invalid_virtual_service_href',
      'invalid_virtual_service_href',
      'invalid_virtual_service_href',
      'invalid_container_workload_href',
      'created',
    ]);
    expect(hrefs(await rows(test.pce, BINDINGS))).toEqual([results[0]?.href, results.at(-1)?.href]);
    expect(await refusals(wish(vs, one))).toEqual(['service_binding_already_exists']);
  });

  it.each([
    ['nothing', []],
    ['no list', { virtual_service: { href: '/x' }, workload: { href: '/y' } }],
    ['no virtual service', [{ workload: { href: '/y' } }]],
    ['no workload', [{ virtual_service: { href: '/x' } }]],
    ['workloads of both kinds', [wish('/x', '/y', { container_workload: { href: '/z' } })]],
    ['something unknown', [wish('/x', '/y', { bound_service: { href: '/x' } })]],
    ['an override without a port', [wish('/x', '/y', { port_overrides: [{ port: 1, proto: 6 }] })]],
    ['an override of another protocol', [wish('/x', '/y', { port_overrides: [{ proto: 1, new_port: 1 }] })]],
    ['a port too high', [wish('/x', '/y', { port_overrides: [{ new_port: 65_536 }] })]],
    ['more than a thousand', Array.from({ length: 1001 }, () => wish('/x', '/y'))],
  ])('is not asked for with %s', async (_what, body) => {
    const vs = await inForce();
    const sent = Array.isArray(body) && body.length === 1 ? [wish(vs, await workload()), ...body] : body;
    expect(tokenOf(await test.pce.post(BINDINGS, sent))).toBe('input_validation_error');
    expect(await rows(test.pce, BINDINGS)).toEqual([]);
  });

  it('goes once it is deleted, and then can be made anew', async () => {
    const vs = await inForce();
    const host = await workload();
    const [href = ''] = await bound(wish(vs, host));
    expect((await test.pce.delete(href)).status).toBe(204);
    for (const ask of [() => test.pce.get(href), () => test.pce.delete(href)]) expect((await ask()).status).toBe(404);
    const [again] = await bound(wish(vs, host));
    expect(again).not.toBe(href);
  });

  it('shows its workload as it is, and goes with it', async () => {
    const vs = await inForce();
    const [host, other] = [await workload(), await workload('web02')];
    const [href = '', stays] = await bound(wish(vs, host), wish(vs, other));
    await test.pce.put(host, { name: 'renamed' });
    expect((await get(href)).workload).toEqual({ href: host, name: 'renamed', hostname: 'web01', deleted: false });
    expect((await test.pce.delete(host)).status).toBe(204);
    expect((await test.pce.get(href)).status).toBe(404);
    expect(hrefs(await rows(test.pce, BINDINGS))).toEqual([stays]);
  });

  it('goes once its node is unpaired', async () => {
    const cluster = await clusterOf(test, { report: { nodes: [{ name: 'node1' }] } });
    const { href } = (await test.pce.post('/orgs/1/pairing_profiles', { enabled: true, name: 'nodes' })).body;
    const { activation_code } = (await test.pce.post(`${href}/pairing_key`)).body;
    const pair = async () => (await test.control.post(`${cluster.href}/node_agents`, { activation_code })).body[0].href;
    const vs = await inForce();
    const [first, host] = [await pair(), await workload()];
    const [ofNode, stays] = await bound(wish(vs, first), wish(vs, host));
    const workloads = [{ href: first }];
    expect((await test.pce.put('/orgs/1/workloads/unpair', { workloads })).status).toBe(204);
    expect((await test.pce.get(String(ofNode))).status).toBe(404);
    expect(hrefs(await rows(test.pce, BINDINGS))).toEqual([stays]);
    await bound(wish(vs, await pair()));
  });

  describe('with ports instead', () => {
    const PORTS = [{ port: 443, proto: 6 }, { port: 8000, to_port: 8010, proto: 6 }, { proto: 17 }];
    const overridden = async (body: Json, port_overrides: Json[]) => {
      const draft = (await test.pce.post(DRAFTS, { name: 'many', ...body })).body.href;
      await provision();
      const [result] = await bind(wish(active(draft), await workload(), { port_overrides }));
      return result.status ?? result.token;
    };

    it.each([
      ['a port', [{ port: 443, new_port: 1 }]],
      ['a port within a range', [{ port: 8005, proto: 6, new_port: 1, new_to_port: 1 }]],
      ['any port of a protocol', [{ port: 53, proto: 17, new_port: 1 }]],
      [
        'ports of two protocols',
        [
          { port: 443, proto: 6, new_port: 1 },
          { port: 443, proto: 17, new_port: 2 },
        ],
      ],
    ])('takes those for %s that its virtual service has', async (_what, overrides) => {
      expect(await overridden({ service_ports: PORTS }, overrides)).toBe('created');
    });

    it.each([
      ['a port that is not', [{ port: 444, proto: 6, new_port: 1 }]],
      ['a port of another protocol', [{ port: 53, proto: 6, new_port: 1 }]],
      [
        'one port twice',
        [
          { port: 443, proto: 6, new_port: 1 },
          { port: 443, proto: 6, new_port: 2 },
        ],
      ],
      [
        'one port twice, once for any protocol',
        [
          { port: 443, new_port: 1 },
          { port: 443, proto: 6, new_port: 2 },
        ],
      ],
      ['a range that ends before it begins', [{ port: 443, new_port: 9, new_to_port: 8 }]],
    ])('is not made with those for %s', async (_what, overrides) => {
      expect(await overridden({ service_ports: PORTS }, overrides)).toBe('input_validation_error');
      expect(await rows(test.pce, BINDINGS)).toEqual([]);
    });

    it('looks at the service that its virtual service stands for', async () => {
      const body = { name: 'https', service_ports: [{ port: 443, proto: 6 }, { proto: 1 }] };
      const { href } = (await test.pce.post(`${POLICY}/draft/services`, body)).body;
      const service = { service: { href } };
      expect(await overridden(service, [{ port: 443, new_port: 1 }])).toBe('created');
      expect(await overridden(service, [{ port: 80, new_port: 1 }])).toBe('input_validation_error');
      const all = { service: { href: `${POLICY}/draft/services/1` } };
      expect(await overridden(all, [{ port: 80, new_port: 1 }])).toBe('created');
    });
  });

  it('leaves events: one for the bindings of a request, one for each that is deleted', async () => {
    const vs = await inForce();
    const [one, two] = [await workload(), await workload('web02')];
    const before = (await eventTypes(test.pce)).length;
    const [href = ''] = await bound(wish(vs, one), wish(vs, two));
    expect(await refusals(wish(vs, one))).toHaveLength(1);
    await test.pce.delete(href);
    expect((await eventTypes(test.pce)).slice(before)).toEqual(['service_binding.create', 'service_binding.delete']);
    const [, creation] = await rows(test.pce, '/orgs/1/events');
    expect(creation?.resource_changes).toHaveLength(2);
    expect(creation?.resource_changes[0]).toMatchObject({
      resource: { service_binding: { href } },
      change_type: 'create',
    });
  });

  it('belongs to one organisation', async () => {
    const [href = ''] = await bound(wish(await inForce(), await workload()));
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    expect((await other.get('/orgs/2/service_bindings')).body).toEqual([]);
    expect((await other.get(href.replace('/orgs/1/', '/orgs/2/'))).status).toBe(404);
    expect((await other.delete(href.replace('/orgs/1/', '/orgs/2/'))).status).toBe(404);
    const foreign = await other.post('/orgs/2/service_bindings', [wish(await inForce(), await workload('web02'))]);
    expect([foreign.status, tokenOf(foreign)]).toEqual([201, 'invalid_virtual_service_href']);
    expect((await test.pce.get(href)).status).toBe(200);
  });
});

describe('a service binding of a cluster', () => {
  it('is not for users to delete', async () => {
    await ofCluster();
    const [binding] = await rows(test.pce, BINDINGS);
    expect(tokenOf(await test.pce.delete(binding?.href))).toBe('managed_by_container_cluster');
    expect(await rows(test.pce, BINDINGS)).toEqual([binding]);
    const { bound_service, container_workload } = binding ?? {};
    expect(await refusals({ virtual_service: bound_service, container_workload })).toEqual([
      'service_binding_already_exists',
    ]);
  });

  it('stands beside those that users make of its pods, which go with these', async () => {
    const cluster = await ofCluster();
    const [, b] = (await rows(test.pce, PODS)) as [Json, Json];
    const vs = await inForce();
    const [mine = ''] = await bound({ virtual_service: { href: vs }, container_workload: { href: b.href } });
    expect(await get(mine)).toMatchObject({ container_workload: { href: b.href } });
    expect(await get(mine)).not.toHaveProperty('workload');
    await cluster.report({});
    expect(await rows(test.pce, BINDINGS)).toHaveLength(2);
    await cluster.pods([pod('a', { controller: WEB })]);
    expect((await test.pce.get(mine)).status).toBe(404);
    expect(await rows(test.pce, BINDINGS)).toHaveLength(1);
  });
});

describe('the list of service bindings', () => {
  it('tells which of them meet a filter', async () => {
    const [web, db] = [await inForce('web'), await inForce('db')];
    const [one, two] = [await workload(), await workload('web02')];
    const [a, b, c] = (await bound(
      wish(web, one, { external_data_set: 'cmdb', external_data_reference: '1' }),
      wish(web, two),
      wish(db, one),
    )) as [string, string, string];
    const expected: Record<string, string[]> = {
      '': [a, b, c],
      [`virtual_service=${web}`]: [a, b],
      [`virtual_service=${web.replace('/active/', '/draft/')}`]: [a, b],
      [`workload=${one}`]: [a, c],
      [`workload=${one}&virtual_service=${db}`]: [c],
      'external_data_set=cmdb': [a],
      'external_data_reference=1': [a],
      'external_data_reference=2': [],
      'max_results=1': [a],
      'max_results=0': [],
    };
    for (const [query, wanted] of Object.entries(expected)) {
      const answer = await test.pce.get(`${BINDINGS}?${query}`);
      expect([query, hrefs(answer.body), answer.headers['x-total-count']]).toEqual([query, wanted, '3']);
    }
  });
});

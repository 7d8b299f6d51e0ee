import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from '../../src/emulator.ts';
import { authorization, clientOf, type Json, tokenOf, useEmulator } from '../support/emulator.ts';
import { ALL_SERVICES, ANY, activeOf, draftsOf, made, POLICY, provisioned, ruleBody } from '../support/policy.ts';

describe('rules', () => {
  const test = useEmulator({ world: 'demo' });
  const read = async (href: string) => (await test.pce.get(href)).body;
  const ruleSet = (name = 'RS') => made(test.pce, 'rule_sets', { name, scopes: [[]] });
  const service = (name = 'S-WEB') => made(test.pce, 'services', { name, service_ports: [{ port: 443, proto: 6 }] });
  /** A rule in a rule set, and the rule set as it is then. */
  async function ruleIn(set: Json, more: Json = {}): Promise<Json> {
    const answer = await test.pce.post(`${set.href}/sec_rules`, ruleBody(more));
    expect([answer.status, tokenOf(answer)]).toEqual([201, undefined]);
    return answer.body;
  }
  const types = async (...documents: Json[]) =>
    Promise.all(documents.map(async ({ href }) => (await read(href)).update_type));

  it('are made in a rule set, and show what else there is to them', async () => {
    const set = await ruleSet();
    const rule = await ruleIn(set);
    expect(rule).toEqual({
      href: `${set.href}/sec_rules/1`,
      created_at: expect.any(String),
      updated_at: expect.any(String),
      deleted_at: null,
      created_by: { href: '/users/1' },
      updated_by: { href: '/users/1' },
      deleted_by: null,
      update_type: 'create',
      description: null,
      external_data_set: null,
      external_data_reference: null,
      enabled: true,
      providers: [{ actors: 'ams' }],
      consumers: [{ actors: 'ams' }],
      consuming_security_principals: [],
      sec_connect: false,
      stateless: false,
      machine_auth: false,
      unscoped_consumers: false,
      network_type: 'brn',
      use_workload_subnets: [],
      ingress_services: [{ port: 443, proto: 6 }],
      resolve_labels_as: { providers: ['workloads'], consumers: ['workloads'] },
    });
    expect(await read(rule.href)).toEqual(rule);
    expect(await read(`${set.href}/sec_rules`)).toEqual([rule]);
    expect((await read(set.href)).rules).toEqual([rule]);
    expect((await read(draftsOf('rule_sets')))[0].rules).toEqual([rule]);
  });

  it('take all that public clients send', async () => {
    const set = await ruleSet();
    const said = {
      description: '',
      network_type: 'all',
      consuming_security_principals: [],
      sec_connect: false,
      machine_auth: true,
      stateless: false,
      unscoped_consumers: true,
      use_workload_subnets: ['providers'],
      external_data_set: 'a',
      external_data_reference: 'b',
      consumers: [{ actors: 'container_host' }],
    };
    expect(await ruleIn(set, said)).toMatchObject(said);
  });

  it('have numbers that count in the organisation', async () => {
    const [one, two] = [await ruleSet('one'), await ruleSet('two')];
    const hrefs = [await ruleIn(one), await ruleIn(two), await ruleIn(one)].map(({ href }) => href.split('/').at(-1));
    expect(hrefs).toEqual(['1', '2', '3']);
    await test.pce.delete(`${one.href}/sec_rules/3`);
    expect((await ruleIn(two)).href).toBe(`${two.href}/sec_rules/4`);
    await provisioned(test.pce, one, two);
    await test.pce.delete(two.href);
    await provisioned(test.pce, two);
    expect((await ruleIn(one)).href).toBe(`${one.href}/sec_rules/5`);
    const counted = Object.keys(test.emulator.saveWorld().sequences ?? {}).filter(
      (list) => list.endsWith('rule_sets') || list.endsWith('rules'),
    );
    expect(counted.sort()).toEqual(['/orgs/1/rule_sets', '/orgs/1/sec_rules']);
  });

  it('speak of whatever the organisation has, as it is in the draft', async () => {
    const [label] = await read('/orgs/1/labels');
    const [virtualService] = await read(`${POLICY}/active/virtual_services`);
    const host = (await test.pce.post('/orgs/1/workloads', { name: 'db' })).body;
    const group = await made(test.pce, 'label_groups', { name: 'g', key: label.key, labels: [] });
    const providers = [
      { label: { href: label.href }, exclusion: false },
      { label_group: { href: group.href } },
      { workload: { href: host.href } },
      { virtual_service: { href: virtualService.href } },
    ];
    const consumers = [{ ip_list: { href: activeOf(ANY.href) } }];
    const rule = await ruleIn(await ruleSet(), {
      providers,
      consumers,
      ingress_services: [{ href: activeOf(ALL_SERVICES.href) }, { proto: 17 }, { port: 1, to_port: 2, proto: 6 }],
    });
    // Captured by a public client: the active IP list that it sent came back as a draft.
    expect(rule.consumers).toEqual([{ ip_list: ANY }]);
    expect(rule.providers.at(-1).virtual_service.href).toBe(virtualService.href.replace('/active/', '/draft/'));
    expect(rule.ingress_services[0]).toEqual(ALL_SERVICES);
  });

  it('keep of a service its href alone, however much of it is sent', async () => {
    const whole = await service();
    const { ingress_services, href } = await ruleIn(await ruleSet(), { ingress_services: [whole, ALL_SERVICES] });
    expect(ingress_services).toEqual([{ href: whole.href }, ALL_SERVICES]);
    await test.pce.put(href, { ingress_services: [await read(ALL_SERVICES.href)] });
    expect((await read(href)).ingress_services).toEqual([ALL_SERVICES]);
  });

  it('name nothing that is not there', async () => {
    const set = await ruleSet();
    const [label] = await read('/orgs/1/labels');
    const host = (await test.pce.post('/orgs/1/workloads', { name: 'db' })).body;
    await test.pce.delete(host.href);
    const going = await service();
    await provisioned(test.pce, going);
    await test.pce.delete(going.href);
    const id = '8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11';
    for (const [more, token] of [
      [{ providers: [{ label: { href: '/orgs/1/labels/9999' } }] }, 'invalid_label_href'],
      [{ providers: [{ label: { href: label.href.replace('/orgs/1/', '/orgs/10/') } }] }, 'invalid_label_href'],
      [{ consumers: [{ label: ANY }] }, 'invalid_label_href'],
      [{ consumers: [{ label_group: { href: `${draftsOf('label_groups')}/${id}` } }] }, 'invalid_label_group_href'],
      [{ consumers: [{ ip_list: { href: `${draftsOf('ip_lists')}/99` } }] }, 'invalid_ip_list_href'],
      [{ consumers: [{ workload: { href: host.href } }] }, 'invalid_workload_href'],
      [
        { providers: [{ virtual_service: { href: `${draftsOf('virtual_services')}/${id}` } }] },
        'invalid_virtual_service_href',
      ],
      [
        { providers: [{ virtual_server: { href: `${draftsOf('virtual_servers')}/${id}` } }] },
        'invalid_virtual_server_href',
      ],
      [{ ingress_services: [{ href: `${draftsOf('services')}/99` }] }, 'invalid_service_href'],
      [{ ingress_services: [{ href: going.href }] }, 'invalid_service_href'],
      [
        { consuming_security_principals: [{ href: `/orgs/1/security_principals/${id}` }] },
        'invalid_security_principal_href',
      ],
    ] as [Json, string][]) {
      const answer = await test.pce.post(`${set.href}/sec_rules`, ruleBody(more));
      expect([more, answer.status, tokenOf(answer)]).toEqual([more, 406, token]);
    }
    expect(await read(`${set.href}/sec_rules`)).toEqual([]);
  });

  it.each([
    [{ enabled: undefined }],
    [{ providers: undefined }],
    [{ providers: [] }],
    [{ providers: [{}] }],
    [{ providers: [{ exclusion: true }] }],
    [{ providers: [{ actors: 'ams', exclusion: true }] }],
    [{ providers: [{ actors: 'container_host' }] }],
    [{ providers: [{ actors: 'ams', ip_list: ANY }] }],
    [{ consumers: [] }],
    [{ consumers: [{ virtual_server: { href: '/x' } }] }],
    [{ consumers: [{ actors: 'everybody' }] }],
    // Both observed by a public operator, against PCE 24.5.
    [{ ingress_services: null }],
    [{ ingress_services: [{ proto: -1 }] }],
    [{ ingress_services: [] }],
    [{ ingress_services: [{ port: 1 }] }],
    [{ ingress_services: [{ proto: 1 }] }],
    [{ ingress_services: [{ to_port: 2, proto: 6 }] }],
    [{ ingress_services: [{ port: 3, to_port: 2, proto: 6 }] }],
    [{ ingress_services: [{ port: 65536, proto: 6 }] }],
    [{ resolve_labels_as: undefined }],
    [{ resolve_labels_as: { providers: [], consumers: ['workloads'] } }],
    [{ resolve_labels_as: { providers: ['workloads'] } }],
    [{ resolve_labels_as: { providers: ['virtual_services'], consumers: ['workloads'] } }],
    [{ sec_connect: true, machine_auth: true }],
    [{ network_type: 'vpn' }],
    [{ description: null }],
    [{ href: '/x' }],
    [{ override: true }],
  ])('are not made with %j', async (more) => {
    const set = await ruleSet();
    const answer = await test.pce.post(`${set.href}/sec_rules`, ruleBody(more));
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'input_validation_error']);
    expect(await read(`${set.href}/sec_rules`)).toEqual([]);
  });

  it('have no services of their own where virtual services bring theirs', async () => {
    const resolve_labels_as = { providers: ['virtual_services'], consumers: ['workloads'] };
    const rule = await ruleIn(await ruleSet(), { resolve_labels_as, ingress_services: [] });
    expect(tokenOf(await test.pce.put(rule.href, { ingress_services: [ALL_SERVICES] }))).toBe('input_validation_error');
    const both = { resolve_labels_as: { ...resolve_labels_as, providers: ['workloads', 'virtual_services'] } };
    expect(tokenOf(await test.pce.put(rule.href, both))).toBe('input_validation_error');
    expect((await test.pce.put(rule.href, { ...both, ingress_services: [ALL_SERVICES] })).status).toBe(204);
  });

  it('keep what a change does not name', async () => {
    const rule = await ruleIn(await ruleSet(), { description: 'before', external_data_set: 'a' });
    const change = { ingress_services: [...rule.ingress_services, { port: 80, proto: 6 }], external_data_set: null };
    expect((await test.pce.put(rule.href, { ...change, update_type: 'update' })).status).toBe(204);
    expect(await read(rule.href)).toEqual({ ...rule, ...change, updated_at: expect.any(String) });
    for (const wrong of [
      { providers: [] },
      { consumers: [{ ip_list: { href: '/x' } }] },
      { stateless: 1 },
      { caps: [] },
    ]) {
      expect([wrong, (await test.pce.put(rule.href, wrong)).status]).toEqual([wrong, 406]);
    }
    expect((await read(rule.href)).providers).toEqual(rule.providers);
  });

  it('are listed by external reference, with the total of the rule set', async () => {
    const [one, two] = [await ruleSet('one'), await ruleSet('two')];
    const named = { external_data_set: 'a', external_data_reference: '1' };
    const [first] = [await ruleIn(one, named), await ruleIn(one), await ruleIn(two, named)];
    for (const query of ['?external_data_set=a', '?external_data_reference=1', '?max_results=1']) {
      const { headers, body } = await test.pce.get(`${one.href}/sec_rules${query}`);
      expect([query, headers['x-total-count'], body]).toEqual([query, '2', [first]]);
    }
    expect(tokenOf(await test.pce.post(`${one.href}/sec_rules`, ruleBody(named)))).toBe(
      'external_reference_not_unique',
    );
    expect((await test.pce.get(`${one.href}/sec_rules`, { prefer: 'respond-async' })).status).toBe(202);
  });

  it('need a rule set that is there', async () => {
    for (const href of [`${draftsOf('rule_sets')}/99`, '/orgs/1/sec_policy/7/rule_sets/1']) {
      expect((await test.pce.get(`${href}/sec_rules`)).status).toBe(404);
      expect((await test.pce.post(`${href}/sec_rules`, ruleBody())).status).toBe(404);
    }
    const [set, other] = [await ruleSet(), await ruleSet('other')];
    const rule = await ruleIn(set);
    const elsewhere = rule.href.replace(set.href, other.href);
    expect((await test.pce.get(elsewhere)).status).toBe(404);
    expect((await test.pce.put(elsewhere, { enabled: false })).status).toBe(404);
    expect((await test.pce.delete(elsewhere)).status).toBe(404);
  });

  it('are nothing that can be worked on once their rule set is to go', async () => {
    const set = await ruleSet();
    const rule = await ruleIn(set);
    await provisioned(test.pce, set);
    await test.pce.delete(set.href);
    const before = await read(set.href);
    for (const answer of [
      await test.pce.post(`${set.href}/sec_rules`, ruleBody()),
      await test.pce.put(rule.href, { enabled: false }),
      await test.pce.delete(rule.href),
    ]) {
      expect([answer.status, answer.text]).toEqual([404, '']);
    }
    expect(await read(set.href)).toEqual(before);
  });

  it('change as drafts alone', async () => {
    const set = await ruleSet();
    const rule = await ruleIn(set);
    await provisioned(test.pce, set);
    const active = activeOf(rule.href);
    expect((await test.pce.put(active, { enabled: false })).status).toBe(405);
    expect((await test.pce.delete(active)).status).toBe(405);
    expect((await test.pce.post(`${activeOf(set.href)}/sec_rules`, ruleBody())).status).toBe(405);
    expect(await read(`${activeOf(set.href)}/sec_rules`)).toHaveLength(1);
  });

  it('new in a rule set that is in force make that one pending, and are in force after provisioning it', async () => {
    const set = await ruleSet();
    await provisioned(test.pce, set);
    const rule = await ruleIn(set, { consumers: [{ ip_list: ANY }], ingress_services: [ALL_SERVICES] });
    expect(await types(set, rule)).toEqual(['update', 'create']);
    expect((await read(`${POLICY}/pending`)).rule_sets).toMatchObject([{ href: set.href, update_type: 'update' }]);
    expect(await read(`${activeOf(set.href)}/sec_rules`)).toEqual([]);
    await provisioned(test.pce, set);
    expect(await types(set, rule)).toEqual([null, null]);
    const active = await read(activeOf(rule.href));
    expect(active).toEqual({
      ...rule,
      href: activeOf(rule.href),
      update_type: undefined,
      consumers: [{ ip_list: { href: activeOf(ANY.href) } }],
      ingress_services: [{ href: activeOf(ALL_SERVICES.href) }],
    });
    expect((await read(activeOf(set.href))).rules).toEqual([active]);
  });

  it('that have changed are in force as before until their rule set is provisioned', async () => {
    const set = await ruleSet();
    const [rule, other] = [await ruleIn(set), await ruleIn(set)];
    await provisioned(test.pce, set);
    await test.pce.put(rule.href, { enabled: false });
    expect(await types(set, rule, other)).toEqual(['update', 'update', null]);
    expect((await read(activeOf(rule.href))).enabled).toBe(true);
    await provisioned(test.pce, set);
    expect((await read(activeOf(rule.href))).enabled).toBe(false);
    expect(await types(set, rule, other)).toEqual([null, null, null]);
  });

  it('deleted are marked while they are in force, and gone after provisioning', async () => {
    const set = await ruleSet();
    const rule = await ruleIn(set);
    await provisioned(test.pce, set);
    expect((await test.pce.delete(rule.href)).status).toBe(204);
    expect(await types(set, rule)).toEqual(['update', 'delete']);
    expect((await test.pce.delete(rule.href)).status).toBe(404);
    expect((await test.pce.get(activeOf(rule.href))).status).toBe(200);
    await provisioned(test.pce, set);
    for (const href of [rule.href, activeOf(rule.href)]) expect((await test.pce.get(href)).status).toBe(404);
    expect((await read(activeOf(set.href))).rules).toEqual([]);
  });

  it('come back by reverting their rule set; new ones go', async () => {
    const set = await ruleSet();
    const [deleted, changed] = [await ruleIn(set), await ruleIn(set)];
    await provisioned(test.pce, set);
    const before = await read(set.href);
    await test.pce.delete(deleted.href);
    await test.pce.put(changed.href, { enabled: false });
    const fresh = await ruleIn(set);
    const change_subset = { rule_sets: [{ href: set.href }] };
    expect((await test.pce.put(`${POLICY}/delete`, { change_subset })).status).toBe(204);
    expect(await read(set.href)).toEqual(before);
    expect((await test.pce.get(fresh.href)).status).toBe(404);
  });

  it('keep what they name from going', async () => {
    const set = await ruleSet();
    const label = (await test.pce.post('/orgs/1/labels', { key: 'role', value: 'proxy' })).body;
    const named = {
      service: await service(),
      ip_list: await made(test.pce, 'ip_lists', { name: 'net', ip_ranges: [{ from_ip: '10.0.0.0/8' }] }),
      label_group: await made(test.pce, 'label_groups', { name: 'roles', key: 'role', labels: [] }),
      virtual_service: await made(test.pce, 'virtual_services', { name: 'vs', service_ports: [{ port: 1, proto: 6 }] }),
    };
    const rule = await ruleIn(set, {
      providers: [{ label: { href: label.href } }, { virtual_service: { href: named.virtual_service.href } }],
      consumers: [{ ip_list: { href: named.ip_list.href } }, { label_group: { href: named.label_group.href } }],
      ingress_services: [{ href: named.service.href }],
    });
    for (const [type, { href }] of Object.entries(named)) {
      const answer = await test.pce.delete(href);
      expect([type, answer.status, tokenOf(answer)]).toEqual([type, 406, `${type}_referenced`]);
    }
    expect(tokenOf(await test.pce.delete(label.href))).toBe('label_still_has_associated_rule_set');
    expect((await read(`${label.href}?usage=true`)).usage.ruleset).toBe(true);
    await test.pce.delete(rule.href);
    for (const { href } of [...Object.values(named), label]) expect((await test.pce.delete(href)).status).toBe(204);
  });

  it('are not provisioned without what they name', async () => {
    const set = await ruleSet();
    const needed = await service();
    await ruleIn(set, { ingress_services: [{ href: needed.href }] });
    const change_subset = { rule_sets: [{ href: set.href }] };
    const refused = await test.pce.post(POLICY, { change_subset });
    expect([refused.status, refused.body]).toEqual([
      406,
      [{ token: 'sec_policy_dependency_not_provisioned', message: expect.stringContaining(needed.href) }],
    ]);
    expect(await types(set, needed)).toEqual(['create', 'create']);
    await provisioned(test.pce, needed, set);
    expect(await types(set, needed)).toEqual([null, null]);
  });

  it('give up what they name only together with it', async () => {
    const set = await ruleSet();
    const needed = await service();
    const rule = await ruleIn(set, { ingress_services: [{ href: needed.href }] });
    await provisioned(test.pce, set, needed);
    await test.pce.delete(rule.href);
    expect((await test.pce.delete(needed.href)).status).toBe(204);
    const alone = { change_subset: { services: [{ href: needed.href }] } };
    expect(tokenOf(await test.pce.post(POLICY, alone))).toBe('sec_policy_object_in_use');
    expect((await test.pce.get(activeOf(needed.href))).status).toBe(200);
    await provisioned(test.pce, needed, set);
    for (const { href } of [needed, rule]) expect((await test.pce.get(activeOf(href))).status).toBe(404);
  });

  it('go on naming a workload that has been deleted', async () => {
    const set = await ruleSet();
    const host = (await test.pce.post('/orgs/1/workloads', { name: 'db' })).body;
    const rule = await ruleIn(set, { providers: [{ workload: { href: host.href } }] });
    expect((await test.pce.delete(host.href)).status).toBe(204);
    expect((await test.pce.put(rule.href, { description: 'still here' })).status).toBe(204);
    await provisioned(test.pce, set);
    expect((await read(activeOf(rule.href))).providers).toEqual([{ workload: { href: host.href } }]);
    // A client sends whole lists, whatever of them it means to change.
    const providers = [{ workload: { href: host.href } }, { actors: 'ams' }];
    expect((await test.pce.put(rule.href, { providers })).status).toBe(204);
    await provisioned(test.pce, set);
    expect((await read(activeOf(rule.href))).providers).toEqual(providers);
    for (const refused of [
      await test.pce.post(`${set.href}/sec_rules`, ruleBody({ providers })),
      await test.pce.put(rule.href, { consumers: providers }),
    ]) {
      expect(tokenOf(refused)).toBe('invalid_workload_href');
    }
  });

  it('go on naming a virtual service that a cluster no longer has, also in force', async () => {
    const [{ href: named, created_by }] = await read(draftsOf('virtual_services'));
    const [set, other] = [await ruleSet(), await ruleSet('in force')];
    const providers = [{ virtual_service: { href: named } }];
    const [rule, kept] = [await ruleIn(set, { providers }), await ruleIn(other, { providers })];
    await provisioned(test.pce, other);
    expect((await test.pce.delete(created_by.href)).status).toBe(204);
    expect((await test.pce.get(named)).status).toBe(404);
    for (const { href } of [rule, kept]) {
      expect((await test.pce.put(href, { description: 'changed', providers })).status).toBe(204);
      expect((await read(href)).providers).toEqual(providers);
    }
    const anew = await test.pce.post(`${set.href}/sec_rules`, ruleBody({ providers }));
    expect(tokenOf(anew)).toBe('invalid_virtual_service_href');
    await provisioned(test.pce, set);
    const shown = [{ virtual_service: { href: activeOf(named) } }];
    expect((await read(activeOf(rule.href))).providers).toEqual(shown);
    await provisioned(test.pce);
    expect(await read(activeOf(kept.href))).toMatchObject({ description: 'changed', providers: shown });
    await test.pce.delete(kept.href);
    expect((await test.pce.delete(`${POLICY}/pending`)).status).toBe(204);
    expect((await read(kept.href)).providers).toEqual(providers);
  });

  it('leave events', async () => {
    const set = await ruleSet();
    const rule = await ruleIn(set);
    await test.pce.put(rule.href, { enabled: false });
    await test.pce.delete(rule.href);
    const all = (await read('/orgs/1/events')).reverse();
    const events = all.filter((event: Json) => event.event_type.startsWith('sec_rule.'));
    expect(events.map(({ event_type, action }: Json) => [event_type, action.api_endpoint])).toEqual([
      ['sec_rule.create', `/api/v2${set.href}/sec_rules`],
      ['sec_rule.update', `/api/v2${rule.href}`],
      ['sec_rule.delete', `/api/v2${rule.href}`],
    ]);
    expect(events[1].resource_changes).toMatchObject([
      { resource: { sec_rule: { href: rule.href } }, changes: { enabled: { before: true, after: false } } },
    ]);
  });

  it('are part of a saved world', async () => {
    const set = await ruleSet();
    const rule = await ruleIn(set);
    await provisioned(test.pce, set);
    await ruleIn(set);
    const before = await read(set.href);
    const folder = mkdtempSync(join(tmpdir(), 'pce-emulator-rules-'));
    const world = join(folder, 'world.json');
    writeFileSync(world, JSON.stringify(test.emulator.saveWorld()));
    const again = await startEmulator({ listen: false, world, checkReplies: true, log: () => {} });
    try {
      const pce = clientOf(again, authorization(again.credentials));
      expect((await pce.get(set.href)).body).toEqual(before);
      expect((await pce.get(activeOf(rule.href))).status).toBe(200);
      expect((await pce.post(`${set.href}/sec_rules`, ruleBody())).body.href).toBe(`${set.href}/sec_rules/3`);
    } finally {
      await again.close();
      rmSync(folder, { recursive: true });
    }
  });
});

import { type Json, tokenOf, useEmulator } from '../support/emulator.ts';
import { activeOf, draftsOf, made, POLICY, provisioned, ruleBody } from '../support/policy.ts';

const ALL = draftsOf('rule_sets');
const EVERYTHING = [[]];

describe('rule sets', () => {
  const test = useEmulator();

  const ruleSet = (more: Json = {}) => made(test.pce, 'rule_sets', { name: 'RS', scopes: EVERYTHING, ...more });
  const labelled = async (key: string, value: string) => (await test.pce.post('/orgs/1/labels', { key, value })).body;
  const read = async (href: string) => (await test.pce.get(href)).body;
  const names = async (query: string) => (await read(`${ALL}${query}`)).map(({ name }: Json) => name);

  it('are made with a name and scopes, and show what else there is to them', async () => {
    const { status, body } = await test.pce.post(ALL, { name: 'RS-RINGFENCE', scopes: EVERYTHING });
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
        name: 'RS-RINGFENCE',
        description: '',
        enabled: true,
        scopes: [[]],
        rules: [],
        ip_tables_rules: [],
        external_data_set: null,
        external_data_reference: null,
        caps: ['write', 'provision'],
      },
    ]);
    expect(await read(body.href)).toEqual(body);
    expect(await read(ALL)).toEqual([body]);
  });

  it('are not in force before they are provisioned, and then stand there without a word of change', async () => {
    const draft = await ruleSet();
    expect(await read(`${POLICY}/active/rule_sets`)).toEqual([]);
    expect((await test.pce.get(activeOf(draft.href))).status).toBe(404);
    const { object_counts } = await provisioned(test.pce, draft);
    expect(object_counts.rule_sets).toBe(1);
    const { update_type, ...rest } = await read(draft.href);
    expect(update_type).toBeNull();
    expect(await read(activeOf(draft.href))).toEqual({ ...rest, href: activeOf(draft.href) });
  });

  it('may be about labels and label groups, whichever version of a group is named', async () => {
    const [app, env] = [await labelled('app', 'shop'), await labelled('env', 'prod')];
    const group = await made(test.pce, 'label_groups', { name: 'envs', key: 'env', labels: [{ href: env.href }] });
    await provisioned(test.pce, group);
    const scope = [{ label: { href: app.href } }, { label_group: { href: activeOf(group.href) }, exclusion: true }];
    const draft = await ruleSet({ scopes: [scope, []] });
    const shown = (href: string) => [[{ label: { href: app.href } }, { label_group: { href }, exclusion: true }], []];
    expect(draft.scopes).toEqual(shown(group.href));
    await provisioned(test.pce, draft);
    expect((await read(activeOf(draft.href))).scopes).toEqual(shown(activeOf(group.href)));
  });

  it('name nothing that is not there', async () => {
    const gone = await labelled('app', 'gone');
    await test.pce.delete(gone.href);
    for (const [entry, token] of [
      [{ label: { href: gone.href } }, 'invalid_label_href'],
      [{ label: { href: '/orgs/1/labels/999' } }, 'invalid_label_href'],
      [{ label: { href: '/orgs/10/labels/1' } }, 'invalid_label_href'],
      [{ label: { href: ALL } }, 'invalid_label_href'],
      [
        { label_group: { href: `${draftsOf('label_groups')}/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11` } },
        'invalid_label_group_href',
      ],
      [{}, 'input_validation_error'],
      [{ label: { href: gone.href }, label_group: { href: '/x' } }, 'input_validation_error'],
      [{ ip_list: { href: '/orgs/1/sec_policy/draft/ip_lists/1' } }, 'input_validation_error'],
    ]) {
      const answer = await test.pce.post(ALL, { name: 'x', scopes: [[entry]] });
      expect([entry, answer.status, tokenOf(answer)]).toEqual([entry, 406, token]);
    }
    expect(await read(ALL)).toEqual([]);
  });

  it.each([
    [{}],
    [{ name: 'x' }],
    [{ scopes: [[]] }],
    [{ name: '', scopes: [[]] }],
    [{ name: 'x'.repeat(256), scopes: [[]] }],
    [{ name: 'x', scopes: [] as unknown, rules: 'all' }],
    [{ name: 'x', scopes: [{}] }],
    [{ name: 'x', scopes: [[]], enabled: 'yes' }],
    [{ name: 'x', scopes: [[]], href: '/x' }],
    [{ name: 'x', scopes: [[]], ip_tables_rules: [{}] }],
    [{ name: 'x', scopes: [[]], rules: [{ enabled: true }] }],
  ])('are not made from %j', async (body) => {
    const answer = await test.pce.post(ALL, body);
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'input_validation_error']);
    expect(await read(ALL)).toEqual([]);
  });

  it('have names and external references of their own', async () => {
    const draft = await ruleSet({ external_data_set: 'a', external_data_reference: '1' });
    const other = await ruleSet({ name: 'other' });
    const same = { external_data_set: 'a', external_data_reference: '1' };
    expect(tokenOf(await test.pce.post(ALL, { name: 'RS', scopes: EVERYTHING }))).toBe('rule_set_name_in_use');
    expect(tokenOf(await test.pce.put(other.href, { name: 'RS' }))).toBe('rule_set_name_in_use');
    expect(tokenOf(await test.pce.put(other.href, same))).toBe('external_reference_not_unique');
    expect(await read(ALL)).toEqual([draft, other]);
  });

  it('keep what a change does not name, and do not take the type of the change from it', async () => {
    const draft = await ruleSet({ description: 'before', external_data_set: 'a', external_data_reference: '1' });
    await provisioned(test.pce, draft);
    const change = { enabled: false, description: 'after', external_data_reference: null, update_type: 'delete' };
    expect((await test.pce.put(draft.href, change)).status).toBe(204);
    expect(await read(draft.href)).toEqual({
      ...draft,
      ...change,
      update_type: 'update',
      updated_at: expect.any(String),
    });
    expect(await read(activeOf(draft.href))).toMatchObject({ enabled: true, description: 'before' });
    expect(tokenOf(await test.pce.put(draft.href, { caps: [] }))).toBe('input_validation_error');
  });

  it('are found by name, description, labels and external references', async () => {
    const [app, env] = [await labelled('app', 'shop'), await labelled('env', 'prod')];
    const about = (...labels: Json[]) => labels.map(({ href }) => ({ label: { href } }));
    await ruleSet({ name: 'RS-A', scopes: [about(app, env)], description: 'first', external_data_set: 's' });
    await ruleSet({ name: 'RS-AB', scopes: [about(env), []] });
    await ruleSet({ name: 'A' });
    const by = (lists: Json) => `?labels=${encodeURIComponent(JSON.stringify(lists))}`;
    for (const [query, found] of [
      ['', ['RS-A', 'RS-AB', 'A']],
      ['?name=a', ['A', 'RS-A', 'RS-AB']],
      ['?name=RS-A', ['RS-A', 'RS-AB']],
      ['?description=IRS', ['RS-A']],
      ['?external_data_set=s', ['RS-A']],
      ['?external_data_reference=s', []],
      [by([[env.href]]), ['RS-A', 'RS-AB']],
      [by([[env.href, app.href]]), ['RS-A']],
      [by([env.href, app.href]), ['RS-A']],
      ['?max_results=1', ['RS-A']],
      ['?name=nothing', []],
    ] as [string, string[]][]) {
      expect([query, await names(query)]).toEqual([query, found]);
    }
    expect((await test.pce.get(`${ALL}?name=nothing`)).headers['x-total-count']).toBe('3');
    expect((await test.pce.get(`${POLICY}/active/rule_sets`)).headers['x-total-count']).toBe('0');
    expect(tokenOf(await test.pce.get(`${ALL}?labels=x`))).toBe('input_validation_error');
  });

  it('go at once while they were never in force', async () => {
    const draft = await ruleSet();
    const rule = (await test.pce.post(`${draft.href}/sec_rules`, ruleBody())).body;
    expect((await test.pce.delete(draft.href)).status).toBe(204);
    for (const { href } of [draft, rule]) expect((await test.pce.get(href)).status).toBe(404);
    expect((await test.pce.delete(draft.href)).status).toBe(404);
    expect(await read(`${POLICY}/pending`)).toEqual({});
  });

  it('once in force are marked, with their rules, and go with the next provisioning', async () => {
    const draft = await ruleSet({ rules: [ruleBody()] });
    await provisioned(test.pce, draft);
    const [rule] = draft.rules;
    expect((await test.pce.delete(draft.href)).status).toBe(204);
    const marked = { update_type: 'delete', deleted_at: expect.any(String), deleted_by: { href: '/users/1' } };
    expect(await read(draft.href)).toMatchObject({ ...marked, rules: [{ href: rule.href, ...marked }] });
    expect((await read(ALL)).map(({ update_type }: Json) => update_type)).toEqual(['delete']);
    expect((await read(`${POLICY}/pending`)).rule_sets).toMatchObject([{ href: draft.href, update_type: 'delete' }]);
    const gone = await test.pce.delete(draft.href);
    expect([gone.status, gone.text]).toEqual([404, '']);
    for (const href of [draft.href, rule.href]) expect((await test.pce.get(activeOf(href))).status).toBe(200);
    await provisioned(test.pce, draft);
    for (const { href } of [draft, rule]) {
      for (const version of [href, activeOf(href)]) expect((await test.pce.get(version)).status).toBe(404);
    }
    expect((await ruleSet()).href).toBe(`${ALL}/2`);
  });

  it('come back with their rules when a deletion is reverted', async () => {
    const draft = await ruleSet({ rules: [ruleBody()] });
    await provisioned(test.pce, draft);
    const before = await read(draft.href);
    await test.pce.delete(draft.href);
    expect((await test.pce.delete(`${POLICY}/pending`)).status).toBe(204);
    expect(await read(draft.href)).toEqual(before);
    expect(await read(`${POLICY}/pending`)).toEqual({});
  });

  it('are what provisioning and reverting know by name', async () => {
    const [one, two] = [await ruleSet(), await ruleSet({ name: 'two' })];
    await provisioned(test.pce, one);
    expect((await read(`${POLICY}/active/rule_sets`)).map(({ name }: Json) => name)).toEqual(['RS']);
    const change_subset = { rule_sets: [{ href: two.href }] };
    expect((await test.pce.put(`${POLICY}/delete`, { change_subset })).status).toBe(204);
    expect((await test.pce.get(two.href)).status).toBe(404);
    const other = { rule_sets: [{ href: '/orgs/10/sec_policy/draft/rule_sets/1' }] };
    expect(tokenOf(await test.pce.post(POLICY, { change_subset: other }))).toBe('invalid_rule_set_href');
  });

  it('change as drafts alone', async () => {
    const draft = await ruleSet();
    await provisioned(test.pce);
    const active = activeOf(draft.href);
    expect((await test.pce.put(active, { name: 'x' })).status).toBe(405);
    expect((await test.pce.delete(active)).status).toBe(405);
    expect((await test.pce.post(`${POLICY}/active/rule_sets`, { name: 'x', scopes: EVERYTHING })).status).toBe(405);
    expect((await test.pce.get(`${POLICY}/1/rule_sets`)).status).toBe(404);
    expect((await read(active)).name).toBe('RS');
  });

  it('keep their labels and label groups from going, in either version', async () => {
    const app = await labelled('app', 'shop');
    const group = await made(test.pce, 'label_groups', { name: 'apps', key: 'app', labels: [] });
    const scopes = [[{ label: { href: app.href } }], [{ label_group: { href: group.href } }]];
    const draft = await ruleSet({ scopes });
    expect(tokenOf(await test.pce.delete(app.href))).toBe('label_still_has_associated_rule_set');
    expect(tokenOf(await test.pce.delete(group.href))).toBe('label_group_referenced');
    expect((await read(`${app.href}?usage=true`)).usage).toMatchObject({ ruleset: true, enforcement_boundary: false });
    await provisioned(test.pce);
    await test.pce.put(draft.href, { scopes: EVERYTHING });
    // What is in force still needs it.
    expect(tokenOf(await test.pce.delete(app.href))).toBe('label_still_has_associated_rule_set');
    await provisioned(test.pce);
    expect((await test.pce.delete(app.href)).status).toBe(204);
    expect((await test.pce.delete(group.href)).status).toBe(204);
  });

  it('leave events', async () => {
    const draft = await ruleSet();
    await test.pce.put(draft.href, { enabled: false });
    await test.pce.delete(draft.href);
    const events = (await read('/orgs/1/events')).reverse();
    expect(events.map(({ event_type }: Json) => event_type)).toEqual([
      'rule_set.create',
      'rule_set.update',
      'rule_set.delete',
    ]);
    expect(events[1].resource_changes).toEqual([
      {
        uuid: expect.any(String),
        resource: { rule_set: { href: draft.href, name: 'RS' } },
        changes: { enabled: { before: true, after: false } },
        change_type: 'update',
      },
    ]);
  });
});

describe('the rules in the body of a rule set', () => {
  const test = useEmulator();
  const read = async (href: string) => (await test.pce.get(href)).body;
  const ports = ({ rules }: Json) => rules.map((rule: Json) => rule.ingress_services[0].port);
  const forPort = (port: number) => ruleBody({ ingress_services: [{ port, proto: 6 }] });
  const ruleSet = () =>
    made(test.pce, 'rule_sets', { name: 'RS', scopes: EVERYTHING, rules: [forPort(1), forPort(2)] });

  it('are made with it', async () => {
    const draft = await ruleSet();
    expect(draft.rules.map(({ href, update_type }: Json) => [href, update_type])).toEqual([
      [`${draft.href}/sec_rules/1`, 'create'],
      [`${draft.href}/sec_rules/2`, 'create'],
    ]);
    expect(await read(`${draft.href}/sec_rules`)).toEqual(draft.rules);
  });

  it('are not made, nor is the rule set, where one is wrong', async () => {
    const wrong = ruleBody({ ingress_services: [{ href: `${draftsOf('services')}/999` }] });
    const answer = await test.pce.post(ALL, { name: 'RS', scopes: EVERYTHING, rules: [ruleBody(), wrong] });
    expect(tokenOf(answer)).toBe('invalid_service_href');
    expect(await read(ALL)).toEqual([]);
    expect(await read('/orgs/1/events')).toEqual([]);
  });

  it('replace the rules that are there: named ones stay or change, others go, new ones come', async () => {
    const draft = await ruleSet();
    await provisioned(test.pce, draft);
    const [one, two] = draft.rules;
    await test.pce.put(draft.href, { rules: [{ href: two.href }, forPort(3)] });
    expect((await read(draft.href)).rules.map(({ href, update_type }: Json) => [href, update_type])).toEqual([
      [one.href, 'delete'],
      [two.href, null],
      [`${draft.href}/sec_rules/3`, 'create'],
    ]);
    await test.pce.put(draft.href, { rules: [{ href: two.href, enabled: false, update_type: 'create' }] });
    expect((await read(draft.href)).rules.map(({ update_type }: Json) => update_type)).toEqual(['delete', 'update']);
    expect(ports(await read(activeOf(draft.href)))).toEqual([1, 2]);
    await provisioned(test.pce, draft);
    expect(await read(activeOf(draft.href))).toMatchObject({
      rules: [{ href: activeOf(two.href), enabled: false }],
    });
  });

  it('all go where the list is empty, and all stay where there is none', async () => {
    const draft = await ruleSet();
    await test.pce.put(draft.href, { description: 'x' });
    expect(ports(await read(draft.href))).toEqual([1, 2]);
    await test.pce.put(draft.href, { ip_tables_rules: [], rules: [] });
    expect((await read(draft.href)).rules).toEqual([]);
  });

  it('are those of the rule set', async () => {
    const draft = await ruleSet();
    const other = await made(test.pce, 'rule_sets', { name: 'other', scopes: EVERYTHING });
    const before = await read(ALL);
    const [rule] = draft.rules;
    for (const href of [rule.href, `${other.href}/sec_rules/99`, activeOf(rule.href)]) {
      expect(tokenOf(await test.pce.put(other.href, { rules: [{ href, enabled: false }] }))).toBe(
        'invalid_sec_rule_href',
      );
    }
    expect(await read(ALL)).toEqual(before);
  });
});

import { type Json, tokenOf, useEmulator } from '../support/emulator.ts';
import { ANY, ruleBody } from '../support/policy.ts';

const POLICY = '/orgs/1/sec_policy';
const active = (href: string) => href.replace('/draft/', '/active/');
const to = ({ href }: Json) => ({ href });

/** The kinds that stand for all: what any of them needs beside a name. */
const KINDS = [
  ['services', 'service', { service_ports: [{ port: 443, proto: 6 }] }],
  ['ip_lists', 'ip_list', { ip_ranges: [{ from_ip: '10.0.0.0/8', exclusion: false }] }],
  ['label_groups', 'label_group', { key: 'env' }],
] as const;

/** What an enforcement boundary needs beside a name. */
const BOUNDARY = {
  providers: [{ actors: 'ams' }],
  consumers: [{ ip_list: ANY }],
  ingress_services: [{ port: 443, proto: 6 }],
};

const test = useEmulator();

const at = (kind: string, version = 'draft') => `${POLICY}/${version}/${kind}`;
const created = async (kind: string, body: Json): Promise<Json> => {
  const answer = await test.pce.post(at(kind), body);
  expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
  return answer.body;
};
const group = (name: string, ...sub_groups: Json[]) =>
  created('label_groups', { name, key: 'env', sub_groups: sub_groups.map(to) });
const read = async (href: string): Promise<Json> => (await test.pce.get(href)).body;
const statusOf = async (href: string) => (await test.pce.get(href)).status;
const pending = () => read(`${POLICY}/pending`);
const provision = (change_subset?: Json) => test.pce.post(POLICY, change_subset ? { change_subset } : {});
const provisioned = async (change_subset?: Json): Promise<Json> => {
  const answer = await provision(change_subset);
  expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
  return answer.body;
};
const events = async (type: string): Promise<Json[]> => read(`/orgs/1/events?event_type=${type}`);
/** All drafts and all that is in force, of the kinds that this test is about. */
const everything = async () => {
  const lists = KINDS.flatMap(([kind]) => [at(kind), at(kind, 'active')]);
  return Promise.all([...lists, `${POLICY}/pending`, POLICY].map(read));
};

describe.each(KINDS)('drafts of %s', (kind, type, body) => {
  it('come into force by provisioning, with nothing but their hrefs changed', async () => {
    const draft = await created(kind, { name: 'one', description: 'first', ...body });
    expect(await statusOf(active(draft.href))).toBe(404);
    expect(await pending()).toEqual({
      [kind]: [
        expect.objectContaining({
          href: draft.href,
          name: 'one',
          update_type: 'create',
          updated_at: draft.updated_at,
          updated_by: { href: '/users/1' },
        }),
      ],
    });
    const { update_type: _draft, ...content } = draft;
    expect(await provisioned({ [kind]: [to(draft)] })).toMatchObject({ version: 1 });
    expect(await read(draft.href)).toEqual({ ...draft, update_type: null });
    expect(await read(active(draft.href))).toEqual({ ...content, href: active(draft.href) });
    expect((await read(at(kind, 'active'))).at(-1)).toEqual({ ...content, href: active(draft.href) });
    expect(await pending()).toEqual({});
  });

  it('leave what is in force as it is until the next provisioning', async () => {
    const { href } = await created(kind, { name: 'one', ...body });
    await provisioned();
    const before = await read(active(href));
    expect((await test.pce.put(href, { name: 'two' })).status).toBe(204);
    expect([(await read(href)).update_type, await read(active(href))]).toEqual(['update', before]);
    expect((await pending())[kind]).toMatchObject([{ href, name: 'two', update_type: 'update' }]);
    await test.pce.put(href, { description: 'again' });
    expect((await read(href)).update_type).toBe('update');
    await provisioned();
    expect(await read(active(href))).toMatchObject({ name: 'two', description: 'again' });
    expect((await read(href)).update_type).toBeNull();
  });

  it('that were never provisioned go at once', async () => {
    const { href } = await created(kind, { name: 'one', ...body });
    await test.pce.put(href, { name: 'two' });
    expect((await read(href)).update_type).toBe('create');
    expect((await test.pce.delete(href)).status).toBe(204);
    expect([await statusOf(href), await pending()]).toEqual([404, {}]);
    expect((await test.pce.delete(href)).status).toBe(404);
    expect((await test.pce.put(href, { name: 'two' })).status).toBe(404);
  });

  it('that are in force are marked, and go with the next provisioning', async () => {
    const draft = await created(kind, { name: 'one', ...body });
    await provisioned();
    await test.pce.put(draft.href, { description: 'never in force' });
    expect((await test.pce.delete(draft.href)).status).toBe(204);
    const marked = await read(draft.href);
    expect(marked).toEqual({
      ...draft,
      update_type: 'delete',
      updated_at: marked.deleted_at,
      deleted_at: expect.any(String),
      deleted_by: { href: '/users/1' },
    });
    expect((await read(at(kind))).at(-1)).toEqual(marked);
    expect(await read(active(draft.href))).toMatchObject({ name: 'one', deleted_at: null });
    expect((await pending())[kind]).toMatchObject([{ href: draft.href, update_type: 'delete' }]);
    expect((await test.pce.delete(draft.href)).status).toBe(404);
    await provisioned({ [kind]: [to(draft)] });
    for (const href of [draft.href, active(draft.href)]) expect([href, await statusOf(href)]).toEqual([href, 404]);
    expect(await pending()).toEqual({});
  });

  it('that are to go stay so, whatever is put', async () => {
    const { href } = await created(kind, { name: 'one', ...body });
    await provisioned();
    await test.pce.delete(href);
    const marked = await read(href);
    expect((await test.pce.put(href, { name: 'one', description: 'back' })).status).toBe(204);
    expect((await test.pce.put(href, { colour: 'red' })).status).toBe(406);
    expect(await read(href)).toEqual(marked);
  });

  it('keep their external references from others until they are gone', async () => {
    const external = { external_data_set: 'set', external_data_reference: 'one' };
    const { href } = await created(kind, { name: 'one', ...external, ...body });
    await provisioned();
    await test.pce.delete(href);
    const again = () => test.pce.post(at(kind), { name: 'two', ...external, ...body });
    expect(tokenOf(await again())).toBe('external_reference_not_unique');
    await provisioned();
    expect((await again()).status).toBe(201);
  });

  it('go back to what is in force', async () => {
    const draft = await created(kind, { name: 'one', description: 'first', ...body });
    await provisioned();
    const before = await read(draft.href);
    await test.pce.put(draft.href, { name: 'two', description: null });
    expect((await test.pce.put(`${POLICY}/delete`, { change_subset: { [kind]: [to(draft)] } })).status).toBe(204);
    expect(await read(draft.href)).toEqual(before);
    await test.pce.delete(draft.href);
    expect((await test.pce.delete(`${POLICY}/pending`)).status).toBe(204);
    expect(await read(draft.href)).toEqual(before);
    expect(await pending()).toEqual({});
  });

  it('are the only version that users change', async () => {
    const { href } = await created(kind, { name: 'one', ...body });
    await provisioned();
    for (const answer of [
      await test.pce.post(at(kind, 'active'), { name: 'two', ...body }),
      await test.pce.put(active(href), { name: 'two' }),
      await test.pce.delete(active(href)),
    ]) {
      expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
    }
    expect(await read(active(href))).toMatchObject({ name: 'one' });
  });

  it('are of one version or the other: earlier ones are not kept', async () => {
    const { href } = await created(kind, { name: 'one', ...body });
    await provisioned();
    for (const path of [at(kind, '1'), href.replace('/draft/', '/1/'), at(kind, 'pending'), at(kind, '0')]) {
      expect([path, await statusOf(path)]).toEqual([path, 404]);
    }
    expect((await test.pce.post(at(kind, '1'), { name: 'two', ...body })).status).toBe(404);
  });

  it('leave events of what users do to them, and none of what is refused', async () => {
    const { href } = await created(kind, { name: 'one', ...body });
    await test.pce.put(href, { name: 'two' });
    await test.pce.put(href, { name: 7 });
    await provisioned();
    await test.pce.delete(href);
    await test.pce.delete(href);
    for (const [what, change_type] of [
      ['create', 'create'],
      ['update', 'update'],
      ['delete', 'delete'],
    ]) {
      const found = await events(`${type}.${what}`);
      expect([what, found.map(({ resource_changes }) => resource_changes[0])]).toEqual([
        what,
        [expect.objectContaining({ resource: { [type]: expect.objectContaining({ href }) }, change_type })],
      ]);
    }
  });
});

describe('names of what is to go', () => {
  it.each([
    ['ip_lists', {}, 'ip_list_name_not_unique'],
    ['label_groups', { key: 'env' }, 'name_must_be_unique'],
  ])('stay taken among %s until it is gone', async (kind, body, token) => {
    const { href } = await created(kind, { name: 'one', ...body });
    await provisioned();
    await test.pce.delete(href);
    const again = () => test.pce.post(at(kind), { name: 'one', ...body });
    expect(tokenOf(await again())).toBe(token);
    await provisioned();
    expect((await again()).status).toBe(201);
  });

  it('may have been taken while it had another: then the other keeps it', async () => {
    const old = await group('one');
    await provisioned();
    await test.pce.put(old.href, { name: 'two' });
    const fresh = await group('one');
    expect((await test.pce.delete(old.href)).status).toBe(204);
    expect([(await read(old.href)).name, (await read(fresh.href)).name]).toEqual(['one', 'one']);
    const answer = await test.pce.put(`${POLICY}/delete`, { change_subset: { label_groups: [to(old)] } });
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'name_must_be_unique']);
    await provisioned();
    expect(await read(at('label_groups', 'active'))).toEqual([
      expect.objectContaining({ href: active(fresh.href), name: 'one' }),
    ]);
  });

  it('go back to those they belong to, where two have changed them', async () => {
    const [one, two] = [await group('one'), await group('two')];
    await provisioned();
    await test.pce.put(one.href, { name: 'three' });
    await test.pce.put(two.href, { name: 'one' });
    await test.pce.put(one.href, { name: 'two' });
    expect((await test.pce.delete(`${POLICY}/pending`)).status).toBe(204);
    expect([(await read(one.href)).name, (await read(two.href)).name]).toEqual(['one', 'two']);
  });
});

describe('provisioning', () => {
  it('makes a version of the policy, with what was said of it and how much is in force', async () => {
    await created('ip_lists', { name: 'one' });
    const answer = await test.pce.post(POLICY, { update_description: 'first' });
    expect([answer.status, answer.body]).toEqual([
      201,
      {
        href: `${POLICY}/1`,
        version: 1,
        commit_message: 'first',
        workloads_affected: 0,
        object_counts: expect.objectContaining({ ip_lists: 2, services: 1, label_groups: 0 }),
        created_at: expect.any(String),
        created_by: { href: '/users/1' },
      },
    ]);
    await group('two');
    const second = await provisioned();
    expect(second).toMatchObject({ version: 2, commit_message: null, object_counts: { label_groups: 1 } });
    expect(await read(POLICY)).toEqual([second, answer.body]);
    expect(await read(`${POLICY}?commit_message=irs`)).toEqual([answer.body]);
    expect(await read(`${POLICY}/1`)).toEqual(answer.body);
    expect(await read(`${POLICY}/active`)).toEqual(second);
    expect([await statusOf(`${POLICY}/3`), await statusOf(`${POLICY}/draft`)]).toEqual([404, 404]);
    expect((await events('sec_policy.create')).map(({ resource_changes }) => resource_changes[0].resource)).toEqual(
      [second, answer.body].map(({ href }) => ({ sec_policy: expect.objectContaining({ href }) })),
    );
  });

  it('has no version before the first', async () => {
    expect(await read(POLICY)).toEqual([]);
    expect(await statusOf(`${POLICY}/active`)).toBe(404);
  });

  it('takes all that is pending, or some of it', async () => {
    const [one, two] = [await created('ip_lists', { name: 'one' }), await created('ip_lists', { name: 'two' })];
    const three = await group('three');
    await provisioned({ ip_lists: [to(two)] });
    expect(await pending()).toEqual({
      ip_lists: [expect.objectContaining(to(one))],
      label_groups: [expect.objectContaining(to(three))],
    });
    expect([await statusOf(active(one.href)), await statusOf(active(two.href))]).toEqual([404, 200]);
    await provisioned();
    expect([await statusOf(active(one.href)), await statusOf(active(three.href))]).toEqual([200, 200]);
  });

  it('is refused where nothing is pending', async () => {
    const list = await created('ip_lists', { name: 'one' });
    await provisioned();
    for (const answer of [
      await provision(),
      await provision({}),
      await provision({ ip_lists: [] }),
      await provision({ ip_lists: [to(list)] }),
    ]) {
      expect([answer.status, tokenOf(answer)]).toEqual([406, 'sec_policy_nothing_to_provision']);
    }
    expect(await read(POLICY)).toHaveLength(1);
  });

  it('is refused for what is no draft of the organisation, and changes nothing', async () => {
    const list = await created('ip_lists', { name: 'one' });
    const inForce = await created('ip_lists', { name: 'in force' });
    await provisioned({ ip_lists: [to(inForce)] });
    const other = (await test.control.post('/orgs', {})).body;
    const foreign = await test.as(other).post(`${other.href}/sec_policy/draft/ip_lists`, { name: 'x' });
    const before = await everything();
    for (const href of [
      foreign.body.href,
      active(inForce.href),
      `${at('ip_lists')}/999`,
      `${at('services')}/1`,
      '/orgs/1/labels/1',
    ]) {
      const change_subset = { ip_lists: [to(list), { href }] };
      for (const answer of [
        await provision(change_subset),
        await test.pce.put(`${POLICY}/delete`, { change_subset }),
      ]) {
        expect([href, answer.status, tokenOf(answer)]).toEqual([href, 406, 'invalid_ip_list_href']);
      }
    }
    for (const body of [
      { change_subset: { labels: [] } },
      { change_subset: { ip_lists: [list.href] } },
      { change_subset: { ip_lists: {} } },
      { change_subset: null },
      { update_description: 7 },
      { description: 'x' },
    ]) {
      expect([body, tokenOf(await test.pce.post(POLICY, body))]).toEqual([body, 'input_validation_error']);
    }
    expect(await everything()).toEqual(before);
    expect((await test.as(other).get(foreign.body.href)).body.update_type).toBe('create');
  });

  it('is refused for what needs something that is not provisioned with it, and changes nothing', async () => {
    const inner = await group('inner');
    const outer = await group('outer', inner);
    const before = await everything();
    const answer = await provision({ label_groups: [to(outer)] });
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'sec_policy_dependency_not_provisioned']);
    expect(answer.body[0].message).toContain(inner.href);
    expect(await everything()).toEqual(before);
    await provisioned({ label_groups: [to(outer), to(inner)] });
    expect((await read(active(outer.href))).sub_groups).toEqual([{ href: active(inner.href), name: 'inner' }]);
  });

  it('takes what needs something that is in force already, even where that is to change', async () => {
    const inner = await group('inner');
    await provisioned();
    await test.pce.put(inner.href, { name: 'renamed' });
    const outer = await group('outer', inner);
    await provisioned({ label_groups: [to(outer)] });
    expect((await read(active(outer.href))).sub_groups).toEqual([{ href: active(inner.href), name: 'inner' }]);
    expect((await pending()).label_groups).toMatchObject([{ href: inner.href, update_type: 'update' }]);
  });

  it('is refused for a deletion of what is still needed in force, and changes nothing', async () => {
    const inner = await group('inner');
    const outer = await group('outer', inner);
    await provisioned();
    await test.pce.delete(outer.href);
    await test.pce.delete(inner.href);
    const before = await everything();
    const answer = await provision({ label_groups: [to(inner)] });
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'sec_policy_object_in_use']);
    expect(await everything()).toEqual(before);
    await provisioned({ label_groups: [to(inner), to(outer)] });
    expect(await read(at('label_groups'))).toEqual([]);
    expect(await read(at('label_groups', 'active'))).toEqual([]);
  });

  it('takes away what another no longer needs', async () => {
    const inner = await group('inner');
    const outer = await group('outer', inner);
    await provisioned();
    await test.pce.put(outer.href, { sub_groups: [] });
    await test.pce.delete(inner.href);
    expect(tokenOf(await provision({ label_groups: [to(inner)] }))).toBe('sec_policy_object_in_use');
    await provisioned();
    expect((await read(at('label_groups', 'active'))).map(({ name }: Json) => name)).toEqual(['outer']);
  });

  it.each([
    ['ip_lists', {}, 'ip_list_name_not_unique'],
    ['label_groups', { key: 'env' }, 'name_must_be_unique'],
    ['rule_sets', { scopes: [[]] }, 'rule_set_name_in_use'],
    ['enforcement_boundaries', BOUNDARY, 'name_must_be_unique'],
  ])('never makes two %s of one name in force, and changes nothing', async (kind, body, token) => {
    const [one, two] = [await created(kind, { name: 'one', ...body }), await created(kind, { name: 'two', ...body })];
    await provisioned();
    await test.pce.put(one.href, { name: 'three' });
    await test.pce.put(two.href, { name: 'one' });
    const fresh = await created(kind, { name: 'two', ...body });
    const before = await everything();
    for (const taker of [two, fresh]) {
      const answer = await provision({ [kind]: [to(taker)] });
      expect([answer.status, tokenOf(answer)]).toEqual([406, token]);
    }
    expect(await everything()).toEqual(before);
    await provisioned({ [kind]: [to(one)] });
    await test.pce.put(one.href, { name: 'four' });
    await provisioned({ [kind]: [to(fresh), to(two)] });
    const names = (await read(at(kind, 'active'))).map(({ name }: Json) => name);
    expect(names.filter((name: string) => !name.startsWith('Any'))).toEqual(['three', 'one', 'two']);
    expect((await test.pce.delete(`${POLICY}/pending`)).status).toBe(204);
    expect([(await read(one.href)).name, await pending()]).toEqual(['three', {}]);
  });

  it('never makes two services of one external reference in force', async () => {
    const of = (name: string, external_data_reference: string) =>
      created('services', { name, service_ports: [{ proto: 6 }], external_data_set: 's', external_data_reference });
    const [one, two] = [await of('same', 'a'), await of('same', 'b')];
    await provisioned();
    await test.pce.put(one.href, { external_data_reference: 'c' });
    await test.pce.put(two.href, { external_data_reference: 'a' });
    expect(tokenOf(await provision({ services: [to(two)] }))).toBe('external_reference_not_unique');
    await provisioned({ services: [to(two), to(one)] });
  });

  it('never makes a circle of label groups in force, and changes nothing', async () => {
    const inner = await group('inner');
    const outer = await group('outer', inner);
    await provisioned();
    await test.pce.put(outer.href, { sub_groups: [] });
    await test.pce.put(inner.href, { sub_groups: [to(outer)] });
    const before = await everything();
    const answer = await provision({ label_groups: [to(inner)] });
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'label_group_circular_reference']);
    expect(await everything()).toEqual(before);
    await provisioned({ label_groups: [to(inner), to(outer)] });
    expect((await read(active(inner.href))).sub_groups).toEqual([{ href: active(outer.href), name: 'outer' }]);
  });

  it('takes away a rule set and the service of a rule that was deleted before it', async () => {
    const service = await created('services', { name: 'one', service_ports: [{ proto: 6 }] });
    const set = await created('rule_sets', {
      name: 'two',
      scopes: [[]],
      rules: [ruleBody({ ingress_services: [to(service)] })],
    });
    await provisioned();
    await test.pce.delete(set.rules[0].href);
    for (const { href } of [set, service]) expect((await test.pce.delete(href)).status).toBe(204);
    await provisioned();
    for (const { href } of [set, service]) expect(await statusOf(active(href))).toBe(404);
  });

  it('never gives the number of what is gone to another', async () => {
    const { href } = await created('ip_lists', { name: 'one' });
    await provisioned();
    await test.pce.delete(href);
    await provisioned();
    expect((await created('ip_lists', { name: 'two' })).href).not.toBe(href);
  });
});

describe('reverting', () => {
  it('takes all that is pending, or some of it', async () => {
    const [one, two] = [await created('ip_lists', { name: 'one' }), await created('ip_lists', { name: 'two' })];
    const three = await group('three');
    const some = await test.pce.put(`${POLICY}/delete`, { change_subset: { ip_lists: [to(two)] } });
    expect([some.status, await statusOf(one.href), await statusOf(two.href)]).toEqual([204, 200, 404]);
    expect((await test.pce.delete(`${POLICY}/pending`)).status).toBe(204);
    expect([await statusOf(one.href), await statusOf(three.href)]).toEqual([404, 404]);
    expect(await events('sec_policy_pending.delete')).toHaveLength(2);
  });

  it('does nothing, without an event, where nothing is pending', async () => {
    const list = await created('ip_lists', { name: 'one' });
    await provisioned();
    expect((await test.pce.delete(`${POLICY}/pending`)).status).toBe(204);
    expect((await test.pce.put(`${POLICY}/delete`, { change_subset: { ip_lists: [to(list)] } })).status).toBe(204);
    expect(await events('sec_policy_pending.delete')).toEqual([]);
    expect(tokenOf(await test.pce.put(`${POLICY}/delete`, {}))).toBe('input_validation_error');
  });

  it('is refused for what a draft that stays needs, and changes nothing', async () => {
    const inner = await group('inner');
    const outer = await group('outer', inner);
    const before = await everything();
    const some = (...groups: Json[]) =>
      test.pce.put(`${POLICY}/delete`, { change_subset: { label_groups: groups.map(to) } });
    const answer = await some(inner);
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'label_group_referenced']);
    expect(await everything()).toEqual(before);
    expect((await some(inner, outer)).status).toBe(204);
    expect(await read(at('label_groups'))).toEqual([]);
  });

  it('is refused for what needs something that is to go, and changes nothing', async () => {
    const service = await created('services', { name: 'one', service_ports: [{ proto: 6 }] });
    const set = await created('rule_sets', {
      name: 'two',
      scopes: [[]],
      rules: [ruleBody({ ingress_services: [to(service)] })],
    });
    await provisioned();
    for (const { href } of [set, service]) expect((await test.pce.delete(href)).status).toBe(204);
    const before = await everything();
    const some = (change_subset: Json) => test.pce.put(`${POLICY}/delete`, { change_subset });
    const answer = await some({ rule_sets: [to(set)] });
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'sec_policy_dependency_pending_deletion']);
    expect(answer.body[0].message).toContain(service.href);
    expect(await everything()).toEqual(before);
    expect((await some({ rule_sets: [to(set)], services: [to(service)] })).status).toBe(204);
    expect(await pending()).toEqual({});
    await test.pce.put(set.rules[0].href, { description: 'goes on' });
    await provisioned();
  });

  it('never makes a circle of label groups', async () => {
    const inner = await group('inner');
    const outer = await group('outer', inner);
    await provisioned();
    await test.pce.put(outer.href, { sub_groups: [] });
    await test.pce.put(inner.href, { sub_groups: [to(outer)] });
    const before = await everything();
    const answer = await test.pce.put(`${POLICY}/delete`, { change_subset: { label_groups: [to(outer)] } });
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'label_group_circular_reference']);
    expect(await everything()).toEqual(before);
    expect((await test.pce.delete(`${POLICY}/pending`)).status).toBe(204);
    expect((await read(outer.href)).sub_groups).toEqual([{ href: inner.href, name: 'inner' }]);
  });

  it('brings back what is to go, with what it needs', async () => {
    const inner = await group('inner');
    const outer = await group('outer', inner);
    await provisioned();
    await test.pce.delete(outer.href);
    await test.pce.delete(inner.href);
    await test.pce.delete(`${POLICY}/pending`);
    expect((await read(at('label_groups'))).map(({ update_type }: Json) => update_type)).toEqual([null, null]);
    expect(tokenOf(await test.pce.delete(inner.href))).toBe('label_group_referenced');
  });
});

describe('the policies of two organisations', () => {
  it('have nothing to do with each other', async () => {
    const other = (await test.control.post('/orgs', {})).body;
    const theirs = test.as(other);
    const policy = `${other.href}/sec_policy`;
    const mine = await created('ip_lists', { name: 'one' });
    const { status, body } = await theirs.post(`${policy}/draft/ip_lists`, { name: 'one' });
    expect([status, body.href]).toEqual([201, `${policy}/draft/ip_lists/2`]);
    expect((await theirs.post(policy, {})).body.version).toBe(1);
    expect((await read(mine.href)).update_type).toBe('create');
    expect((await provisioned()).version).toBe(1);
    for (const path of [policy, `${policy}/pending`, body.href]) expect(await statusOf(path)).toBe(403);
  });
});

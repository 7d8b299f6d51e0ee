import { type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const POLICY = '/orgs/1/sec_policy';
const DRAFTS = `${POLICY}/draft/label_groups`;
const ACTIVE = `${POLICY}/active/label_groups`;
const active = (href: string) => href.replace('/draft/', '/active/');

describe('label groups', () => {
  const test = useEmulator();

  const label = async (value: string, key = 'env') => (await test.pce.post('/orgs/1/labels', { key, value })).body;
  const created = async (name: string, body: Json = {}) => {
    const answer = await test.pce.post(DRAFTS, { name, key: 'env', ...body });
    expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
    return answer.body;
  };
  const refused = async (body: Json) => tokenOf(await test.pce.post(DRAFTS, { name: 'x', key: 'env', ...body }));
  const namesOf = async (query: string, list = DRAFTS): Promise<string[]> =>
    (await test.pce.get(`${list}${query}`)).body.map(({ name }: Json) => name);
  const shown = ({ href, key, value }: Json) => ({ href, key, value });
  const named = ({ href, name }: Json) => ({ href, name });
  const to = ({ href }: Json) => ({ href });
  const provision = async () => expect((await test.pce.post(POLICY, {})).status).toBe(201);

  it('show their labels with key and value, and their sub groups by name', async () => {
    const production = await label('production');
    const inner = await created('inner', { labels: [to(production)] });
    const outer = await created('outer', { description: 'All of them', sub_groups: [to(inner)] });
    expect(inner).toEqual({
      href: expect.stringMatching(
        /^\/orgs\/1\/sec_policy\/draft\/label_groups\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      created_at: expect.any(String),
      updated_at: inner.created_at,
      deleted_at: null,
      created_by: { href: '/users/1' },
      updated_by: { href: '/users/1' },
      deleted_by: null,
      update_type: 'create',
      name: 'inner',
      description: '',
      key: 'env',
      labels: [shown(production)],
      sub_groups: [],
      external_data_set: null,
      external_data_reference: null,
    });
    expect(outer).toMatchObject({ description: 'All of them', labels: [], sub_groups: [named(inner)] });
    expect((await test.pce.get(outer.href)).body).toEqual(outer);
    expect((await test.pce.get(DRAFTS)).body).toEqual([inner, outer]);
  });

  it('take all that a client knows of a label or a group, and read the href', async () => {
    // The official Python client sends whole objects in a PUT of a part.
    const production = await label('production');
    const inner = await created('inner');
    const { href } = await created('outer');
    const labels = [{ ...production, value: 'of old' }, to(production)];
    expect((await test.pce.put(href, { labels, sub_groups: [inner, to(inner)] })).status).toBe(204);
    const { body } = await test.pce.get(href);
    expect([body.labels, body.sub_groups]).toEqual([[shown(production)], [named(inner)]]);
  });

  it('need a name and a key of labels', async () => {
    expect(tokenOf(await test.pce.post(DRAFTS, { name: 'x' }))).toBe('input_validation_error');
    expect(tokenOf(await test.pce.post(DRAFTS, { key: 'env' }))).toBe('input_validation_error');
    expect(await refused({ key: 'colour' })).toBe('label_key_not_supported');
    expect(await namesOf('')).toEqual([]);
  });

  it('take no label of another key or organisation, that is deleted or is none', async () => {
    const role = await label('web', 'role');
    const gone = await label('gone');
    await test.pce.delete(gone.href);
    const other = (await test.control.post('/orgs', {})).body;
    const foreign = (await test.as(other).post(`${other.href}/labels`, { key: 'env', value: 'x' })).body;
    const { href } = await created('group');
    for (const one of [role.href, gone.href, foreign.href, '/orgs/1/labels/999', '/orgs/1/pairing_profiles/1']) {
      const labels = [{ href: one }];
      expect([one, await refused({ labels })]).toEqual([one, 'invalid_label_href']);
      expect(tokenOf(await test.pce.put(href, { labels }))).toBe('invalid_label_href');
    }
    expect((await test.pce.get(href)).body.labels).toEqual([]);
    expect(await namesOf('')).toEqual(['group']);
  });

  it('take no group of another key or organisation, that is deleted or is none', async () => {
    const role = await created('role', { key: 'role' });
    const gone = await created('gone');
    await provision();
    await test.pce.delete(gone.href);
    const other = (await test.control.post('/orgs', {})).body;
    const theirs = `${other.href}/sec_policy/draft/label_groups`;
    const foreign = (await test.as(other).post(theirs, { name: 'x', key: 'env' })).body;
    const into = async ({ href }: Json) => refused({ sub_groups: [{ href }] });
    expect(await into(role)).toBe('label_group_key_mismatch');
    for (const one of [gone, foreign, { href: `${DRAFTS}/x` }, { href: `${POLICY}/draft/services/1` }]) {
      expect([one.href, await into(one)]).toEqual([one.href, 'invalid_label_group_href']);
    }
    expect(await namesOf('?name=x')).toEqual([]);
  });

  it('contain neither themselves nor what contains them', async () => {
    const inner = await created('inner');
    const middle = await created('middle', { sub_groups: [to(inner)] });
    const outer = await created('outer', { sub_groups: [to(middle)] });
    for (const one of [inner, middle, outer]) {
      const answer = await test.pce.put(inner.href, { sub_groups: [to(one)] });
      expect([answer.status, tokenOf(answer)]).toEqual([406, 'label_group_circular_reference']);
    }
    expect((await test.pce.put(outer.href, { sub_groups: [to(inner), to(middle)] })).status).toBe(204);
    expect((await test.pce.get(inner.href)).body.sub_groups).toEqual([]);
  });

  it('keep their key', async () => {
    const { href } = await created('group');
    expect(tokenOf(await test.pce.put(href, { key: 'env' }))).toBe('input_validation_error');
    const role = await label('web', 'role');
    expect(tokenOf(await test.pce.put(href, { labels: [to(role)] }))).toBe('invalid_label_href');
  });

  it('keep what a change does not name, and lose what it empties', async () => {
    const production = await label('production');
    const inner = await created('inner');
    const group = await created('group', { labels: [to(production)], sub_groups: [to(inner)] });
    expect((await test.pce.put(group.href, { description: 'changed', labels: [] })).status).toBe(204);
    expect((await test.pce.get(group.href)).body).toEqual({
      ...group,
      description: 'changed',
      labels: [],
      updated_at: expect.any(String),
    });
    expect((await test.pce.delete(production.href)).status).toBe(204);
  });

  it('have names and external references of their own', async () => {
    const external = { external_data_set: 'set', external_data_reference: 'a' };
    await created('group', external);
    const again = await test.pce.post(DRAFTS, { name: 'group', key: 'role' });
    expect([again.status, again.body]).toEqual([
      406,
      [{ token: 'name_must_be_unique', message: 'Name must be unique' }],
    ]);
    expect(await refused(external)).toBe('external_reference_not_unique');
    const { href } = await created('other');
    expect(tokenOf(await test.pce.put(href, { name: 'group' }))).toBe('name_must_be_unique');
  });

  it('keep their labels from deletion, as drafts and in force', async () => {
    const production = await label('production');
    const { href } = await created('group', { labels: [to(production)] });
    const deletion = async () => {
      const { status, body } = await test.pce.delete(production.href);
      return status === 204 ? status : body[0].token;
    };
    const usage = async () => (await test.pce.get(`${production.href}?usage=true`)).body.usage.label_group;
    expect([await deletion(), await usage()]).toEqual(['label_referenced_by_label_group', true]);
    await provision();
    await test.pce.delete(href);
    expect([await deletion(), await usage()]).toEqual(['label_referenced_by_label_group', true]);
    await provision();
    expect([await usage(), await deletion()]).toEqual([false, 204]);
  });

  it('follow the values of labels and the names of groups, as drafts and in force', async () => {
    const production = await label('production');
    const inner = await created('inner');
    const { href } = await created('outer', { labels: [to(production)], sub_groups: [to(inner)] });
    await provision();
    await test.pce.put(production.href, { value: 'live' });
    await test.pce.put(inner.href, { name: 'renamed' });
    const seen = async (at: string) => {
      const { labels, sub_groups, update_type } = (await test.pce.get(at)).body;
      return [labels[0].value, sub_groups[0].name, update_type];
    };
    expect(await seen(href)).toEqual(['live', 'renamed', null]);
    expect(await seen(active(href))).toEqual(['live', 'inner', undefined]);
    expect((await test.pce.get(active(href))).body.sub_groups[0].href).toBe(active(inner.href));
    await test.pce.put(href, { description: 'provisioned without the other' });
    await test.pce.post(POLICY, { change_subset: { label_groups: [to({ href })] } });
    expect(await seen(active(href))).toEqual(['live', 'inner', undefined]);
    await provision();
    expect(await seen(active(href))).toEqual(['live', 'renamed', undefined]);
  });

  it('are not deleted while they are in another that stays', async () => {
    const inner = await created('inner');
    const outer = await created('outer', { sub_groups: [to(inner)] });
    const answer = await test.pce.delete(inner.href);
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'label_group_referenced']);
    expect((await test.pce.delete(outer.href)).status).toBe(204);
    expect((await test.pce.delete(inner.href)).status).toBe(204);
    expect((await test.pce.delete(inner.href)).status).toBe(404);
    expect(await namesOf('')).toEqual([]);
  });

  it('tell which groups they are in', async () => {
    const inner = await created('inner');
    const middle = await created('middle', { sub_groups: [to(inner)] });
    const outer = await created('outer', { sub_groups: [to(middle)] });
    const other = await created('other', { sub_groups: [to(inner)] });
    const groupsOf = async (href: string) => (await test.pce.get(`${href}/member_of`)).body;
    expect(await groupsOf(inner.href)).toEqual([named(middle), named(other)]);
    expect(await groupsOf(outer.href)).toEqual([]);
    expect((await test.pce.get(`${active(inner.href)}/member_of`)).status).toBe(404);
    await provision();
    await test.pce.delete(other.href);
    expect(await groupsOf(inner.href)).toEqual([named(middle)]);
    expect(await groupsOf(active(inner.href))).toEqual(
      [middle, other].map(({ href, name }) => ({ href: active(href), name })),
    );
  });

  it('tell all labels in them and in their sub groups, each once', async () => {
    const [one, two, three] = [await label('one'), await label('two'), await label('three')];
    const inner = await created('inner', { labels: [to(two), to(three)] });
    const outer = await created('outer', { labels: [to(one), to(two)], sub_groups: [to(inner)] });
    const all = async (href: string) => (await test.pce.get(`${href}/all_labels`)).body;
    expect(await all(outer.href)).toEqual([one, two, three].map(shown));
    expect(await all(inner.href)).toEqual([two, three].map(shown));
    expect((await test.pce.get(`${outer.href.replace(/.$/, 'x')}/all_labels`)).status).toBe(404);
  });

  it('are the same in a world that is saved and loaded, also where one is in an earlier one', async () => {
    const outer = await created('outer');
    await provision();
    const inner = await created('inner');
    await test.pce.put(outer.href, { sub_groups: [to(inner)] });
    await provision();
    const before = [(await test.pce.get(DRAFTS)).body, (await test.pce.get(ACTIVE)).body];
    const saved = (await test.control.get('/world')).body;
    const loaded = await test.control.put('/world', saved);
    expect([loaded.status, loaded.body]).toEqual([200, expect.anything()]);
    expect([(await test.pce.get(DRAFTS)).body, (await test.pce.get(ACTIVE)).body]).toEqual(before);
    expect(tokenOf(await test.pce.delete(inner.href))).toBe('label_group_referenced');
    const halved = { ...saved, steps: saved.steps.filter(({ document }: Json) => document !== inner.href) };
    const answer = await test.control.put('/world', halved);
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(`${inner.href}, which is not there`)]);
    expect((await test.pce.get(DRAFTS)).body).toEqual(before[0]);
  });

  it('tell their usage when asked', async () => {
    const inner = await created('inner');
    await created('outer', { sub_groups: [to(inner)] });
    const [first, second] = (await test.pce.get(`${DRAFTS}?usage=true`)).body;
    expect([first.usage.label_group, second.usage.label_group]).toEqual([true, false]);
    expect((await test.pce.get(`${inner.href}?usage=true`)).body.usage).toEqual(first.usage);
    expect(Object.keys(first.usage)).toContain('ruleset');
    expect((await test.pce.get(`${inner.href}?usage=false`)).body).not.toHaveProperty('usage');
    expect((await test.pce.get(DRAFTS)).body[0]).not.toHaveProperty('usage');
  });

  it('are found by key, part of a name or description, and external reference', async () => {
    await created('north', { key: 'loc', description: 'Up' });
    await created('north and south', { key: 'loc', external_data_set: 'set', external_data_reference: 'a' });
    await created('environments');
    expect(await namesOf('?key=loc')).toEqual(['north', 'north and south']);
    expect(await namesOf('?key=loc&name=south')).toEqual(['north and south']);
    expect(await namesOf('?name=NORTH')).toEqual(['north', 'north and south']);
    expect(await namesOf('?description=up')).toEqual(['north']);
    expect(await namesOf('?external_data_set=set')).toEqual(['north and south']);
    expect(await namesOf('?key=role')).toEqual([]);
    expect(await namesOf('?key=loc', ACTIVE)).toEqual([]);
    const { headers, body } = await test.pce.get(`${DRAFTS}?key=loc&max_results=1`);
    expect([headers['x-total-count'], body.length]).toEqual(['3', 1]);
  });
});

describe('label groups of a world from a later release', () => {
  const later = useEmulator({ pceVersion: '25.2' });
  const test = useEmulator({ pceVersion: '22.2' });

  it('are changed and provisioned, though their key is none of this one', async () => {
    await later.pce.post('/orgs/1/label_dimensions', { key: 'os', display_name: 'OS' });
    const { body: linux } = await later.pce.post('/orgs/1/labels', { key: 'os', value: 'Linux' });
    const { href } = (await later.pce.post(DRAFTS, { name: 'systems', key: 'os' })).body;
    const world = (await later.control.get('/world')).body;
    expect((await test.control.put('/world', world)).status).toBe(200);
    const change = { name: 'renamed', labels: [{ href: linux.href }] };
    expect((await test.pce.put(href, change)).status).toBe(204);
    expect((await test.pce.post(POLICY, {})).status).toBe(201);
    expect((await test.pce.get(active(href))).body).toMatchObject({ name: 'renamed', labels: [{ key: 'os' }] });
    expect(tokenOf(await test.pce.post(DRAFTS, { name: 'more', key: 'os' }))).toBe('label_key_not_supported');
  });
});

describe('a great many label groups', () => {
  const test = useEmulator();
  const created = async (name: string, sub_groups: Json[] = []): Promise<Json> => {
    const { body } = await test.pce.post(DRAFTS, { name, key: 'env', sub_groups });
    return { href: body.href };
  };

  it('may be one in another, however deep', async () => {
    const chain = [await created('0')];
    // Deeper than calls may be nested: a world is the quick way there.
    const world = (await test.control.get('/world')).body;
    const [first] = world.steps.filter(({ document }: Json) => document === chain[0].href);
    const rest = Array.from({ length: 9000 }, (_, index) => {
      const of = (number: number) => `${chain[0].href.slice(0, -12)}${String(number).padStart(12, '0')}`;
      const within = index === 0 ? chain[0].href : of(index);
      const value = { ...first.value, href: of(index + 1), name: `${index + 1}`, sub_groups: [{ href: within }] };
      return { ...first, document: of(index + 1), value };
    });
    expect((await test.control.put('/world', { ...world, steps: [...world.steps, ...rest] })).status).toBe(200);
    const last = rest.at(-1)?.document;
    expect(tokenOf(await test.pce.put(chain[0].href, { sub_groups: [{ href: last }] }))).toBe(
      'label_group_circular_reference',
    );
    expect((await test.pce.get(`${last}/all_labels`)).status).toBe(200);
    expect((await test.pce.post(POLICY, {})).status).toBe(201);
    await test.pce.put(last, { description: 'x' });
    const answer = await test.pce.put(`${POLICY}/delete`, { change_subset: { label_groups: [{ href: last }] } });
    expect(answer.status).toBe(204);
  }, 60_000);
});

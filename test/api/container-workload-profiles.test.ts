import { type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const CLUSTERS = '/orgs/1/container_clusters';
const K8S2 = `${CLUSTERS}/445bfa9b-4de4-4c09-9705-496eb04b190f`;
const PROFILES = `${K8S2}/container_workload_profiles`;
const OPENSHIFT_PROFILES =
  '/orgs/10/container_clusters/974aec34-e8e7-478d-9ca2-90ebb3642edc/container_workload_profiles';
const LINKED = `${OPENSHIFT_PROFILES}/5454cc84-d6be-4e6c-ac62-465f9504fac0`;
const UNKNOWN = `${PROFILES}/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11`;
const [WEB, PRODUCTION, AMAZON] = ['/orgs/1/labels/1', '/orgs/1/labels/176', '/orgs/1/labels/221'];

async function create(pce: Client, body: Json, profiles = PROFILES): Promise<Json> {
  const answer = await pce.post(profiles, body);
  expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
  return answer.body;
}

async function read(pce: Client, href: string): Promise<Json> {
  const { status, body } = await pce.get(href);
  expect(status).toBe(200);
  return body;
}

async function namesOf(pce: Client, query: string, profiles = PROFILES): Promise<string[]> {
  return (await read(pce, `${profiles}${query}`)).map(({ name, namespace }: Json) => name ?? namespace);
}

async function change(pce: Client, href: string, body: Json): Promise<void> {
  const { status, text } = await pce.put(href, body);
  expect([status, text]).toEqual([204, '']);
}

async function defaultProfile(pce: Client, cluster = K8S2): Promise<Json> {
  const [found] = await read(pce, `${cluster}/container_workload_profiles?name=Default`);
  return found;
}

describe('the Default Profile of a cluster', () => {
  const test = useEmulator({ now: () => Date.parse('2022-06-23T20:53:52.445Z') });

  it('is there at once, without namespace, unmanaged, unlinked and idle', async () => {
    const cluster = (await test.pce.post(CLUSTERS, { name: 'new' })).body.href;
    const profiles = await read(test.pce, `${cluster}/container_workload_profiles`);
    expect(profiles).toEqual([
      {
        href: expect.stringMatching(`^${cluster}/container_workload_profiles/[0-9a-f-]{36}$`),
        name: 'Default Profile',
        namespace: null,
        enforcement_mode: 'idle',
        visibility_level: 'flow_summary',
        managed: false,
        assign_labels: [],
        labels: [],
        linked: false,
        created_at: '2022-06-23T20:53:52.445Z',
        created_by: { href: '/users/1' },
        updated_at: '2022-06-23T20:53:52.445Z',
        updated_by: { href: '/users/1' },
      },
    ]);
    expect(await read(test.pce, profiles[0].href)).toEqual(profiles[0]);
  });

  it('can be changed', async () => {
    const cluster = (await test.pce.post(CLUSTERS, { name: 'new' })).body.href;
    const { href } = await defaultProfile(test.pce, cluster);
    await change(test.pce, href, { managed: true, enforcement_mode: 'visibility_only' });
    expect(await read(test.pce, href)).toMatchObject({ managed: true, enforcement_mode: 'visibility_only' });
  });

  it('cannot be deleted, not even under another name', async () => {
    const cluster = (await test.pce.post(CLUSTERS, { name: 'new' })).body.href;
    const { href } = await defaultProfile(test.pce, cluster);
    await change(test.pce, href, { name: 'something else' });
    const refused = await test.pce.delete(href);
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'container_workload_profile_default_cannot_be_deleted']);
    expect((await read(test.pce, href)).name).toBe('something else');
  });

  it('is not what a hand-made profile of that name is', async () => {
    const cluster = (await test.pce.post(CLUSTERS, { name: 'new' })).body.href;
    const profiles = `${cluster}/container_workload_profiles`;
    const { href } = await create(test.pce, { name: 'Default Profile' }, profiles);
    expect((await test.pce.delete(href)).status).toBe(204);
    expect(await namesOf(test.pce, '', profiles)).toEqual(['Default Profile']);
  });
});

describe('a hand-made profile', () => {
  const test = useEmulator({ world: 'demo' });

  it('comes back whole from its creation, and reads the same by its href and in the list', async () => {
    const created = await create(test.pce, { name: 'shop' });
    expect(Object.keys(created)).toEqual([
      'href',
      'name',
      'namespace',
      'enforcement_mode',
      'visibility_level',
      'managed',
      'assign_labels',
      'labels',
      'linked',
      'created_at',
      'created_by',
      'updated_at',
      'updated_by',
    ]);
    expect(created).toMatchObject({ name: 'shop', namespace: null, enforcement_mode: 'idle', managed: false });
    expect(created).toMatchObject({ visibility_level: 'flow_summary', linked: false, labels: [], assign_labels: [] });
    expect(created.updated_at).toBe(created.created_at);
    expect(await read(test.pce, created.href)).toEqual(created);
    expect(await read(test.pce, `${PROFILES}?name=shop`)).toEqual([created]);
    expect(await namesOf(test.pce, '')).toEqual(['Default Profile', 'payments', 'shop']);
  });

  it('takes everything that a profile can say', async () => {
    const said = {
      name: 'shop',
      description: 'sells',
      enforcement_mode: 'full',
      visibility_level: 'flow_drops',
      managed: true,
    };
    expect(await create(test.pce, { ...said, labels: [] })).toMatchObject(said);
  });

  it.each(['idle', 'visibility_only', 'full', 'selective'])('may be in mode %s', async (enforcement_mode) => {
    const { href } = await create(test.pce, { name: 'mode', enforcement_mode });
    expect((await read(test.pce, href)).enforcement_mode).toBe(enforcement_mode);
  });

  it.each(['flow_summary', 'flow_drops', 'flow_off', 'flow_full_detail', 'enhanced_data_collection'])(
    'may have visibility %s',
    async (visibility_level) => {
      const { href } = await create(test.pce, { name: 'seen', visibility_level });
      expect((await read(test.pce, href)).visibility_level).toBe(visibility_level);
    },
  );

  it('needs a name, which may be null', async () => {
    const refused = await test.pce.post(PROFILES, { managed: false });
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
    expect(await create(test.pce, { name: null })).not.toHaveProperty('name');
  });

  it.each([
    ['namespace', 'shop'],
    ['linked', true],
    ['href', UNKNOWN],
    ['created_at', '2024-01-01T00:00:00.000Z'],
    ['updated_by', { href: '/users/1' }],
    ['external_data_set', 'x'],
  ])('takes no %s from a user', async (key, value) => {
    const { href } = await create(test.pce, { name: 'shop' });
    const before = await read(test.pce, PROFILES);
    for (const refused of [
      await test.pce.post(PROFILES, { name: 'x', [key]: value }),
      await test.pce.put(href, { [key]: value }),
    ]) {
      expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
      expect(refused.body[0].message).toContain(`additional properties ["${key}"]`);
    }
    expect(await read(test.pce, PROFILES)).toEqual(before);
  });

  it.each([
    ['enforcement_mode', 'enforced'],
    ['visibility_level', 'everything'],
    ['managed', 'true'],
    ['managed', null],
    ['name', 5],
    ['name', 'n'.repeat(256)],
    ['description', ['text']],
    ['labels', {}],
    ['assign_labels', ['/orgs/1/labels/1']],
  ])('takes no %s of %j', async (key, value) => {
    const { href } = await create(test.pce, { name: 'shop' });
    const before = await read(test.pce, PROFILES);
    for (const refused of [
      await test.pce.post(PROFILES, { name: 'x', [key]: value }),
      await test.pce.put(href, { [key]: value }),
    ]) {
      expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
    }
    expect(await read(test.pce, PROFILES)).toEqual(before);
  });

  it('can be deleted, once', async () => {
    const { href } = await create(test.pce, { name: 'gone' });
    const deleted = await test.pce.delete(href);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect(await namesOf(test.pce, '')).toEqual(['Default Profile', 'payments']);
    for (const again of [await test.pce.get(href), await test.pce.put(href, {}), await test.pce.delete(href)]) {
      expect([again.status, again.text, again.headers['content-type']]).toEqual([404, '', undefined]);
    }
  });

  it('is not found below another cluster, and neither is an unknown or malformed id', async () => {
    const other = (await test.pce.post(CLUSTERS, { name: 'other' })).body.href;
    const { href } = await create(test.pce, { name: 'here' });
    for (const wrong of [href.replace(K8S2, other), UNKNOWN, `${PROFILES}/nonsense`]) {
      for (const answer of [await test.pce.get(wrong), await test.pce.put(wrong, {}), await test.pce.delete(wrong)]) {
        expect([answer.status, answer.text]).toEqual([404, '']);
      }
    }
    expect((await read(test.pce, href)).name).toBe('here');
  });
});

describe('a profile that is linked to a namespace', () => {
  const test = useEmulator({ world: 'demo' });
  const openshift = () => test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);

  it('has no name and no description, and was made by its cluster', async () => {
    const profile = await read(openshift(), LINKED);
    expect(profile).toMatchObject({ namespace: 'openshift-host-network', linked: true });
    expect(profile.created_by.href).toBe('/orgs/10/container_clusters/974aec34-e8e7-478d-9ca2-90ebb3642edc');
    expect(profile).not.toHaveProperty('name');
    expect(profile).not.toHaveProperty('description');
  });

  it('cannot be deleted while the namespace is there', async () => {
    const refused = await openshift().delete(LINKED);
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'container_workload_profile_linked_cannot_be_deleted']);
    expect((await read(openshift(), LINKED)).linked).toBe(true);
  });

  it('takes a name, and loses it again with null', async () => {
    await change(openshift(), LINKED, { name: 'hosts' });
    expect(await read(openshift(), LINKED)).toMatchObject({ name: 'hosts', namespace: 'openshift-host-network' });
    await change(openshift(), LINKED, { name: null });
    expect(await read(openshift(), LINKED)).not.toHaveProperty('name');
  });
});

describe('changing a profile', () => {
  let now = 0;
  const test = useEmulator({ world: 'demo', now: () => now });
  beforeEach(() => {
    now = Date.parse('2024-05-01T10:00:00.000Z');
  });

  it('keeps what the request does not speak of', async () => {
    const whole = {
      name: 'shop',
      description: 'sells',
      enforcement_mode: 'full',
      visibility_level: 'flow_drops',
      managed: true,
      labels: [{ key: 'env', assignment: { href: PRODUCTION } }],
    };
    const changes = [
      { name: 'shop 2' },
      { description: 'buys' },
      { enforcement_mode: 'selective' },
      { visibility_level: 'flow_off' },
      { managed: false },
      {},
    ];
    const { href } = await create(test.pce, whole);
    let expected = await read(test.pce, href);
    for (const part of changes) {
      await change(test.pce, href, part);
      expected = { ...expected, ...part };
      expect(await read(test.pce, href)).toEqual(expected);
    }
  });

  it('takes name and description away with null', async () => {
    const { href } = await create(test.pce, { name: 'shop', description: 'sells' });
    await change(test.pce, href, { name: null });
    expect(await read(test.pce, href)).toMatchObject({ description: 'sells' });
    expect(await read(test.pce, href)).not.toHaveProperty('name');
    await change(test.pce, href, { description: null });
    expect(await read(test.pce, href)).not.toHaveProperty('description');
    await change(test.pce, href, { name: 'back', description: '' });
    expect(await read(test.pce, href)).toMatchObject({ name: 'back', description: '' });
  });

  it('moves updated_at and leaves created_at', async () => {
    const { href } = await create(test.pce, { name: 'shop' });
    now += 90_500;
    await change(test.pce, href, {});
    expect(await read(test.pce, href)).toMatchObject({
      created_at: '2024-05-01T10:00:00.000Z',
      updated_at: '2024-05-01T10:01:30.500Z',
    });
  });

  it('says who changed it last', async () => {
    const openshift = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    const cluster = { href: '/orgs/10/container_clusters/974aec34-e8e7-478d-9ca2-90ebb3642edc' };
    expect((await read(openshift, LINKED)).updated_by).toEqual(cluster);
    await change(openshift, LINKED, { managed: true });
    expect(await read(openshift, LINKED)).toMatchObject({ created_by: cluster, updated_by: { href: '/users/10' } });
  });

  it('changes nothing, not even updated_at, when it is refused', async () => {
    const { href } = await create(test.pce, { name: 'shop' });
    const before = await read(test.pce, href);
    now += 1000;
    const labels = [{ key: 'env', assignment: { href: '/orgs/1/labels/999' } }];
    expect((await test.pce.put(href, { name: 'x', managed: true, labels })).status).toBe(406);
    expect(await read(test.pce, href)).toEqual(before);
  });
});

describe('listing profiles', () => {
  const test = useEmulator({ world: 'demo' });

  beforeEach(async () => {
    const { pce } = test;
    const cart = { name: 'Shop cart', managed: true, enforcement_mode: 'full', visibility_level: 'flow_drops' };
    await create(pce, { ...cart, assign_labels: [{ href: WEB }, { href: PRODUCTION }] });
    await create(pce, { name: 'shop_till', enforcement_mode: 'visibility_only', assign_labels: [{ href: WEB }] });
    const allowed = [{ key: 'role', restriction: [{ href: WEB }] }];
    await create(pce, { name: 'bank', labels: allowed, visibility_level: 'flow_off' });
    await create(pce, { name: 'dock', assign_labels: [{ href: AMAZON }], enforcement_mode: 'selective' });
    await create(pce, { name: null, description: 'nameless' });
  });

  it.each([
    ['a part of the name in any case', '?name=SHOP', ['Shop cart', 'shop_till']],
    ['an underscore as itself', '?name=p_t', ['shop_till']],
    ['a name that no profile has', '?name=nothing', []],
    ['enforcement_mode', '?enforcement_mode=full', ['Shop cart']],
    ['enforcement_mode selective', '?enforcement_mode=selective', ['dock']],
    ['managed', '?managed=true', ['Shop cart']],
    ['not managed', '?managed=false&name=a', ['Default Profile', 'payments', 'bank']],
    ['linked', '?linked=true', []],
    ['not linked', '?linked=false&name=ba', ['bank']],
    ['visibility_level', '?visibility_level=flow_drops', ['Shop cart']],
    ['another visibility_level', '?visibility_level=flow_off', ['bank']],
    ['two filters at once', '?name=shop&enforcement_mode=visibility_only', ['shop_till']],
    ['max_results', '?max_results=2', ['Default Profile', 'payments']],
    ['mode illuminated, the older visibility_only', '?mode=illuminated', ['shop_till']],
    ['mode enforced, the older full', '?mode=enforced', ['Shop cart']],
    ['mode by a newer name', '?mode=selective', ['dock']],
    ['mode managed', '?mode=managed', ['Shop cart']],
    ['mode unmanaged', '?mode=unmanaged&name=s', ['payments', 'shop_till']],
  ])('selects by %s', async (_what, query, expected) => {
    expect(await namesOf(test.pce, query)).toEqual(expected);
  });

  it.each([
    ['one label', [[WEB]], ['Shop cart', 'shop_till']],
    ['all labels of one list', [[WEB, PRODUCTION]], ['Shop cart']],
    ['the labels of either list', [[PRODUCTION], [AMAZON]], ['Shop cart', 'dock']],
    ['lists that say different things', [[WEB, AMAZON], [AMAZON]], ['dock']],
    ['a flat list, which means all of them', [WEB, PRODUCTION], ['Shop cart']],
    ['a flat list of one', [AMAZON], ['dock']],
    ['a label that is not there', [['/orgs/1/labels/999']], []],
  ])('selects by assign_labels: %s', async (_what, lists, expected) => {
    expect(await namesOf(test.pce, `?assign_labels=${encodeURIComponent(JSON.stringify(lists))}`)).toEqual(expected);
  });

  it('finds a part of the namespace, and does not take a namespace for a name', async () => {
    const openshift = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    expect(await namesOf(openshift, '?namespace=HOST-net', OPENSHIFT_PROFILES)).toEqual(['openshift-host-network']);
    expect(await namesOf(openshift, '?namespace=other', OPENSHIFT_PROFILES)).toEqual([]);
    expect(await namesOf(openshift, '?name=openshift', OPENSHIFT_PROFILES)).toEqual([]);
    expect(await namesOf(openshift, '?linked=true', OPENSHIFT_PROFILES)).toEqual(['openshift-host-network']);
  });

  it.each([
    'enforcement_mode=enforced',
    'mode=loud',
    'managed=yes',
    'linked=1',
    'visibility_level=all',
    'assign_labels=/orgs/1/labels/1',
    'assign_labels={}',
    'assign_labels=[1]',
    'assign_labels=[[[]]]',
    'assign_labels=',
  ])('refuses %s', async (query) => {
    const refused = await test.pce.get(`${PROFILES}?${encodeURI(query)}`);
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
    expect(refused.body[0].message).toContain('container_clusters_container_workload_profiles_get.schema.json');
  });
});

describe('the older mode and log_traffic', () => {
  const test = useEmulator({ world: 'demo' });

  it.each([
    ['idle', 'idle'],
    ['illuminated', 'visibility_only'],
    ['enforced', 'full'],
    ['visibility_only', 'visibility_only'],
    ['full', 'full'],
    ['selective', 'selective'],
  ])('mode %s is enforcement_mode %s', async (mode, enforcement_mode) => {
    const created = await create(test.pce, { name: 'older', mode });
    expect(created.enforcement_mode).toBe(enforcement_mode);
    expect(created).not.toHaveProperty('mode');
    const { href } = await create(test.pce, { name: 'changed', enforcement_mode: 'selective' });
    await change(test.pce, href, { mode });
    const profile = await read(test.pce, href);
    expect(profile.enforcement_mode).toBe(enforcement_mode);
    expect(profile).not.toHaveProperty('mode');
  });

  it.each([
    [true, 'flow_summary'],
    [false, 'flow_drops'],
  ])('log_traffic %s is visibility_level %s', async (log_traffic, visibility_level) => {
    const created = await create(test.pce, { name: 'older', log_traffic });
    expect(created.visibility_level).toBe(visibility_level);
    expect(created).not.toHaveProperty('log_traffic');
    const { href } = await create(test.pce, { name: 'changed', visibility_level: 'flow_off' });
    await change(test.pce, href, { log_traffic });
    expect((await read(test.pce, href)).visibility_level).toBe(visibility_level);
  });

  it.each([
    ['mode and enforcement_mode', { mode: 'full', enforcement_mode: 'full' }],
    ['log_traffic and visibility_level', { log_traffic: true, visibility_level: 'flow_summary' }],
    ['labels and assign_labels', { labels: [], assign_labels: [] }],
  ])('%s do not go together', async (what, both) => {
    const { href } = await create(test.pce, { name: 'stays' });
    const before = await read(test.pce, PROFILES);
    for (const refused of [
      await test.pce.post(PROFILES, { name: 'both', ...both }),
      await test.pce.put(href, { name: 'both', ...both }),
    ]) {
      expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
      for (const key of what.split(' and ')) expect(refused.body[0].message).toContain(key);
    }
    expect(await read(test.pce, PROFILES)).toEqual(before);
  });

  it.each([{ mode: 'loud' }, { mode: null }, { log_traffic: 'true' }])('%j is refused', async (wrong) => {
    expect((await test.pce.post(PROFILES, { name: 'wrong', ...wrong })).status).toBe(406);
    expect(await namesOf(test.pce, '')).toEqual(['Default Profile', 'payments']);
  });
});

describe.each(['22.2', '23.5'] as const)('a managed profile at PCE %s', (pceVersion) => {
  const test = useEmulator({ world: 'demo', pceVersion });

  it('may be idle', async () => {
    expect(await create(test.pce, { name: 'idle', managed: true })).toMatchObject({
      managed: true,
      enforcement_mode: 'idle',
    });
    const { href } = await create(test.pce, { name: 'later' });
    await change(test.pce, href, { managed: true });
    expect(await read(test.pce, href)).toMatchObject({ managed: true, enforcement_mode: 'idle' });
  });
});

describe.each(['24.5', '25.2'] as const)('a managed profile at PCE %s', (pceVersion) => {
  const test = useEmulator({ world: 'demo', pceVersion });
  const REFUSED = [406, 'container_workload_profile_invalid_managed_idle'];

  it('may not be idle, whichever of the two settings comes last', async () => {
    const { pce } = test;
    const { href } = await create(pce, { name: 'first' });
    for (const answer of [
      await pce.post(PROFILES, { name: 'new', managed: true }),
      await pce.post(PROFILES, { name: 'new', managed: true, enforcement_mode: 'idle' }),
      await pce.put(href, { managed: true }),
    ]) {
      expect([answer.status, tokenOf(answer)]).toEqual(REFUSED);
    }
    await change(pce, href, { managed: true, enforcement_mode: 'visibility_only' });
    const idle = await pce.put(href, { enforcement_mode: 'idle' });
    expect([idle.status, tokenOf(idle)]).toEqual(REFUSED);
    expect(await read(pce, href)).toMatchObject({ managed: true, enforcement_mode: 'visibility_only' });
    await change(pce, href, { managed: false, enforcement_mode: 'idle' });
    expect(await namesOf(pce, '')).toEqual(['Default Profile', 'payments', 'first']);
  });

  it('stays what it is when a bulk update would leave it idle', async () => {
    const { pce } = test;
    const busy = await create(pce, { name: 'busy', managed: true, enforcement_mode: 'full' });
    const idle = await create(pce, { name: 'idle' });
    const before = await read(pce, PROFILES);
    const container_workload_profiles = [{ href: busy.href }, { href: idle.href }];
    const refused = await pce.put(`${PROFILES}/update`, { container_workload_profiles, managed: true });
    expect([refused.status, tokenOf(refused)]).toEqual(REFUSED);
    expect(await read(pce, PROFILES)).toEqual(before);
  });
});

describe.each(['24.5', '25.2'] as const)('a bulk update at PCE %s', (pceVersion) => {
  let now = 0;
  const test = useEmulator({ world: 'demo', pceVersion, now: () => now });
  beforeEach(() => {
    now = Date.parse('2024-05-01T10:00:00.000Z');
  });
  const three = async () => {
    const profiles = [];
    for (const name of ['a', 'b', 'c']) profiles.push(await create(test.pce, { name, description: `of ${name}` }));
    return profiles;
  };
  const hrefs = (profiles: Json[]) => profiles.map(({ href }) => ({ href }));

  it('gives the named profiles the same settings and keeps the rest of each', async () => {
    const [a, b, c] = await three();
    now += 1000;
    await change(test.pce, `${PROFILES}/update`, {
      container_workload_profiles: hrefs([a, c]),
      managed: true,
      enforcement_mode: 'visibility_only',
      labels: [{ key: 'env', assignment: { href: PRODUCTION } }],
    });
    for (const before of [a, c]) {
      expect(await read(test.pce, before.href)).toEqual({
        ...before,
        managed: true,
        enforcement_mode: 'visibility_only',
        labels: [{ key: 'env', assignment: { href: PRODUCTION, value: 'Production' } }],
        assign_labels: [{ href: PRODUCTION }],
        updated_at: '2024-05-01T10:00:01.000Z',
      });
    }
    expect(await read(test.pce, b.href)).toEqual(b);
  });

  it('changes none when one of them is not there or belongs to another cluster', async () => {
    const profiles = await three();
    const elsewhere = (await test.pce.post(CLUSTERS, { name: 'elsewhere' })).body.href;
    const foreign = await defaultProfile(test.pce, elsewhere);
    const before = await read(test.pce, PROFILES);
    for (const href of [foreign.href, UNKNOWN, '/orgs/1/labels/1', LINKED, K8S2]) {
      const container_workload_profiles = [...hrefs(profiles), { href }];
      const refused = await test.pce.put(`${PROFILES}/update`, {
        container_workload_profiles,
        managed: true,
        enforcement_mode: 'full',
      });
      expect(refused.status).toBe(406);
      expect(refused.body[0].message).toContain(href);
    }
    expect(await read(test.pce, PROFILES)).toEqual(before);
    expect(await read(test.pce, foreign.href)).toEqual(foreign);
  });

  it.each([
    ['no profile at all', { container_workload_profiles: [], managed: false }],
    ['no list of profiles', { managed: false }],
    ['a name', { container_workload_profiles: [{ href: UNKNOWN }], name: 'same' }],
    ['assign_labels', { container_workload_profiles: [{ href: UNKNOWN }], assign_labels: [] }],
    ['hrefs instead of references', { container_workload_profiles: [UNKNOWN] }],
  ])('refuses %s', async (_what, body) => {
    const refused = await test.pce.put(`${PROFILES}/update`, body);
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
  });

  it('is an empty 404 below a cluster that is not there', async () => {
    const nowhere = `${CLUSTERS}/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11/container_workload_profiles/update`;
    const body = { container_workload_profiles: [{ href: UNKNOWN }], managed: false };
    const answer = await test.pce.put(nowhere, body);
    expect([answer.status, answer.text]).toEqual([404, '']);
  });
});

describe.each(['22.2', '23.5'] as const)('a bulk update at PCE %s', (pceVersion) => {
  const test = useEmulator({ world: 'demo', pceVersion });

  it('is an empty 404: there is no such route yet', async () => {
    const { href } = await create(test.pce, { name: 'a' });
    const body = { container_workload_profiles: [{ href }], enforcement_mode: 'full' };
    const answer = await test.pce.put(`${PROFILES}/update`, body);
    expect([answer.status, answer.text]).toEqual([404, '']);
    expect((await read(test.pce, href)).enforcement_mode).toBe('idle');
  });
});

import { type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const K8S2 = '/orgs/1/container_clusters/445bfa9b-4de4-4c09-9705-496eb04b190f';
const PROFILES = `${K8S2}/container_workload_profiles`;
const WEB = { href: '/orgs/1/labels/1', value: 'Web' };
const PRODUCTION = { href: '/orgs/1/labels/176', value: 'Production' };
const AMAZON = { href: '/orgs/1/labels/221', value: 'Amazon' };
const STAGING = { href: '/orgs/1/labels/302', value: 'Staging' };
const DEVELOPMENT = { href: '/orgs/1/labels/303', value: 'Development' };
const OTHER_ORG = '/orgs/10/labels/128';
const ref = ({ href }: { href: string }) => ({ href });

async function createProfile(pce: Client, options: Json = {}): Promise<string> {
  const { status, body } = await pce.post(PROFILES, { name: 'restricted', ...options });
  expect(status).toBe(201);
  return body.href;
}

async function labelsOf(pce: Client, href: string): Promise<{ labels: Json; assign_labels: Json }> {
  const { labels, assign_labels } = (await pce.get(href)).body;
  return { labels, assign_labels };
}

/** What a profile shows after each of the two ways to ask for the same. */
async function bothWays(pce: Client, options: Json): Promise<Json[]> {
  const created = await createProfile(pce, options);
  const changed = await createProfile(pce);
  const { status, text } = await pce.put(changed, options);
  expect([status, text]).toEqual([204, '']);
  return [await labelsOf(pce, created), await labelsOf(pce, changed)];
}

/** Sees that a profile cannot be made or changed so, and returns the tokens of both refusals. */
async function refusals(pce: Client, options: Json): Promise<(string | undefined)[]> {
  const href = await createProfile(pce, { labels: [{ key: 'role', assignment: ref(WEB) }] });
  const before = (await pce.get(PROFILES)).body;
  const answers = [await pce.post(PROFILES, { name: 'refused', ...options }), await pce.put(href, options)];
  expect(answers.map(({ status }) => status)).toEqual([406, 406]);
  expect((await pce.get(PROFILES)).body).toEqual(before);
  return answers.map(tokenOf);
}

describe('the label options of a profile, as the 22.2 documentation writes them', () => {
  const test = useEmulator({ world: 'demo' });

  it.each<[string, Json, Json, Json]>([
    ['no label', [{ key: 'loc', assign: {} }], [{ key: 'loc', assignment: {} }], []],
    ['no label, in newer words', [{ key: 'loc', assignment: {} }], [{ key: 'loc', assignment: {} }], []],
    [
      'a fixed label',
      [{ key: 'env', assign: ref(PRODUCTION) }],
      [{ key: 'env', assignment: PRODUCTION }],
      [ref(PRODUCTION)],
    ],
    [
      'a fixed label, in newer words',
      [{ key: 'env', assignment: ref(PRODUCTION) }],
      [{ key: 'env', assignment: PRODUCTION }],
      [ref(PRODUCTION)],
    ],
    [
      'some labels',
      [{ key: 'env', restriction: [ref(STAGING), ref(DEVELOPMENT)] }],
      [{ key: 'env', restriction: [STAGING, DEVELOPMENT] }],
      [],
    ],
    ['any label', [{ key: 'app', restriction: [] }], [{ key: 'app', restriction: [] }], []],
    ['nothing', [], [], []],
    [
      'all of it at once',
      [
        { key: 'role', assign: ref(WEB) },
        { key: 'app', restriction: [] },
        { key: 'env', restriction: [ref(PRODUCTION)] },
        { key: 'loc', assign: {} },
      ],
      [
        { key: 'role', assignment: WEB },
        { key: 'app', restriction: [] },
        { key: 'env', restriction: [PRODUCTION] },
        { key: 'loc', assignment: {} },
      ],
      [ref(WEB)],
    ],
  ])('%s', async (_what, labels, shown, assign_labels) => {
    for (const found of await bothWays(test.pce, { labels })) expect(found).toEqual({ labels: shown, assign_labels });
    expect(test.warnings).toEqual([]);
  });

  it('a restriction without a list is a list of one, and whoever runs the emulator is told', async () => {
    const labels = [{ key: 'loc', restriction: ref(AMAZON) }];
    for (const found of await bothWays(test.pce, { labels })) {
      expect(found).toEqual({ labels: [{ key: 'loc', restriction: [AMAZON] }], assign_labels: [] });
    }
    expect(test.warnings).toHaveLength(2);
    expect(test.warnings[0]).toContain('loc');
  });

  it('show in the reply to the creation just as later', async () => {
    const labels = [{ key: 'env', assignment: ref(PRODUCTION) }];
    const { body } = await test.pce.post(PROFILES, { name: 'shop', labels });
    expect((await test.pce.get(body.href)).body).toEqual(body);
    expect(body.labels).toEqual([{ key: 'env', assignment: PRODUCTION }]);
    const [listed] = (await test.pce.get(`${PROFILES}?name=shop`)).body;
    expect(listed).toEqual(body);
  });

  it('can be set on an unmanaged profile', async () => {
    const href = await createProfile(test.pce, { managed: false, assign_labels: [ref(WEB)] });
    expect((await test.pce.get(href)).body).toMatchObject({ managed: false, assign_labels: [ref(WEB)] });
  });
});

describe('labels and the older assign_labels', () => {
  const test = useEmulator({ world: 'demo' });

  it('assign_labels shows as fixed labels', async () => {
    for (const found of await bothWays(test.pce, { assign_labels: [ref(WEB), ref(STAGING)] })) {
      expect(found).toEqual({
        labels: [
          { key: 'role', assignment: WEB },
          { key: 'env', assignment: STAGING },
        ],
        assign_labels: [ref(WEB), ref(STAGING)],
      });
    }
  });

  it('each replaces all that the other said', async () => {
    const labels = [
      { key: 'env', restriction: [ref(STAGING)] },
      { key: 'role', assignment: ref(WEB) },
    ];
    const href = await createProfile(test.pce, { labels });
    await test.pce.put(href, { assign_labels: [ref(AMAZON)] });
    expect(await labelsOf(test.pce, href)).toEqual({
      labels: [{ key: 'loc', assignment: AMAZON }],
      assign_labels: [ref(AMAZON)],
    });
    await test.pce.put(href, { labels: [{ key: 'env', restriction: [] }] });
    expect(await labelsOf(test.pce, href)).toEqual({ labels: [{ key: 'env', restriction: [] }], assign_labels: [] });
  });

  it.each([{ labels: [] }, { assign_labels: [] }])('%j clears both', async (nothing) => {
    const href = await createProfile(test.pce, { assign_labels: [ref(WEB), ref(PRODUCTION)] });
    expect((await test.pce.put(href, nothing)).status).toBe(204);
    expect(await labelsOf(test.pce, href)).toEqual({ labels: [], assign_labels: [] });
  });

  it('both stay when a request speaks of neither', async () => {
    const href = await createProfile(test.pce, { assign_labels: [ref(WEB)] });
    const before = await labelsOf(test.pce, href);
    await test.pce.put(href, { name: 'other', managed: true, enforcement_mode: 'full' });
    expect(await labelsOf(test.pce, href)).toEqual(before);
  });

  it('both at once are refused', async () => {
    const both = { labels: [{ key: 'role', assignment: ref(WEB) }], assign_labels: [ref(WEB)] };
    expect(await refusals(test.pce, both)).toEqual(['input_validation_error', 'input_validation_error']);
  });
});

describe('label options that are refused', () => {
  const test = useEmulator({ world: 'demo' });
  const INVALID_LABEL = 'invalid_label_href';
  const INVALID_INPUT = 'input_validation_error';

  it.each<[string, Json, string]>([
    [
      'a key twice',
      [
        { key: 'env', assignment: ref(STAGING) },
        { key: 'env', restriction: [] },
      ],
      INVALID_LABEL,
    ],
    ['the same option twice', Array(2).fill({ key: 'env', restriction: [] }), INVALID_INPUT],
    ['the same label twice', [{ key: 'env', restriction: [ref(STAGING), ref(STAGING)] }], INVALID_INPUT],
    ['a label of another key, fixed', [{ key: 'app', assignment: ref(WEB) }], INVALID_LABEL],
    ['a label of another key, allowed', [{ key: 'env', restriction: [ref(STAGING), ref(WEB)] }], INVALID_LABEL],
    ['an unknown label', [{ key: 'env', assignment: { href: '/orgs/1/labels/999' } }], INVALID_LABEL],
    ['an unknown label among others', [{ key: 'env', restriction: [{ href: '/orgs/1/labels/999' }] }], INVALID_LABEL],
    ['a label of another organisation', [{ key: 'loc', assignment: { href: OTHER_ORG } }], INVALID_LABEL],
    ['what is no label', [{ key: 'loc', assignment: { href: K8S2 } }], INVALID_LABEL],
    ['a key that is none', [{ key: 'colour', restriction: [] }], 'label_key_not_supported'],
    ['a key that every object has', [{ key: 'constructor', restriction: [] }], 'label_key_not_supported'],
    ['a key in upper case', [{ key: 'ENV', restriction: [] }], 'label_key_not_supported'],
    ['an empty key', [{ key: '', restriction: [] }], INVALID_INPUT],
    ['no key', [{ restriction: [] }], INVALID_INPUT],
    ['a key alone', [{ key: 'env' }], INVALID_INPUT],
    ['both a fixed and allowed labels', [{ key: 'env', assignment: ref(STAGING), restriction: [] }], INVALID_INPUT],
    ['both words for a fixed label', [{ key: 'env', assign: ref(STAGING), assignment: ref(STAGING) }], INVALID_INPUT],
    ['null for a fixed label', [{ key: 'env', assignment: null }], INVALID_INPUT],
    ['null for allowed labels', [{ key: 'env', restriction: null }], INVALID_INPUT],
    ['a list of fixed labels', [{ key: 'env', assignment: [ref(STAGING)] }], INVALID_INPUT],
    ['an href that is no text', [{ key: 'env', assignment: { href: 302 } }], INVALID_INPUT],
    ['an href that is null', [{ key: 'env', assignment: { href: null } }], INVALID_INPUT],
    ['an empty href', [{ key: 'env', assignment: { href: '' } }], INVALID_INPUT],
    ['a value beside an href', [{ key: 'env', assignment: STAGING }], INVALID_INPUT],
    ['a value beside an allowed href', [{ key: 'env', restriction: [STAGING] }], INVALID_INPUT],
    ['an unknown key of an option', [{ key: 'env', restriction: [], exclusive: true }], INVALID_INPUT],
    ['an unknown key of an empty assignment', [{ key: 'env', assignment: { none: true } }], INVALID_INPUT],
    ['an option that is none', ['env'], INVALID_INPUT],
    ['an object instead of a list', { env: ref(STAGING) }, INVALID_INPUT],
    ['null instead of a list', null, INVALID_INPUT],
  ])('%s', async (_what, labels, token) => {
    expect(await refusals(test.pce, { labels })).toEqual([token, token]);
  });

  it.each<[string, Json, string]>([
    ['two labels of one key', [ref(STAGING), ref(PRODUCTION)], INVALID_LABEL],
    ['a label twice', [ref(WEB), ref(WEB)], INVALID_INPUT],
    ['an unknown label', [{ href: '/orgs/1/labels/999' }], INVALID_LABEL],
    ['a label of another organisation', [{ href: OTHER_ORG }], INVALID_LABEL],
    ['a value beside an href', [WEB], INVALID_INPUT],
    ['an empty object', [{}], INVALID_INPUT],
  ])('in assign_labels: %s', async (_what, assign_labels, token) => {
    expect(await refusals(test.pce, { assign_labels })).toEqual([token, token]);
  });

  it('a deleted label, in every form', async () => {
    expect((await test.pce.delete(DEVELOPMENT.href)).status).toBe(204);
    for (const options of [
      { labels: [{ key: 'env', assignment: ref(DEVELOPMENT) }] },
      { labels: [{ key: 'env', restriction: [ref(STAGING), ref(DEVELOPMENT)] }] },
      { assign_labels: [ref(DEVELOPMENT)] },
    ]) {
      expect(await refusals(test.pce, options)).toEqual([INVALID_LABEL, INVALID_LABEL]);
    }
  });
});

describe('the label options of PCE 25.2', () => {
  const test = useEmulator({ world: 'demo', pceVersion: '25.2' });

  it('are written with assignment or a list as restriction', async () => {
    const labels = [
      { key: 'env', assignment: ref(PRODUCTION) },
      { key: 'role', restriction: [ref(WEB)] },
      { key: 'app', restriction: [] },
    ];
    for (const found of await bothWays(test.pce, { labels })) {
      expect(found).toEqual({
        labels: [
          { key: 'env', assignment: PRODUCTION },
          { key: 'role', restriction: [WEB] },
          { key: 'app', restriction: [] },
        ],
        assign_labels: [ref(PRODUCTION)],
      });
    }
  });

  it('are still mirrored from assign_labels', async () => {
    for (const found of await bothWays(test.pce, { assign_labels: [ref(WEB)] })) {
      expect(found).toEqual({ labels: [{ key: 'role', assignment: WEB }], assign_labels: [ref(WEB)] });
    }
  });

  it.each<[string, Json]>([
    ['assign', { key: 'env', assign: ref(PRODUCTION) }],
    ['an empty assign', { key: 'env', assign: {} }],
    ['an empty assignment', { key: 'env', assignment: {} }],
    ['a restriction that is one label', { key: 'env', restriction: ref(PRODUCTION) }],
    ['assign beside assignment', { key: 'env', assignment: ref(PRODUCTION), assign: ref(PRODUCTION) }],
  ])('are no longer written with %s', async (_what, option) => {
    const tokens = await refusals(test.pce, { labels: [option] });
    expect(tokens).toEqual(['input_validation_error', 'input_validation_error']);
    expect(test.warnings).toEqual([]);
  });
});

describe('a label that profiles quote', () => {
  const test = useEmulator({ world: 'demo' });

  it('shows its new value wherever it is quoted, once it is renamed', async () => {
    const fixed = await createProfile(test.pce, { assign_labels: [ref(STAGING), ref(WEB)] });
    const options = [
      { key: 'env', restriction: [ref(PRODUCTION), ref(STAGING)] },
      { key: 'loc', assignment: {} },
    ];
    const allowed = await createProfile(test.pce, { labels: options });
    const apart = await createProfile(test.pce, { assign_labels: [ref(PRODUCTION)] });
    const before = (await test.pce.get(apart)).body;
    expect((await test.pce.put(STAGING.href, { value: 'Rehearsal' })).status).toBe(204);
    const renamed = { ...STAGING, value: 'Rehearsal' };
    expect(await labelsOf(test.pce, fixed)).toEqual({
      labels: [
        { key: 'env', assignment: renamed },
        { key: 'role', assignment: WEB },
      ],
      assign_labels: [ref(STAGING), ref(WEB)],
    });
    expect((await labelsOf(test.pce, allowed)).labels).toEqual([
      { key: 'env', restriction: [PRODUCTION, renamed] },
      { key: 'loc', assignment: {} },
    ]);
    expect((await test.pce.get(apart)).body).toEqual(before);
    const listed = (await test.pce.get(`${PROFILES}?name=restricted`)).body;
    expect(listed[0].labels[0].assignment).toEqual(renamed);
    expect(listed[1].labels[0].restriction).toEqual([PRODUCTION, renamed]);
  });

  it('keeps its place in the filter by assign_labels after it is renamed', async () => {
    await createProfile(test.pce, { assign_labels: [ref(STAGING)] });
    await test.pce.put(STAGING.href, { value: 'Rehearsal' });
    const query = `?assign_labels=${encodeURIComponent(JSON.stringify([[STAGING.href]]))}`;
    expect((await test.pce.get(`${PROFILES}${query}`)).body).toHaveLength(1);
  });

  it('is in use while it is fixed, and cannot be deleted', async () => {
    const used = async () => (await test.pce.get(`${STAGING.href}?usage=true`)).body.usage.container_workload_profile;
    expect(await used()).toBe(false);
    const href = await createProfile(test.pce, { assign_labels: [ref(STAGING)] });
    expect(await used()).toBe(true);
    const refused = await test.pce.delete(STAGING.href);
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'label_still_has_associated_container_workload_profile']);
    expect((await test.pce.get(STAGING.href)).body.deleted).toBe(false);
    await test.pce.put(href, { labels: [] });
    expect(await used()).toBe(false);
    expect((await test.pce.delete(STAGING.href)).status).toBe(204);
  });

  it('can be deleted while it is only allowed, and the list that allowed it does not become one that allows any', async () => {
    const restriction = [ref(STAGING)];
    const href = await createProfile(test.pce, { labels: [{ key: 'env', restriction }] });
    expect((await test.pce.get(`${STAGING.href}?usage=true`)).body.usage.container_workload_profile).toBe(true);
    expect((await test.pce.delete(STAGING.href)).status).toBe(204);
    expect((await test.pce.get(href)).body.labels).toMatchObject([{ key: 'env', restriction }]);
  });

  it('is free again once the profile is deleted', async () => {
    const href = await createProfile(test.pce, { assign_labels: [ref(STAGING)] });
    await test.pce.delete(href);
    expect((await test.pce.delete(STAGING.href)).status).toBe(204);
  });
});

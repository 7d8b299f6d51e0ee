import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from '../../src/emulator.ts';
import { authorization, type Client, clientOf, type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const LABELS = '/orgs/1/labels';

async function create(pce: Client, key: string, value: string, more: Json = {}): Promise<Json> {
  const { status, body } = await pce.post(LABELS, { key, value, ...more });
  expect([status, body]).toEqual([201, expect.objectContaining({ key, value })]);
  return body;
}

async function values(pce: Client, query = ''): Promise<string[]> {
  const { status, body } = await pce.get(`${LABELS}${query}`);
  expect(status).toBe(200);
  return body.map(({ value }: Json) => value);
}

async function change(pce: Client, href: string, body: Json): Promise<void> {
  const { status, text } = await pce.put(href, body);
  expect([status, text]).toEqual([204, '']);
}

describe('a label', () => {
  let now = 0;
  const test = useEmulator({ now: () => now });
  beforeEach(() => {
    now = Date.parse('2024-05-01T10:00:00.000Z');
  });

  it('comes back whole from its creation, and reads the same by its href and in the list', async () => {
    const created = await create(test.pce, 'env', 'Production');
    expect(created).toEqual({
      href: '/orgs/1/labels/1',
      key: 'env',
      value: 'Production',
      deleted: false,
      external_data_set: null,
      external_data_reference: null,
      created_at: '2024-05-01T10:00:00.000Z',
      updated_at: '2024-05-01T10:00:00.000Z',
      created_by: { href: '/users/1' },
      updated_by: { href: '/users/1' },
    });
    expect((await test.pce.get(created.href)).body).toEqual(created);
    expect((await test.pce.get(LABELS)).body).toEqual([created]);
  });

  it.each(['role', 'app', 'env', 'loc'])('may have the key %s', async (key) => {
    expect((await create(test.pce, key, 'x')).key).toBe(key);
  });

  it.each(['os', 'ROLE', 'constructor', ' app'])('may not have the key %j', async (key) => {
    const refused = await test.pce.post(LABELS, { key, value: 'x' });
    expect([refused.status, refused.body]).toEqual([
      406,
      [{ token: 'label_key_not_supported', message: 'Label key is not supported' }],
    ]);
    expect(await values(test.pce)).toEqual([]);
  });

  it('has a value of 1 to 255 characters', async () => {
    await create(test.pce, 'app', 'v'.repeat(255));
    for (const value of ['', 'v'.repeat(256), null, 5]) {
      const refused = await test.pce.post(LABELS, { key: 'app', value });
      expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
    }
    expect(await values(test.pce)).toHaveLength(1);
  });

  it.each([
    { key: 'app' },
    { value: 'x' },
    {},
    { key: 'app', value: 'x', deleted: false },
    { key: 'app', value: 'x', href: '/x' },
  ])('cannot be made from %j', async (body) => {
    const refused = await test.pce.post(LABELS, body);
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
    expect(await values(test.pce)).toEqual([]);
  });

  it('can get another value, which moves updated_at', async () => {
    const created = await create(test.pce, 'app', 'shop');
    now += 1500;
    await change(test.pce, created.href, { value: 'store' });
    const expected = { ...created, value: 'store', updated_at: '2024-05-01T10:00:01.500Z' };
    expect((await test.pce.get(created.href)).body).toEqual(expected);
  });

  it('keeps its key for ever', async () => {
    const created = await create(test.pce, 'app', 'shop');
    const refused = await test.pce.put(created.href, { key: 'env', value: 'store' });
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
    expect(refused.body[0].message).toContain('additional properties ["key"]');
    expect((await test.pce.get(created.href)).body).toEqual(created);
  });

  it('keeps what a change does not speak of', async () => {
    const reference = { external_data_set: 'cmdb', external_data_reference: '7' };
    const { href } = await create(test.pce, 'app', 'shop', reference);
    await change(test.pce, href, { value: 'store' });
    expect((await test.pce.get(href)).body).toMatchObject({ value: 'store', ...reference });
    await change(test.pce, href, { external_data_reference: '8' });
    expect((await test.pce.get(href)).body).toMatchObject({ value: 'store', external_data_set: 'cmdb' });
    await change(test.pce, href, { external_data_set: null, external_data_reference: null });
    expect((await test.pce.get(href)).body).toMatchObject({ external_data_set: null, external_data_reference: null });
  });

  it.each(['/orgs/1/labels/99', '/orgs/1/labels/00', '/orgs/1/labels/01', '/orgs/1/labels/x', '/orgs/1/labels/-1'])(
    'is not there at %s',
    async (href) => {
      await create(test.pce, 'app', 'shop');
      for (const answer of [await test.pce.get(href), await test.pce.put(href, {}), await test.pce.delete(href)]) {
        expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([404, '', undefined]);
      }
    },
  );
});

describe('the ids of labels', () => {
  const test = useEmulator({ world: 'demo' });

  it('are integers that count up within an organisation and are not used again', async () => {
    const { pce } = test;
    const first = await create(pce, 'app', 'a');
    expect(first.href).toBe('/orgs/1/labels/304');
    await pce.delete(first.href);
    expect((await create(pce, 'app', 'b')).href).toBe('/orgs/1/labels/305');
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    expect((await other.post('/orgs/10/labels', { key: 'app', value: 'a' })).body.href).toBe('/orgs/10/labels/226');
  });

  it('are not used up by requests that are refused', async () => {
    expect((await test.pce.post(LABELS, { key: 'role', value: 'Web' })).status).toBe(406);
    expect((await create(test.pce, 'app', 'a')).href).toBe('/orgs/1/labels/304');
  });

  it('may be larger than what a JavaScript number holds', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pce-emulator-world-'));
    const world = join(folder, 'large-ids.json');
    const definition = {
      description: 'One label with an id beyond 2^53.',
      orgs: [{ id: 1, name: 'Large' }],
      steps: [
        { call: 'POST /orgs/1/labels', ids: { labels: ['17732923533262812'] }, body: { key: 'app', value: 'shop' } },
        { call: 'POST /orgs/1/container_clusters', body: { name: 'large' } },
      ],
    };
    writeFileSync(world, JSON.stringify(definition));
    const emulator = await startEmulator({ listen: false, checkReplies: true, world });
    try {
      const pce = clientOf(emulator, authorization(emulator.credentials));
      const href = '/orgs/1/labels/17732923533262812';
      expect((await pce.get(LABELS)).body.map((label: Json) => label.href)).toEqual([href]);
      expect((await pce.get(href)).body).toMatchObject({ href, value: 'shop' });
      // A number would take it for the one before.
      expect((await pce.get('/orgs/1/labels/17732923533262813')).status).toBe(404);
      expect((await create(pce, 'app', 'bank')).href).toBe('/orgs/1/labels/17732923533262813');
      const [cluster] = (await pce.get('/orgs/1/container_clusters')).body;
      const assign_labels = [{ href }];
      const profile = await pce.post(`${cluster.href}/container_workload_profiles`, { name: 'shop', assign_labels });
      expect(profile.body.labels).toEqual([{ key: 'app', assignment: { href, value: 'shop' } }]);
      const lists = encodeURIComponent(JSON.stringify([[href]]));
      const found = await pce.get(`${cluster.href}/container_workload_profiles?assign_labels=${lists}`);
      expect(found.body).toHaveLength(1);
      await change(pce, href, { value: 'store' });
      expect((await pce.get(href)).body.value).toBe('store');
    } finally {
      await emulator.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('two labels', () => {
  const test = useEmulator({ world: 'demo' });
  const NOT_UNIQUE = [{ token: 'label_key_and_value_must_be_unique', message: 'Label key and value must be unique' }];

  it('of one key differ in more than the case of their values', async () => {
    const { pce } = test;
    const before = (await pce.get(LABELS)).body;
    for (const value of ['Production', 'production', 'PRODUCTION']) {
      const refused = await pce.post(LABELS, { key: 'env', value });
      expect([refused.status, refused.body]).toEqual([406, NOT_UNIQUE]);
      const renamed = await pce.put('/orgs/1/labels/302', { value });
      expect([renamed.status, renamed.body]).toEqual([406, NOT_UNIQUE]);
    }
    expect((await pce.get(LABELS)).body).toEqual(before);
  });

  it('of different keys or organisations may have the same value', async () => {
    await create(test.pce, 'app', 'Production');
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    expect((await other.post('/orgs/10/labels', { key: 'env', value: 'Production' })).status).toBe(201);
  });

  it('may differ in white space alone', async () => {
    await create(test.pce, 'env', 'Production ');
  });

  it('may trade a value: what one gives up the other can take', async () => {
    await change(test.pce, '/orgs/1/labels/302', { value: 'Rehearsal' });
    expect((await create(test.pce, 'env', 'Staging')).href).toBe('/orgs/1/labels/304');
  });

  it('may not lose their own value by a change of case', async () => {
    await change(test.pce, '/orgs/1/labels/302', { value: 'STAGING' });
    await change(test.pce, '/orgs/1/labels/302', { value: 'STAGING' });
    expect((await test.pce.get('/orgs/1/labels/302')).body.value).toBe('STAGING');
  });
});

describe('the external reference of a label', () => {
  const test = useEmulator();
  const reference = { external_data_set: 'cmdb', external_data_reference: 'env=prod' };
  const NOT_UNIQUE = [406, 'external_reference_not_unique'];

  it('belongs to one label alone', async () => {
    const { href } = await create(test.pce, 'env', 'Production', reference);
    const second = await test.pce.post(LABELS, { key: 'env', value: 'Staging', ...reference });
    expect([second.status, tokenOf(second)]).toEqual(NOT_UNIQUE);
    const other = await create(test.pce, 'env', 'Test', { ...reference, external_data_reference: 'env=test' });
    const changed = await test.pce.put(other.href, reference);
    expect([changed.status, tokenOf(changed)]).toEqual(NOT_UNIQUE);
    expect((await test.pce.get(other.href)).body).toEqual(other);
    await change(test.pce, href, reference);
    expect(await values(test.pce)).toEqual(['Production', 'Test']);
  });

  it('counts as a pair: either part may repeat', async () => {
    await create(test.pce, 'env', 'a', reference);
    await create(test.pce, 'env', 'b', { ...reference, external_data_set: 'other' });
    await create(test.pce, 'env', 'c', { ...reference, external_data_reference: 'other' });
    expect(await values(test.pce, '?external_data_set=cmdb')).toEqual(['a', 'c']);
    expect(await values(test.pce, '?external_data_reference=env%3Dprod')).toEqual(['a', 'b']);
    expect(await values(test.pce, '?external_data_set=cmdb&external_data_reference=env%3Dprod')).toEqual(['a']);
    expect(await values(test.pce, '?external_data_set=cmd')).toEqual([]);
  });

  it('may be absent on any number of labels', async () => {
    for (const value of ['a', 'b']) {
      await create(test.pce, 'env', value, { external_data_set: null, external_data_reference: null });
    }
    expect(await values(test.pce)).toEqual(['a', 'b']);
  });

  it('is free for another label once its own is deleted', async () => {
    const { href } = await create(test.pce, 'env', 'Production', reference);
    await test.pce.delete(href);
    const again = await create(test.pce, 'env', 'Staging', reference);
    expect((await test.pce.get(again.href)).body).toMatchObject(reference);
  });

  it('is not empty', async () => {
    for (const part of ['external_data_set', 'external_data_reference']) {
      expect((await test.pce.post(LABELS, { key: 'env', value: 'x', [part]: '' })).status).toBe(406);
    }
  });
});

describe('a deleted label', () => {
  let now = Date.parse('2024-05-01T10:00:00.000Z');
  const test = useEmulator({ now: () => now });

  it('can still be read by its href, and is gone from the list', async () => {
    const kept = await create(test.pce, 'app', 'kept');
    const label = await create(test.pce, 'app', 'gone');
    now += 1000;
    const deleted = await test.pce.delete(label.href);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    const marked = { ...label, deleted: true, updated_at: new Date(now).toISOString() };
    expect((await test.pce.get(label.href)).body).toEqual(marked);
    expect((await test.pce.get(LABELS)).body).toEqual([kept]);
    expect((await test.pce.get(`${LABELS}?value=gone`)).body).toEqual([]);
    expect((await test.pce.get(`${LABELS}?include_deleted=true`)).body).toEqual([kept, marked]);
    expect((await test.pce.get(`${LABELS}?include_deleted=false`)).body).toEqual([kept]);
  });

  it('counts in X-Total-Count only with include_deleted', async () => {
    for (const value of ['a', 'b']) await create(test.pce, 'app', value);
    await test.pce.delete(`${LABELS}/1`);
    expect((await test.pce.get(LABELS)).headers['x-total-count']).toBe('1');
    expect((await test.pce.get(`${LABELS}?include_deleted=true`)).headers['x-total-count']).toBe('2');
  });

  it('cannot be deleted or changed again', async () => {
    const { href } = await create(test.pce, 'app', 'gone');
    await test.pce.delete(href);
    const before = (await test.pce.get(href)).body;
    for (const refused of [await test.pce.delete(href), await test.pce.put(href, { value: 'back' })]) {
      expect([refused.status, refused.body]).toEqual([
        406,
        [{ token: 'label_already_deleted', message: 'Label already deleted' }],
      ]);
    }
    expect((await test.pce.get(href)).body).toEqual(before);
  });

  it('frees its value, as often as need be', async () => {
    for (let round = 0; round < 3; round++) {
      const { href } = await create(test.pce, 'app', 'shop');
      expect((await test.pce.delete(href)).status).toBe(204);
    }
    const { href } = await create(test.pce, 'app', 'shop');
    expect(href).toBe('/orgs/1/labels/4');
    expect(await values(test.pce, '?include_deleted=true')).toEqual(['shop', 'shop', 'shop', 'shop']);
  });

  it('cannot be one that a profile uses', async () => {
    const label = await create(test.pce, 'app', 'used');
    const cluster = (await test.pce.post('/orgs/1/container_clusters', { name: 'k8s' })).body.href;
    const assign_labels = [{ href: label.href }];
    await test.pce.post(`${cluster}/container_workload_profiles`, { name: 'user', assign_labels });
    const refused = await test.pce.delete(label.href);
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'label_still_has_associated_container_workload_profile']);
    expect((await test.pce.get(label.href)).body).toEqual(label);
  });
});

/** Core 22.5 documentation, labels. */
const USAGE_FLAGS = [
  'virtual_server',
  'label_group',
  'ruleset',
  'static_policy_scopes',
  'pairing_profile',
  'permission',
  'workload',
  'container_workload',
  'firewall_coexistence_scope',
  'containers_inherit_host_policy_scopes',
  'container_workload_profile',
  'blocked_connection_reject_scope',
  'enforcement_boundary',
  'loopback_interfaces_in_policy_scopes',
  'virtual_service',
];

describe('the usage of labels', () => {
  const test = useEmulator();

  it('is told on request, in the list and for one label', async () => {
    const [used, idle] = [await create(test.pce, 'app', 'used'), await create(test.pce, 'app', 'idle')];
    const cluster = (await test.pce.post('/orgs/1/container_clusters', { name: 'k8s' })).body.href;
    const labels = [{ key: 'app', restriction: [{ href: used.href }] }];
    await test.pce.post(`${cluster}/container_workload_profiles`, { name: 'user', labels });
    const unused = Object.fromEntries(USAGE_FLAGS.map((flag) => [flag, false]));
    const list = await test.pce.get(`${LABELS}?usage=true`);
    expect(list.body).toEqual([
      { ...used, usage: { ...unused, container_workload_profile: true } },
      { ...idle, usage: unused },
    ]);
    expect(list.headers['x-total-count']).toBe('2');
    for (const label of list.body) expect((await test.pce.get(`${label.href}?usage=true`)).body).toEqual(label);
    expect((await test.pce.get(`${LABELS}?usage=true&value=idle`)).body).toEqual([list.body[1]]);
  });

  it('is not told unasked', async () => {
    const { href } = await create(test.pce, 'app', 'x');
    for (const query of ['', '?usage=false']) {
      expect((await test.pce.get(`${href}${query}`)).body).not.toHaveProperty('usage');
      expect((await test.pce.get(`${LABELS}${query}`)).body[0]).not.toHaveProperty('usage');
    }
  });
});

describe('listing labels', () => {
  const test = useEmulator();

  beforeEach(async () => {
    const { pce } = test;
    for (const value of ['Shop 2', 'My shop', 'shop', '100%', 'a_b', 'a\\b']) await create(pce, 'app', value);
    await create(pce, 'env', 'shop floor');
  });

  it.each([
    ['a key', 'key=env', ['shop floor']],
    ['a key that no label has', 'key=os', []],
    ['a part of the key', 'key=en', []],
    ['a part of the value in any case, an equal one first', 'value=SHOP', ['shop', 'Shop 2', 'My shop', 'shop floor']],
    ['one row, which is the equal one', 'value=shop&max_results=1', ['shop']],
    ['key and value', 'key=env&value=shop', ['shop floor']],
    ['a percent sign', 'value=%25', ['100%']],
    ['an underscore', 'value=_', ['a_b']],
    ['a backslash', 'value=%5C', ['a\\b']],
    ['a value that no label has', 'value=nothing', []],
    ['a plus sign, which is a space', 'value=shop+f', ['shop floor']],
  ])('selects by %s', async (_what, query, expected) => {
    expect(await values(test.pce, `?${query}`)).toEqual(expected);
  });

  it.each(['usage=1', 'include_deleted=yes', 'max_results=x'])('refuses %s', async (query) => {
    const refused = await test.pce.get(`${LABELS}?${query}`);
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
    expect(refused.body[0].message).toContain('labels_get.schema.json');
  });
});

describe.each(['All Applications', 'All Environments', 'All Locations'])('the value %s', (value) => {
  describe.each(['22.2', '23.5'] as const)('at PCE %s', (pceVersion) => {
    const test = useEmulator({ pceVersion });

    it('is one like any other', async () => {
      const { href } = await create(test.pce, 'app', value);
      await change(test.pce, href, { value: 'other' });
      await change(test.pce, href, { value });
    });
  });

  describe.each(['24.5', '25.2'] as const)('at PCE %s', (pceVersion) => {
    const test = useEmulator({ pceVersion });

    it('is reserved', async () => {
      const { href } = await create(test.pce, 'app', 'other');
      for (const refused of [await test.pce.post(LABELS, { key: 'app', value }), await test.pce.put(href, { value })]) {
        expect([refused.status, tokenOf(refused)]).toEqual([406, 'label_value_reserved']);
      }
      expect(await values(test.pce)).toEqual(['other']);
      await change(test.pce, href, { external_data_set: 'x' });
    });
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Release, startEmulator } from '../../src/emulator.ts';
import { authorization, clientOf, type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const ALL = '/orgs/1/label_dimensions';
const START = Date.parse('2026-03-01T08:00:00.000Z');
const NOBODYS = `${ALL}/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11`;
const BUILT_IN = ['role', 'app', 'env', 'loc'];

describe('label dimensions', () => {
  let now = START;
  const test = useEmulator({ world: 'demo', pceVersion: '23.5', now: () => now });
  beforeEach(() => {
    now = START;
  });

  const make = (body: Json) => test.pce.post(ALL, { display_name: body.key, ...body });
  async function made(key: string, more: Json = {}): Promise<Json> {
    const { status, body } = await make({ key, ...more });
    expect([status, body]).toEqual([201, expect.objectContaining({ key })]);
    return body;
  }
  async function listed(query = ''): Promise<Json[]> {
    const { status, body } = await test.pce.get(`${ALL}${query}`);
    expect(status).toBe(200);
    return body;
  }
  const keys = async (query?: string) => (await listed(query)).map(({ key }) => key);
  const builtIn = async (key: string): Promise<Json> => (await listed(`?key=${key}`))[0];

  it('begin with four in every organisation, which are the own ones of the PCE', async () => {
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    for (const [client, org] of [
      [test.pce, 1],
      [other, 10],
    ] as const) {
      const { body, headers } = await client.get(`/orgs/${org}/label_dimensions`);
      expect([body.map(({ key }: Json) => key), headers['x-total-count']]).toEqual([BUILT_IN, '4']);
    }
    expect(await builtIn('app')).toEqual({
      href: expect.stringMatching(/^\/orgs\/1\/label_dimensions\/[0-9a-f]{8}-[0-9a-f]{4}-4/),
      key: 'app',
      display_name: 'Application',
      created_at: '2026-03-01T08:00:00.000Z',
      updated_at: '2026-03-01T08:00:00.000Z',
      display_info: {
        icon: 'app',
        initial: 'A',
        sort_ordinal: 2_000_000,
        background_color: '#42a5f5',
        foreground_color: '#ffffff',
        display_name_plural: 'Applications',
      },
      deleted: false,
      deleted_at: null,
      usage: { labels: false, label_groups: false },
      caps: ['write'],
      external_data_set: 'defaults.illumio.com',
      external_data_reference: 'app',
      created_by: { href: '/users/0' },
      updated_by: { href: '/users/0' },
      deleted_by: null,
    });
  });

  it('come back whole from their creation, and read the same by href and in the list', async () => {
    const display_info = {
      initial: 'BU',
      icon: 'group',
      sort_ordinal: 5,
      background_color: '',
      foreground_color: null,
    };
    const created = await made('bu', { display_name: 'Business Unit', display_info });
    expect(created).toEqual({
      href: expect.stringContaining(`${ALL}/`),
      key: 'bu',
      display_name: 'Business Unit',
      created_at: '2026-03-01T08:00:00.000Z',
      updated_at: '2026-03-01T08:00:00.000Z',
      display_info,
      deleted: false,
      deleted_at: null,
      usage: { labels: false, label_groups: false },
      caps: ['write', 'delete'],
      external_data_set: null,
      external_data_reference: null,
      created_by: { href: '/users/1' },
      updated_by: { href: '/users/1' },
      deleted_by: null,
    });
    expect((await test.pce.get(created.href)).body).toEqual(created);
    expect((await listed()).at(-1)).toEqual(created);
  });

  it.each([[undefined], [null], [{}]])('show no display_info where none is sent: %j', async (display_info) => {
    const created = await made('os', { display_info });
    expect(created.display_info).toBeNull();
    await test.pce.put(created.href, { display_info: { initial: 'OS' } });
    expect((await test.pce.get(created.href)).body.display_info).toEqual({ initial: 'OS' });
    await test.pce.put(created.href, { display_info: {} });
    expect((await test.pce.get(created.href)).body.display_info).toBeNull();
  });

  it('need a key and a name, and take nothing unknown', async () => {
    const display_name = 'x';
    for (const body of [
      {},
      { key: 'x' },
      { display_name },
      { key: '', display_name },
      { key: 'k'.repeat(65), display_name },
      { key: 5, display_name },
      { key: 'x', display_name: '' },
      { key: 'x', display_name: 'n'.repeat(256) },
      { key: 'x', display_name, caps: [] },
      { key: 'x', display_name, usage: { labels: true, label_groups: true } },
      { key: 'x', display_name, display_info: { colour: 'red' } },
      { key: 'x', display_name, display_info: { initial: 'ABC' } },
      { key: 'x', display_name, display_info: { sort_ordinal: '1' } },
      { key: 'x', display_name, display_info: [] },
    ]) {
      const refused = await test.pce.post(ALL, body);
      expect([body, refused.status, tokenOf(refused)]).toEqual([body, 406, 'input_validation_error']);
    }
    expect(await keys()).toEqual(BUILT_IN);
    expect((await made('k'.repeat(64))).key).toHaveLength(64);
  });

  it('have keys, names and external references of their own', async () => {
    const reference = { external_data_set: 's', external_data_reference: 'r' };
    const os = await made('os', { display_name: 'OS', ...reference });
    const tokens = [
      await make({ key: 'os', display_name: 'System' }),
      await make({ key: 'Role', display_name: 'Function' }),
      await make({ key: 'system', display_name: 'os' }),
      await make({ key: 'system', display_name: 'application' }),
      await make({ key: 'system', ...reference }),
      await test.pce.put(os.href, { display_name: 'Location' }),
      await test.pce.put((await builtIn('role')).href, reference),
    ].map(tokenOf);
    expect(tokens).toEqual([
      'label_dimension_key_must_be_unique',
      'label_dimension_key_must_be_unique',
      'name_must_be_unique',
      'name_must_be_unique',
      'external_reference_not_unique',
      'name_must_be_unique',
      'external_reference_not_unique',
    ]);
    expect(await keys()).toEqual([...BUILT_IN, 'os']);
    expect((await test.pce.get(os.href)).body).toEqual(os);
  });

  it('are twenty at most; a deleted one makes room', async () => {
    for (let number = 5; number < 20; number++) await made(`d${number}`);
    const last = await made('d20');
    const refused = await make({ key: 'd21' });
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'label_dimension_limit_exceeded']);
    expect(await listed()).toHaveLength(20);
    await test.pce.delete(last.href);
    await made('d21');
  });

  it('keep their key, and what a change does not name', async () => {
    const reference = { external_data_set: 's', external_data_reference: 'r' };
    const created = await made('os', { display_info: { initial: 'OS' }, ...reference });
    now += 1500;
    const { status, text } = await test.pce.put(created.href, { display_name: 'System' });
    expect([status, text]).toEqual([204, '']);
    const updated_at = '2026-03-01T08:00:01.500Z';
    const changed = { ...created, display_name: 'System', updated_at };
    expect((await test.pce.get(created.href)).body).toEqual(changed);
    for (const body of [{ key: 'system' }, { key: 'os' }, { deleted: true }, { display_name: null }]) {
      expect([body, tokenOf(await test.pce.put(created.href, body))]).toEqual([body, 'input_validation_error']);
    }
    expect((await test.pce.get(created.href)).body).toEqual(changed);
    await test.pce.put(created.href, { external_data_set: null, external_data_reference: null });
    expect((await test.pce.get(created.href)).body).toMatchObject({ external_data_set: null, display_name: 'System' });
  });

  it('of the PCE can be shown otherwise, and not be deleted', async () => {
    const role = await builtIn('role');
    expect((await test.pce.put(role.href, { display_name: 'Function', external_data_set: null })).status).toBe(204);
    const refused = await test.pce.delete(role.href);
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'label_dimension_built_in_cannot_be_deleted']);
    expect((await test.pce.get(role.href)).body).toMatchObject({
      key: 'role',
      display_name: 'Function',
      deleted: false,
      created_by: { href: '/users/0' },
      updated_by: { href: '/users/1' },
    });
  });

  it('stay readable after a deletion, without being in the list, and cannot be deleted twice', async () => {
    const created = await made('os');
    now += 1000;
    const gone = await test.pce.delete(created.href);
    expect([gone.status, gone.text]).toEqual([204, '']);
    const at = '2026-03-01T08:00:01.000Z';
    const by = { href: '/users/1' };
    const deleted = { ...created, deleted: true, deleted_at: at, deleted_by: by, updated_at: at };
    expect((await test.pce.get(created.href)).body).toEqual(deleted);
    expect(await keys()).toEqual(BUILT_IN);
    expect((await listed('?include_deleted=true')).at(-1)).toEqual(deleted);
    for (const again of [
      await test.pce.delete(created.href),
      await test.pce.put(created.href, { display_name: 'x' }),
    ]) {
      expect([again.status, tokenOf(again)]).toEqual([406, 'label_dimension_already_deleted']);
    }
    expect((await test.pce.get(created.href)).body).toEqual(deleted);
  });

  it('free their key and name when they are deleted', async () => {
    const first = await made('os', { external_data_set: 's', external_data_reference: 'r' });
    await test.pce.delete(first.href);
    expect(tokenOf(await test.pce.post('/orgs/1/labels', { key: 'os', value: 'Linux' }))).toBe(
      'label_key_not_supported',
    );
    const second = await made('os', { external_data_set: 's', external_data_reference: 'r' });
    expect(second.href).not.toBe(first.href);
    expect((await test.pce.post('/orgs/1/labels', { key: 'os', value: 'Linux' })).status).toBe(201);
    expect((await test.pce.get(first.href)).body.deleted).toBe(true);
  });

  it('say whether they have labels, and cannot be deleted while they do', async () => {
    const os = await made('os');
    const used = async () => (await test.pce.get(os.href)).body.usage;
    const label = (await test.pce.post('/orgs/1/labels', { key: 'os', value: 'Linux' })).body;
    expect(await used()).toEqual({ labels: true, label_groups: false });
    expect((await builtIn('os')).usage.labels).toBe(true);
    const refused = await test.pce.delete(os.href);
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'label_dimension_still_has_associated_labels']);
    await test.pce.delete(label.href);
    expect(await used()).toEqual({ labels: false, label_groups: false });
    expect((await test.pce.delete(os.href)).status).toBe(204);
    expect((await test.pce.get(label.href)).body).toMatchObject({ key: 'os', deleted: true });
  });

  it('say whether they have label groups, and cannot be deleted while they do', async () => {
    const os = await made('os');
    const groups = '/orgs/1/sec_policy/draft/label_groups';
    const group = (await test.pce.post(groups, { key: 'os', name: 'Systems' })).body;
    expect((await test.pce.get(os.href)).body.usage).toEqual({ labels: false, label_groups: true });
    expect((await builtIn('app')).usage.label_groups).toBe(false);
    expect(tokenOf(await test.pce.delete(os.href))).toBe('label_dimension_still_has_associated_label_groups');
    expect((await test.pce.delete(group.href)).status).toBe(204);
    expect((await test.pce.delete(os.href)).status).toBe(204);
    expect(tokenOf(await test.pce.post(groups, { key: 'os', name: 'More' }))).toBe('label_key_not_supported');
  });

  it('are found by key, part of the name and external reference, and counted whatever is asked', async () => {
    await made('bu', { display_name: 'Business Unit', external_data_set: 'cmdb', external_data_reference: '7' });
    await made('unit', { display_name: 'Unit' });
    await test.pce.delete((await made('gone', { display_name: 'Gone unit' })).href);
    const found = async (query: string, total = '6') => {
      const { status, headers, body } = await test.pce.get(`${ALL}?${query}`);
      expect([status, headers['x-total-count']]).toEqual([200, total]);
      return body.map(({ key }: Json) => key);
    };
    expect(await found('key=bu')).toEqual(['bu']);
    expect(await found('key=b')).toEqual([]);
    expect(await found('display_name=UNIT')).toEqual(['unit', 'bu']);
    expect(await found('display_name=unit&max_results=1')).toEqual(['unit']);
    expect(await found('display_name=unit&include_deleted=true', '7')).toEqual(['unit', 'bu', 'gone']);
    expect(await found('external_data_set=cmdb&external_data_reference=7')).toEqual(['bu']);
    expect(await found('external_data_set=defaults.illumio.com')).toEqual(BUILT_IN);
    expect(await found('max_results=0')).toEqual([]);
    expect((await test.pce.get(`${ALL}?include_deleted=maybe`)).status).toBe(406);
  });

  it('come as a job too', async () => {
    const { status, headers } = await test.pce.get(ALL, { Prefer: 'respond-async' });
    expect(status).toBe(202);
    const { body } = await test.pce.get(headers.location ?? '');
    expect((await test.pce.get(body.result.href)).body.map(({ key }: Json) => key)).toEqual(BUILT_IN);
  });

  it.each([NOBODYS, `${ALL}/role`, `${ALL}/1`])('are not found where there is none: %s', async (href) => {
    const answers = [
      await test.pce.get(href),
      await test.pce.put(href, { display_name: 'x' }),
      await test.pce.delete(href),
    ];
    for (const { status, text } of answers) expect([status, text]).toEqual([404, '']);
  });

  it('belong to one organisation', async () => {
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    const os = await made('os');
    for (const answer of [await other.get(ALL), await other.get(os.href), await other.delete(os.href)]) {
      expect(answer.status).toBe(403);
    }
    expect((await other.get(os.href.replace('/orgs/1/', '/orgs/10/'))).status).toBe(404);
    expect(tokenOf(await other.post('/orgs/10/labels', { key: 'os', value: 'x' }))).toBe('label_key_not_supported');
    const theirs = await other.post('/orgs/10/label_dimensions', { key: 'os', display_name: 'os' });
    expect(theirs.status).toBe(201);
    expect((await test.pce.post('/orgs/1/labels', { key: 'os', value: 'x' })).status).toBe(201);
    expect((await other.get(theirs.body.href)).body.usage.labels).toBe(false);
  });

  it('leave events, and none when they are refused', async () => {
    const os = await made('os');
    await test.pce.put(os.href, { display_name: 'System' });
    await test.pce.delete(os.href);
    await test.pce.delete(os.href);
    await make({ key: 'role' });
    await test.pce.delete((await builtIn('loc')).href);
    const events = (await test.pce.get('/orgs/1/events?max_results=3')).body.reverse();
    expect(events.map(({ event_type }: Json) => event_type)).toEqual(
      ['create', 'update', 'delete'].map((what) => `label_dimension.${what}`),
    );
    expect(events[1].resource_changes).toMatchObject([
      {
        change_type: 'update',
        resource: { label_dimension: { href: os.href, key: 'os' } },
        changes: { display_name: { before: 'os', after: 'System' } },
      },
    ]);
  });

  it('are in organisations that are made later', async () => {
    const { org_id, api_key, api_secret } = (await test.control.post('/orgs', {})).body;
    const { body } = await test.as({ api_key, api_secret }).get(`/orgs/${org_id}/label_dimensions`);
    expect(body.map(({ key }: Json) => key)).toEqual(BUILT_IN);
  });
});

describe('the label dimensions of the PCE', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pce-emulator-dimensions-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function begin<T>(pceVersion: Release, work: (pce: ReturnType<typeof clientOf>) => Promise<T>): Promise<T> {
    const db = join(folder, 'state.db');
    const emulator = await startEmulator({ listen: false, checkReplies: true, pceVersion, db });
    try {
      return await work(clientOf(emulator, authorization(emulator.credentials)));
    } finally {
      await emulator.close();
    }
  }
  const shownBy = (pceVersion: Release) =>
    begin(pceVersion, async (pce) => (await pce.get(ALL)).body.map(({ key, href }: Json) => [key, href]));

  it('are there once a file goes on as a release that has them, and stay the same', async () => {
    await begin('22.2', async (pce) => expect((await pce.get(ALL)).status).toBe(404));
    const shown = await shownBy('23.5');
    expect(shown.map(([key]: string[]) => key)).toEqual(BUILT_IN);
    expect(await shownBy('25.2')).toEqual(shown);
  });

  it('are added to a file that was written before there were any', async () => {
    await shownBy('24.5');
    const database = new Database(join(folder, 'state.db'));
    database.prepare('DELETE FROM label_dimensions').run();
    database.close();
    expect((await shownBy('24.5')).map(([key]: string[]) => key)).toEqual(BUILT_IN);
  });
});

describe('a saved world', () => {
  const test = useEmulator({ pceVersion: '25.2' });
  const keys = async () => (await test.pce.get(ALL)).body.map(({ key }: Json) => key);

  it('brings its label dimensions', async () => {
    await test.pce.post(ALL, { key: 'os', display_name: 'OS' });
    const world = test.emulator.saveWorld();
    test.emulator.reset();
    expect(await keys()).toEqual(BUILT_IN);
    expect((await test.control.put('/world', world)).status).toBe(200);
    expect(await keys()).toEqual([...BUILT_IN, 'os']);
    expect(test.emulator.saveWorld().steps).toHaveLength(world.steps.length);
  });

  it('gets those of the PCE if it was written before there were any', async () => {
    const { steps, ...rest } = test.emulator.saveWorld();
    const older = steps.filter((step) => !('collection' in step && step.collection === 'label_dimensions'));
    expect(steps.length - older.length).toBe(4);
    expect((await test.control.put('/world', { ...rest, steps: older })).status).toBe(200);
    expect(await keys()).toEqual(BUILT_IN);
  });
});

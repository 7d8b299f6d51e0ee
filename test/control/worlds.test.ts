import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator.ts';
import { clusterOf, deployment, labelOf, rows, service, succeeded } from '../agent/cluster.ts';
import { authorization, type Client, clientOf, type Json, useEmulator } from '../support/emulator.ts';

const NINE = '2026-03-01T09:00:00.000Z';
const LABELS = '/orgs/1/labels';
const CLUSTERS = '/orgs/1/container_clusters';

type World = ReturnType<Emulator['saveWorld']>;

/** What a world holds: all but where it comes from. */
const content = ({ description: _, ...world }: World) => world;
/** The same without the keys, of which each start has its own. */
const documents = (world: World) => ({
  ...content(world),
  steps: world.steps.filter((step) => !('collection' in step && step.collection === 'api_keys')),
});

const open: Emulator[] = [];
const bugs: string[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pce-emulator-worlds-'));
});
afterEach(async () => {
  for (const emulator of open.splice(0)) await emulator.close();
  rmSync(folder, { recursive: true, force: true });
  expect(bugs.splice(0)).toEqual([]);
});
const begin = async (options: EmulatorOptions = {}) => {
  const log = (message: string) => void (message.startsWith('warning: ') || bugs.push(message));
  const emulator = await startEmulator({ listen: false, world: 'empty', checkReplies: true, log, ...options });
  open.push(emulator);
  const pce = clientOf(emulator, authorization(emulator.credentials));
  const control = clientOf(emulator, {}, { prefix: '/_emulator', problem: 'emulator/status#problem' });
  return { emulator, pce, control };
};

/** Writes a world into a file. @returns its path */
function written(world: World): string {
  const file = join(folder, 'world.json');
  writeFileSync(file, JSON.stringify(world, null, 2));
  return file;
}

describe('a saved world', () => {
  const test = useEmulator({ world: 'demo', pceVersion: '25.2', clock: NINE });
  const save = async (client: Client = test.control): Promise<World> => succeeded(await client.get('/world')).body;

  /** A cluster with something of everything. */
  async function live() {
    const label = await labelOf(test.pce, 'app', 'shop');
    const cluster = await clusterOf(test, {
      name: 'saved',
      report: { cluster_mode: 'clas', namespaces: ['shop'], nodes: [{ name: 'n', machine_id: 'm' }] },
    });
    await cluster.manage('shop', { assign_labels: [{ href: label.href }] });
    await cluster.services([service('web')]);
    await cluster.workloads(deployment('web'));
    const { body } = await test.pce.post('/orgs/1/pairing_profiles', { name: 'hosts', enabled: true });
    const code = succeeded(await test.pce.post(`${body.href}/pairing_key`)).body;
    await test.pce.get(LABELS, { prefer: 'respond-async' });
    return { label, cluster, code };
  }

  it('makes the same again where it comes from', async () => {
    await live();
    const world = await save();
    const answer = succeeded(await test.control.put('/world', world));
    expect(answer.body).toEqual({ world: 'loaded', orgs: [{ org_id: 1 }, { org_id: 10 }] });
    expect(content(await save())).toEqual(content(world));
    test.emulator.loadWorld(test.emulator.saveWorld());
    expect(content(await save())).toEqual(content(world));
  });

  it('makes the same in a fresh emulator, and in a later release', async () => {
    await live();
    const world = await save();
    const fresh = await begin({ pceVersion: '25.2' });
    expect((await fresh.control.put('/world', world)).status).toBe(200);
    expect(documents(await save(fresh.control))).toEqual(documents(world));

    const older = await begin({ world: 'demo', clock: NINE });
    fresh.emulator.loadWorld(older.emulator.saveWorld());
    const [cluster] = await rows(fresh.pce, CLUSTERS);
    expect(cluster).toMatchObject({ name: 'k8s2', caps: ['write'], cluster_mode: 'legacy', container_runtime: null });
    const shown = { caps: undefined, cluster_mode: undefined, container_runtime: undefined };
    const [before] = await rows(older.pce, CLUSTERS);
    expect({ ...cluster, ...shown }).toMatchObject(before);
  });

  it.each(['demo', 'page', 'empty'])('of the world %s is that world', async (name) => {
    const first = await begin({ world: name, clock: NINE });
    const world = first.emulator.saveWorld();
    for (const target of [await begin(), await begin({ world: written(world) })]) {
      target.emulator.loadWorld(world);
      expect(documents(target.emulator.saveWorld())).toEqual(documents(world));
    }
    const started = await begin({ world: written(world) });
    expect(documents(started.emulator.saveWorld())).toEqual(documents(world));
  });

  it('starts an emulator in which agents go on with their tokens, and users with their keys', async () => {
    const { cluster, code } = await live();
    const made = succeeded(await test.pce.post(CLUSTERS, { name: 'other' })).body;
    const key = test.emulator.credentials;
    const before = await rows(test.pce, '/orgs/1/kubernetes_workloads');
    const { emulator, pce, control } = await begin({ pceVersion: '25.2', world: written(await save()) });
    expect(await rows(pce, '/orgs/1/kubernetes_workloads')).toEqual(before);
    // Who had a key of the emulator that was saved has it here, too.
    expect((await clientOf(emulator, authorization(key)).get(LABELS)).status).toBe(200);
    const token = { authorization: `Token token=${made.container_cluster_token}` };
    const agent = clientOf(emulator, token);
    expect((await agent.put(`${made.href}/put_from_cluster`, { namespaces: ['a'] })).status).toBeLessThan(300);
    const nodes = succeeded(
      await control.post(`${cluster.href}/node_agents`, { activation_code: code.activation_code }),
    );
    expect(nodes.body).toMatchObject([{ hostname: 'n' }]);
  });

  it('lets in by key and token who was let in, and by the keys of the start, after it was loaded', async () => {
    const made = succeeded(await test.pce.post(CLUSTERS, { name: 'saved' })).body;
    const world = await save();
    const { emulator, pce } = await begin({ pceVersion: '25.2' });
    const agent = clientOf(emulator, {
      authorization: `Token token=${made.container_cluster_token}`,
    });
    const profiles = `${made.href}/container_workload_profiles`;
    expect([(await pce.get(LABELS)).status, (await agent.get(profiles)).status]).toEqual([200, 401]);
    emulator.loadWorld(world);
    expect([(await pce.get(LABELS)).status, (await agent.get(profiles)).status]).toEqual([200, 200]);
    expect((await agent.put(`${made.href}/put_from_cluster`, { namespaces: ['a'] })).status).toBeLessThan(300);
    expect((await clientOf(emulator, authorization(test.emulator.credentials)).get(LABELS)).status).toBe(200);
    emulator.loadWorld({ description: 'without it', orgs: [{ id: 1, name: 'Example' }], steps: [] });
    expect([(await pce.get(LABELS)).status, (await agent.get(profiles)).status]).toEqual([200, 401]);
  });

  it('gives a key for each organisation that the start has none for, in the reply', async () => {
    const tenant = test.emulator.org('tenant');
    const world = await save();
    const { emulator, control, pce } = await begin({ pceVersion: '25.2' });
    const { orgs } = succeeded(await control.put('/world', world)).body;
    const fresh = { api_key: expect.stringMatching(/^api_/), api_secret: expect.stringMatching(/^[0-9a-f]{64}$/) };
    expect(orgs).toEqual([
      { org_id: 1 },
      { org_id: 10, ...fresh, username: 'user10@example.com' },
      { org_id: tenant.org_id, ...fresh, username: `user${tenant.org_id}@example.com` },
    ]);
    for (const { org_id, api_key, api_secret } of orgs.slice(1)) {
      const client = clientOf(emulator, authorization({ api_key, api_secret }));
      expect((await client.get(`/orgs/${org_id}/labels`)).status).toBe(200);
      expect((await client.get(LABELS)).status).toBe(403);
    }
    expect((await clientOf(emulator, authorization(tenant)).get(`/orgs/${tenant.org_id}/labels`)).status).toBe(200);
    expect((await pce.get(LABELS)).status).toBe(200);
  });

  it('goes on with its ids: those set aside, then fresh ones, none twice', async () => {
    await live();
    const world = await save();
    const aside = world.next_ids?.container_clusters ?? [];
    expect(aside).toEqual([]);
    const { emulator, pce } = await begin({ world: 'demo', clock: NINE });
    const before = emulator.saveWorld();
    const set = before.next_ids?.container_clusters?.[0];
    for (const [from, next] of [
      [before, `${LABELS}/304`],
      [world, `${LABELS}/305`],
    ] as const) {
      emulator.loadWorld(from);
      expect((await labelOf(pce, 'app', 'next')).href).toBe(next);
      const hrefs = [];
      for (let index = 0; index < 3; index++) hrefs.push(succeeded(await pce.post(CLUSTERS, { name: 'n' })).body.href);
      expect(new Set(hrefs).size).toBe(3);
      expect(hrefs[0] === `${CLUSTERS}/${set}`).toBe(from === before);
      const made = emulator.saveWorld().steps.map((step) => ('document' in step ? step.document : ''));
      expect(new Set(made).size).toBe(made.length);
    }
  });

  it('keeps numbers that are larger than JSON has exactly', async () => {
    const { emulator, pce, control } = await begin();
    const orgs = [{ id: 1, name: 'Example' }];
    emulator.loadWorld({ description: '', orgs, steps: [], next_ids: { labels: ['912345678901234567'] } });
    expect((await labelOf(pce, 'app', 'a')).href).toBe(`${LABELS}/912345678901234567`);
    const world = await save(control);
    expect(world.sequences?.[LABELS]).toBe('912345678901234567');
    emulator.loadWorld(world);
    expect((await labelOf(pce, 'app', 'b')).href).toBe(`${LABELS}/912345678901234568`);
  });

  it('goes on beside documents that say nothing of how far numbers have come', async () => {
    const { emulator, pce } = await begin({ clock: NINE });
    for (const value of ['a', 'b', 'c']) await labelOf(pce, 'app', value);
    const { sequences: _, ...world } = emulator.saveWorld();
    emulator.loadWorld(world);
    expect((await labelOf(pce, 'app', 'd')).href).toBe(`${LABELS}/4`);
  });

  it('says where the clock stands, if it does', async () => {
    const { emulator } = await begin();
    expect(emulator.saveWorld().frozen_at).toBeUndefined();
    emulator.clock.freeze('2027-01-01T00:00:00.000Z');
    const world = emulator.saveWorld();
    expect(world.frozen_at).toBe('2027-01-01T00:00:00.000Z');
    test.emulator.loadWorld(world);
    expect(test.emulator.clock.now()).toBe('2027-01-01T00:00:00.000Z');
  });

  it('says how far ahead a clock is that runs', async () => {
    const now = () => Date.parse(NINE);
    const { emulator } = await begin({ now });
    expect(emulator.saveWorld()).not.toHaveProperty('ahead_ms');
    emulator.clock.advance('1h');
    const world = emulator.saveWorld();
    expect([world.ahead_ms, world.frozen_at]).toEqual([3_600_000, undefined]);
    const [loaded, started, given] = [
      await begin({ clock: '2030-01-01T00:00:00Z', now }),
      await begin({ world: written(world), now }),
      await begin({ world: written(world), clock: '2030-01-01T00:00:00Z', now }),
    ];
    loaded.emulator.loadWorld(world);
    for (const one of [loaded.emulator, started.emulator]) {
      expect([one.clock.now(), one.saveWorld().ahead_ms]).toEqual(['2026-03-01T10:00:00.000Z', 3_600_000]);
    }
    expect(given.emulator.clock.now()).toBe('2030-01-01T00:00:00.000Z');
  });

  it('may be larger than what clients may send', async () => {
    const { control, pce } = await begin({ clock: NINE });
    const steps = Array.from({ length: 3000 }, (_, index) => ({
      call: 'POST /orgs/1/labels',
      body: { key: 'app', value: `${index} ${'long '.repeat(40)}`.trim() },
    }));
    const world = { description: 'large', orgs: [{ id: 1, name: 'Example' }], steps };
    expect((await control.put('/world', world)).status).toBe(200);
    const saved = await save(control);
    expect(JSON.stringify(saved).length).toBeGreaterThan(1024 * 1024);
    expect((await control.put('/world', saved)).status).toBe(200);
    expect(content(await save(control)).steps).toEqual(saved.steps);
    expect((await pce.get(`${LABELS}?max_results=1`)).headers['x-total-count']).toBe('3000');
    expect((await pce.post(LABELS, { key: 'app', value: 'x'.repeat(1024 * 1024) })).status).toBe(413);
  });

  it('is refused where there is more than a world may have', async () => {
    const db = join(folder, 'state.db');
    const first = await begin({ db });
    succeeded(await first.pce.post(CLUSTERS, { name: 'large' }));
    await first.emulator.close();
    const file = new Database(db);
    const larger = "json_set(document, '$.description', hex(zeroblob(68000000)))";
    file.exec(`UPDATE container_clusters SET document = ${larger}`);
    file.close();
    const { emulator, control } = await begin({ db });
    const { status, body } = await control.get('/world');
    expect([status, body.token]).toEqual([409, 'too_much_to_copy']);
    expect(() => emulator.saveWorld()).toThrow(/a world has up to 134217728 characters/);
  });

  it('can be undone as anything else', async () => {
    const { emulator, pce } = await begin({ world: 'demo' });
    const before = emulator.saveWorld();
    emulator.snapshot('before');
    const orgs = [{ id: 7, name: 'Elsewhere' }];
    emulator.loadWorld({ description: '', orgs, steps: [], frozen_at: NINE });
    expect((await pce.get(LABELS)).status).toBe(401);
    emulator.restore('before');
    expect(emulator.saveWorld()).toEqual(before);
    expect((await pce.get(LABELS)).status).toBe(200);
  });

  it('stays in a file', async () => {
    await live();
    const world = await save();
    const db = join(folder, 'state.db');
    const first = await begin({ db, pceVersion: '25.2' });
    first.emulator.loadWorld(world);
    await first.emulator.close();
    const second = await begin({ db, pceVersion: '25.2', world: undefined });
    expect(documents(second.emulator.saveWorld())).toEqual(documents(world));
  });

  it('leaves a file that of the world it was made with, so that the same command goes on with it', async () => {
    const world = await save();
    const db = join(folder, 'state.db');
    const first = await begin({ db, world: 'empty', pceVersion: '25.2' });
    first.emulator.loadWorld(world);
    await first.emulator.close();
    const second = await begin({ db, world: 'empty', pceVersion: '25.2' });
    expect(documents(second.emulator.saveWorld())).toEqual(documents(world));
    expect(second.emulator.world).toBe('empty');
    await second.emulator.close();
    await expect(begin({ db, world: 'demo', pceVersion: '25.2' })).rejects.toThrow(/holds the world empty, not demo/);
  });

  it('says where it comes from, and the same again once it was loaded', async () => {
    const world = await save();
    expect(world.description).toBe('Saved from the world demo, PCE 25.2');
    for (const { emulator } of [await begin({ world: written(world) }), await begin()]) {
      emulator.loadWorld(world);
      expect(emulator.saveWorld().description).toMatch(/^Saved from the world demo, PCE [\d.]+$/);
      emulator.loadWorld({ description: 'by hand', orgs: [{ id: 1, name: 'Example' }], steps: [] });
      expect(emulator.saveWorld().description).toMatch(/^Saved from a world that was loaded, PCE [\d.]+$/);
    }
    const started = await begin({ world: written(world), pceVersion: '25.2' });
    expect(started.emulator.saveWorld().description).toBe(world.description);
  });
});

describe('a world that cannot be made', () => {
  const test = useEmulator({ world: 'demo', clock: NINE });
  const ONE = { description: 'one', orgs: [{ id: 1, name: 'Example' }], steps: [] as Json[] };
  const call = (path: string, body: Json, more = {}) => ({ ...ONE, steps: [{ call: path, body, ...more }] });
  const put = (document: string, collection: string, value: Json, parent = '/orgs/1') => ({
    ...ONE,
    steps: [{ document, collection, parent, value }],
  });
  const label = (id: number, value: string) => ({
    document: `${LABELS}/${id}`,
    collection: 'labels',
    parent: '/orgs/1',
    value: { href: `${LABELS}/${id}`, key: 'app', value, created_at: NINE, updated_at: NINE },
  });
  const by = { created_by: { href: '/users/1' }, updated_by: { href: '/users/1' } };
  const labelled = (id: number, value: string) => {
    const step = label(id, value);
    return { ...step, value: { ...step.value, ...by } };
  };
  const UUID = '5f0c1b7e-9a63-4d0e-8a57-2f1d9b3c4e60';
  const at = `/orgs/1/events/${UUID}`;
  const told = {
    ...{
      href: at,
      timestamp: NINE,
      pce_fqdn: 'pce.example.com',
      created_by: { system: {} },
      event_type: 'label.create',
    },
    ...{ status: 'success', severity: 'info', resource_changes: [], notifications: [] },
    action: { uuid: UUID, api_endpoint: null, api_method: null, http_status_code: null, src_ip: null },
  };
  const event = { document: at, collection: 'events', parent: '/orgs/1', value: told };
  const { timestamp: _, ...timeless } = told;
  const jobHref = `/orgs/1/jobs/${UUID}`;
  const file = (document: string, value: Json) => ({
    ...ONE,
    steps: [
      { document: jobHref, collection: 'jobs', parent: '/orgs/1', value: { href: jobHref, status: 'done' } },
      { document, collection: 'datafiles', parent: jobHref, value, facts: { kept_until: 0 } },
    ],
  });
  const cluster = (id: string, facts: Json = {}) => {
    const document = `${CLUSTERS}/${id}`;
    const value = { href: document, name: 'c' };
    return { ...ONE, steps: [{ document, collection: 'container_clusters', parent: '/orgs/1', value, facts }] };
  };
  const moved = (document: string, more = {}) => {
    const step = labelled(1, 'a');
    return { ...ONE, steps: [{ ...step, document, value: { ...step.value, href: document }, ...more }] };
  };
  const profile = {
    ...{ href: '/orgs/1/pairing_profiles/7', name: 'a', enabled: true, is_default: false },
    ...{ labels: [{ href: `${LABELS}/4711` }], created_at: NINE, updated_at: NINE, ...by },
  };

  it.each<[string, Json, RegExp]>([
    ['is no world', { name: 'not a world' }, /description/],
    ['is a list', [], /object/],
    ['is of values that say nothing', { ...ONE, steps: Array(500_000).fill([]) }, /too many values/],
    [
      'has a key with a name that no path can hold',
      put('/users/1/api_keys/a%2Fb', 'api_keys', { key_id: 'a/b', auth_username: 'a/b' }),
      /name of a key is without a slash/,
    ],
    ['has something else in it', { ...ONE, more: true }, /more/],
    ['has an organisation without a name', { ...ONE, orgs: [{ id: 1 }] }, /orgs.*name/],
    ['has an organisation without a number', { ...ONE, orgs: [{ id: 0, name: 'a' }] }, /orgs\/0\/id/],
    ['extends another', { ...ONE, extends: 'demo' }, /extend/],
    ['has an organisation twice', { ...ONE, orgs: [...ONE.orgs, ...ONE.orgs] }, /organisation 1 is there already/],
    ['has a collection that nobody knows', put('/orgs/1/things/1', 'things', {}), /collection things/],
    ['has something in what is not there', put('/orgs/9/labels/1', 'labels', {}, '/orgs/9'), /\/orgs\/9/],
    ['has a document that is none', put(`${LABELS}/1`, 'labels', { key: 1 }), /labels\/1.*not a document of labels/],
    ['links to nothing', put(profile.href, 'pairing_profiles', profile), /pairing_profiles\/7.*labels\/4711/],
    [
      'has two labels of one value',
      { ...ONE, steps: [labelled(1, 'same'), labelled(2, 'same')] },
      /labels\/2.*same key and value/,
    ],
    ['has an event twice', { ...ONE, steps: [event, event] }, /events\/.*is there already/],
    [
      'asks for what is refused',
      call('POST /orgs/1/labels', { key: 'app' }),
      /POST \/orgs\/1\/labels is refused.*value/,
    ],
    ['asks for what is not there', call('POST /orgs/1/nothing', {}), /\/orgs\/1\/nothing/],
    ['asks in an organisation that is not there', call('POST /orgs/9/labels', { key: 'app', value: 'a' }), /\/orgs\/9/],
    ['asks at no time', call('POST /orgs/1/labels', { key: 'app', value: 'a' }, { at: 'noon' }), /at/],
    ['sets ids of nothing aside', { ...ONE, next_ids: { things: ['1'] } }, /collection things/],
    ['sets aside what is no id', { ...ONE, next_ids: { labels: ['a'] } }, /labels.*a/],
    ['sets an id aside twice', { ...ONE, next_ids: { labels: ['7', '7'] } }, /labels.*7/],
    ['counts backwards', { ...ONE, sequences: { [LABELS]: -1 } }, /sequences/],
    ['counts further than numbers go', { ...ONE, sequences: { [LABELS]: '4611686018427387905' } }, /labels: .* 2\^62/],
    ['sets aside a number beyond all', { ...ONE, next_ids: { labels: ['4611686018427387905'] } }, /next_ids.*labels/],
    ['has an event without a time', { ...ONE, steps: [{ ...event, value: timeless }] }, /events\/.*timestamp/],
    ['has an event that is nothing', { ...ONE, steps: [{ ...event, value: null }] }, /events\/.*must be object/],
    [
      'has an event that names another',
      { ...ONE, steps: [{ ...event, value: { ...told, href: '/x' } }] },
      /another, \/x/,
    ],
    ['has a data file that is no list', file(`/orgs/1/datafiles/${UUID}`, {}), /datafiles\/.*must be array/],
    ['has a data file below its job', file(`${jobHref}/datafiles/${UUID}`, []), /like \/orgs\/1\/datafiles\/<uuid>/],
    [
      'has a document that is null',
      put(`${LABELS}/1`, 'labels', null),
      /labels\/1 cannot be: its value must be an object/,
    ],
    [
      'has a document that is a list',
      put(`${LABELS}/1`, 'labels', []),
      /labels\/1 cannot be: its value must be an object/,
    ],
    [
      'has a document with the href of another',
      { ...ONE, steps: [{ ...labelled(1, 'a'), document: `${LABELS}/2` }] },
      /labels\/2 cannot be.*another, \/orgs\/1\/labels\/1/,
    ],
    ['has a document elsewhere', moved('/orgs/2/labels/1'), /orgs\/2\/labels\/1 cannot be.*like \/orgs\/1\/labels\/</],
    [
      'has a document in another list',
      moved('/orgs/1/things/1'),
      /things\/1 cannot be.*like \/orgs\/1\/labels\/<integer>/,
    ],
    ['has a document deeper down', moved(`${LABELS}/1/more`), /labels\/1\/more cannot be/],
    ['has a label whose id is no number', moved(`${LABELS}/${UUID}`), /labels\/<integer>/],
    ['has a label with too large a number', moved(`${LABELS}/9223372036854775807`), /labels\/<integer>/],
    ['has a cluster whose id is no UUID', cluster('7'), /container_clusters\/7 cannot be.*<uuid>/],
    ['has facts that are none', cluster(UUID, { token_sha256: 7 }), /steps\/1\/facts\/token_sha256 must be string/],
    ['has a digest that is none', cluster(UUID, { token_sha256: 'abc' }), /token_sha256 must be 64 hex digits/],
    [
      'has a key of nobody',
      {
        ...ONE,
        steps: [
          {
            ...{ document: '/users/1/api_keys/a', collection: 'api_keys', parent: '/orgs/1' },
            value: { href: '/users/1/api_keys/a', auth_username: 'a', name: 'a', created_at: NINE },
          },
        ],
      },
      /api_keys\/a cannot be.*user \/users\/1/,
    ],
    [
      'asks before there was time',
      call('POST /orgs/1/labels', { key: 'app', value: 'a' }, { at: '1969-12-31T23:59:59Z' }),
      /POST \/orgs\/1\/labels is refused: at takes a moment from 1970 to 9999/,
    ],
    [
      'asks on a day that there is not',
      call('POST /orgs/1/labels', { key: 'app', value: 'a' }, { at: '2026-02-30T00:00:00Z' }),
      /steps\/1\/at must match format/,
    ],
    [
      'asks where there is no organisation',
      call('POST /orgs/7/labels', { key: 'app', value: 'a' }),
      /POST \/orgs\/7\/labels is refused: there is no \/orgs\/7$/,
    ],
    ['has a clock before all time', { ...ONE, frozen_at: undefined, ahead_ms: -253402300799999 }, /ahead_ms.*1970/],
    ['stops the clock where there is no time', { ...ONE, frozen_at: 'never' }, /frozen_at/],
    ['stops the clock before 1970', { ...ONE, frozen_at: '1969-01-01T00:00:00Z' }, /1970/],
  ])('because it %s is refused, and nothing changes', async (_what, world, why) => {
    test.emulator.faults.add({ name: 'stays', when: { method: 'DELETE' }, effect: { status: 503 } });
    const state = async () => [
      test.emulator.saveWorld(),
      test.emulator.clock.now(),
      test.emulator.faults.list(),
      await rows(test.pce, LABELS),
    ];
    const before = await state();
    // It has begun well.
    const cluster = { call: 'POST /orgs/1/container_clusters', body: { name: 'begun' } };
    const good = { frozen_at: '2030-01-01T00:00:00.000Z', ...world, steps: [cluster, ...(world.steps ?? [])] };
    const begun = 'steps' in world ? good : world;
    const answer = await test.control.put('/world', begun);
    expect([answer.status, answer.body.message]).toEqual([400, expect.stringMatching(why)]);
    expect(await state()).toEqual(before);
    expect(() => test.emulator.loadWorld(begun)).toThrow(why);
    expect(await state()).toEqual(before);
    // The ids that were set aside, too.
    const { body } = await test.pce.post(CLUSTERS, { name: 'next' });
    expect(body.href).toBe(`${CLUSTERS}/1b851d4b-f22d-47be-b744-f3c2dca490a0`);
  });

  it('because another organisation has the key of the start is refused, and nothing changes', async () => {
    const { emulator } = test;
    const before = emulator.saveWorld();
    const key = before.steps.find((step) => 'collection' in step && step.collection === 'api_keys') as Json;
    const facts = { ...key.facts, org: '/orgs/2', user: '/users/2' };
    const document = key.document.replace('/users/1/', '/users/2/');
    const value = { ...key.value, href: document, account: { ...key.value.account, href: '/users/2' } };
    const orgs = [...ONE.orgs, { id: 2, name: 'Other' }];
    const stolen = {
      ...ONE,
      orgs,
      steps: [{ ...key, document, value, parent: '/orgs/2', facts }],
      frozen_at: '2030-01-01T00:00:00.000Z',
    };
    const answer = await test.control.put('/world', stolen);
    expect([answer.status, answer.body.message]).toEqual([400, expect.stringContaining('belongs to another')]);
    expect([emulator.saveWorld(), emulator.clock.now()]).toEqual([before, NINE]);
    expect((await test.pce.get(LABELS)).status).toBe(200);
  });

  it('because it has no organisation is refused, and nothing changes', async () => {
    const before = test.emulator.saveWorld();
    const nobody = { description: 'nobody', orgs: [], steps: [], frozen_at: '2030-01-01T00:00:00.000Z' };
    const answer = await test.control.put('/world', nobody);
    expect([answer.status, answer.body.message]).toEqual([400, expect.stringMatching(/no organisation; add one/)]);
    expect([test.emulator.saveWorld(), test.emulator.clock.now()]).toEqual([before, NINE]);
  });

  it('leaves a file as it was, so that another may be made in it', async () => {
    const db = join(folder, 'state.db');
    const nobody = written({ description: 'nobody', orgs: [], steps: [] });
    await expect(begin({ db, world: nobody })).rejects.toThrow(/no organisation; add one to its orgs/);
    const { emulator } = await begin({ db, world: 'empty' });
    expect(emulator.world).toBe('empty');
  });

  it('is unlike one with numbers as large as they may be, and a count for a list that is not there', async () => {
    const { emulator, pce } = await begin();
    const last = '4611686018427387904';
    emulator.loadWorld({ ...ONE, sequences: { [LABELS]: last, '/orgs/9/labels': last, things: 1 } });
    expect((await labelOf(pce, 'app', 'a')).href).toBe(`${LABELS}/4611686018427387905`);
  });

  it('is refused at the start, too', async () => {
    const file = written({ ...ONE, more: true } as World);
    await expect(begin({ world: file })).rejects.toThrow(/is not a world/);
    await expect(begin({ world: written(call('POST /orgs/1/labels', {}) as World) })).rejects.toThrow(/is refused/);
  });
});

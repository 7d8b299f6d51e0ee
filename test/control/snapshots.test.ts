import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { clusterOf, labelOf, rows, succeeded } from '../agent/cluster.ts';
import { type Answer, authorization, clientOf, type Json, useEmulator } from '../support/emulator.ts';
import { LABELS, type Server, useServer } from './server.ts';

const CLUSTERS = '/orgs/1/container_clusters';

describe('a snapshot', () => {
  const test = useEmulator();
  const take = async (name: string) => succeeded(await test.control.put(`/snapshots/${name}`)).body;
  const restore = async (name: string) => succeeded(await test.control.post(`/snapshots/${name}/restore`)).body;
  const labels = async () => (await rows(test.pce, LABELS)).map(({ value }) => value);
  const listed = async () => (await rows(test.control, '/snapshots')).map(({ name }) => name);
  const refusal = ({ status, body }: Answer) => [status, body.token];
  afterEach(async () => {
    for (const name of await listed()) if (name !== 'start') succeeded(await test.control.delete(`/snapshots/${name}`));
  });

  it('is restored as often as one likes', async () => {
    await labelOf(test.pce, 'app', 'kept');
    expect(await take('one')).toEqual({ name: 'one', documents: expect.any(Number) });
    for (const value of ['first', 'second']) {
      const { href } = await labelOf(test.pce, 'app', value);
      expect(href).toBe('/orgs/1/labels/2');
      await restore('one');
      expect(await labels()).toEqual(['kept']);
    }
  });

  it('may be taken of what another brought back, and neither changes the other', async () => {
    await take('empty');
    await labelOf(test.pce, 'app', 'a');
    await take('a');
    await restore('empty');
    await labelOf(test.pce, 'app', 'b');
    await take('b');
    for (const [name, values] of [
      ['a', ['a']],
      ['empty', []],
      ['b', ['b']],
      ['a', ['a']],
    ] as const) {
      await restore(name);
      expect(await labels()).toEqual(values);
    }
  });

  it('takes the place of the one that had its name', async () => {
    const { documents } = await take('same');
    await labelOf(test.pce, 'app', 'later');
    // A label and its event.
    expect(await take('same')).toEqual({ name: 'same', documents: documents + 2 });
    test.emulator.reset();
    await restore('same');
    expect(await labels()).toEqual(['later']);
    expect(await listed()).toEqual(['start', 'same']);
  });

  it('is listed with how much is in it, until it is dropped', async () => {
    const one = await take('one');
    const start = { name: 'start', documents: one.documents };
    expect(await rows(test.control, '/snapshots')).toEqual([start, one]);
    expect((await test.control.delete('/snapshots/one')).status).toBe(204);
    expect(await rows(test.control, '/snapshots')).toEqual([start]);
    expect(refusal(await test.control.post('/snapshots/one/restore'))).toEqual([404, 'not_found']);
  });

  it('that is not there cannot be restored or dropped, and nothing changes', async () => {
    await labelOf(test.pce, 'app', 'here');
    const unknown = [await test.control.post('/snapshots/none/restore'), await test.control.delete('/snapshots/none')];
    expect(unknown.map(refusal)).toEqual([
      [404, 'not_found'],
      [404, 'not_found'],
    ]);
    expect(unknown[0]?.body.message).toMatch(/named none/);
    expect(() => test.emulator.restore('none')).toThrow(/named none/);
    expect(await labels()).toEqual(['here']);
  });

  it('named start is there from the start: it may be restored, not replaced or dropped', async () => {
    await labelOf(test.pce, 'app', 'gone');
    expect(refusal(await test.control.put('/snapshots/start'))).toEqual([409, 'start_stays']);
    expect(refusal(await test.control.delete('/snapshots/start'))).toEqual([409, 'start_stays']);
    expect(() => test.emulator.snapshot('start')).toThrow(/cannot be replaced/);
    await restore('start');
    expect(await labels()).toEqual([]);
  });

  it.each(['.hidden', '-x', 'a b', 'a%2Fb', 'ä', `x${'y'.repeat(100)}`])('cannot be named %s', async (name) => {
    expect((await test.control.put(`/snapshots/${encodeURI(name)}`)).status).toBe(404);
    expect(() => test.emulator.snapshot(name)).toThrow();
    expect(await listed()).toEqual(['start']);
  });

  it('gets a fresh name in a program, unless it is given one', async () => {
    const { emulator } = test;
    const names = [emulator.snapshot(), emulator.snapshot(), emulator.snapshot('mine')];
    expect(new Set(names).size).toBe(3);
    expect(names[2]).toBe('mine');
    expect(await listed()).toEqual(['start', ...names]);
  });

  it('lets in who had a key or a token then, and nobody who got one since', async () => {
    const before = await clusterOf(test, { name: 'before', report: {} });
    const old = test.emulator.org('old');
    await take('then');
    const after = await clusterOf(test, { name: 'after', report: {} });
    const late = test.emulator.org('late');
    const statuses = async () => [
      (await before.agent.put(`${before.href}/put_from_cluster`, {})).status,
      (await after.agent.put(`${after.href}/put_from_cluster`, {})).status,
      (await test.as(old).get(`/orgs/${old.org_id}/labels`)).status,
      (await test.as(late).get(`/orgs/${late.org_id}/labels`)).status,
      (await test.pce.get(LABELS)).status,
    ];
    expect(await statuses()).toEqual([204, 204, 200, 200, 200]);
    await restore('then');
    expect(await statuses()).toEqual([204, 401, 200, 401, 200]);
    // And the other way round: who was thrown out since is in again.
    old.delete();
    await test.pce.delete(before.href);
    expect(await statuses()).toEqual([401, 401, 401, 401, 200]);
    await restore('then');
    expect(await statuses()).toEqual([204, 401, 200, 401, 200]);
  });

  it('holds the clock, however it stood', async () => {
    const { clock } = test.emulator;
    clock.freeze('2026-03-01T09:00:00.000Z');
    await take('frozen');
    clock.resume();
    await take('running');
    clock.freeze('2030-01-01T00:00:00.000Z');
    await restore('running');
    const { now, frozen } = (await test.control.get('/clock')).body;
    expect([now.slice(0, 16), frozen]).toEqual(['2026-03-01T09:00', false]);
    await restore('frozen');
    expect((await test.control.get('/clock')).body).toEqual({ now: '2026-03-01T09:00:00.000Z', frozen: true });
  });

  it('holds the faults, and how often they struck', async () => {
    const { faults } = test.emulator;
    faults.add({ name: 'twice', times: 2, when: { method: 'GET' }, effect: { status: 503 } });
    expect((await test.pce.get(LABELS)).status).toBe(503);
    await take('once');
    for (let time = 0; time < 2; time++) {
      const statuses = [await test.pce.get(LABELS), await test.pce.get(LABELS)].map(({ status }) => status);
      expect(statuses).toEqual([503, 200]);
      faults.clear();
      await restore('once');
      expect(faults.get('twice')).toMatchObject({ seen: 1, hits: 1 });
    }
  });

  it('leaves the journal alone', async () => {
    await take('then');
    await labelOf(test.pce, 'app', 'undone');
    await restore('then');
    expect(test.emulator.requests.find({ route: 'labels.create' })).toHaveLength(1);
  });
});

describe('a reset', () => {
  const test = useEmulator({ world: 'demo', hostile: true, clock: '2026-03-01T09:00:00Z', seed: 5 });
  const state = async () =>
    (await Promise.all(['/world', '/clock', '/faults', '/orgs'].map((path) => test.control.get(path)))).map(
      ({ body }) => body,
    );
  const change = async () => {
    const { emulator } = test;
    emulator.clock.advance('1d');
    emulator.clock.resume();
    emulator.faults.clear();
    emulator.faults.add({ effect: { latency: '1ms' } });
    emulator.org();
    const made = succeeded(await test.pce.post(CLUSTERS, { name: 'changed' })).body;
    await test.pce.delete(CLUSTERS);
    emulator.loadWorld({ description: 'another', orgs: [{ id: 3, name: 'Another' }], steps: [] });
    return made;
  };

  it('puts everything back as it was after the start: documents, ids, clock and faults', async () => {
    const before = await state();
    expect(before[2].map(({ name }: Json) => name)).toContain('hostile-jitter');
    const made = await change();
    expect(await state()).not.toEqual(before);
    expect(succeeded(await test.control.post('/reset')).body).toEqual({
      name: 'start',
      documents: before[0].steps.length,
    });
    expect(await state()).toEqual(before);
    // The id that the world has set aside, and with a seed the same token.
    expect(await change()).toEqual(made);
    test.emulator.reset();
    expect(await state()).toEqual(before);
  });

  it('empties the journal, unless it is to be kept', async () => {
    await change();
    const all = test.emulator.requests.count();
    expect(all).toBeGreaterThan(0);
    expect((await test.control.post('/reset?keep_journal=true')).status).toBe(200);
    expect(test.emulator.requests.count()).toBe(all);
    test.emulator.reset({ keepJournal: true });
    expect(test.emulator.requests.count()).toBe(all);
    expect((await test.control.post('/reset?keep_journal=false')).status).toBe(200);
    expect(test.emulator.requests.count()).toBe(0);
    await change();
    test.emulator.reset();
    expect((await test.control.get('/requests')).body).toEqual([]);
  });

  it('keeps the snapshots', async () => {
    succeeded(await test.control.put('/snapshots/kept'));
    test.emulator.reset();
    expect((await test.control.post('/snapshots/kept/restore')).status).toBe(200);
  });
});

describe('ids that a world has set aside', () => {
  const test = useEmulator({ world: 'demo' });
  const SET_ASIDE = `${CLUSTERS}/1b851d4b-f22d-47be-b744-f3c2dca490a0`;

  it('are there again once what took them is undone', async () => {
    const make = async () => succeeded(await test.pce.post(CLUSTERS, { name: 'next' })).body.href;
    test.emulator.snapshot('before');
    expect(await make()).toBe(SET_ASIDE);
    expect(await make()).not.toBe(SET_ASIDE);
    test.emulator.restore('before');
    expect(await make()).toBe(SET_ASIDE);
  });
});

describe('in a file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pce-emulator-snapshots-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const test = useServer();
  const db = () => join(folder, 'state.db');
  const content = ({ emulator }: Server) => emulator.saveWorld().steps.filter((step) => 'document' in step);

  it('what was put back is what the next start finds, and what was undone does not come again', async () => {
    const first = await test.start({ db: db() });
    const made = async (value: string) => (await first.pce('POST', LABELS, { body: { key: 'app', value } })).body;
    await made('kept');
    first.emulator.snapshot('then');
    const kept = content(first);
    await made('undone');
    first.emulator.clock.freeze('2030-01-01T00:00:00.000Z');
    first.emulator.restore('then');
    await first.emulator.close();
    const second = await test.start({ db: db(), world: undefined });
    // Each start makes a key.
    expect(content(second).filter((step) => kept.every((one) => JSON.stringify(one) !== JSON.stringify(step)))).toEqual(
      [expect.objectContaining({ collection: 'api_keys' })],
    );
    expect(content(second)).toHaveLength(kept.length + 1);
    expect(second.emulator.clock.now() < '2030').toBe(true);
    const next = await second.pce('POST', LABELS, { body: { key: 'app', value: 'next' } });
    expect(next.body.href).toBe(`${LABELS}/2`);
    expect((await second.control('POST', '/snapshots/then/restore')).status).toBe(404);
  });

  it.each([
    ['in a file', true],
    ['in memory', false],
  ])('a restore among many requests finds each of them wholly before it or wholly after, %s', async (_place, filed) => {
    const server = await test.start(filed ? { db: db() } : {});
    const { emulator } = server;
    const keys = authorization(emulator.credentials);
    const cluster = async (name: string) => (await server.pce('POST', CLUSTERS, { body: { name } })).body;
    const old = await cluster('old');
    const token = authorization({ api_key: old.href.slice(-36), api_secret: old.container_cluster_token });
    emulator.snapshot('then');
    for (let round = 0; round < 6; round++) {
      const asked = Array.from({ length: 60 }, async (_, index) => {
        const body = { key: 'app', value: `value ${index}` };
        const headers = index % 3 === 2 ? token : keys;
        if (index === 29 + round) return server.control('POST', '/snapshots/then/restore');
        if (index % 3 === 0) return server.send('POST', `/api/v2${LABELS}`, { body, headers });
        if (index % 3 === 1) return server.send('POST', `/api/v2${CLUSTERS}`, { body: { name: `${index}` }, headers });
        const report = { namespaces: [`namespace-${index}`] };
        return server.send('PUT', `/api/v2${old.href}/put_from_cluster`, { body: report, headers });
      });
      const answers = await Promise.all(asked);
      expect(answers.filter(({ status }) => status === null || status >= 300)).toEqual([]);
      const list = async (path: string): Promise<Json[]> => (await server.pce('GET', `${path}?max_results=500`)).body;
      const [labels, clusters, events] = [await list(LABELS), await list(CLUSTERS), await list('/orgs/1/events')];
      // What was made after it is there, with its event, and of what was made before there is neither.
      const told = events.flatMap((one) => one.resource_changes).filter((one) => one.change_type === 'create');
      const made = (kind: string) => told.flatMap(({ resource }) => resource[kind]?.href ?? []).sort();
      expect(labels.map(({ href }) => href).sort()).toEqual(made('label'));
      expect(clusters.map(({ href }) => href).sort()).toEqual(made('container_cluster'));
      const hrefs = answers.map(({ body }) => body?.href);
      for (const { href } of [...labels, ...clusters]) expect([...hrefs, old.href]).toContain(href);
      expect(labels.map(({ href }) => href)).toEqual(labels.map((_, index) => `${LABELS}/${index + 1}`));
      for (const { href } of clusters) {
        const profiles = await list(`${href}/container_workload_profiles`);
        expect(profiles.filter(({ namespace }) => namespace === null)).toHaveLength(1);
      }
      emulator.restore('then');
    }
    await emulator.close();
    if (!filed) return;
    const file = new Database(db());
    expect(file.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(file.pragma('foreign_key_check')).toEqual([]);
    file.close();
  });
});

describe('a restore that something was under way for', () => {
  const test = useServer();

  it('does not bring into a test what another has left', async () => {
    const { server } = test;
    server.emulator.faults.add({ effect: { latency: '100ms' } });
    const late = server.pce('POST', '/orgs/1/labels', { body: { key: 'app', value: 'left' } });
    await new Promise((resolve) => setTimeout(resolve, 40));
    server.emulator.reset();
    expect(await late).toMatchObject({ status: 503, body: [{ token: 'emulator_state_replaced' }] });
    expect((await server.pce('GET', '/orgs/1/labels')).body).toEqual([]);
    expect(server.emulator.requests.find().map(({ method }) => method)).toEqual(['GET']);
  });

  it('goes on as if nothing had been where a world in the place of all is refused', async () => {
    const { server } = test;
    server.emulator.faults.add({ effect: { latency: '100ms' } });
    const late = server.pce('POST', '/orgs/1/labels', { body: { key: 'app', value: 'left' } });
    await new Promise((resolve) => setTimeout(resolve, 40));
    const broken = { description: '', orgs: [{ id: 1, name: 'One' }], steps: [{ call: 'POST /nowhere', body: {} }] };
    expect(() => server.emulator.loadWorld(broken)).toThrow(/POST \/nowhere is refused/);
    expect((await late).status).toBe(201);
    expect(server.emulator.requests.find().map(({ status }) => status)).toEqual([201]);
  });

  it('does nothing of it, though its client was let in before', async () => {
    const { server } = test;
    server.emulator.snapshot('then');
    const { body } = await server.pce('POST', CLUSTERS, { body: { name: 'gone' } });
    const key = { api_key: body.href.slice(-36), api_secret: body.container_cluster_token };
    server.emulator.faults.add({ when: { method: 'PUT' }, effect: { latency: '100ms' } });
    const headers = authorization(key);
    const report = server.send('PUT', `/api/v2${body.href}/put_from_cluster`, { body: {}, headers });
    await new Promise((resolve) => setTimeout(resolve, 40));
    server.emulator.restore('then');
    expect((await report).status).toBe(503);
    expect(await rows(clientOf(server.emulator, authorization(server.emulator.credentials)), CLUSTERS)).toEqual([]);
  });
});

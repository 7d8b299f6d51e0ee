import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmulatorOptions, startEmulator } from '../../src/emulator.ts';
import { clusterOf, labelOf, rows, succeeded } from '../agent/cluster.ts';
import { type Json, useEmulator } from '../support/emulator.ts';

const NINE = '2026-03-01T09:00:00.000Z';
const CLUSTERS = '/orgs/1/container_clusters';

describe('the clock', () => {
  const test = useEmulator();
  const put = async (body: Json) => (await test.control.put('/clock', body)).body;
  const advance = async (by: string) => (await test.control.post('/clock/advance', { by })).body;
  const read = async () => (await test.control.get('/clock')).body;
  /** How far it is from a time, in milliseconds. */
  const ahead = async (of: string) => Date.parse((await read()).now) - Date.parse(of);

  it('runs with the time of the machine until it is told otherwise', async () => {
    const { now, frozen } = await read();
    expect(frozen).toBe(false);
    expect(Math.abs(Date.parse(now) - Date.now())).toBeLessThan(1000);
  });

  it('stands still where it is stopped, and goes on from there', async () => {
    expect(await put({ now: NINE, frozen: true })).toEqual({ now: NINE, frozen: true });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await read()).toEqual({ now: NINE, frozen: true });
    expect(await advance('90s')).toEqual({ now: '2026-03-01T09:01:30.000Z', frozen: true });
    expect(await put({ frozen: false })).toMatchObject({ frozen: false });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const since = await ahead('2026-03-01T09:01:30.000Z');
    expect(since).toBeGreaterThanOrEqual(15);
    expect(since).toBeLessThan(5000);
  });

  it('is stopped where it is, if no time is given', async () => {
    const { now, frozen } = await put({ frozen: true });
    expect([frozen, await read()]).toEqual([true, { now, frozen }]);
    expect(Math.abs(Date.parse(now) - Date.now())).toBeLessThan(1000);
  });

  it('goes on running when it is set or advanced while it runs, back or forth', async () => {
    for (const now of ['2040-01-01T00:00:00Z', '1970-01-01T00:00:00Z']) {
      expect(await put({ now })).toMatchObject({ frozen: false });
      await new Promise((resolve) => setTimeout(resolve, 10));
      const before = await ahead(now);
      expect(before).toBeGreaterThanOrEqual(5);
      expect(before).toBeLessThan(5000);
      expect(await advance('2h')).toMatchObject({ frozen: false });
      expect((await ahead(now)) - before).toBeGreaterThanOrEqual(2 * 3_600_000);
    }
  });

  it.each([
    ['500ms', '09:00:00.500'],
    ['30', '09:00:30.000'],
    ['30s', '09:00:30.000'],
    ['11m', '09:11:00.000'],
    ['1.5h', '10:30:00.000'],
    ['0s', '09:00:00.000'],
  ])('is moved on by %s', async (by, time) => {
    await put({ now: NINE, frozen: true });
    expect((await advance(by)).now).toBe(`2026-03-01T${time}Z`);
  });

  it('takes a time of any zone and precision', async () => {
    expect((await put({ now: '2026-03-01T10:30:00+01:30', frozen: true })).now).toBe(NINE);
    expect((await put({ now: '2026-03-01T09:00:00.0009Z' })).now).toBe(NINE);
  });

  it.each<[string, string, Json]>([
    ['PUT', '/clock', { now: '1969-12-31T23:59:59.999Z' }],
    ['PUT', '/clock', { now: '9999-12-31T23:59:59-01:00' }],
    ['PUT', '/clock', { now: '9999-12-31T23:59:59-01:00', frozen: false }],
    ['PUT', '/clock', { now: '10000-01-01T00:00:00Z' }],
    ['PUT', '/clock', { now: '+010000-01-01T00:00:00Z' }],
    ['PUT', '/clock', { now: '2026-02-30T09:00:00Z' }],
    ['PUT', '/clock', { now: '2026-03-01T09:00:00' }],
    ['PUT', '/clock', { now: '2016-12-31T23:59:60Z' }],
    ['PUT', '/clock', { now: 'tomorrow' }],
    ['PUT', '/clock', { now: '' }],
    ['PUT', '/clock', { now: 1_772_355_600_000 }],
    ['PUT', '/clock', { now: null }],
    ['PUT', '/clock', { now: NINE, frozen: 'yes' }],
    ['PUT', '/clock', { now: NINE, stopped: true }],
    ['PUT', '/clock', {}],
    ['POST', '/clock/advance', {}],
    ['POST', '/clock/advance', { by: '' }],
    ['POST', '/clock/advance', { by: '-1m' }],
    ['POST', '/clock/advance', { by: '10 minutes' }],
    ['POST', '/clock/advance', { by: '1w' }],
    ['POST', '/clock/advance', { by: 60 }],
    ['POST', '/clock/advance', { by: 'Infinity' }],
    ['POST', '/clock/advance', { by: '9999999999999999999999d' }],
    ['POST', '/clock/advance', { by: '999999999d' }],
    ['POST', '/clock/advance', { by: '1d', frozen: true }],
  ])('is not moved by %s %s %j', async (method, path, body) => {
    await put({ now: '2020-05-05T05:05:05.000Z', frozen: true });
    const answer = await (method === 'PUT' ? test.control.put(path, body) : test.control.post(path, body));
    expect([answer.status, answer.body.message]).toEqual([400, expect.stringMatching(/./)]);
    expect(await read()).toEqual({ now: '2020-05-05T05:05:05.000Z', frozen: true });
  });

  it('that runs stays at the end of its time once it comes there', async () => {
    const end = '9999-12-31T23:59:59.999Z';
    expect(await put({ now: end, frozen: false })).toMatchObject({ now: end });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await read()).now).toBe(end);
    expect((await labelOf(test.pce, 'app', 'last')).created_at).toBe(end);
    expect((await test.control.post('/clock/advance', { by: '1ms' })).status).toBe(400);
  });

  it('is the same for a program that the emulator runs in', async () => {
    const { clock } = test.emulator;
    clock.freeze(NINE);
    expect([clock.now(), await read()]).toEqual([NINE, { now: NINE, frozen: true }]);
    clock.advance('1d');
    expect(clock.now()).toBe('2026-03-02T09:00:00.000Z');
    clock.set(new Date(NINE));
    expect(await read()).toEqual({ now: NINE, frozen: true });
    clock.freeze(new Date('2027-01-01T00:00:00Z'));
    expect(clock.now()).toBe('2027-01-01T00:00:00.000Z');
    clock.resume();
    expect(await read()).toMatchObject({ frozen: false });
    clock.set('2030-01-01T00:00:00Z');
    clock.freeze();
    const now = clock.now();
    expect(now.slice(0, 16)).toBe('2030-01-01T00:00');
    expect(() => clock.set('tomorrow')).toThrow();
    expect(() => clock.advance('a while')).toThrow();
    expect(() => clock.freeze('1960-01-01T00:00:00Z')).toThrow(/1970 to 9999/);
    expect(clock.now()).toBe(now);
  });
});

describe('what is a matter of time', () => {
  const test = useEmulator({ clock: NINE, offlineAfter: 60_000 });

  it('is written down as the clock shows it', async () => {
    const label = await labelOf(test.pce, 'app', 'a');
    test.emulator.clock.advance('1h');
    succeeded(await test.pce.put(label.href, { value: 'b' }));
    expect((await test.pce.get(label.href)).body).toMatchObject({
      created_at: NINE,
      updated_at: '2026-03-01T10:00:00.000Z',
    });
    const [changed, made] = await rows(test.pce, '/orgs/1/events');
    expect([made.timestamp, changed.timestamp]).toEqual([NINE, '2026-03-01T10:00:00.000Z']);
    expect(test.emulator.requests.find({ route: 'labels.create' })).toMatchObject([{ at: NINE }]);
  });

  it('a cluster is offline once the clock has gone past its time, and online with its next word', async () => {
    const cluster = await clusterOf(test, { report: {} });
    const seen = async () => {
      const { online, last_connected } = (await test.pce.get(cluster.href)).body;
      return [online, last_connected, (await rows(test.pce, CLUSTERS))[0].online];
    };
    test.emulator.clock.advance('59999ms');
    expect(await seen()).toEqual([true, NINE, true]);
    test.emulator.clock.advance('1ms');
    expect(await seen()).toEqual([false, NINE, false]);
    test.emulator.clock.set(NINE);
    expect(await seen()).toEqual([true, NINE, true]);
    test.emulator.clock.advance('2h');
    await cluster.report();
    expect(await seen()).toEqual([true, '2026-03-01T11:00:00.000Z', true]);
  });

  it('a job and its file can be read for a day', async () => {
    const { headers } = await test.pce.get(CLUSTERS, { prefer: 'respond-async' });
    const job = String(headers.location);
    const file = (await test.pce.get(job)).body.result.href;
    const statuses = async () => [(await test.pce.get(job)).status, (await test.pce.get(file)).status];
    test.emulator.clock.advance('23h');
    expect(await statuses()).toEqual([200, 200]);
    test.emulator.clock.advance('3601s');
    expect(await statuses()).toEqual([404, 404]);
  });

  it('an event is told for 30 days', async () => {
    await labelOf(test.pce, 'app', 'old');
    test.emulator.clock.advance('30d');
    expect(await rows(test.pce, '/orgs/1/events')).toHaveLength(1);
    test.emulator.clock.advance('1ms');
    expect(await rows(test.pce, '/orgs/1/events')).toEqual([]);
  });

  it('a pairing key is of use as long as its profile says', async () => {
    const profile = { name: 'hosts', enabled: true, key_lifespan: 3600 };
    const { href } = succeeded(await test.pce.post('/orgs/1/pairing_profiles', profile)).body;
    const cluster = await clusterOf(test, { report: { nodes: [{ name: 'n' }] } });
    const code = async () => succeeded(await test.pce.post(`${href}/pairing_key`)).body.activation_code;
    const use = async (activation_code: string) =>
      (await test.control.post(`${cluster.href}/node_agents`, { activation_code, nodes: ['n'] })).status;
    const [early, late] = [await code(), await code()];
    test.emulator.clock.advance('3599s');
    expect(await use(early)).toBe(201);
    test.emulator.clock.advance('1s');
    expect(await use(late)).toBe(403);
  });
});

describe('in a file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pce-emulator-clock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  /** Starts on the file, does something, and closes. @returns how the clock stood */
  const run = async (options: EmulatorOptions = {}, change: (clock: Clock) => void = () => {}) => {
    const emulator = await startEmulator({ listen: false, db: join(folder, 'state.db'), ...options });
    try {
      change(emulator.clock);
      return emulator.clock.now();
    } finally {
      await emulator.close();
    }
  };
  type Clock = Awaited<ReturnType<typeof startEmulator>>['clock'];
  const minute = (timestamp: string) => timestamp.slice(0, 16);
  const real = () => new Date().toISOString().slice(0, 13);

  it('a clock that stood still stands there at the next start', async () => {
    await run({}, (clock) => clock.freeze(NINE));
    expect(await run()).toBe(NINE);
    await run({}, (clock) => clock.advance('1h'));
    expect(await run()).toBe('2026-03-01T10:00:00.000Z');
  });

  it('a clock that ran ahead is as far ahead at the next start', async () => {
    await run({}, (clock) => clock.advance('365d'));
    const year = await run();
    expect(Math.abs(Date.parse(year) - Date.now() - 365 * 86_400_000)).toBeLessThan(60_000);
  });

  it('a clock that was let go on runs at the next start', async () => {
    await run({}, (clock) => clock.freeze(NINE));
    await run({}, (clock) => clock.resume());
    expect(minute(await run())).toBe(minute(NINE));
    await run({}, (clock) => clock.set(new Date()));
    expect((await run()).slice(0, 13)).toBe(real());
  });

  it('the clock is as it is asked for, and so it stays', async () => {
    await run({ clock: NINE });
    expect(await run()).toBe(NINE);
    expect(await run({ clock: '2027-01-01T00:00:00Z' })).toBe('2027-01-01T00:00:00.000Z');
    expect(await run()).toBe('2027-01-01T00:00:00.000Z');
    expect((await run({ clock: 'real' })).slice(0, 13)).toBe(real());
    expect((await run()).slice(0, 13)).toBe(real());
  });

  it('a clock that a snapshot brought back stands there at the next start', async () => {
    const emulator = await startEmulator({ listen: false, db: join(folder, 'state.db'), clock: NINE });
    emulator.clock.set('2030-01-01T00:00:00Z');
    emulator.reset();
    await emulator.close();
    expect(await run()).toBe(NINE);
  });

  it('a clock that a world has stopped stands there at the next start', async () => {
    const world = { description: 'stopped', orgs: [{ id: 1, name: 'Example' }], steps: [], frozen_at: NINE };
    const emulator = await startEmulator({ listen: false, db: join(folder, 'state.db') });
    emulator.loadWorld(world);
    await emulator.close();
    expect(await run()).toBe(NINE);
  });
});

describe('the clock that is asked for at the start', () => {
  it.each([
    ...['tomorrow', '', 'now', '5', '2026-13-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-03-01T09:00:00'],
    ...['1969-12-31T23:59:59Z', '-000001-01-01T00:00:00Z', '+012026-01-01T00:00:00Z'],
  ])('is refused where it is no time: %j', async (clock) => {
    await expect(startEmulator({ listen: false, clock })).rejects.toThrow(/the clock takes a time such as/);
  });

  it('runs where it is to be real, also with a seed', async () => {
    const emulator = await startEmulator({ listen: false, world: 'empty', seed: 1, clock: 'real' });
    expect(Math.abs(Date.parse(emulator.clock.now()) - Date.now())).toBeLessThan(1000);
    await emulator.close();
  });

  it('is that of a world that says where it stands, unless it is given', async () => {
    const frozen = join(mkdtempSync(join(tmpdir(), 'pce-emulator-clock-')), 'world.json');
    const { writeFileSync } = await import('node:fs');
    const world = { description: '', orgs: [{ id: 1, name: 'Example' }], steps: [], frozen_at: NINE };
    writeFileSync(frozen, JSON.stringify(world));
    for (const [clock, expected] of [
      [undefined, NINE],
      ['2027-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ]) {
      const emulator = await startEmulator({ listen: false, world: frozen, clock });
      expect(emulator.clock.now()).toBe(expected);
      await emulator.close();
    }
    rmSync(join(frozen, '..'), { recursive: true });
  });
});

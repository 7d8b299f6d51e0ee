import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { type Emulator, type KumaRelease, UnusableFile } from '../../src/emulator.ts';
import { KUMA_RELEASES } from '../../src/kuma/versions.ts';
import { launch, type Running } from '../store/killing.ts';
import { soundnessOf } from '../store/soundness.ts';
import { type Json, ROOT } from '../support/emulator.ts';
import { type Asking, askAt, asking, type KumaStart, startKuma, useKuma } from '../support/kuma.ts';
import { bodyOf, DATAPLANES, everything, get, INSIGHTS, NETWORKING, namesAt, put, putting } from './resources.ts';

const MATCH = [{ match: { service: 'web' } }];

/** Something of what all releases have. */
const SOME: Record<string, Json> = {
  '/meshes/shop': { metrics: {} },
  [`${DATAPLANES}/web-2`]: { networking: { ...NETWORKING, outbound: [] } },
  [`${DATAPLANES}/web-1`]: { networking: NETWORKING },
  '/meshes/shop/dataplanes/web-1': { networking: { address: '::1', gateway: { tags: { service: 'ä "<&>"' } } } },
  '/meshes/shop/traffic-permissions/all': { sources: MATCH, destinations: MATCH },
  '/meshes/shop/health-checks/web': {
    sources: MATCH,
    destinations: MATCH,
    conf: { passiveChecks: { unhealthyThreshold: 3, penaltyInterval: '1m' } },
  },
  [`${INSIGHTS}/web-1`]: { subscriptions: [{ id: '1', status: { total: { responsesSent: '18446744073709551615' } } }] },
};

/** The same in a release that has no more than those tags. */
const ofRelease = (release: KumaRelease): Record<string, Json> =>
  release === '0.4.0'
    ? SOME
    : {
        ...SOME,
        '/meshes/shop/dataplanes/web-1': { networking: { address: '::1', gateway: { tags: { service: 'a' } } } },
      };

interface Opened {
  readonly emulator: Emulator;
  readonly kuma: Asking;
  close(): Promise<void>;
}

const open: Opened[] = [];
const processes: Running[] = [];
const bugs: string[] = [];
let folder = '';
let db = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pce-emulator-kuma-'));
  db = join(folder, 'state.db');
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  for (const one of processes.splice(0)) await one.kill();
  rmSync(folder, { recursive: true, force: true });
  expect(bugs.splice(0)).toEqual([]);
});

/** Opens an emulator, by default one whose clock is that of its file, if there is one. */
async function begin(release: KumaRelease, options: KumaStart = {}): Promise<Opened> {
  const emulator = await startKuma(release, { listen: false, ...options }, bugs);
  const kuma = await asking(emulator.kuma_app);
  let isOpen = true;
  const opened = {
    emulator,
    kuma,
    async close() {
      if (!isOpen) return;
      isOpen = false;
      await kuma.close();
      await emulator.close();
    },
  };
  open.push(opened);
  return opened;
}

const statusAt = async ({ kuma }: Opened, path: string): Promise<number> => (await get(kuma, path)).status;

describe.each(KUMA_RELEASES)('a file of Kuma %s', (release) => {
  it('goes on where it stopped, to the byte', async () => {
    const first = await begin(release, { db });
    await put(first.kuma, ofRelease(release));
    first.emulator.clock.advance('1h');
    await put(first.kuma, { [`${DATAPLANES}/web-1`]: { networking: NETWORKING, metrics: {} } });
    const before = await everything(first.kuma);
    await first.close();

    const second = await begin(release, { db, clock: undefined });
    expect(await everything(second.kuma)).toEqual(before);
    expect(await namesAt(second.kuma, DATAPLANES)).toEqual(['web-2', 'web-1']);
    await second.kuma.ask({ method: 'DELETE', path: '/meshes/shop' });
    expect(await namesAt(second.kuma, '/meshes/shop/dataplanes')).toEqual([]);
    await second.close();
    expect(soundnessOf(db)).toEqual([]);
  });

  it('has the mesh default again after the next start, and not before', async () => {
    const first = await begin(release, { db });
    await put(first.kuma, { [`${DATAPLANES}/web-1`]: { networking: NETWORKING } });
    expect((await first.kuma.ask({ method: 'DELETE', path: '/meshes/default' })).status).toBe(200);
    first.emulator.snapshot('without');
    first.emulator.clock.advance('24h');
    expect(await statusAt(first, '/meshes/default')).toBe(404);
    expect((await first.kuma.ask(putting(`${DATAPLANES}/web-1`, { networking: NETWORKING }))).status).toBe(400);
    first.emulator.reset();
    expect(await namesAt(first.kuma, '/meshes')).toEqual(['default']);
    first.emulator.restore('without');
    expect(await namesAt(first.kuma, '/meshes')).toEqual([]);
    await first.close();

    const second = await begin(release, { db, clock: '2020-03-05T09:00:00Z' });
    expect(await namesAt(second.kuma, '/meshes')).toEqual(['default']);
    expect(await namesAt(second.kuma, DATAPLANES)).toEqual([]);
    const { creationTime } = JSON.parse((await get(second.kuma, '/meshes/default')).text);
    expect(creationTime).toBe(release === '0.4.0' ? undefined : '2020-03-05T09:00:00Z');
  });

  it('is saved as a world that shows the same, by HTTP and from a file', async () => {
    const first = await begin(release, { db });
    await put(first.kuma, ofRelease(release));
    first.emulator.clock.advance('1h');
    await put(first.kuma, { '/meshes/shop': { logging: {} } });
    const before = await everything(first.kuma);
    const world = first.emulator.saveWorld();

    const control = await asking(first.emulator.app);
    const path = '/_emulator/world';
    const saved = await control.ask({ method: 'GET', path });
    expect(JSON.parse(saved.text)).toEqual(world);
    await first.kuma.ask({ method: 'DELETE', path: '/meshes/default' });
    await put(first.kuma, { '/meshes/other': {} });
    const headers = { 'Content-Type': 'application/json' };
    expect((await control.ask({ method: 'PUT', path, headers, body: saved.text })).status).toBe(200);
    await control.close();
    expect(await everything(first.kuma)).toEqual(before);

    const file = join(folder, 'world.json');
    writeFileSync(file, saved.text);
    const second = await begin(release, { world: file, clock: undefined });
    expect(await everything(second.kuma)).toEqual(before);
    expect(second.emulator.clock.now()).toBe(first.emulator.clock.now());
  });
});

describe('a world', () => {
  const test = useKuma('0.5.1', { listen: false });
  let kuma: Asking;
  beforeAll(async () => {
    kuma = await asking(test.emulator.kuma_app);
    await put(kuma, SOME_OF_SHOP);
  });
  afterAll(() => kuma.close());

  const AT = `${DATAPLANES}/web-1`;
  const TIMES = { created: '2020-03-01T09:00:00Z', modified: '2020-03-01T09:00:00Z' };
  const step = (href = AT, value: Json = { networking: NETWORKING }, facts: Json = {}): Json => ({
    document: href,
    collection: 'kuma_resources',
    parent: '',
    value: { ...bodyOf(href), ...value },
    facts: { list: href.slice(0, href.lastIndexOf('/')), ...TIMES, ...facts },
  });

  it.each<[string, Json, RegExp]>([
    ['a type that there is not', step(AT, { type: 'Nope' }), /Kuma has no type Nope/],
    ['a type in small letters', step(AT, { type: 'dataplane' }), /Kuma has no type dataplane/],
    ['no type', step(AT, { type: undefined }), /Kuma has no type/],
    [
      'another type than its href',
      step(AT, { type: 'TrafficLog' }),
      /has an href like \/meshes\/default\/traffic-logs\//,
    ],
    [
      'another name than its href',
      step(AT, { name: 'web-2' }),
      /has an href like \/meshes\/default\/dataplanes\/web-2/,
    ],
    ['another mesh than its href', step(AT, { mesh: 'shop' }), /has an href like \/meshes\/shop\/dataplanes\//],
    [
      'an href of its own',
      step('/dataplanes/web-1', { type: 'Dataplane', mesh: 'default', name: 'web-1' }),
      /has an href like/,
    ],
    ['no mesh', step('/meshes/web-1', { type: 'Dataplane' }), /a Dataplane has a name and a mesh/],
    ['a mesh that is null', step('/meshes/null/dataplanes/web-1', { mesh: null }), /a Dataplane has a name and a mesh/],
    ['a mesh in a mesh', step('/meshes/default/meshes/m', { type: 'Mesh' }), /a Mesh has a name and no mesh/],
    ['a name that is a number', step(`${DATAPLANES}/5`, { name: 5 }), /a Dataplane has a name/],
    ['a name that cannot be put', step(`${DATAPLANES}/Web.1`), /a Dataplane has a name/],
    ['a name with a slash', step(AT, { name: 'web/1' }), /a Dataplane has a name/],
    ['no name', step(`${DATAPLANES}/`), /a Dataplane has a name/],
    ['no facts', { ...step(), facts: undefined }, /the facts of \S+ have list/],
    ['another list', step(AT, undefined, { list: '/meshes/shop/dataplanes' }), /the facts of \S+ have list/],
    ['no time', step(AT, undefined, { created: undefined }), /created and modified, which are timestamps/],
    ['a time that is a number', step(AT, undefined, { modified: 5 }), /created and modified, which are timestamps/],
    ['a time that is a day', step(AT, undefined, { modified: '2020-03-01' }), /which are timestamps/],
    ['a time in words', step(AT, undefined, { created: 'March 1, 2020' }), /which are timestamps/],
    ['a mesh that there is not', step('/meshes/nope/dataplanes/web-1'), /\/meshes\/nope/],
    ['what no message is', step(AT, { networking: 5 }), /networking/],
    ['a port in words', step(AT, { networking: { inbound: [{ port: 'http' }] } }), /networking\.inbound\[0\]\.port/],
    ['a parent', { ...step(), parent: '/orgs/1' }, /parent|belongs to/],
    ['a list in its place', { ...step(), value: [] }, /must be an object/],
    ['what is there twice', [step(), step('/meshes/default', { name: 'other' })], /has an href like \/meshes\/other/],
  ])('is refused in one line where a resource has %s, and nothing changes', async (_what, bad, message) => {
    const { emulator } = test;
    const world = emulator.saveWorld();
    const before = await everything(kuma);
    const steps = JSON.parse(JSON.stringify([...world.steps, ...[bad].flat()]));
    const refusal = refusalOf(() => emulator.loadWorld({ ...world, steps }));
    expect(refusal).toMatch(message);
    expect(refusal).not.toMatch(/\n|undefined[/']/);
    expect([await everything(kuma), emulator.saveWorld()]).toEqual([before, world]);
  });

  it('is refused so at the start as well', async () => {
    const file = join(folder, 'world.json');
    const world = test.emulator.saveWorld();
    const bad = step(AT, { networking: { inbound: [{ port: 'http' }] } });
    writeFileSync(file, JSON.stringify({ ...world, steps: [...world.steps, bad] }));
    const message = await begin('0.5.1', { world: file }).then(
      () => 'it starts',
      (error: Error) => error.message,
    );
    expect(message).toBe(`the world ${file}: ${AT} cannot be: networking.inbound[0].port is no whole number`);
  });

  it('may have its resources in any order, and gets a mesh default where it has none, as a start does', async () => {
    const { emulator } = test;
    await kuma.ask({ method: 'DELETE', path: '/meshes/default' });
    const before = await get(kuma, '/meshes/shop/dataplanes');
    const world = emulator.saveWorld();
    const isKumas = (one: Json) => one.collection === 'kuma_resources';
    const others = world.steps.filter((one) => !isKumas(one));
    emulator.loadWorld({ ...world, steps: [...others, ...world.steps.filter(isKumas).reverse()] });
    expect((await get(kuma, '/meshes/shop/dataplanes')).text).toBe(before.text);
    expect((await namesAt(kuma, '/meshes')).sort()).toEqual(['default', 'shop']);
  });
});

function refusalOf(action: () => void): string {
  try {
    action();
    return 'it is done';
  } catch (error) {
    return (error as Error).message;
  }
}

const SOME_OF_SHOP: Record<string, Json> = {
  '/meshes/shop': {},
  '/meshes/shop/dataplanes/web-1': { networking: NETWORKING },
};

describe('a file of Kuma 0.4.0 that goes on as 0.5.1', () => {
  const MESH = {
    mtls: { enabled: true, ca: { builtin: {} } },
    logging: { defaultBackend: 'file', backends: [{ name: 'file', format: '%START_TIME%', file: { path: '/log' } }] },
    metrics: { prometheus: { port: 5670, path: '/metrics' } },
  };

  /** @returns what 0.5.1 answers */
  async function goneOn(): Promise<Opened> {
    const first = await begin('0.4.0', { db });
    await put(first.kuma, {
      '/meshes/shop': MESH,
      [`${DATAPLANES}/web-1`]: { networking: NETWORKING },
      [`${INSIGHTS}/ghost`]: { subscriptions: [{ id: 'one' }] },
    });
    first.emulator.clock.advance('90m');
    await put(first.kuma, { [`${DATAPLANES}/web-1`]: { networking: NETWORKING } });
    await first.close();
    return begin('0.5.1', { db, clock: undefined });
  }

  it('loses what that does not know, and shows the times that were kept', async () => {
    const { kuma } = await goneOn();
    const [creationTime, modificationTime] = ['2020-03-01T09:00:00Z', '2020-03-01T10:30:00Z'];
    expect(JSON.parse((await get(kuma, '/meshes/shop')).text)).toEqual({
      ...{ type: 'Mesh', name: 'shop', creationTime, modificationTime: creationTime },
      ...{ mtls: {}, metrics: {} },
      logging: { defaultBackend: 'file', backends: [{ name: 'file', format: '%START_TIME%' }] },
    });
    const times = { creationTime, modificationTime };
    expect(JSON.parse((await get(kuma, `${DATAPLANES}/web-1`)).text)).toMatchObject({
      ...times,
      networking: NETWORKING,
    });
    expect(await namesAt(kuma, '/dataplane-insights')).toEqual(['ghost']);
    expect((await kuma.ask(putting('/meshes/shop', { metrics: {} }))).status).toBe(200);
  });

  it('does not go back, and says so in one line', async () => {
    await (await goneOn()).close();
    const back = await begin('0.4.0', { db, clock: undefined }).catch((error: Error) => error);
    expect(back).toBeInstanceOf(UnusableFile);
    const { message } = back as Error;
    expect(message).toBe(
      `${db} was last used as Kuma 0.5.1, and 0.4.0 would not understand it; use --kuma-version 0.5.1, or name another file`,
    );
    expect(await statusAt(await begin('0.5.1', { db, clock: undefined }), '/meshes/shop')).toBe(200);
  });
});

describe('a file of an emulator that had no Kuma', () => {
  const FILES = join(ROOT, 'fixtures', 'files');

  it.each(['e6a52e5', '49525f8-killed', 'cc761d6'])('(%s) has the mesh default and takes others', async (name) => {
    for (const part of ['.db', '.db-wal']) {
      const packed = readdirSync(FILES).find((file) => file === `${name}${part}.br`);
      const [, suffix = ''] = part.split('.db');
      if (packed) writeFileSync(db + suffix, brotliDecompressSync(readFileSync(join(FILES, packed))));
    }
    const first = await begin('0.5.1', { db, world: undefined, clock: undefined, pceVersion: '25.2' });
    expect(await namesAt(first.kuma, '/meshes')).toContain('default');
    await put(first.kuma, ofRelease('0.5.1'));
    await first.close();
    expect(soundnessOf(db)).toEqual([]);
  });
});

describe('kill -9', () => {
  it('takes nothing that was acknowledged', async () => {
    const running = launch(db);
    processes.push(running);
    const url = `http://127.0.0.1:${await running.port}`;
    const names = Array.from({ length: 20 }, (_, index) => `web-${index}`);
    await Promise.all(names.map((name) => askAt(url, putting(`${DATAPLANES}/${name}`, { networking: NETWORKING }))));
    expect((await askAt(url, { method: 'DELETE', path: `${DATAPLANES}/web-0` })).status).toBe(200);
    const { status } = await askAt(url, putting('/meshes/last'));
    await running.kill();
    expect([status, running.said()]).toEqual([201, '']);

    const { kuma } = await begin('0.4.0', { db });
    expect(await namesAt(kuma, '/meshes')).toEqual(['default', 'last']);
    expect((await namesAt(kuma, DATAPLANES)).sort()).toEqual(names.slice(1).sort());
  });
});

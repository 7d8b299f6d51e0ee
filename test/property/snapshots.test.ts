import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator.ts';
import { type Answer, authorization, type Client, clientOf, type Json } from '../support/emulator.ts';
import { freshCluster, freshPicture, type Step, stories } from './cluster-model.ts';
import { look, type Side, take } from './cluster-steps.ts';

// To make a key takes as long as half a story, and no list shows it.
jest.mock('../../src/pce/agent/clas-auth-key.ts', () => ({ authKeyOf: () => 'no key' }));

/** What else happens in a test: pairing, jobs, tenants, refusals, faults, time, and snapshots within a story. */
type Aside =
  | { do: 'fault'; rule: Json }
  | { do: 'faults gone' | 'struck' | 'job' | 'refused' | 'tenant' | 'tenant gone' }
  | { do: 'time'; by: string }
  | { do: 'pairing'; name: string }
  | { do: 'snapshot' | 'restore'; name: string };

const fault = fc.record({
  // Routes that the story of the clusters does not take, so that this one goes on as its picture says.
  when: fc.constantFrom({ route: 'events.*' }, { route: 'events.list', org: 1 }),
  probability: fc.constantFrom(0.5, 0.9),
  skip: fc.nat(1),
  effect: fc.constantFrom<Json>({ status: 503, retry_after: 1 }, { rows: 2, shuffled: true }, { jitter: '2ms' }),
});
const what = <T extends Aside['do']>(name: T) => fc.constant(name);
const aside: fc.Arbitrary<Aside> = fc.oneof(
  fc.record({ do: what('fault'), rule: fault }),
  fc.record({ do: fc.constantFrom<'struck' | 'job' | 'refused' | 'tenant'>('struck', 'job', 'refused', 'tenant') }),
  fc.record({ do: fc.constantFrom<'struck' | 'faults gone' | 'tenant gone'>('struck', 'faults gone', 'tenant gone') }),
  fc.record({ do: what('time'), by: fc.constantFrom('1ms', '11m', '25h', '31d') }),
  fc.record({ do: what('pairing'), name: fc.constantFrom('hosts', 'nodes') }),
  fc.record({ do: fc.constantFrom<'snapshot' | 'restore'>('snapshot', 'restore'), name: fc.constantFrom('a', 'b') }),
);

type Act = Step | Aside;
const ASIDES = ['fault', 'faults gone', 'struck', 'job', 'refused', 'tenant', 'tenant gone', 'time', 'pairing'];
const isAside = (act: Act): act is Aside => [...ASIDES, 'snapshot', 'restore'].includes(act.do);

/** A story of clusters with something else in between. */
const tales: fc.Arbitrary<Act[]> = fc
  .tuple(stories(fc.constant(false)), fc.array(aside, { minLength: 4, maxLength: 12, size: 'max' }))
  .map(([[opening, steps], asides]) => {
    const told = steps.flatMap((step, index): Act[] => [step, ...asides.slice(index, index + 1)]);
    return [...opening, ...told, ...asides.slice(steps.length)];
  });

/** All who speak to an emulator, and every byte that they were answered but for the date. */
interface Stage {
  side: Side;
  readonly heard: string[];
  readonly pictures: Map<string, () => Side>;
}

/**
 * A client that asks for one thing after the other, and notes what it is told. The dates of replies, and the ids of
 * requests to the emulator's own API, are real.
 */
function noting({ get, post, put, delete: remove }: Client, heard: string[], real: string[]): Client {
  let before: Promise<unknown> = Promise.resolve();
  const note = (asked: string, ask: () => Promise<Answer>) => {
    const answer = before.then(ask).then((told) => {
      const headers = Object.entries(told.headers).filter(([name]) => !real.includes(name));
      heard.push(`${asked} ${told.status} ${JSON.stringify(headers)} ${told.text}`);
      return told;
    });
    before = answer.catch(() => {});
    return answer;
  };
  return {
    get: (path, headers) => note(`GET ${path}`, () => get(path, headers)),
    post: (path, body, headers) => note(`POST ${path} ${JSON.stringify(body)}`, () => post(path, body, headers)),
    put: (path, body, headers) => note(`PUT ${path} ${JSON.stringify(body)}`, () => put(path, body, headers)),
    delete: (path, headers) => note(`DELETE ${path}`, () => remove(path, headers)),
  };
}

/** The picture of the clusters as it is now, to go back to. */
function kept(side: Side): () => Side {
  const { picture, hrefs, clusters, ...rest } = side;
  const saved = structuredClone({ picture, hrefs });
  const those = [...clusters];
  return () => ({ ...rest, ...structuredClone(saved), clusters: [...those] });
}

/** Two clusters of which nothing is said yet, in an emulator that is as it was after the start. */
async function begin(emulator: Emulator, bugs: string[]): Promise<Stage> {
  emulator.reset();
  const heard: string[] = [];
  const anyone = noting(clientOf(emulator, {}), heard, ['date']);
  const operator = clientOf(emulator, {}, { prefix: '/_emulator', problem: 'emulator/status#problem' });
  const control = noting(operator, heard, ['date', 'x-request-id']);
  const speaking = (headers: Record<string, string>): Client => ({
    get: (path, more) => anyone.get(path, { ...headers, ...more }),
    post: (path, body) => anyone.post(path, body, headers),
    put: (path, body) => anyone.put(path, body, headers),
    delete: (path) => anyone.delete(path, headers),
  });
  const pce = speaking(authorization(emulator.credentials));
  const side: Side = { emulator, anyone, pce, control, clusters: [], hrefs: new Map(), picture: freshPicture(), bugs };
  for (const at of [0, 1]) {
    const { body } = await pce.post('/orgs/1/container_clusters', { name: freshCluster(at).name, description: '' });
    const key = { api_key: body.href.slice(-36), api_secret: body.container_cluster_token };
    side.clusters[at] = { href: body.href, agent: speaking(authorization(key)) };
  }
  return { side, heard, pictures: new Map() };
}

/** Drops the snapshots of stories: they outlive a restore, and a reset. */
async function dropAll({ side: { control }, pictures }: Stage): Promise<void> {
  for (const name of ['a', 'b']) expectStatus(await control.delete(`/snapshots/${name}`), 204, 404);
  pictures.clear();
}

async function live(stage: Stage, acts: readonly Act[]): Promise<void> {
  for (const act of acts) {
    if (isAside(act)) await digress(stage, act);
    else await take(stage.side, act);
  }
  expect(stage.side.bugs).toEqual([]);
}

/** The status says whether it went well; what was answered is compared with what is answered the next time. */
async function digress(stage: Stage, act: Aside): Promise<void> {
  const { pce, control, anyone } = stage.side;
  switch (act.do) {
    case 'fault':
      return expectStatus(await control.post('/faults', act.rule), 201);
    case 'faults gone':
      return expectStatus(await control.delete('/faults'), 204);
    case 'struck':
      return expectStatus(await pce.get('/orgs/1/events'), 200, 503);
    case 'job':
      return expectStatus(await pce.get('/orgs/1/labels', { prefer: 'respond-async' }), 202);
    case 'refused':
      expectStatus(await anyone.get('/orgs/1/labels'), 401);
      expectStatus(await pce.post('/orgs/1/labels', { key: 'app' }), 406);
      return expectStatus(await pce.delete('/orgs/1/labels/4711'), 404);
    case 'tenant':
      return expectStatus(await control.post('/orgs'), 201);
    case 'tenant gone': {
      const { org_id } = (await control.get('/orgs')).body.at(-1);
      return expectStatus(await control.delete(`/orgs/${org_id === 1 ? 4711 : org_id}`), org_id === 1 ? 404 : 204);
    }
    case 'time':
      return expectStatus(await control.post('/clock/advance', { by: act.by }), 200);
    case 'pairing': {
      const body = { name: act.name, enabled: true };
      const profile = await pce.post('/orgs/1/pairing_profiles', body);
      expectStatus(profile, 201, 406);
      if (profile.status === 201) expectStatus(await pce.post(`${profile.body.href}/pairing_key`), 201);
      return;
    }
    case 'snapshot':
      stage.pictures.set(act.name, kept(stage.side));
      return expectStatus(await control.put(`/snapshots/${act.name}`), 200);
    case 'restore': {
      const before = stage.pictures.get(act.name);
      expectStatus(await control.post(`/snapshots/${act.name}/restore`), before ? 200 : 404);
      if (before) stage.side = before();
    }
  }
}

const expectStatus = ({ status, text }: Answer, ...expected: number[]) =>
  expect([expected.includes(status) || text, status]).toEqual([true, status]);

/** All that there is to see, as text, without leaving a trace: of every collection, ids, the clock and the faults. */
async function everything({ side: { control } }: Stage): Promise<string[]> {
  const asked = ['/world', '/orgs', '/clock', '/faults'].map((path) => control.get(path));
  return (await Promise.all(asked)).map(({ text }) => text);
}

describe.each([
  ['in memory', '24.5'],
  ['in a file', '25.2'],
] as const)('whatever has happened before and after, %s (%s)', (place, pceVersion) => {
  let emulator: Emulator;
  let folder = '';
  const bugs: string[] = [];
  const start = () => {
    const options: EmulatorOptions = { listen: false, checkReplies: true, seed: 7, pceVersion };
    const log = (message: string) => void (message.startsWith('warning: ') || bugs.push(message));
    const db = place === 'in a file' ? join(folder, 'state.db') : undefined;
    return startEmulator({ ...options, log, ...(db ? { db } : {}), world: db ? undefined : 'empty' });
  };
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pce-emulator-snapshots-'));
    emulator = await start();
  });
  afterAll(async () => {
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('a restore brings everything back, and from there the same requests get the same answers', async () => {
    const end = Date.now() + 6000;
    let told = 0;
    const restored = async (before: Act[], after: Act[]) => {
      // On a slow machine fewer stories do.
      if (Date.now() > end) return;
      const stage = await begin(emulator, bugs);
      await dropAll(stage);
      await live(stage, before);
      const picture = kept(stage.side);
      emulator.snapshot('kept');
      const was = await everything(stage);
      const course: string[][] = [];
      for (let time = 0; time < 2; time++) {
        await dropAll(stage);
        stage.heard.length = 0;
        await look(stage.side);
        await live(stage, after);
        course.push([...stage.heard, ...(await everything(stage))]);
        emulator.restore('kept');
        expect(await everything(stage)).toEqual(was);
        stage.side = picture();
      }
      expect(course[1]).toEqual(course[0]);
      told++;
    };
    await fc.assert(fc.asyncProperty(tales, tales, restored), { numRuns: 12 });
    expect(told).toBeGreaterThan(0);
  }, 60_000);

  it('a saved world makes the same again elsewhere, also in a later release', async () => {
    const end = Date.now() + 2000;
    const other = await startEmulator({ listen: false, checkReplies: true, pceVersion: '25.2', world: 'demo' });
    const again = await startEmulator({ listen: false, checkReplies: true, pceVersion, world: 'empty' });
    const saved = async (tale: Act[]) => {
      if (Date.now() > end) return;
      const stage = await begin(emulator, bugs);
      await dropAll(stage);
      await live(stage, tale);
      const world = emulator.saveWorld();
      again.loadWorld(JSON.parse(JSON.stringify(world)));
      expect(content(again.saveWorld())).toEqual(content(world));
      // A later release shows its further fields; the next time there is nothing to add.
      other.loadWorld(world);
      const later = other.saveWorld();
      other.loadWorld(later);
      expect(content(other.saveWorld())).toEqual(content(later));
    };
    await fc.assert(fc.asyncProperty(tales, saved), { numRuns: 9 });
    await Promise.all([other.close(), again.close()]);
  }, 60_000);
});

/** A world but for where it comes from, and the keys, of which the start has some of its own. */
const content = ({ description: _, ...world }: ReturnType<Emulator['saveWorld']>) => ({
  ...world,
  steps: world.steps.filter((step) => !('collection' in step && step.collection === 'api_keys')),
});

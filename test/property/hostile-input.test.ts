import fc from 'fast-check';
import { RELEASES } from '../../src/emulator.ts';
import { pceCollections } from '../../src/pce/index.ts';
import { type Json, schemasOf } from '../support/emulator.ts';
import { complaintsAbout } from './fuzz-answers.ts';
import { MADE, requestsTo, type Sent, type Target } from './fuzz-requests.ts';
import { targetsOf } from './fuzz-targets.ts';
import { createWire, type Wire } from './fuzz-wire.ts';
import { type FuzzWorld, fuzzWorld, placesOf } from './fuzz-world.ts';

/**
 * Whatever is sent to whichever route: an answer as the contract has it, and what is refused changes nothing. Each run
 * is a handful of requests to a world that has something of everything. `FUZZ_RUNS` says how many runs a route gets,
 * `FUZZ_ROUTE` which, and `FUZZ_SEED` repeats those of a failure.
 */

const { FUZZ_RUNS = '1', FUZZ_SEED, FUZZ_ROUTE } = process.env;
const LIMIT_MS = 120_000 * Number(FUZZ_RUNS);

/** The requests of a run, to a route that is implemented and to one that is not. */
const [MANY, FEW] = [3, 1];

/** What every run begins with. */
const BASE = 'hostile-input-base';

describe.each([RELEASES[0], RELEASES.at(-1) ?? RELEASES[0]])('in release %s', (release) => {
  const targets = targetsOf(release);
  const schemas = schemasOf(release);
  let world: FuzzWorld;
  let wire: Wire;

  beforeAll(async () => {
    world = await fuzzWorld(release);
    wire = createWire(world.emulator.http_url);
    world.emulator.snapshot(BASE);
  }, LIMIT_MS);

  afterAll(async () => {
    wire.close();
    await world.emulator.close();
  });

  it('there is something of everything, every route leads to something, and every route is taken', () => {
    const { hrefs, document } = world;
    const collections = pceCollections.map(({ name }) => name);
    // These come with later releases, or are told of by others.
    const later = release === RELEASES[0] ? ['kubernetes_workloads'] : [];
    expect(collections.filter((name) => !hrefs.has(name) && !later.includes(name))).toEqual([]);
    const all = [...hrefs.values()].flat();
    const implemented = targets.filter(({ route }) => route.handle);
    const nowhere = implemented.filter(({ route }) => placesOf(route.path, all).length === 0);
    expect(nowhere.map(({ route }) => route.id)).toEqual([]);
    const operations = Object.values<Json>(document.paths).flatMap((one) => Object.values<Json>(one));
    expect(targets.map(({ route }) => route.id).sort()).toEqual(operations.map((one) => one.operationId).sort());
  });

  const chosen = targets.filter(({ route }) => !FUZZ_ROUTE || route.id === FUZZ_ROUTE);
  it.each(chosen.map((target) => [target.route.id, target] as const))(
    '%s answers whatever comes, and what it refuses changes nothing',
    async (_id, target) => {
      const most = target.route.handle ? MANY : FEW;
      const some = fc.array(requestsTo(target, world, schemas), { minLength: most, maxLength: most, size: 'max' });
      await fc.assert(
        fc.asyncProperty(some, (requests) => story(target, requests)),
        { numRuns: Number(FUZZ_RUNS), ...(FUZZ_SEED !== undefined && { seed: Number(FUZZ_SEED) }) },
      );
    },
    LIMIT_MS,
  );

  /** Sends requests one after the other, and looks at each answer and at what it has changed. */
  async function story(target: Target, requests: readonly Sent[]) {
    const { emulator, bugs } = world;
    if (target.prefix === '/_emulator') await clear(world);
    emulator.restore(BASE);
    bugs.length = 0;
    const made: string[] = [];
    let known = stateOf(world);
    for (const each of requests) {
      const sent = withMade(each, made);
      const received = await wire.send(sent).catch((error) => {
        throw new Error(`${sent.method} ${sent.path.slice(0, 300)}: ${error.message}`);
      });
      const told = `${sent.method} ${sent.path.slice(0, 300)} ${received.status} ${received.text.slice(0, 300)}`;
      expect([told, ...bugs]).toEqual([told]);
      expect([told, ...complaintsAbout(target, sent, received, world, schemas)]).toEqual([told]);
      const state = stateOf(world);
      const mayChange =
        received.status < 300 && (sent.method !== 'GET' || target.route.writes || received.status === 202);
      if (!mayChange && state !== known) expect([told, JSON.parse(state)]).toEqual([told, JSON.parse(known)]);
      known = state;
      if (received.status === 201) made.push(...hrefsIn(received.text));
      // A rule that strikes is a fault that one asked for.
      if (
        emulator.faults.list().some(({ name }) => name !== 'standing') ||
        target.route.id.startsWith('emulator.faults')
      ) {
        emulator.restore(BASE);
        known = stateOf(world);
      }
    }
  }
});

/** Everything that a refusal may not change. */
const stateOf = ({ emulator }: FuzzWorld): string =>
  JSON.stringify({ ...emulator.saveWorld(), faults: emulator.faults.list() });

/** Snapshots are no part of what is put back. */
async function clear({ control }: FuzzWorld) {
  for (const { name } of (await control.get('/snapshots')).body) {
    if (!['start', 'one', BASE].includes(name)) await control.delete(`/snapshots/${name}`);
  }
}

/** A request that speaks of what was made before it. */
function withMade(sent: Sent, made: readonly string[]): Sent {
  const fill = (text: string) => text.replace(MADE, (_, nth) => made.at(-1 - Number(nth)) ?? `/orgs/1/labels/99${nth}`);
  const { body } = sent;
  return {
    ...sent,
    path: fill(sent.path),
    search: fill(sent.search),
    body: body && { ...body, text: fill(body.text) },
  };
}

function hrefsIn(text: string): string[] {
  const found: string[] = [];
  JSON.parse(text, (key, value) => {
    if (key === 'href' && typeof value === 'string') found.push(value);
    return value;
  });
  return found;
}

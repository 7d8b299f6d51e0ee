import type { Collection, Document, World } from './contract/collection.ts';
import type { Has } from './contract/cut.ts';
import { handled, validRequest } from './contract/exchange.ts';
import { jsonTextOf } from './contract/json.ts';
import { type Api, type Caller, cutApi, type Method, type Reply } from './contract/route.ts';
import { createRouting, type Routing } from './contract/routing.ts';
import { createSchemas, readSchemaFiles, type Schemas } from './contract/schemas.ts';
import type { Stateful } from './contract/snapshots.ts';
import { UnusableOption } from './contract/unusable.ts';
import type { WorldMaker } from './control/worlds.ts';
import { createFaults, type Faults } from './faults/faults.ts';
import { HOSTILE } from './faults/hostile.ts';
import { freshSeed, seededChance } from './kernel/chance.ts';
import { type AdjustableClock, type ClockState, createClock, momentOf } from './kernel/clock.ts';
import { createIds, type Ids } from './kernel/ids.ts';
import { createKuma, type Kuma, type KumaOptions, kumaCollections } from './kuma/index.ts';
import { hasKumaFeature, type KumaRelease } from './kuma/versions.ts';
import { pce, pceCollections } from './pce/index.ts';
import { organisationOf, ownerOf } from './pce/organisations.ts';
import { hasFeature, type Release } from './pce/versions.ts';
import { openStore, type Store } from './store/store.ts';

/** As a PCE treats its other agents; how long it waits for the agent of a cluster is not public. */
const OFFLINE_AFTER = 10 * 60 * 1000;

/** Where a clock stands when ids are to come out the same again and nothing else is said. */
const SEEDED_MOMENT = momentOf('2025-01-01T00:00:00.000Z');

/** The draws of a start are this far from those of the one before, so that a file never sees an id twice. */
const DRAWS_OF_A_START = 2 ** 40;

/** Everything that answers, short of HTTP. */
export interface Engine {
  readonly store: Store;
  readonly schemas: Schemas;
  readonly world: World;
  readonly clock: AdjustableClock;
  readonly faults: Faults;
  /** What the faults' chance comes from, and with `--seed` all ids. */
  readonly seed: string;
  /** Where the ids of requests come from: of their own, so that no request takes the id of a document. */
  readonly requestIds: Ids;
  readonly served: Served;
  /** The second control plane: documents of its own in the same store, by the same clock. */
  readonly kuma: Served & { readonly world: World };
  /**
   * Does `work` without holding anything to its schema. What comes with the emulator is held to it by a test: making
   * the checks that a start needs takes as long as the rest of making its world.
   */
  trusting<T>(work: () => T): T;
}

/** An API with the way to its routes. */
export interface Served {
  readonly api: Api;
  readonly routing: Routing;
}

export const serve = (api: Api): Served => ({ api, routing: createRouting(api) });

export interface EngineOptions {
  /** The folder of the schemas. */
  readonly schemas: string;
  readonly release: Release;
  readonly kuma: Omit<KumaOptions, 'schemas' | 'has'> & { readonly release: KumaRelease };
  /** A SQLite file; in memory when absent. */
  readonly db?: string;
  readonly now?: () => number;
  readonly seed?: string;
  /** Where the clock stands; `real`: it runs. */
  readonly clock?: number | 'real';
  readonly hostile?: boolean;
  /** How long a cluster counts as online after its agent's last word, in milliseconds. */
  readonly offlineAfter?: number;
  /** What no snapshot holds, and a change that cannot be kept leaves as it was all the same. */
  readonly evidence?: readonly Stateful[];
  warn(message: string): void;
}

/** @throws UnusableFile */
export function createEngine(options: EngineOptions): Engine {
  const { release, db, offlineAfter = OFFLINE_AFTER, warn } = options;
  const has = hasFeature(release);
  const kumaHas = hasKumaFeature(options.kuma.release);
  const held = createSchemas(readSchemaFiles(options.schemas), featuresOf(release, options.kuma.release));
  let isTrusting = false;
  const schemas: Schemas = {
    ...held,
    check: (reference, value) => (isTrusting ? [] : held.check(reference, value)),
  };
  const { seed = freshSeed() } = options;
  const clock = createClock(options.now);
  const ofFaults = seededChance(`${seed}/faults`);
  const faults = createFaults({ clock, chance: ofFaults });
  const idsOf = (stream: string) =>
    createIds(options.seed === undefined ? undefined : seededChance(`${seed}/${stream}`));
  const [ids, requestIds] = [idsOf('ids'), idsOf('requests')];
  const kuma = createKuma({ ...options.kuma, schemas, has: kumaHas });
  const store = openStore({
    file: db,
    collections: [...pceCollections, ...kumaCollections],
    ids,
    defer: setImmediate,
    shaped: shapedBy(schemas, kuma),
    beside: { clock, faults, ofFaults, requestIds },
    evidence: options.evidence,
    warn,
  });
  const starts = countStart(store);
  for (const stream of [ids, requestIds]) stream.restore(starts * DRAWS_OF_A_START);
  setClock(clock, store, options);
  if (options.hostile) for (const rule of HOSTILE) faults.add(rule);
  const settings = { offlineAfter };
  const about = { clock, ids, settings, startedAt: clock.now(), table: store.table, warn };
  const world: World = { ...about, release, has };
  return {
    store,
    schemas,
    world,
    clock,
    faults,
    seed,
    requestIds,
    trusting(work) {
      isTrusting = true;
      try {
        return work();
      } finally {
        isTrusting = false;
      }
    },
    served: serve(cutApi(pce, has)),
    kuma: { ...serve(kuma.api), world: { ...about, release: options.kuma.release, has: kumaHas } },
  };
}

/** @returns how many starts there were before this one */
function countStart(store: Store): number {
  try {
    return store.transaction(() => {
      const before = Number(store.remark('starts') ?? 0);
      store.setRemark('starts', String(before + 1));
      return before;
    });
  } catch (error) {
    store.close();
    throw error;
  }
}

/** What is asked for; else how the clock of this file stood; else, with a seed, at a moment that is always the same. */
function setClock(clock: AdjustableClock, store: Store, { clock: wanted, seed }: EngineOptions): void {
  const before = store.remark('clock');
  if (typeof wanted === 'number') clock.freeze(wanted);
  else if (before !== undefined && wanted === undefined) clock.restore(JSON.parse(before) as ClockState);
  else if (seed !== undefined && wanted === undefined) clock.freeze(SEEDED_MOMENT);
}

/** Completes a document and holds it to its schema: what is stored is valid, so that replies may send it unread. */
function shapedBy(schemas: Schemas, kuma: Kuma): (collection: Collection, document: Document) => Document {
  return (collection, document) => {
    if (kumaCollections.includes(collection)) return kuma.reread(document);
    const { name, schema } = collection;
    const shaped = schemas.complete(schema, document);
    const [violation] = schemas.check(schema, shaped);
    if (violation) throw new Error(`not a document of ${name}: #${violation.path} ${violation.message}`);
    return shaped;
  };
}

/** What the releases of both control planes have, by name: those of Kuma's differences say whose they are. */
export function featuresOf(release: Release, kuma: KumaRelease): Has {
  const [ofPce, ofKuma] = [hasFeature(release), hasKumaFeature(kuma)];
  return (feature) => (feature.startsWith('kuma_') ? ofKuma(feature) : ofPce(feature));
}

/** Makes a request without HTTP: checked as any other, and answered at once. @throws Problem */
export function ask(
  { api, routing }: Served,
  { schemas, world }: Pick<Engine, 'schemas' | 'world'>,
  asked: { readonly method: Method; readonly target: string; readonly body?: unknown; readonly caller: Caller },
): Reply {
  const { method, target, body, caller } = asked;
  const [path = '', search = ''] = target.split('?');
  const matched = routing.match(method, api.prefix + path);
  if (matched.found !== 'route') throw new UnusableOption(`${method} ${path} is no route`);
  const arrival = { ...matched, address: '127.0.0.1', search, body: jsonTextOf(body), caller, respondAsync: false };
  return handled(api, matched.route, validRequest(api, matched.route, arrival, schemas), world);
}

/** Makes the requests of a world, as the owner of an organisation. */
export function callerOf(engine: Engine): WorldMaker['call'] {
  const { served, world } = engine;
  return (method, path, body, at = world.clock.now()) => {
    const org = organisationOf(path);
    const caller = { kind: 'user', href: ownerOf(org), org } as const;
    world.clock.at(at, () => ask(served, engine, { method, target: path, body, caller }));
  };
}

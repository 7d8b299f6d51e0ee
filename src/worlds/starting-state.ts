import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Document, World } from '../contract/collection.ts';
import type { Schemas } from '../contract/schemas.ts';
import { UnusableFile, UnusableOption } from '../contract/unusable.ts';
import { makeWorld, type WorldDefinition, type WorldMaker } from '../control/worlds.ts';
import { type AdjustableClock, momentOf } from '../kernel/clock.ts';
import { completeOrganisations, createOrganisation } from '../pce/fresh-organisation.ts';
import { pceCollections } from '../pce/index.ts';
import { createApiKey, organisations } from '../pce/organisations.ts';
import { RELEASES, type Release } from '../pce/versions.ts';
import type { Store } from '../store/store.ts';

/** What a client needs to get in. */
export interface Credentials {
  readonly org_id: number;
  readonly api_key: string;
  readonly api_secret: string;
}

export interface StartingState {
  /** The folder of the worlds that have a name. */
  readonly folder: string;
  readonly store: Store;
  readonly world: World;
  readonly clock: AdjustableClock;
  /** Whoever starts the emulator has said how the clock is to stand. */
  readonly clockIsGiven: boolean;
  readonly schemas: Schemas;
  readonly release: Release;
  /** Makes a request as the organisation's owner. @throws Problem */
  call: WorldMaker['call'];
}

/**
 * Makes a world in a new store; goes on with the one that is there in an old one.
 * @param wanted the name of a world or the path of its file; `demo` when absent
 * @param db the store's file, for messages
 * @returns the world's name
 * @throws UnusableOption when the store holds another world or the world cannot be made; UnusableFile when
 *   the store comes from a later release
 */
export function continueOrMakeWorld(state: StartingState, wanted?: string, db?: string): string {
  const { store, world, release, folder, schemas } = state;
  const present = store.remark('world');
  if (present !== undefined) {
    if (wanted !== undefined && wanted !== present) {
      throw new UnusableOption(
        `${db} holds the world ${present}, not ${wanted}; leave --world out, or name another file`,
      );
    }
    upgrade(store, release, db);
    store.transaction(() => {
      completeOrganisations(world);
      keepClock(state);
    });
    return present;
  }
  const name = wanted ?? 'demo';
  const chain = worldChain(name, folder, schemas);
  store.transaction(() => {
    makeAll(state, name, chain);
    store.setRemark('pce_version', release);
  });
  return name;
}

/** Has the file remember how the clock stands. */
export function keepClock({ store, clock }: Pick<StartingState, 'store' | 'clock'>): void {
  store.setRemark('clock', JSON.stringify(clock.save()));
}

/** Makes a world from the definitions that it is made of, into an empty store. @throws UnusableOption */
export function makeAll(state: StartingState, name: string, chain: readonly WorldDefinition[]): void {
  try {
    // It may hold what the same seed has made before.
    state.world.ids.leapTo(JSON.stringify(chain));
    for (const definition of chain) {
      makeWorld(definition, worldMaker(name, state));
      if (definition.frozen_at !== undefined && !state.clockIsGiven) state.clock.freeze(momentOf(definition.frozen_at));
    }
    state.store.setRemark('world', name);
    keepClock(state);
  } catch (error) {
    if (error instanceof UnusableOption) throw error;
    throw new UnusableOption(`the world ${name} cannot be made: ${(error as Error).message}`);
  }
}

/** What ids look like; integers so that SQLite can count on from them. */
const IDS = { uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, integer: /^[1-9][0-9]{0,17}$/ };

function worldMaker(name: string, { store, world, call }: StartingState): WorldMaker {
  const naming = (what: string, action: () => void) => {
    try {
      action();
    } catch (error) {
      if (error instanceof UnusableOption) throw error;
      throw new UnusableOption(`the world ${name}: ${what}: ${(error as Error).message}`);
    }
  };
  const collectionOf = (collectionName: string) => {
    const collection = pceCollections.find((one) => one.name === collectionName);
    if (!collection) throw new UnusableOption(`the world ${name}: there is no collection ${collectionName}`);
    return collection;
  };
  return {
    createOrg(id, orgName) {
      if (world.table(organisations).has(`/orgs/${id}`)) {
        throw new UnusableOption(`the world ${name}: organisation ${id} is there already`);
      }
      createOrganisation(world, id, orgName);
    },
    reserve(collectionName, ids) {
      const { id: kind } = collectionOf(collectionName);
      const unfit = ids.find((id, index) => !IDS[kind].test(id) || ids.indexOf(id) !== index);
      if (unfit !== undefined) throw new UnusableOption(`the world ${name}: no id for ${collectionName}: ${unfit}`);
      store.reserve(collectionName, ids);
    },
    call(method, path, body, at) {
      naming(`${method} ${path} is refused`, () => call(method, path, body, at));
    },
    put({ collection: collectionName, parent, document: href, value, facts }) {
      const collection = collectionOf(collectionName);
      const table = world.table(collection);
      if (!table.hasParent(parent)) throw new UnusableOption(`the world ${name}: there is no ${parent}`);
      naming(`${href} cannot be`, () => {
        if (collection.unshaped) return table.keep(parent, href, JSON.stringify(value), facts ?? {});
        const before = table.get(href);
        if (before) table.replace(href, { ...before, ...(value as Document) }, facts);
        else table.insert(parent, href, value as Document, facts);
      });
    },
    countFrom: (sequence, last) => store.setSequence(sequence, last),
  };
}

/** A file may go on with a later release, as a PCE may be upgraded; there is no way back. */
function upgrade(store: Store, release: Release, db?: string): void {
  const before = store.remark('pce_version') as Release;
  if (before === release) return;
  if (RELEASES.indexOf(before) > RELEASES.indexOf(release)) {
    throw new UnusableFile(
      `${db} was last used as PCE ${before}, and a PCE cannot be downgraded to ${release}; use --pce-version ${before}, or name another file`,
    );
  }
  store.transaction(() => {
    store.reshape();
    store.setRemark('pce_version', release);
  });
}

/** A world and those it extends, the first one first. */
function worldChain(name: string, folder: string, schemas: Schemas, extending: string[] = []): WorldDefinition[] {
  if (extending.includes(name)) throw new UnusableOption(`the world ${name} extends itself`);
  const own = /[\\/]|\.json$/.test(name);
  const definition = readWorld(name, own ? name : join(folder, `${name}.json`));
  // The worlds with names are held to the schema by a test, so that no start-up pays for it.
  const [violation] = own ? schemas.check('emulator/world#world', definition) : [];
  if (violation) throw new UnusableOption(`the world ${name} is not a world: #${violation.path} ${violation.message}`);
  return [
    ...(definition.extends ? worldChain(definition.extends, folder, schemas, [...extending, name]) : []),
    definition,
  ];
}

function readWorld(name: string, file: string): WorldDefinition {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as WorldDefinition;
  } catch (error) {
    throw new UnusableOption(`the world ${name} cannot be read: ${(error as Error).message}`);
  }
}

/**
 * A key for each organisation. Keys of earlier starts go on working, but no one can read their secrets again.
 * @param given the key of the first organisation; a fresh one when absent
 */
export function mintCredentials(
  { store, world }: StartingState,
  given?: { readonly name: string; readonly secret: string },
): Credentials[] {
  if (given && (!/^[^:\p{Cc}]{1,255}$/u.test(given.name) || !/^\P{Cc}+$/u.test(given.secret))) {
    throw new UnusableOption('an API key needs a name without a colon, and a secret; neither with control characters');
  }
  return store.transaction(() =>
    world
      .table(organisations)
      .find('')
      .map(({ href }, index) => {
        const key = createApiKey(world, String(href), index === 0 ? given : undefined);
        if (!key) throw new UnusableOption(`the API key ${given?.name} belongs to another organisation`);
        const { name, secret } = key;
        return { org_id: Number(String(href).split('/').at(-1)), api_key: name, api_secret: secret };
      }),
  );
}

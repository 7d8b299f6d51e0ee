import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './contract/collection.ts';
import { Problem } from './contract/problem.ts';
import type { Method } from './contract/route.ts';
import type { Schemas } from './contract/schemas.ts';
import { makeWorld, type WorldDefinition, type WorldMaker } from './control/worlds.ts';
import { pceCollections } from './pce/index.ts';
import { createApiKey, createOrganisation, organisations } from './pce/organisations.ts';
import { RELEASES, type Release } from './pce/versions.ts';
import { type Store, UnusableFile } from './store/store.ts';

/** Something in the options that cannot be used, said in one line. */
export class UnusableOption extends Error {
  override readonly name = 'UnusableOption';
}

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
  const { store, release, folder, schemas } = state;
  const present = store.remark('world');
  if (present !== undefined) {
    if (wanted !== undefined && wanted !== present) {
      throw new UnusableOption(
        `${db} holds the world ${present}, not ${wanted}; leave --world out, or name another file`,
      );
    }
    upgrade(store, release, db);
    return present;
  }
  const name = wanted ?? 'demo';
  const chain = worldChain(name, folder, schemas);
  store.transaction(() => {
    for (const definition of chain) makeWorld(definition, worldMaker(name, state));
    store.setRemark('world', name);
    store.setRemark('pce_version', release);
  });
  return name;
}

function worldMaker(name: string, { store, world, call }: StartingState): WorldMaker {
  return {
    createOrg: (id, orgName) => void createOrganisation(world, id, orgName),
    reserve: store.reserve,
    call(method: Method, path, body, at) {
      try {
        call(method, path, body, at);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        throw new UnusableOption(`the world ${name}: ${method} ${path} is refused: ${error.message}`);
      }
    },
    put(collectionName, parent, href, value) {
      const collection = pceCollections.find((one) => one.name === collectionName);
      if (!collection) throw new UnusableOption(`the world ${name}: there is no collection ${collectionName}`);
      const table = world.table(collection);
      const before = table.get(href);
      if (before) table.replace(href, { ...before, ...value });
      else table.insert(parent, href, value);
    },
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
function worldChain(name: string, folder: string, schemas: Schemas): WorldDefinition[] {
  const own = /[\\/]|\.json$/.test(name);
  const definition = readWorld(name, own ? name : join(folder, `${name}.json`));
  // The worlds with names are held to the schema by a test, so that no start-up pays for it.
  const [violation] = own ? schemas.check('emulator/world#world', definition) : [];
  if (violation) throw new UnusableOption(`the world ${name} is not a world: #${violation.path} ${violation.message}`);
  return [...(definition.extends ? worldChain(definition.extends, folder, schemas) : []), definition];
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
  return store.transaction(() =>
    world
      .table(organisations)
      .find('')
      .map(({ href }, index) => {
        const { name, secret } = createApiKey(world, String(href), index === 0 ? given : undefined);
        return { org_id: Number(String(href).split('/').at(-1)), api_key: name, api_secret: secret };
      }),
  );
}

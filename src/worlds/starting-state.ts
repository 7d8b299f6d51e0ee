import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../contract/collection.ts';
import { UnusableFile, UnusableOption } from '../contract/unusable.ts';
import { makeWorld, momentIn, type WorldDefinition } from '../control/worlds.ts';
import type { AdjustableClock } from '../kernel/clock.ts';
import { haveDefaultMesh } from '../kuma/index.ts';
import { KUMA_RELEASES, type KumaRelease } from '../kuma/versions.ts';
import { type ApiKey, canStandInPath, createApiKey } from '../pce/access/api-keys.ts';
import { freshNumber } from '../pce/access/users.ts';
import { completeOrganisations, createOrganisation } from '../pce/fresh-organisation.ts';
import { organisations, ownerOf, usernameOf } from '../pce/organisations.ts';
import { RELEASES, type Release } from '../pce/versions.ts';
import { keepOrigin } from './origin.ts';
import { createWorldMaker, type Ground } from './world-maker.ts';

/** What a client needs to get in. */
export interface Credentials {
  readonly org_id: number;
  readonly api_key: string;
  readonly api_secret: string;
  /** The name under which the owner logs in, with the secret as password. */
  readonly username: string;
}

export interface StartingState extends Ground {
  /** The folder of the worlds that have a name. */
  readonly folder: string;
  readonly clock: AdjustableClock;
  /** Whoever starts the emulator has said how the clock is to stand. */
  readonly clockIsGiven: boolean;
  readonly release: Release;
  /** The world of the second control plane. */
  readonly kuma: World;
  /** Does `work` without holding documents and requests to their schemas: for what a test has held to them. */
  trusting<T>(work: () => T): T;
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
  const { store, world, folder, schemas } = state;
  const present = store.remark('world');
  if (present !== undefined) {
    if (wanted !== undefined && wanted !== present) {
      throw new UnusableOption(
        `${db} holds the world ${present}, not ${wanted}; leave --world out, or name another file`,
      );
    }
    refuseDowngrade(state, db);
    goOn(state, db);
    return present;
  }
  if (world.table(organisations).count('') > 0) {
    throw new UnusableFile(`${db} does not say which world it holds: it is damaged; go back to a copy`);
  }
  const name = wanted ?? 'demo';
  const chain = worldChain(name, folder, schemas);
  store.transaction(() => {
    const make = () => makeAll(state, name, chain, `the world ${name}`);
    if (isFile(name)) make();
    else state.trusting(make);
    store.setRemark('world', name);
    noteShape(state);
  });
  return name;
}

/** Goes on with the world of a file. @throws UnusableFile */
function goOn(state: StartingState, db?: string): void {
  const { store, world } = state;
  try {
    store.transaction(() => {
      reshape(state, db);
      haveAnOrganisation(world, db);
      completeOrganisations(world);
      haveDefaultMesh(state.kuma);
      keepClock(state);
    });
  } catch (error) {
    if (error instanceof UnusableFile) throw error;
    throw store.trouble(error) ?? new UnusableFile(`${db} holds what no emulator wrote: ${(error as Error).message}`);
  }
}

/** All organisations of a file may have been deleted, and nobody could be let in. */
function haveAnOrganisation(world: World, db?: string): void {
  if (world.table(organisations).count('') > 0) return;
  const number = freshNumber(world);
  createOrganisation(world, number, `Organization ${number}`);
  world.warn(`${db} has no organisation left; organisation ${number} was made`);
}

/** Has the file remember how the clock stands. */
export function keepClock({ store, clock }: Pick<StartingState, 'store' | 'clock'>): void {
  store.setRemark('clock', JSON.stringify(clock.save()));
}

/**
 * Makes a world from the definitions that it is made of, into an empty store.
 * @param origin where it comes from, in words
 * @throws UnusableOption
 */
export function makeAll(state: StartingState, name: string, chain: readonly WorldDefinition[], origin: string): void {
  const { world, store } = state;
  try {
    // It may hold what the same seed has made before.
    world.ids.leapTo(JSON.stringify(chain));
    for (const definition of chain) {
      store.awaitingLinks(() => makeWorld(definition, createWorldMaker(state)));
      if (!state.clockIsGiven) setClock(state.clock, definition);
    }
    if (world.table(organisations).count('') === 0) {
      throw new Error('it has no organisation; add one to its orgs, such as {"id": 1, "name": "Example"}');
    }
    // A saved world may be older than what a PCE gives to each.
    completeOrganisations(world);
    haveDefaultMesh(state.kuma);
  } catch (error) {
    throw store.trouble(error) ?? new UnusableOption(`the world ${name}: ${(error as Error).message}`);
  }
  keepOrigin(store, chain.at(-1)?.description ?? '', origin);
  keepClock(state);
}

function setClock(clock: AdjustableClock, { frozen_at, ahead_ms }: WorldDefinition): void {
  if (frozen_at !== undefined) return void clock.freeze(momentIn('frozen_at', frozen_at));
  if (ahead_ms === undefined) return;
  clock.restore({ ahead: ahead_ms });
  // A clock that would come before all time stays at its beginning.
  if (clock.now() === 0) throw new Error(`ahead_ms: ${ahead_ms} is before 1970`);
}

/** A file may go on with a later release, as a PCE may be upgraded; there is no way back. */
function refuseDowngrade({ store, release, kuma }: StartingState, db?: string): void {
  const before = store.remark('pce_version') as Release;
  if (RELEASES.indexOf(before) > RELEASES.indexOf(release)) {
    throw new UnusableFile(
      `${db} was last used as PCE ${before}, and a PCE cannot be downgraded to ${release}; use --pce-version ${before}, or name another file`,
    );
  }
  // Files of the first emulators have no Kuma.
  const kumaBefore = (store.remark('kuma_version') ?? KUMA_RELEASES[0]) as KumaRelease;
  if (KUMA_RELEASES.indexOf(kumaBefore) > KUMA_RELEASES.indexOf(kuma.release as KumaRelease)) {
    throw new UnusableFile(
      `${db} was last used as Kuma ${kumaBefore}, and ${kuma.release} would not understand it; use --kuma-version ${kumaBefore}, or name another file`,
    );
  }
}

/** Brings what an earlier release, or an earlier emulator, has stored into the shape that it has now. */
function reshape(state: StartingState, db?: string): void {
  const { store, schemas } = state;
  if (store.remark('shape') === schemas.fingerprint()) return;
  try {
    store.reshape();
  } catch (error) {
    const reason = `${db} was written by an emulator whose documents this one cannot read: ${(error as Error).message}`;
    throw store.trouble(error) ?? new UnusableFile(reason);
  }
  noteShape(state);
}

function noteShape({ store, schemas, release, kuma }: StartingState): void {
  store.setRemark('shape', schemas.fingerprint());
  store.setRemark('pce_version', release);
  store.setRemark('kuma_version', kuma.release);
}

/** A world and those it extends, the first one first. */
function worldChain(
  name: string,
  folder: string,
  schemas: Ground['schemas'],
  extending: string[] = [],
): WorldDefinition[] {
  if (extending.includes(name)) throw new UnusableOption(`the world ${name} extends itself`);
  const own = isFile(name);
  const definition = readWorld(name, own ? name : join(folder, `${name}.json`));
  // The worlds with names are held to the schema by a test, so that no start-up pays for it.
  const [violation] = own ? schemas.check('emulator/world#world', definition) : [];
  if (violation) throw new UnusableOption(`the world ${name} is not a world: #${violation.path} ${violation.message}`);
  return [
    ...(definition.extends ? worldChain(definition.extends, folder, schemas, [...extending, name]) : []),
    definition,
  ];
}

/** Whether somebody's own world is meant, or one of those that have a name. */
const isFile = (name: string): boolean => /[\\/]|\.json$/.test(name);

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
export function mintCredentials({ store, world, trusting }: StartingState, given?: ApiKey): Credentials[] {
  if (given && (!/^[^:\p{Cc}]{1,255}$/u.test(given.name) || !/^\P{Cc}+$/u.test(given.secret))) {
    throw new UnusableOption('an API key needs a name without a colon, and a secret; neither with control characters');
  }
  if (given && !canStandInPath(given.name)) {
    throw new UnusableOption(
      `the API key ${given.name} would have no href: its name is without a slash, and not . or ..`,
    );
  }
  const mint = () =>
    world
      .table(organisations)
      .find('')
      .map(({ href }, index) => letIn(world, String(href), index === 0 ? given : undefined));
  return store.transaction(() => trusting(mint));
}

/**
 * Makes a key for an organisation, or lets it have the one that is given.
 * @throws UnusableOption where another organisation has a key of that name
 */
export function letIn(world: World, org: string, given?: ApiKey): Credentials {
  const key = createApiKey(world, org, given);
  if (!key) throw new UnusableOption(`the API key ${given?.name} belongs to another organisation`);
  const org_id = Number(org.split('/').at(-1));
  return { org_id, api_key: key.name, api_secret: key.secret, username: usernameOf(ownerOf(org)) };
}

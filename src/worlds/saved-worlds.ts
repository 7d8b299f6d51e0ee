import { StoreTooLarge } from '../contract/snapshots.ts';
import { UnusableOption } from '../contract/unusable.ts';
import type { DocumentStep, WorldDefinition } from '../control/worlds.ts';
import type { AdjustableClock } from '../kernel/clock.ts';
import { kumaCollections } from '../kuma/index.ts';
import { pceCollections } from '../pce/index.ts';
import { organisations } from '../pce/organisations.ts';
import type { Store } from '../store/store.ts';
import { describeSaved } from './origin.ts';
import { type Credentials, letIn, makeAll, type StartingState } from './starting-state.ts';

/** What a world is made from, and what it is sent as, lies in memory: together some times as much. In characters. */
const LARGEST = 128 * 1024 * 1024;

/**
 * Everything there is as a world of documents, which `--world` takes and people can read.
 * @throws StoreTooLarge
 */
export function saveWorld({ store, clock, release }: StartingState): WorldDefinition {
  return {
    description: describeSaved(store, release),
    orgs: [],
    steps: stepsOf(store),
    sequences: store.sequences(),
    next_ids: store.reserved(),
    ...standingOf(clock),
  };
}

function stepsOf(store: Store): DocumentStep[] {
  const steps: DocumentStep[] = [];
  let size = 0;
  for (const collection of [...pceCollections, ...kumaCollections]) {
    for (const { href, parent = '', document: value, facts, ...row } of store.rows(collection)) {
      size += row.size;
      if (size > LARGEST) throw new StoreTooLarge(`a world has up to ${LARGEST} characters, and there is more`);
      steps.push({
        document: href,
        collection: collection.name,
        ...{ parent, value },
        ...(facts && { facts }),
      });
    }
  }
  return steps;
}

/** A clock that is as the machine's is no part of a world. */
function standingOf(clock: AdjustableClock): Pick<WorldDefinition, 'frozen_at' | 'ahead_ms'> {
  if (clock.frozen) return { frozen_at: clock.timestamp() };
  const { ahead } = clock.save();
  return ahead === 0 ? {} : { ahead_ms: ahead };
}

/**
 * Makes a world in the place of all that there is, in the transaction under way, which undoes it all. Keys of the start go on working, and
 * a file is still that of the world it was made with.
 * @returns the organisations that there are then, with a new key for each that has none of the start
 * @throws UnusableOption
 */
export function loadWorld(
  state: StartingState,
  world: WorldDefinition,
  ofTheStart: readonly Credentials[],
): (Credentials | Pick<Credentials, 'org_id'>)[] {
  if (world.extends !== undefined)
    throw new UnusableOption('a world that is loaded cannot extend another; start with it');
  state.store.clear();
  makeAll({ ...state, clockIsGiven: false }, 'loaded', [world], 'a world that was loaded');
  return letAllIn(state, ofTheStart);
}

/** A key for each organisation: that of the start where it has one, which is not told again. */
function letAllIn({ world }: StartingState, ofTheStart: readonly Credentials[]): ReturnType<typeof loadWorld> {
  return world
    .table(organisations)
    .find('')
    .map(({ href }) => {
      const org = String(href);
      const known = ofTheStart.find(({ org_id }) => org === `/orgs/${org_id}`);
      if (!known) return letIn(world, org);
      const { org_id } = letIn(world, org, { name: known.api_key, secret: known.api_secret });
      return { org_id };
    });
}

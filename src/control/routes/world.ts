import { emulatorRoute, type Route } from '../../contract/route.ts';
import { StoreTooLarge } from '../../contract/snapshots.ts';
import { UnusableOption } from '../../contract/unusable.ts';
import { tooMuchToCopy, unusableWorld } from '../problems.ts';
import type { WorldDefinition } from '../worlds.ts';

/** Everything as a world file, and back. */
export interface WorldKeeper {
  /** A world that makes what there is now. @throws StoreTooLarge */
  save(): WorldDefinition;
  /**
   * Makes a world in the place of all that there is.
   * @returns the organisations that there are then; for one that has a key no more, a new one
   * @throws UnusableOption
   */
  load(world: WorldDefinition): { readonly world: string; readonly orgs: readonly object[] };
}

/** A saved world is larger than what a client sends. */
const LARGEST_WORLD = 256 * 1024 * 1024;

export function worldRoutes(keeper: WorldKeeper): Route[] {
  return [
    {
      ...emulatorRoute,
      id: 'emulator.world.save',
      method: 'GET',
      path: '/world',
      summary: 'Everything there is, as a world file',
      refuses: [409],
      replies: { 200: 'emulator/world#world' },
      handle() {
        try {
          return { status: 200, body: keeper.save() };
        } catch (error) {
          throw error instanceof StoreTooLarge ? tooMuchToCopy(error.message) : error;
        }
      },
    },
    {
      ...emulatorRoute,
      id: 'emulator.world.load',
      method: 'PUT',
      path: '/world',
      summary: 'Make a world in the place of all that there is',
      body: 'emulator/world#world',
      largestBody: LARGEST_WORLD,
      replies: { 200: 'emulator/world#loaded' },
      handle({ body }) {
        try {
          return { status: 200, body: keeper.load(body as unknown as WorldDefinition) };
        } catch (error) {
          throw error instanceof UnusableOption ? unusableWorld(error.message) : error;
        }
      },
    },
  ];
}

import { type Snapshot, type Snapshots, StoreTooLarge } from '../contract/snapshots.ts';
import type { Journal } from '../journal/journal.ts';
import { startStays, tooMuchToCopy } from './problems.ts';

/** All that the emulator holds, as one. */
export interface State {
  /** Keeps a copy under a name. @throws Problem */
  take(name: string): Snapshot;
  restore(name: string): Snapshot | undefined;
  drop(name: string): boolean;
  snapshots(): Snapshot[];
  /** Puts everything back as it was after the start. @throws Problem where that was too large to be kept */
  reset(options?: { readonly keepJournal?: boolean }): Snapshot;
}

/** The name of the snapshot that `reset` goes back to. */
const START = 'start';

/** Takes the snapshot that `reset` goes back to; all the rest goes through `createState`. */
export function keepStart(snapshots: Snapshots): void {
  try {
    snapshots.take(START);
  } catch (error) {
    // A file that is too large to be copied can do without a reset.
    if (!(error instanceof StoreTooLarge)) throw error;
  }
}

export function createState(snapshots: Snapshots, journal: Journal): State {
  const unlessStart = (name: string) => {
    if (name === START) throw startStays();
  };
  return {
    take(name) {
      unlessStart(name);
      try {
        return snapshots.take(name);
      } catch (error) {
        throw error instanceof StoreTooLarge ? tooMuchToCopy(error.message) : error;
      }
    },
    restore: (name) => snapshots.restore(name),
    drop(name) {
      unlessStart(name);
      return snapshots.drop(name);
    },
    snapshots: () => snapshots.list(),
    reset({ keepJournal = false } = {}) {
      const restored = snapshots.restore(START);
      if (!restored) throw tooMuchToCopy('What there was at the start was too much to be copied');
      if (!keepJournal) journal.clear();
      return restored;
    },
  };
}

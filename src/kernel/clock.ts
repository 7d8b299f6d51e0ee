/** A moment (ms since the epoch) as the PCE writes it: `2019-10-28T22:48:31.228Z`, milliseconds, UTC. */
export const timestampOf = (moment: number): string => new Date(moment).toISOString();

/** The moment of a timestamp; NaN for text that is none. */
export const momentOf = (timestamp: string): number => Date.parse(timestamp);

/** How a clock differs from the one that it is made from. */
export interface ClockState {
  /** How far ahead it is, in milliseconds, while it goes. */
  readonly ahead: number;
  /** The moment at which it stands still; null while it goes. */
  readonly frozen_at: number | null;
}

/** The emulator's only source of time. Everything that needs "now" is handed a clock. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** Now, as `timestampOf` writes it. */
  timestamp(): string;
  /** Runs `action` with the time standing still at `moment` (ms since the epoch), then lets it go on. */
  at<T>(moment: number, action: () => T): T;
  state(): ClockState;
  restore(state: ClockState): void;
  /** Lets it stand still, or go on from where it stands. */
  freeze(still: boolean): void;
  /** Sets it to a moment (ms since the epoch); it stands still or goes on as before. */
  set(moment: number): void;
}

/**
 * Makes a clock.
 * @param source milliseconds since the epoch; the system's clock unless a test brings its own.
 */
export function createClock(source: () => number = Date.now): Clock {
  let pinned: number | undefined;
  let state: ClockState = { ahead: 0, frozen_at: null };
  const running = () => state.frozen_at ?? source() + state.ahead;
  const now = () => pinned ?? running();
  return {
    now,
    timestamp: () => timestampOf(now()),
    at(moment, action) {
      const before = pinned;
      pinned = moment;
      try {
        return action();
      } finally {
        pinned = before;
      }
    },
    state: () => state,
    restore(before) {
      state = before;
    },
    freeze(still) {
      const moment = running();
      state = still ? { ...state, frozen_at: moment } : { ahead: moment - source(), frozen_at: null };
    },
    set(moment) {
      state =
        state.frozen_at === null ? { ahead: moment - source(), frozen_at: null } : { ...state, frozen_at: moment };
    },
  };
}

/** A moment (ms since the epoch) as the PCE writes it: `2019-10-28T22:48:31.228Z`, milliseconds, UTC. */
export const timestampOf = (moment: number): string => new Date(moment).toISOString();

/** The moment of a timestamp; NaN for text that is none. */
export const momentOf = (timestamp: string): number => Date.parse(timestamp);

/** The emulator's only source of time. Everything that needs "now" is handed a clock. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** Now, as `timestampOf` writes it. */
  timestamp(): string;
  /** Runs `action` with the time standing still at `moment` (ms since the epoch), then lets it go on. */
  at<T>(moment: number, action: () => T): T;
}

/**
 * Makes a clock.
 * @param source milliseconds since the epoch; the system's clock unless a test brings its own.
 */
export function createClock(source: () => number = Date.now): Clock {
  let pinned: number | undefined;
  const now = () => pinned ?? source();
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
  };
}

/** The moment of a timestamp; NaN for text that is none. */
export const momentOf = (timestamp: string): number => Date.parse(timestamp);

/** The first and the last moment that a timestamp has room for, if it is to compare as text. */
const FIRST_MOMENT = momentOf('0000-01-01T00:00:00.000Z');
const LAST_MOMENT = momentOf('9999-12-31T23:59:59.999Z');

const between = (least: number, moment: number): number => Math.min(Math.max(moment, least), LAST_MOMENT);

/**
 * A moment (ms since the epoch) as the PCE writes it: `2019-10-28T22:48:31.228Z`, milliseconds, UTC. What is further
 * away than a year of four digits is written as the nearest that is not.
 */
export const timestampOf = (moment: number): string => new Date(between(FIRST_MOMENT, moment)).toISOString();

const isInRange = (moment: number): boolean => moment >= 0 && moment <= LAST_MOMENT;

/**
 * The moment of a timestamp with a zone, from 1970 to 9999; undefined for what is none, such as the 30th of February.
 */
export function exactMomentOf(text: string): number | undefined {
  const [, day] = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const midnight = momentOf(`${day}T00:00:00Z`);
  const moment = momentOf(text);
  return day && isInRange(moment) && isInRange(midnight) && timestampOf(midnight).startsWith(day) ? moment : undefined;
}

/** The emulator's only source of time. Everything that needs "now" is handed a clock. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** Now, as `timestampOf` writes it. */
  timestamp(): string;
  /** Runs `action` with the time standing still at `moment` (ms since the epoch), then lets it go on. */
  at<T>(moment: number, action: () => T): T;
}

/** How a clock stands to the machine's. */
export interface ClockState {
  /** Milliseconds that a running clock is ahead of the machine's. */
  readonly ahead: number;
  /** Where a clock that does not run stands: ms since the epoch. */
  readonly frozen_at?: number;
}

/** A clock that a test can stop, set and move. */
export interface AdjustableClock extends Clock {
  readonly frozen: boolean;
  /** Stops it, at `moment` where that is given. @throws RangeError for a moment outside the years 1970 to 9999 */
  freeze(moment?: number): void;
  /** Lets it go on from where it stands. */
  resume(): void;
  /** Sets it; it goes on running, or standing. @throws RangeError */
  set(moment: number): void;
  /** Moves it by milliseconds, forwards or back. @throws RangeError */
  advance(by: number): void;
  save(): ClockState;
  restore(state: ClockState): void;
}

/**
 * Makes a clock. It goes back where its source does: nothing here counts on time that only goes on.
 * @param source milliseconds since the epoch; the system's clock unless a test brings its own.
 */
export function createClock(source: () => number = Date.now): AdjustableClock {
  let pinned: number | undefined;
  let state: ClockState = { ahead: 0 };
  let latest = 0;
  /** What the source tells; where that is no number, what it told before. */
  const machine = () => {
    const told = Math.floor(Number(source()));
    if (!Number.isNaN(told)) latest = between(0, told);
    return latest;
  };
  // One that comes to an end of its time stays there.
  const current = () => state.frozen_at ?? between(0, machine() + state.ahead);
  const now = () => pinned ?? current();
  // Many requests share a millisecond.
  let written = { moment: Number.NaN, text: '' };
  const write = (moment: number): string => {
    if (moment !== written.moment) written = { moment, text: timestampOf(moment) };
    return written.text;
  };
  const put = (moment: number, frozen: boolean) => {
    if (!isInRange(moment)) throw new RangeError('the years go from 1970 to 9999');
    const whole = Math.round(moment);
    state = frozen ? { ahead: 0, frozen_at: whole } : { ahead: whole - machine() };
  };
  const isFrozen = () => state.frozen_at !== undefined;
  return {
    now,
    timestamp: () => write(now()),
    at(moment, action) {
      const before = pinned;
      pinned = moment;
      try {
        return action();
      } finally {
        pinned = before;
      }
    },
    get frozen() {
      return isFrozen();
    },
    freeze: (moment = current()) => put(moment, true),
    resume: () => put(current(), false),
    set: (moment) => put(moment, isFrozen()),
    advance: (by) => put(current() + by, isFrozen()),
    save: () => state,
    restore(saved) {
      state = saved;
    },
  };
}

/** Starts to measure real time. @returns how many milliseconds have gone by since */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => performance.now() - start;
}

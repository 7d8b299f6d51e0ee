/** How the agent knows and spends time; a test brings its own. */
export interface Time {
  /** Milliseconds since some moment. */
  now(): number;
  /** Resolves after `milliseconds`, or at once when `signal` says so. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** The longest that a timer of Node takes: more would fire at once. */
const LONGEST = 2 ** 31 - 1;

/** The time of this machine: unlike the emulator's, an agent's heartbeat beats for real. */
export function createRealTime(): Time {
  return {
    now: () => performance.now(),
    wait: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, Math.min(Math.max(0, milliseconds), LONGEST));
        signal.addEventListener('abort', done);
      }),
  };
}

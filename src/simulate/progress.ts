import type { Time } from './real-time.ts';

/** What a person sees while the simulation runs. */
export interface Progress {
  /** So many more objects are done with. */
  done(count: number): void;
  /** What there is to see once all objects are done with: one line, which the next one replaces. */
  show(line: string): void;
  /** A line that stays. */
  note(line: string): void;
  /** Takes the bar away. */
  end(): void;
}

export interface Screen {
  /** A terminal, where a line can be written over; else a log, which gets a line now and then. */
  readonly live: boolean;
  write(text: string): void;
}

const REDRAW_MS = 100;
const LOG_MS = 5000;
const BAR = 30;

/** @param total how many objects there are to tell of */
export function createProgress(total: number, screen: Screen, time: Time): Progress {
  const begun = time.now();
  let objects = 0;
  // Nothing is shown of what is over in no time.
  let written = begun;
  let drawn = false;

  const show = (line: () => string) => {
    const now = time.now();
    if (now - written < (screen.live ? REDRAW_MS : LOG_MS)) return;
    written = now;
    drawn = screen.live;
    screen.write(screen.live ? `\r\x1b[K${line()}` : `${line()}\n`);
  };
  const bar = () => {
    const share = total > 0 ? Math.min(1, objects / total) : 1;
    const filled = '#'.repeat(Math.floor(share * BAR)).padEnd(BAR, '.');
    const seconds = Math.round((time.now() - begun) / 1000);
    return `[${filled}] ${Math.floor(share * 100)} %, ${objects} of ${total} objects, ${seconds} s`;
  };
  const wipe = () => {
    if (drawn) screen.write('\r\x1b[K');
    drawn = false;
  };
  return {
    done(count) {
      objects += count;
      show(bar);
    },
    show: (line) => show(() => line),
    note(line) {
      wipe();
      screen.write(`${line}\n`);
    },
    end: wipe,
  };
}

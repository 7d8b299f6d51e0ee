import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import type { Variables } from './hand-over.ts';
import { onInterruption } from './interruption.ts';

/** How a command ended, as shells count it; and why it did not run, if it did not. */
export interface Ended {
  readonly code: number;
  readonly failure?: string;
}

/** Runs a command to its end, with this program's own input and output, and passes on what asks it to stop. */
export function runCommand([program = '', ...args]: readonly string[], more: Variables): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve({ code: 127, failure: `${program}: command not found` });
      else resolve({ code: 126, failure: `${program} cannot be run: ${error.message}` });
    };
    try {
      const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...more } });
      onInterruption((signal) => {
        // A terminal sends Ctrl-C to both; a second one would have many programs drop what they are doing.
        if (signal !== 'SIGINT' || ![0, 1, 2].some(isatty)) child.kill(signal);
      });
      child.on('exit', (code, signal) => resolve(code === null ? endedBy(signal) : { code }));
      child.on('error', (error: NodeJS.ErrnoException) => {
        // So are errors of sending a signal told.
        if (child.pid !== undefined) reject(error);
        else failed(error);
      });
    } catch (error) {
      // What is wrong with a path is thrown at once.
      failed(error as NodeJS.ErrnoException);
    }
  });
}

/** How shells count what a signal has ended. */
export const endedBy = (signal: NodeJS.Signals | null): Ended => ({
  code: 128 + (signal ? constants.signals[signal] : 0),
});

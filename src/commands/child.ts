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
    onInterruption((signal) => {
      // A terminal sends Ctrl-C to both; a second one would have many programs drop what they are doing.
      if (signal !== 'SIGINT' || ![0, 1, 2].some(isatty)) child.kill(signal);
    });
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...more } });
    child.on('exit', (code, signal) => resolve({ code: code ?? 128 + (signal ? constants.signals[signal] : 0) }));
    child.on('error', (error: NodeJS.ErrnoException) => {
      // So are errors of sending a signal told.
      if (child.pid !== undefined) return reject(error);
      if (error.code === 'ENOENT') resolve({ code: 127, failure: `${program}: command not found` });
      else resolve({ code: 126, failure: `${program} cannot be run: ${error.message}` });
    });
  });
}

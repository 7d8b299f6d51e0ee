import { existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { UnusableOption } from '../emulator.ts';

/**
 * Writes a file that its owner alone may read, in one go: nobody finds half of it.
 * @throws UnusableOption
 */
export function writePrivately(file: string, text: string): void {
  trying(file, () => {
    const target = existsSync(file) ? realpathSync(file) : file;
    // A device such as /dev/stdout is written to; putting a file in its place would do away with it.
    if (existsSync(target) && !statSync(target).isFile()) writeFileSync(target, text);
    else writeBeside(target, text, (beside) => renameSync(beside, target));
  });
}

/** Sees whether a file could be written so, without one to be found. @throws UnusableOption */
export function tryPrivately(file: string): void {
  trying(file, () => writeBeside(file, '', () => {}));
}

function trying(file: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new UnusableOption(`${file} cannot be written: ${(error as Error).message}`);
  }
}

function writeBeside(file: string, text: string, done: (beside: string) => void): void {
  const beside = `${file}.${process.pid}`;
  try {
    writeFileSync(beside, text, { mode: 0o600, flag: 'wx' });
    done(beside);
  } finally {
    rmSync(beside, { force: true });
  }
}

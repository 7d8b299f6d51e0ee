import { existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { UnusableOption } from '../emulator.ts';

/**
 * Writes a file that its owner alone may read, in one go: nobody finds half of it.
 * @throws UnusableOption
 */
export function writePrivately(file: string, text: string): void {
  try {
    const target = existsSync(file) ? realpathSync(file) : file;
    // A device such as /dev/stdout is written to; putting a file in its place would do away with it.
    if (existsSync(target) && !statSync(target).isFile()) writeFileSync(target, text);
    else replace(target, text);
  } catch (error) {
    throw new UnusableOption(`${file} cannot be written: ${(error as Error).message}`);
  }
}

function replace(file: string, text: string): void {
  const beside = `${file}.${process.pid}`;
  try {
    writeFileSync(beside, text, { mode: 0o600, flag: 'wx' });
    renameSync(beside, file);
  } finally {
    rmSync(beside, { force: true });
  }
}

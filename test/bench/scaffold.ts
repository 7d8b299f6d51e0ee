import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { killChildren } from './processes.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** The command line of the build that `npm run build` makes. */
export const OWN_BUILD = join(HERE, '..', '..', 'dist', 'cli.js');

/** The script of an anchor. */
export const anchorScript = (name: 'node' | 'express'): string => join(HERE, `${name}-anchor.mjs`);

/** Tells whoever waits how far it has come. */
export const say = (text: string): void => void process.stderr.write(`${text}\n`);

export const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/**
 * Runs a benchmark in a folder of its own, which is removed in the end, as are all processes that it has started: also
 * when it fails, is interrupted or takes longer than `minutes`.
 * @param work returns the exit code
 */
export function run(minutes: number, work: (folder: string) => Promise<number>): void {
  const folder = mkdtempSync(join(tmpdir(), 'pce-emulator-bench-'));
  process.on('exit', () => {
    killChildren();
    rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
  setTimeout(() => {
    say(`this takes longer than ${minutes} minutes; it is stopped`);
    process.exit(1);
  }, minutes * 60_000).unref();
  work(folder).then(
    (code) => process.exit(code),
    (error: unknown) => {
      say(error instanceof Error ? (error.stack ?? error.message) : String(error));
      process.exit(1);
    },
  );
}

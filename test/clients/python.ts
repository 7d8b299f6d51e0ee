import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../support/emulator.ts';
import { failureOf } from './programs.ts';

/** Environments that Python clients run in: one for each set of requirements, in a folder that git ignores. */
export interface PythonEnvironment {
  /** Its interpreter. */
  readonly python: string;
  /** Why it cannot be used; undefined when it can. */
  readonly missing: string | undefined;
}

/**
 * Finds an environment, or makes it, once for each set of requirements. It is made elsewhere and moved into its place
 * whole, so that neither a run that is broken off nor one at the same time leaves half of it.
 * @param requirements the file for pip
 * @param probe what Python has to be able to run there: `import illumio`
 * @param options more of pip's options
 */
export function pythonEnvironment(
  requirements: string,
  probe: string,
  options: readonly string[] = [],
): PythonEnvironment {
  const hash = createHash('sha256').update(readFileSync(requirements)).update(options.join('\0')).digest('hex');
  const folder = join(ROOT, 'node_modules', '.cache', 'pce-emulator', 'python', hash.slice(0, 16));
  const python = join(folder, 'bin', 'python');
  const runs = () => existsSync(python) && failureOf(python, ['-c', probe]) === undefined;
  if (runs()) return { python, missing: undefined };
  rmSync(folder, { recursive: true, force: true });
  const draft = `${folder}.${randomUUID()}`;
  mkdirSync(dirname(folder), { recursive: true });
  try {
    const failure =
      failureOf('python3', ['-m', 'venv', draft]) ??
      failureOf(join(draft, 'bin', 'python'), [
        ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1'],
        ...[...options, '--requirement', requirements],
      ]) ??
      failureOf(join(draft, 'bin', 'python'), ['-c', probe]);
    if (failure !== undefined)
      return { python, missing: `the Python client cannot be installed: ${failure.split('\n').at(-1)}` };
    try {
      renameSync(draft, folder);
    } catch (error) {
      // Another run was faster.
      if (!existsSync(python)) throw error;
    }
    return { python, missing: undefined };
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** The version of a package that requirements name: of `illumio==1.1.3`, 1.1.3. */
export function requiredVersion(requirements: string, name: string): string {
  const line = readFileSync(requirements, 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}==`));
  if (line === undefined) throw new Error(`${requirements} names no version of ${name}`);
  return line.slice(`${name}==`.length).trim();
}

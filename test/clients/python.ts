import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../support/emulator.ts';
import { failureOf } from './programs.ts';

/** Environments that Python clients run in: one for each set of requirements, in a folder that git ignores. */
export interface PythonEnvironment {
  /** Its interpreter. */
  readonly python: string;
  /** Where the source distributions are that were asked for, each unpacked in a folder of its name and version. */
  readonly sources: string;
  /** Why it cannot be used; undefined when it can. */
  readonly missing: string | undefined;
}

/**
 * Finds an environment, or makes it, once for each set of requirements. It is made elsewhere and moved into its place
 * whole, so that neither a run that is broken off nor one at the same time leaves half of it.
 * @param requirements the file for pip
 * @param probe what Python has to be able to run there: `import illumio`
 * @param given.options more of pip's options
 * @param given.sources packages, `illumio==1.1.3`, whose source distributions are wanted too, for their tests
 */
export function pythonEnvironment(
  requirements: string,
  probe: string,
  given: { readonly options?: readonly string[]; readonly sources?: readonly string[] } = {},
): PythonEnvironment {
  const { options = [], sources: packages = [] } = given;
  const wanted = JSON.stringify([readFileSync(requirements, 'utf8'), options, packages]);
  const hash = createHash('sha256').update(wanted).digest('hex');
  const folder = join(ROOT, 'node_modules', '.cache', 'pce-emulator', 'python', hash.slice(0, 16));
  const python = join(folder, 'bin', 'python');
  const sources = join(folder, 'sources');
  const runs = () => existsSync(python) && failureOf(python, ['-c', probe]) === undefined;
  if (runs()) return { python, sources, missing: undefined };
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
      failureOf(join(draft, 'bin', 'python'), ['-c', probe]) ??
      unpackSources(draft, packages);
    if (failure !== undefined)
      return { python, sources, missing: `the Python client cannot be installed: ${failure.split('\n').at(-1)}` };
    try {
      renameSync(draft, folder);
    } catch (error) {
      // Another run was faster.
      if (!existsSync(python)) throw error;
    }
    return { python, sources, missing: undefined };
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** @returns why it was not possible, or undefined */
function unpackSources(environment: string, packages: readonly string[]): string | undefined {
  if (packages.length === 0) return undefined;
  const python = join(environment, 'bin', 'python');
  const folder = join(environment, 'sources');
  const fetched = failureOf(python, [
    ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--retries', '1'],
    ...['--no-deps', '--no-binary', ':all:', '--dest', folder, ...packages],
  ]);
  const archives = fetched === undefined ? readdirSync(folder) : [];
  const failures = archives.map((one) => failureOf('tar', ['-xzf', join(folder, one), '-C', folder]));
  return fetched ?? failures.find((one) => one !== undefined);
}

/** The version of a package that requirements name: of `illumio==1.1.3`, 1.1.3. */
export function requiredVersion(requirements: string, name: string): string {
  const line = readFileSync(requirements, 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}==`));
  if (line === undefined) throw new Error(`${requirements} names no version of ${name}`);
  return line.slice(`${name}==`.length).trim();
}

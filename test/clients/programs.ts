import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

/** Clients are programs of other people: run as they are, as processes of their own. */

/** What a program needs to be found and to find its files; no proxy, certificate or start-up file of the user's. */
const ENVIRONMENT = { PATH: process.env.PATH, LANG: 'C.UTF-8' };

export interface Ended {
  /** Null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, which need not be a good one, while the emulator of this process goes on answering. */
export async function run(
  program: string,
  args: readonly string[],
  { timeout = 120_000, cwd }: { readonly timeout?: number; readonly cwd?: string } = {},
): Promise<Ended> {
  const options = { env: ENVIRONMENT, timeout, cwd, maxBuffer: 64 * 1024 * 1024 };
  try {
    return { status: 0, ...(await promisify(execFile)(program, args, options)) };
  } catch (error) {
    const { code, stdout = '', stderr = '', message } = error as Error & Partial<Record<string, string | number>>;
    return { status: typeof code === 'number' ? code : null, stdout: `${stdout}`, stderr: `${stderr}` || message };
  }
}

/** Runs a program before the tests: what it wrote to standard error, or undefined when it went well. */
export function failureOf(program: string, args: readonly string[]): string | undefined {
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 300_000 });
  if (error) return error.message;
  return status === 0 ? undefined : stderr.trim() || `${program} ended with ${status}`;
}

/**
 * Describes what needs a program that may not be there. Without it the tests are skipped, with the reason
 * in their title; on a CI, where the programs have to be there, they fail with it.
 * @param missing why the program cannot be used; undefined when it can
 */
export function describeWith(missing: string | undefined, title: string, tests: () => void): void {
  if (missing === undefined || !process.env.CI) {
    describeWhere(missing, title, tests);
    return;
  }
  it(title, () => {
    throw new Error(missing);
  });
}

/** The same for a program that need not be on a CI either. */
export function describeWhere(missing: string | undefined, title: string, tests: () => void): void {
  if (missing === undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: ${missing})`, tests);
}

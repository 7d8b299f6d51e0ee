import { existsSync, lstatSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Emulator, UnusableOption } from '../emulator.ts';
import { holdsAnother } from './own-files.ts';
import { tryPrivately, writePrivately } from './private-file.ts';

/** Variables of the environment by name. */
export type Variables = Readonly<Record<string, string>>;

/** Comes first in every hand-over, so that a file with one can be told from a file of somebody's own. */
const FIRST = 'PCE_URL';

/** Whose hand-over it is. */
const PID = 'PCE_PID';

/** What a client needs to use an emulator, and under which names clients look for it. */
export function handOver(emulator: Emulator): Variables {
  const { url, http_url, kuma_url, ca_file, credentials, control_token, seed } = emulator;
  const { hostname, port } = new URL(http_url);
  return {
    [FIRST]: url,
    PCE_HTTP_URL: http_url,
    PCE_HOST: hostname,
    PCE_PORT: port,
    PCE_CA_FILE: ca_file,
    PCE_ORG_ID: String(credentials.org_id),
    PCE_API_KEY: credentials.api_key,
    PCE_API_SECRET: credentials.api_secret,
    PCE_USERNAME: credentials.username,
    PCE_CONTROL_URL: controlUrl(emulator),
    ...(control_token !== undefined && { PCE_CONTROL_TOKEN: control_token }),
    PCE_SEED: seed,
    [PID]: String(process.pid),
    ...(kuma_url !== '' && { KUMA_URL: kuma_url }),
    ILLUMIO_PCE_HOST: url,
    ILLUMIO_PCE_ORG_ID: String(credentials.org_id),
    ILLUMIO_API_KEY_USERNAME: credentials.api_key,
    ILLUMIO_API_KEY_SECRET: credentials.api_secret,
    ILLUMIO_CA_FILE: ca_file,
    NODE_EXTRA_CA_CERTS: extraAuthorities(emulator),
  };
}

/** Where the emulator's own API is: by plain HTTP, so that no certificate has to be known. */
export const controlUrl = ({ http_url }: Pick<Emulator, 'http_url'>): string => `${http_url}/_emulator`;

/**
 * A file for Node's trust. Node takes one file only: where the environment names one already, both are put into one.
 */
function extraAuthorities({ ca, ca_file }: Emulator): string {
  const theirs = readIfPossible(process.env.NODE_EXTRA_CA_CERTS);
  if (theirs === undefined) return ca_file;
  // The folder of the authority's file goes with all that is in it when the emulator is closed.
  const both = join(dirname(ca_file), 'node-extra-ca-certs.pem');
  writePrivately(both, `${theirs.trimEnd()}\n${ca}`);
  return both;
}

/** Node, too, goes on without a file that it cannot read. */
function readIfPossible(file: string | undefined): string | undefined {
  try {
    return file ? readFileSync(file, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Removes the hand-over of an earlier run, so that nobody takes it for this one's.
 * @throws UnusableOption where there is a file that is no hand-over, or that of an emulator that is running
 */
function clearEnvFile(file: string): void {
  const link = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink();
  if (!existsSync(file)) {
    if (link) throw new UnusableOption(`${file} is a link that leads nowhere; name another file with --write-env`);
    return;
  }
  if (!statSync(file).isFile() || holdsAnother(file, (text) => text.startsWith(`${FIRST}=`))) {
    throw new UnusableOption(`${file} is there, and is not from pce-emulator; name another file with --write-env`);
  }
  const pid = Number(new RegExp(`^${PID}=(\\d+)$`, 'm').exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
  if (pid !== process.pid && isRunning(pid)) {
    throw new UnusableOption(
      `${file} is that of an emulator that is running (process ${pid}); end it, or name another file with --write-env`,
    );
  }
  rmSync(file);
}

/** Sees whether a hand-over can be written, before anything is begun. @throws UnusableOption */
export function reserveEnvFile(file: string): void {
  clearEnvFile(file);
  tryPrivately(file);
}

/**
 * Writes a hand-over as lines that shells and Docker read alike.
 * @returns what removes the file, unless somebody else has written another in its place
 * @throws UnusableOption as `clearEnvFile` does
 */
export function writeEnvFile(file: string, variables: Variables): () => void {
  clearEnvFile(file);
  const text = Object.entries(variables)
    .map(([name, value]) => `${name}=${quoted(value)}\n`)
    .join('');
  writePrivately(file, text);
  return () => {
    if (existsSync(file) && statSync(file).isFile() && readFileSync(file, 'utf8') === text) rmSync(file);
  };
}

/** Whether there is such a process; somebody else's counts as one. */
function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Docker takes quotes as part of the value, so they stand only where a shell cannot do without. */
function quoted(value: string): string {
  return /^[\w./:@%+=,[\]-]*$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

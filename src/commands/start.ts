import { readFileSync } from 'node:fs';
import { type Emulator, type EmulatorOptions, emulatorVersion, startEmulator, UnusableOption } from '../emulator.ts';
import { Misuse, print, read, releaseOf, someTimeOf, type Values } from './arguments.ts';

const START = {
  port: { type: 'string' },
  host: { type: 'string' },
  world: { type: 'string' },
  db: { type: 'string' },
  'pce-version': { type: 'string' },
  'api-key': { type: 'string' },
  'tls-san': { type: 'string', multiple: true },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'offline-after': { type: 'string' },
  'check-replies': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** `pce-emulator start`: serves until a signal ends it. */
export async function start(args: string[]): Promise<void> {
  const given = { ...fromEnvironment(), ...read(args, START) };
  const emulator = await startEmulator({
    world: given.world,
    db: given.db,
    host: given.host,
    port: portOf(given.port ?? '8443'),
    pceVersion: releaseOf(given['pce-version']),
    apiKey: given['api-key'] === undefined ? undefined : apiKeyOf(given['api-key']),
    tls: tlsOf(given),
    offlineAfter:
      given['offline-after'] === undefined ? undefined : someTimeOf(given['offline-after'], 'offline-after'),
    checkReplies: given['check-replies'],
  });
  print(given.json ? `${readyLine(emulator)}\n` : banner(emulator, given.db));
  await interrupted();
  await emulator.close();
}

/** Resolves at the first signal to stop; a second one ends the process at once. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    let before = false;
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (before) process.exit(1);
        before = true;
        resolve();
      });
    }
  });
}

/** The options of start that stand in the environment. */
function fromEnvironment(): Values<typeof START> {
  const args = Object.entries(START).flatMap(([name, { type }]) => {
    const value = process.env[`PCE_EMULATOR_${name.toUpperCase().replaceAll('-', '_')}`];
    if (value === undefined || value === '') return [];
    if (type === 'boolean') return isOn(name, value) ? [`--${name}`] : [];
    return [`--${name}=${value}`];
  });
  return read(args, START);
}

function isOn(name: string, value: string): boolean {
  const on = ['1', 'true', 'yes'].includes(value.toLowerCase());
  if (on || ['0', 'false', 'no'].includes(value.toLowerCase())) return on;
  throw new Misuse(`--${name} in the environment is true or false, not ${value}`);
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new Misuse(`--port takes a number from 0 to 65535, not ${text}`);
  return port;
}

function apiKeyOf(text: string): EmulatorOptions['apiKey'] {
  const [, name, secret] = /^([^:]+):(.+)$/.exec(text) ?? [];
  if (name === undefined || secret === undefined)
    throw new Misuse('--api-key takes a name and a secret: api_1234:secret');
  return { name, secret };
}

function tlsOf(given: Values<typeof START>): EmulatorOptions['tls'] {
  const { 'tls-cert': cert, 'tls-key': key, 'tls-san': names = [] } = given;
  if (cert === undefined && key === undefined) return { names };
  if (cert === undefined || key === undefined) throw new Misuse('--tls-cert and --tls-key go together');
  return { cert: readText(cert), key: readText(key) };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UnusableOption(`${file} cannot be read: ${(error as Error).message}`);
  }
}

/** What scripts read: the one line that `--json` prints. */
function readyLine({ url, http_url, ca_file, credentials }: Emulator): string {
  return JSON.stringify({ url, http_url, ca_file, ...credentials, pid: process.pid });
}

function banner(emulator: Emulator, db: string | undefined): string {
  const { url, ca_file, credentials, allCredentials, pce_version, world } = emulator;
  const { org_id, api_key, api_secret } = credentials;
  const curl = `curl --cacert ${ca_file} --user ${api_key}:${api_secret}`;
  const org = `${url}/api/v2/orgs/${org_id}`;
  const others = allCredentials
    .slice(1)
    .flatMap((other) => [
      `  Org ${String(other.org_id).padEnd(9)}API key ${other.api_key}`,
      `               API secret ${other.api_secret}`,
    ]);
  return [
    '',
    `pce-emulator ${emulatorVersion} answers as PCE ${pce_version}; world ${world}, ${db ? `kept in ${db}` : 'in memory'}`,
    '',
    `  URL          ${url}   (plain HTTP on the same port)`,
    `  Org          ${org_id}`,
    `  API key      ${api_key}`,
    `  API secret   ${api_secret}`,
    `  CA           ${ca_file}`,
    ...others,
    '',
    'Try:',
    '',
    `${curl} ${org}/container_clusters`,
    `${curl} --header 'content-type: application/json' --data '{"name": "my cluster"}' ${org}/container_clusters`,
    `${curl} '${org}/labels?key=env'`,
    '',
    'Stop with Ctrl-C.',
    '',
  ].join('\n');
}

import { readFileSync } from 'node:fs';
import { type EmulatorOptions, UnusableOption } from '../emulator.ts';
import { kumaReleaseOf, Misuse, type Options, read, releaseOf, someTimeOf, type Values, wholeOf } from './arguments.ts';

/** What every command that starts an emulator takes. */
export const STARTING = {
  port: { type: 'string' },
  host: { type: 'string' },
  world: { type: 'string' },
  db: { type: 'string' },
  'pce-version': { type: 'string' },
  'kuma-port': { type: 'string' },
  'kuma-version': { type: 'string' },
  'kuma-read-only': { type: 'boolean' },
  'no-kuma': { type: 'boolean' },
  'api-key': { type: 'string' },
  'tls-san': { type: 'string', multiple: true },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'offline-after': { type: 'string' },
  'request-timeout': { type: 'string' },
  'keep-alive': { type: 'string' },
  'send-timeout': { type: 'string' },
  'max-connections': { type: 'string' },
  'check-replies': { type: 'boolean' },
  seed: { type: 'string' },
  clock: { type: 'string' },
  hostile: { type: 'boolean' },
  journal: { type: 'string' },
  'journal-body': { type: 'string' },
  'control-token': { type: 'string' },
  'allow-origin': { type: 'string', multiple: true },
  'write-env': { type: 'string' },
  // The same. Node 20 takes that name for itself behind the script too, unless it is called as `node -- cli.js`.
  'env-file': { type: 'string' },
} as const;

/** What was said on the command line, or else in the environment. @throws Misuse */
export function readBoth<Of extends Options>(args: string[], options: Of): Values<Of> {
  return { ...fromEnvironment(options), ...read(args, options) };
}

/** The file to write the hand-over into, if any. */
export const envFileOf = (given: Values<typeof STARTING>): string | undefined =>
  given['write-env'] ?? given['env-file'];

/** The largest that a timer takes, and the number of connections: more is refused below as well, in other words. */
const LONGEST = 2 ** 31 - 1;

/** The emulator that was asked for. @throws Misuse, UnusableOption */
export function emulatorOptions(given: Values<typeof STARTING>, port: string): EmulatorOptions {
  const { 'api-key': key, 'max-connections': connections, journal, 'journal-body': body } = given;
  const time = (option: 'offline-after' | 'request-timeout' | 'keep-alive' | 'send-timeout', most?: number) => {
    const text = given[option];
    return text === undefined ? undefined : someTimeOf(text, option, most);
  };
  return {
    world: given.world,
    db: given.db,
    host: given.host,
    port: wholeOf(given.port ?? port, 'port', 65_535),
    pceVersion: releaseOf(given['pce-version']),
    kuma: kumaOf(given, given.port ?? port),
    apiKey: key === undefined ? undefined : apiKeyOf(key),
    tls: tlsOf(given),
    offlineAfter: time('offline-after'),
    requestTimeout: time('request-timeout', LONGEST),
    keepAlive: time('keep-alive', LONGEST),
    sendTimeout: time('send-timeout', LONGEST),
    maxConnections: connections === undefined ? undefined : wholeOf(connections, 'max-connections', LONGEST, 1),
    checkReplies: given['check-replies'],
    seed: given.seed,
    clock: given.clock,
    hostile: given.hostile,
    journal: {
      entries: journal === undefined ? undefined : wholeOf(journal, 'journal'),
      body: body === undefined ? undefined : wholeOf(body, 'journal-body'),
    },
    controlToken: given['control-token'],
    allowOrigins: given['allow-origin'],
  };
}

/** Who asks for any free port has it for Kuma as well: two emulators go side by side. */
const kumaPortBeside = (port: string): string => (port === '0' ? '0' : '5681');

function kumaOf(given: Values<typeof STARTING>, port: string): EmulatorOptions['kuma'] {
  const { 'kuma-port': kumaPort, 'no-kuma': none } = given;
  if (none && kumaPort !== undefined) throw new Misuse('--no-kuma and --kuma-port do not go together');
  const version = kumaReleaseOf(given['kuma-version']);
  const bound = none ? false : wholeOf(kumaPort ?? kumaPortBeside(port), 'kuma-port', 65_535);
  return { version, readOnly: given['kuma-read-only'], port: bound };
}

/** The options that stand in the environment; one that may be repeated, as a list with commas. */
function fromEnvironment<Of extends Options>(options: Of): Values<Of> {
  const args = Object.entries(options).flatMap(([name, { type, multiple }]) => {
    const value = process.env[`PCE_EMULATOR_${name.toUpperCase().replaceAll('-', '_')}`];
    if (value === undefined || value === '') return [];
    if (type === 'boolean') return isOn(name, value) ? [`--${name}`] : [];
    return (multiple ? value.split(',') : [value]).map((one) => `--${name}=${one}`);
  });
  return read(args, options);
}

function isOn(name: string, value: string): boolean {
  const on = ['1', 'true', 'yes'].includes(value.toLowerCase());
  if (on || ['0', 'false', 'no'].includes(value.toLowerCase())) return on;
  throw new Misuse(`--${name} in the environment is true or false, not ${value}`);
}

function apiKeyOf(text: string): EmulatorOptions['apiKey'] {
  const [, name, secret] = /^([^:]+):(.+)$/.exec(text) ?? [];
  if (name === undefined || secret === undefined)
    throw new Misuse('--api-key takes a name and a secret: api_1234:secret');
  return { name, secret };
}

function tlsOf(given: Values<typeof STARTING>): EmulatorOptions['tls'] {
  const { 'tls-cert': cert, 'tls-key': key, 'tls-san': names = [] } = given;
  if (cert === undefined && key === undefined) return { names };
  if (cert === undefined || key === undefined) throw new Misuse('--tls-cert and --tls-key go together');
  return { cert: readText(cert), key: readText(key) };
}

/** The text of a file. @throws UnusableOption */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UnusableOption(`${file} cannot be read: ${(error as Error).message}`);
  }
}

import { UnusableOption } from './contract/unusable.ts';
import { exactMomentOf } from './kernel/clock.ts';
import { KUMA_RELEASES, type KumaRelease } from './kuma/versions.ts';
import { RELEASES, type Release } from './pce/versions.ts';

/** Everything has a default: `startEmulator()` serves the demo world from memory on any free port of 127.0.0.1. */
export interface EmulatorOptions {
  /** The starting state: `demo`, `empty`, `page`, or the path of a world file. Made once for each database file. */
  readonly world?: string;
  /** A SQLite file that keeps all state; in memory when absent. */
  readonly db?: string;
  /** The release of the PCE to be. Default `22.2`. */
  readonly pceVersion?: Release;
  /** The control plane of Kuma beside it, on a port of its own; false for none. Default: one of 0.4.0, on any free port. */
  readonly kuma?: false | KumaPlaneOptions;
  /** The address to bind. Default `127.0.0.1`. */
  readonly host?: string;
  /** The port to bind; 0, the default, for any free one. */
  readonly port?: number;
  /** False binds no port: use `app`, for example with supertest. */
  readonly listen?: boolean;
  /** PEM texts to serve instead of a certificate made for this start, or further names for that certificate. */
  readonly tls?: { readonly cert: string; readonly key: string } | { readonly names: readonly string[] };
  /** The API key of the first organisation; a fresh one when absent. */
  readonly apiKey?: { readonly name: string; readonly secret: string };
  /** Answer 500 for a reply that breaks its schema, instead of a line in the log. Default false. */
  readonly checkReplies?: boolean;
  /** Milliseconds since the epoch; the system's time when absent. */
  readonly now?: () => number;
  /**
   * Makes all that is left to chance come out the same again: ids, tokens, secrets, faults. They can be guessed then.
   * The clock stands still at the beginning of 2025 unless `clock` says otherwise.
   */
  readonly seed?: string | number;
  /** A timestamp for the clock to stand still at, or `real` for one that runs. */
  readonly clock?: string;
  /** Begin with faults that a client has to live with: short lists in any order, jitter, spurious 429 and 503. */
  readonly hostile?: boolean;
  /** How much the journal of requests keeps. */
  readonly journal?: {
    /** Default 1000. */
    readonly entries?: number;
    /** Of each body, in bytes. Default 65536. */
    readonly body?: number;
  };
  /** What lets into the emulator's own API, as `Authorization: Bearer <token>`. Default: none on loopback, else a fresh one. */
  readonly controlToken?: string;
  /** Web pages that may use the emulator's own API, by origin: `http://localhost:3000`. Default: none. */
  readonly allowOrigins?: readonly string[];
  /** How long a cluster counts as online after its agent's last word, in milliseconds. Default ten minutes. */
  readonly offlineAfter?: number;
  /** How long a request may take to arrive, and a handshake, in milliseconds. Default one minute. */
  readonly requestTimeout?: number;
  /** How long a connection may be without a request, in milliseconds. Default 75 seconds. */
  readonly keepAlive?: number;
  /** How long a client may take nothing of a reply that it has asked for, in milliseconds. Default one minute. */
  readonly sendTimeout?: number;
  /** How many connections there may be at once; further ones are closed. Default: as many as the system allows. */
  readonly maxConnections?: number;
  /** Gets warnings and bugs, one at a time. Default: standard error. */
  readonly log?: (message: string) => void;
}

/** The second control plane. */
export interface KumaPlaneOptions {
  /** The release of Kuma to be. Default `0.4.0`. */
  readonly version?: KumaRelease;
  /** The port to bind; 0, the default, for any free one; false for none. */
  readonly port?: number | false;
  /** Refuse changes, as a Kuma does that was installed on Kubernetes. */
  readonly readOnly?: boolean;
}

/** The options that need reading or refusing. */
export interface ReadOptions {
  readonly release: Release;
  readonly seed: string | undefined;
  readonly clock: number | 'real' | undefined;
  readonly journal: { readonly entries: number; readonly body: number };
  readonly connections: { readonly request: number; readonly idle: number };
  /** How many connections at once, at each port. */
  readonly most: number | undefined;
  readonly sendTimeout: number;
  /** `port` is undefined where there is to be none. */
  readonly kuma: { readonly release: KumaRelease; readonly readOnly: boolean; readonly port: number | undefined };
}

/** @throws UnusableOption for what cannot be */
export function readOptions(options: EmulatorOptions): ReadOptions {
  refuseOtherForms(options, FORMS);
  if (options.journal) refuseOtherForms(options.journal, FORMS_OF_JOURNAL, 'journal.');
  if (options.kuma) refuseOtherForms(options.kuma, FORMS_OF_KUMA, 'kuma.');
  const {
    pceVersion: release = RELEASES[0],
    host,
    seed,
    clock,
    journal = {},
    controlToken,
    allowOrigins = [],
    requestTimeout: request = MINUTE,
    keepAlive: idle = 75_000,
    sendTimeout = MINUTE,
    maxConnections: most,
  } = options;
  if (!RELEASES.includes(release)) {
    throw new UnusableOption(`there is no PCE ${release} here; choose one of ${RELEASES.join(', ')}`);
  }
  if (host === '') throw new UnusableOption('the host to bind is empty; leave it out for 127.0.0.1');
  if (seed === '') throw new UnusableOption('the seed is empty; leave it out for a fresh one');
  if (controlToken !== undefined && !/^[\x21-\x7e]+$/.test(controlToken)) {
    throw new UnusableOption('a control token is made of visible ASCII characters');
  }
  const unfit = allowOrigins.find((origin) => !/^https?:\/\/[^/\s]+$/.test(origin));
  if (unfit !== undefined) throw new UnusableOption(`${unfit} is no origin, such as http://localhost:3000`);
  const { entries = 1000, body = 64 * 1024 } = journal;
  return {
    release,
    kuma: kumaOf(options.kuma),
    seed: seed === undefined ? undefined : String(seed),
    clock: clockOf(clock),
    journal: { entries, body },
    connections: { request: Math.ceil(request), idle: Math.ceil(idle) },
    most,
    sendTimeout: Math.ceil(sendTimeout),
  };
}

/** @throws UnusableOption for a release that is not here */
function kumaOf(kuma: EmulatorOptions['kuma'] = {}): ReadOptions['kuma'] {
  const { version: release = KUMA_RELEASES[0], port = 0, readOnly = false } = kuma || {};
  if (!KUMA_RELEASES.includes(release)) {
    throw new UnusableOption(`there is no Kuma ${release} here; choose one of ${KUMA_RELEASES.join(', ')}`);
  }
  return { release, readOnly, port: kuma === false || port === false ? undefined : port };
}

const MINUTE = 60_000;

/** The longest that Node's timers can wait: 24 days. */
const LONGEST = 2 ** 31 - 1;

type Form = readonly [is: (value: unknown) => boolean, name: string];

const within = (value: unknown, least: number, most: number) =>
  typeof value === 'number' && value >= least && value <= most;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const areTexts = (value: unknown) => Array.isArray(value) && value.every(isText);

const TEXT: Form = [isText, 'a text'];
const SWITCH: Form = [(value) => typeof value === 'boolean', 'true or false'];
const FUNCTION: Form = [(value) => typeof value === 'function', 'a function'];
const TIMEOUT: Form = [(value) => within(value, 1, LONGEST), 'milliseconds, from 1 to 2147483647'];

const isPort = (value: unknown) => within(value, 0, 65_535) && Number.isInteger(value);

type Forms<Options> = { readonly [Name in keyof Required<Options>]: Form };

/** What programs without types may get wrong; the command line reads its own. */
const FORMS: Forms<EmulatorOptions> = {
  world: TEXT,
  db: TEXT,
  pceVersion: TEXT,
  host: TEXT,
  port: [isPort, 'a whole number from 0 to 65535'],
  listen: SWITCH,
  tls: [
    (value) => isObject(value) && (areTexts(value.names) || (isText(value.cert) && isText(value.key))),
    'an object with cert and key, or with names',
  ],
  apiKey: [(value) => isObject(value) && areTexts([value.name, value.secret]), 'an object with name and secret'],
  checkReplies: SWITCH,
  kuma: [(value) => value === false || isObject(value), 'an object with version, port and readOnly, or false'],
  now: FUNCTION,
  seed: [(value) => isText(value) || Number.isFinite(value), 'a text or a number'],
  clock: TEXT,
  hostile: SWITCH,
  journal: [isObject, 'an object with entries and body'],
  controlToken: TEXT,
  allowOrigins: [areTexts, 'a list of texts'],
  offlineAfter: [(value) => within(value, Number.MIN_VALUE, Number.MAX_SAFE_INTEGER), 'milliseconds, more than none'],
  requestTimeout: TIMEOUT,
  keepAlive: TIMEOUT,
  sendTimeout: TIMEOUT,
  maxConnections: [(value) => within(value, 1, LONGEST) && Number.isInteger(value), 'a whole number, 1 or more'],
  log: FUNCTION,
};

const COUNT: Form = [
  (value) => within(value, 0, Number.MAX_SAFE_INTEGER) && Number.isInteger(value),
  'a whole number, 0 or more',
];

const FORMS_OF_JOURNAL: Forms<NonNullable<EmulatorOptions['journal']>> = { entries: COUNT, body: COUNT };

const FORMS_OF_KUMA: Forms<KumaPlaneOptions> = {
  version: TEXT,
  port: [(value) => value === false || isPort(value), 'a whole number from 0 to 65535, or false'],
  readOnly: SWITCH,
};

/** What a value is, without telling a secret. */
function kindOf(value: unknown): string {
  if (typeof value === 'number' || value === null) return String(value);
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** @throws UnusableOption for an option that there is not, and for a value of another form than its option's */
function refuseOtherForms<Options extends object>(options: Options, forms: Forms<Options>, where = ''): void {
  if (kindOf(options) !== 'an object') throw new UnusableOption(`the options are an object, not ${kindOf(options)}`);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(forms, name));
  if (unknown !== undefined) {
    throw new UnusableOption(`there is no option ${where}${unknown}; there are ${Object.keys(forms).join(', ')}`);
  }
  for (const [name, [is, form]] of Object.entries<Form>(forms)) {
    const value: unknown = options[name as keyof Options];
    if (value !== undefined && !is(value)) {
      throw new UnusableOption(`${where}${name} takes ${form}, not ${kindOf(value)}`);
    }
  }
}

function clockOf(text: string | undefined): number | 'real' | undefined {
  if (text === undefined || text === 'real') return text;
  const moment = exactMomentOf(text);
  if (moment !== undefined) return moment;
  throw new UnusableOption(`the clock takes a time such as 2026-03-01T09:00:00Z, or real, not ${text}`);
}

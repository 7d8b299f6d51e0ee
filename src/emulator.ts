import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Express } from 'express';
import { UnusableFile, UnusableOption } from './contract/unusable.ts';
import { createControl } from './control/control.ts';
import { callerOf, createEngine, routesOf, serve } from './engine.ts';
import { createApp } from './http/app.ts';
import { createAuthenticate } from './http/authentication.ts';
import { createCertificate, givenCertificate, type TlsIdentity } from './http/certificate.ts';
import { listen } from './http/listener.ts';
import { pceControl } from './pce/index.ts';
import { RELEASES, type Release } from './pce/versions.ts';
import { type Credentials, continueOrMakeWorld, mintCredentials } from './starting-state.ts';

/** Everything has a default: `startEmulator()` serves the demo world from memory on any free port of 127.0.0.1. */
export interface EmulatorOptions {
  /** The starting state: `demo`, `empty`, `page`, or the path of a world file. Made once for each database file. */
  readonly world?: string;
  /** A SQLite file that keeps all state; in memory when absent. */
  readonly db?: string;
  /** The release of the PCE to be. Default `22.2`. */
  readonly pceVersion?: Release;
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
  /** Check every reply against its schema and answer 500 for one that breaks it. Default false. */
  readonly checkReplies?: boolean;
  /** Milliseconds since the epoch; the system's time when absent. */
  readonly now?: () => number;
  /** How long a cluster counts as online after its agent's last word, in milliseconds. Default ten minutes. */
  readonly offlineAfter?: number;
  /** Gets warnings and bugs, one at a time. Default: standard error. */
  readonly log?: (message: string) => void;
}

export interface Emulator {
  /** `https://127.0.0.1:8443`; empty when it does not listen. */
  readonly url: string;
  /** The same port, for plain HTTP. */
  readonly http_url: string;
  /** The application, for use without a socket: an Express app, also to be mounted in another. */
  readonly app: RequestListener;
  /** The key of the first organisation. */
  readonly credentials: Credentials;
  /** A key for every organisation of the world. */
  readonly allCredentials: readonly Credentials[];
  /** The certificate authority to trust: PEM text, and a file that holds it until `close`. */
  readonly ca: string;
  readonly ca_file: string;
  readonly world: string;
  readonly pce_version: Release;
  /** Ends it. Replies that are under way on the port go out; where it has none, wait for your requests first. */
  close(): Promise<void>;
}

export type { Credentials, Release };
export { RELEASES, routesOf, UnusableFile, UnusableOption };

const HOME = fileURLToPath(new URL('..', import.meta.url));

/** The version of this package. */
export const emulatorVersion = (JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')) as { version: string })
  .version;

/**
 * Starts an emulator.
 * @throws UnusableOption, UnusableFile, or the error of binding the port (EADDRINUSE …)
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { pceVersion: release = RELEASES[0], log = logToStderr } = options;
  if (!RELEASES.includes(release)) {
    throw new UnusableOption(`there is no PCE ${release} here; choose one of ${RELEASES.join(', ')}`);
  }
  if (options.host === '') throw new UnusableOption('the host to bind is empty; leave it out for 127.0.0.1');
  const engine = createEngine({
    ...options,
    schemas: join(HOME, 'schemas'),
    release,
    warn: (message) => log(`warning: ${message}`),
  });
  const { store, world, schemas, served } = engine;
  try {
    const state = { folder: join(HOME, 'fixtures', 'worlds'), store, world, schemas, release, call: callerOf(engine) };
    const worldName = continueOrMakeWorld(state, options.world, options.db);
    const allCredentials = mintCredentials(state, options.apiKey);
    const [credentials] = allCredentials;
    if (!credentials) throw new UnusableOption(`the world ${worldName} has no organisation`);

    const identity = options.listen === false ? undefined : await tlsIdentity(options);
    const status = { emulator_version: emulatorVersion, pce_version: release, world: worldName };
    const app = createApp({
      apis: [served, serve(createControl(status, () => identity?.ca, pceControl))],
      world,
      schemas,
      authenticate: createAuthenticate(world, store.credentialGeneration),
      ...store.commits,
      checkReplies: options.checkReplies ?? false,
      logError: log,
    });
    const about = { app, credentials, allCredentials, world: worldName, pce_version: release };
    if (!identity) return { ...about, url: '', http_url: '', ca: '', ca_file: '', close: async () => store.close() };
    const { authority, ca_file, close } = await open(app, identity, options);
    return {
      ...about,
      url: `https://${authority}`,
      http_url: `http://${authority}`,
      ca: identity.ca,
      ca_file,
      async close() {
        await close();
        store.close();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

async function tlsIdentity({ tls = { names: [] }, host = '127.0.0.1' }: EmulatorOptions): Promise<TlsIdentity> {
  try {
    return 'names' in tls ? await createCertificate([...tls.names, host]) : givenCertificate(tls.cert, tls.key);
  } catch (error) {
    throw new UnusableOption(`there is no certificate: ${(error as Error).message}`);
  }
}

/** Binds the port and lays the authority's certificate where clients can be pointed to. */
async function open(app: Express, identity: TlsIdentity, { host = '127.0.0.1', port = 0 }: EmulatorOptions) {
  const folder = temporaryFolder();
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, identity.ca);
    const listener = await listen({ app, host, port, tls: identity });
    return {
      authority: `${reachable(host)}:${listener.port}`,
      ca_file: caFile,
      async close() {
        await listener.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function temporaryFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'pce-emulator-'));
  } catch (error) {
    throw new UnusableOption(`there is no place for the CA file: ${(error as Error).message}`);
  }
}

/** The address for clients on this machine: a wildcard is no place to connect to. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function logToStderr(message: string): void {
  process.stderr.write(`pce-emulator: ${message}\n`);
}

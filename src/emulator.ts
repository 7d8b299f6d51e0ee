import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UnusableFile, UnusableOption } from './contract/unusable.ts';
import { createControl, OPERATOR } from './control/control.ts';
import { clockRoutes } from './control/routes/clock.ts';
import { contractRoutes } from './control/routes/contract.ts';
import { faultRoutes } from './control/routes/faults.ts';
import { requestRoutes } from './control/routes/requests.ts';
import { snapshotRoutes } from './control/routes/snapshots.ts';
import { statusRoutes } from './control/routes/status.ts';
import { worldRoutes } from './control/routes/world.ts';
import { createState, keepStart } from './control/state.ts';
import { derivedFrom } from './derived.ts';
import { ask, callerOf, createEngine, routesOf, type Served, serve } from './engine.ts';
import { createApp } from './http/app.ts';
import { createAuthenticate } from './http/authentication.ts';
import { createEndings } from './http/endings.ts';
import { createUnread } from './http/unread.ts';
import { createJournal } from './journal/journal.ts';
import { createRedaction } from './journal/redaction.ts';
import { createClock } from './kernel/clock.ts';
import { createIds } from './kernel/ids.ts';
import { isLoopback, namesOf, open, tlsIdentity } from './listening.ts';
import { type EmulatorOptions, readOptions } from './options.ts';
import { pce, pceControl } from './pce/index.ts';
import { RELEASES, type Release } from './pce/versions.ts';
import { createTwins, type TestBench } from './twins.ts';
import { loadWorld, saveWorld } from './worlds/saved-worlds.ts';
import { type Credentials, continueOrMakeWorld, keepClock, mintCredentials } from './worlds/starting-state.ts';

export interface Emulator extends TestBench {
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
  /** What lets into `/_emulator`, where that takes a token. */
  readonly control_token: string | undefined;
  readonly world: string;
  readonly pce_version: Release;
  /** What chance comes from: given again as `seed`, it takes the same course. */
  readonly seed: string;
  /** Ends it. Replies that are under way on the port go out; where it has none, wait for your requests first. */
  close(): Promise<void>;
}

export type { Credentials, EmulatorOptions, Release };
export { RELEASES, routesOf, UnusableFile, UnusableOption };

const HOME = fileURLToPath(new URL('..', import.meta.url));

/** The folder of the worlds that have a name. */
export const WORLDS = join(HOME, 'fixtures', 'worlds');

/** About what all entries of the journal may take together, in bytes. */
const JOURNAL_BYTES = 32 * 1024 * 1024;

/** The version of this package. */
export const emulatorVersion = (JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')) as { version: string })
  .version;

/**
 * Starts an emulator.
 * @throws UnusableOption, UnusableFile, or the error of binding the port (EADDRINUSE …)
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { release, journal: limits, connections, sendTimeout, ...read } = readOptions(options);
  const { log = logToStderr } = options;
  const redaction = createRedaction(pce.secrets, limits.body);
  const journal = createJournal({ ...limits, bytes: JOURNAL_BYTES }, redaction.shown);
  const engine = createEngine({
    ...options,
    ...read,
    schemas: join(HOME, 'schemas'),
    release,
    evidence: [journal],
    warn: (message) => log(`warning: ${message}`),
  });
  const { store, world, clock, schemas, faults, seed, served } = engine;
  try {
    const state = {
      ...{ folder: WORLDS, store, world, clock, schemas, release, trusting: engine.trusting },
      clockIsGiven: read.clock !== undefined,
      call: callerOf(engine),
    };
    const worldName = continueOrMakeWorld(state, options.world, options.db);
    const allCredentials = mintCredentials(state, options.apiKey);
    const [credentials] = allCredentials;
    if (!credentials) throw new UnusableOption(`the world ${worldName} has no organisation`);
    store.transaction(() => keepStart(store.snapshots));

    const realIds = createIds();
    const endings = createEndings();
    const identity = options.listen === false ? undefined : await tlsIdentity(options);
    const control_token = options.controlToken ?? (isLoopback(options.host) ? undefined : realIds.hex(32));
    const status = { emulator_version: emulatorVersion, pce_version: release, world: worldName, seed };
    const derived = derivedFrom({
      transcripts: join(HOME, 'fixtures', 'transcripts'),
      ...{ release, schemas, version: emulatorVersion },
      apis: () => [pce, control.api],
    });
    const routeIds = pce.routes.map(({ id }) => id);
    const routes = [
      ...statusRoutes(status, () => identity?.ca),
      ...clockRoutes(clock, () => keepClock(engine)),
      ...snapshotRoutes(createState(store.snapshots, journal)),
      ...requestRoutes(journal, routeIds),
      ...faultRoutes(faults, routeIds),
      ...worldRoutes({
        save: () => saveWorld(state),
        load: (definition) => ({ world: 'loaded', orgs: loadWorld(state, definition, allCredentials) }),
      }),
      ...contractRoutes(derived),
      ...pceControl.routes,
    ];
    const control: Served = serve(createControl(routes, pceControl.parameters, control_token));
    const app = createApp({
      apis: [served, control],
      world,
      schemas,
      authenticate: createAuthenticate(world, store.credentialGeneration),
      credentialGeneration: store.credentialGeneration,
      stateGeneration: store.stateGeneration,
      endings,
      unread: createUnread(sendTimeout),
      ...store.commits,
      storageTrouble: store.tellTrouble,
      checkReplies: options.checkReplies ?? false,
      journal,
      redaction,
      faults,
      realTime: createClock(),
      requestId: ({ emulated }) => (emulated ? engine.requestIds : realIds).uuid(),
      // A page that has made its name point here has no token.
      doors: { origins: options.allowOrigins ?? [], names: control_token === undefined ? namesOf(options) : undefined },
      logError: log,
    });
    const twins = createTwins(
      (method, target, body) => {
        const asked = () => ask(control, engine, { method, target, body, caller: OPERATOR }).body;
        return method === 'GET' ? store.commits.look(asked) : store.transaction(asked);
      },
      journal,
      endings,
    );
    const about = {
      ...twins,
      app,
      credentials,
      allCredentials,
      control_token,
      world: worldName,
      pce_version: release,
      seed,
    };
    const over = () => {
      endings.end();
      store.close();
    };
    if (!identity) return { ...about, url: '', http_url: '', ca: '', ca_file: '', close: async () => over() };
    const { authority, ca_file, close } = await open(app, identity, options, {
      refusals: served.api.refusals,
      limits: connections,
    });
    return {
      ...about,
      url: `https://${authority}`,
      http_url: `http://${authority}`,
      ca: identity.ca,
      ca_file,
      async close() {
        endings.end();
        await close();
        over();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

function logToStderr(message: string): void {
  process.stderr.write(`pce-emulator: ${message}\n`);
}

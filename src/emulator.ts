import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Document } from './contract/collection.ts';
import type { Api } from './contract/route.ts';
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
import { ask, callerOf, createEngine, type Served, serve } from './engine.ts';
import { createApp } from './http/app.ts';
import { createAuthenticate } from './http/authentication.ts';
import { createEndings } from './http/endings.ts';
import { createUnread } from './http/unread.ts';
import { createJournal } from './journal/journal.ts';
import { createRedaction } from './journal/redaction.ts';
import { createClock } from './kernel/clock.ts';
import { createIds } from './kernel/ids.ts';
import { kumaControl } from './kuma/index.ts';
import { KUMA_RELEASES, type KumaRelease } from './kuma/versions.ts';
import { isLoopback, namesOf, type Place, takePlace, tlsIdentity } from './listening.ts';
import { type EmulatorOptions, type ReadOptions, readOptions } from './options.ts';
import { pce, pceControl } from './pce/index.ts';
import { RELEASES, type Release } from './pce/versions.ts';
import { describeKuma, describePce, kumaRoutesOf, routesOf } from './planes.ts';
import { createTwins, type TestBench } from './twins.ts';
import { loadWorld, saveWorld } from './worlds/saved-worlds.ts';
import { type Credentials, continueOrMakeWorld, keepClock, mintCredentials } from './worlds/starting-state.ts';

export interface Emulator extends TestBench {
  /** `https://127.0.0.1:8443`; empty when it does not listen. */
  readonly url: string;
  /** The same port, for plain HTTP. */
  readonly http_url: string;
  /** `http://127.0.0.1:5681`, where Kuma answers; empty when it does not listen, or there is none. */
  readonly kuma_url: string;
  /** The application, for use without a socket: an Express app, also to be mounted in another. */
  readonly app: RequestListener;
  /** The same for Kuma; where there is to be none, nobody listens with it. */
  readonly kuma_app: RequestListener;
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
  readonly kuma_version: KumaRelease;
  /** What chance comes from: given again as `seed`, it takes the same course. */
  readonly seed: string;
  /** Ends it. Replies that are under way on the port go out; where it has none, wait for your requests first. */
  close(): Promise<void>;
}

export type { Credentials, EmulatorOptions, KumaRelease, Release };
export { KUMA_RELEASES, kumaRoutesOf, RELEASES, routesOf, UnusableFile, UnusableOption };

const HOME = fileURLToPath(new URL('..', import.meta.url));

/** The folder of the worlds that have a name. */
export const WORLDS = join(HOME, 'fixtures', 'worlds');

/** Where Kuma answers, and says that it does where it has no port. */
const KUMA_PORT = 5681;

/** The configuration of a Kuma, as the original told it. */
const readConfig = (release: string): Document =>
  JSON.parse(readFileSync(join(HOME, 'fixtures', 'kuma', `config-${release}.json`), 'utf8')) as Document;

/** About what all entries of the journal may take together, in bytes. */
const JOURNAL_BYTES = 32 * 1024 * 1024;

/** The version of this package. */
export const emulatorVersion = (JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')) as { version: string })
  .version;

/**
 * Starts an emulator.
 * @throws UnusableOption, UnusableFile, or the error of binding a port (EADDRINUSE …); a file is then as it was
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const read = readOptions(options);
  const { connections, most, kuma } = read;
  const identity = options.listen === false ? undefined : await tlsIdentity(options);
  const place = identity && (await takePlace(options, { identity, kumaPort: kuma.port, limits: connections, most }));
  try {
    return begin(options, read, place && { ...place, ca: identity.ca });
  } catch (error) {
    await place?.close();
    throw error;
  }
}

/** @param place absent where it is not to listen */
function begin(options: EmulatorOptions, given: ReadOptions, place?: Place & { readonly ca: string }): Emulator {
  const { release, journal: limits, sendTimeout, kuma: kumaPlane, ...read } = given;
  const { log = logToStderr } = options;
  const redaction = createRedaction(pce.secrets, limits.body);
  const journal = createJournal({ ...limits, bytes: JOURNAL_BYTES }, redaction.shown);
  const kumaUrl = place?.kumaAuthority && `http://${place.kumaAuthority}`;
  const kumaPort = Number(kumaUrl ? new URL(kumaUrl).port || 80 : kumaPlane.port || KUMA_PORT);
  const engine = createEngine({
    ...options,
    ...read,
    schemas: join(HOME, 'schemas'),
    release,
    kuma: { ...kumaPlane, port: kumaPort, recorded: () => readConfig(kumaPlane.release) },
    evidence: [journal],
    warn: (message) => log(`warning: ${message}`),
  });
  const { store, world, clock, schemas, faults, seed, served, kuma } = engine;
  try {
    const state = {
      ...{ folder: WORLDS, store, world, kuma: kuma.world, clock, schemas, release, trusting: engine.trusting },
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
    const control_token = options.controlToken ?? (isLoopback(options.host) ? undefined : realIds.hex(32));
    const status = { emulator_version: emulatorVersion, pce_version: release, world: worldName, seed };
    const documents = { transcripts: join(HOME, 'fixtures', 'transcripts'), schemas, version: emulatorVersion };
    const routeIds = [...pce.routes, ...kuma.api.routes].map(({ id }) => id);
    const kumaLife = kumaControl(kuma.world);
    const routes = [
      ...statusRoutes(status, () => place?.ca),
      ...clockRoutes(clock, () => keepClock(engine)),
      ...snapshotRoutes(createState(store.snapshots, journal)),
      ...requestRoutes(journal, routeIds),
      ...faultRoutes(faults, routeIds),
      ...worldRoutes({
        save: () => saveWorld(state),
        load: (definition) => ({ world: 'loaded', orgs: loadWorld(state, definition, allCredentials) }),
      }),
      ...contractRoutes(
        derivedFrom(
          documents,
          describePce(release, () => control.api),
        ),
      ),
      ...contractRoutes(
        derivedFrom(documents, describeKuma(kumaPlane.release, kuma.api, `http://localhost:${kumaPort}`)),
        kuma.api.name,
      ),
      ...pceControl.routes,
      ...kumaLife.routes,
    ];
    const parameters = { ...pceControl.parameters, ...kumaLife.parameters };
    const control: Served = serve(createControl(routes, parameters, control_token));
    const context = {
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
      requestId: ({ emulated }: Api) => (emulated ? engine.requestIds : realIds).uuid(),
      // A page that has made its name point here has no token.
      doors: { origins: options.allowOrigins ?? [], names: control_token === undefined ? namesOf(options) : undefined },
      logError: log,
    };
    const app = createApp({ ...context, apis: [served, control], world });
    const kuma_app = createApp({ ...context, apis: [kuma], world: kuma.world });
    const twins = createTwins(
      (method, target, body) => {
        const asked = () => ask(control, engine, { method, target, body, caller: OPERATOR }).body;
        return method === 'GET' ? store.look(asked) : store.transaction(asked);
      },
      journal,
      endings,
    );
    const about = {
      ...twins,
      app,
      kuma_app,
      credentials,
      allCredentials,
      control_token,
      world: worldName,
      pce_version: release,
      kuma_version: kumaPlane.release,
      seed,
    };
    const over = () => {
      endings.end();
      store.close();
    };
    // Whatever throws before this leaves a file as it was.
    store.started();
    if (!place) {
      return { ...about, url: '', http_url: '', kuma_url: '', ca: '', ca_file: '', close: async () => over() };
    }
    place.serve({ app, refusals: served.api.refusals }, { app: kuma_app, refusals: kuma.api.refusals });
    const { authority, ca, ca_file } = place;
    return {
      ...about,
      ...{ url: `https://${authority}`, http_url: `http://${authority}`, kuma_url: kumaUrl ?? '', ca, ca_file },
      async close() {
        endings.end();
        await place.close();
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

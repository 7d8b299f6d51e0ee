import { type Credentials, type Emulator, type EmulatorOptions, startEmulator } from './emulator.ts';

/** An emulator for the tests of a file, and what they most often ask of it. */
export interface EmulatorOfTests
  extends Readonly<
    Pick<
      Emulator,
      | 'url'
      | 'http_url'
      | 'ca'
      | 'ca_file'
      | 'credentials'
      | 'clock'
      | 'faults'
      | 'requests'
      | 'saveWorld'
      | 'loadWorld'
    >
  > {
  /** All that it can do. */
  readonly emulator: Emulator;
  /** The value of the header `Authorization` for the first organisation's key. */
  readonly authorization: string;
  /** A fresh organisation with a key of its own, which sees nothing of the others; gone before the next test. */
  org(name?: string): ReturnType<Emulator['org']> & { readonly authorization: string };
}

type Hook = (work: () => unknown) => void;

/** What Jest puts into the global scope, and Vitest with `globals: true`. */
interface TestGlobals {
  readonly beforeAll?: Hook;
  readonly beforeEach?: Hook;
  readonly afterAll?: Hook;
}

/**
 * Starts one emulator for a test file, puts it back before each test to what it was after the start, and ends it after
 * the last. Called where tests are described, not inside of one.
 * @throws Error where there is no Jest
 */
export function useEmulator(options: EmulatorOptions = {}): EmulatorOfTests {
  const { beforeAll, beforeEach, afterAll } = globalThis as TestGlobals;
  if (!beforeAll || !beforeEach || !afterAll) {
    throw new Error(
      'useEmulator needs the global functions beforeAll, beforeEach and afterAll: Jest has them unless injectGlobals is false, Vitest has them with globals: true; elsewhere call startEmulator',
    );
  }
  let running: Emulator | undefined;
  beforeAll(async () => {
    running = await startEmulator(options);
  });
  beforeEach(() => running?.reset());
  afterAll(async () => {
    await running?.close();
    running = undefined;
  });
  const emulator = (): Emulator => {
    if (running) return running;
    throw new Error(
      'the emulator runs only while the tests do: use what useEmulator returned inside of a test or a hook, and do not take it apart before',
    );
  };
  return {
    get emulator() {
      return emulator();
    },
    get url() {
      return emulator().url;
    },
    get http_url() {
      return emulator().http_url;
    },
    get ca() {
      return emulator().ca;
    },
    get ca_file() {
      return emulator().ca_file;
    },
    get credentials() {
      return emulator().credentials;
    },
    get authorization() {
      return basic(emulator().credentials);
    },
    get clock() {
      return emulator().clock;
    },
    get faults() {
      return emulator().faults;
    },
    get requests() {
      return emulator().requests;
    },
    saveWorld: () => emulator().saveWorld(),
    loadWorld: (world) => emulator().loadWorld(world),
    org(name) {
      const made = emulator().org(name);
      return { ...made, authorization: basic(made) };
    },
  };
}

const basic = ({ api_key, api_secret }: Credentials): string =>
  `Basic ${Buffer.from(`${api_key}:${api_secret}`).toString('base64')}`;

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import supertest from 'supertest';
import { createSchemas, readSchemaFiles, type Schemas } from '../../src/contract/schemas.ts';
import {
  type Credentials,
  type Emulator,
  type EmulatorOptions,
  KUMA_RELEASES,
  type Release,
  startEmulator,
} from '../../src/emulator.ts';
import { featuresOf } from '../../src/engine.ts';

export const ROOT = join(__dirname, '..', '..');

/** JSON as tests look at it. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where that is not there
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
  readonly body: Json;
}

export interface Client {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  put(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  delete(path: string, headers?: Record<string, string>): Promise<Answer>;
}

/**
 * An emulator of this test file: without a socket, every reply checked against its schema, bugs turned into failures.
 * Each test finds it as it was after the start.
 */
export function useEmulator(options: EmulatorOptions = {}): { readonly emulator: Emulator; readonly pce: Client } & {
  /** The emulator's own API. */
  readonly control: Client;
  as(credentials: Key): Client;
  with(headers: Record<string, string>): Client;
  /** The agent of a cluster, from the answer to its creation. */
  agent(cluster: Json): Client;
  readonly warnings: string[];
} {
  let emulator: Emulator | undefined;
  const warnings: string[] = [];
  const bugs: string[] = [];
  const log = (message: string) => void (message.startsWith('warning: ') ? warnings : bugs).push(message);
  beforeAll(async () => {
    emulator = await startEmulator({ listen: false, checkReplies: true, world: 'empty', log, ...options });
  });
  beforeEach(() => {
    emulator?.reset();
    warnings.length = 0;
    bugs.length = 0;
  });
  afterEach(() => expect(bugs).toEqual([]));
  afterAll(() => emulator?.close());
  const running = (): Emulator => {
    if (!emulator) throw new Error('the emulator runs only while a test does');
    return emulator;
  };
  return {
    get emulator() {
      return running();
    },
    get pce() {
      return clientOf(running(), authorization(running().credentials));
    },
    get control() {
      return clientOf(running(), {}, { prefix: '/_emulator', problem: 'emulator/status#problem' });
    },
    agent: ({ href, container_cluster_token }) =>
      clientOf(running(), authorization({ api_key: href.slice(-36), api_secret: container_cluster_token })),
    as: (credentials) => clientOf(running(), authorization(credentials)),
    with: (headers) => clientOf(running(), headers),
    warnings,
  };
}

/** What a request comes with. */
export type Key = Pick<Credentials, 'api_key' | 'api_secret'>;

export function authorization({ api_key, api_secret }: Key): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${api_key}:${api_secret}`).toString('base64')}` };
}

const known = new Map<Release, Schemas>();

/** The schemas of a release, read once. */
export function schemasOf(release: Release): Schemas {
  const schemas =
    known.get(release) ?? createSchemas(readSchemaFiles(join(ROOT, 'schemas')), featuresOf(release, KUMA_RELEASES[0]));
  known.set(release, schemas);
  return schemas;
}

/** The API of the PCE: where it is, and how it refuses. */
const PCE = { prefix: '/api/v2', problem: 'common#problems' };

/** A client whose paths are hrefs, as they stand in replies: `/orgs/1/labels`. */
export function clientOf(emulator: Emulator, headers: Record<string, string>, { prefix, problem } = PCE): Client {
  const agent = supertest(emulator.app);
  const problems = schemasOf(emulator.pce_version);
  const send = async (method: 'get' | 'post' | 'put' | 'delete', path: string, more = {}, body?: unknown) => {
    const request = agent[method](`${prefix}${path}`).set({ ...headers, ...more });
    const response = await (body === undefined ? request : request.send(body as object));
    const { status, text } = response;
    if (status >= 400 && text) expect(problems.check(problem, response.body)).toEqual([]);
    return { status, text, headers: response.headers as Record<string, string>, body: response.body };
  };
  return {
    get: (path, more) => send('get', path, more),
    post: (path, body = {}, more = {}) => send('post', path, more, body),
    put: (path, body = {}, more = {}) => send('put', path, more, body),
    delete: (path, more) => send('delete', path, more),
  };
}

/** The token of the first problem in an answer. */
export const tokenOf = (answer: Answer): string | undefined => answer.body?.[0]?.token;

/** A JSON file of the repository. */
export const readJson = (...path: string[]): Json => JSON.parse(readFileSync(join(ROOT, ...path), 'utf8'));

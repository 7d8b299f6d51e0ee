import { Agent as HttpAgent, type IncomingMessage, request as requestOverHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestOverHttps } from 'node:https';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator.ts';
import { authorization, type Json, type Key } from '../support/emulator.ts';

/** Requests over a real socket with the very headers that a client sends, and what comes back over the wire. */

export interface Received {
  readonly status: number;
  /** The reason phrase: `Not Found`. */
  readonly reason: string;
  /** Names in lower case. */
  readonly headers: Record<string, string | undefined>;
  readonly text: string;
  /** What the text says; undefined where it says nothing. */
  readonly body: Json;
}

/** Sends one request. `path` is below `/api/v2`; text goes out as it is, anything else as JSON. */
export type Send = (method: string, path: string, headers: Record<string, string>, body?: unknown) => Promise<Received>;

export type Scheme = 'http' | 'https';

/** An emulator of this block of tests that listens; each test finds it as it was after the start. */
export function useWire(scheme: Scheme, { world = 'empty', pceVersion }: EmulatorOptions = {}) {
  const bugs: string[] = [];
  let emulator: Emulator;
  let agent: HttpAgent;
  beforeAll(async () => {
    emulator = await startEmulator({
      world,
      pceVersion,
      checkReplies: true,
      log: (message) => void bugs.push(message),
    });
    agent =
      scheme === 'https' ? new HttpsAgent({ ca: emulator.ca, keepAlive: true }) : new HttpAgent({ keepAlive: true });
  });
  beforeEach(() => emulator.reset());
  afterEach(() => expect(bugs.splice(0).filter((message) => !message.startsWith('warning: '))).toEqual([]));
  afterAll(async () => {
    agent.destroy();
    await emulator.close();
  });

  const send: Send = (method, path, headers, body) =>
    new Promise((resolve, reject) => {
      const url = `${scheme === 'https' ? emulator.url : emulator.http_url}/api/v2${path}`;
      const open = scheme === 'https' ? requestOverHttps : requestOverHttp;
      const request = open(url, { method, headers, agent }, (response) => {
        readAll(response).then(resolve, reject);
      });
      request.on('error', reject);
      request.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
    });

  return {
    send,
    get emulator() {
      return emulator;
    },
    /** The official Python client: Accept always, a content type where it sends a body. */
    python: (credentials: Key = emulator.credentials): Client =>
      clientOf(send, {
        always: { ...authorization(credentials), accept: 'application/json', 'accept-encoding': 'gzip, deflate' },
        withBody: { 'content-type': 'application/json' },
      }),
    /** The Terraform provider: Accept on GET alone, a content type on all that writes, DELETE too. */
    terraform: (credentials: Key = emulator.credentials): Client =>
      clientOf(send, {
        always: { ...authorization(credentials), 'user-agent': 'Go-http-client/1.1', 'accept-encoding': 'gzip' },
        get: { accept: 'application/json' },
        delete: { 'content-type': 'application/json' },
        withBody: { 'content-type': 'application/json' },
      }),
    /** The Go library: a content type on everything, with a body or without. */
    illumioapi: (credentials: Key = emulator.credentials): Client =>
      clientOf(send, {
        always: {
          ...authorization(credentials),
          'content-type': 'application/json',
          'user-agent': 'Go-http-client/1.1',
          'accept-encoding': 'gzip',
        },
      }),
  };
}

/** The headers of a client, by what it sends. */
interface Habits {
  readonly always: Record<string, string>;
  readonly get?: Record<string, string>;
  readonly delete?: Record<string, string>;
  readonly withBody?: Record<string, string>;
}

export interface Client {
  get(path: string, more?: Record<string, string>): Promise<Received>;
  post(path: string, body?: unknown, more?: Record<string, string>): Promise<Received>;
  put(path: string, body: unknown): Promise<Received>;
  delete(path: string): Promise<Received>;
}

function clientOf(send: Send, { always, get = {}, delete: ofDelete = {}, withBody = {} }: Habits): Client {
  return {
    get: (path, more) => send('GET', path, { ...always, ...get, ...more }),
    post: (path, body, more) => send('POST', path, { ...always, ...withBody, ...more }, body),
    put: (path, body) => send('PUT', path, { ...always, ...withBody }, body),
    delete: (path) => send('DELETE', path, { ...always, ...ofDelete }),
  };
}

async function readAll(response: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
  const isJson = headers['content-type'] === 'application/json';
  return {
    status: response.statusCode ?? 0,
    reason: response.statusMessage ?? '',
    headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  };
}

/** The token of the first problem in an answer. */
export const tokenIn = ({ body }: Received): string | undefined => body?.[0]?.token;

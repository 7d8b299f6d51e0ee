import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator.ts';
import { authorization, type Json } from '../support/emulator.ts';

export type Protocol = 'http' | 'https';
export const PROTOCOLS: Protocol[] = ['http', 'https'];

/** What a client saw of an answer: all of it, a part, or an error in its place. */
export interface Got {
  /** Null where not even a head came. */
  readonly status: number | null;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Json;
  /** In how many pieces the body came. */
  readonly chunks: number;
  /** Whether all came that the head had promised. */
  readonly complete: boolean;
  /** The code of the error that the client was told instead of, or in, the answer. */
  readonly error?: string;
}

export interface Asked {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly agent?: HttpAgent;
  readonly protocol?: Protocol;
  /** Gives up after so many milliseconds. */
  readonly leaveAfter?: number;
}

/** Makes one request on a connection of its own, unless an agent is given; never rejects. */
export function send(url: string, method: string, { ca, ...asked }: Asked & { readonly ca?: string }): Promise<Got> {
  const { body, headers = {}, agent, leaveAfter } = asked;
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const given = { ...(payload !== undefined && { 'content-type': 'application/json' }), ...headers };
  return new Promise((resolve) => {
    let [text, chunks] = ['', 0];
    let [status, got, complete]: [number | null, IncomingHttpHeaders, boolean] = [null, {}, false];
    const done = (error?: Error & { code?: string }) => {
      clearTimeout(leaving);
      resolve({
        status,
        headers: got,
        text,
        body: jsonOr(text),
        chunks,
        complete,
        ...(error && { error: error.code }),
      });
    };
    const options = {
      method,
      agent: agent ?? (false as const),
      headers: given,
      ...(url.startsWith('https') && { ca }),
    };
    const request = (url.startsWith('https') ? httpsRequest : httpRequest)(url, options, (response) => {
      [status, got] = [response.statusCode ?? null, response.headers];
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
        chunks++;
      });
      response.on('error', done);
      response.on('end', () => {
        complete = response.complete;
        done();
      });
    });
    const leaving = leaveAfter === undefined ? undefined : setTimeout(() => request.destroy(), leaveAfter);
    request.on('error', done);
    request.end(payload);
  });
}

function jsonOr(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An emulator with a port, for the time of a test, and clients of it. Bugs that it logs are failures. */
export class Server {
  readonly emulator: Emulator;
  readonly bugs: string[];
  constructor(emulator: Emulator, bugs: string[]) {
    this.emulator = emulator;
    this.bugs = bugs;
  }
  origin(protocol: Protocol = 'http'): string {
    return protocol === 'https' ? this.emulator.url : this.emulator.http_url;
  }
  /** Asks the PCE, with the key of the first organisation; paths are hrefs. */
  pce(method: string, path: string, asked: Asked = {}): Promise<Got> {
    const headers = { ...authorization(this.emulator.credentials), ...asked.headers };
    return this.send(method, `/api/v2${path}`, { ...asked, headers });
  }
  /** Asks the emulator's own API. */
  control(method: string, path: string, asked: Asked = {}): Promise<Got> {
    return this.send(method, `/_emulator${path}`, asked);
  }
  /** Makes a request as it is given. */
  send(method: string, path: string, asked: Asked = {}): Promise<Got> {
    return send(this.origin(asked.protocol) + path, method, { ...asked, ca: this.emulator.ca });
  }
  keepAlive(protocol: Protocol): HttpAgent {
    const options = { keepAlive: true, maxSockets: 1, ca: this.emulator.ca };
    return protocol === 'https' ? new HttpsAgent(options) : new HttpAgent(options);
  }
}

/**
 * A server that each test finds as it was after the start, and others where a test starts them.
 * @param afresh starts it for each test, for what no reset puts back: the ids of the journal
 */
export function useServer(options: EmulatorOptions = {}, { afresh = false } = {}) {
  let server: Server | undefined;
  const others: Server[] = [];
  const start = async (more: EmulatorOptions = {}): Promise<Server> => {
    const bugs: string[] = [];
    const log = (message: string) => void (message.startsWith('warning: ') || bugs.push(message));
    const emulator = await startEmulator({ world: 'empty', checkReplies: true, log, ...options, ...more });
    return new Server(emulator, bugs);
  };
  beforeAll(async () => {
    if (!afresh) server = await start();
  });
  beforeEach(async () => {
    if (!afresh) return server?.emulator.reset();
    server = await start();
    others.push(server);
  });
  afterEach(async () => {
    const ended = others.splice(0);
    for (const { emulator } of ended) await emulator.close();
    expect([...ended, ...(server ? [server] : [])].flatMap(({ bugs }) => bugs.splice(0))).toEqual([]);
  });
  afterAll(async () => {
    if (!afresh) await server?.emulator.close();
  });
  return {
    get server(): Server {
      if (!server) throw new Error('the server runs only while a test does');
      return server;
    },
    async start(more?: EmulatorOptions): Promise<Server> {
      const other = await start(more);
      others.push(other);
      return other;
    },
  };
}

/** Waits until something is so; fails where it does not become so. */
export async function until(isSo: () => boolean | Promise<boolean>, within = 5000): Promise<void> {
  const end = Date.now() + within;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`not so within ${within} ms: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const LABELS = '/orgs/1/labels';

/** The values of all labels that there are. */
export async function labels(server: Server): Promise<string[]> {
  const { body } = await server.pce('GET', `${LABELS}?max_results=500`);
  return body.map(({ value }: Json) => value);
}

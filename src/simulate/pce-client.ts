import http from 'node:http';
import https from 'node:https';
import { Refused, Stopped, Unreachable } from './failures.ts';
import type { Time } from './real-time.ts';

/** Where the PCE is. */
export interface Place {
  /** Scheme, host and port: `https://127.0.0.1:8443`. */
  readonly origin: string;
  /** PEM of the authority to trust instead of the system's. */
  readonly ca?: string;
  /** Trust any certificate. */
  readonly insecure: boolean;
  /** How many connections at most. */
  readonly parallel: number;
}

export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  /** The Authorization header; it stays out of all messages. */
  readonly authorization?: string;
  /** JSON. */
  readonly body?: string;
}

export interface Answer {
  /** What was asked: `GET /api/v2/…`, for messages. */
  readonly asked: string;
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface PceClient {
  /**
   * Asks until there is an answer that is worth having: where the PCE is busy or the connection breaks, up to
   * six times, as long as it does no harm.
   * @returns an answer with a status of 200 to 299
   * @throws Refused, Unreachable; Stopped when the signal comes while it waits to ask again
   */
  ask(ask: Ask): Promise<Answer>;
  /** How many requests were sent so far, the repeated ones too. */
  readonly requests: number;
  /** Lets go of the connections. */
  close(): void;
}

const RETRIES = 5;
const PATIENCE_MS = 60_000;

export function createPceClient(place: Place, time: Time, signal: AbortSignal): PceClient {
  const { request: start, Agent } = place.origin.startsWith('https:') ? https : http;
  const trust = { ca: place.ca, rejectUnauthorized: !place.insecure };
  const kept = new Agent({ ...trust, keepAlive: true, maxSockets: place.parallel });
  // A kept connection may be closed just as a request goes out. A POST could not be sent again: it gets a fresh one.
  const fresh = new Agent({ ...trust, keepAlive: false });
  let requests = 0;

  const exchange = ({ method, path, authorization, body }: Ask): Promise<Answer> =>
    new Promise((resolve, reject) => {
      requests++;
      const headers: http.OutgoingHttpHeaders = { accept: 'application/json' };
      if (authorization !== undefined) headers.authorization = authorization;
      if (body !== undefined) {
        headers['content-type'] = 'application/json';
        headers['content-length'] = Buffer.byteLength(body);
      }
      const agent = method === 'POST' ? fresh : kept;
      const options = { method, headers, agent, timeout: PATIENCE_MS };
      const request = start(new URL(path, place.origin), options, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ asked: `${method} ${path}`, status: response.statusCode ?? 0, headers: response.headers, text }),
        );
        response.on('error', reject);
      });
      request.on('timeout', () => request.destroy(new Error(`no answer within ${PATIENCE_MS / 1000} s`)));
      request.on('error', reject);
      request.end(body);
    });

  return {
    get requests() {
      return requests;
    },
    async ask(ask) {
      for (let attempt = 0; ; attempt++) {
        const outcome = await exchange(ask).catch((broken: NodeJS.ErrnoException) => ({ broken }));
        if ('status' in outcome && outcome.status >= 200 && outcome.status < 300) return outcome;
        if (attempt === RETRIES || !canBeRepeated(ask, outcome)) throw failure(ask, place, outcome);
        await time.wait(pauseBefore(attempt, outcome), signal);
        if (signal.aborted) throw new Stopped();
      }
    },
    close() {
      kept.destroy();
      fresh.destroy();
    },
  };
}

/** What came of a request. */
type Outcome = Answer | { readonly broken: NodeJS.ErrnoException };

/** A connection that broke; one that was refused at once will be so again. */
const BROKEN = ['ECONNRESET', 'EPIPE'];

/** Whether the same may be asked again: a POST only when the PCE says that it has done nothing. */
function canBeRepeated({ method }: Ask, outcome: Outcome): boolean {
  if ('broken' in outcome) return method !== 'POST' && BROKEN.includes(outcome.broken.code ?? '');
  return (method === 'POST' ? [429, 503] : [429, 502, 503, 504]).includes(outcome.status);
}

/** Milliseconds: what the PCE asks for, else longer each time. */
function pauseBefore(attempt: number, outcome: Outcome): number {
  const wanted = 'broken' in outcome ? undefined : outcome.headers['retry-after'];
  return wanted !== undefined && /^\d+$/.test(wanted) ? Number(wanted) * 1000 : 200 * 2 ** attempt;
}

function failure({ method, path }: Ask, { origin }: Place, outcome: Outcome): Error {
  if ('status' in outcome) {
    return new Refused(`${method} ${path}: ${outcome.status} ${toldBy(outcome)}`, outcome.status);
  }
  const { message, code = '' } = outcome.broken;
  const advice = /CERT|SIGNATURE/.test(code) ? ' (give its authority with --ca FILE, or use --insecure)' : '';
  // Where a name has several addresses, only the code tells what went wrong with them.
  return new Unreachable(`${method} ${origin}${path}: ${message || code}${advice}`);
}

/** The PCE's reasons in one line: `input_validation_error: …`. */
function toldBy({ text }: Answer): string {
  if (text === '') return '(no body)';
  let problems: unknown;
  try {
    problems = JSON.parse(text);
  } catch {
    problems = [];
  }
  // A PCE tells them in an array, the emulator's own API its one without.
  const [first, ...more] = [problems].flat() as { token?: unknown; message?: unknown }[];
  const said = first?.token === undefined ? text : `${first.token}: ${first.message ?? ''}`;
  const line = said.replace(/\s+/g, ' ').slice(0, 300);
  return more.length > 0 ? `${line} (and ${more.length} more)` : line;
}

/** The body of an answer, as the caller knows it. @throws Refused when it is no JSON */
export function bodyOf<Body>({ asked, status, text }: Answer): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    throw new Refused(`${asked}: ${status}, and what it answers is no JSON`, status);
  }
}

/** The Authorization header for a name and a secret: of an API key, or the UUID and the token of a cluster. */
export const basic = (name: string, secret: string): string =>
  `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;

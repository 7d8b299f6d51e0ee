import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Problem } from '../contract/problem.ts';
import type { Refusals } from '../contract/route.ts';
import { type Arrivals, isBeingRead, underWay } from './arrivals.ts';

/** What arrived is no request, or only the beginning of one. */
export class BrokenRequest extends Error {
  readonly status: number;
  readonly token: string;
  constructor(status: number, token: string, message: string) {
    super(message);
    this.status = status;
    this.token = token;
  }
  /** As an API refuses it. */
  problem(refusals: Refusals): Problem {
    const { status, token, message } = this;
    return refusals.broken?.(status, message) ?? refusals.injected(status, token, message);
  }
}

const badRequest = (why: string) => new BrokenRequest(400, 'bad_request_error', why);
const headTooLarge = (why: string) => new BrokenRequest(431, 'request_header_fields_too_large_error', why);

const TOO_LATE = 408;

/** More header fields than anybody needs. */
export const MOST_HEADERS = 1000;

/** The emulator is no proxy. */
export const noTunnel = () => new BrokenRequest(405, 'method_not_allowed_error', 'CONNECT is not possible here');

/** What is wrong with the head of a request that Node's parser lets pass. Header fields that come twice are joined. */
export function wrongHead({ headers, rawHeaders, httpVersion }: IncomingMessage): BrokenRequest | undefined {
  if (rawHeaders.length > 2 * MOST_HEADERS) return headTooLarge(`There are more than ${MOST_HEADERS} header fields`);
  if (headers.host === undefined && httpVersion === '1.1') return badRequest('There is no Host');
  if (headers.host?.includes(',')) return badRequest('There is more than one Host');
  return undefined;
}

/** What Node's server gives up a connection for; undefined where the connection itself broke. */
function brokenBy(error: NodeJS.ErrnoException): BrokenRequest | undefined {
  if (error instanceof BrokenRequest) return error;
  const { code = '', message } = error;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new BrokenRequest(TOO_LATE, 'request_timeout_error', 'The request did not arrive in time');
  }
  if (code === 'HPE_HEADER_OVERFLOW') return headTooLarge('The request line and header fields are too large');
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') {
    return new BrokenRequest(413, 'request_entity_too_large_error', 'The chunk extensions are too large');
  }
  if (code === 'HPE_INVALID_EOF_STATE') return badRequest('The request ended early');
  return code.startsWith('HPE_') ? badRequest(`This is no HTTP: ${message.replace(/^Parse Error: /, '')}`) : undefined;
}

/**
 * Has an answer sent for what cannot be a request. The replies to what came before it on the connection go out first;
 * what comes after it is not looked at, and the connection ends. What has been answered is not refused as well.
 */
export function answerBrokenRequests(refusals: Refusals, arrivals: Arrivals): (error: Error, socket: Duplex) => void {
  const given = new WeakSet<Socket>();
  const answer = (broken: BrokenRequest, socket: Socket): void => {
    const req = arrivals.arriving(socket);
    const res = underWay(socket);
    if (res && res.req !== req) return void res.once('close', () => answer(broken, socket));
    if (req && (!res || res.writableEnded)) return void leave(socket);
    if (!socket.writable || res?.headersSent) return void socket.destroy();
    // Who reads it answers, so that the journal has it.
    if (res && isBeingRead(res.req)) {
      res.shouldKeepAlive = false;
      res.req.emit('error', broken);
    } else {
      part(socket, broken.problem(refusals));
    }
  };
  return (error, connection) => {
    const socket = connection as Socket;
    const broken = brokenBy(error);
    if (!broken) return void socket.destroy();
    const give = () => {
      if (given.has(socket)) return;
      given.add(socket);
      answer(broken, socket);
    };
    if (broken.status === TOO_LATE) arrivals.whenLate(socket, give);
    else give();
  };
}

/** Sends a refusal as the last that goes over a connection. */
export function part(socket: Socket, { status, body, headers }: Problem): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { 'Content-Type': type = 'application/json' } = headers;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ];
  leave(socket, `${head.join('\r\n')}\r\n\r\n${text}`);
}

/** How long a client has to read what was last sent: to end a connection at once would take that from it. */
const LINGER_MS = 1000;

function leave(socket: Socket, last = ''): void {
  socket.end(last);
  const end = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(end));
}

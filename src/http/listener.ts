import { createServer as createHttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Express } from 'express';
import type { Refusals } from '../contract/route.ts';
import { createArrivals } from './arrivals.ts';
import { answerBrokenRequests, MOST_HEADERS, noTunnel, part, wrongHead } from './broken-requests.ts';
import type { TlsIdentity } from './certificate.ts';
import type { Port } from './port.ts';
import { inTurn } from './turns.ts';

export interface Listener {
  /** Stops accepting, lets replies that are under way go out for up to five seconds, and ends every connection. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly app: Express;
  readonly port: Port;
  /** What to serve HTTPS with; absent: plain HTTP alone. */
  readonly tls?: Pick<TlsIdentity, 'cert' | 'key'>;
  /** How to refuse what is no request, and so goes to no API. */
  readonly refusals: Refusals;
  readonly limits: ConnectionLimits;
}

/** How long connections may take for what, in milliseconds. */
export interface ConnectionLimits {
  /** For a whole request to arrive; for a handshake, too. */
  readonly request: number;
  /** Without a request, after the one before. */
  readonly idle: number;
}

/** The first byte of every TLS connection: a handshake record. No HTTP request begins with it. */
const TLS_HANDSHAKE = 0x16;

/** How long replies that are under way may take after the end has been asked for. */
const GRACE_MS = 5000;

/** Serves plain HTTP, and HTTPS where it can, on one port. */
export function listen({ app, port, tls, refusals, limits }: ListenOptions): Listener {
  const arrivals = createArrivals(limits.request);
  const turns = inTurn((req, res) => {
    const wrong = wrongHead(req);
    if (wrong) return void part(req.socket, wrong.problem(refusals));
    // Node drops what comes in one piece with a request for another protocol: its client has to come again.
    if (req.headers.upgrade !== undefined) res.shouldKeepAlive = false;
    app(req, res);
  }, arrivals);
  const options = {
    ...presetClasses(app),
    // What comes twice means neither.
    joinDuplicateHeaders: true,
    requireHostHeader: false,
    headersTimeout: limits.request,
    requestTimeout: limits.request,
    connectionsCheckingInterval: Math.max(10, Math.min(1000, Math.ceil(limits.request / 4))),
    keepAliveTimeout: limits.idle,
  };
  const plain = createHttpServer(options, turns.handle);
  const secure = tls && createHttpsServer({ ...options, ...tls, handshakeTimeout: limits.request }, turns.handle);
  const servers = [plain, ...(secure ? [secure] : [])];
  const answerBroken = answerBrokenRequests(refusals, arrivals);
  const [connections, undecided, speaking] = [new Set<Socket>(), new Set<Socket>(), new Set<Socket>()];
  const keep = (socket: Socket, ...sets: Set<Socket>[]) => {
    for (const set of sets) set.add(socket);
    socket.once('close', () => {
      for (const set of sets) set.delete(socket);
    });
  };
  const speak = (socket: Socket) => {
    keep(socket, speaking);
    turns.watch(socket);
  };
  plain.on('connection', speak);
  secure?.on('secureConnection', (socket) => {
    socket.allowHalfOpen = true;
    speak(socket);
  });
  for (const server of servers) {
    // Fed by the port, they listen to no port; this starts the clocks of their time-outs.
    server.emit('listening');
    // Who has ended its side after its requests is answered all the same, and the connection ends with the last reply.
    Object.assign(server, { httpAllowHalfOpen: true });
    server.on('checkExpectation', turns.handle);
    server.maxHeadersCount = MOST_HEADERS + 1;
    server.on('clientError', answerBroken);
    server.on('connect', (_req, socket) => answerBroken(noTunnel(), socket));
  }
  port.serve((socket) => {
    keep(socket, connections, undecided);
    handOver(socket, limits.request, (isTls) => {
      undecided.delete(socket);
      // Nobody ends its side in the middle of a handshake, and then goes on.
      socket.allowHalfOpen = !isTls;
      (isTls && secure ? secure : plain).emit('connection', socket);
    });
  });
  return {
    async close() {
      const closed = port.close();
      for (const socket of undecided) socket.destroy();
      // What has arrived is answered at the end of this turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      const ended = [...speaking].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      for (const socket of speaking) socket.destroySoon();
      let deadline: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => {
        deadline = setTimeout(resolve, GRACE_MS);
      });
      await Promise.race([Promise.all(ended), late]);
      clearTimeout(deadline);
      // What is left has no reply to wait for: handshakes that are under way, and readers that are too slow.
      for (const socket of connections) socket.destroy();
      await closed;
      for (const server of servers) server.close();
    },
  };
}

/** Looks at the first byte, puts it back, and lets `decide` give the connection to the server it is for. */
function handOver(socket: Socket, patience: number, decide: (isTls: boolean) => void): void {
  const giveUp = () => socket.destroy();
  socket.on('error', giveUp).on('end', giveUp);
  socket.setTimeout(patience, giveUp);
  socket.once('data', (chunk) => {
    socket.pause();
    socket.setTimeout(0);
    socket.off('timeout', giveUp).off('error', giveUp).off('end', giveUp);
    socket.unshift(chunk);
    decide(chunk[0] === TLS_HANDSHAKE);
    process.nextTick(() => socket.resume());
  });
  socket.resume();
}

/**
 * Express sets the prototype of every request and response to its own, and V8 then treats each as a
 * shape of its own. Objects that are born with that prototype make it a no-op: two to three times the
 * throughput on Node 20 and 22.
 */
function presetClasses(app: Express) {
  class Incoming extends IncomingMessage {}
  class Outgoing<Request extends IncomingMessage> extends ServerResponse<Request> {
    // Express would make one without a prototype, which V8 keeps as a hash table.
    readonly locals = {};
  }
  Object.setPrototypeOf(Incoming.prototype, app.request);
  Object.setPrototypeOf(Outgoing.prototype, app.response);
  app.request = Incoming.prototype as typeof app.request;
  app.response = Outgoing.prototype as unknown as typeof app.response;
  return { IncomingMessage: Incoming, ServerResponse: Outgoing };
}

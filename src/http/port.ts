import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A port that is taken. Whoever connects before anything is served there waits. */
export interface Port {
  readonly number: number;
  /** Hands over connections, those that have waited first; each is to be resumed. */
  serve(take: (socket: Socket) => void): void;
  /** Accepts no more. Resolves when all connections have ended. */
  close(): Promise<void>;
}

export interface PortOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** How many connections there may be at once; further ones are closed. Absent: as many as the system allows. */
  readonly most?: number;
}

/** A connection that is silent for this long is asked whether its client is still there. */
const PROBE_MS = 30_000;

/** @throws the error of binding, such as EADDRINUSE */
export async function takePort({ host, port, most }: PortOptions): Promise<Port> {
  const waiting = new Set<Socket>();
  const wait = (socket: Socket) => {
    waiting.add(socket);
    socket.once('close', () => waiting.delete(socket)).on('error', () => socket.destroy());
  };
  let take = wait;
  const options = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: PROBE_MS };
  const server = createServer({ ...options, pauseOnConnect: true }, (socket) => take(socket));
  await new Promise<void>((resolve, reject) => {
    // Later on it is of no account: a connection that cannot be accepted is its client's to try again.
    server.on('error', reject);
    server.listen(port, host, resolve);
    if (most !== undefined) server.maxConnections = most;
  });
  return {
    number: (server.address() as AddressInfo).port,
    serve(handOver) {
      take = handOver;
      for (const socket of waiting) handOver(socket);
      waiting.clear();
    },
    close: () => {
      for (const socket of waiting) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

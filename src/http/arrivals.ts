import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { stopwatch } from '../kernel/clock.ts';

/** Where Node keeps the reply that is under way. */
interface Answering extends Socket {
  readonly _httpMessage?: ServerResponse<IncomingMessage> | null;
}

/** The reply that is under way on a connection. */
export const underWay = (socket: Socket): ServerResponse<IncomingMessage> | undefined =>
  (socket as Answering)._httpMessage ?? undefined;

/** How far the requests of connections have arrived. */
export interface Arrivals {
  /** Sees the head of each request. */
  see(req: IncomingMessage): void;
  /** A request is read only from now on: it had to wait for its turn. */
  begin(socket: Socket): void;
  /** The request of which the body is still to come; undefined where a head is, or nothing. */
  arriving(socket: Socket): IncomingMessage | undefined;
  /**
   * Calls back once the request that is arriving has been read for as long as it may take, and is not there. Node's
   * clock alone does not tell: it goes on while nobody reads.
   */
  whenLate(socket: Socket, late: () => void): void;
}

/** What reads a body wants to know what is wrong with it. */
export const isBeingRead = (req: IncomingMessage): boolean => req.listenerCount('error') > 0;

/** @param patience how long a request may take to arrive, in milliseconds */
export function createArrivals(patience: number): Arrivals {
  const newest = new WeakMap<Socket, IncomingMessage>();
  const awaited = new WeakMap<Socket, (req: IncomingMessage) => void>();
  const reading = new WeakMap<Socket, () => number>();
  const begin = (socket: Socket) => void reading.set(socket, stopwatch());
  const arriving = (socket: Socket) => {
    const req = newest.get(socket);
    return req?.complete ? undefined : req;
  };
  return {
    see(req) {
      newest.set(req.socket, req);
      awaited.get(req.socket)?.(req);
    },
    begin,
    arriving,
    whenLate(socket, late) {
      let awaitedRequest = arriving(socket);
      awaited.set(socket, (req) => {
        awaitedRequest ??= req;
        awaited.delete(socket);
      });
      const look = () => {
        if (socket.destroyed || awaitedRequest?.complete) return;
        const left = patience - (reading.get(socket)?.() ?? patience);
        const res = underWay(socket);
        if (left > 0) {
          const again = setTimeout(look, left);
          socket.once('close', () => clearTimeout(again));
        } else if (res && !(res.req === awaitedRequest && isBeingRead(res.req))) {
          res.once('close', () => {
            begin(socket);
            look();
          });
        } else {
          late();
        }
      };
      look();
    },
  };
}

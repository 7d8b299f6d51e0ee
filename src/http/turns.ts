import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import type { Arrivals } from './arrivals.ts';

/** Requests that one connection sends without waiting for replies. */
export interface Turns {
  /** Hands each request over when the reply to the one before is out: so a connection has one reply in memory. */
  readonly handle: RequestListener;
  /** Reads no more of a connection as long as many requests wait. */
  watch(socket: Socket): void;
}

/**
 * So many requests of a connection may wait before no more of it is read. That its client leaves is seen until then;
 * afterwards when the next is read or written, for the system tells it to those alone who read.
 */
const MOST_WAITING = 16;

export function inTurn(handler: RequestListener, arrivals: Arrivals): Turns {
  const waiting = new WeakMap<Socket, number>();
  const waitingOn = (socket: Socket) => waiting.get(socket) ?? 0;
  const isFull = (socket: Socket) => waitingOn(socket) >= MOST_WAITING;
  return {
    handle(req, res) {
      arrivals.see(req);
      // A reply gets its connection when it is its turn.
      if (res.socket) return void handler(req, res);
      const { socket } = req;
      waiting.set(socket, waitingOn(socket) + 1);
      if (isFull(socket)) socket.pause();
      const assignSocket = res.assignSocket.bind(res);
      res.assignSocket = (assigned) => {
        assignSocket(assigned);
        arrivals.begin(socket);
        // What the reply before had to be taken within is not this one's.
        socket.setTimeout(0);
        waiting.set(socket, waitingOn(socket) - 1);
        if (!isFull(socket)) socket.resume();
        // The reply before may have met a client that is gone, or been followed by a refusal of all that comes after it.
        setImmediate(() => socket.destroyed || socket.writableEnded || handler(req, res));
      };
    },
    watch(socket) {
      // Node resumes a connection whenever it is done with a request.
      socket.on('resume', () => {
        if (!isFull(socket)) return;
        socket.pause();
        // Node stops reading at this event, which is left out for a connection that was to be paused already.
        socket.emit('pause');
      });
    },
  };
}

import type { Socket } from 'node:net';
import type { Request, Response } from 'express';

/** The connection below TLS, where there is one: only that can be reset. */
export interface Layered extends Socket {
  below?: Socket;
}

/** Ends the connection with a reset: what its client did not read is lost. */
export function reset({ socket }: Request): void {
  const { below = socket } = socket as Layered;
  below.resetAndDestroy();
}

/** Ends the connection in good order, once what was written to it is out. */
export function end(req: Request): void {
  // What arrived and was not read would turn the good order into a reset.
  if (req.complete) return void req.socket.destroySoon();
  req.once('close', () => req.socket.destroySoon());
  req.resume();
}

/** Whether nobody waits for an answer any more. */
export const isGone = (res: Response): boolean => res.destroyed || res.socket === null || res.socket.destroyed;

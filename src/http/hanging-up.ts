import type { Socket } from 'node:net';
import type { Request, Response } from 'express';

/** Where Node keeps the connection below TLS: only that can be reset. */
interface Layered extends Socket {
  readonly _parent?: Socket | null;
}

/** Ends the connection with a reset: what its client did not read is lost. */
export function reset({ socket }: Request): void {
  const { _parent: below } = socket as Layered;
  (below ?? socket).resetAndDestroy();
}

/** Ends the connection in good order, once what was written to it is out. */
export function end(req: Request): void {
  if (req.complete) return void req.socket.destroySoon();
  // What arrived and was not read would turn the good order into a reset.
  req.socket.end();
  req.once('close', () => req.socket.destroySoon());
  req.resume();
}

/**
 * Whether nobody waits for an answer any more. The connection is the request's: a reply has none as long as the one
 * before it is on its way out.
 */
export const isGone = (res: Response): boolean => res.destroyed || (res.socket ?? res.req.socket).destroyed;

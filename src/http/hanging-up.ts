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

/** What is sent to a client that has left brings a reset; only what is sent after that fails, over a slow network later. */
const CALLS_MS = [0, 100, 1000];

/** And then as often as this, for as long as the reply is held up. */
const CALL_EVERY_MS = 5000;

/**
 * Finds out, once a client has ended its side, whether it has left altogether: then the reply is closed. To one that
 * only has no more to ask, `call` says what every client passes over.
 */
export function lookAfter(res: Response, call: () => void = () => callOut(res)): void {
  const { socket } = res.req;
  let calls: NodeJS.Timeout[] = [];
  const ended = () => {
    calls = [...CALLS_MS.map((pause) => setTimeout(call, pause)), setInterval(call, CALL_EVERY_MS)];
  };
  if (socket.readableEnded) ended();
  else socket.once('end', ended);
  res.once('close', () => {
    socket.off('end', ended);
    for (const timer of calls) clearTimeout(timer);
  });
}

/**
 * HTTP before 1.1 has nothing to say before a reply: who has left after such a request cannot be told from who waits
 * for the answer with its own side ended, and so is answered. Only a reset tells.
 */
function callOut(res: Response): void {
  if (res.req.httpVersion === '1.1' && !res.headersSent) res.writeContinue();
}

/**
 * Whether nobody waits for an answer any more. The connection is the request's: a reply has none as long as the one
 * before it is on its way out.
 */
export const isGone = (res: Response): boolean => res.destroyed || (res.socket ?? res.req.socket).destroyed;

import type { IncomingMessage } from 'node:http';

/** A body is longer than it may be. */
export class BodyTooLarge extends Error {}

/** A client left before all of its body was there. */
export class BodyEndedEarly extends Error {}

/**
 * Reads a body, uncompressed as it comes. What it calls back with is told as soon as it is known: a client that sends
 * too much need not come to an end.
 */
export function readBytes(
  req: IncomingMessage,
  limit: number,
  done: (error: Error | undefined, bytes: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const over = (error?: Error) => {
    req.off('data', take).off('end', over).off('error', over).off('close', left);
    // Nobody waits for the rest; it is read and dropped, or the answer would be lost with it.
    if (error) req.on('error', () => {}).resume();
    done(error, error ? Buffer.alloc(0) : Buffer.concat(chunks, length));
  };
  const take = (chunk: Buffer) => {
    length += chunk.length;
    if (length > limit) over(new BodyTooLarge());
    else chunks.push(chunk);
  };
  const left = () => over(new BodyEndedEarly());
  req.on('data', take).on('end', over).on('error', over).on('close', left);
}

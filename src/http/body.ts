import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { gunzip, inflate } from 'node:zlib';
import { malformed } from '../contract/exchange.ts';
import type { Problem } from '../contract/problem.ts';
import type { Api, Route } from '../contract/route.ts';
import { BrokenRequest } from './broken-requests.ts';
import type { Stage } from './context.ts';

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

/** The largest body that is read. What a PCE allows is not public. */
const LARGEST_BODY = 1024 * 1024;

/** The one expectation that there is; Node has fulfilled it. */
const CONTINUE = /\b100-continue\b/i;

/** Reads the body where the route has one. @throws Problem 413, 415, 417 */
export const readBody: Stage = (req, res, next) => {
  const { api, route } = res.locals;
  const { expect } = req.headers;
  if (expect !== undefined && !CONTINUE.test(expect)) throw unexpected(api, expect);
  if (!route?.body) return next();
  const limit = largestBodyOf(route);
  const length = Number(req.headers['content-length'] ?? 0);
  const transferred = req.headers['transfer-encoding'];
  if (length > limit) throw tooLarge(api, limit);
  if (length === 0 && transferred === undefined) return next();
  if (!api.manner) refuseOtherMedia(api, req.headers);
  if (!/^chunked$/i.test(transferred ?? 'chunked')) {
    throw unsupported(api, `the transfer encoding ${transferred}`, 'transfer-encoding');
  }
  // An app that this one is mounted in may have read it already.
  if (req.readableEnded) return next();
  readBytes(req, limit, (error, bytes) => {
    if (error) return next(error);
    req.body = bytes;
    unpack(api, bytes, req.headers['content-encoding'], limit, (problem, unpacked) => {
      req.body = unpacked;
      next(problem);
    });
  });
};

const UNPACKING = { gzip: gunzip, deflate: inflate };

/** Unpacks a body, where it is packed in a way that the API's server knows; else it stays as it is. */
function unpack(
  api: Api,
  bytes: Buffer,
  encoding: string | undefined,
  limit: number,
  done: (problem: Problem | undefined, unpacked: Buffer) => void,
): void {
  const way = api.manner?.unpacks.find((one) => one === encoding);
  if (!way) {
    done(undefined, bytes);
    return;
  }
  UNPACKING[way](bytes, { maxOutputLength: limit }, (error, unpacked) => {
    if (!error) {
      done(undefined, unpacked);
      return;
    }
    const isLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    done(isLarge ? tooLarge(api, limit) : malformed(api, `The body cannot be unpacked: ${error.message}`), bytes);
  });
}

/** @throws Problem 415 for what is not plain JSON */
function refuseOtherMedia(api: Api, headers: IncomingHttpHeaders): void {
  const type = headers['content-type'] ?? '';
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    throw unsupported(api, type || 'a body without Content-Type', 'content-type');
  }
  if (!/^identity$/i.test(headers['content-encoding'] ?? 'identity')) {
    throw unsupported(api, 'a compressed body', 'content-encoding');
  }
}

const largestBodyOf = ({ largestBody = LARGEST_BODY }: Pick<Route, 'largestBody'>): number => largestBody;

function tooLarge(api: Api, limit: number): Problem {
  const message = `is larger than ${limit} bytes`;
  return api.refusals.tooLarge(limit).becauseOf({ in: 'body', path: '', message });
}

function unexpected(api: Api, expect: string): Problem {
  const message = `is not 100-continue, but ${expect}`;
  const refusal = api.refusals.injected(
    417,
    'expectation_failed_error',
    `There is nothing here like Expect: ${expect}`,
  );
  return refusal.becauseOf({ in: 'headers', path: 'expect', message });
}

function unsupported(api: Api, given: string, header: string): Problem {
  const message = `is not application/json, uncompressed, but ${given}`;
  return api.refusals.unsupportedMediaType(given).becauseOf({ in: 'headers', path: header, message });
}

/** What reading a body can fail with. */
export function bodyProblem(api: Api, error: unknown, route: Pick<Route, 'largestBody'> = {}): Problem | undefined {
  if (error instanceof BodyTooLarge) return tooLarge(api, largestBodyOf(route));
  if (error instanceof BodyEndedEarly) return malformed(api, 'The body ended early');
  if (!(error instanceof BrokenRequest)) return undefined;
  return error.problem(api.refusals).becauseOf({ in: 'body', path: '', message: error.message });
}

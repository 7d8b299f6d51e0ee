import type { ErrorRequestHandler, Request, Response } from 'express';
import type { Sighting } from '../contract/pattern.ts';
import { type Context, type Exchange, orgOf, type Stage } from './context.ts';
import { later } from './endings.ts';
import { end, isGone, lookAfter, reset } from './hanging-up.ts';
import { jsonOf } from './json.ts';
import { record } from './recording.ts';

/** Lets the first fault that picks this request out strike it. @throws Problem of the fault's status */
export const strike =
  (context: Context): Stage =>
  (req, res, next) => {
    const exchange = res.locals;
    if (!exchange.api?.emulated || exchange.tried) return next();
    exchange.tried = true;
    const struck = context.faults.strike(sightingOf(req, exchange));
    if (!struck) return next();
    exchange.strike = struck;
    const go = () => {
      const { status, token, message, connection, after_commit } = struck.effect;
      if (after_commit || (status === undefined && connection === undefined)) return next();
      if (status !== undefined) return next(exchange.api.refusals.injected(status, token, message));
      leaveUnanswered(context, req, res, connection ?? 'reset');
    };
    if (struck.delay === 0) return go();
    const callOff = later(context.endings, struck.delay, go);
    lookAfter(res);
    res.once('close', () => {
      callOff();
      // Nobody is left to be answered, so nothing is done.
      if (!res.writableEnded) record(context, req, res, { status: null });
    });
  };

/** The same for a request that was refused before: a PCE that is down is so for everybody. */
export const strikeRefused =
  (context: Context): ErrorRequestHandler =>
  (error, req, res, next) => {
    if (isGone(res)) return next(error);
    strike(context)(req as never, res as never, (struck?: unknown) => next(struck ?? error));
  };

function sightingOf(req: Request, exchange: Partial<Exchange>): Sighting {
  const { api, route, caller } = exchange;
  let read: { readonly body: unknown } | undefined;
  return {
    api: api?.name,
    route: route?.id,
    method: req.method,
    path: req.path,
    org: orgOf(exchange),
    caller,
    body() {
      read ??= { body: jsonOf(req.body) };
      return read.body;
    },
  };
}

/** What is about to go out. */
export interface Outgoing {
  readonly status: number;
  readonly headers: Record<string, string | number>;
  readonly payload: string | Uint8Array | undefined;
  /** The tokens of the problems in it. */
  readonly tokens: readonly string[];
}

/**
 * Lets what is about to go out suffer what the fault has in store for replies.
 * @returns false where there is nothing of the kind, and it is to go out as it is
 */
export function garble(context: Context, req: Request, res: Response, outgoing: Outgoing): boolean {
  const { effect } = (res.locals as Exchange).strike ?? {};
  if (!effect || isGone(res)) return false;
  if (effect.after_commit && effect.connection) return leaveUnanswered(context, req, res, effect.connection);
  if (effect.reply === undefined) return false;
  if (effect.reply === 'lost') return leaveUnanswered(context, req, res, 'reset');
  const sent = effect.reply === 'malformed' ? withoutItsEnd(outgoing) : outgoing;
  record(context, req, res, sent);
  if (effect.reply === 'malformed') {
    res.writeHead(sent.status, sent.headers).end(sent.payload);
    context.unread.watch(res);
  }
  if (effect.reply === 'truncated') cutOff(req, res, sent);
  if (effect.reply === 'slow') drip(context, res, sent, effect.bytes_per_second ?? BYTES_PER_SECOND);
  return true;
}

function leaveUnanswered(context: Context, req: Request, res: Response, how: 'reset' | 'empty'): true {
  record(context, req, res, { status: null });
  if (how === 'reset') reset(req);
  else end(req);
  return true;
}

/** The first half of a JSON text is never one. */
function withoutItsEnd(outgoing: Outgoing): Outgoing {
  const { status, headers, payload } = outgoing;
  const whole = Buffer.from(payload ?? '');
  const half = whole.length > 1 ? whole.subarray(0, whole.length / 2) : Buffer.from('{"');
  return {
    ...outgoing,
    // 204 would promise that there is no body.
    status: status === 204 ? 200 : status,
    headers: { ...headers, 'Content-Type': 'application/json', 'Content-Length': half.length },
    payload: half,
  };
}

/** Sends the head and half of the body; where there is no body, half of the head. */
function cutOff(req: Request, res: Response, { status, headers, payload }: Outgoing): void {
  if (payload === undefined) {
    req.socket.write(`HTTP/1.1 ${status} ${res.statusMessage ?? ''}\r\nX-Request-Id: `);
  } else {
    const whole = Buffer.from(payload);
    res.writeHead(status, headers).write(whole.subarray(0, whole.length / 2));
  }
  end(req);
}

const BYTES_PER_SECOND = 100;
const SLICES_PER_SECOND = 10;

/** Sends the body a few bytes at a time. */
function drip(context: Context, res: Response, { status, headers, payload }: Outgoing, bytesPerSecond: number): void {
  const whole = Buffer.from(payload ?? '');
  const slice = Math.max(1, Math.round(bytesPerSecond / SLICES_PER_SECOND));
  const pause = (slice / bytesPerSecond) * 1000;
  let sent = 0;
  const next = () => {
    if (isGone(res)) return;
    if (sent >= whole.length) return over();
    res.write(whole.subarray(sent, sent + slice));
    sent += slice;
    timer = setTimeout(next, pause);
  };
  const over = () => {
    clearTimeout(timer);
    forget();
    if (isGone(res)) return;
    res.end(whole.subarray(sent));
    context.unread.watch(res);
  };
  let timer = setTimeout(next, pause);
  const forget = context.endings.add(over);
  res.once('close', over);
  res.writeHead(status, headers).flushHeaders();
}

import type { Request, Response } from 'express';
import type { Problem } from '../contract/problem.ts';
import type { Api, Pending, Reply } from '../contract/route.ts';
import { closed } from '../contract/unusable.ts';
import type { Context, Exchange } from './context.ts';
import { later } from './endings.ts';
import { isGone, lookAfter } from './hanging-up.ts';
import { record } from './recording.ts';
import { garble } from './striking.ts';
import { countable } from './unread.ts';

/**
 * Sends a reply. `res.json` would add a charset to the content type, and the PCE's own clients compare
 * that header for equality with `application/json`.
 */
export function send(
  context: Context,
  req: Request,
  res: Response,
  reply: Reply,
  contentType = 'application/json',
): void {
  const { api, strike } = res.locals as Exchange;
  const { status, after_commit, token, message, retry_after } = strike?.effect ?? {};
  const said = status !== undefined && after_commit ? api.refusals.injected(status, token, message) : reply;
  // Not a literal that spreads others: V8 takes a fifth of all that a GET costs for that.
  const headers: Record<string, string | number> = api.manner ? {} : ownHeaders(context, api);
  Object.assign(headers, said.headers);
  if (status !== undefined && retry_after !== undefined) headers['Retry-After'] = retry_after;
  const text = 'text' in said ? said.text : undefined;
  const { write = JSON.stringify } = api.manner ?? {};
  const payload = text ?? (said.body === undefined ? undefined : write(said.body));
  if (payload !== undefined) {
    headers['Content-Type'] ??= contentType;
    headers['Content-Length'] = Buffer.byteLength(payload);
  } else if (said.status !== 204) {
    headers['Content-Length'] = 0;
  }
  const outgoing = { status: said.status, headers, payload, tokens: tokensOf(said) };
  if (garble(context, req, res, outgoing)) return;
  record(context, req, res, outgoing);
  res.writeHead(said.status, headers).end(countable(payload));
  context.unread.watch(res);
}

/** What every reply has; another control plane has neither. */
const ownHeaders = ({ requestId }: Context, api: Api) => ({
  'X-Request-Id': requestId(api),
  'Cache-Control': 'no-cache',
});

/** The tokens of the problems that a refusal tells. */
function tokensOf({ status, body }: Pick<Reply, 'status' | 'body'>): string[] {
  if (status < 400) return [];
  return [body].flat().flatMap((one) => {
    const token = (one as { token?: unknown } | undefined)?.token;
    return typeof token === 'string' ? [token] : [];
  });
}

/** Waits for a reply that comes later, and gives up when the time is over, the client has left or the emulator closes. */
export function wait(
  { endings }: Context,
  res: Response<unknown, Exchange>,
  pending: Pending,
  settle: (outcome: () => Reply) => void,
): void {
  const over = (outcome: () => Reply) => {
    callOff();
    stop();
    if (!isGone(res)) settle(outcome);
  };
  const { api } = res.locals;
  const callOff = later(endings, pending.within, (isClosing) =>
    over(() => {
      if (!isClosing) return pending.otherwise();
      const { token, told } = closed();
      throw api.refusals.injected(503, token, told);
    }),
  );
  const stop = pending.begin((reply) => over(() => reply));
  lookAfter(res);
  res.once('close', () => {
    callOff();
    stop();
  });
}

/** A reader that is so far behind, in bytes, is let go. */
const FURTHEST_BEHIND = 4 * 1024 * 1024;

/** Between two signs of life on a feed: less than what proxies wait for. */
const SIGN_OF_LIFE_MS = 15_000;

/** Writes a feed of server-sent events: what was before as fast as the client reads, then what comes, until it leaves. */
export function follow(
  { endings, unread }: Context,
  res: Response,
  reply: Reply,
  contentType = 'text/event-stream',
): void {
  const { status, headers, feed } = reply;
  res.writeHead(status, { 'Content-Type': contentType, 'Cache-Control': 'no-cache', ...headers });
  if (res.req.method === 'HEAD' || !feed) return void res.end();
  const write = (part: string | Uint8Array) => {
    if (res.writableLength > FURTHEST_BEHIND) return void res.destroy();
    res.write(part);
    unread.watch(res);
  };
  const signs = setInterval(() => write(':\n\n'), SIGN_OF_LIFE_MS);
  const forget = endings.add(() => res.end());
  let stop = () => {};
  res.once('close', () => {
    clearInterval(signs);
    forget();
    stop();
  });
  const past = feed.past();
  const catchUp = () => {
    for (let next = past.next(); !next.done; next = past.next()) {
      if (res.write(next.value)) continue;
      unread.watch(res);
      return void res.once('drain', catchUp);
    }
    if (!isGone(res)) stop = feed.begin(write);
  };
  write(':\n\n');
  lookAfter(res, () => write(':\n\n'));
  catchUp();
}

/** What a refusal sends; a bug of ours where it breaks the schema of refusals. */
export function refusalOf({ schemas, logError }: Context, api: Api, problem: Problem): Reply {
  const { status, body, headers } = problem;
  const [violation] = body === undefined ? [] : schemas.check(api.problem, body);
  if (violation) logError(`a refusal breaks ${api.problem} at #${violation.path}: ${violation.message}`);
  return { status, body, headers };
}

import { isUtf8 } from 'node:buffer';
import express, { type ErrorRequestHandler, type RequestHandler, type Response } from 'express';
import type { World } from '../contract/collection.ts';
import { checkReply, handled, validRequest } from '../contract/exchange.ts';
import { Problem } from '../contract/problem.ts';
import {
  type Admitted,
  type Api,
  type Caller,
  NOBODY,
  type Reply,
  type Request,
  type Route,
} from '../contract/route.ts';
import type { Routing } from '../contract/routing.ts';
import type { Schemas } from '../contract/schemas.ts';
import type { Authenticate } from './authentication.ts';

/** What the stages work with; the same for all requests. */
export interface Context {
  readonly apis: readonly { readonly api: Api; readonly routing: Routing }[];
  readonly world: World;
  readonly schemas: Schemas;
  readonly authenticate: Authenticate;
  /** Runs `work` in a transaction, and `settle` with what came of it once that is committed. */
  write(work: () => Reply, settle: (outcome: () => Reply) => void): void;
  /** Runs `work` when all that was written is committed. */
  read(work: () => void): void;
  /** Check replies against their schemas, and answer 500 instead of one that breaks its own. */
  readonly checkReplies: boolean;
  /** Told of bugs: what the one who runs the emulator should see, and a client should not. */
  logError(message: string): void;
}

/** What the stages find out about one request, in `res.locals`. */
interface Exchange {
  api: Api;
  /** What to say once the caller is known, when there is no route. */
  missing: Problem;
  route: Route;
  params: Record<string, string>;
  path: string;
  search: string;
  caller: Caller;
  request: Request;
}

type Stage = RequestHandler<never, unknown, unknown, never, Exchange>;

/** The largest body that is read. What a PCE allows is not public. */
const LARGEST_BODY = 1024 * 1024;

/** Finds the API and the route, if there is one. */
export const match =
  ({ apis }: Context): Stage =>
  (req, res, next) => {
    // Clients that were told of a proxy send the whole URL (RFC 9112).
    const url = req.url.startsWith('/') ? req.url : req.url.replace(/^https?:\/\/[^/?]*/i, '');
    const queryAt = url.indexOf('?');
    const pathname = queryAt < 0 ? url : url.slice(0, queryAt);
    const found = apis.find(({ api }) => isBelow(api.prefix, pathname)) ?? apis[0];
    if (!found) throw new Error('no API is served');
    const { api, routing } = found;
    const exchange = res.locals;
    exchange.api = api;
    exchange.search = queryAt < 0 ? '' : url.slice(queryAt + 1);
    const matched = routing.match(req.method, pathname);
    if (matched.found === 'route') {
      exchange.route = matched.route;
      exchange.params = matched.params;
      exchange.path = matched.path;
    } else if (matched.found === 'path') {
      exchange.missing = api.refusals.methodNotAllowed(req.method, matched.allowed);
    } else {
      const { nearest } = matched;
      const hint = nearest && `nearest: ${nearest.method} ${api.prefix}${nearest.path}`;
      exchange.missing = api.refusals.notFound(hint);
    }
    next();
  };

/** Some clients double a slash, also the first one. */
function isBelow(prefix: string, pathname: string): boolean {
  return pathname.startsWith(prefix) || pathname.replace(/\/+/g, '/').startsWith(prefix);
}

/** Finds the caller, before anything is told about what is there. @throws Problem 401, then 404 or 405 */
export const authenticate =
  (context: Context): Stage =>
  (req, res, next) => {
    const { api, route, missing } = res.locals;
    if (!api.identify || route?.admits.includes('nobody')) {
      res.locals.caller = NOBODY;
    } else {
      const caller = context.authenticate(api, req.headers.authorization);
      if (!caller) throw api.refusals.unauthenticated();
      res.locals.caller = caller;
    }
    if (!route) throw missing;
    next();
  };

/** Sees that the caller stays with what is its own. @throws Problem 403 */
export const authorise: Stage = (_req, res, next) => {
  const { api, route, params, path, caller } = res.locals;
  if (caller !== NOBODY) {
    if (params.org_id !== undefined && caller.org !== `/orgs/${params.org_id}`) {
      throw api.refusals.forbidden('These credentials belong to another organization');
    }
    if (!rolesOf(caller, path).some((role) => route.admits.includes(role))) {
      throw api.refusals.forbidden('Not permitted with these credentials');
    }
  }
  next();
};

/** What a caller can be let in as, at a path. */
function rolesOf({ kind, href }: Caller, path: string): Admitted[] {
  if (kind === 'user') return ['user'];
  return path === href || path.startsWith(`${href}/`) ? ['own_cluster', 'any_cluster'] : ['any_cluster'];
}

const raw = express.raw({ type: () => true, limit: LARGEST_BODY, inflate: false });

/** Reads the body where the route has one. @throws Problem 413, 415 */
export const readBody: Stage = (req, res, next) => {
  const { api, route } = res.locals;
  if (!route.body) return next();
  const length = Number(req.headers['content-length'] ?? 0);
  if (length > LARGEST_BODY) throw api.refusals.tooLarge(LARGEST_BODY);
  if (length > 0 || req.headers['transfer-encoding'] !== undefined) {
    const type = req.headers['content-type'] ?? '';
    if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
      throw api.refusals.unsupportedMediaType(type || 'a body without Content-Type');
    }
  }
  raw(req, res, next);
};

/** The preference as one of a list: RFC 7240. */
const RESPOND_ASYNC = /(^|,)\s*respond-async\s*($|[,;])/i;

/** The body as it came; or written anew, where an app that this one is mounted in has parsed it already. */
function bytesOf(body: unknown): Buffer | undefined {
  return body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
}

/** Checks path, query and body. @throws Problem 406 */
export const validate =
  ({ schemas }: Context): Stage =>
  (req, res, next) => {
    const { api, route, params, path, search, caller } = res.locals;
    const bytes = bytesOf(req.body);
    if (bytes && !isUtf8(bytes)) throw api.refusals.malformedJson('The body is not UTF-8');
    const body = bytes ? bytes.toString() : '';
    // Only a user can come back for the job.
    const respondAsync =
      req.method === 'GET' &&
      202 in route.replies &&
      caller.kind === 'user' &&
      RESPOND_ASYNC.test(String(req.headers.prefer));
    const address = req.socket?.remoteAddress ?? '';
    const arrival = { path, address, params, search, body, caller, respondAsync };
    res.locals.request = validRequest(api, route, arrival, schemas);
    next();
  };

/** Lets the handler answer: all of its writes, or none. */
export const answer = (context: Context): Stage => {
  const { world, schemas, checkReplies } = context;
  return (_req, res, next) => {
    const { api, route, request } = res.locals;
    const respond = (outcome: () => Reply) => {
      try {
        send(res, outcome(), world);
      } catch (error) {
        next(error);
      }
    };
    const work = (): Reply => {
      const reply = handled(api, route, request, world);
      if (checkReplies) checkReply(route, reply, schemas);
      return reply;
    };
    if (route.method === 'GET' && !request.respondAsync) context.read(() => respond(work));
    else context.write(work, respond);
  };
};

/** Turns whatever a stage threw into a reply. */
export const refuse =
  ({ apis, world, logError }: Context): ErrorRequestHandler =>
  (error: unknown, req, res, _next) => {
    const api: Api | undefined = (res.locals as Partial<Exchange>).api ?? apis[0]?.api;
    if (!api) throw error;
    if (res.headersSent || res.destroyed) return void res.destroy();
    const problem = error instanceof Problem ? error : bodyProblem(api, error);
    if (!problem) logError(`${req.method} ${req.path}: ${error instanceof Error ? error.stack : String(error)}`);
    const { status, body, headers } = problem ?? api.refusals.bug('A bug of pce-emulator; its log has the details');
    send(res, { status, body, headers }, world);
  };

/** What reading a body can fail with, by the `type` of body-parser's errors. */
function bodyProblem(api: Api, error: unknown): Problem | undefined {
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  if (type === 'entity.too.large') return api.refusals.tooLarge(LARGEST_BODY);
  if (type === 'encoding.unsupported') return api.refusals.unsupportedMediaType('a compressed body');
  if (type === 'request.size.invalid' || type === 'request.aborted') {
    return api.refusals.malformedJson('The body ended early');
  }
  return undefined;
}

/**
 * Sends a reply. `res.json` would add a charset to the content type, and the PCE's own clients compare
 * that header for equality with `application/json`.
 */
function send(res: Response, reply: Reply, { ids }: World): void {
  const headers: Record<string, string | number> = {
    'X-Request-Id': ids.uuid(),
    'Cache-Control': 'no-cache',
    ...reply.headers,
  };
  const payload = reply.text ?? (reply.body === undefined ? undefined : JSON.stringify(reply.body));
  if (payload === undefined) {
    if (reply.status !== 204) headers['Content-Length'] = 0;
    res.writeHead(reply.status, headers).end();
    return;
  }
  headers['Content-Type'] = reply.contentType ?? 'application/json';
  headers['Content-Length'] = Buffer.byteLength(payload);
  res.writeHead(reply.status, headers).end(payload);
}

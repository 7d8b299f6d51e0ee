import { isUtf8 } from 'node:buffer';
import type { ErrorRequestHandler } from 'express';
import { handled, ignoredParameters, malformed, replyViolation, validRequest } from '../contract/exchange.ts';
import { Problem } from '../contract/problem.ts';
import { type Api, NOBODY, type Reply, type Route } from '../contract/route.ts';
import { stopwatch } from '../kernel/clock.ts';
import { authenticateAgain } from './access.ts';
import { credentialsIn } from './authentication.ts';
import { bodyProblem } from './body.ts';
import type { Context, Exchange, Stage } from './context.ts';
import { isGone } from './hanging-up.ts';
import { bytesOf } from './json.ts';
import { record } from './recording.ts';
import { follow, refusalOf, send, wait } from './replies.ts';

/** Notes when a request arrived. */
export const arrive =
  ({ world, realTime, stateGeneration }: Context): Stage =>
  (_req, res, next) => {
    const exchange = res.locals;
    exchange.elapsed = stopwatch();
    exchange.arrived = world.clock.now();
    exchange.really_arrived = realTime.now();
    exchange.violations = [];
    exchange.state = stateGeneration();
    next();
  };

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
    exchange.pathname = pathname;
    exchange.search = queryAt < 0 ? '' : url.slice(queryAt + 1);
    const matched = routing.match(req.method, pathname);
    exchange.served = matched.found === 'path' ? matched.allowed : [];
    if (matched.found === 'route') {
      exchange.route = matched.route;
      exchange.params = matched.params;
      exchange.path = matched.path;
    } else if (matched.found === 'path') {
      exchange.missing = api.refusals.methodNotAllowed(req.method, matched.allowed);
      exchange.nearest = `${matched.allowed.join(', ')} ${pathname}`;
    } else {
      const { nearest } = matched;
      exchange.nearest = nearest && `${nearest.method} ${api.prefix}${nearest.path}`;
      exchange.missing = api.refusals.notFound(exchange.nearest && `nearest: ${exchange.nearest}`);
    }
    next();
  };

/** Lets the API's own server look at the head, where it has a manner of its own. @throws Problem as it answers */
export const meet: Stage = (req, res, next) => {
  const { api, route, served, pathname, search } = res.locals;
  if (!api.manner) return next();
  const { method, headers } = req;
  const meeting = api.manner.meet({ method, pathname, search, headers, route: route?.id, served });
  for (const [name, value] of Object.entries(meeting.headers ?? {})) res.setHeader(name, value);
  next(meeting.answer);
};

/** Some clients double a slash, also the first one. */
function isBelow(prefix: string, pathname: string): boolean {
  return pathname.startsWith(prefix) || pathname.replace(/\/+/g, '/').startsWith(prefix);
}

/** The preference as one of a list: RFC 7240. */
const RESPOND_ASYNC = /(^|,)\s*respond-async\s*($|[,;])/i;

/** Checks path, query and body. @throws Problem 406 */
export const validate =
  (context: Context): Stage =>
  (req, res, next) => {
    const { schemas } = context;
    const { api, params, path, search, caller, strike, violations } = res.locals;
    const route = routeOf(res.locals);
    const bytes = bytesOf(req.body);
    if (bytes && !api.manner && !isUtf8(bytes)) throw malformed(api, 'The body is not UTF-8');
    const body = bytes ? bytes.toString() : '';
    // Only a user can come back for the job.
    const respondAsync =
      req.method === 'GET' &&
      202 in route.replies &&
      caller.kind === 'user' &&
      RESPOND_ASYNC.test(String(req.headers.prefer));
    const address = req.socket?.remoteAddress ?? '';
    const { rows, shuffled } = strike?.effect ?? {};
    const listing = strike && { rows, ...(shuffled && { shuffled: strike.order }) };
    const { authorization } = req.headers;
    const lastEventId = req.headers['last-event-id']?.toString();
    const credentials = caller === NOBODY && authorization !== undefined ? credentialsIn(authorization) : undefined;
    const arrival = { path, address, params, search, body, caller, credentials, listing, respondAsync, lastEventId };
    // A PCE ignores a parameter that it does not know; its sender meant something by it.
    if (search !== '' && api.emulated) violations.push(...ignoredParameters(route, search, schemas));
    res.locals.request = validRequest(api, route, arrival, schemas);
    next();
  };

/** The stages after authentication are for requests that have one. */
function routeOf({ route }: Exchange): Route {
  if (!route) throw new Error('a request without a route came too far');
  return route;
}

/** Lets the handler answer: all of its writes, or none. */
export const answer =
  (context: Context): Stage =>
  (req, res, next) => {
    const { api } = res.locals;
    const route = routeOf(res.locals);
    const respond = (outcome: () => Reply) => {
      try {
        const reply = outcome();
        if (reply.pending) wait(context, res, reply.pending, respond);
        else if (reply.feed) follow(context, res, reply, route.contentType);
        else send(context, req, res, reply, route.contentType);
      } catch (error) {
        next(error);
      }
    };
    const work = () => {
      if (api.emulated && res.locals.state !== context.stateGeneration()) throw outOfDate(api);
      authenticateAgain(context, res.locals, req.headers.authorization);
      return checked(context, res.locals, handled(api, route, res.locals.request, context.world));
    };
    const reads = route.method === 'GET' && !route.writes && !res.locals.request.respondAsync;
    if (reads) context.read(() => respond(work));
    else if (api.emulated) context.write(work, respond);
    else respond(() => context.alone(work));
  };

/** For a request that was under way when a reset, say, put another state in the place of its own. */
const outOfDate = (api: Api): Problem =>
  api.refusals.injected(503, 'emulator_state_replaced', 'The emulator was put back while this request was under way');

/** The reply, held to what the table promises. @throws Error for one that breaks it, where that is asked for */
function checked({ schemas, checkReplies, logError }: Context, exchange: Exchange, reply: Reply): Reply {
  if (reply.pending || reply.feed) return reply;
  const message = replyViolation(routeOf(exchange), reply, schemas, checkReplies);
  if (message === undefined) return reply;
  if (checkReplies) throw new Error(message);
  logError(`a reply breaks the contract: ${message}`);
  exchange.violations.push({ in: 'reply', path: '', message });
  return reply;
}

/** Turns what reading a body or keeping a change fails with into a refusal, and notes where a refused request broke the contract. */
export const blame =
  (context: Context): ErrorRequestHandler =>
  (error: unknown, _req, res, next) => {
    const exchange = res.locals as Partial<Exchange>;
    const api = exchange.api ?? context.apis[0]?.api;
    const known = error instanceof Problem || !api;
    const problem = known
      ? error
      : (bodyProblem(api, error, exchange.route) ?? storageProblem(context, api, error) ?? error);
    if (problem instanceof Problem && problem.breach) exchange.violations?.push(problem.breach);
    next(problem);
  };

/** Turns whatever a stage threw into a reply. */
export const refuse =
  (context: Context): ErrorRequestHandler =>
  (error: unknown, req, res, _next) => {
    const { apis, redaction, logError } = context;
    const api: Api | undefined = (res.locals as Partial<Exchange>).api ?? apis[0]?.api;
    if (!api) throw error;
    if (res.headersSent || isGone(res)) {
      record(context, req, res, { status: null });
      return void res.destroy();
    }
    const problem = error instanceof Problem ? error : undefined;
    if (!problem)
      logError(`${req.method} ${redaction.path(req.path)}: ${error instanceof Error ? error.stack : String(error)}`);
    const refusal = problem ?? api.refusals.bug('A bug of pce-emulator; its log has the details');
    send(context, req, res, refusalOf(context, api, refusal));
  };

function storageProblem({ storageTrouble }: Context, api: Api, error: unknown): Problem | undefined {
  const trouble = storageTrouble(error);
  return trouble && api.refusals.injected(503, trouble.token, trouble.told);
}

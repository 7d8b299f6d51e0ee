import { isIP } from 'node:net';
import { type Admitted, type Caller, NO_CONTENT, NOBODY, type Route } from '../contract/route.ts';
import { isUseDue } from './authentication.ts';
import type { Context, Exchange, Stage } from './context.ts';

/**
 * Keeps web pages out of the emulator's own API: a browser would let any page send requests to this machine. They
 * give themselves away by `Origin`, or, where a page has made its own name point here, by `Host`.
 * @throws Problem 403
 */
export const keepPagesOut =
  ({ doors }: Context): Stage =>
  (req, res, next) => {
    const { api, route } = res.locals;
    if (api.emulated) return next();
    const { origin, host } = req.headers;
    if (origin !== undefined) {
      if (!doors.origins.includes(origin)) {
        throw api.refusals.forbidden(`A web page (${origin}) may not come here; --allow-origin lets it`);
      }
      res.setHeader('Access-Control-Allow-Origin', origin).setHeader('Vary', 'Origin');
    }
    const name = nameOf(host ?? '');
    const open = route?.admits.includes('nobody');
    if (doors.names && !open && !isIP(name) && !isLocal(name) && !doors.names.some((known) => goesBy(known, name))) {
      throw api.refusals.forbidden(
        `The emulator is not known as ${name}; --tls-san, or tls.names, gives it a further name`,
      );
    }
    if (req.method !== 'OPTIONS' || origin === undefined) return next();
    const allowed = { 'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE' };
    res.writeHead(204, { ...allowed, 'Access-Control-Allow-Headers': 'Authorization, Content-Type' }).end();
  };

/** The host without its port, and without the brackets of an IPv6 address. */
const nameOf = (host: string): string =>
  host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();

const isLocal = (name: string): boolean => name === '' || name === 'localhost' || name.endsWith('.localhost');

/** Whether a name that a certificate is for, such as `*.example.com`, is that of a host. */
const goesBy = (known: string, name: string): boolean =>
  known === name || (known.startsWith('*.') && known.slice(1) === name.slice(name.indexOf('.')));

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
      keepUse(context, res.locals);
      res.locals.generation = context.credentialGeneration();
    }
    if (!route) throw missing;
    next();
  };

/** Notes that credentials were used which end when they are not; whatever becomes of the request. */
function keepUse({ world, write }: Context, { api, caller }: Exchange): void {
  if (!isUseDue(caller, world.clock.now())) return;
  const keep = () => {
    api.keepUse?.(caller, world);
    return NO_CONTENT;
  };
  write(keep, () => {});
}

/**
 * Asks again where credentials have changed since, or may have come to their end: a body may take its time.
 * @throws Problem 401, or 403 where the caller may do less than before
 */
export function authenticateAgain(context: Context, exchange: Exchange, header?: string): void {
  const { api, caller: before, generation } = exchange;
  if (before === NOBODY) return;
  const lasts = before.until === undefined && before.idle === undefined;
  if (lasts && generation === context.credentialGeneration()) return;
  const caller = context.authenticate(api, header);
  if (!caller) throw api.refusals.unauthenticated();
  exchange.caller = caller;
  exchange.request = { ...exchange.request, caller };
  permit(exchange);
}

/** Sees that the caller stays with what is its own. @throws Problem 403 */
export const authorise: Stage = (_req, res, next) => {
  permit(res.locals);
  next();
};

function permit({ api, route, params, path, caller }: Exchange): void {
  if (caller === NOBODY) return;
  if (params.org_id !== undefined && caller.kind !== 'operator' && caller.org !== `/orgs/${params.org_id}`) {
    throw api.refusals.forbidden('These credentials belong to another organization');
  }
  if (!route || !rolesOf(caller, path, route).some((role) => route.admits.includes(role))) {
    throw api.refusals.forbidden('Not permitted with these credentials');
  }
}

/** What a caller can be let in as, at a path of a route. */
function rolesOf(caller: Caller, path: string, { method }: Route): Admitted[] {
  const { kind, href, isAccount, readOnly, loggingIn } = caller;
  if (kind === 'operator') return ['operator'];
  const own = path === href || path.startsWith(`${href}/`);
  if (kind === 'cluster') return own ? ['own_cluster', 'any_cluster'] : ['any_cluster'];
  if (loggingIn) return ['logging_in'];
  if (readOnly && method !== 'GET') return own ? ['own_session'] : [];
  return [...(own ? (['self', 'own_session'] as const) : []), 'user', ...(isAccount ? [] : (['person'] as const))];
}

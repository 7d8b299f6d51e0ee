import type { Document, World } from '../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Request, type Route } from '../../contract/route.ts';
import { digest } from '../../kernel/secrets.ts';
import { apiKeys } from '../access/api-keys.ts';
import { authUsernameOf } from '../access/identify.ts';
import { authTokens, createAuthToken, createSession, IDLE_MINUTES, sessions } from '../access/sessions.ts';
import { hasPassword, numberOf, users } from '../access/users.ts';
import { existing } from '../collections.ts';
import { recordEvent } from '../events.ts';
import { organisations } from '../organisations.ts';
import { pceRefusals } from '../problems.ts';
import { productVersion } from '../product-version.ts';

const documented = {
  evidence: 'documented' as Evidence,
  source: 'Core REST API reference, Session Credentials and REST API Users; API schemas 25.2.10',
};

/** The user with this name and password. The secret of a key that the emulator made for an owner is a password, too. */
function userWith(name: string, password: string, world: World): string | undefined {
  const user = world.table(users).lookup({ username: name });
  // First, and also where there is no such user: the time that it takes tells nothing about it.
  if (hasPassword(user?.facts, password)) return user?.href;
  if (!user) return undefined;
  // By the secret's digest: the time of the look-up tells nothing about it.
  const keys = world.table(apiKeys).count(String(user.facts.org), [
    { key: 'user', is: user.href },
    { key: 'secret_sha256', is: digest(password) },
    { key: 'logs_in', is: true },
  ]);
  return keys > 0 ? user.href : undefined;
}

/** The organisation of a user, as logins tell of it. */
export function orgsOf(org: string, world: World): Document[] {
  const { name } = world.table(organisations).get(org) ?? {};
  return [{ org_id: numberOf(org), org_href: org, display_name: name }];
}

/** Counts a login. @returns the user then */
function countLogin(request: Request, world: World): Document {
  const { caller, address } = request;
  const user = existing(users, request, world, caller.href);
  return world.table(users).replace(caller.href, {
    ...user,
    login_count: Number(user.login_count) + 1,
    last_login_ip_address: address,
    last_login_on: world.clock.timestamp(),
  });
}

export const loginRoutes: Route[] = [
  {
    ...documented,
    admits: ['nobody'],
    id: 'login_users.authenticate',
    method: 'POST',
    path: '/login_users/authenticate',
    summary: 'Show a name and a password (Basic), for a token that logs in once',
    query: 'pce/users#authenticate_query',
    body: 'pce/users#authenticate',
    bodyIsOptional: true,
    replies: { 201: 'pce/users#authenticated' },
    refuses: [401],
    handle({ credentials }, world) {
      const { name, secret } = credentials?.scheme === 'basic' ? credentials : { name: '', secret: '' };
      const user = userWith(name, secret, world);
      if (user === undefined) throw pceRefusals.unauthenticated();
      return { status: 201, body: { auth_token: createAuthToken(world, user) } };
    },
  },
  {
    ...documented,
    // Public clients also come with an API key, to find out which user and organisation it is of.
    admits: ['logging_in', 'person'],
    id: 'users.login',
    method: 'GET',
    path: '/users/login',
    summary: 'Log in: begin a session, whose token is the password of user_<id> from then on',
    writes: true,
    replies: { 200: 'pce/users#login' },
    handle(request, world) {
      const { caller } = request;
      if (caller.loggingIn && caller.credential) world.table(authTokens).remove(caller.credential);
      const { href, type, full_name, time_zone, last_login_ip_address, last_login_on } = countLogin(request, world);
      recordEvent(request, world, caller.org, { event_type: 'user.login' });
      const body = {
        ...{ full_name, local: true, type, href, auth_username: authUsernameOf(caller.href) },
        session_token: createSession(world, caller.href),
        inactivity_expiration_minutes: IDLE_MINUTES,
        start: `${world.clock.timestamp().slice(0, 19).replace('T', ' ')} UTC`,
        ...{ time_zone, last_login_ip_address, last_login_on },
        orgs: orgsOf(caller.org, world),
        product_version: productVersion(world),
      };
      return { status: 200, body };
    },
  },
  {
    ...documented,
    admits: ['own_session'],
    id: 'users.logout',
    method: 'PUT',
    path: '/users/{user_id}/logout',
    summary: 'Log out: end the session that this comes with',
    body: 'pce/users#logout',
    bodyIsOptional: true,
    replies: { 204: null },
    handle(request, world) {
      const { caller } = request;
      if (caller.credential) {
        world.table(sessions).remove(caller.credential);
        recordEvent(request, world, caller.org, { event_type: 'user.logout' });
      }
      return NO_CONTENT;
    },
  },
];

import type { Comer, Known } from './comers.ts';
import type { Reply } from './connection.ts';
import type { Operation } from './operations.ts';

export type Refusal = 'unknown' | 'no such method' | 'elsewhere' | 'not permitted' | 'no colleague';
export type Verdict = 'let in' | 'missing' | Refusal;

/**
 * What somebody is told at a path, by the declaration of its operation alone.
 * @param colleagues the hrefs of the users of the same organisation
 */
export function verdictOf(
  operation: Operation,
  path: string,
  { known, password }: Comer,
  colleagues: readonly string[],
): Verdict {
  const { api, admits, id, missing, method, writes } = operation;
  const inside = missing ? 'missing' : 'let in';
  // The one door that asks for itself.
  if (id === 'login_users.authenticate') return password ? inside : 'unknown';
  if (admits.includes('nobody')) return inside;
  if (!known || (known.kind === 'operator') !== (api === 'emulator')) return 'unknown';
  if (method === 'HEAD' && writes) return 'no such method';
  if (api === 'pce' && path.startsWith('/orgs/') && !`${path}/`.startsWith(`${known.org}/`)) return 'elsewhere';
  if (!admits.some((one) => isAdmitted(one, operation, path, known))) return 'not permitted';
  const [user] = /^\/users\/[0-9]+/.exec(path) ?? [];
  const asksAboutUsers = user !== undefined && (admits.includes('user') || admits.includes('person'));
  return asksAboutUsers && !missing && !colleagues.includes(user) ? 'no colleague' : inside;
}

function isAdmitted(admitted: string, { method }: Operation, path: string, known: Known): boolean {
  const { kind, href, reads, logsIn } = known;
  const isOwn = `${path}/`.startsWith(`${href}/`);
  const isUser = (kind === 'user' || kind === 'account') && !logsIn;
  const mayDoThis = !reads || method === 'GET' || method === 'HEAD';
  const rules: Record<string, boolean> = {
    user: isUser && mayDoThis,
    person: isUser && kind === 'user' && mayDoThis,
    self: isUser && isOwn && mayDoThis,
    own_session: isUser && isOwn,
    logging_in: logsIn === true,
    own_cluster: kind === 'cluster' && isOwn,
    any_cluster: kind === 'cluster',
    operator: kind === 'operator',
  };
  const rule = rules[admitted];
  if (rule === undefined) throw new Error(`this test does not know who ${admitted} is`);
  return rule;
}

interface Refused {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

const problem = (token: string, message: string) => [{ token, message }];
const forbidden = (message: string): Refused => ({ status: 403, body: problem('authorization_failed', message) });

const OF_PCE: Record<Refusal, Refused> = {
  unknown: {
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="PCE"' },
    body: problem('authentication_failed', 'Authentication failed'),
  },
  'no such method': {
    status: 405,
    headers: { allow: 'GET' },
    body: problem('method_not_allowed_error', 'HEAD is not possible here; GET is'),
  },
  elsewhere: forbidden('These credentials belong to another organization'),
  'not permitted': forbidden('Not permitted with these credentials'),
  'no colleague': forbidden('There is no such user in your organization'),
};

const OF_EMULATOR: Refused = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer realm="pce-emulator"' },
  body: { token: 'unauthenticated', message: 'Send the control token as Authorization: Bearer <token>' },
};

/** The whole answer of a refusal: it knows nothing of what is there. */
export function refusalOf({ api, method }: Pick<Operation, 'api' | 'method'>, refusal: Refusal): Reply {
  const { status, headers, body } = api === 'pce' ? OF_PCE[refusal] : OF_EMULATOR;
  const text = JSON.stringify(body);
  const length = String(Buffer.byteLength(text));
  const common = { 'cache-control': 'no-cache', 'content-type': 'application/json', 'content-length': length };
  return { status, headers: { ...common, ...headers }, text: method === 'HEAD' ? '' : text };
}

import { succeeded, type Test } from '../../agent/cluster.ts';
import type { Client, Json } from '../../support/emulator.ts';

/** Whom credentials are of, where they are of somebody. */
export interface Known {
  readonly kind: 'user' | 'account' | 'cluster' | 'operator';
  readonly org?: string;
  /** `/users/1`, or the cluster. */
  readonly href?: string;
  readonly reads?: boolean;
  /** It has shown a password, and may log in. */
  readonly logsIn?: boolean;
}

/** Somebody who comes, with the lines of a request's head that say who it is. */
export interface Comer {
  readonly name: string;
  readonly lines: readonly string[];
  /** Undefined: nobody. */
  readonly known?: Known;
  /** It is a name and a password, which are of use at one door alone. */
  readonly password?: boolean;
}

const line = (value: string) => [`Authorization: ${value}`];
const encoded = (text: string) => Buffer.from(text, 'latin1').toString('base64');
export const basic = (name: string, secret: string) => line(`Basic ${encoded(`${name}:${secret}`)}`);
const token = (secret: string) => line(`Token token=${secret}`);

const otherEnd = (secret: string) => secret.replace(/.$/, (last) => (last === '0' ? '1' : '0'));

/** A login of somebody. */
interface Session {
  readonly lines: string[];
  readonly secret: string;
  /** The token that it began with, which is used up. */
  readonly used: string;
}

/** What is at hand to make credentials with. */
export interface Makers {
  readonly test: Test;
  readonly operator: string;
  /** The key of each of the two organisations. */
  readonly keys: readonly { readonly api_key: string; readonly api_secret: string }[];
  with(lines: readonly string[]): Client;
}

/** Everybody who can come: those who are let in somewhere, and all those who never are. */
export async function comersOf({ test, operator, keys, with: as }: Makers): Promise<Comer[]> {
  const { pce, control } = test;
  const [one, other] = keys;
  if (!one || !other) throw new Error('there are not two organisations');
  const made = async (client: Client, path: string, body: Json) => succeeded(await client.post(path, body)).body;
  const advance = async (by: string) => void (await made(control, '/clock/advance', { by }));
  const userOf = (username: string, role = 'owner', org = '/orgs/1') =>
    made(control, `${org}/users`, { username, role });
  const keyOf = ({ api_key, api_secret }: Json) => basic(api_key, api_secret);
  const authTokenOf = async ({ username, password }: Json): Promise<string> =>
    (await made(as(basic(username, password)), '/login_users/authenticate', {})).auth_token;
  const sessionOf = async (user: Json): Promise<Session> => {
    const used = await authTokenOf(user);
    const { auth_username, session_token } = succeeded(await as(token(used)).get('/users/login')).body;
    return { lines: basic(auth_username, session_token), secret: session_token, used };
  };
  const accountOf = async (role = 'owner', expires_in_seconds = 86_400, client = pce, org = '/orgs/1') => {
    const permissions = [{ role: { href: `${org}/roles/${role}` }, scope: [] }];
    const body = { name: 'account', permissions, api_key: { expires_in_seconds } };
    const { href, api_key } = await made(client, `${org}/service_accounts`, body);
    return { href, lines: basic(api_key.auth_username, api_key.secret) };
  };
  const clusterIn = (client: Client, org: string) => made(client, `${org}/container_clusters`, { name: 'own' });
  const tokenOf = ({ container_cluster_token }: Json) => token(container_cluster_token);
  const passwordOf = ({ href, container_cluster_token }: Json) => basic(href.slice(-36), container_cluster_token);

  // What ends as time goes by.
  const brief = await accountOf('owner', 60);
  const sleeper = await userOf('sleeper');
  const slept = await sessionOf(sleeper);
  const late = await authTokenOf(sleeper);
  await advance('11m');

  // What is taken back.
  const ann = await userOf('ann');
  const leaver = await sessionOf(ann);
  succeeded(await as(leaver.lines).put(`${ann.href}/logout`));
  const deleted = await made(as(keyOf(ann)), `${ann.href}/api_keys`, { name: 'mine' });
  succeeded(await as(keyOf(ann)).delete(deleted.href));
  const gone = await userOf('gone');
  const goneIn = await sessionOf(gone);
  const goneToken = await authTokenOf(gone);
  succeeded(await control.delete(`/orgs/1${gone.href}`));
  const account = await accountOf();
  succeeded(await pce.delete(account.href));
  const scrapped = await clusterIn(pce, '/orgs/1');
  succeeded(await pce.delete(scrapped.href));
  const closed = await made(control, '/orgs', {});
  const ofClosed = as(keyOf(closed));
  const [inClosed, accountOfClosed] = [
    await clusterIn(ofClosed, closed.href),
    await accountOf('owner', 86_400, ofClosed, closed.href),
  ];
  succeeded(await control.delete(closed.href));

  // What lasts.
  const clas = !test.emulator.pce_version.startsWith('22');
  const [own, cluster] = [await clusterIn(pce, '/orgs/1'), await clusterIn(pce, '/orgs/1')];
  const report = { namespaces: ['shop'], cluster_mode: clas ? 'clas' : 'legacy' };
  succeeded(await as(tokenOf(own)).put(`${own.href}/put_from_cluster`, report));
  const neighbour = await clusterIn(as(keyOf(other)), '/orgs/10');
  const reader = await userOf('reader', 'read_only');
  const bob = await userOf('bob');
  const stranger = await userOf('stranger', 'owner', '/orgs/10');
  const [session, readerIn] = [await sessionOf(ann), await sessionOf(reader)];
  const [worker, auditor, alien] = [
    await accountOf(),
    await accountOf('read_only'),
    await accountOf('owner', 86_400, as(keyOf(other)), '/orgs/10'),
  ];

  const pair = `${one.api_key}:${one.api_secret}`;
  const right = keyOf(one);
  const nobody = (name: string, lines: readonly string[]): Comer => ({ name, lines });
  const user = (name: string, lines: readonly string[], href: string, more: Partial<Known> = {}): Comer => ({
    name,
    lines,
    known: { kind: 'user', org: '/orgs/1', href, ...more },
  });
  return [
    nobody('nobody', []),
    nobody('an empty header', line('')),
    nobody('a scheme alone', line('Basic')),
    nobody('no scheme', line(encoded(pair))),
    nobody('no encoding', line(`Basic ${pair}`)),
    nobody('what is not base64', line('Basic !!!!')),
    nobody('no colon', line(`Basic ${encoded(pair.replace(':', ''))}`)),
    nobody('a NUL behind the secret', line(`Basic ${encoded(`${pair}\0`)}`)),
    nobody('a NUL behind the name', line(`Basic ${encoded(pair.replace(':', '\0:'))}`)),
    nobody('bytes that are no text', line('Basic \xff\xfe\x80')),
    nobody('bytes that are no text, encoded', line(`Basic ${encoded('\xff\xfe:\x80')}`)),
    nobody('8,000 characters', line(`Basic ${encoded('x'.repeat(5000))}${'A'.repeat(1332)}`)),
    nobody('two at once', line(`Basic ${encoded(pair)}, Basic ${encoded(pair)}`)),
    nobody('two headers, the first of nobody', [...basic('x', 'y'), ...right]),
    nobody('two headers, the second of nobody', [...right, ...basic('x', 'y')]),
    nobody('the same header twice', [...right, ...right]),
    nobody('another scheme', line(`Digest username="${one.api_key}", response="${one.api_secret}"`)),
    nobody('a secret as a bearer', line(`Bearer ${one.api_secret}`)),
    nobody('a secret as a token', token(one.api_secret)),
    nobody('a key in another header', [`Proxy-${right[0]}`, `X-Api-Key: ${one.api_secret}`, `Cookie: session=${pair}`]),
    nobody('a name that is unknown', basic('api_00000000000000000', one.api_secret)),
    nobody('a name in capitals', basic(one.api_key.toUpperCase(), one.api_secret)),
    nobody('a wrong secret', basic(one.api_key, 'wrong')),
    nobody('a secret with another end', basic(one.api_key, otherEnd(one.api_secret))),
    nobody('a secret that is too long', basic(one.api_key, `${one.api_secret}0`)),
    nobody('no secret', basic(one.api_key, '')),
    nobody('the secret of another organisation', basic(one.api_key, other.api_secret)),
    nobody('the secret as the name', basic(one.api_secret, one.api_key)),
    { name: 'name and password', lines: basic(bob.username, bob.password), password: true },
    nobody('name and a wrong password', basic(bob.username, 'wrong')),
    nobody('a session under another name', basic('user_1', session.secret)),
    nobody('a session that is over', slept.lines),
    nobody('a session that was logged out', leaver.lines),
    nobody('a session of a deleted user', goneIn.lines),
    nobody('a login token that was used', token(leaver.used)),
    nobody('a login token that is over', token(late)),
    nobody('a login token of a deleted user', token(goneToken)),
    nobody('a key of a service account that is over', brief.lines),
    nobody('a key of a deleted service account', account.lines),
    nobody('a deleted key', basic(deleted.auth_username, deleted.secret)),
    nobody('a key of a deleted user', keyOf(gone)),
    nobody('the password of a deleted user', basic(gone.username, gone.password)),
    nobody('a token of a deleted cluster', tokenOf(scrapped)),
    nobody('a token of a deleted cluster as a password', passwordOf(scrapped)),
    nobody('the token of a cluster under another name', basic(own.href.slice(-36), cluster.container_cluster_token)),
    nobody('a token with another end', token(otherEnd(cluster.container_cluster_token))),
    nobody('a key of a deleted organisation', keyOf(closed)),
    nobody('a service account of a deleted organisation', accountOfClosed.lines),
    nobody('the token of a cluster of a deleted organisation', tokenOf(inClosed)),
    nobody('the operator\u2019s token under another scheme', token(operator)),

    user('the owner', right, '/users/1'),
    user('a further user', keyOf(bob), bob.href),
    user('a session', session.lines, ann.href),
    user('who may log in', token(await authTokenOf(bob)), bob.href, { logsIn: true }),
    user('a service account', worker.lines, worker.href, { kind: 'account' }),
    user('who only reads', keyOf(reader), reader.href, { reads: true }),
    user('a session of who only reads', readerIn.lines, reader.href, { reads: true }),
    user('a service account that only reads', auditor.lines, auditor.href, { kind: 'account', reads: true }),
    user('the owner next door', keyOf(other), '/users/10', { org: '/orgs/10' }),
    user('a user next door', keyOf(stranger), stranger.href, { org: '/orgs/10' }),
    user('a service account next door', alien.lines, alien.href, { kind: 'account', org: '/orgs/10' }),
    user('the agent of a cluster', tokenOf(own), own.href, { kind: 'cluster' }),
    user('the agent of another cluster', passwordOf(cluster), cluster.href, { kind: 'cluster' }),
    user('the agent of a cluster next door', tokenOf(neighbour), neighbour.href, { kind: 'cluster', org: '/orgs/10' }),
    { name: 'the operator', lines: line(`Bearer ${operator}`), known: { kind: 'operator' } },
  ];
}

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { junitOf } from '../../src/commands/junit.ts';
import { createWatch, KINDS } from '../../src/commands/offences.ts';
import { type Emulator, startEmulator } from '../../src/emulator.ts';
import { succeeded } from '../agent/cluster.ts';
import type { Json } from '../support/emulator.ts';
import { basic } from './access/comers.ts';
import { Connection, type Line } from './access/connection.ts';
import { PREFIX } from './access/operations.ts';

/** A secret by what it is: those that the emulator makes can be told by their form, those that people choose cannot. */
interface Secret {
  readonly of: string;
  readonly value: string;
  readonly isChosen?: boolean;
}

const CONTROL_TOKEN = 'control-token-hunter2-0123456789';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const percent = (text: string) => text.replace(/./g, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
const escaped = (text: string) => text.replace(/./g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** What a secret can look like where it should not stand. */
const formsOf = ({ value }: Secret): string[] => [
  ...[value, encodeURIComponent(value), percent(value), escaped(value), [...value].join('\0')],
  base64(value).replace(/=+$/, ''),
];

describe('no secret', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pce-secrets-'));
  const log: string[] = [];
  const answers: string[] = [];
  let emulator: Emulator;
  let connection: Connection;
  let isOpen = false;
  let secrets: Secret[];
  let told: Record<string, string>;

  let isBroken = false;
  const now = () => {
    if (isBroken) throw new Error('the clock is broken');
    return Date.parse('2026-03-01T08:00:00.000Z');
  };

  const client = (lines: readonly string[], prefix = PREFIX.pce) => connection.client(prefix, lines);
  const control = () => client([`Authorization: Bearer ${CONTROL_TOKEN}`], PREFIX.emulator);
  const ask = (path: string): Line => {
    return { method: 'GET', path: PREFIX.emulator + path, headers: [`Authorization: Bearer ${CONTROL_TOKEN}`] };
  };
  const owner = () => basic(emulator.credentials.api_key, emulator.credentials.api_secret);
  const made = async (answer: Promise<{ status: number; text: string; body: Json }>): Promise<Json> =>
    succeeded((await answer) as never).body;

  /** Has one made, or chosen, of every kind, and uses it as it is meant to be used. */
  async function everySecret(): Promise<Secret[]> {
    const pce = client(owner());
    const password = 'Hunter2-pass/word+chosen';
    const user = await made(control().post('/orgs/1/users', { username: 'ann', password }));
    const further = await made(control().post('/orgs/1/users', { username: 'bob' }));
    const { auth_token } = await made(client(basic('ann', password)).post('/login_users/authenticate'));
    const login = await made(client([`Authorization: Token token=${auth_token}`]).get('/users/login'));
    const { auth_token: unused } = await made(client(basic('bob', further.password)).post('/login_users/authenticate'));
    const ann = client(basic(login.auth_username, login.session_token));
    const key = await made(ann.post(`${user.href}/api_keys`, { name: 'mine' }));
    const permissions = [{ role: { href: '/orgs/1/roles/owner' }, scope: [] }];
    const account = await made(
      pce.post('/orgs/1/service_accounts', { name: 'a', permissions, api_key: { expires_in_seconds: 60 } }),
    );
    const next = await made(pce.post(`${account.href}/api_keys`, { expires_in_seconds: 60 }));
    const cluster = await made(pce.post('/orgs/1/container_clusters', { name: 'k8s' }));
    const profile = await made(pce.post('/orgs/1/pairing_profiles', { name: 'p', enabled: true }));
    const { activation_code } = await made(pce.post(`${profile.href}/pairing_key`));
    const org = await made(control().post('/orgs', {}));
    const agent = client([`Authorization: Token token=${cluster.container_cluster_token}`]);
    succeeded(await agent.put(`${cluster.href}/put_from_cluster`, { nodes: [{ name: 'node' }] }));
    succeeded(await control().post(`${cluster.href}/node_agents`, { activation_code }));
    const feature = { name: 'editable_dns_client_rule', enabled: true, key: 'Hunter2-feature-key-chosen' };
    succeeded(await pce.put('/orgs/1/optional_features', [feature]));
    return [
      { of: 'the owner', value: emulator.credentials.api_secret },
      { of: 'another organisation', value: org.api_secret },
      { of: 'a user', value: user.api_secret },
      { of: 'a key', value: key.secret },
      { of: 'a service account', value: account.api_key.secret },
      { of: 'a further key of a service account', value: next.secret },
      { of: 'a login', value: auth_token },
      { of: 'a login that is not used', value: unused },
      { of: 'a session', value: login.session_token },
      { of: 'a cluster', value: cluster.container_cluster_token },
      { of: 'a pairing', value: activation_code },
      { of: 'a password that the emulator makes', value: further.password, isChosen: true },
      { of: 'a password', value: password, isChosen: true },
      { of: 'a feature', value: feature.key, isChosen: true },
      { of: 'the operator', value: CONTROL_TOKEN, isChosen: true },
    ];
  }

  /** A secret in all places where it may come by intention or by mistake. */
  function misplaced({ value, isChosen }: Secret): Line[] {
    const labels = '/api/v2/orgs/1/labels';
    const get = (path: string, ...headers: string[]): Line => ({
      method: 'GET',
      path,
      headers: [...owner(), ...headers],
    });
    const post = (path: string, body: string): Line => ({ method: 'POST', path, headers: owner(), body });
    const as = (authorization: string): Line => ({
      method: 'GET',
      path: labels,
      headers: [`Authorization: ${authorization}`],
    });
    const uri = encodeURIComponent(value);
    const text = JSON.stringify(value);
    const bodies = [
      ...['password', 'secret', 'api_secret', 'session_token', 'auth_token', 'activation_code', 'token'].map(
        (name) => `{"name":"x","${name}":${text}}`,
      ),
      `{"password" :\n ${text}}`,
      `{"key":"app","value":{"password":${text}}}`,
      `{"secret":[${text},{"x":${text}}]}`,
      `{"pass\\u0077ord":${text}}`,
      `{"PASSWORD":"${escaped(value)}"}`,
      `{"password":"${value}`,
      `{password:${value}}`,
      `{'secret':'${value}'}`,
      `secret=${uri}`,
      `pass%77ord=${percent(value)}`,
      [...`{"password":${text}}`].join('\0'),
      `[{"name":"editable_dns_client_rule","enabled":"yes","secret":${text}}]`,
    ];
    const names = [
      'secret',
      'password',
      'api_secret',
      'token',
      'access_token',
      'api_key',
      'apikey',
      'pass%77ord',
      'auth_token',
    ];
    const everywhere = [
      as(`Basic ${base64(`api_x:${value}`)}`),
      as(`Basic ${base64(value)}`),
      as(`Basic ${value}`),
      as(`Bearer ${value}`),
      as(`Token token=${value}`),
      as(`Token token="${value}"`),
      as(`Digest response="${value}"`),
      as(value),
      ...['Proxy-Authorization', 'Cookie', 'X-Api-Key', 'X-Auth-Token', 'Password', 'X-Secret'].map((name) =>
        get(labels, `${name}: ${value}`),
      ),
      ...names.map((name) => get(`${labels}?${name}=${uri}`)),
      get(`${labels}?secret=${percent(value)}&max_results=none`),
      { ...get(`${labels}?token=${uri}`), headers: [] },
      ...[labels, '/api/v2/login_users/authenticate', '/api/v2/orgs/1/optional_features', '/api/v2/nothing'].flatMap(
        (path) => bodies.map((body) => post(path, body)),
      ),
      ...bodies.map((body): Line => ({ ...post('/api/v2/orgs/1/optional_features', body), method: 'PUT' })),
      ...bodies.map((body): Line => ({ ...post('/api/v2/orgs/1/service_accounts', body) })),
      ...bodies.map(
        (body): Line => ({
          ...post('/_emulator/orgs/1/users', body),
          headers: [`Authorization: Bearer ${CONTROL_TOKEN}`],
        }),
      ),
    ];
    // A text that somebody chose is a secret by the place alone where it stands.
    if (isChosen) return everywhere;
    return [
      ...everywhere,
      get(`${labels}/${uri}`),
      get(`${labels}/${percent(value)}`),
      get(`/api/v2/nothing/${uri}/x`),
      get(`/api/v2/users/1:${uri}@x/api_keys`),
      get(`/_emulator/requests/${uri}`),
      get(`${labels}?name=${uri}`),
      get(`${labels}?max_results=${uri}`),
      get(`${labels}?${uri}`),
      get(`${labels}?${uri}=1`),
      get(labels, `X-Something: ${value}`),
      get(labels, `User-Agent: client/${value}`),
      get(labels, `Referer: https://api_x:${value}@127.0.0.1/`),
    ];
  }

  beforeAll(async () => {
    emulator = await startEmulator({
      ...{ world: 'empty', db: join(folder, 'pce.sqlite'), pceVersion: '25.2', controlToken: CONTROL_TOKEN },
      ...{ now, journal: { entries: 100_000 }, log: (message: string) => void log.push(message) },
    });
    isOpen = true;
    const watch = createWatch();
    const stop = emulator.requests.follow(watch.see);
    connection = await Connection.to(emulator.http_url);
    secrets = await everySecret();
    emulator.snapshot('with-secrets');
    for (const secret of secrets) {
      for (const { text } of await connection.ask(misplaced(secret))) answers.push(text);
    }
    // Refused by a fault; and answered with a bug, of which the log tells.
    emulator.faults.add({ when: { route: 'labels.list' }, effect: { status: 500 } });
    for (const secret of secrets) await connection.ask(misplaced(secret).slice(0, 20));
    emulator.faults.clear();
    isBroken = true;
    for (const secret of secrets) await connection.ask(misplaced(secret).filter(({ method }) => method === 'GET'));
    isBroken = false;
    stop();

    const list = await control().get('/requests?limit=100000');
    const single = await connection.ask(list.body.slice(0, 40).map(({ id }: Json): Line => ask(`/requests/${id}`)));
    const general = ['/ready', '/orgs', '/faults', '/snapshots', '/orgs/1/users', '/requests/count'];
    told = {
      'the log': log.join('\n'),
      'the journal': list.text,
      'entries of the journal': single.map(({ text }) => text).join('\n'),
      'what a program finds in the journal': JSON.stringify(emulator.requests.find()),
      'the report of a run': junitOf(watch, KINDS),
      events: (await client(owner()).get('/orgs/1/events?max_results=500')).text,
      'answers to what is refused': answers.join('\n'),
      'a saved world': JSON.stringify(emulator.saveWorld()),
      'what there is in general': (await connection.ask(general.map(ask))).map(({ text }) => text).join('\n'),
    };
    emulator.restore('with-secrets');
    told['a world that was put back'] = JSON.stringify(emulator.saveWorld());
    for (const name of readdirSync(folder)) told[`the file ${name}`] = readFileSync(join(folder, name), 'latin1');
    connection.end();
    await emulator.close();
    isOpen = false;
    for (const name of readdirSync(folder))
      told[`the file ${name} afterwards`] = readFileSync(join(folder, name), 'latin1');
  }, 60_000);
  afterAll(async () => {
    connection?.end();
    if (isOpen) await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is left out of what the test looks at, and there is something in all of it', () => {
    expect(secrets.map(({ value }) => value.length).filter((length) => length < 16)).toEqual([]);
    expect(new Set(secrets.map(({ value }) => value)).size).toBe(secrets.length);
    expect(Object.keys(told)).toEqual(expect.arrayContaining(['the file pce.sqlite', 'the file pce.sqlite-wal']));
    expect(JSON.parse(told['the journal'] ?? '[]').length).toBeGreaterThan(1000);
    expect(told['the log']).toContain('GET /api/v2/orgs/1/labels/<redacted>: Error: the clock is broken');
  });

  it('is told anywhere but in the one answer that shows it', () => {
    const found = Object.entries(told).flatMap(([place, text]) =>
      secrets.flatMap((secret) =>
        formsOf(secret)
          .filter((form) => text.includes(form))
          .map((form) => {
            const at = text.indexOf(form);
            return `${place} tells that of ${secret.of}: ${text.slice(Math.max(0, at - 200), at + 120)}`;
          }),
      ),
    );
    expect(found.slice(0, 5)).toEqual([]);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from '../../src/emulator.ts';
import {
  type Answer,
  authorization,
  type Client,
  clientOf,
  type Json,
  tokenOf,
  useEmulator,
} from '../support/emulator.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');
const AUTHENTICATE = '/login_users/authenticate';
const basic = (name: string, secret: string) => authorization({ api_key: name, api_secret: secret });
const token = (text: string) => ({ authorization: `Token token=${text}` });

describe('a session', () => {
  let now = START;
  const test = useEmulator({ world: 'demo', now: () => now });
  beforeEach(() => {
    now = START;
  });

  const owner = () => basic('user1@example.com', test.emulator.credentials.api_secret);
  const authTokenOf = async (headers: Record<string, string>) =>
    (await test.with(headers).post(`${AUTHENTICATE}?pce_fqdn=pce.example.com`)).body.auth_token as string;
  const login = async (headers = owner()): Promise<Json> =>
    (await test.with(token(await authTokenOf(headers))).get('/users/login')).body;
  const inSession = (user: Json): Client => test.with(basic(user.auth_username, user.session_token));
  const labels = (client: Client): Promise<Answer> => client.get('/orgs/1/labels');

  it('begins with name and password, and lets in as the user', async () => {
    const shown = await test.with(owner()).post(AUTHENTICATE, {});
    expect([shown.status, shown.body]).toEqual([201, { auth_token: expect.stringMatching(/^[0-9a-f]{41}$/) }]);
    const { status, body } = await test.with(token(shown.body.auth_token)).get('/users/login');
    expect([status, body]).toEqual([
      200,
      {
        full_name: 'Organization Owner',
        local: true,
        type: 'local',
        href: '/users/1',
        auth_username: 'user_1',
        session_token: expect.stringMatching(/^[0-9a-f]{41}$/),
        inactivity_expiration_minutes: 10,
        start: '2026-03-01 08:00:00 UTC',
        time_zone: 'UTC',
        last_login_ip_address: expect.any(String),
        last_login_on: '2026-03-01T08:00:00.000Z',
        orgs: [{ org_id: 1, org_href: '/orgs/1', display_name: 'Example' }],
        product_version: (await test.pce.get('/product_version')).body,
      },
    ]);
    const made = await inSession(body).post('/orgs/1/labels', { key: 'app', value: 'x' });
    expect([made.status, made.body.created_by]).toEqual([201, { href: '/users/1' }]);
    const [event] = (await test.pce.get('/orgs/1/events?event_type=user.login')).body;
    expect(event).toMatchObject({
      created_by: { user: { href: '/users/1', username: 'user1@example.com' } },
      action: { api_endpoint: '/api/v2/users/login', api_method: 'GET', http_status_code: 200 },
    });
    expect((await test.pce.get('/users/1')).body).toMatchObject({
      login_count: 1,
      last_login_on: '2026-03-01T08:00:00.000Z',
      last_login_ip_address: body.last_login_ip_address,
    });
  });

  it('begins without a body, with an empty one, with null, and with a one-time password that is not asked for', async () => {
    const raw = async (text: string | undefined, headers: Record<string, string> = {}) => {
      const { default: supertest } = await import('supertest');
      const request = supertest(test.emulator.app)
        .post(`/api/v2${AUTHENTICATE}`)
        .set({ ...owner(), ...headers });
      return (await (text === undefined ? request : request.send(text))).status;
    };
    const json = { 'content-type': 'application/json' };
    expect(await raw(undefined)).toBe(201);
    expect(await raw(undefined, json)).toBe(201);
    expect(await raw('', json)).toBe(201);
    expect(await raw('null', json)).toBe(201);
    expect(await raw('{}', json)).toBe(201);
    expect(await raw('{"one_time_password":"123456"}', json)).toBe(201);
    expect(await raw('{"password":"x"}', json)).toBe(406);
    expect(await raw('{', json)).toBe(406);
    expect(await raw('[]', json)).toBe(406);
  });

  it('reads with a JSON content type and no body, as Go clients do', async () => {
    const headers = { ...token(await authTokenOf(owner())), 'content-type': 'application/json' };
    const { status, body } = await test.with(headers).get('/users/login');
    expect(status).toBe(200);
    const json = { ...basic(body.auth_username, body.session_token), 'content-type': 'application/json' };
    expect((await test.with(json).get('//users/1/api_keys')).status).toBe(200);
    expect((await test.with(json).delete('/users/1/api_keys/0')).status).toBe(404);
  });

  it('does not begin when any of it is wrong', async () => {
    const { api_key, api_secret } = test.emulator.credentials;
    const other = test.emulator.allCredentials[1]?.api_secret ?? '';
    for (const headers of [
      {},
      basic('user1@example.com', `${api_secret}0`),
      basic('user1@example.com', other),
      basic('user10@example.com', api_secret),
      basic('user2@example.com', api_secret),
      basic('USER1@example.com', api_secret),
      basic('', api_secret),
      basic('user1@example.com', ''),
      basic(api_key, api_secret),
      { authorization: `Bearer ${api_secret}` },
      token(api_secret),
      { authorization: 'nonsense' },
    ]) {
      const answer = await test.with(headers).post(AUTHENTICATE);
      expect([headers, answer.status, tokenOf(answer)]).toEqual([headers, 401, 'authentication_failed']);
      expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
    }
  });

  it('is not begun by a password elsewhere, nor by a key that a user has made', async () => {
    expect((await labels(test.with(owner()))).status).toBe(401);
    expect((await test.with(owner()).get('/users/login')).status).toBe(401);
    const { secret } = (await test.pce.post('/users/1/api_keys', { name: 'mine' })).body;
    expect((await test.with(basic('user1@example.com', secret)).post(AUTHENTICATE)).status).toBe(401);
  });

  it('begins once with a token, within 30 seconds, and the token does nothing else', async () => {
    const first = token(await authTokenOf(owner()));
    for (const path of ['/orgs/1/labels', '/users', '/users/1', '/users/1/api_keys', '/product_version']) {
      expect([path, (await test.with(first).get(path)).status]).toEqual([path, 403]);
    }
    expect((await test.with(first).put('/users/1/logout')).status).toBe(403);
    expect((await test.with(first).get('/users/login')).status).toBe(200);
    expect((await test.with(first).get('/users/login')).status).toBe(401);
    const late = token(await authTokenOf(owner()));
    const inTime = token(await authTokenOf(owner()));
    now += 29_999;
    expect((await test.with(inTime).get('/users/login')).status).toBe(200);
    now += 1;
    expect((await test.with(late).get('/users/login')).status).toBe(401);
  });

  it('begins once even when two come with the same token at the same time', async () => {
    const same = test.with(token(await authTokenOf(owner())));
    const answers = await Promise.all([same.get('/users/login'), same.get('/users/login'), same.get('/users/login')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  });

  it('begins with an API key, too, which goes on', async () => {
    const { status, body } = await test.pce.get('/users/login');
    expect([status, body.href, body.orgs]).toEqual([
      200,
      '/users/1',
      [{ org_id: 1, org_href: '/orgs/1', display_name: 'Example' }],
    ]);
    expect((await labels(inSession(body))).status).toBe(200);
    expect((await labels(test.pce)).status).toBe(200);
  });

  it('ends after ten minutes without a request, not before', async () => {
    const [used, idle] = [inSession(await login()), inSession(await login())];
    now += 599_999;
    expect((await labels(used)).status).toBe(200);
    now += 1;
    const answer = await labels(idle);
    expect([answer.status, tokenOf(answer)]).toEqual([401, 'authentication_failed']);
    now += 599_998;
    expect((await labels(used)).status).toBe(200);
    // A credential that goes makes everybody be looked at anew, and no session older.
    const { href } = (await test.pce.post('/users/1/api_keys', { name: 'gone' })).body;
    expect((await test.pce.delete(href)).status).toBe(204);
    now += 599_999;
    expect((await labels(used)).status).toBe(200);
    now += 600_000;
    expect((await labels(used)).status).toBe(401);
    expect((await labels(used)).status).toBe(401);
  });

  it('is the same however its credentials are written', async () => {
    const user = await login();
    const { authorization: header } = basic(user.auth_username, user.session_token);
    const [one, other] = [header, header.replace('Basic', 'basic')].map((value) => test.with({ authorization: value }));
    now += 540_000;
    expect((await labels(one as Client)).status).toBe(200);
    now += 540_000;
    expect((await labels(other as Client)).status).toBe(200);
    now += 540_000;
    expect((await labels(one as Client)).status).toBe(200);
  });

  it('lasts from its last request, whatever became of that, and however soon it came', async () => {
    const user = inSession(await login());
    now += 540_000;
    expect((await user.post('/orgs/1/labels', {})).status).toBe(406);
    now += 540_000;
    expect((await user.get('/nowhere')).status).toBe(404);
    // By a second at the most, which is not kept.
    now += 999;
    expect((await labels(user)).status).toBe(200);
    now += 599_000;
    expect((await labels(user)).status).toBe(200);
  });

  it('lasts as long after a restore as it did at the snapshot', async () => {
    const user = inSession(await login());
    now += 300_000;
    expect((await labels(user)).status).toBe(200);
    test.emulator.snapshot('then');
    for (let times = 0; times < 3; times++) {
      now += 540_000;
      expect((await labels(user)).status).toBe(200);
    }
    now -= 3 * 540_000;
    test.emulator.restore('then');
    now += 599_999;
    expect((await labels(user)).status).toBe(200);
    test.emulator.restore('then');
    now += 1;
    expect((await labels(user)).status).toBe(401);
  });

  it('lasts as long where the clock was put back', async () => {
    const user = inSession(await login());
    test.emulator.clock.set('2025-01-01T00:00:00Z');
    expect((await labels(user)).status).toBe(200);
    test.emulator.clock.advance('10m');
    expect((await labels(user)).status).toBe(401);
  });

  it('is not begun by HEAD, which changes nothing', async () => {
    const { default: supertest } = await import('supertest');
    const headers = token(await authTokenOf(owner()));
    const before = test.emulator.saveWorld();
    const answer = await supertest(test.emulator.app).head('/api/v2/users/login').set(headers);
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET']);
    expect(test.emulator.saveWorld()).toEqual(before);
    expect((await test.with(headers).get('/users/login')).status).toBe(200);
  });

  it('ends with a logout, and no other does', async () => {
    const [one, two] = [await login(), await login()];
    expect(one.session_token).not.toBe(two.session_token);
    expect((await inSession(one).put('/users/1/logout', {})).status).toBe(204);
    expect((await labels(inSession(one))).status).toBe(401);
    expect((await inSession(one).put('/users/1/logout', {})).status).toBe(401);
    expect((await labels(inSession(two))).status).toBe(200);
    expect((await test.pce.put('/users/1/logout')).status).toBe(204);
    expect((await labels(inSession(two))).status).toBe(200);
    expect((await labels(test.pce)).status).toBe(200);
    const events = (await test.pce.get('/orgs/1/events?event_type=user.logout')).body;
    // That with an API key has ended nothing.
    expect(events).toHaveLength(1);
  });

  it('is ended by nobody else', async () => {
    const user = await login();
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    expect((await other.put('/users/1/logout')).status).toBe(403);
    expect((await test.pce.put('/users/10/logout')).status).toBe(403);
    expect((await inSession(user).put('/users/1/logout', { all: true })).status).toBe(406);
    expect((await labels(inSession(user))).status).toBe(200);
  });

  it('is of one user: its token is no password for another name', async () => {
    const { session_token } = await login();
    for (const name of ['user_10', 'user_2', 'user_01', 'user_', 'user1@example.com', '1', '', 'users/1']) {
      expect([name, (await labels(test.with(basic(name, session_token)))).status]).toEqual([name, 401]);
    }
    expect((await labels(test.with(token(session_token)))).status).toBe(401);
    expect((await test.with(basic('user_1', session_token)).get('/orgs/10/labels')).status).toBe(403);
  });

  it('leaves the tokens of clusters as they were', async () => {
    const cluster = (await test.pce.post('/orgs/1/container_clusters', { name: 'k8s' })).body;
    const agent = test.with(token(cluster.container_cluster_token));
    expect((await agent.put(`${cluster.href}/put_from_cluster`, { namespaces: ['a'] })).status).toBe(204);
    expect((await agent.get('/users/login')).status).toBe(403);
  });

  it('goes and comes with a snapshot, and is in a saved world', async () => {
    const user = await login();
    test.emulator.snapshot('then');
    await inSession(user).put('/users/1/logout');
    expect((await labels(inSession(user))).status).toBe(401);
    test.emulator.restore('then');
    expect((await labels(inSession(user))).status).toBe(200);
    test.emulator.loadWorld(test.emulator.saveWorld());
    expect((await labels(inSession(user))).status).toBe(200);
    test.emulator.reset();
    expect((await labels(inSession(user))).status).toBe(401);
  });

  it('is begun by one of the last thousand tokens of those that last', async () => {
    const table = () => test.emulator.saveWorld().steps.filter((step: Json) => step.collection === 'auth_tokens');
    const first = token(await authTokenOf(owner()));
    const world = test.emulator.saveWorld();
    const until = (index: number) => now + (index < 990 ? 20_000 : 0);
    const more = Array.from({ length: 999 }, (_, index) => {
      const href = `/users/1/auth_tokens/8d3c4f0e-6b1a-4c55-9d21-${String(index).padStart(12, '0')}`;
      const facts = { token_sha256: String(index).padStart(64, '0'), until: until(index) };
      return { document: href, collection: 'auth_tokens', parent: '/users/1', value: { href }, facts };
    });
    test.emulator.loadWorld({ ...world, steps: [...world.steps, ...more] });
    for (let times = 0; times < 9; times++) await authTokenOf(owner());
    expect(table()).toHaveLength(1000);
    await authTokenOf(owner());
    expect(table()).toHaveLength(1000);
    expect((await test.with(first).get('/users/login')).status).toBe(401);
    now += 20_000;
    const last = token(await authTokenOf(owner()));
    expect(table()).toHaveLength(11);
    expect((await test.with(last).get('/users/login')).status).toBe(200);
  });

  it('goes with a thousand later ones', async () => {
    const first = await login();
    const world = test.emulator.saveWorld();
    const later = Array.from({ length: 998 }, (_, index) => {
      const href = `/users/1/sessions/8d3c4f0e-6b1a-4c55-9d21-${String(index).padStart(12, '0')}`;
      const facts = { token_sha256: String(index).padStart(64, '0'), since: now };
      return { document: href, collection: 'sessions', parent: '/users/1', value: { href }, facts };
    });
    test.emulator.loadWorld({ ...world, steps: [...world.steps, ...later] });
    const last = await login();
    expect((await labels(inSession(first))).status).toBe(200);
    await test.pce.get('/users/login');
    expect((await labels(inSession(first))).status).toBe(401);
    expect((await labels(inSession(last))).status).toBe(200);
  });
});

describe('a session in a file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pce-emulator-sessions-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('lasts from its last request, also where the emulator was started anew since', async () => {
    let now = START;
    const begin = () => startEmulator({ listen: false, checkReplies: true, db: join(folder, 'db'), now: () => now });
    let emulator = await begin();
    const user = (await clientOf(emulator, authorization(emulator.credentials)).get('/users/login')).body;
    const session = basic(user.auth_username, user.session_token);
    const status = async () => (await clientOf(emulator, session).get('/orgs/1/labels')).status;
    for (let times = 0; times < 2; times++) {
      now += 540_000;
      expect(await status()).toBe(200);
    }
    await emulator.close();
    emulator = await begin();
    now += 599_999;
    expect(await status()).toBe(200);
    await emulator.close();
    emulator = await begin();
    now += 600_000;
    expect(await status()).toBe(401);
    await emulator.close();
  });
});

describe('the journal', () => {
  const test = useEmulator();

  it('tells of logins without their secrets', async () => {
    const { api_secret } = test.emulator.credentials;
    const password = basic('user1@example.com', api_secret);
    const { auth_token } = (await test.with(password).post(AUTHENTICATE, { one_time_password: 'hunter2' })).body;
    const user = (await test.with(token(auth_token)).get('/users/login')).body;
    const session = basic(user.auth_username, user.session_token);
    const { secret } = (await test.with(session).post('/users/1/api_keys', { name: 'mine' })).body;
    const account = { name: 'a', permissions: [{ role: { href: '/orgs/1/roles/owner' }, scope: [] }] };
    const { api_key, href } = (
      await test.pce.post('/orgs/1/service_accounts', { ...account, api_key: { expires_in_seconds: 60 } })
    ).body;
    const further = (await test.pce.post(`${href}/api_keys`, { expires_in_seconds: 60 })).body.secret;
    const told = JSON.stringify(test.emulator.requests.find());
    expect(test.emulator.requests.count({ route: 'users.login' })).toBe(1);
    expect(test.emulator.requests.find({ route: 'users.login' })[0]?.caller).toEqual({
      kind: 'user',
      href: '/users/1',
    });
    for (const word of [api_secret, auth_token, user.session_token, secret, api_key.secret, further, 'hunter2']) {
      expect([word, told.includes(word)]).toEqual([word, false]);
    }
    for (const { authorization: header } of [password, session, token(auth_token)]) {
      expect(told).not.toContain(header.split(' ')[1]);
    }
  });
});

describe('with a secret that was chosen', () => {
  const test = useEmulator({ apiKey: { name: 'mine', secret: 'a secret: with a colon' } });

  it('the owner has it as a password', async () => {
    const headers = basic('user1@example.com', 'a secret: with a colon');
    expect((await test.with(headers).post(AUTHENTICATE)).status).toBe(201);
    const made = (await test.control.post('/orgs', {})).body;
    expect((await test.with(basic(`user${made.org_id}@example.com`, made.api_secret)).post(AUTHENTICATE)).status).toBe(
      201,
    );
  });
});

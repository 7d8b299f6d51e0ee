import crypto from 'node:crypto';
import { authorization, type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');
const AUTHENTICATE = '/login_users/authenticate';
const basic = (name: string, secret: string) => authorization({ api_key: name, api_secret: secret });

describe('users', () => {
  const test = useEmulator({ world: 'demo', now: () => START });
  const make = async (body: Json, org = 1) => test.control.post(`/orgs/${org}/users`, body);
  const made = async (body: Json, org = 1): Promise<Json> => (await make(body, org)).body;
  const keyOf = ({ api_key, api_secret }: Json): Client => test.as({ api_key, api_secret });
  const mayLogIn = async ({ username, password }: Json) =>
    (await test.with(basic(username, password)).post(AUTHENTICATE)).status === 201;

  it('begin with the owner of each organisation', async () => {
    const { status, body, headers } = await test.pce.get('/users');
    expect([status, headers['x-total-count']]).toEqual([200, '1']);
    expect(body).toEqual([
      {
        href: '/users/1',
        type: 'local',
        effective_groups: [],
        id: 1,
        username: 'user1@example.com',
        full_name: 'Organization Owner',
        time_zone: 'UTC',
        locked: false,
        login_count: 0,
        last_login_ip_address: null,
        last_login_on: null,
        local_profile: { pending_invitation: false },
        created_at: '2026-03-01T08:00:00.000Z',
        updated_at: '2026-03-01T08:00:00.000Z',
      },
    ]);
    expect((await test.pce.get('/users/1')).body).toEqual(body[0]);
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    expect((await other.get('/users')).body.map(({ href }: Json) => href)).toEqual(['/users/10']);
    expect((await test.control.get('/orgs/1/users')).body).toEqual([
      { href: '/users/1', username: 'user1@example.com', full_name: 'Organization Owner', role: 'owner' },
    ]);
  });

  it('tell which organisation they are of', async () => {
    expect((await test.pce.get('/users/1/orgs')).body).toEqual([
      { org_id: 1, org_href: '/orgs/1', display_name: 'Example' },
    ]);
  });

  it('are not told from those that there are not by the time that a wrong password takes', async () => {
    const { username } = await made({ username: 'ann', password: 'correct horse' });
    const slow = jest.spyOn(crypto, 'scryptSync');
    const calls: unknown[] = [];
    for (const name of [username, 'user1@example.com', 'nobody', '']) {
      slow.mockClear();
      expect((await test.with(basic(name, 'wrong')).post(AUTHENTICATE)).status).toBe(401);
      calls.push(slow.mock.calls.map(([, , length, options]) => [length, options]));
    }
    slow.mockRestore();
    expect(calls).toEqual(Array(4).fill([[32, { N: 2048 }]]));
  });

  it('see nothing of those of other organisations, as of those that there are not', async () => {
    for (const path of ['/users/10', '/users/10/orgs', '/users/99', '/users/99/orgs', '/users/0']) {
      const answer = await test.pce.get(path);
      expect([path, answer.status, tokenOf(answer)]).toEqual([path, 403, 'authorization_failed']);
    }
    expect((await test.pce.get('/users/x')).status).toBe(404);
  });

  it('are made by whoever runs the emulator, with a password and a key of their own', async () => {
    const body = { username: 'ann@example.org', full_name: 'Ann', password: 'correct horse' };
    const { status, body: ann } = await make(body);
    expect([status, ann]).toEqual([
      201,
      {
        ...{ href: expect.stringMatching(/^\/users\/[1-9][0-9]*$/), username: 'ann@example.org', full_name: 'Ann' },
        ...{ role: 'owner', password: 'correct horse' },
        api_key: expect.stringMatching(/^api_[0-9a-f]{17}$/),
        api_secret: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    const label = await keyOf(ann).post('/orgs/1/labels', { key: 'app', value: 'x' });
    expect([label.status, label.body.created_by]).toEqual([201, { href: ann.href }]);
    const [event] = (await test.pce.get('/orgs/1/events')).body;
    expect(event.created_by).toEqual({ user: { href: ann.href, username: 'ann@example.org' } });
    expect((await test.pce.get(ann.href)).body).toMatchObject({ username: 'ann@example.org', full_name: 'Ann' });
    expect((await test.pce.get('/users')).body).toHaveLength(2);
    expect((await test.control.get('/orgs/1/users')).body[1]).toEqual({
      ...{ href: ann.href, username: 'ann@example.org', full_name: 'Ann', role: 'owner' },
    });
    expect(await mayLogIn(ann)).toBe(true);
    expect(await mayLogIn({ ...ann, password: 'correct Horse' })).toBe(false);
    expect(await mayLogIn({ ...ann, password: ann.api_secret })).toBe(false);
    expect(JSON.stringify(test.emulator.saveWorld())).not.toContain('correct horse');
  });

  it('get a name and a password where none is given', async () => {
    const bob = await made({ username: 'bob@example.org' });
    expect(bob).toMatchObject({ full_name: 'bob@example.org', role: 'owner' });
    expect(bob.password).toMatch(/^[0-9a-f]{64}$/);
    expect(await mayLogIn(bob)).toBe(true);
    const eve = await made({ username: 'eve@example.org' });
    expect(eve.password).not.toBe(bob.password);
    expect(await mayLogIn({ ...eve, password: bob.password })).toBe(false);
  });

  it.each([
    [{}],
    [{ username: '' }],
    [{ username: 'with:colon' }],
    [{ username: 'with\nline' }],
    [{ username: 'x'.repeat(256) }],
    [{ username: 'a', role: 'admin' }],
    [{ username: 'a', password: '' }],
    [{ username: 'a', password: 'with\u0007bell' }],
    [{ username: 'a', full_name: '' }],
    [{ username: 'a', more: 1 }],
  ])('are not made of %j', async (body) => {
    expect((await make(body)).status).toBe(400);
    expect((await test.control.get('/orgs/1/users')).body).toHaveLength(1);
  });

  it('have names that nobody else has, in any organisation', async () => {
    await made({ username: 'ann@example.org' });
    for (const username of ['ann@example.org', 'user1@example.com', 'user10@example.com', 'user77@example.com']) {
      for (const org of [1, 10]) {
        const answer = await make({ username }, org);
        expect([username, answer.status, answer.body.token]).toEqual([username, 409, 'name_taken']);
      }
    }
    expect((await make({ username: 'x' }, 99)).status).toBe(404);
    expect((await test.control.get('/orgs/99/users')).status).toBe(404);
  });

  it('and organisations have numbers that no other has, or had', async () => {
    const ann = await made({ username: 'ann' });
    const org = (await test.control.post('/orgs', {})).body;
    const bob = await made({ username: 'bob' });
    expect((await test.control.delete(`/orgs/1${bob.href}`)).status).toBe(204);
    expect((await test.control.delete(org.href)).status).toBe(204);
    test.emulator.loadWorld(test.emulator.saveWorld());
    const next = (await test.control.post('/orgs', {})).body;
    const eve = await made({ username: 'eve' }, next.org_id);
    const numbers = [ann.href, org.href, bob.href, next.href, eve.href].map((href) => href.split('/')[2]);
    expect(new Set(numbers).size).toBe(5);
    expect(numbers).not.toContain('1');
    expect(numbers).not.toContain('10');
    expect((await keyOf(eve).get(`/orgs/${next.org_id}/labels`)).status).toBe(200);
    expect((await keyOf(eve).get('/orgs/1/labels')).status).toBe(403);
    expect((await keyOf(ann).get(`${next.href}/labels`)).status).toBe(403);
  });

  it('are shut out at once when they go, with all their keys and sessions', async () => {
    const ann = await made({ username: 'ann', password: 'secret' });
    const login = async () => {
      const { auth_token } = (await test.with(basic('ann', 'secret')).post(AUTHENTICATE)).body;
      return { authorization: `Token token=${auth_token}` };
    };
    const user = (await test.with(await login()).get('/users/login')).body;
    const session = test.with(basic(user.auth_username, user.session_token));
    const further = (await session.post(`${ann.href}/api_keys`, { name: 'further' })).body;
    const key = test.with(basic(further.auth_username, further.secret));
    const clients = [keyOf(ann), session, key, test.with(await login())];
    expect(await Promise.all(clients.map(async (one) => (await one.get('/orgs/1/labels')).status))).toEqual([
      200, 200, 200, 403,
    ]);
    expect((await test.control.delete(`/orgs/1${ann.href}`)).status).toBe(204);
    for (const one of clients) expect((await one.get('/orgs/1/labels')).status).toBe(401);
    expect((await test.with(basic('ann', 'secret')).post(AUTHENTICATE)).status).toBe(401);
    expect((await test.control.delete(`/orgs/1${ann.href}`)).status).toBe(404);
    expect((await test.pce.get('/orgs/1/api_keys')).body.map(({ account }: Json) => account.href)).toEqual([
      '/users/1',
    ]);
    expect((await test.pce.get('/users')).body).toHaveLength(1);
    expect((await make({ username: 'ann' })).status).toBe(201);
  });

  it('go with their organisation, and the owner not before', async () => {
    const org = (await test.control.post('/orgs', {})).body;
    const ann = await made({ username: 'ann' }, org.org_id);
    const answer = await test.control.delete(`${org.href}/users/${org.org_id}`);
    expect([answer.status, answer.body.token]).toEqual([409, 'owner_stays']);
    expect((await test.control.delete(`/orgs/1${ann.href}`)).status).toBe(404);
    expect((await test.control.delete(org.href)).status).toBe(204);
    expect((await keyOf(ann).get(`${org.href}/labels`)).status).toBe(401);
    expect((await test.control.get(`${org.href}/users`)).status).toBe(404);
    expect((await make({ username: 'ann' })).status).toBe(201);
  });

  it('come in again after the world was saved and loaded, with what let them in before', async () => {
    const ann = await made({ username: 'ann', password: 'secret', role: 'read_only' });
    const world = test.emulator.saveWorld();
    await test.control.delete(`/orgs/1${ann.href}`);
    test.emulator.loadWorld(world);
    expect(await mayLogIn(ann)).toBe(true);
    expect((await keyOf(ann).get('/orgs/1/labels')).status).toBe(200);
    expect((await keyOf(ann).post('/orgs/1/labels', { key: 'app', value: 'x' })).status).toBe(403);
    const { api_secret } = test.emulator.credentials;
    expect(await mayLogIn({ username: 'user1@example.com', password: api_secret })).toBe(true);
    test.emulator.loadWorld(test.emulator.saveWorld());
    expect(test.emulator.saveWorld().steps).toEqual(expect.arrayContaining([...world.steps]));
  });
});

describe('a world of documents', () => {
  const test = useEmulator({ now: () => START });
  const NOW = '2026-03-01T08:00:00.000Z';
  const orgs = [1, 2].map((id) => ({ id, name: `of the world ${id}` }));
  const by = { href: '/users/7' };
  const user = (facts: Json = {}, href = '/users/7', parent = '/orgs/1') => ({
    ...{ document: href, collection: 'users', parent },
    value: { href, id: 7, username: 'ann', full_name: 'Ann', created_at: NOW, updated_at: NOW },
    facts: { org: parent, role: 'owner', ...facts },
  });
  const key = (facts: Json = {}, account: Json = { href: '/users/7', type: 'user', name: 'ann' }) => ({
    ...{ document: `${account.href}/api_keys/a`, collection: 'api_keys', parent: '/orgs/1' },
    value: {
      ...{ href: `${account.href}/api_keys/a`, key_id: 'a', auth_username: 'api_a', name: 'a' },
      ...{ created_at: NOW, created_by: by, account },
    },
    facts: { org: '/orgs/1', user: account.href, until: 'never', ...facts },
  });
  const load =
    (...steps: Json[]) =>
    () =>
      test.emulator.loadWorld({ description: '', orgs, steps });

  it('may have users and keys of its own', async () => {
    load(user(), key({ secret_sha256: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb' }))();
    const client = test.with(basic('api_a', 'a'));
    expect((await client.get('/orgs/1/labels')).status).toBe(200);
    expect((await client.get('/orgs/2/labels')).status).toBe(403);
    expect((await client.get('/users/7/api_keys')).body).toMatchObject([{ key_id: 'a' }]);
  });

  it.each<[string, Json[], RegExp]>([
    ['a user of another organisation than it says', [user({ org: '/orgs/2' })], /org \/orgs\/1 and a role/],
    ['a user of no role', [user({ role: 'king' })], /a role, owner or read_only/],
    ['a user with the number of an owner', [user({}, '/users/2')], /\/users\/2 is a user of \/orgs\/2/],
    [
      'a user who moves to another organisation',
      [user(), user({}, '/users/7', '/orgs/2')],
      /\/users\/7 is a user of \/orgs\/1/,
    ],
    ['a user elsewhere', [user({}, '/orgs/1/users/7')], /href like \/users\//],
    [
      'a key of a user of another organisation',
      [key({}, { href: '/users/2', type: 'user', name: 'x' })],
      /no \/users\/2/,
    ],
    ['a key of nobody', [key()], /no \/users\/7/],
    ['a key that lets in as another', [user(), key({ user: '/users/2' })], /have org \/orgs\/1 and user \/users\/7/],
    ['a key that lets in elsewhere', [user(), key({ org: '/orgs/2' })], /have org \/orgs\/1 and user \/users\/7/],
  ])('is refused where it has %s', async (_what, steps, why) => {
    const before = test.emulator.saveWorld();
    expect(load(...steps)).toThrow(why);
    expect(test.emulator.saveWorld()).toEqual(before);
  });

  it('is refused where an organisation comes to be whose owner is another user', async () => {
    const org = { document: '/orgs/7', collection: 'orgs', parent: '', value: { href: '/orgs/7', name: 'late' } };
    expect(load(user(), org)).toThrow(/\/users\/7 is the owner of \/orgs\/7/);
  });

  it('that was saved before there were users is completed', async () => {
    const { api_key, api_secret } = test.emulator.credentials;
    const world = test.emulator.saveWorld();
    const steps = (world.steps as Json[])
      .filter(({ collection }) => collection !== 'users')
      .map((step) => {
        if (step.collection !== 'api_keys') return step;
        const document = `/users/1/api_keys/${api_key}`;
        const { auth_username, name, created_at } = step.value;
        const { org, user: holder, secret_sha256 } = step.facts;
        return {
          ...step,
          document,
          value: { href: document, auth_username, name, created_at },
          facts: { org, user: holder, secret_sha256 },
        };
      });
    const other = { ...steps.find(({ collection }) => collection === 'api_keys') };
    const renamed = JSON.parse(JSON.stringify(other).replaceAll(api_key, 'api_other'));
    test.emulator.loadWorld({ ...world, steps: [...steps, renamed] });
    const client = test.with(basic('api_other', api_secret));
    expect((await client.get('/orgs/1/labels')).status).toBe(200);
    expect((await client.get('/users/1/api_keys/other')).body).toEqual({
      ...{ href: '/users/1/api_keys/other', key_id: 'other', auth_username: 'api_other', name: 'pce-emulator' },
      created_at: expect.any(String),
    });
    expect((await client.get('/users')).body).toHaveLength(1);
    expect((await test.with(basic('user1@example.com', api_secret)).post(AUTHENTICATE)).status).toBe(201);
  });
});

import { authorization, type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');
const ALL = '/orgs/1/service_accounts';
const permission = (role: string, org = 1) => ({ role: { href: `/orgs/${org}/roles/${role}` }, scope: [] });
const body = (more: Json = {}) => ({
  ...{ name: 'pipeline', permissions: [permission('owner')], api_key: { expires_in_seconds: 3600 } },
  ...more,
});

describe('service accounts', () => {
  let now = START;
  const test = useEmulator({ world: 'demo', pceVersion: '25.2', now: () => now });
  beforeEach(() => {
    now = START;
  });
  const made = async (more: Json = {}): Promise<Json> => (await test.pce.post(ALL, body(more))).body;
  const with_ = ({ auth_username, secret }: Json): Client =>
    test.with(authorization({ api_key: auth_username, api_secret: secret }));
  const labels = async (key: Json) => (await with_(key).get('/orgs/1/labels')).status;

  it('are created with a key whose secret is shown once', async () => {
    const { status, body: account } = await test.pce.post(ALL, body({ description: 'builds' }));
    expect([status, account]).toEqual([
      201,
      {
        href: expect.stringMatching(new RegExp(`^${ALL}/[-0-9a-f]{36}$`)),
        name: 'pipeline',
        description: 'builds',
        access_restriction: null,
        permissions: [permission('owner')],
        created_at: '2026-03-01T08:00:00.000Z',
        updated_at: '2026-03-01T08:00:00.000Z',
        created_by: { href: '/users/1' },
        updated_by: { href: '/users/1' },
        api_keys: [expect.objectContaining({ state: 'active', expires_in_seconds: 3600, name: 'pipeline' })],
        api_key: {
          auth_username: expect.stringMatching(/^api_[0-9a-f]{17}$/),
          secret: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      },
    ]);
    const { api_key: _, ...shown } = account;
    expect((await test.pce.get(account.href)).body).toEqual(shown);
    const list = await test.pce.get(ALL);
    expect([list.body, list.headers['x-total-count']]).toEqual([[shown], '1']);
    expect(account.api_keys[0].auth_username).toBe(account.api_key.auth_username);
    const events = (await test.pce.get('/orgs/1/events')).body.map(({ event_type }: Json) => event_type);
    expect(events).toEqual(['api_key.create', 'service_account.create']);
  });

  it('write in their own name', async () => {
    const { href, api_key } = await made();
    const label = await with_(api_key).post('/orgs/1/labels', { key: 'app', value: 'x' });
    expect([label.status, label.body.created_by]).toEqual([201, { href }]);
    const [event] = (await test.pce.get('/orgs/1/events')).body;
    expect(event).toMatchObject({
      created_by: { service_account: { href, name: 'pipeline' } },
      action: { info: { api_key_id: api_key.auth_username.slice(4) } },
    });
    expect((await test.pce.get(`/orgs/1/events?created_by=${href}`)).body).toEqual([event]);
    expect((await with_(api_key).get('/orgs/10/labels')).status).toBe(403);
  });

  it.each<[Json]>([
    [{ name: undefined }],
    [{ name: '' }],
    [{ name: 'x'.repeat(256) }],
    [{ permissions: undefined }],
    [{ permissions: [] }],
    [{ permissions: [{ role: { href: '/orgs/1/roles/owner' } }] }],
    [{ permissions: [{ ...permission('owner'), scope: [{ label: { href: '/orgs/1/labels/1' } }] }] }],
    [{ permissions: 'owner' }],
    [{ api_key: undefined }],
    [{ api_key: {} }],
    [{ api_key: { expires_in_seconds: -2 } }],
    [{ api_key: { expires_in_seconds: 2 ** 31 } }],
    [{ api_key: { expires_in_seconds: 'never' } }],
    [{ access_restriction: { href: '/orgs/1/access_restrictions/1' } }],
    [{ more: 1 }],
  ])('are not created of %j', async (more) => {
    const answer = await test.pce.post(ALL, body(more));
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'input_validation_error']);
    expect((await test.pce.get(ALL)).body).toEqual([]);
    expect((await test.pce.get('/orgs/1/api_keys')).body).toHaveLength(1);
  });

  it.each(['ruleset_manager', 'king', '', 'owner/x'])(
    'do not have the role %j, which says something else',
    async (role) => {
      const account = await made();
      for (const answer of [
        await test.pce.post(ALL, body({ permissions: [permission('owner'), permission(role)] })),
        await test.pce.put(account.href, { permissions: [permission(role)] }),
      ]) {
        expect([answer.status, tokenOf(answer)]).toEqual([406, 'invalid_role_href']);
      }
      expect((await test.pce.post(ALL, body({ permissions: [permission('owner', 10)] }))).status).toBe(406);
      expect((await test.pce.get(ALL)).body).toHaveLength(1);
      expect((await test.pce.get(account.href)).body.permissions).toEqual([permission('owner')]);
    },
  );

  it('are changed in part, and their keys show the new name', async () => {
    const { href } = await made({ description: 'one' });
    now += 1000;
    expect((await test.pce.put(href, { name: 'renamed' })).status).toBe(204);
    const account = (await test.pce.get(href)).body;
    expect(account).toMatchObject({
      ...{ name: 'renamed', description: 'one', permissions: [permission('owner')] },
      updated_at: '2026-03-01T08:00:01.000Z',
    });
    expect(account.api_keys).toMatchObject([{ name: 'renamed', account: { name: 'renamed' } }]);
    expect((await test.pce.get(`${ALL}?name=name`)).body).toHaveLength(1);
    expect((await test.pce.get(`${ALL}?name=pipeline`)).body).toEqual([]);
    for (const wrong of [{ name: '' }, { permissions: [] }, { api_key: { expires_in_seconds: 1 } }, { href: '/x' }]) {
      expect([wrong, (await test.pce.put(href, wrong)).status]).toEqual([wrong, 406]);
    }
    expect((await test.pce.get('/orgs/1/events?event_type=service_account.update')).body).toHaveLength(1);
  });

  it('may do at once what their permissions say after a change', async () => {
    const { href, api_key } = await made();
    const write = async (value: string) => (await with_(api_key).post('/orgs/1/labels', { key: 'app', value })).status;
    expect(await write('a')).toBe(201);
    await test.pce.put(href, { permissions: [permission('read_only')] });
    expect(await write('b')).toBe(403);
    expect(await labels(api_key)).toBe(200);
    await test.pce.put(href, { permissions: [permission('read_only'), permission('admin')] });
    expect(await write('c')).toBe(201);
  });

  it('can be asked for by role', async () => {
    await made();
    await made({ name: 'auditor', permissions: [permission('read_only')] });
    const asked = async (role: string) =>
      (await test.pce.get(`${ALL}?role=${encodeURIComponent(JSON.stringify(role))}`)).body.map(
        ({ name }: Json) => name,
      );
    expect(await asked('/orgs/1/roles/read_only')).toEqual(['auditor']);
    expect(await asked('/orgs/1/roles/owner')).toEqual(['pipeline']);
    expect(await asked('/orgs/1/roles/admin')).toEqual([]);
    expect((await test.pce.get(`${ALL}?max_results=1`)).headers['x-total-count']).toBe('2');
  });

  it('have keys that expire', async () => {
    const { href, api_key } = await made({ api_key: { expires_in_seconds: 60 } });
    now += 59_999;
    expect(await labels(api_key)).toBe(200);
    now += 1;
    expect(await labels(api_key)).toBe(401);
    expect((await test.pce.get(href)).body.api_keys).toMatchObject([{ state: 'expired' }]);
    const [key] = (await test.pce.get('/orgs/1/api_keys?state=expired')).body;
    expect(key.auth_username).toBe(api_key.auth_username);
  });

  it.each([
    [-1, 10 * 365 * 24 * 60 * 60, true, -1],
    ['default', 90 * 24 * 60 * 60 - 1, true, 7776000],
    ['default', 90 * 24 * 60 * 60, false, 7776000],
    [0, 0, false, 0],
    [2147483647, 2147483646, true, 2147483647],
  ])(
    'with a key that expires in %j seconds come in after %d seconds: %j',
    async (expires_in_seconds, after, may, told) => {
      const { href, api_key } = await made({ api_key: { expires_in_seconds } });
      now += after * 1000;
      expect(await labels(api_key)).toBe(may ? 200 : 401);
      expect((await test.pce.get(href)).body.api_keys).toMatchObject([{ expires_in_seconds: told }]);
    },
  );

  it('get further keys, each with a secret that is shown once', async () => {
    const { href, api_key } = await made();
    const { status, body: key } = await test.pce.post(`${href}/api_keys`, { expires_in_seconds: 'default' });
    expect([status, key]).toEqual([
      201,
      expect.objectContaining({ name: 'pipeline', expires_in_seconds: 7776000, state: 'active' }),
    ]);
    expect(key.href).toBe(`${href}/api_keys/${key.key_id}`);
    expect(await labels(key)).toBe(200);
    expect((await test.pce.get(href)).body.api_keys).toHaveLength(2);
    expect((await test.pce.delete(key.href)).status).toBe(204);
    expect([await labels(key), await labels(api_key)]).toEqual([401, 200]);
    expect((await test.pce.delete(key.href)).status).toBe(404);
    for (const wrong of [{}, { expires_in_seconds: null }, { expires_in_seconds: 60, name: 'x' }]) {
      expect([wrong, (await test.pce.post(`${href}/api_keys`, wrong)).status]).toEqual([wrong, 406]);
    }
    const none = `${ALL}/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11`;
    expect((await test.pce.post(`${none}/api_keys`, { expires_in_seconds: 60 })).status).toBe(404);
  });

  it('are gone with all their keys once they are deleted', async () => {
    const { href, api_key } = await made();
    const other = await made({ name: 'other' });
    const further = (await test.pce.post(`${href}/api_keys`, { expires_in_seconds: 60 })).body;
    expect([await labels(api_key), await labels(further)]).toEqual([200, 200]);
    expect((await test.pce.delete(href)).status).toBe(204);
    expect([await labels(api_key), await labels(further), await labels(other.api_key)]).toEqual([401, 401, 200]);
    for (const answer of [await test.pce.get(href), await test.pce.delete(href), await test.pce.put(href, {})]) {
      expect(answer.status).toBe(404);
    }
    expect((await test.pce.get('/orgs/1/api_keys?type=service_account')).body).toHaveLength(1);
    expect((await test.pce.get('/orgs/1/events?event_type=service_account.delete')).body).toHaveLength(1);
  });

  it('are those of one organisation', async () => {
    const { href } = await made();
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    for (const path of [ALL, href]) expect((await other.get(path)).status).toBe(403);
    expect((await other.delete(href)).status).toBe(403);
    expect((await other.get(href.replace('/orgs/1/', '/orgs/10/'))).status).toBe(404);
    expect((await other.get('/orgs/10/service_accounts')).body).toEqual([]);
  });

  it('have no sessions, and no keys of users', async () => {
    const { api_key, href } = await made();
    const account = with_(api_key);
    for (const path of ['/users/login', '/users/1/api_keys', '/users/1/logout']) {
      const answer = path.endsWith('logout') ? await account.put(path) : await account.get(path);
      expect([path, answer.status]).toEqual([path, 403]);
    }
    expect((await account.get('/users')).status).toBe(200);
    expect((await account.delete(href)).status).toBe(204);
    expect((await account.get('/users')).status).toBe(401);
  });

  it('come in again after the world was saved and loaded', async () => {
    const { api_key, href } = await made({ permissions: [permission('read_only')] });
    const before = (await test.pce.get(href)).body;
    test.emulator.loadWorld(test.emulator.saveWorld());
    expect((await test.pce.get(href)).body).toEqual(before);
    expect(await labels(api_key)).toBe(200);
    expect((await with_(api_key).post('/orgs/1/labels', { key: 'app', value: 'x' })).status).toBe(403);
    await test.pce.delete(href);
    expect(await labels(api_key)).toBe(401);
  });

  it('of another organisation are not let in by a forged world', () => {
    const world = JSON.parse(JSON.stringify(test.emulator.saveWorld()));
    const key = world.steps.find(({ collection }: Json) => collection === 'api_keys');
    const account = { href: '/orgs/10/service_accounts/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11' };
    const document = `${account.href}/api_keys/x`;
    const value = {
      ...key.value,
      href: document,
      key_id: 'x',
      auth_username: 'api_x',
      account: { ...key.value.account, ...account },
    };
    const forged = { ...key, document, value, facts: { ...key.facts, user: account.href } };
    expect(() => test.emulator.loadWorld({ ...world, steps: [...world.steps, forged] })).toThrow(/no \/orgs\/10/);
  });
});

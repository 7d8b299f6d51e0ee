import { authorization, type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');
const ALL = '/users/1/api_keys';
const basic = (name: string, secret: string) => authorization({ api_key: name, api_secret: secret });

describe('the API keys of a user', () => {
  const test = useEmulator({ world: 'demo', now: () => START });
  const made = async (body: Json = { name: 'mine' }): Promise<Json> => (await test.pce.post(ALL, body)).body;
  const labels = async ({ auth_username, secret }: Json) =>
    (await test.with(basic(auth_username, secret)).get('/orgs/1/labels')).status;

  it('are made with a secret that is shown once, and let in as the user', async () => {
    const { status, body } = await test.pce.post(ALL, { name: 'mine', description: 'for scripts' });
    const { key_id } = body;
    expect([status, body]).toEqual([
      201,
      {
        href: `${ALL}/${key_id}`,
        key_id: expect.stringMatching(/^[0-9a-f]{17}$/),
        auth_username: `api_${key_id}`,
        created_at: '2026-03-01T08:00:00.000Z',
        name: 'mine',
        description: 'for scripts',
        secret: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    const { secret, ...shown } = body;
    expect((await test.pce.get(body.href)).body).toEqual(shown);
    const label = await test.with(basic(body.auth_username, secret)).post('/orgs/1/labels', { key: 'app', value: 'x' });
    expect([label.status, label.body.created_by]).toEqual([201, { href: '/users/1' }]);
    const events = (await test.pce.get('/orgs/1/events?event_type=api_key.create')).body;
    expect(events).toHaveLength(1);
    expect(events[0].resource_changes[0].resource).toEqual({ api_key: { href: body.href, name: 'mine' } });
    expect(JSON.stringify(events)).not.toContain(secret);
  });

  it('are listed with the one of the start', async () => {
    const { secret: _, ...mine } = await made();
    const { body, headers } = await test.pce.get(ALL);
    expect(body.map(({ name }: Json) => name)).toEqual(['pce-emulator', 'mine']);
    expect(body[1]).toEqual(mine);
    expect(body[0].auth_username).toBe(test.emulator.credentials.api_key);
    expect(headers['x-total-count']).toBe('2');
    expect((await test.pce.get(`${ALL}?max_results=1`)).body).toHaveLength(1);
    expect((await test.pce.get(`${ALL}?max_results=0`)).headers['x-total-count']).toBe('2');
    expect((await test.pce.get(`${ALL}?max_results=-1`)).status).toBe(406);
  });

  it.each([
    [{}],
    [{ name: '' }],
    [{ name: 1 }],
    [{ name: null }],
    [{ name: 'x'.repeat(256) }],
    [{ name: 'a', description: 'x'.repeat(4097) }],
    [{ name: 'a', secret: 'x' }],
    [{ name: 'a', expires_in_seconds: 1 }],
    [[]],
  ])('are not made of %j', async (body) => {
    const answer = await test.pce.post(ALL, body);
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'input_validation_error']);
    expect((await test.pce.get(ALL)).body).toHaveLength(1);
  });

  it('are renamed in part', async () => {
    const key = await made({ name: 'mine', description: 'one' });
    expect((await test.pce.put(key.href, { name: 'other' })).status).toBe(204);
    expect((await test.pce.get(key.href)).body).toMatchObject({ name: 'other', description: 'one' });
    expect((await test.pce.put(key.href, { description: 'two' })).status).toBe(204);
    expect((await test.pce.get(key.href)).body).toMatchObject({ name: 'other', description: 'two' });
    expect((await test.pce.put(key.href, { key_id: 'x' })).status).toBe(406);
    expect(await labels(key)).toBe(200);
    expect((await test.pce.get('/orgs/1/events?event_type=api_key.update')).body).toHaveLength(2);
  });

  it('let nobody in once they are deleted, which cannot be done again', async () => {
    const key = await made();
    expect(await labels(key)).toBe(200);
    expect((await test.pce.delete(key.href)).status).toBe(204);
    expect(await labels(key)).toBe(401);
    for (const answer of [
      await test.pce.get(key.href),
      await test.pce.put(key.href, { name: 'x' }),
      await test.pce.delete(key.href),
    ]) {
      expect([answer.status, answer.text]).toEqual([404, '']);
    }
    expect((await test.pce.get('/orgs/1/events?event_type=api_key.delete')).body).toHaveLength(1);
  });

  it('may be deleted by those who come with them', async () => {
    const key = await made();
    const client = test.with(basic(key.auth_username, key.secret));
    expect((await client.delete(key.href)).status).toBe(204);
    expect((await client.get(ALL)).status).toBe(401);
  });

  it('are for the user alone', async () => {
    const key = await made();
    const { body: ann } = await test.control.post('/orgs/1/users', { username: 'ann' });
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    for (const client of [other, test.as({ org_id: 1, ...ann })]) {
      for (const answer of [
        await client.get(ALL),
        await client.get(key.href),
        await client.post(ALL, { name: 'a' }),
        await client.put(key.href, { name: 'a' }),
        await client.delete(key.href),
      ]) {
        expect([answer.status, tokenOf(answer)]).toEqual([403, 'authorization_failed']);
      }
    }
    expect((await test.pce.get(`/users/99/api_keys`)).status).toBe(403);
    const own = test.as({ org_id: 1, ...ann });
    expect((await own.get(`${ann.href}/api_keys`)).body).toHaveLength(1);
    expect((await own.get(`${ann.href}/api_keys/${key.key_id}`)).status).toBe(404);
    expect(await labels(key)).toBe(200);
  });

  it('are found with a doubled slash', async () => {
    expect((await test.pce.post(`/${ALL}`, { name: 'doubled' })).status).toBe(201);
  });
});

describe('the API keys of an organisation', () => {
  let now = START;
  const test = useEmulator({ world: 'demo', now: () => now });
  beforeEach(() => {
    now = START;
  });
  const ORG = '/orgs/1/api_keys';

  const account = async (name: string, role: string, expires_in_seconds: number): Promise<Json> => {
    const permissions = [{ role: { href: `/orgs/1/roles/${role}` }, scope: [] }];
    const body = { name, permissions, api_key: { expires_in_seconds } };
    return (await test.pce.post('/orgs/1/service_accounts', body)).body;
  };
  const asked = async (query = ''): Promise<string[]> =>
    (await test.pce.get(`${ORG}${query}`)).body.map(({ account: of }: Json) => of.name);
  const json = (text: string) => encodeURIComponent(JSON.stringify(text));

  it('are those of users and of service accounts', async () => {
    await account('pipeline', 'read_only', 60);
    const { body, headers } = await test.pce.get(ORG);
    expect(headers['x-total-count']).toBe('2');
    const [ofUser, ofAccount] = body;
    const common = { created_at: expect.any(String), created_by: { href: '/users/1' }, state: 'active' };
    expect(ofUser).toEqual({
      ...common,
      href: expect.stringMatching(/^\/users\/1\/api_keys\/[0-9a-f]{17}$/),
      key_id: ofUser.href.split('/').at(-1),
      auth_username: test.emulator.credentials.api_key,
      name: 'pce-emulator',
      account: {
        ...{ href: '/users/1', type: 'user', name: 'user1@example.com' },
        permissions: [{ role: { href: '/orgs/1/roles/owner' }, scope: [] }],
      },
    });
    expect(ofAccount).toEqual({
      ...common,
      href: expect.stringMatching(/^\/orgs\/1\/service_accounts\/[-0-9a-f]{36}\/api_keys\/[0-9a-f]{17}$/),
      key_id: ofAccount.href.split('/').at(-1),
      auth_username: `api_${ofAccount.key_id}`,
      name: 'pipeline',
      expires_in_seconds: 60,
      account: {
        ...{ href: ofAccount.href.split('/api_keys')[0], type: 'service_account', name: 'pipeline' },
        permissions: [{ role: { href: '/orgs/1/roles/read_only' }, scope: [] }],
      },
    });
  });

  it('can be asked for by whose they are, by role and by state', async () => {
    await account('pipeline', 'read_only', 60);
    await account('Deployer', 'owner', -1);
    await test.control.post('/orgs/1/users', { username: 'ann@example.org', role: 'read_only' });
    const owner = 'user1@example.com';
    expect(await asked()).toEqual([owner, 'pipeline', 'Deployer', 'ann@example.org']);
    expect(await asked('?type=user')).toEqual([owner, 'ann@example.org']);
    expect(await asked('?type=service_account')).toEqual(['pipeline', 'Deployer']);
    expect(await asked('?name=ploy')).toEqual(['Deployer']);
    expect(await asked('?name=user1')).toEqual([]);
    expect(await asked('?username=example')).toEqual([owner, 'ann@example.org']);
    expect(await asked('?username=pipeline')).toEqual([]);
    expect(await asked(`?role=${json('/orgs/1/roles/read_only')}`)).toEqual(['pipeline', 'ann@example.org']);
    expect(await asked(`?role=${json('/orgs/1/roles/owner')}&type=user`)).toEqual([owner]);
    expect(await asked(`?role=${json('/orgs/1/roles/own')}`)).toEqual([]);
    expect(await asked('?state=expired')).toEqual([]);
    now += 60_000;
    expect(await asked('?state=expired')).toEqual(['pipeline']);
    expect(await asked('?state=active')).toEqual([owner, 'Deployer', 'ann@example.org']);
    expect(await asked('?max_results=1')).toEqual([owner]);
    for (const query of ['?type=key', '?state=old', '?role=owner', '?role=1', '?max_results=x']) {
      expect([query, (await test.pce.get(`${ORG}${query}`)).status]).toEqual([query, 406]);
    }
  });

  it('come as a job, too', async () => {
    const { status, headers } = await test.pce.get(ORG, { prefer: 'respond-async' });
    expect(status).toBe(202);
    const { result } = (await test.pce.get(String(headers.location))).body;
    expect((await test.pce.get(result.href)).body).toEqual((await test.pce.get(ORG)).body);
  });

  it('can be deleted by any who may change things, and let nobody in then', async () => {
    const { body: ann } = await test.control.post('/orgs/1/users', { username: 'ann' });
    const { api_key } = await account('pipeline', 'owner', 60);
    for (const [name, secret] of [
      [ann.api_key, ann.api_secret],
      [api_key.auth_username, api_key.secret],
    ]) {
      const client = test.with(basic(name, secret));
      expect((await client.get('/orgs/1/labels')).status).toBe(200);
      expect((await test.pce.delete(`${ORG}/${name.slice(4)}`)).status).toBe(204);
      expect((await client.get('/orgs/1/labels')).status).toBe(401);
      expect((await test.pce.delete(`${ORG}/${name.slice(4)}`)).status).toBe(404);
    }
    expect(await asked()).toEqual(['user1@example.com']);
  });

  it('are not those of others', async () => {
    const key = test.emulator.allCredentials[1]?.api_key.slice(4) ?? '';
    expect((await test.pce.delete(`${ORG}/${key}`)).status).toBe(404);
    expect((await test.pce.get('/orgs/10/api_keys')).status).toBe(403);
    expect((await test.pce.delete(`/orgs/10/api_keys/${key}`)).status).toBe(403);
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    expect((await other.get('/orgs/10/api_keys')).body).toHaveLength(1);
  });
});

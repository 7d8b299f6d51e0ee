import type { Route } from '../../src/contract/route.ts';
import { RELEASES, routesOf } from '../../src/emulator.ts';
import { pce } from '../../src/pce/index.ts';
import { clusterOf, deployment, service } from '../agent/cluster.ts';
import { type Answer, authorization, type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';

/** All values of `caps` in what somebody reads. */
function capsIn(value: Json): Json[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'caps' in value ? [value.caps] : [];
  return [...own, ...Object.values(value).flatMap(capsIn)];
}

const UUID = '8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11';

describe.each([RELEASES[0], RELEASES[3]])('at PCE %s, who only reads', (pceVersion) => {
  // A moving clock would tell the two of them different ages.
  const test = useEmulator({ world: 'demo', pceVersion, clock: '2026-01-01T00:00:00.000Z' });
  const ofUsers = routesOf(pceVersion).filter(({ admits }) =>
    ['user', 'self', 'person'].some((one) => admits.includes(one as 'user')),
  );

  async function readers(): Promise<{ name: string; href: string; client: Client }[]> {
    const user = (await test.control.post('/orgs/1/users', { username: 'auditor', role: 'read_only' })).body;
    const permissions = [{ role: { href: '/orgs/1/roles/read_only' }, scope: [] }];
    const account = (
      await test.pce.post('/orgs/1/service_accounts', { name: 'a', permissions, api_key: { expires_in_seconds: 60 } })
    ).body;
    const { auth_username: api_key, secret: api_secret } = account.api_key;
    return [
      { name: 'a user', href: user.href, client: test.as({ org_id: 1, ...user }) },
      { name: 'a service account', href: account.href, client: test.as({ api_key, api_secret }) },
    ];
  }

  function ask(client: Client, { method, path }: Pick<Route, 'method' | 'path'>, href: string): Promise<Answer> {
    const at = path
      .replace('{org_id}', '1')
      .replace('/users/{user_id}', href.startsWith('/users/') ? href : '/users/1')
      .replace('{pversion}', 'draft')
      .replace(/\{(\w+)\}/g, (_, name: string) => (pce.parameters[name]?.test('1') ? '1' : UUID));
    if (method === 'GET') return client.get(at);
    if (method === 'DELETE') return client.delete(at);
    return method === 'POST' ? client.post(at, {}) : client.put(at, {});
  }

  it('is refused whatever changes something', async () => {
    const changing = ofUsers.filter(({ method }) => method !== 'GET');
    expect(changing.length).toBeGreaterThan(20);
    for (const { name, href, client } of await readers()) {
      const before = test.emulator.saveWorld();
      for (const route of changing) {
        const answer = await ask(client, route, href);
        expect([name, route.id, answer.status, tokenOf(answer)]).toEqual([name, route.id, 403, 'authorization_failed']);
      }
      expect(test.emulator.saveWorld()).toEqual(before);
    }
  });

  it('reads all that others read, and sees that it may do nothing', async () => {
    const releaseHasClas = pceVersion !== '22.2';
    const cluster = await clusterOf(test, {
      report: { namespaces: ['shop'], ...(releaseHasClas && { cluster_mode: 'clas' }) },
    });
    await cluster.manage('shop');
    await cluster.services([service('web')]);
    if (releaseHasClas) await cluster.workloads(deployment('web'));
    const [profile] = (await test.pce.get(`${cluster.href}/container_workload_profiles`)).body;
    const [virtual] = (await test.pce.get('/orgs/1/sec_policy/draft/virtual_services')).body;
    const more = [cluster.href, profile.href, virtual.href, '/orgs/1/pairing_profiles/1'].map((path) => ({ path }));
    const reads = ofUsers.filter(({ method, admits, handle }) => method === 'GET' && admits.includes('user') && handle);
    let withCaps = 0;
    for (const { name, href, client } of await readers()) {
      for (const { path } of [...reads, ...more]) {
        if (name === 'a service account' && path.startsWith('/users')) continue;
        const route = { method: 'GET' as const, path: path.replace('{container_cluster_id}', cluster.href.slice(-36)) };
        const [mine, theirs] = [await ask(client, route, href), await ask(test.pce, route, '/users/1')];
        if (path.includes('{user_id}')) {
          expect([name, path, mine.status]).toEqual([name, path, 200]);
          continue;
        }
        // Service accounts see nothing of accounts and keys before 23.4.
        if (mine.status === 403) {
          expect([name, pceVersion, path]).toEqual([
            'a service account',
            '22.2',
            expect.stringMatching(/api_keys|service_accounts/),
          ]);
          continue;
        }
        expect([name, path, mine.status]).toEqual([name, path, theirs.status]);
        expect(mine.headers['x-total-count']).toBe(theirs.headers['x-total-count']);
        expect(capsIn(mine.body)).toEqual(capsIn(theirs.body).map(() => []));
        const untold = (text: string) => text.replace(/"caps":\[[^\]]*\]/g, '').replace(/"\d{4}-\d\d-\d\dT[^"]*"/g, '');
        expect(untold(mine.text)).toBe(untold(theirs.text));
        withCaps += capsIn(theirs.body).filter((caps) => caps.length > 0).length;
      }
    }
    expect(withCaps).toBeGreaterThan(8);
  });

  it('may have a job, whose result shows no more', async () => {
    for (const { client } of await readers()) {
      const path = '/orgs/1/pairing_profiles';
      const { status, headers } = await client.get(path, { prefer: 'respond-async' });
      expect(status).toBe(202);
      const { result } = (await client.get(String(headers.location))).body;
      expect(capsIn((await client.get(result.href)).body)).toEqual([[]]);
      // What the same file shows depends on who looks.
      expect((await test.pce.get(result.href)).body).toEqual((await test.pce.get(path)).body);
    }
  });

  it('logs in and out', async () => {
    const { username, password, href } = (
      await test.control.post('/orgs/1/users', { username: 'auditor', role: 'read_only' })
    ).body;
    const basic = (name: string, secret: string) => test.as({ api_key: name, api_secret: secret });
    const { auth_token } = (await basic(username, password).post('/login_users/authenticate')).body;
    const login = (await test.with({ authorization: `Token token=${auth_token}` }).get('/users/login')).body;
    const session = basic(login.auth_username, login.session_token);
    expect((await session.get('/orgs/1/labels')).status).toBe(200);
    expect((await session.post('/orgs/1/labels', { key: 'app', value: 'x' })).status).toBe(403);
    // Who only reads has no keys but those that it was given (documented).
    expect((await session.get(`${href}/api_keys`)).body).toHaveLength(1);
    expect((await session.post(`${href}/api_keys`, { name: 'x' })).status).toBe(403);
    expect((await session.put(`${href}/logout`, {})).status).toBe(204);
    expect((await session.get('/orgs/1/labels')).status).toBe(401);
  });
});

describe('the key of a cluster', () => {
  const test = useEmulator({ world: 'demo' });

  it('sees what it may do as before', async () => {
    const made = (await test.pce.post('/orgs/1/container_clusters', { name: 'own' })).body;
    const headers = authorization({
      api_key: made.href.slice(-36),
      api_secret: made.container_cluster_token,
    });
    const path = `${made.href}/container_workload_profiles`;
    expect((await test.with(headers).get(path)).body).toEqual((await test.pce.get(path)).body);
  });
});

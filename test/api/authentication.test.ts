import { RELEASES, routesOf } from '../../src/emulator.ts';
import { type Answer, authorization, type Client, type Json, useEmulator } from '../support/emulator.ts';

const CLUSTERS = '/orgs/1/container_clusters';
const K8S2 = `${CLUSTERS}/445bfa9b-4de4-4c09-9705-496eb04b190f`;
const PAYMENTS = `${K8S2}/container_workload_profiles/219b49c3-3bb5-4fc0-9913-b76398105e35`;
const SOME_UUID = '8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11';
const DEMO = {
  org_id: '1',
  container_cluster_id: K8S2.slice(`${CLUSTERS}/`.length),
  container_workload_profile_id: PAYMENTS.slice(-36),
  label_group_id: SOME_UUID,
  label_id: '1',
  ip_list_id: '1',
  label_dimension_id: SOME_UUID,
  pairing_profile_id: '1',
  pversion: 'draft',
  virtual_service_id: '926c2f63-bcd8-42f1-8811-165b34f84334',
  container_workload_id: SOME_UUID,
  datafile_id: SOME_UUID,
  enforcement_boundary_id: '1',
  event_id: SOME_UUID,
  job_id: SOME_UUID,
  key_id: '0',
  kubernetes_workload_id: SOME_UUID,
  network_id: SOME_UUID,
  rule_set_id: '1',
  sec_rule_id: '1',
  security_principal_id: SOME_UUID,
  service_account_id: SOME_UUID,
  service_binding_id: SOME_UUID,
  service_id: '1',
  ven_id: SOME_UUID,
  user_id: '1',
  workload_id: SOME_UUID,
};

/** What the agent of a cluster may read of that cluster, and what it may tell. */
const READ_BY_AGENTS = [
  'container_clusters.clas_auth_public_key',
  'container_clusters.kubernetes_workloads',
  'container_clusters.policies',
  'container_clusters.support_report_info',
  'container_workload_profiles.get',
  'container_workload_profiles.list',
];
const TOLD_BY_AGENTS = [
  'container_clusters.kubernetes_workloads_bulk_create',
  'container_clusters.kubernetes_workloads_bulk_delete',
  'container_clusters.kubernetes_workloads_bulk_update',
  'container_clusters.label_map',
  'container_clusters.put_from_cluster',
  'container_clusters.security_policy_acks',
  'container_clusters.security_policy_applied',
  'container_clusters.services',
  'container_clusters.services_delete',
];
const READ_BY_BOTH = ['container_workload_profiles.get', 'container_workload_profiles.list'];

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
}

/** Every operation of a release that is not open to all, as requests to the things of the demo world. */
function operations(release: (typeof RELEASES)[number], parameters: Partial<typeof DEMO> = {}): Operation[] {
  const values: Record<string, string> = { ...DEMO, ...parameters };
  const closed = implemented(release).filter(({ admits }) => !admits.includes('nobody'));
  return closed.map(({ id, method, path }) => ({
    id,
    method,
    path: path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`${id} has a parameter ${name} that this test does not know`);
      return value;
    }),
  }));
}

const isMissing = ({ id }: { readonly id: string }) => id.startsWith('missing.');
const implemented = (release: (typeof RELEASES)[number]) => routesOf(release).filter((route) => !isMissing(route));

function ask(client: Client, { method, path }: Operation, body?: string): Promise<Answer> {
  const ways: Record<string, () => Promise<Answer>> = {
    GET: () => client.get(path),
    POST: () => client.post(path, body),
    PUT: () => client.put(path, body),
    DELETE: () => client.delete(path),
  };
  const way = ways[method];
  if (!way) throw new Error(`this test does not know ${method}`);
  return way();
}

/** The statuses that a client gets from the operations, by their ids. */
async function statuses(client: Client, all: Operation[], body?: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const operation of all) found[operation.id] = (await ask(client, operation, body)).status;
  return found;
}

/** Those on the things of an organisation. */
const inOrganisations = (all: Operation[]) => all.filter(({ path }) => path.startsWith('/orgs/'));
const ofItsOwner = (all: Operation[]) => all.filter(({ path }) => path.startsWith('/users/1'));
const allAre = (status: number, all: Operation[]) => Object.fromEntries(all.map(({ id }) => [id, status]));
const among = (ids: string[], all: Operation[]) => all.filter(({ id }) => ids.includes(id));
const basic = (name: string, secret: string) => authorization({ api_key: name, api_secret: secret });

/** All that the organisation holds; a release without one of the lists has an empty answer there. */
async function everything(client: Client): Promise<Json[]> {
  const lists = [
    CLUSTERS,
    `${K8S2}/container_workload_profiles`,
    `${K8S2}/service_backends`,
    '/orgs/1/api_keys',
    '/orgs/1/container_workloads',
    '/orgs/1/events',
    '/orgs/1/kubernetes_workloads',
    '/orgs/1/label_dimensions?include_deleted=true',
    '/orgs/1/labels?include_deleted=true',
    '/orgs/1/networks',
    '/orgs/1/optional_features',
    '/orgs/1/pairing_profiles',
    '/orgs/1/sec_policy',
    '/orgs/1/sec_policy/active/enforcement_boundaries',
    '/orgs/1/sec_policy/active/ip_lists',
    '/orgs/1/sec_policy/active/label_groups',
    '/orgs/1/sec_policy/active/rule_sets',
    '/orgs/1/sec_policy/active/services',
    '/orgs/1/sec_policy/active/virtual_services',
    '/orgs/1/sec_policy/draft/enforcement_boundaries',
    '/orgs/1/sec_policy/draft/ip_lists',
    '/orgs/1/sec_policy/draft/label_groups',
    '/orgs/1/sec_policy/draft/rule_sets',
    '/orgs/1/sec_policy/draft/services',
    '/orgs/1/sec_policy/draft/virtual_services',
    '/orgs/1/security_principals',
    '/orgs/1/service_accounts',
    '/orgs/1/service_bindings',
    '/orgs/1/settings/events',
    '/orgs/1/settings/workloads',
    '/orgs/1/vens',
    '/orgs/1/workloads?include_deleted=true',
    '/users',
  ];
  return Promise.all(lists.map(async (path) => (await client.get(path)).body));
}

describe.each(RELEASES)('at PCE %s', (pceVersion) => {
  const test = useEmulator({ world: 'demo', pceVersion });
  const all = operations(pceVersion);

  it('no operation can be used without credentials', async () => {
    const before = await everything(test.pce);
    const nobody = test.with({});
    for (const operation of all) {
      const answer = await ask(nobody, operation);
      expect([operation.id, answer.status]).toEqual([operation.id, 401]);
      expect(answer.headers['www-authenticate']).toMatch(/^Basic realm="[^"]+"$/);
      expect(answer.body).toEqual([{ token: 'authentication_failed', message: 'Authentication failed' }]);
    }
    expect(await everything(test.pce)).toEqual(before);
  });

  it('no operation can be used with the key of another organisation', async () => {
    const before = await everything(test.pce);
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    for (const operation of [...inOrganisations(all), ...ofItsOwner(all)]) {
      const answer = await ask(other, operation);
      expect([operation.id, answer.status, answer.body]).toEqual([
        operation.id,
        403,
        [{ token: 'authorization_failed', message: expect.any(String) }],
      ]);
    }
    expect(await everything(test.pce)).toEqual(before);
  });

  it('an organisation that is not there looks like one of others', async () => {
    for (const org_id of ['999', '0', '01', '1.0', 'x', '-1', '%31x']) {
      const elsewhere = inOrganisations(operations(pceVersion, { org_id }));
      expect([org_id, await statuses(test.pce, elsewhere)]).toEqual([org_id, allAre(403, elsewhere)]);
    }
  });

  it('the token of a cluster reads and tells of that cluster, and does nothing else', async () => {
    const { pce } = test;
    const cluster = (await pce.post(CLUSTERS, { name: 'own' })).body;
    const { href, container_cluster_token: token } = cluster;
    const clas = all.some(({ id }) => id === 'container_clusters.clas_auth_public_key');
    await test.agent(cluster).put(`${href}/put_from_cluster`, { cluster_mode: clas ? 'clas' : 'legacy' });
    const [profile] = (await pce.get(`${href}/container_workload_profiles`)).body;
    const own = operations(pceVersion, {
      container_cluster_id: href.slice(-36),
      container_workload_profile_id: profile.href.slice(-36),
    });
    const expected = {
      ...allAre(403, own),
      ...allAre(200, among(READ_BY_AGENTS, own)),
      // Let in, and refused for what it says: nothing.
      ...allAre(406, among(TOLD_BY_AGENTS, own)),
    };
    const before = await everything(pce);
    for (const headers of [{ authorization: `Token token=${token}` }, basic(href.slice(-36), token)]) {
      const agent = test.with(headers);
      expect(await statuses(agent, own, '')).toEqual(expected);
      expect(await statuses(agent, all)).toEqual(allAre(403, all));
      const elsewhere = operations(pceVersion, { org_id: '10', container_cluster_id: href.slice(-36) });
      expect(await statuses(agent, elsewhere)).toEqual(allAre(403, elsewhere));
    }
    expect(await everything(pce)).toEqual(before);
    expect((await pce.get(profile.href)).body).toEqual(profile);
  });

  it('the key of a user does not do what is for agents alone', async () => {
    const before = await everything(test.pce);
    const agents = among([...READ_BY_AGENTS, ...TOLD_BY_AGENTS], all).filter(({ id }) => !READ_BY_BOTH.includes(id));
    expect(agents.length).toBeGreaterThan(3);
    for (const operation of agents) {
      const answer = await ask(test.pce, operation);
      expect([operation.id, answer.status, answer.body]).toEqual([
        operation.id,
        403,
        [{ token: 'authorization_failed', message: expect.any(String) }],
      ]);
    }
    expect(await everything(test.pce)).toEqual(before);
  });
});

describe('what a PCE has and the emulator has not', () => {
  const test = useEmulator({ world: 'demo' });
  const missing = routesOf('22.2')
    .filter(isMissing)
    .map((route) => {
      const values: Record<string, string> = DEMO;
      return { ...route, path: route.path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? SOME_UUID) };
    });

  it('is told as a 501 to those who would be let in, and as a 401 to others', async () => {
    for (const route of missing.filter(({ admits }) => admits.includes('user'))) {
      expect([route.id, (await ask(test.with({}), route)).status]).toEqual([route.id, 401]);
      const answer = await ask(test.pce, route);
      expect([route.id, answer.status, answer.body[0].token]).toEqual([route.id, 501, 'emulator_not_implemented']);
    }
  });

  it('is told to anybody where a PCE asks for no credentials', async () => {
    const open = missing.filter(({ admits }) => admits.includes('nobody'));
    expect(open.map(({ path }) => path)).toContainEqual(expect.stringMatching(/^\/login_users\/[^/]+\/password$/));
    for (const route of open) expect([route.id, (await ask(test.with({}), route)).status]).toEqual([route.id, 501]);
  });

  it('is told to the agent of a cluster where a PCE lets in agents alone', async () => {
    const agents = missing.filter(({ admits }) => !admits.includes('user') && !admits.includes('nobody'));
    expect(agents.map(({ path }) => path)).toEqual(['/orgs/1/traffic_data/kubelink']);
    const agent = test.agent((await test.pce.post(CLUSTERS, { name: 'own' })).body);
    for (const route of agents) {
      expect([route.id, (await ask(agent, route)).status]).toEqual([route.id, 501]);
      expect([route.id, (await ask(test.pce, route)).status]).toEqual([route.id, 403]);
      expect([route.id, (await ask(test.with({}), route)).status]).toEqual([route.id, 401]);
    }
  });

  it('is not told to the organisation next door', async () => {
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    for (const route of missing.filter(({ path }) => path.startsWith('/orgs/1/'))) {
      expect([route.id, (await ask(other, route)).status]).toEqual([route.id, 403]);
    }
  });
});

describe('an API key', () => {
  const test = useEmulator({ world: 'demo' });
  const labels = async (headers: Record<string, string>) => (await test.with(headers).get('/orgs/1/labels')).status;
  const encoded = (text: string) => Buffer.from(text).toString('base64');

  it('lets its owner in, and says who wrote', async () => {
    const { api_key, api_secret } = test.emulator.credentials;
    expect(api_key).toMatch(/^api_[0-9a-f]{17}$/);
    expect(api_secret).toMatch(/^[0-9a-f]{64}$/);
    expect(await labels(basic(api_key, api_secret))).toBe(200);
    expect(await labels({ authorization: `basic ${encoded(`${api_key}:${api_secret}`)}` })).toBe(200);
    const made = await test.pce.post('/orgs/1/labels', { key: 'app', value: 'x' });
    expect(made.body.created_by).toEqual({ href: '/users/1' });
  });

  it('is not let in when any of it is wrong', async () => {
    const { api_key, api_secret } = test.emulator.credentials;
    const other = test.emulator.allCredentials[1] ?? test.emulator.credentials;
    const wrong: [string, string][] = [
      [api_key, `${api_secret}0`],
      [api_key, api_secret.slice(0, -1)],
      [api_key, api_secret.toUpperCase().replace(/[0-9]/g, 'F')],
      [api_key, ''],
      [api_key, ' '],
      ['', api_secret],
      ['', ''],
      [`${api_key}0`, api_secret],
      [api_key.toUpperCase(), api_secret],
      ['api_00000000000000000', api_secret],
      [api_key, other.api_secret],
      [other.api_key, api_secret],
      ["' OR 1=1 --", "' OR 1=1 --"],
      ['%', api_secret],
      [api_secret, api_key],
    ];
    for (const [name, secret] of wrong)
      expect([name, secret, await labels(basic(name, secret))]).toEqual([name, secret, 401]);
    expect(await labels(basic(api_key, api_secret))).toBe(200);
  });

  it.each([
    ['an empty header', () => ''],
    ['a scheme alone', () => 'Basic'],
    ['what is not base64', () => 'Basic !!!!'],
    ['no colon', (pair: string) => `Basic ${encoded(pair.replace(':', ''))}`],
    ['another scheme', (pair: string) => `Bearer ${encoded(pair)}`],
    ['Digest', () => 'Digest username="api_1", response="0"'],
    ['no scheme', (pair: string) => encoded(pair)],
    ['no encoding', (pair: string) => `Basic ${pair}`],
    ['the secret as a token', (pair: string) => `Token token=${pair.split(':')[1]}`],
    ['a token that is none', () => 'Token token=1_0000000000000000000000000000000000000000000000000000000000000000'],
    ['an empty token', () => 'Token token='],
    ['a token without its name', () => 'Token 1_00'],
    ['two credentials in one', (pair: string) => `Basic ${encoded(pair)}, Basic ${encoded(pair)}`],
  ])('is not taken from %s', async (_what, header) => {
    const { api_key, api_secret } = test.emulator.credentials;
    const answer = await test.with({ authorization: header(`${api_key}:${api_secret}`) }).get('/orgs/1/labels');
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, expect.stringMatching(/^Basic realm=/)]);
  });

  it('is for one organisation, which keeps its own clusters and labels', async () => {
    const [first, second] = test.emulator.allCredentials;
    expect([first?.org_id, second?.org_id]).toEqual([1, 10]);
    expect(second?.api_key).not.toBe(first?.api_key);
    const other = test.as(second ?? test.emulator.credentials);
    expect((await other.get('/orgs/10/container_clusters')).body.map(({ name }: Json) => name)).toEqual([
      'OpenShift 4.6',
    ]);
    expect((await test.pce.get(CLUSTERS)).body).toHaveLength(4);
    expect((await other.post('/orgs/10/labels', { key: 'app', value: 'x' })).body.created_by).toEqual({
      href: '/users/10',
    });
    for (const path of ['/orgs/10/labels', '/orgs/10/labels/128']) expect((await test.pce.get(path)).status).toBe(403);
    const id = K8S2.slice(-36);
    expect((await other.get(`/orgs/10/container_clusters/${id}`)).status).toBe(404);
  });
});

describe('the token of a cluster', () => {
  const test = useEmulator({ world: 'demo' });

  async function newCluster(name: string): Promise<{ id: string; token: string; profiles: string }> {
    const { href, container_cluster_token: token } = (await test.pce.post(CLUSTERS, { name })).body;
    return { id: href.slice(-36), token, profiles: `${href}/container_workload_profiles` };
  }
  const reading = async (headers: Record<string, string>, path: string) => (await test.with(headers).get(path)).status;

  it('may come as a token, bare or quoted, or as the password of the cluster', async () => {
    const { id, token, profiles } = await newCluster('k8s');
    for (const headers of [
      { authorization: `Token token=${token}` },
      { authorization: `Token token="${token}"` },
      basic(id, token),
    ]) {
      const { status, body } = await test.with(headers).get(profiles);
      expect([status, body.length, body[0].name]).toEqual([200, 1, 'Default Profile']);
      expect((await test.with(headers).get(body[0].href)).body).toEqual(body[0]);
    }
  });

  it('is no password for another cluster, nor another name', async () => {
    const [one, two] = [await newCluster('one'), await newCluster('two')];
    for (const name of [
      two.id,
      '',
      'k8s',
      one.id.slice(1),
      `/orgs/1/container_clusters/${one.id}`,
      one.id.toUpperCase(),
    ]) {
      expect([name, await reading(basic(name, one.token), one.profiles)]).toEqual([name, 401]);
    }
  });

  it('does not read the profiles of another cluster', async () => {
    const [one, two] = [await newCluster('one'), await newCluster('two')];
    for (const headers of [{ authorization: `Token token=${one.token}` }, basic(one.id, one.token)]) {
      for (const path of [two.profiles, `${K8S2}/container_workload_profiles`, PAYMENTS]) {
        expect([path, await reading(headers, path)]).toEqual([path, 403]);
      }
      expect(await reading(headers, `${one.profiles}/${PAYMENTS.slice(-36)}`)).toBe(404);
    }
  });

  it('is wrong with any digit changed, or cut, or without its organisation', async () => {
    const { id, token, profiles } = await newCluster('k8s');
    const changed = token.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    for (const wrong of [
      changed,
      token.slice(0, -1),
      `${token}0`,
      token.slice(2),
      `10${token.slice(1)}`,
      token.toUpperCase(),
    ]) {
      if (wrong === token) continue;
      expect([wrong, await reading({ authorization: `Token token=${wrong}` }, profiles)]).toEqual([wrong, 401]);
      expect([wrong, await reading(basic(id, wrong), profiles)]).toEqual([wrong, 401]);
    }
  });

  it('ends with its cluster, and no other token does', async () => {
    const [one, two] = [await newCluster('one'), await newCluster('two')];
    const headers = [{ authorization: `Token token=${one.token}` }, basic(one.id, one.token)];
    for (const each of headers) expect(await reading(each, one.profiles)).toBe(200);
    await test.pce.delete(`${CLUSTERS}/${one.id}`);
    for (const each of headers) expect(await reading(each, one.profiles)).toBe(401);
    expect(await reading(basic(two.id, two.token), two.profiles)).toBe(200);
  });

  it('goes on when its cluster is renamed', async () => {
    const { id, token, profiles } = await newCluster('one');
    await test.pce.put(`${CLUSTERS}/${id}`, { name: 'renamed' });
    expect(await reading(basic(id, token), profiles)).toBe(200);
  });
});

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RELEASES, startEmulator } from '../../src/emulator.ts';
import { authorization, type Client, clientOf, type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const CLUSTERS = '/orgs/1/container_clusters';
const UNKNOWN = `${CLUSTERS}/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11`;
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

async function createCluster(pce: Client, name: string, more: Json = {}): Promise<Json> {
  const { status, body } = await pce.post(CLUSTERS, { name, ...more });
  expect(status).toBe(201);
  return body;
}

async function names(pce: Client, query = ''): Promise<string[]> {
  const { status, body } = await pce.get(`${CLUSTERS}${query}`);
  expect(status).toBe(200);
  return body.map(({ name }: Json) => name);
}

describe('a new container cluster', () => {
  const test = useEmulator();

  it('shows its token once, and from then on the rest of what the creation showed', async () => {
    const created = await test.pce.post(CLUSTERS, { name: 'test', description: 'test' });
    expect(created.status).toBe(201);
    const { container_cluster_token: token, ...cluster } = created.body;
    expect(token).toMatch(/^1_[0-9a-f]{64}$/);
    expect((await test.pce.get(cluster.href)).body).toEqual(cluster);
    expect((await test.pce.get(CLUSTERS)).body).toEqual([cluster]);
    const changed = await test.pce.put(cluster.href, { name: 'renamed' });
    expect([changed.status, changed.text]).toEqual([204, '']);
    for (const href of [cluster.href, CLUSTERS, `${cluster.href}/container_workload_profiles`]) {
      const { text } = await test.pce.get(href);
      expect(text).not.toContain('container_cluster_token');
      expect(text).not.toContain(token);
    }
  });

  it('has an id that is a version 4 UUID in lower case, and a token of its own', async () => {
    const [first, second] = [await createCluster(test.pce, 'one'), await createCluster(test.pce, 'two')];
    expect(first.href.slice(`${CLUSTERS}/`.length)).toMatch(UUID_V4);
    expect(second.href).not.toBe(first.href);
    expect(second.container_cluster_token).not.toBe(first.container_cluster_token);
  });

  it('has never been connected, and its description is empty when none was given', async () => {
    const { href, container_cluster_token: _token, ...rest } = await createCluster(test.pce, 'quiet');
    expect(href).toMatch(/^\/orgs\/1\/container_clusters\//);
    expect(rest).toEqual({
      pce_fqdn: null,
      name: 'quiet',
      description: '',
      manager_type: null,
      last_connected: null,
      kubelink_version: null,
      online: false,
      nodes: [],
      errors: [],
    });
  });

  it('owns one profile and no service backend', async () => {
    const { href } = await createCluster(test.pce, 'fresh');
    expect((await test.pce.get(`${href}/container_workload_profiles`)).body).toHaveLength(1);
    const backends = await test.pce.get(`${href}/service_backends`);
    expect([backends.status, backends.body]).toEqual([200, []]);
  });

  it('needs a name, which may be empty', async () => {
    const refused = await test.pce.post(CLUSTERS, { description: 'no name' });
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
    expect((await createCluster(test.pce, '')).name).toBe('');
    expect(await names(test.pce)).toEqual(['']);
  });

  it('takes a name of 255 characters, and none of 256', async () => {
    expect((await createCluster(test.pce, 'n'.repeat(255))).name).toHaveLength(255);
    const refused = await test.pce.post(CLUSTERS, { name: 'n'.repeat(256) });
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
    expect(refused.body[0].message).toContain('255');
    expect(await names(test.pce)).toHaveLength(1);
  });

  it('counts characters of a name and not bytes or UTF-16 units', async () => {
    expect((await createCluster(test.pce, '🐙'.repeat(255))).name).toBe('🐙'.repeat(255));
    expect((await test.pce.post(CLUSTERS, { name: '🐙'.repeat(256) })).status).toBe(406);
  });

  it('may have the name of another one', async () => {
    await createCluster(test.pce, 'twin');
    await createCluster(test.pce, 'twin');
    expect(await names(test.pce)).toEqual(['twin', 'twin']);
  });

  it.each(['external_data_set', 'external_data_reference', 'href', 'online', 'nodes', 'container_cluster_token'])(
    'takes no %s from its maker',
    async (key) => {
      const refused = await test.pce.post(CLUSTERS, { name: 'surplus', [key]: 'x' });
      expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
      expect(refused.body[0].message).toContain(
        `contains additional properties ["${key}"] outside of the schema when none are allowed in schema ` +
          'container_clusters_post.schema.json',
      );
      expect(await names(test.pce)).toEqual([]);
    },
  );
});

describe('the fields of a container cluster', () => {
  const BASE = [
    'href',
    'pce_fqdn',
    'name',
    'description',
    'manager_type',
    'last_connected',
    'kubelink_version',
    'online',
    'nodes',
    'errors',
  ];
  const FIELDS: Record<string, string[]> = {
    '22.2': BASE,
    '23.5': [...BASE, 'container_runtime', 'caps', 'cluster_mode'],
    '24.5': [...BASE, 'container_runtime', 'caps', 'cluster_mode'],
    '25.2': [...BASE, 'container_runtime', 'caps', 'cluster_mode', 'clas_mode'],
  };

  describe.each(RELEASES)('of PCE %s', (pceVersion) => {
    const test = useEmulator({ pceVersion });

    it('are exactly those of the release, alike in creation, item and list', async () => {
      const expected = [...(FIELDS[pceVersion] ?? [])].sort();
      const created = await createCluster(test.pce, 'fields');
      expect(Object.keys(created).sort()).toEqual([...expected, 'container_cluster_token'].sort());
      expect(Object.keys((await test.pce.get(created.href)).body).sort()).toEqual(expected);
      const [listed] = (await test.pce.get(CLUSTERS)).body;
      expect(Object.keys(listed).sort()).toEqual(expected);
    });
  });
});

describe('changing a container cluster', () => {
  const test = useEmulator();

  it('keeps what the request does not speak of', async () => {
    const { href } = await createCluster(test.pce, 'before', { description: 'kept' });
    const before = (await test.pce.get(href)).body;
    expect((await test.pce.put(href, { name: 'after' })).status).toBe(204);
    expect((await test.pce.get(href)).body).toEqual({ ...before, name: 'after' });
    expect((await test.pce.put(href, { description: 'new' })).status).toBe(204);
    expect((await test.pce.get(href)).body).toEqual({ ...before, name: 'after', description: 'new' });
    expect((await test.pce.put(href, {})).status).toBe(204);
    expect((await test.pce.get(href)).body).toEqual({ ...before, name: 'after', description: 'new' });
  });

  it('leaves other clusters as they are', async () => {
    const [first, second] = [await createCluster(test.pce, 'one'), await createCluster(test.pce, 'two')];
    await test.pce.put(first.href, { name: 'uno' });
    expect((await test.pce.get(second.href)).body.name).toBe('two');
  });

  it.each([
    ['href', '/orgs/1/container_clusters/x'],
    ['pce_fqdn', 'pce.example.com'],
    ['manager_type', 'Kubernetes v1.30'],
    ['last_connected', '2024-01-01T00:00:00.000Z'],
    ['kubelink_version', '5.0'],
    ['online', true],
    ['nodes', []],
    ['errors', []],
    ['network_type', 'overlay'],
    ['container_cluster_token', '1_00'],
  ])('refuses %s, which only the PCE writes, and changes nothing', async (key, value) => {
    const { href } = await createCluster(test.pce, 'read only');
    const before = (await test.pce.get(href)).body;
    const refused = await test.pce.put(href, { name: 'not this', [key]: value });
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
    expect(refused.body[0].message).toContain('container_clusters_put.schema.json');
    expect((await test.pce.get(href)).body).toEqual(before);
  });

  it('refuses a name of 256 characters or null', async () => {
    const { href } = await createCluster(test.pce, 'stays');
    for (const name of ['n'.repeat(256), null]) expect((await test.pce.put(href, { name })).status).toBe(406);
    expect((await test.pce.get(href)).body.name).toBe('stays');
  });
});

describe('listing container clusters', () => {
  const test = useEmulator();
  const search = (pce: Client, name: string, more = '') => names(pce, `?name=${encodeURIComponent(name)}${more}`);

  it('keeps the order of creation', async () => {
    for (const name of ['c', 'a', 'b']) await createCluster(test.pce, name);
    expect(await names(test.pce)).toEqual(['c', 'a', 'b']);
  });

  it('finds a part of the name, whatever the case of ASCII letters', async () => {
    for (const name of ['Production East', 'production west', 'staging']) await createCluster(test.pce, name);
    expect(await search(test.pce, 'PRODUCTION')).toEqual(['Production East', 'production west']);
    expect(await search(test.pce, 'duct')).toEqual(['Production East', 'production west']);
    expect(await search(test.pce, 'west')).toEqual(['production west']);
    expect(await search(test.pce, 'nowhere')).toEqual([]);
    expect(await search(test.pce, '')).toHaveLength(3);
  });

  it.each(['%', '_', '\\', "'", '"', '*', '?', '[a]'])(
    'takes %s in a name as the character itself',
    async (character) => {
      for (const name of ['plain', `with${character}it`]) await createCluster(test.pce, name);
      expect(await search(test.pce, character)).toEqual([`with${character}it`]);
      expect(await search(test.pce, `h${character}i`)).toEqual([`with${character}it`]);
    },
  );

  it('puts an equal name first, so that a client that asks for one row gets it', async () => {
    for (const name of ['test-2', 'my test', 'test', 'testing']) await createCluster(test.pce, name);
    expect(await search(test.pce, 'test', '&max_results=1')).toEqual(['test']);
    expect(await search(test.pce, 'test')).toEqual(['test', 'test-2', 'my test', 'testing']);
  });

  it('puts an equal name also before one that differs in case', async () => {
    for (const name of ['TEST', 'test']) await createCluster(test.pce, name);
    expect(await search(test.pce, 'test', '&max_results=1')).toEqual(['test']);
  });

  it('ignores query parameters that it does not know', async () => {
    await createCluster(test.pce, 'only');
    expect(await names(test.pce, '?colour=red&online=maybe')).toEqual(['only']);
  });
});

describe('deleting a container cluster', () => {
  const test = useEmulator({ world: 'demo' });
  const K8S2 = `${CLUSTERS}/445bfa9b-4de4-4c09-9705-496eb04b190f`;

  it('takes its profiles and service backends along, and leaves those of other clusters', async () => {
    const other = `${CLUSTERS}/ad678193-8e2f-402b-a864-4947dcc0c6d7`;
    const profiles = (await test.pce.get(`${K8S2}/container_workload_profiles`)).body;
    expect(profiles).toHaveLength(2);
    expect((await test.pce.get(`${K8S2}/service_backends`)).body).toHaveLength(2);
    const deleted = await test.pce.delete(K8S2);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    const gone = [K8S2, `${K8S2}/container_workload_profiles`, `${K8S2}/service_backends`, profiles[0].href];
    for (const href of [...gone, profiles[1].href]) expect((await test.pce.get(href)).status).toBe(404);
    expect((await test.pce.get(`${other}/container_workload_profiles`)).body).toHaveLength(1);
    expect(await names(test.pce)).toEqual(['Openshift 3.11', 'k8s3 Cluster', 'k8s1 v4']);
  });

  it('ends its token', async () => {
    const { href, container_cluster_token: token } = await createCluster(test.pce, 'short-lived');
    const agent = test.with({ authorization: `Token token=${token}` });
    expect((await agent.get(`${href}/container_workload_profiles`)).status).toBe(200);
    await test.pce.delete(href);
    expect((await agent.get(`${href}/container_workload_profiles`)).status).toBe(401);
  });

  it('frees the labels that its profiles used', async () => {
    const { href } = await createCluster(test.pce, 'user of labels');
    const label = (await test.pce.post('/orgs/1/labels', { key: 'app', value: 'shop' })).body;
    const labels = [{ key: 'app', assignment: { href: label.href } }];
    await test.pce.post(`${href}/container_workload_profiles`, { name: 'shop', labels });
    expect((await test.pce.delete(label.href)).status).toBe(406);
    expect((await test.pce.delete(href)).status).toBe(204);
    expect((await test.pce.delete(label.href)).status).toBe(204);
  });

  it('works once: a second time there is nothing to delete', async () => {
    expect((await test.pce.delete(K8S2)).status).toBe(204);
    for (const again of [await test.pce.delete(K8S2), await test.pce.get(K8S2), await test.pce.put(K8S2, {})]) {
      expect([again.status, again.text]).toEqual([404, '']);
    }
  });

  it('works for a cluster that is online', async () => {
    expect((await test.pce.get(K8S2)).body.online).toBe(true);
    expect((await test.pce.delete(K8S2)).status).toBe(204);
  });
});

describe('a container cluster that is not there', () => {
  const test = useEmulator();

  it.each([
    ['an unknown uuid', UNKNOWN],
    ['a malformed uuid', `${CLUSTERS}/not-a-uuid`],
    ['a number', `${CLUSTERS}/1`],
  ])('is an empty 404 that is not JSON: %s', async (_what, href) => {
    const answers = [
      await test.pce.get(href),
      await test.pce.put(href, { name: 'x' }),
      await test.pce.delete(href),
      await test.pce.get(`${href}/container_workload_profiles`),
      await test.pce.post(`${href}/container_workload_profiles`, { name: 'x' }),
      await test.pce.get(`${href}/service_backends`),
    ];
    for (const { status, text, headers } of answers) {
      expect([status, text, headers['content-type']]).toEqual([404, '', undefined]);
    }
    expect(await names(test.pce)).toEqual([]);
  });
});

describe('the token of a container cluster', () => {
  it('is kept as a fingerprint alone: it stands nowhere in a database file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pce-emulator-token-'));
    try {
      const db = join(folder, 'state.db');
      const emulator = await startEmulator({ listen: false, world: 'empty', db });
      const pce = clientOf(emulator, authorization(emulator.credentials));
      const { container_cluster_token: token, href } = await createCluster(pce, 'needle-in-the-file');
      const agent = clientOf(emulator, { authorization: `Token token=${token}` });
      expect((await agent.get(`${href}/container_workload_profiles`)).status).toBe(200);
      const files = [db, `${db}-wal`].filter(existsSync);
      const whileOpen = files.map((file) => readFileSync(file, 'latin1')).join('');
      await emulator.close();
      const closed = [db, `${db}-wal`].filter(existsSync).map((file) => readFileSync(file, 'latin1'));
      for (const content of [whileOpen, closed.join('')]) {
        expect(content).toContain('needle-in-the-file');
        expect(content).not.toContain(token);
        expect(content).not.toContain(token.slice('1_'.length));
        expect(content).not.toContain(emulator.credentials.api_secret);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

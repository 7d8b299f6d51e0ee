import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Credentials } from '../../src/emulator.ts';
import { clusterOf, deployment, labelOf, pod, rows, service, succeeded } from '../agent/cluster.ts';
import { authorization, type Client, type Json, useEmulator } from '../support/emulator.ts';
import { useServer } from './server.ts';

const LISTS = ['labels', 'container_clusters', 'events', 'networks', 'pairing_profiles', 'kubernetes_workloads'];
const MORE = ['container_workloads', 'service_bindings', 'workloads', 'sec_policy/draft/virtual_services'];

type Tenant = Credentials & { readonly href: string; readonly name: string };

describe('a tenant', () => {
  const test = useEmulator({ pceVersion: '25.2' });
  const make = async (body: Json = {}): Promise<Tenant> => succeeded(await test.control.post('/orgs', body)).body;

  /** A bit of everything in an organisation. */
  async function live(pce: Client, org: string) {
    const label = await labelOf(pce, 'app', 'same', org);
    const clas = await clusterOf(test, { org, pce, report: { cluster_mode: 'clas', namespaces: ['shop'] } });
    await clas.manage('shop', { assign_labels: [{ href: label.href }] });
    await clas.services([service('web')]);
    await clas.workloads(deployment('web'));
    const nodes = [{ name: 'n', machine_id: 'same machine' }];
    const legacy = await clusterOf(test, { org, pce, name: 'old', report: { namespaces: ['shop'], nodes } });
    await legacy.manage('shop');
    await legacy.pods([pod('one')]);
    const profile = { name: 'hosts', enabled: true, labels: [{ href: label.href }] };
    const { href } = succeeded(await pce.post(`${org}/pairing_profiles`, profile)).body;
    const { activation_code } = succeeded(await pce.post(`${href}/pairing_key`)).body;
    succeeded(await test.control.post(`${legacy.href}/node_agents`, { activation_code }));
    const { headers } = succeeded(await pce.get(`${org}/labels`, { prefer: 'respond-async' }));
    const job = String(headers.location);
    return { label, clas, legacy, job, file: succeeded(await pce.get(job)).body.result.href as string };
  }

  it('is made with a number, a name and a key that works', async () => {
    const made = await make({ name: 'checkout tests' });
    expect(made).toEqual({
      ...{ org_id: 2, href: '/orgs/2', name: 'checkout tests', username: 'user2@example.com' },
      api_key: expect.stringMatching(/^api_[0-9a-f]{17}$/),
      api_secret: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await make()).name).toBe('Organization 3');
    const pce = test.as(made);
    expect(await labelOf(pce, 'app', 'a', made.href)).toMatchObject({ href: '/orgs/2/labels/1' });
    expect(await rows(pce, '/orgs/2/pairing_profiles')).toMatchObject([{ name: 'Default' }]);
    expect(await rows(test.control, '/orgs')).toEqual([
      { org_id: 1, href: '/orgs/1', name: 'Example' },
      { org_id: 2, href: '/orgs/2', name: 'checkout tests' },
      { org_id: 3, href: '/orgs/3', name: 'Organization 3' },
    ]);
  });

  it('is made and removed by a program, too', async () => {
    const tenant = test.emulator.org('mine');
    expect(await rows(test.as(tenant), `/orgs/${tenant.org_id}/labels`)).toEqual([]);
    expect((await rows(test.control, '/orgs')).map(({ name }) => name)).toEqual(['Example', 'mine']);
    tenant.delete();
    expect((await test.as(tenant).get(`/orgs/${tenant.org_id}/labels`)).status).toBe(401);
    expect(() => tenant.delete()).toThrow(/no \/orgs\/2/);
  });

  it.each([[{ name: '' }], [{ name: 'x'.repeat(256) }], [{ name: 1 }], [{ id: 7 }], [[]]])(
    'is not made of %j',
    async (body) => {
      expect((await test.control.post('/orgs', body)).status).toBe(400);
      expect(await rows(test.control, '/orgs')).toHaveLength(1);
    },
  );

  it('sees nothing of another, and cannot be seen by it', async () => {
    const [one, other] = [await make(), await make()];
    const lived = await live(test.as(one), one.href);
    const empty = test.as(other);
    const [first] = await rows(test.as(one), `${one.href}/events`);
    const theirs = [lived.label.href, lived.clas.href, lived.legacy.href, lived.job, lived.file, first.href];
    const lists = [...LISTS, ...MORE].map((list) => `${one.href}/${list}`);
    const profiles = `${lived.clas.href}/container_workload_profiles`;
    for (const client of [empty, test.pce]) {
      for (const path of [...theirs, ...lists, profiles]) {
        expect([path, (await client.get(path)).status]).toEqual([path, 403]);
      }
      expect((await client.delete(lived.clas.href)).status).toBe(403);
      expect((await client.put(lived.label.href, { value: 'mine' })).status).toBe(403);
    }
    expect((await lived.clas.agent.get(`${other.href}/labels`)).status).toBe(403);
    // What is there under the same names in its own organisation is not there.
    const own = (path: string) => path.replace(one.href, other.href);
    for (const path of theirs) expect([path, (await empty.get(own(path))).status]).toEqual([path, 404]);
    for (const list of LISTS.filter((one) => one !== 'pairing_profiles')) {
      expect([list, await rows(empty, `${other.href}/${list}`)]).toEqual([list, []]);
    }
    // Nor can it point to what others have.
    const label = { assign_labels: [{ href: lived.label.href }] };
    const cluster = await clusterOf(test, { org: other.href, pce: empty });
    expect((await empty.post(`${cluster.href}/container_workload_profiles`, { name: 'a', ...label })).status).toBe(406);
  });

  it('goes with all that it had, and its keys and tokens with it', async () => {
    const before = test.emulator.saveWorld();
    const one = await make();
    const pce = test.as(one);
    const { clas, legacy } = await live(pce, one.href);
    expect(test.emulator.saveWorld().steps.length).toBeGreaterThan(before.steps.length + 20);
    expect((await test.control.delete(one.href)).status).toBe(204);
    expect((await pce.get(`${one.href}/labels`)).status).toBe(401);
    for (const { agent, href } of [clas, legacy]) {
      expect((await agent.put(`${href}/put_from_cluster`, {})).status).toBe(401);
    }
    expect((await test.control.put(`${legacy.href}/pods?refresh=true`, [])).status).toBe(404);
    const { steps, sequences } = test.emulator.saveWorld();
    expect(steps).toEqual(before.steps);
    expect(sequences).toEqual({ ...before.sequences, '/orgs': 2 });
    expect((await test.control.delete(one.href)).status).toBe(404);
    expect((await test.control.delete('/orgs/0')).status).toBe(404);
  });

  it('gets no answer but 401 to what it has under way when it goes', async () => {
    const tenant = await make();
    test.emulator.faults.add({ effect: { latency: '100ms' } });
    const late = [
      test.as(tenant).post(`${tenant.href}/labels`, { key: 'app', value: 'late' }),
      test.as(tenant).get(`${tenant.href}/labels`),
    ];
    await new Promise((resolve) => setTimeout(resolve, 50));
    succeeded(await test.control.delete(tenant.href));
    expect((await Promise.all(late)).map(({ status }) => status)).toEqual([401, 401]);
  });

  it('leaves the others alone when it goes', async () => {
    const [one, other] = [await make(), await make()];
    await live(test.as(one), one.href);
    const lived = await live(test.as(other), other.href);
    const lists = () => Promise.all([...LISTS, ...MORE].map((list) => rows(test.as(other), `${other.href}/${list}`)));
    const before = await lists();
    await test.control.delete(one.href);
    expect(await lists()).toEqual(before);
    await lived.clas.report({ namespaces: ['shop', 'bank'] });
    expect((await test.as(other).delete(lived.label.href)).status).toBe(406);
  });

  it('has a number, hrefs and keys that nobody gets after it', async () => {
    const [one, two] = [await make(), await make()];
    await test.control.delete(two.href);
    const three = await make();
    await test.control.delete(one.href);
    await test.control.delete(three.href);
    const four = await make();
    expect([one, two, three, four].map(({ org_id }) => org_id)).toEqual([2, 3, 4, 5]);
    expect(new Set([one, two, three, four].map(({ api_key }) => api_key)).size).toBe(4);
  });

  it('is not given the number of one that a world had, also where that has gone', async () => {
    const orgs = [1, 4, 5].map((id) => ({ id, name: `of the world ${id}` }));
    test.emulator.loadWorld({ description: '', orgs, steps: [] });
    expect((await test.control.delete('/orgs/4')).status).toBe(204);
    expect((await test.control.delete('/orgs/5')).status).toBe(204);
    expect((await make()).org_id).toBe(6);
    expect((await test.control.delete('/orgs/1')).status).toBe(204);
    test.emulator.loadWorld(test.emulator.saveWorld());
    expect((await make()).org_id).toBe(7);
    test.emulator.reset();
    expect((await test.control.delete('/orgs/1')).status).toBe(204);
    expect((await test.pce.get('/orgs/1/labels')).status).toBe(401);
    expect((await make()).org_id).toBe(2);
  });

  it('is told in the journal by itself', async () => {
    const [one, other] = [await make(), await make()];
    await labelOf(test.as(one), 'app', 'mine', one.href);
    await labelOf(test.as(other), 'app', 'theirs', other.href);
    await test.as(other).get(`${one.href}/labels`);
    const seen = async ({ org_id }: Tenant) =>
      (await rows(test.control, `/requests?org=${org_id}`)).map(({ path, status }) => `${status} ${path.slice(7)}`);
    expect(await seen(one)).toContain(`201 ${one.href}/labels`);
    expect(await seen(one)).not.toContain(`201 ${other.href}/labels`);
    expect(await seen(other)).toContain(`201 ${other.href}/labels`);
    expect(test.emulator.requests.count({ org: one.org_id, status: '201' })).toBe(1);
    expect(test.emulator.requests.count({ org: 1 })).toBe(0);
  });

  it('can have faults of its own', async () => {
    const [one, other] = [await make(), await make()];
    const cluster = await clusterOf(test, { org: one.href, pce: test.as(one) });
    test.emulator.faults.add({ when: { org: one.org_id }, effect: { status: 503 } });
    for (let time = 0; time < 2; time++) {
      expect((await test.as(one).get(`${one.href}/labels`)).status).toBe(503);
      expect((await cluster.agent.put(`${cluster.href}/put_from_cluster`, {})).status).toBe(503);
      expect((await test.as(other).get(`${other.href}/labels`)).status).toBe(200);
      expect((await test.pce.get('/orgs/1/labels')).status).toBe(200);
    }
  });
});

describe('two hundred tenants at once', () => {
  const test = useServer();
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pce-emulator-tenants-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('each see exactly their own', async () => {
    const db = join(folder, 'state.db');
    const server = await test.start({ journal: { entries: 10_000 }, db });
    const { emulator } = server;
    const before = emulator.saveWorld().steps;
    const agent = new Agent({ keepAlive: true, maxSockets: 40 });
    const life = async (index: number) => {
      const { body: tenant } = await server.control('POST', '/orgs', { body: {}, agent });
      const headers = authorization(tenant);
      const ask = async (method: string, path: string, body?: Json, as = headers) => {
        const asked = { headers: as, agent, ...(body === undefined ? {} : { body }) };
        const got = await server.send(method, `/api/v2${path}`, asked);
        if (got.status === null || got.status >= 300) throw new Error(`${method} ${path}: ${got.status} ${got.text}`);
        return got.body;
      };
      const org = tenant.href;
      const values = ['a', 'b', `own ${index}`];
      const labels = await Promise.all(
        values.map((value) => ask('POST', `${org}/labels`, { key: 'app', value, external_data_set: value })),
      );
      const cluster = await ask('POST', `${org}/container_clusters`, { name: 'same' });
      const key = { api_key: cluster.href.slice(-36), api_secret: cluster.container_cluster_token };
      const namespaces = [`of-${index}`, 'shop'];
      await ask('PUT', `${cluster.href}/put_from_cluster`, { namespaces }, authorization(key));
      const seen = {
        labels: (await ask('GET', `${org}/labels`)).map(({ href }: Json) => href).sort(),
        clusters: (await ask('GET', `${org}/container_clusters`)).map(({ href }: Json) => href),
        namespaces: (await ask('GET', `${cluster.href}/container_workload_profiles`)).map((one: Json) => one.namespace),
        events: (await ask('GET', `${org}/events`)).filter(({ created_by }: Json) => created_by.user).length,
      };
      expect(seen).toEqual({
        labels: [`${org}/labels/1`, `${org}/labels/2`, `${org}/labels/3`],
        clusters: [cluster.href],
        namespaces: [null, ...namespaces],
        events: 4,
      });
      expect(labels.map(({ href }) => href).sort()).toEqual(seen.labels);
      const theirs = await server.send('GET', `/api/v2/orgs/${tenant.org_id === 2 ? 3 : 2}/labels`, { headers, agent });
      expect(theirs.status).toBe(403);
      expect(emulator.requests.count({ org: tenant.org_id, status: '2xx' })).toBe(9);
      const deleted = index % 2 === 0;
      if (deleted) expect((await server.control('DELETE', org, { agent })).status).toBe(204);
      expect((await server.send('GET', `/api/v2${org}/labels`, { headers, agent })).status).toBe(deleted ? 401 : 200);
      return { org_id: tenant.org_id as number, deleted, headers };
    };
    const tenants = await Promise.all(Array.from({ length: 200 }, (_, index) => life(index)));
    expect(tenants.map(({ org_id }) => org_id).sort((a, b) => a - b)).toEqual(tenants.map((_, index) => index + 2));
    for (const { org_id, deleted } of tenants.filter((one) => !one.deleted)) {
      expect(deleted).toBe(false);
      expect((await server.control('DELETE', `/orgs/${org_id}`, { agent })).status).toBe(204);
    }
    expect(emulator.saveWorld().steps).toEqual(before);
    agent.destroy();
    await emulator.close();
    const file = new Database(db);
    expect(file.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(file.pragma('foreign_key_check')).toEqual([]);
    // That of the first organisation's owner with its key.
    expect(file.prepare('SELECT count(*) FROM refs').pluck().get()).toBe(1);
    file.close();
  });
});

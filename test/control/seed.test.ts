import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator.ts';
import { authorization, type Json, useEmulator } from '../support/emulator.ts';
import { send } from './server.ts';

const CLUSTERS = '/orgs/1/container_clusters';
const LABELS = '/orgs/1/labels';

/** One who asks an emulator, and remembers what it was told. */
interface Asker {
  readonly emulator: Emulator;
  /** Statuses, headers and bodies, one after the other. */
  readonly heard: string[];
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Json>;
}

/** All headers that do not tell the machine's time. */
function told({ date: _, ...headers }: Record<string, unknown>) {
  return headers;
}

describe('a seed, after a reset', () => {
  const test = useEmulator({ seed: 7 });

  it('has lists come in the same orders again', async () => {
    const course = async () => {
      const orders: string[] = [];
      test.emulator.faults.add({ when: { route: 'labels.list' }, effect: { shuffled: true } });
      for (let index = 0; index < 12; index++) {
        await test.pce.post('/orgs/1/labels', { key: 'app', value: `value ${index}` });
        orders.push((await test.pce.get('/orgs/1/labels')).text);
      }
      return orders;
    };
    const before = await course();
    test.emulator.reset();
    expect(await course()).toEqual(before);
  });
});

describe('a seed', () => {
  const open: Emulator[] = [];
  const bugs: string[] = [];
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pce-emulator-seed-'));
  });
  afterEach(async () => {
    for (const emulator of open.splice(0)) await emulator.close();
    rmSync(folder, { recursive: true, force: true });
    expect(bugs.splice(0)).toEqual([]);
  });
  const begin = async (options: EmulatorOptions = {}): Promise<Asker> => {
    const log = (message: string) => void (message.startsWith('warning: ') || bugs.push(message));
    const emulator = await startEmulator({ world: 'empty', checkReplies: true, log, ...options });
    open.push(emulator);
    const heard: string[] = [];
    const user = authorization(emulator.credentials);
    return {
      emulator,
      heard,
      async ask(method, path, body, headers = user) {
        const answer = await send(`${emulator.http_url}/api/v2${path}`, method, { body, headers });
        heard.push(JSON.stringify([answer.status, told(answer.headers), answer.text]));
        return answer.body;
      },
    };
  };

  /** A bit of everything. @param name of what is made: names are not made twice */
  async function live({ ask, emulator }: Asker, name = 'a', between = async () => {}): Promise<void> {
    const step = async (...asked: Parameters<Asker['ask']>) => {
      await between();
      return ask(...asked);
    };
    const label = await step('POST', LABELS, { key: 'app', value: name });
    const cluster = await step('POST', CLUSTERS, { name });
    const key = { api_key: cluster.href.slice(-36), api_secret: cluster.container_cluster_token };
    const agent = authorization(key);
    const cluster_mode = emulator.pce_version === '25.2' ? { cluster_mode: 'clas' } : {};
    const report = { ...cluster_mode, namespaces: ['shop'], nodes: [{ name: 'n', machine_id: name }] };
    await step('PUT', `${cluster.href}/put_from_cluster`, report, agent);
    const profiles: Json[] = await step('GET', `${cluster.href}/container_workload_profiles`);
    const managed = { managed: true, enforcement_mode: 'visibility_only', assign_labels: [{ href: label.href }] };
    await step('PUT', profiles.find(({ namespace }) => namespace === 'shop').href, managed);
    const service = { uid: 'u', name: 'web', namespace: 'shop', service_type: 'ClusterIP' };
    const ports = { service_ports: [{ port: 80, protocol: 6 }], ip_addresses: ['10.0.0.1'] };
    await step('PUT', `${cluster.href}/services?refresh=true`, [{ ...service, ...ports }], agent);
    if (emulator.pce_version === '25.2') {
      const workload = { name: 'w', kind: 'Deployment', namespace: 'shop' };
      await step('POST', `${cluster.href}/kubernetes_workloads/bulk_create`, [workload], agent);
      await step('GET', `${cluster.href}/clas_auth_public_key`, undefined, agent);
      await step('GET', `${cluster.href}/policies`, undefined, agent);
    }
    await step('GET', LABELS, undefined, { ...authorization(emulator.credentials), prefer: 'respond-async' });
    const profile = await step('POST', '/orgs/1/pairing_profiles', { name, enabled: true });
    await step('POST', `${profile.href}/pairing_key`, {});
    const tenant = emulator.org();
    await step('POST', `/orgs/${tenant.org_id}/container_clusters`, { name }, authorization(tenant));
    await step('POST', LABELS, { key: 'app' });
    await step('GET', LABELS, undefined, {});
    await step('GET', '/orgs/1/nowhere');
    for (const list of ['labels', 'container_clusters', 'events', 'sec_policy/draft/virtual_services', 'networks']) {
      await step('GET', `/orgs/1/${list}`);
    }
  }

  /** What was left to chance, in all that an emulator was heard to say and holds; digests are not. */
  const drawn = ({ heard, emulator }: Asker): Set<string> => {
    const uuids = JSON.stringify(emulator.saveWorld()).match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
    const secrets = (heard.join() + JSON.stringify(emulator.allCredentials)).match(/[0-9a-f-]{17,}/g) ?? [];
    return new Set([...uuids, ...secrets]);
  };
  const shared = (one: Asker, other: Asker) => [...drawn(one)].filter((id) => drawn(other).has(id));

  it.each([['22.2'], ['25.2']] as const)('makes every byte come out the same again (%s)', async (pceVersion) => {
    const [one, other] = [await begin({ seed: 7, pceVersion }), await begin({ seed: '7', pceVersion })];
    await live(one);
    // What somebody asks of the emulator's own API in between takes nothing away.
    const paths = ['/requests', '/world', '/ready', '/clock', '/faults', '/snapshots', '/orgs', '/openapi.json'];
    await live(other, 'a', async () => {
      const path = String(paths.shift());
      paths.push(path);
      expect((await send(`${other.emulator.http_url}/_emulator${path}`, 'GET', {})).status).toBe(200);
      other.emulator.requests.find();
    });
    expect(other.heard).toEqual(one.heard);
    expect(other.emulator.allCredentials).toEqual(one.emulator.allCredentials);
    expect(other.emulator.saveWorld()).toEqual(one.emulator.saveWorld());
    expect(one.emulator.clock.now()).toBe('2025-01-01T00:00:00.000Z');
    expect(one.heard.join()).toContain('created_at\\":\\"2025-01-01T00:00:00.000Z');
    expect(one.heard.join().includes('BEGIN PUBLIC KEY')).toBe(pceVersion === '25.2');
  });

  it('that is another makes everything come out otherwise', async () => {
    const [one, other] = [await begin({ seed: 7, pceVersion: '25.2' }), await begin({ seed: 8, pceVersion: '25.2' })];
    for (const asker of [one, other]) await live(asker);
    expect(drawn(one).size).toBeGreaterThan(50);
    expect(shared(one, other)).toEqual([]);
    expect(one.emulator.credentials).not.toEqual(other.emulator.credentials);
  });

  it('that nobody gave makes no ids and no secrets', async () => {
    const one = await begin();
    const other = await begin();
    for (const asker of [one, other]) await live(asker);
    expect(shared(one, other)).toEqual([]);
    expect(one.emulator.seed).not.toBe(other.emulator.seed);
    expect(JSON.stringify([...drawn(one)])).not.toContain(one.emulator.seed);
  });

  it.each([['22.2'], ['25.2']] as const)('makes no id again that a file has (%s)', async (pceVersion) => {
    const db = join(folder, 'state.db');
    const past = new Set<string>();
    for (const name of ['a', 'b', 'c']) {
      const asker = await begin({ seed: 7, pceVersion, db });
      const before = JSON.stringify(asker.emulator.saveWorld().steps.filter(notKeys));
      await live(asker, name);
      const ids = [...drawn(asker)].filter((id) => !before.includes(id));
      expect(ids.length).toBeGreaterThan(20);
      expect(ids.filter((id) => past.has(id))).toEqual([]);
      for (const id of ids) past.add(id);
      expect(asker.heard.filter((one) => one.startsWith('[5'))).toEqual([]);
      await asker.emulator.close();
    }
  });

  it.each([
    ['that starts with it', true],
    ['that loads it', false],
  ])('makes no id again that a saved world has, in an emulator of the same seed %s', async (_how, starts) => {
    const first = await begin({ seed: 7 });
    first.emulator.org('gone').delete();
    first.emulator.org('kept');
    for (const name of ['a', 'b']) await live(first, name);
    const world = first.emulator.saveWorld();
    const file = join(folder, 'world.json');
    writeFileSync(file, JSON.stringify(world));
    const again = async () => {
      const asker = await begin({ seed: 7, ...(starts && { world: file }) });
      if (!starts) asker.emulator.loadWorld(world);
      const before = JSON.stringify(asker.emulator.saveWorld());
      // Here the same number of draws leads to the name of a key that the world has.
      asker.emulator.org();
      for (const name of ['c', 'd', 'e']) await live(asker, name);
      expect(asker.heard.filter((one) => one.startsWith('[5'))).toEqual([]);
      // Tokens, too: the world has their digests.
      const tokens = [...asker.heard, ...first.heard].join().match(/container_cluster_token\\":\\"[0-9a-f_]+/g);
      expect(new Set(tokens).size).toBe(tokens?.length);
      const { steps } = asker.emulator.saveWorld();
      const hrefs = steps.map((step) => ('document' in step ? step.document : ''));
      expect(new Set(hrefs).size).toBe(hrefs.length);
      expect(hrefs.filter((href) => !before.includes(`"${href}"`)).length).toBeGreaterThan(30);
      return asker.heard;
    };
    expect(await again()).toEqual(await again());
  });

  it('is told, also where nobody gave one, and brings the same faults again', async () => {
    const course = async (asker: Asker) => {
      const { faults } = asker.emulator;
      faults.clear();
      faults.add({ name: 'now-and-then', probability: 0.5, effect: { status: 503 } });
      asker.heard.length = 0;
      for (let time = 0; time < 40; time++) await asker.ask('GET', LABELS);
      return asker.heard.map((one) => one.slice(0, 4)).join();
    };
    const first = await begin();
    const ready = await send(`${first.emulator.http_url}/_emulator/ready`, 'GET', {});
    expect(ready.body.seed).toBe(first.emulator.seed);
    const seen = await course(first);
    expect([seen.includes('200'), seen.includes('503')]).toEqual([true, true]);
    expect(await course(await begin({ seed: first.emulator.seed }))).toBe(seen);
    expect(await course(await begin({ seed: 'another' }))).not.toBe(seen);
    first.emulator.reset();
    expect(await course(first)).toBe(seen);
  });

  it('brings the same course of a hostile emulator again, in what it says and what it does', async () => {
    const course = async () => {
      const asker = await begin({ seed: 'hostile', hostile: true });
      for (let index = 0; index < 30; index++) {
        await asker.ask('POST', LABELS, { key: 'app', value: `value ${index}` });
        await asker.ask('GET', LABELS);
      }
      return asker.heard;
    };
    const first = await course();
    expect(first.filter((one) => /^\[(429|503)/.test(one)).length).toBeGreaterThan(0);
    expect(await course()).toEqual(first);
  });

  it('is no empty text', async () => {
    await expect(startEmulator({ listen: false, seed: '' })).rejects.toThrow(/the seed is empty/);
    const { emulator } = await begin({ seed: 0 });
    expect(emulator.seed).toBe('0');
  });
});

const notKeys = (step: object) => !('collection' in step && step.collection === 'api_keys');

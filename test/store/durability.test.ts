import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator.ts';
import { authorization, clientOf, type Json, ROOT } from '../support/emulator.ts';

const CLUSTERS = '/orgs/1/container_clusters';

describe('a database file', () => {
  let folder = '';
  let db = '';
  const open: Emulator[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pce-emulator-db-'));
    db = join(folder, 'state.db');
  });
  afterEach(async () => {
    for (const emulator of open.splice(0)) await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const begin = async (options: EmulatorOptions = {}) => {
    const emulator = await startEmulator({ db, listen: false, checkReplies: true, ...options });
    open.push(emulator);
    return { emulator, pce: clientOf(emulator, authorization(emulator.credentials)) };
  };

  it('goes on where it stopped: documents, order, links, keys and sequences', async () => {
    const first = await begin({ world: 'empty' });
    const { body: label } = await first.pce.post('/orgs/1/labels', { key: 'env', value: 'Production' });
    const { body: created } = await first.pce.post(CLUSTERS, { name: 'kept' });
    const profiles = `${created.href}/container_workload_profiles`;
    await first.pce.post(profiles, { name: 'team', assign_labels: [{ href: label.href }] });
    const before = [await first.pce.get(CLUSTERS), await first.pce.get(profiles)].map(({ body }) => body);
    await first.emulator.close();

    const second = await begin();
    expect(second.emulator.world).toBe('empty');
    const again = clientOf(second.emulator, authorization(first.emulator.credentials));
    expect([await again.get(CLUSTERS), await again.get(profiles)].map(({ body }) => body)).toEqual(before);
    expect((await again.delete(label.href)).status).toBe(406);
    const { body: next } = await again.post('/orgs/1/labels', { key: 'env', value: 'Test' });
    expect(next.href).toBe('/orgs/1/labels/2');
    const token = { authorization: `Token token=${created.container_cluster_token}` };
    expect((await clientOf(second.emulator, token).get(profiles)).status).toBe(200);
  });

  it('goes on as a later release, which shows its further fields', async () => {
    const first = await begin();
    const { headers } = await first.pce.get(CLUSTERS, { prefer: 'respond-async' });
    await first.emulator.close();
    const { pce } = await begin({ pceVersion: '25.2' });
    expect((await pce.get(headers.location ?? '')).body).toMatchObject({ status: 'done' });
    const [cluster] = (await pce.get(CLUSTERS)).body;
    expect(cluster).toMatchObject({ name: 'k8s2', caps: ['write'], cluster_mode: 'legacy', container_runtime: null });
  });

  it('does not go back to an earlier release', async () => {
    const first = await begin({ pceVersion: '25.2' });
    await first.emulator.close();
    await expect(begin({ pceVersion: '22.2' })).rejects.toThrow(/cannot be downgraded to 22\.2/);
  });

  it('of a newer emulator is left alone', async () => {
    const first = await begin();
    await first.emulator.close();
    const file = new Database(db);
    file.pragma('user_version = 99');
    file.close();
    await expect(begin()).rejects.toThrow(/newer pce-emulator/);
  });

  it('of another program is left alone', async () => {
    const other = new Database(db);
    other.exec('CREATE TABLE mine (x)');
    other.close();
    await expect(begin()).rejects.toThrow(/another program/);
  });

  it('gains what a newer declaration asks for', async () => {
    const first = await begin();
    const before = (await first.pce.get(`${CLUSTERS}?name=k8s`)).body;
    await first.emulator.close();
    const file = new Database(db);
    file.exec('ALTER TABLE container_clusters DROP COLUMN name');
    file.exec("UPDATE meta SET value = 'older' WHERE name = 'declared'");
    file.close();
    const second = await begin();
    expect((await second.pce.get(`${CLUSTERS}?name=k8s`)).body).toEqual(before);
  });

  it('holds every acknowledged write after kill -9 in the middle of many', async () => {
    const children: ChildProcess[] = [];
    const start = (): Promise<{ child: ChildProcess; ready: Json }> =>
      new Promise((resolve, reject) => {
        const args = ['start', '--port', '0', '--json', '--world', 'empty', '--db', db, '--api-key', 'api_1:secret'];
        const child = spawn(process.execPath, [join(ROOT, 'dist', 'cli.js'), ...args]);
        children.push(child);
        child.once('exit', () => reject(new Error('it ended before it was ready')));
        child.stdout.once('data', (line) => resolve({ child, ready: JSON.parse(String(line)) }));
      });
    const headers = {
      ...authorization({ api_key: 'api_1', api_secret: 'secret' }),
      'content-type': 'application/json',
    };
    const acknowledged = new Set<string>();
    try {
      for (let round = 0; round < 5; round++) {
        const { child, ready } = await start();
        const url = `${ready.http_url}/api/v2${CLUSTERS}`;
        let alive = true;
        const writer = async (name: string) => {
          for (let index = 0; alive; index++) {
            const body = JSON.stringify({ name: `${name}-${index}` });
            const answer = await fetch(url, { method: 'POST', headers, body }).catch(() => undefined);
            if (answer?.status !== 201) return;
            const { href } = (await answer.json().catch(() => ({}))) as { href?: string };
            if (href) acknowledged.add(href);
          }
        };
        const writers = [1, 2, 3, 4].map((one) => writer(`round-${round}-${one}`));
        await new Promise((resolve) => setTimeout(resolve, 50 + round * 60));
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await gone;
        alive = false;
        await Promise.all(writers);
      }
      const file = new Database(db);
      expect(file.pragma('integrity_check', { simple: true })).toBe('ok');
      const stored = file.prepare('SELECT href FROM container_clusters').pluck().all();
      const halves = file
        .prepare(
          `SELECT count(*) FROM container_clusters AS c
           WHERE (SELECT count(*) FROM container_workload_profiles WHERE parent = c.id) <> 1`,
        )
        .pluck()
        .get();
      file.close();
      expect(acknowledged.size).toBeGreaterThan(50);
      expect([...acknowledged].filter((href) => !stored.includes(href))).toEqual([]);
      expect(halves).toBe(0);
    } finally {
      for (const child of children) child.kill('SIGKILL');
    }
  });
});

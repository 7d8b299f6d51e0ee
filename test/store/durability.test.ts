import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator.ts';
import { authorization, clientOf } from '../support/emulator.ts';

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
});

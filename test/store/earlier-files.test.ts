import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { type Emulator, type EmulatorOptions, type Release, startEmulator } from '../../src/emulator.ts';
import { KUMA_RELEASES } from '../../src/kuma/versions.ts';
import { authorization, clientOf, type Json, ROOT } from '../support/emulator.ts';
import { asking } from '../support/kuma.ts';
import { soundnessOf } from './soundness.ts';

/** What earlier emulators have left behind: see the README there. */
const FILES = join(ROOT, 'fixtures', 'files');

const RELEASE_OF: Record<string, Release> = {
  e6a52e5: '22.2',
  b91a8bb: '22.2',
  '0bce21f': '25.2',
  '6a16ae5': '25.2',
  '7f01c22': '22.2',
  '025ed98': '22.2',
  '49525f8': '25.2',
  '49525f8-killed': '22.2',
  cc761d6: '25.2',
  '0a3d4d7': '22.2',
};

/** Each as the release that wrote it, and those of the first release as the last. */
const CASES = Object.entries(RELEASE_OF).flatMap(([name, release]): [string, Release][] =>
  release === '25.2'
    ? [[name, release]]
    : [
        [name, release],
        [name, '25.2'],
      ],
);

/** What belongs to a moment, or to what has come since. */
const MOVES = new Set(['caps', 'online', 'updated_at', 'last_connected', 'destination_type', 'expires_at']);

describe('a file of an earlier emulator', () => {
  let folder = '';
  let db = '';
  const open: Emulator[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pce-emulator-earlier-'));
    db = join(folder, 'state.db');
  });
  afterEach(async () => {
    for (const emulator of open.splice(0)) await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const begin = async (options: EmulatorOptions): Promise<Emulator> => {
    const emulator = await startEmulator({ listen: false, checkReplies: true, offlineAfter: 1e15, ...options });
    open.push(emulator);
    return emulator;
  };
  const unpacked = (name: string): Buffer => brotliDecompressSync(readFileSync(join(FILES, name)));
  const layOut = (name: string) => {
    for (const part of readdirSync(FILES)) {
      const [, suffix] = part.startsWith(`${name}.db`) ? (/\.db(.*)\.br$/.exec(part) ?? []) : [];
      if (suffix !== undefined) writeFileSync(db + suffix, unpacked(part));
    }
    return JSON.parse(String(unpacked(`${name}.json.br`))) as {
      tokens: Record<string, string>;
      second: Json;
      seen: Json;
      kuma?: Json;
    };
  };

  it('stands beside the others with what was in it', () => {
    const names = readdirSync(FILES).flatMap((file) => /^(.*)\.db\.br$/.exec(file)?.[1] ?? []);
    expect(names.sort()).toEqual(Object.keys(RELEASE_OF).sort());
  });

  it.each(CASES)('(%s) opens as %s with everything that it showed', async (name, pceVersion) => {
    const { seen, tokens, second } = layOut(name);
    const { emulator, pce } = await letIn(pceVersion);
    const lost: string[] = [];
    for (const [path, before] of Object.entries<Json>(seen)) {
      const { status, body } = await pce.get(path);
      if (status !== 200) lost.push(`${path} answers ${status}`);
      else lost.push(...differences(path, before, body));
    }
    expect(lost).toEqual([]);
    for (const [cluster, token] of Object.entries(tokens)) {
      const agent = clientOf(emulator, authorization({ api_key: cluster.slice(-36), api_secret: token }));
      expect((await agent.get(`${cluster}/container_workload_profiles`)).status).toBe(200);
    }
    if (second) {
      const other = clientOf(emulator, authorization(second));
      expect((await other.get(`/orgs/${second.org_id}/labels`)).body).toMatchObject([{ value: 'elsewhere' }]);
    }
  });

  it.each(KUMA_RELEASES)(
    '(0a3d4d7) opens as Kuma %s with everything that it showed, or that this knows',
    async (version) => {
      const { kuma: before } = layOut('0a3d4d7');
      const kuma = await asking((await begin({ db, kuma: { version } })).kuma_app);
      const items = (body: Json): string[] => body.items.map(({ type, name }: Json) => `${type} ${name}`);
      for (const [path, one] of Object.entries<Json>(before ?? {})) {
        const after = JSON.parse((await kuma.ask({ method: 'GET', path })).text);
        if (version === '0.4.0') expect([path, after]).toEqual([path, one]);
        else expect([path, items(after)]).toEqual([path, items(one)]);
      }
      await kuma.close();
      expect(Object.keys(before)).toHaveLength(12);
    },
  );

  it.each(Object.keys(RELEASE_OF))('(%s) can be changed as the last release, closed and opened again', async (name) => {
    const pceVersion = '25.2';
    layOut(name);
    const { emulator, pce } = await letIn(pceVersion);
    const clusters = (await pce.get('/orgs/1/container_clusters')).body;
    for (const { href } of clusters) {
      expect((await pce.put(href, { description: 'changed' })).status).toBe(204);
      for (const profile of (await pce.get(`${href}/container_workload_profiles`)).body) {
        expect((await pce.put(profile.href, { description: 'changed' })).status).toBe(204);
      }
    }
    for (const { href, value } of (await pce.get('/orgs/1/labels')).body) {
      expect((await pce.put(href, { value: `${value} changed` })).status).toBe(204);
    }
    expect((await pce.post('/orgs/1/container_clusters', { name: 'another' })).status).toBe(201);
    expect((await pce.post('/orgs/1/sec_policy/draft/services', service)).status).toBe(201);
    expect((await pce.post('/orgs/1/sec_policy', {})).status).toBe(201);
    for (const { href } of clusters) expect((await pce.delete(href)).status).toBe(204);
    // To load it holds every document to its schema, and every link to its end.
    const world = emulator.saveWorld();
    await emulator.close();
    expect(soundnessOf(db)).toEqual([]);
    (await begin({ pceVersion, world: 'empty' })).loadWorld(world);
    const again = await letIn(pceVersion);
    expect((await again.pce.get('/orgs/1/container_clusters')).body).toMatchObject([{ name: 'another' }]);
  });

  const service = { name: 'one more', service_ports: [{ port: 4443, proto: 6 }] };

  /** With the key that the file was made with, of which nothing else is known by now. */
  const letIn = async (pceVersion: Release) => {
    const emulator = await begin({ db, pceVersion });
    return { emulator, pce: clientOf(emulator, authorization({ api_key: 'api_1', api_secret: 'secret' })) };
  };
});

/** Where something that was there is not there any more, or is another; what has come since does not count. */
function differences(path: string, before: Json, after: Json): string[] {
  if (Array.isArray(before) && Array.isArray(after)) {
    return before.flatMap((one, index) => {
      const by = ['href', 'name'].find((key) => one?.[key] !== undefined);
      const same = by === undefined ? after[index] : after.find((other) => other[by] === one[by]);
      return differences(`${path} ${by === undefined ? index : one[by]}`, one, same);
    });
  }
  if (before !== null && typeof before === 'object' && after !== null && typeof after === 'object') {
    return Object.entries(before).flatMap(([key, value]) =>
      MOVES.has(key) ? [] : differences(`${path} .${key}`, value, after[key]),
    );
  }
  return before === after ? [] : [`${path}: ${JSON.stringify(before)} is ${JSON.stringify(after)}`];
}

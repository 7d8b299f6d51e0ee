import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator.ts';
import type { DIFFERENCES } from '../../src/pce/versions.ts';
import { authorization, ROOT } from '../support/emulator.ts';
import { readTranscripts } from '../support/transcripts.ts';
import { connect } from './connection.ts';
import { type Outcome, replay } from './replay.ts';

const live = readTranscripts().filter((one) => one.live);
const keyOf = ({ credentials }: Emulator) => `${credentials.api_key}:${credentials.api_secret}`;

const emulators: Emulator[] = [];
const start = async (options: EmulatorOptions = {}): Promise<Emulator> => {
  const emulator = await startEmulator({ world: 'empty', log: () => undefined, ...options });
  emulators.push(emulator);
  return emulator;
};
afterEach(async () => {
  for (const emulator of emulators.splice(0)) await emulator.close();
});

/** Plays the transcripts of a release to an emulator, over a socket. */
async function play(emulator: Emulator, release: string, origin = emulator.http_url): Promise<Outcome[]> {
  const ca = origin.startsWith('https:') ? readFileSync(emulator.ca_file, 'utf8') : undefined;
  const send = connect({ origin, key: keyOf(emulator), ca, insecure: false });
  const outcomes: Outcome[] = [];
  for (const [index, transcript] of live.filter((one) => one.release === release).entries()) {
    outcomes.push(await replay(transcript, { send, org: 1, run: `run-${index + 10}` }));
  }
  return outcomes;
}

const told = (outcomes: readonly Outcome[]) =>
  outcomes.flatMap(({ file, exchanges }) =>
    exchanges.flatMap(({ title, differences, skipped }) => [
      ...differences.map(({ severity, where }) => `${file}, ${title}: ${severity} ${where}`),
      ...(skipped === undefined ? [] : [`${file}, ${title}: skipped`]),
    ]),
  );

/** A difference that is known: the row of the table of releases that it comes from, where it shows, and how. */
type Known = [row: keyof typeof DIFFERENCES, exchange: string, differences: string[]];

const CREATED = 'A cluster is created';
/** Every exchange that shows a cluster, with the place of the cluster in its body. */
const CLUSTERS_SHOWN: [exchange: string, at: string][] = [
  ['pce/container_clusters/life-of-a-cluster.http, A new cluster shows its token this once', ''],
  ['pce/container_clusters/life-of-a-cluster.http, It is the same by its href, without the token', ''],
  ['pce/container_clusters/life-of-a-cluster.http, A part of its name finds it', '/0'],
  ['pce/container_clusters/life-of-a-cluster.http, As it is now', ''],
  [`pce/container_workload_profiles/default-profile.http, ${CREATED}`, ''],
  [`pce/container_workload_profiles/made-by-hand.http, ${CREATED}`, ''],
  [`pce/container_workload_profiles/older-forms.http, ${CREATED}`, ''],
];
const extraKey = (row: Known[0], key: string): Known[] =>
  CLUSTERS_SHOWN.map(([exchange, at]) => [row, exchange, [`warning ${at}/${key}`]]);

const KNOWN_23_5: Known[] = [
  ...extraKey('cluster_mode', 'cluster_mode'),
  ...extraKey('cluster_runtime_and_caps', 'container_runtime'),
  ...extraKey('cluster_runtime_and_caps', 'caps'),
];

const OLDER = 'pce/container_workload_profiles/older-forms.http';
/** Every exchange that shows a pairing profile, with the place of the profile in its body. */
const PAIRING_PROFILES_SHOWN: [exchange: string, at: string][] = [
  ["A pairing profile is created; what is left out gets the defaults that the Ansible collection's tests assert", ''],
  ['A part of its name finds it', '/0'],
  ['As it is now', ''],
];
const KNOWN_25_2: Known[] = [
  ...KNOWN_23_5,
  ...extraKey('cluster_clas_mode', 'clas_mode'),
  ...PAIRING_PROFILES_SHOWN.map(
    ([exchange, at]): Known => [
      'pairing_profile_last_key',
      `pce/pairing_profiles/life-of-a-pairing-profile.http, ${exchange}`,
      [`warning ${at}/last_pairing_key_generated_at`, `warning ${at}/last_pairing_key_generated_by`],
    ],
  ),
  [
    'cluster_name_required',
    'pce/container_clusters/refusals.http, A cluster without a name is refused',
    ['critical status'],
  ],
  ['profile_mode_and_log_traffic', `${OLDER}, The older names of its settings`, ['critical status']],
  // What was refused has not changed anything.
  [
    'profile_mode_and_log_traffic',
    `${OLDER}, What they are called now`,
    ['note /enforcement_mode', 'note /visibility_level'],
  ],
  [
    'profile_mode_and_log_traffic',
    `${OLDER}, What it looks like afterwards`,
    ['note /enforcement_mode', 'note /visibility_level'],
  ],
  ['profile_label_assign', `${OLDER}, The older word for an assignment`, ['critical status']],
  ['profile_label_none', `${OLDER}, No label for a key`, ['critical status']],
  [
    'profile_label_none',
    `${OLDER}, What it looks like afterwards`,
    ['warning /assign_labels/0', 'warning /labels/0/assignment/href', 'warning /labels/0/assignment/value'],
  ],
  ['profile_managed_idle_refused', `${OLDER}, A managed profile may be idle`, ['critical status']],
];
const written = (known: readonly Known[]) =>
  known.flatMap(([, exchange, differences]) => differences.map((one) => `${exchange}: ${one}`)).sort();

describe('transcripts that may be played to a real PCE', () => {
  it('begin with an empty organisation, and ask nothing of the emulator itself', () => {
    expect(live.filter(({ world }) => world !== 'empty')).toEqual([]);
    const paths = live.flatMap(({ exchanges }) => exchanges.map(({ path }) => path));
    expect(paths.filter((path) => !path.startsWith('/api/v2/orgs/1/'))).toEqual([]);
    const headers = live.flatMap(({ exchanges }) => exchanges.flatMap((one) => Object.keys(one.headers)));
    expect(headers).not.toContain('Authorization');
  });

  it('change only what they have made themselves', () => {
    const changes = live.flatMap(({ file, exchanges }) =>
      exchanges.filter(({ method }) => method === 'PUT' || method === 'DELETE').map(({ path }) => ({ file, path })),
    );
    // The id comes from an answer of the same transcript.
    expect(changes.filter(({ path }) => !/^\/api\/v2\/orgs\/1\/\w+\/\{\{\w+\}\}/.test(path))).toEqual([]);
  });

  it('are told of three releases', () => {
    expect([...new Set(live.map(({ release }) => release))].sort()).toEqual(['22.2', '24.5', '25.2']);
  });
});

describe('played to an emulator', () => {
  it.each(['22.2', '24.5', '25.2'] as const)('of the same release %s, they differ in nothing', async (release) => {
    const outcomes = await play(await start({ pceVersion: release }), release);
    expect(outcomes.length).toBeGreaterThan(0);
    expect(told(outcomes)).toEqual([]);
  });

  it('over HTTPS, they differ in nothing either', async () => {
    const emulator = await start();
    expect(told(await play(emulator, '22.2', emulator.url))).toEqual([]);
  });

  it('twice, they do not meet what the first time has left', async () => {
    const emulator = await start();
    await play(emulator, '22.2');
    const send = connect({ origin: emulator.http_url, key: keyOf(emulator), insecure: false });
    const again = live.filter(({ release }) => release === '22.2');
    for (const [index, transcript] of again.entries()) {
      expect(told([await replay(transcript, { send, org: 1, run: `again-${index + 10}` })])).toEqual([]);
    }
  });

  it('leave nothing behind', async () => {
    const emulator = await start();
    const outcomes = await play(emulator, '22.2');
    expect(outcomes.flatMap(({ left }) => left)).toEqual([]);
    const names = ['labels', 'container_clusters', 'pairing_profiles'];
    const there = names.map(async (name) => {
      const url = `${emulator.http_url}/api/v2/orgs/1/${name}`;
      return (await fetch(url, { headers: authorization(emulator.credentials) })).json();
    });
    expect(await Promise.all(there)).toEqual([[], [], [expect.objectContaining({ name: 'Default' })]]);
  });

  it('of release 23.5, they differ in exactly what the table of releases says', async () => {
    expect(told(await play(await start({ pceVersion: '23.5' }), '22.2')).sort()).toEqual(written(KNOWN_23_5));
  });

  it('of release 25.2, they differ in exactly what the table of releases says', async () => {
    expect(told(await play(await start({ pceVersion: '25.2' }), '22.2')).sort()).toEqual(written(KNOWN_25_2));
  });
});

describe('npm run live', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pce-emulator-live-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const launch = (env: Record<string, string>, args: string[] = []) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'test/live/live.ts', ...args], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, ...env },
    });
    const out = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      out.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      out.stderr += chunk;
    });
    const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
      child.once('close', (code) => resolve({ code, ...out })),
    );
    return { child, ended };
  };
  const run = (env: Record<string, string>, args?: string[]) => launch(env, args).ended;
  const environment = (emulator: Emulator, url = emulator.http_url) => ({
    PCE_LIVE_URL: url,
    PCE_LIVE_KEY: keyOf(emulator),
  });

  it('ends with 0 where nothing critical was found, and writes a report', async () => {
    const emulator = await start();
    const json = join(folder, 'report.json');
    const env = { ...environment(emulator, emulator.url), PCE_LIVE_CA: emulator.ca_file };
    const { code, stdout, stderr } = await run(env, ['--json', json]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('critical') });
    expect(stderr).toContain('pce/labels/life-of-a-label.http: no difference\n');
    expect(stdout).toContain('0 critical, 0 warnings, 0 notes; 0 skipped\nAll that was made is deleted.\n');
    const report = JSON.parse(readFileSync(json, 'utf8'));
    expect(report).toMatchObject({
      origin: emulator.url,
      org: 1,
      release: '22.2',
      summary: { critical: 0, warning: 0, note: 0, skipped: 0, left: 0, transcripts: report.outcomes.length },
    });
  });

  it('ends with 1 where something critical was found, and says how sure the expectation was', async () => {
    const emulator = await start({ pceVersion: '25.2' });
    const json = join(folder, 'report.json');
    const { code, stdout, stderr } = await run(environment(emulator), ['--json', json]);
    expect(code).toBe(1);
    expect(stdout).toContain(`pce/container_clusters/refusals.http
  A cluster without a name is refused (POST /api/v2/orgs/1/container_clusters)
    expected as documented — so the difference is interesting: Core 22.2 REST API reference, Container Clusters; the sentence is inferred
    critical status: another status; expected 406; got 201
`);
    expect(stdout).toContain('expected as inferred — so the PCE is right: ');
    expect(JSON.parse(readFileSync(json, 'utf8')).summary).toMatchObject({ critical: 5, left: 0 });
    const { api_secret } = emulator.credentials;
    const written = stdout + stderr + readFileSync(json, 'utf8');
    for (const secret of [api_secret, Buffer.from(keyOf(emulator)).toString('base64')]) {
      expect(written).not.toContain(secret);
    }
    expect(written).not.toMatch(/1_[0-9a-f]{64}/);
  });

  it.each<[string, Record<string, string>, string]>([
    ['no URL', { PCE_LIVE_URL: '' }, 'PCE_LIVE_URL is not set'],
    ['no key', { PCE_LIVE_KEY: '' }, 'PCE_LIVE_KEY is not set'],
    ['a key without a secret', { PCE_LIVE_KEY: 'hidden' }, 'PCE_LIVE_KEY must be a key and its secret'],
    ['a URL that is none', { PCE_LIVE_URL: 'pce.example.com' }, 'must be a URL with https://'],
    ['a URL with a path', { PCE_LIVE_URL: 'https://pce.example.com/api/v2' }, 'must end with host and port'],
    ['an organisation that is no number', { PCE_LIVE_ORG: 'one' }, 'PCE_LIVE_ORG must be the number'],
    ['a release without transcripts', { PCE_LIVE_RELEASE: '21.5' }, 'must be one of 22.2, 24.5, 25.2'],
    ['a CA file that is not there', { PCE_LIVE_CA: '/nowhere.pem' }, 'PCE_LIVE_CA cannot be read: ENOENT'],
    ['two ways to trust', { PCE_LIVE_CA: '/x.pem', PCE_LIVE_INSECURE: '1' }, 'exclude each other'],
    ['nobody there', { PCE_LIVE_URL: 'http://127.0.0.1:1' }, 'there is no answer from http://127.0.0.1:1: '],
  ])('ends with 2 for %s, and teaches', async (_what, env, message) => {
    const given = { PCE_LIVE_URL: 'http://127.0.0.1:1', PCE_LIVE_KEY: 'api_1:hidden', ...env };
    const { code, stdout, stderr } = await run(given);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('PCE_LIVE_URL=https://pce.example.com:8443 PCE_LIVE_KEY=api_…:secret npm run live');
    expect(stderr).not.toContain('hidden');
  });

  it('ends with 2 for a key, an organisation or a certificate that is not accepted', async () => {
    const emulator = await start();
    const env = environment(emulator);
    const [key, org, certificate, insecure] = await Promise.all([
      run({ ...env, PCE_LIVE_KEY: 'api_1:hidden' }),
      run({ ...env, PCE_LIVE_ORG: '7' }),
      run({ ...env, PCE_LIVE_URL: emulator.url }),
      run({ ...env, PCE_LIVE_URL: emulator.url, PCE_LIVE_INSECURE: '1', PCE_LIVE_RELEASE: '25.2' }),
    ]);
    expect([key.code, org.code, certificate.code]).toEqual([2, 2, 2]);
    expect(key.stderr).toContain('does not take PCE_LIVE_KEY (401)');
    expect(org.stderr).toContain('may not read organisation 7 (403)');
    expect(certificate.stderr).toContain('PCE_LIVE_CA names a PEM file');
    expect(insecure.stdout).toContain('1 transcripts, 2 exchanges');
  });

  it('deletes what it has made when it is stopped by Ctrl-C', async () => {
    const asked: string[] = [];
    const href = '/orgs/1/container_clusters/0d5c8b3e-8a6b-4f0e-9d4c-6a1a5b0c7d11';
    const stop = { now: () => undefined as unknown };
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (request.method !== 'POST') {
        return void response.writeHead(request.method === 'DELETE' ? 204 : 200).end();
      }
      // As with npm: the terminal sends it to all of the group, and npm passes it on.
      stop.now();
      stop.now();
      setTimeout(() => response.writeHead(201).end(JSON.stringify({ href })), 300);
    }).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { child, ended } = launch({ PCE_LIVE_URL: url, PCE_LIVE_KEY: 'api_1:hidden' });
    stop.now = () => child.kill('SIGINT');
    const { code, stdout } = await ended;
    server.close();
    expect(code).toBe(130);
    expect(asked.slice(1)).toEqual(['POST /api/v2/orgs/1/container_clusters', `DELETE /api/v2${href}`]);
    expect(stdout).toContain('skipped: the run was stopped');
    expect(stdout).toContain('All that was made is deleted.');
  });

  it('says what it cannot write to', async () => {
    const emulator = await start({ pceVersion: '25.2' });
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const env = { ...environment(emulator), PCE_LIVE_RELEASE: '25.2' };
    const { code, stderr } = await run(env, ['--json', join(file, 'report.json')]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--json cannot be written: ENOTDIR') });
  });
});

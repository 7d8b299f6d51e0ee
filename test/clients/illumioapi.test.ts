import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/emulator.ts';
import { describeWhere } from './programs.ts';
import { recordingOf } from './recording.ts';
import { useStory } from './stories.ts';

/**
 * The Go library that workloader is made of, unmodified, through the driver in `illumioapi/`. It speaks HTTPS alone,
 * and logs in with a password. Without Go, or without a network to get the library from, its tests are skipped.
 */

const DRIVER = join(__dirname, 'illumioapi');
const CACHE = join(ROOT, 'node_modules', '.cache', 'pce-emulator', 'go');
const sources = ['main.go', 'go.mod', 'go.sum'].map((file) => readFileSync(join(DRIVER, file), 'utf8'));
const [, version = null] = /illumioapi\/v2 (v\S+)/.exec(sources.join('\n')) ?? [];

/** One driver for each state of its sources. */
const driver = join(CACHE, createHash('sha256').update(sources.join('\0')).digest('hex').slice(0, 16));

/** Builds the driver unless it is there. @returns why there is none, or undefined */
function missingDriver(): string | undefined {
  if (existsSync(driver)) return undefined;
  mkdirSync(CACHE, { recursive: true });
  const draft = `${driver}.${process.pid}`;
  const env = {
    ...process.env,
    GOPATH: CACHE,
    GOCACHE: join(CACHE, 'build'),
    // What Go keeps can be removed like all else in node_modules.
    GOFLAGS: '-modcacherw',
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
    CGO_ENABLED: '0',
  };
  const options = { cwd: DRIVER, env, encoding: 'utf8', timeout: 300_000 } as const;
  const { error, status, stderr } = spawnSync('go', ['build', '-o', draft, '.'], options);
  if (error) return `Go cannot be run: ${error.message}`;
  if (status !== 0) return `the Go driver cannot be built: ${stderr.trim().split('\n').at(-1)}`;
  renameSync(draft, driver);
  return undefined;
}

const missing = missingDriver();
const recording = recordingOf('illumioapi', version, ['https']);

describeWhere(missing, 'the Go library of workloader', () => {
  const { step } = useStory({
    name: 'illumioapi/main.go',
    options: { world: 'empty', pceVersion: '25.2' },
    recording,
    command: ({ url, credentials }) => [
      driver,
      ['-port', new URL(url).port, '-email', 'user1@example.com', '-password', credentials.api_secret],
    ],
  });
  const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

  it('logs in with a password and makes itself a key, by a path with two slashes', () => {
    expect(step('log in and make a key')).toEqual({
      user: '/users/1',
      org: 1,
      session: 'user_1',
      key: expect.stringMatching(/^api_[0-9a-f]+$/),
      keys: expect.arrayContaining(['go']),
    });
    expect(step('come with a wrong password').error).toMatch('http status code of 401');
  });

  it('reads the version as numbers', () => {
    expect(step('ask for the version').version).toEqual([25, 2]);
  });

  it('makes, changes and finds labels, plain and through a job', () => {
    const { href, found, read, again } = step('make labels');
    expect([found, read]).toEqual([href, 'WebServer']);
    expect(again).toEqual(['http status code of 406', expect.stringContaining('label_key_and_value_must_be_unique')]);
    expect(step('get labels through a job').values).toEqual(['WebServer', 'Test']);
  });

  it('onboards a cluster', () => {
    const { href, found, token } = step('onboard a cluster');
    expect(href).toMatch(new RegExp(`^/orgs/1/container_clusters/${UUID}$`));
    expect([found, token]).toEqual([href, expect.stringMatching(/^1_[0-9a-f]{64}$/)]);
  });

  it('gives a profile a label', () => {
    const { left, profile, backends } = step('change profiles');
    expect([left, backends]).toEqual([1, ['', '[]']]);
    expect(profile).toMatchObject({ name: 'Default Profile', managed: true, enforcement_mode: 'visibility_only' });
    expect(profile.labels).toEqual([{ key: 'role', assignment: { href: '/orgs/1/labels/1', value: 'WebServer' } }]);
  });

  it('makes a pairing profile in the older words, and a key', () => {
    expect(step('make a pairing profile and a key')).toEqual({
      mode: 'illuminated',
      code: expect.stringMatching(/^[0-9a-f]{40,}$/),
      description: 'changed',
    });
  });

  it('makes and changes workloads, alone and in bulk', () => {
    const { hostnames, warnings, description } = step('make workloads');
    expect([hostnames, warnings ?? [], description]).toEqual([['web-1', 'web-2'], [], 'changed']);
  });

  it('writes policy and brings it into force', () => {
    expect(step('write policy')).toEqual({
      pending: [1, 1, 1, 1],
      rule_sets: ['shop'],
      rule: true,
      any: '/orgs/1/sec_policy/active/ip_lists/1',
      version: 1,
    });
  });

  it('binds a virtual service that is in force', () => {
    const { active, draft, bound } = step('bind a virtual service');
    expect([active, bound]).toEqual([draft.replace('/draft/', '/active/'), true]);
  });

  it('loads everything at once', () => {
    const { dimensions, counts } = step('load everything at once');
    expect(dimensions).toEqual(expect.arrayContaining(['role', 'app', 'env', 'loc']));
    expect(counts).toEqual([2, 2, 2, 1]);
  });

  it('reads events', () => {
    expect(step('read what happened').events).toBe(3);
  });

  it('hears of a cluster that is gone', () => {
    expect(step('delete the cluster').again).toEqual(['delete href - http status code of 404', '']);
  });

  recording.itIsOnRecord();
});

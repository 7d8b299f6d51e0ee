import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Misuse } from '../../src/commands/arguments.ts';
import { simulate } from '../../src/commands/simulate.ts';
import { createCertificate } from '../../src/http/certificate.ts';
import { ROOT } from '../support/emulator.ts';
import { CLUSTER, type FakePce, type Recorded, startFakePce, tokenOf } from './fake-pce.ts';

const CLI = join(ROOT, 'dist', 'cli.js');
const DUMP = join(ROOT, 'fixtures', 'kubernetes', 'kurl-v1.23.json');
const KEY = 'api_1:top-secret-of-a-user';
const SECRETS = ['top-secret-of-a-user', tokenOf(1), btoa(KEY), btoa(`${CLUSTER}:${tokenOf(1)}`)];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('pce-emulator simulate', () => {
  let pce: FakePce;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    pce = await startFakePce();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await pce.close();
    expect(pce.violations).toEqual([]);
  });

  const begin = (args: string[], input = ''): { child: ChildProcess; ended: Promise<Ended> } => {
    const child = spawn(process.execPath, [CLI, 'simulate', ...args]);
    children.push(child);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (code) => {
        for (const secret of SECRETS) expect(stdout + stderr).not.toContain(secret);
        resolve({ code, stdout, stderr });
      });
    });
    return { child, ended };
  };
  const run = (args: string[], input?: string) => begin(['--url', pce.url, ...args], input).ended;
  const asCluster = ['--cluster', CLUSTER, '--token', tokenOf(1)];
  const asUser = ['--api-key', KEY];
  const asked = (end: RegExp): Recorded[] => pce.requests.filter(({ path }) => end.test(path));
  const fleet = (clusters: number, ...more: string[]) =>
    run(['--clusters', String(clusters), '--namespaces', '2', '--workloads', '3', ...asUser, ...more]);
  /** Resolves once `condition` holds. */
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  describe('with the output of kubectl', () => {
    it('reports it once, as the cluster that is named', async () => {
      expect(await run([DUMP, ...asCluster, '--json'])).toMatchObject({ code: 0, stderr: '' });
      expect(pce.asked).toEqual([
        'PUT put_from_cluster',
        'PUT services?refresh=true',
        'GET /_emulator/ready',
        'PUT pods?refresh=true',
      ]);
      expect(pce.requests[0]?.headers.authorization).toBe(`Basic ${btoa(`${CLUSTER}:${tokenOf(1)}`)}`);
    });

    it('reads it from standard input too', async () => {
      const { stdout } = await run(['-', ...asCluster, '--json'], readFileSync(DUMP, 'utf8'));
      expect(JSON.parse(stdout)).toMatchObject({ services: 12, pods: 57 });
    });

    it('sums up in one line of JSON', async () => {
      const { stdout } = await run([DUMP, ...asCluster, '--json']);
      expect(JSON.parse(stdout)).toEqual({
        clusters: 1,
        namespaces: 9,
        services: 12,
        workloads: 0,
        pods: 57,
        heartbeats: 0,
        changes: 0,
        failures: 0,
        requests: 4,
        seconds: expect.any(Number),
        href: `/orgs/1/container_clusters/${CLUSTER}`,
      });
      expect(stdout.trim().split('\n')).toHaveLength(1);
    });

    it('sums up for people', async () => {
      const { stdout } = await run([DUMP, ...asCluster, '--mode', 'clas']);
      expect(stdout).toMatch(
        new RegExp(
          `^reported /orgs/1/container_clusters/${CLUSTER}\n  9 namespaces, 12 services, 24 workloads, 0 pods\n  7 requests in [\\d.]+ s, 0 failures\n$`,
        ),
      );
    });

    it('makes the cluster first when it has an API key', async () => {
      await run([DUMP, ...asUser, '--name', 'kurl', '--managed']);
      expect(pce.asked.slice(0, 4)).toEqual([
        'POST /api/v2/orgs/1/container_clusters',
        'GET container_workload_profiles',
        'PUT container_workload_profiles/default',
        'PUT put_from_cluster',
      ]);
      const [made, , managed] = pce.requests;
      expect(made).toMatchObject({ body: { name: 'kurl' }, headers: { authorization: `Basic ${btoa(KEY)}` } });
      expect(managed?.body).toEqual({ managed: true, enforcement_mode: 'visibility_only' });
    });

    it('leaves the Default Profile as it is unless it is told', async () => {
      await run([DUMP, ...asUser]);
      expect(asked(/profiles/)).toEqual([]);
      expect(asked(/container_clusters$/)[0]?.body).toEqual({ name: 'simulated' });
    });

    it('knows other organisations', async () => {
      await run([DUMP, ...asCluster, '--org', '7']);
      expect(pce.requests[0]?.path).toBe(`/api/v2/orgs/7/container_clusters/${CLUSTER}/put_from_cluster`);
    });
  });

  describe('with a fleet', () => {
    it('makes the clusters, has them managed, and reports them all', async () => {
      const { code, stdout } = await fleet(3, '--json');
      expect({ code, ...JSON.parse(stdout) }).toMatchObject({
        code: 0,
        clusters: 3,
        namespaces: 6,
        services: 6,
        pods: 18,
      });
      const names = asked(/container_clusters$/).map(({ body }) => body.name);
      expect(names.sort()).toEqual(['simulated-1', 'simulated-2', 'simulated-3']);
      expect(asked(/profiles\/default$/)).toHaveLength(3);
    });

    it('is managed no more than wished', async () => {
      await fleet(2, '--no-managed');
      expect(asked(/profiles/)).toEqual([]);
    });

    it('says the same for the same seed, and something else for another', async () => {
      const said = async (...more: string[]) => {
        await pce.close();
        pce = await startFakePce();
        await fleet(2, '--parallel', '1', ...more);
        return pce.requests.map(({ method, path, text }) => `${method} ${path} ${text}`);
      };
      const first = await said();
      expect(await said('--seed', '1')).toEqual(first);
      expect(await said('--seed', '2')).not.toEqual(first);
    });

    it.each([1, 3])('keeps to %i requests at once', async (parallel) => {
      pce.pause = 5;
      await fleet(6, '--parallel', String(parallel));
      expect(pce.mostAtOnce).toBe(parallel);
    });
  });

  describe('steadily', () => {
    it('goes on until the time is up', async () => {
      const { code, stdout } = await run([DUMP, ...asCluster, '--every', '100ms', '--for', '450ms', '--json']);
      const { heartbeats, changes } = JSON.parse(stdout);
      expect({ code, changes }).toEqual({ code: 0, changes: 0 });
      expect(heartbeats).toBeGreaterThanOrEqual(3);
      expect(heartbeats).toBeLessThanOrEqual(4);
      expect(asked(/put_from_cluster$/)).toHaveLength(heartbeats + 1);
      // Nothing has changed: nothing else is said.
      expect(pce.requests).toHaveLength(heartbeats + 4);
    });

    it('reports what churn has changed', async () => {
      const { stdout } = await run([DUMP, ...asCluster, '--every', '50ms', '--for', '1s', '--churn', '5', '--json']);
      const { heartbeats, changes } = JSON.parse(stdout);
      expect(changes).toBe(5 * heartbeats);
      for (const told of ['PUT pods', 'PUT pods/delete', 'PUT services', 'PUT services/delete']) {
        expect(pce.asked).toContain(told);
      }
      const namespaces = asked(/put_from_cluster$/).map(({ body }) => body.namespaces);
      expect(namespaces.flat().some((name: string) => name.startsWith('churn-'))).toBe(true);
    });

    it.each(['SIGINT', 'SIGTERM'] as const)('ends with its summary on %s', async (signal) => {
      const { child, ended } = begin([DUMP, '--url', pce.url, ...asCluster, '--every', '50ms', '--json']);
      await until(() => asked(/put_from_cluster$/).length >= 3);
      child.kill(signal);
      const { code, stdout } = await ended;
      expect(code).toBe(0);
      expect(JSON.parse(stdout).heartbeats).toBeGreaterThanOrEqual(2);
    });

    it('says that it is not through where it is told to end before every cluster has reported', async () => {
      const args = ['--clusters', '500', '--namespaces', '1', '--workloads', '1', '--parallel', '1'];
      const { child, ended } = begin([...args, '--url', pce.url, '--api-key', 'api_1:secret', '--json']);
      await until(() => asked(/put_from_cluster$/).length >= 3);
      child.kill('SIGTERM');
      const { code, stdout, stderr } = await ended;
      expect([code, JSON.parse(stdout).clusters < 500]).toEqual([1, true]);
      expect(stderr).toContain('pce-emulator: interrupted before every cluster had reported\n');
    });

    it('ends at once on a second signal, even while an answer does not come', async () => {
      pce.instead = ({ path }) => (path.endsWith('put_from_cluster') ? 'hang' : undefined);
      const { child, ended } = begin([DUMP, '--url', pce.url, ...asCluster, '--every', '50ms']);
      await until(() => pce.requests.length > 0);
      child.kill('SIGINT');
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(child.exitCode).toBeNull();
      child.kill('SIGINT');
      expect(await ended).toMatchObject({ code: 1, stdout: '' });
    });

    it('survives a PCE that stumbles, and says everything again', async () => {
      let stumbles = 0;
      pce.instead = ({ path }) => {
        const stumble = path.endsWith('put_from_cluster') && asked(/put_from_cluster$/).length === 2;
        return stumble && ++stumbles ? { status: 500 } : undefined;
      };
      const { code, stdout, stderr } = await run([DUMP, ...asCluster, '--every', '50ms', '--for', '400ms', '--json']);
      const { failures, heartbeats } = JSON.parse(stdout);
      expect({ code, stumbles, failures }).toEqual({ code: 1, stumbles: 1, failures: 1 });
      expect(asked(/put_from_cluster$/)).toHaveLength(1 + heartbeats + failures);
      expect(stderr).toMatch(/^pce-emulator: simulated: PUT .*put_from_cluster: 500 \(no body\)\n$/);
      expect(asked(/services\?refresh=true$/)).toHaveLength(2);
    });

    it('gives a cluster up that the PCE does not know any more', async () => {
      pce.instead = () => (asked(/put_from_cluster$/).length > 2 ? { status: 401 } : undefined);
      const { code, stderr } = await run([DUMP, ...asCluster, '--every', '50ms']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/put_from_cluster: 401 \(no body\); it reports no more\n$/);
    });
  });

  describe('when the PCE refuses', () => {
    it('says what, where and why in one line', async () => {
      pce.instead = ({ path }) =>
        path.includes('/services')
          ? { status: 406, body: [{ token: 'input_validation_error', message: 'Not this' }] }
          : undefined;
      const { code, stdout, stderr } = await run([DUMP, ...asCluster, '--json']);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `pce-emulator: simulated: PUT /api/v2/orgs/1/container_clusters/${CLUSTER}/services?refresh=true: 406 input_validation_error: Not this\n`,
      });
      expect(JSON.parse(stdout)).toMatchObject({ clusters: 0, failures: 1 });
    });

    it('stops the one cluster whose token is not taken, and reports the others', async () => {
      const refused = btoa(`${CLUSTER}:${tokenOf(1)}`);
      pce.instead = ({ headers }) =>
        headers.authorization === `Basic ${refused}`
          ? { status: 401, body: [{ token: 'unauthorized', message: 'No' }] }
          : undefined;
      const { code, stdout, stderr } = await fleet(3, '--json');
      expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 1, clusters: 2, pods: 12, failures: 1 });
      expect(stderr).toMatch(/^pce-emulator: simulated-\d: PUT .*: 401 unauthorized: No\n$/);
    });

    it('ends when the API key is not taken', async () => {
      pce.instead = () => ({ status: 401, body: [{ token: 'unauthorized', message: 'No' }] });
      expect(await fleet(50)).toEqual({
        code: 1,
        stdout: '',
        stderr: 'pce-emulator: POST /api/v2/orgs/1/container_clusters: 401 unauthorized: No\n',
      });
      expect(pce.requests.length).toBeLessThanOrEqual(8);
    });

    it('waits as long as it is asked to, and goes on', async () => {
      let busy = 1;
      pce.instead = () => (busy-- > 0 ? { status: 429, headers: { 'retry-after': '1' } } : undefined);
      const { code, stdout } = await run([DUMP, ...asCluster, '--json']);
      expect({ code, requests: JSON.parse(stdout).requests }).toEqual({ code: 0, requests: 5 });
      expect(JSON.parse(stdout).seconds).toBeGreaterThanOrEqual(1);
    });

    it('reports the rest to a real PCE, which takes no pods', async () => {
      pce.instead = ({ path }) => (path.startsWith('/_emulator') ? { status: 404 } : undefined);
      const { code, stdout, stderr } = await fleet(2, '--json');
      expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, clusters: 2, services: 4, pods: 0 });
      expect(stderr.match(/skipped/g)).toHaveLength(1);
    });

    it('says where nothing answers', async () => {
      await pce.close();
      expect(await run([DUMP, ...asCluster])).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/^pce-emulator: PUT http:.*put_from_cluster: .*ECONNREFUSED.*\n$/),
      });
    });
  });

  describe('over HTTPS', () => {
    let folder = '';
    let ca = '';
    let secure: FakePce;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'pce-emulator-simulate-'));
      ca = join(folder, 'ca.pem');
      const identity = await createCertificate([]);
      writeFileSync(ca, identity.ca);
      secure = await startFakePce(identity);
    });
    afterAll(async () => {
      await secure.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const report = (...more: string[]) => begin([DUMP, '--url', secure.url, ...asCluster, ...more]).ended;

    it('trusts the authority that it is given', async () => {
      expect(await report('--ca', ca)).toMatchObject({ code: 0, stderr: '' });
    });

    it('trusts nobody else, and says what to do', async () => {
      const { code, stderr } = await report();
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(/certificate.*--ca FILE.*--insecure/),
      });
      expect(stderr.trim().split('\n')).toHaveLength(1);
    });

    it('trusts anyone when it is told to', async () => {
      expect(await report('--insecure')).toMatchObject({ code: 0 });
    });
  });

  describe('says in one line what is wrong', () => {
    const oneLine = async (args: string[], code: number, text: RegExp, input = '') => {
      const result = await run(args, input);
      expect(result).toMatchObject({ code, stdout: '' });
      expect(result.stderr).toMatch(text);
      expect(result.stderr.trim().split('\n')).toHaveLength(1);
      expect(pce.requests).toEqual([]);
    };
    const cases: readonly (readonly [what: string, args: string[], text: RegExp])[] = [
      ['nothing to report', asCluster, /takes a FILE, - for standard input, or --clusters N/],
      ['two files', ['a', 'b', ...asCluster], /one file, not a and b/],
      ['a file and a fleet', [DUMP, '--workloads', '3', ...asCluster], /--workloads makes a fleet/],
      ['no credentials', [DUMP], /--cluster UUID --token TOKEN, or --api-key/],
      ['half of the credentials', [DUMP, '--cluster', CLUSTER], /--cluster and --token go together/],
      ['a cluster that is none', [DUMP, '--cluster', 'x', '--token', 't'], /takes the UUID of a cluster, not x/],
      ['a key without a secret', [DUMP, '--api-key', 'api_1'], /--api-key takes a name and a secret/],
      ['a fleet with one identity', ['--clusters', '2', ...asCluster], /one cluster, not a fleet/],
      ['managing without a key', [DUMP, ...asCluster, '--managed'], /--managed takes an --api-key/],
      ['both ways', [DUMP, ...asUser, '--managed', '--no-managed'], /exclude each other/],
      ['churn without a beat', [DUMP, ...asCluster, '--churn', '1'], /go with --every/],
      ['a time that is none', [DUMP, ...asCluster, '--every', 'soon'], /--every takes a time such as 30s/],
      ['no time at all', [DUMP, ...asCluster, '--every', '0s'], /--every takes a time/],
      ['a mode that is none', [DUMP, ...asCluster, '--mode', 'both'], /--mode takes legacy or clas/],
      ['too many', ['--clusters', '1', '--namespaces', '10001', ...asUser], /a number from 1 to 10000, not 10001/],
      ['a number that is none', ['--clusters', 'many', ...asUser], /--clusters takes a number/],
      ['a URL with more to it', [DUMP, ...asCluster, '--url', 'https://pce:8443/api/v2'], /--url takes scheme, host/],
      ['an option that is none', [DUMP, ...asCluster, '--colour'], /'--colour'/],
    ];
    it.each(cases)('of %s', async (_what, args, text) => {
      const error: Error = await simulate(args).catch((reason) => reason);
      expect(error).toBeInstanceOf(Misuse);
      expect(error.message).toMatch(text);
    });
    it('of an option, with where to look', () =>
      oneLine([DUMP, '--colour'], 2, /'--colour' \(see pce-emulator --help\)/));
    it('of a file that is not there', () =>
      oneLine(['/nowhere.json', ...asCluster], 1, /\/nowhere.json cannot be read/));
    it('of YAML', () => oneLine(['-', ...asCluster], 1, /standard input is not JSON.*-o json/, 'kind: List\n'));
  });

  it('is in --help with all its options', async () => {
    const { stdout } = await run(['--help']);
    const source = readFileSync(join(ROOT, 'src', 'commands', 'simulate.ts'), 'utf8');
    const options = [...source.matchAll(/^ {2}'?([a-z-]+)'?: \{ type: '(?:string|boolean)'/gm)].map(([, name]) => name);
    expect(options.length).toBeGreaterThan(18);
    for (const option of options) expect(stdout).toContain(`--${option}`);
  });
});

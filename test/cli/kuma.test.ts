import { readFileSync } from 'node:fs';
import { type Json, ROOT } from '../support/emulator.ts';
import { askAt } from '../support/kuma.ts';
import { ended, run, useCommand } from './command.ts';

const put = (url: string, name: string) =>
  askAt(url, {
    method: 'PUT',
    path: `/meshes/${name}`,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ type: 'Mesh', name }),
  });
const versionAt = async (url: string): Promise<string> =>
  JSON.parse((await askAt(url, { method: 'GET', path: '/' })).text).version;

/** Asks Kuma for paths, over a connection of its own each. */
const ASK = `
  const { request } = require('http');
  const { KUMA_URL, PATHS } = process.env;
  const ask = (path) => new Promise((resolve, reject) => {
    request(KUMA_URL + path, (got) => got.resume().on('end', resolve)).on('error', reject).end();
  });
  (async () => { for (const path of JSON.parse(PATHS)) await ask(path); })();`;

describe('pce-emulator, and Kuma beside it,', () => {
  const { file, start, startJson } = useCommand();

  it('prints where it is, in JSON and for people, and ends it as well', async () => {
    const { child, ready } = await startJson(['--world', 'empty', '--kuma-version', '0.5.1']);
    expect(await versionAt(ready.kuma_url)).toBe('0.5.1');
    const { port } = new URL(ready.kuma_url);
    expect(port).not.toBe(new URL(ready.url).port);
    child.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
    await expect(put(ready.kuma_url, 'late')).rejects.toThrow('ECONNREFUSED');

    const { out } = await start(['--world', 'empty', '--port', '0']);
    const [, url = ''] = /^ +Kuma +(http:\/\/127\.0\.0\.1:\d+) +\(Kuma 0\.4\.0, /m.exec(out()) ?? [];
    expect(await versionAt(url)).toBe('0.4.0');
  });

  it('leaves it out with --no-kuma: nothing listens, and nobody is told of it', async () => {
    const { ready } = await startJson(['--world', 'empty', '--no-kuma', '--write-env', file('env')]);
    expect(ready).not.toHaveProperty('kuma_url');
    expect(readFileSync(file('env'), 'utf8')).not.toContain('KUMA');
    const { out } = await start(['--world', 'empty', '--port', '0', '--no-kuma']);
    expect(out()).not.toContain('Kuma');
    const asked = await run([
      'exec',
      '--world',
      'empty',
      '--no-kuma',
      '--',
      process.execPath,
      '-p',
      'process.env.KUMA_URL',
    ]);
    expect(asked).toMatchObject({ code: 0, stdout: 'undefined\n' });
  });

  it('lets two go side by side on free ports', async () => {
    const [one, other] = await Promise.all([startJson(['--world', 'empty']), startJson(['--world', 'empty'])]);
    const urls = [one.ready, other.ready].flatMap(({ url, kuma_url }) => [new URL(url).port, new URL(kuma_url).port]);
    expect(new Set(urls).size).toBe(4);
    expect((await put(one.ready.kuma_url, 'mine')).status).toBe(201);
    expect((await askAt(other.ready.kuma_url, { method: 'GET', path: '/meshes/mine' })).status).toBe(404);
  });

  it('can be one that takes no changes, also by the environment', async () => {
    const [one, other] = await Promise.all([
      startJson(['--world', 'empty', '--kuma-read-only']),
      startJson(['--world', 'empty'], { PCE_EMULATOR_KUMA_READ_ONLY: 'true', PCE_EMULATOR_KUMA_VERSION: '0.5.1' }),
    ]);
    const answers = await Promise.all([one, other].map(({ ready }) => put(ready.kuma_url, 'mine')));
    expect(answers.map(({ status, text }) => [status, text.slice(0, 30)])).toEqual([
      [405, '405: Method Not Allowed'],
      [405, 'On Kubernetes you cannot chang'],
    ]);
    expect((await askAt(one.ready.kuma_url, { method: 'GET', path: '/meshes' })).status).toBe(200);
  });

  it('keeps it in the same file', async () => {
    const args = ['--world', 'empty', '--db', file('state.db')];
    const first = await startJson(args);
    expect((await put(first.ready.kuma_url, 'kept')).status).toBe(201);
    first.child.kill('SIGTERM');
    expect(await ended(first.child)).toBe(0);
    const second = await startJson([...args, '--kuma-version', '0.5.1']);
    expect((await put(second.ready.kuma_url, 'kept')).status).toBe(200);
    second.child.kill('SIGTERM');
    await ended(second.child);
    const back = await run(['start', '--port', '0', ...args]);
    expect(back).toMatchObject({ code: 1, stdout: '' });
    expect(back.stderr).toMatch(/^pce-emulator: .*was last used as Kuma 0\.5\.1.*use --kuma-version 0\.5\.1.*\n$/);
  });

  it('holds a command to its contract too', async () => {
    const asking = (paths: string[], options: string[] = []) =>
      run(['exec', '--world', 'empty', ...options, '--', process.execPath, '-e', ASK], {
        PATHS: JSON.stringify(paths),
      });
    const fine = await asking(['/meshes', '/meshes/default/dataplanes+insights?tag=service:web']);
    expect(fine).toEqual({ code: 0, stdout: '', stderr: 'pce-emulator: 2 requests, 2 routes, no violations\n' });
    const [ignored, unknown, allowed] = await Promise.all([
      asking(['/meshes?size=1']),
      asking(['/meshes/default/dataplane+insights']),
      asking(['/meshes?size=1'], ['--fail-on', 'unknown-routes']),
    ]);
    expect([ignored.code, unknown.code, allowed.code]).toEqual([1, 1, 0]);
    expect(ignored.stderr).toMatch(
      /violations: GET \/meshes\?size=1: query size: is no parameter of kuma\.meshes\.list/,
    );
    expect(unknown.stderr).toMatch(/unknown-routes: GET .*nearest: GET \/meshes\/\{mesh\}\/dataplanes\+insights/);
  });

  it('lists with `routes` what each release of it answers', async () => {
    const [older, newer] = await Promise.all(
      ['0.4.0', '0.5.1'].map(async (release) => {
        const { stdout } = await run(['routes', '--kuma-version', release, '--json']);
        return JSON.parse(stdout) as Json[];
      }),
    );
    const paths = (routes: Json[] = []) => routes.map(({ method, path }) => `${method} ${path}`);
    expect(paths(older)).toContain('PUT /meshes/{mesh}/dataplanes/{name}');
    expect(paths(older)).not.toContain('GET /dataplanes');
    expect(paths(newer)).toEqual(expect.arrayContaining(['GET /dataplanes', 'GET /circuit-breakers', ...paths(older)]));
    expect(newer?.every(({ evidence, source }) => evidence === 'observed' && source.includes('0.5.1'))).toBe(true);
    const { stdout } = await run(['routes', '--kuma-version', '0.5.1']);
    expect(stdout).toContain('PUT    /meshes/{name}\n       kuma.meshes.put, observed: ');
  });

  it('is taught with --help, and told of in the README', async () => {
    const { stdout } = await run(['--help']);
    const readme = readFileSync(`${ROOT}/README.md`, 'utf8');
    for (const option of ['--kuma-port', '--kuma-version', '--kuma-read-only', '--no-kuma']) {
      expect(stdout).toContain(option);
      expect(readme).toContain(option);
    }
  });
});

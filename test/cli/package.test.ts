import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/emulator.ts';

describe('the package', () => {
  let folder = '';
  /** What `npm install pce-emulator` gives another project that has the types of Node. */
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pce-emulator-package-'));
    const packed = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const modules = join(folder, 'node_modules');
    mkdirSync(join(modules, 'pce-emulator'), { recursive: true });
    const tarball = join(folder, packed.trim().split('\n').at(-1) ?? '');
    execFileSync('tar', ['-xzf', tarball, '-C', join(modules, 'pce-emulator'), '--strip-components', '1']);
    for (const name of ['better-sqlite3', 'bindings', 'file-uri-to-path', '@types', 'undici-types']) {
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('can be imported from another folder and started', () => {
    writeFileSync(
      join(folder, 'use.js'),
      `import { startEmulator } from 'pce-emulator';
       const pce = await startEmulator({ world: 'demo' });
       const { api_key, api_secret } = pce.credentials;
       const answer = await fetch(pce.http_url + '/api/v2/orgs/1/container_clusters', {
         headers: { authorization: 'Basic ' + btoa(api_key + ':' + api_secret) },
       });
       console.log((await answer.json()).length);
       await pce.close();`,
    );
    expect(execFileSync(process.execPath, ['use.js'], { cwd: folder, encoding: 'utf8' })).toBe('4\n');
  });

  it('brings types along', () => {
    writeFileSync(
      join(folder, 'use.ts'),
      `import {
         type Credentials, type Effect, type Emulator, type EmulatorOptions, type Entry, type EntryPattern,
         type FaultRule, type StandingFault, startEmulator, type TestBench, type WorldDefinition,
       } from 'pce-emulator';
       import { useEmulator } from 'pce-emulator/jest';
       const options: EmulatorOptions = { seed: 7 };
       const authorization: string = useEmulator(options).authorization;
       const effect: Effect = { status: 429, retry_after: 1 };
       const rule: FaultRule = { when: { route: 'labels.*' }, effect };
       const pattern: EntryPattern = { status: '4xx', violations: true };
       const use = (bench: TestBench): [StandingFault, Entry[], WorldDefinition, Credentials] => [
         bench.faults.add(rule), bench.requests.find(pattern), bench.saveWorld(), bench.org(authorization),
       ];
       const pce: Emulator = await startEmulator({ pceVersion: '24.5', world: 'empty' });
       // @ts-expect-error there is no such release
       await startEmulator({ pceVersion: '1.0' });
       const port: string = new URL(pce.url).port;
       // @ts-expect-error the application is a function that takes requests, and no more is promised
       pce.app.listen(port);
       use(pce);`,
    );
    const compile = () =>
      execFileSync(
        join(ROOT, 'node_modules', '.bin', 'tsc'),
        ['--noEmit', '--strict', '--target', 'es2023', '--module', 'nodenext', '--types', 'node', 'use.ts'],
        {
          cwd: folder,
          encoding: 'utf8',
        },
      );
    expect(compile()).toBe('');
  });

  it('brings along what a file of tests uses', () => {
    mkdirSync(join(folder, 'tests'));
    writeFileSync(
      join(folder, 'tests', 'labels.test.js'),
      `import { useEmulator } from 'pce-emulator/jest';
       const pce = useEmulator({ world: 'empty' });
       it('has no labels', async () => {
         const headers = { authorization: pce.authorization };
         const answer = await fetch(pce.http_url + '/api/v2/orgs/1/labels', { headers });
         expect(await answer.json()).toEqual([]);
       });`,
    );
    const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
    const args = ['--experimental-vm-modules', '--no-warnings', jest, '--rootDir', 'tests', '--silent'];
    expect(() => execFileSync(process.execPath, args, { cwd: folder, stdio: 'pipe' })).not.toThrow();
  });

  it('has a command', () => {
    const command = join(folder, 'node_modules', 'pce-emulator', 'dist', 'cli.js');
    expect(execFileSync(process.execPath, [command, '--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('carries what it needs and nothing else', () => {
    const carried = readdirSync(join(folder, 'node_modules', 'pce-emulator')).sort();
    expect(carried).toEqual(['LICENSE', 'README.md', 'dist', 'fixtures', 'package.json', 'schemas']);
  });
});

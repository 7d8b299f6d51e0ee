import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { type Json, ROOT } from '../support/emulator.ts';
import { CLI, ended, run, useCommand } from './command.ts';

describe('pce-emulator on the command line', () => {
  const { file, kept, start, startJson } = useCommand();

  it('prints exactly one line of JSON when ready, and closes cleanly on SIGTERM', async () => {
    const { child, out, ready } = await startJson(['--world', 'empty']);
    expect(ready).toEqual({
      url: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      username: 'user1@example.com',
      http_url: ready.url.replace('https', 'http'),
      kuma_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      ca_file: expect.stringContaining('ca.pem'),
      org_id: 1,
      api_key: expect.stringMatching(/^api_[0-9a-f]{17}$/),
      api_secret: expect.stringMatching(/^[0-9a-f]{64}$/),
      control_url: `${ready.http_url}/_emulator`,
      seed: expect.stringMatching(/^[0-9a-f]+$/),
      pid: child.pid,
    });
    const answer = await fetch(`${ready.http_url}/_emulator/ready`);
    expect(await answer.json()).toMatchObject({ status: 'ready', pce_version: '22.2', world: 'empty' });
    child.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
    expect(out().trim().split('\n')).toHaveLength(1);
    expect(existsSync(ready.ca_file)).toBe(false);
  });

  it('stops at once on SIGTERM even while clients keep their connections', async () => {
    const { child, ready } = await startJson();
    await fetch(`${ready.http_url}/_emulator/ready`, { keepalive: true });
    const begun = performance.now();
    child.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
    expect(performance.now() - begun).toBeLessThan(3000);
  });

  it('stops in good order on SIGTERM while it starts', async () => {
    const db = file('starting.db');
    const child = kept(spawn(process.execPath, ['--', CLI, '--port', '0', '--db', db], { stdio: 'ignore' }));
    const over = ended(child);
    while (!existsSync(db)) await new Promise((resolve) => setTimeout(resolve, 1));
    child.kill('SIGTERM');
    expect(await over).toBe(0);
  });

  it('stops when npm, which started it, is told to stop', async () => {
    const npm = kept(spawn('npm', ['start', '--silent', '--', '--port', '0', '--json'], { cwd: ROOT }));
    const ready: Json = await new Promise((resolve, reject) => {
      npm.stdout.once('data', (line) => resolve(JSON.parse(String(line))));
      npm.once('exit', () => reject(new Error('npm ended before it was ready')));
    });
    const gone = ended(npm);
    npm.kill('SIGTERM');
    await gone;
    await expect(fetch(`${ready.http_url}/_emulator/ready`)).rejects.toThrow();
  });

  it('goes on serving when nobody reads its output any more', async () => {
    const { child, ready } = await startJson(['--world', 'page', '--api-key', 'api_1:secret']);
    child.stdout?.destroy();
    child.stderr?.destroy();
    const cluster = `${ready.http_url}/api/v2/orgs/1/container_clusters/65d1f197-938a-49ef-9343-6f55ec76fd90`;
    const profile = `${cluster}/container_workload_profiles/afe4661a-03ef-462f-ada6-ce7334aa9704`;
    const headers = { authorization: `Basic ${btoa('api_1:secret')}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ labels: [{ key: 'loc', restriction: { href: '/orgs/1/labels/221' } }] });
    expect((await fetch(profile, { method: 'PUT', headers, body })).status).toBe(204);
    expect((await fetch(profile, { headers })).status).toBe(200);
  });

  it('keeps a key that was chosen, and the keys of earlier starts', async () => {
    const db = file('state.db');
    const keys = [];
    for (const key of ['api_1:first', 'api_2:second', 'api_1:changed']) {
      const { child, ready } = await startJson(['--db', db, '--world', 'empty', '--api-key', key]);
      keys.push(key);
      const statuses = keys.map(async (pair) => {
        const headers = { authorization: `Basic ${btoa(pair)}` };
        return (await fetch(`${ready.http_url}/api/v2/orgs/1/labels`, { headers })).status;
      });
      const expected = key === 'api_1:changed' ? [401, 200, 200] : keys.map(() => 200);
      expect(await Promise.all(statuses)).toEqual(expected);
      child.kill('SIGTERM');
      await ended(child);
    }
  });

  it('prints a banner whose three curl lines can be pasted and work', async () => {
    const { out } = await start(['--port', '0']);
    const lines = out()
      .split('\n')
      .filter((line) => line.startsWith('curl '));
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const pasted = await new Promise<Json>((resolve, reject) =>
        execFile('bash', ['-c', `${line} --silent --show-error --fail-with-body`], (error, stdout) =>
          error ? reject(error) : resolve(JSON.parse(stdout)),
        ),
      );
      expect(pasted).toBeTruthy();
    }
    for (const told of ['URL', 'Org', 'API key', 'API secret', 'CA', 'Control', 'Docs'])
      expect(out()).toMatch(new RegExp(`^  ${told} `, 'm'));
  });

  it('takes every option from the environment as well', async () => {
    const { ready } = await startJson([], { PCE_EMULATOR_WORLD: 'empty', PCE_EMULATOR_API_KEY: 'api_fixed:0123' });
    expect(ready).toMatchObject({ api_key: 'api_fixed', api_secret: '0123' });
    expect(await (await fetch(`${ready.http_url}/_emulator/ready`)).json()).toMatchObject({ world: 'empty' });
  });

  it('takes from the environment, as a list with commas, what may be repeated', async () => {
    const { ready } = await startJson([], { PCE_EMULATOR_ALLOW_ORIGIN: 'http://one.test,http://two.test' });
    const statuses = ['http://one.test', 'http://two.test', 'http://three.test'].map(async (origin) => {
      return (await fetch(`${ready.http_url}/_emulator/clock`, { headers: { origin } })).status;
    });
    expect(await Promise.all(statuses)).toEqual([200, 200, 403]);
  });

  it('makes the same again of the same seed, and says how', async () => {
    const [{ out, child }, { ready }] = await Promise.all([
      start(['--port', '0', '--seed', '7', '--hostile']),
      startJson(['--seed', '7']),
    ]);
    expect(out()).toContain(`  API secret   ${ready.api_secret}\n`);
    expect(out()).toMatch(/^ {2}Seed {9}7 {3}\(the same again: --hostile --seed 7\)$/m);
    expect(await (await fetch(`${ready.control_url}/clock`)).json()).toMatchObject({ frozen: true });
    child.kill();
  });

  it('prints no seed where nothing asks for the same again', async () => {
    const { out } = await start(['--port', '0']);
    expect(out()).not.toMatch(/Seed|Token/);
  });

  it('stops its clock at a time', async () => {
    const { ready } = await startJson(['--clock', '2026-03-01T09:00:00Z']);
    expect(await (await fetch(`${ready.control_url}/clock`)).json()).toEqual({
      now: '2026-03-01T09:00:00.000Z',
      frozen: true,
    });
  });

  it('begins with faults where it is to be hostile', async () => {
    const { ready } = await startJson(['--hostile']);
    expect(await (await fetch(`${ready.control_url}/faults`)).json()).not.toEqual([]);
  });

  it('keeps as many requests in its journal as it is told, and as much of each body', async () => {
    const { ready } = await startJson(['--journal', '1', '--journal-body', '4']);
    const headers = { authorization: `Basic ${btoa(`${ready.api_key}:${ready.api_secret}`)}` };
    for (const path of ['events', 'labels']) await fetch(`${ready.http_url}/api/v2/orgs/1/${path}`, { headers });
    const entries: Json = await (await fetch(`${ready.control_url}/requests`)).json();
    expect(entries).toMatchObject([{ route: 'labels.list', response: { truncated: true } }]);
    expect(entries[0].response.text).toHaveLength(4);
  });

  it('takes a token for its own API, prints it, and makes one where other machines can come', async () => {
    const { ready } = await startJson(['--control-token', 'let-me-in']);
    expect(ready.control_token).toBe('let-me-in');
    const headers = { authorization: 'Bearer let-me-in' };
    expect((await fetch(`${ready.control_url}/clock`)).status).toBe(401);
    expect((await fetch(`${ready.control_url}/clock`, { headers })).status).toBe(200);
    const { out } = await start(['--port', '0', '--host', '0.0.0.0']);
    expect(out()).toMatch(/^ {2}Token {8}[0-9a-f]{64} /m);
  });

  it('writes a file for environments, for its owner alone, and removes it', async () => {
    const path = file('pce.env');
    const { ready, child } = await startJson(['--write-env', path]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toMatch(`PCE_URL=${ready.url}\n`);
    child.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  it('finds with `ready` at once what is ready, however long it would wait', async () => {
    const { ready } = await startJson(['--world', 'empty']);
    const begun = performance.now();
    expect(await run(['ready', '--wait', '60d', '--url', ready.http_url])).toMatchObject({ code: 0, stderr: '' });
    expect(performance.now() - begun).toBeLessThan(30_000);
  });

  it('waits with `ready` until an emulator answers', async () => {
    const { ready } = await startJson();
    expect(await run(['ready', '--wait', '5s', '--url', ready.url])).toMatchObject({
      code: 0,
      stdout: `ready: ${ready.url}\n`,
    });
  });

  it('lists with `routes` what it answers, with evidence', async () => {
    const { stdout } = await run(['routes', '--json']);
    expect(JSON.parse(stdout)).toContainEqual({
      method: 'POST',
      path: '/api/v2/orgs/{org_id}/container_clusters',
      id: 'container_clusters.create',
      evidence: 'documented',
      source: 'Core 22.2 REST API reference, Container Clusters',
      summary: expect.any(String),
    });
  });

  it('teaches with --help', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    const words = ['--port', '--db', '--world', '--pce-version', '--json', 'ready', 'routes', 'exec', 'NODE_EXTRA'];
    for (const word of words) expect(stdout).toContain(word);
  });

  describe('says in one line what is wrong', () => {
    const oneLine = async (args: string[], code: number, text: RegExp, env: NodeJS.ProcessEnv = {}) => {
      const result = await run(args, env);
      expect(result).toMatchObject({ code, stdout: '' });
      expect(result.stderr).toMatch(text);
      expect(result.stderr.trim().split('\n')).toHaveLength(1);
    };

    it('of a port in use', async () => {
      const taken = createServer();
      await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
      const { port } = taken.address() as { port: number };
      await oneLine(['--port', String(port)], 1, new RegExp(`port ${port} of 127.0.0.1 is in use`));
      taken.close();
    });
    it.each([
      [['--kuma-version', '0.6.0'], 2, /--kuma-version takes one of 0\.4\.0, 0\.5\.1, not 0\.6\.0/],
      [['--kuma-version', ''], 2, /--kuma-version is given without a value/],
      [['--kuma-port', '70000'], 2, /--kuma-port takes a number/],
      [['--kuma-port', 'many'], 2, /--kuma-port takes a number/],
      [['--no-kuma', '--kuma-port', '0'], 2, /--no-kuma and --kuma-port do not go together/],
      [['routes', '--kuma-version', '0.4'], 2, /--kuma-version takes one of/],
      [['routes', '--kuma-version', '0.4.0', '--pce-version', '22.2'], 2, /one or the other/],
    ])('of Kuma: %j', (args, code, text) => oneLine(args, code, text));
    it("of Kuma's port in use, and lets go of the PCE's", async () => {
      const [taken, free] = [createServer(), createServer()];
      const listening = (server: ReturnType<typeof createServer>, port = 0) =>
        new Promise<number>((resolve, reject) => {
          server.on('error', reject);
          server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
        });
      const [port, pcePort] = [await listening(taken), await listening(free)];
      await new Promise((resolve) => free.close(resolve));
      const args = ['--world', 'empty', '--port', String(pcePort), '--kuma-port', String(port)];
      await oneLine(args, 1, new RegExp(`port ${port} of 127.0.0.1 is in use; .*--kuma-port 0`));
      expect(await listening(createServer().unref(), pcePort)).toBe(pcePort);
      taken.close();
    });
    it('of an unknown option', () => oneLine(['--prot', '1'], 2, /'--prot'.*--help/));
    it('of an unknown command', () => oneLine(['strat'], 2, /no command strat/));
    it('of a port that is none', () => oneLine(['--port', '70000'], 2, /--port takes a number/));
    it('of a value that begins with a dash', () =>
      oneLine(['--port', '-1'], 2, /--port is given without a value; one that begins with a dash is given as --port=/));
    it.each([
      ['--max-connections', '0', /--max-connections takes a number from 1 to/],
      ['--request-timeout', '99999d', /--request-timeout takes a time of 24 days at the most/],
      ['--keep-alive', '999999h', /--keep-alive takes a time of 24 days at the most/],
    ])('of %s %s', (option, value, text) => oneLine([option, value], 2, text));
    it('of a name that no certificate can have', () =>
      oneLine(['--port', '0', '--tls-san', 'a b'], 1, /: "a b" is neither a host name nor an address: --tls-san/));
    it.each(['a/b:s', '..:s', 'api_.:s'])('of a key that would have no href: %s', (key) =>
      oneLine(['--port', '0', '--api-key', key], 1, /API key .* would have no href/),
    );
    it('of a release that is none', () => oneLine(['--pce-version', '21.1'], 2, /22\.2, 23\.5, 24\.5, 25\.2/));
    it('of a world that is none', () => oneLine(['--world', 'nowhere'], 1, /world nowhere cannot be read/));
    it('of an option in the environment', () => oneLine([], 2, /--port takes a number/, { PCE_EMULATOR_PORT: 'many' }));
    it('of half a certificate', () => oneLine(['--tls-cert', 'x.pem'], 2, /go together/));
    it('of a certificate that is not there', () =>
      oneLine(['--tls-cert', '/nowhere.pem', '--tls-key', '/nowhere.key'], 1, /nowhere.pem cannot be read/));
    it('of a certificate that is none', async () => {
      const path = file('not.pem');
      writeFileSync(path, 'not a certificate');
      await oneLine(['--tls-cert', path, '--tls-key', path], 1, /certificate/);
    });
    it('of a database that is another kind of file', async () => {
      const path = file('notes.txt');
      writeFileSync(path, 'these are notes, and they are long enough not to be taken for an empty database');
      await oneLine(['--port', '0', '--db', path], 1, /notes\.txt is not a SQLite file/);
    });
    it('of a folder that is not there', () => oneLine(['--db', file('no', 'x.db')], 1, /folder does not exist/));
    it('of a database that another emulator uses', async () => {
      const path = file('state.db');
      await startJson(['--db', path]);
      await oneLine(['--port', '0', '--db', path], 1, /state\.db is in use by another process/);
    });
    it('of another world than the database holds', async () => {
      const path = file('state.db');
      const { child } = await startJson(['--db', path, '--world', 'empty']);
      child.kill('SIGTERM');
      await ended(child);
      await oneLine(['--port', '0', '--db', path, '--world', 'demo'], 1, /holds the world empty, not demo/);
    });
    it('of an emulator that is not there', () =>
      oneLine(
        ['ready', '--wait', '200ms', '--url', 'http://127.0.0.1:1'],
        1,
        /nothing is ready at http:\/\/127\.0\.0\.1:1/,
      ));
    it('of an option without a value', () => oneLine(['--host', ''], 2, /--host is given without a value/));
    it('of an address that is not of this machine', () =>
      oneLine(['--host', '192.0.2.1'], 1, /cannot listen: .*192\.0\.2\.1/));
    it('of a name that a certificate cannot have', () =>
      oneLine(['--port', '0', '--tls-san', 'a b'], 1, /"a b" is neither/));
    it('of a key without a secret', () => oneLine(['--api-key', 'api_1'], 2, /--api-key takes a name and a secret/));
    it('of a place for the CA that is not there', () =>
      oneLine(['--port', '0'], 1, /no place for the CA file/, { TMPDIR: file('nowhere') }));
    it('of a world that extends itself', async () => {
      const path = file('mine.json');
      writeFileSync(path, JSON.stringify({ description: '', orgs: [], steps: [], extends: path }));
      await oneLine(['--port', '0', '--world', path], 1, /mine\.json extends itself/);
    });
    it('of a world that asks for what the API refuses', async () => {
      const path = file('mine.json');
      const steps = [{ call: 'POST /orgs/1/labels', body: { key: 'colour', value: 'red' } }];
      writeFileSync(path, JSON.stringify({ description: '', orgs: [{ id: 1, name: 'x' }], steps }));
      await oneLine(
        ['--port', '0', '--world', path],
        1,
        /POST \/orgs\/1\/labels is refused: Label key is not supported/,
      );
    });
    it('of a world with an id that no href can have', async () => {
      const path = file('mine.json');
      const next_ids = { labels: ['abc'] };
      writeFileSync(path, JSON.stringify({ description: '', orgs: [{ id: 1, name: 'x' }], steps: [], next_ids }));
      await oneLine(['--port', '0', '--world', path], 1, /no id for labels: abc/);
    });
    it('of a journal that is no number', () =>
      oneLine(['--journal', 'all'], 2, /--journal takes a whole number, not all/));
    it('of a clock that is none', () =>
      oneLine(['--port', '0', '--clock', 'noon'], 1, /2026-03-01T09:00:00Z, or real/));
    it('of a file for environments that would take the place of another', async () => {
      const path = file('mine.env');
      writeFileSync(path, 'MINE=1\n');
      await oneLine(['--port', '0', '--write-env', path], 1, /mine\.env is there, and is not from pce-emulator/);
      expect(readFileSync(path, 'utf8')).toBe('MINE=1\n');
    });
    it('of a time that is none', () => oneLine(['ready', '--wait', 'soon'], 2, /--wait takes a time/));
  });
});

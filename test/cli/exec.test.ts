import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { describeWith, failureOf } from '../clients/programs.ts';
import type { Json } from '../support/emulator.ts';
import { CLI, ended, run, useCommand } from './command.ts';

const NODE = process.execPath;

/** Runs a script of Node beside an emulator of its own. */
const script = (code: string, options: string[] = [], env: NodeJS.ProcessEnv = {}) =>
  run(['exec', '--world', 'empty', '--fail-on', 'none', ...options, '--', NODE, '-e', code], env);

const SHOW = 'console.log(JSON.stringify(process.env))';

describe('pce-emulator exec', () => {
  const { file, kept, start } = useCommand();

  it('hands over what a client needs', async () => {
    const { code, stdout } = await script(SHOW);
    const env: Json = JSON.parse(stdout);
    const url = new URL(env.PCE_URL);
    expect(code).toBe(0);
    expect(env).toMatchObject({
      PCE_URL: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      PCE_HTTP_URL: `http://${url.host}`,
      PCE_HOST: '127.0.0.1',
      PCE_PORT: url.port,
      PCE_CA_FILE: expect.stringMatching(/ca\.pem$/),
      PCE_ORG_ID: '1',
      PCE_API_KEY: expect.stringMatching(/^api_/),
      PCE_API_SECRET: expect.stringMatching(/^[0-9a-f]{64}$/),
      PCE_USERNAME: 'user1@example.com',
      PCE_CONTROL_URL: `http://${url.host}/_emulator`,
      PCE_SEED: expect.any(String),
      ILLUMIO_PCE_HOST: env.PCE_URL,
      ILLUMIO_PCE_ORG_ID: '1',
      ILLUMIO_API_KEY_USERNAME: env.PCE_API_KEY,
      ILLUMIO_API_KEY_SECRET: env.PCE_API_SECRET,
      ILLUMIO_CA_FILE: env.PCE_CA_FILE,
    });
    expect(env).not.toHaveProperty('PCE_CONTROL_TOKEN');
    expect(existsSync(env.PCE_CA_FILE)).toBe(false);
  });

  it('hands over the token that its own API takes', async () => {
    const ask = `fetch(process.env.PCE_CONTROL_URL + '/clock', {
      headers: { authorization: 'Bearer ' + process.env.PCE_CONTROL_TOKEN },
    }).then(({ status }) => console.log(status))`;
    expect(await script(ask, ['--control-token', 'let-me-in'])).toMatchObject({ code: 0, stdout: '200\n' });
  });

  it('takes the options of start, from the environment as well', async () => {
    const show = `fetch(process.env.PCE_CONTROL_URL + '/ready').then((got) => got.text()).then(console.log)`;
    const { stdout } = await script(show, ['--seed', '7'], { PCE_EMULATOR_PCE_VERSION: '24.5' });
    expect(JSON.parse(stdout)).toMatchObject({ world: 'empty', seed: '7', pce_version: '24.5' });
  });

  const ASK = `require('https').get(process.env.PCE_URL + '/api/v2/orgs/1/labels', {
    auth: process.env.PCE_API_KEY + ':' + process.env.PCE_API_SECRET,
  }, (got) => got.resume().on('end', () => console.log(got.statusCode)))`;

  it('has programs of Node trust the emulator', async () => {
    expect(await script(ASK, [], { NODE_EXTRA_CA_CERTS: '' })).toMatchObject({ code: 0, stdout: '200\n' });
  });

  it('has them go on trusting whom they trusted before', async () => {
    const theirs = file('company.pem');
    writeFileSync(theirs, '# of the company\n');
    const show = `${ASK}; console.log(require('fs').readFileSync(process.env.NODE_EXTRA_CA_CERTS, 'utf8'))`;
    const { stdout } = await script(show, [], { NODE_EXTRA_CA_CERTS: theirs });
    expect(stdout).toMatch(/^# of the company\n-----BEGIN CERTIFICATE-----\n/);
    expect(stdout).toMatch(/\n200\n$/);
  });

  it('leaves alone what would take the place of all other trust', async () => {
    const { stdout } = await script(SHOW, [], { REQUESTS_CA_BUNDLE: '/mine.pem', SSL_CERT_FILE: undefined });
    const env: Json = JSON.parse(stdout);
    expect([env.REQUESTS_CA_BUNDLE, env.SSL_CERT_FILE]).toEqual(['/mine.pem', undefined]);
  });

  it('gives the command its own input and output, and says what it has to say on standard error', async () => {
    const args = ['exec', '--world', 'empty', '--', NODE, '-e', 'process.stdin.pipe(process.stdout)'];
    expect(await run(args, {}, 'passed through')).toEqual({
      code: 0,
      stdout: 'passed through',
      stderr: 'pce-emulator: no requests; was the command told to go to PCE_URL, and to trust PCE_CA_FILE?\n',
    });
  });

  it('gives the command what comes after --, also what looks like an option of its own', async () => {
    const args = [
      'exec',
      '--world',
      'empty',
      '--',
      NODE,
      '-p',
      'process.argv.slice(1).join()',
      '--',
      '--help',
      '--port',
    ];
    expect(await run(args)).toMatchObject({ code: 0, stdout: '--help,--port\n' });
  });

  describe('ends as the command does', () => {
    it('with its exit code', async () => {
      expect(await script('process.exit(3)')).toMatchObject({ code: 3 });
      expect(await script('')).toMatchObject({ code: 0 });
    });

    it('with 128 and the number of the signal that ended it', async () => {
      expect(await script(`process.kill(process.pid, 'SIGKILL')`)).toMatchObject({ code: 137 });
    });

    it('with 127 where it is not found, and 126 where it cannot be run', async () => {
      expect(await run(['exec', '--world', 'empty', '--', 'no-such-command'])).toEqual({
        code: 127,
        stdout: '',
        stderr: 'pce-emulator: no-such-command: command not found\n',
      });
      const { code, stderr } = await run(['exec', '--world', 'empty', '--', file()]);
      expect([code, stderr]).toEqual([126, expect.stringMatching(/ cannot be run: .*EACCES\n$/)]);
    });

    /** Starts a command that says when it is there, and returns what it is then sent to its end. */
    const interrupted = async (signal: NodeJS.Signals, code: string) => {
      const wait = `${code}; setInterval(() => {}, 1000); console.log(process.env.PCE_HTTP_URL)`;
      const child = kept(spawn(NODE, [CLI, 'exec', '--world', 'empty', '--', NODE, '-e', wait]));
      const url = await new Promise<string>((resolve) =>
        child.stdout.once('data', (line) => resolve(`${line}`.trim())),
      );
      expect((await fetch(`${url}/_emulator/ready`)).status).toBe(200);
      const end = ended(child);
      child.kill(signal);
      const ending = await end;
      await expect(fetch(`${url}/_emulator/ready`)).rejects.toThrow();
      return ending;
    };

    it.each([
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const)('when it is told to by %s', async (signal, code) => {
      expect(await interrupted(signal, '')).toBe(code);
    });

    it('in its own good time', async () => {
      const code = `process.on('SIGTERM', () => setTimeout(() => process.exit(7), 300))`;
      expect(await interrupted('SIGTERM', code)).toBe(7);
    });
  });

  describe('with --write-env', () => {
    it('writes the same into a file, which goes when the command has ended', async () => {
      const path = file('pce.env');
      const show = `const env = require('fs').readFileSync(${JSON.stringify(path)}, 'utf8');
        console.log(JSON.stringify([env, process.env]))`;
      const { stdout } = await script(show, ['--write-env', path, '--control-token', 'let-me-in']);
      const [text, env]: [string, Json] = JSON.parse(stdout);
      const lines = text.trim().split('\n');
      expect(lines).toHaveLength(20);
      for (const line of lines) {
        const [, name = '', value] = /^(\w+)=([\w./:@%+=,-]+)$/.exec(line) ?? [];
        expect([name, value]).toEqual([name, env[name]]);
      }
      expect(existsSync(path)).toBe(false);
    });

    it('quotes what a shell could not read otherwise', async () => {
      const path = file('pce.env');
      writeFileSync(path, '');
      const secret = `it's $HOME and "more"`;
      const args = ['exec', '--world', 'empty', '--api-key', `api_1:${secret}`, '--write-env', path, '--'];
      const show = `unset PCE_API_SECRET; set -a; . ${path}; ${NODE} -p process.env.PCE_API_SECRET`;
      expect(await run([...args, 'sh', '-c', show])).toMatchObject({ code: 0, stdout: `${secret}\n` });
    });

    it('takes away that of an earlier run before anybody can read it', async () => {
      const path = file('pce.env');
      writeFileSync(path, 'PCE_URL=https://127.0.0.1:1\n');
      expect(await run(['start', '--port', '0', '--world', './nothing.json', '--write-env', path])).toMatchObject({
        code: 1,
      });
      expect(existsSync(path)).toBe(false);
    });

    it('leaves that of an emulator that is running', async () => {
      const path = file('pce.env');
      const { child } = await start(['--port', '0', '--world', 'empty', '--write-env', path]);
      const before = readFileSync(path, 'utf8');
      const { code, stderr } = await run(['exec', '--world', 'empty', '--write-env', path, '--', 'true']);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/is that of an emulator that is running \(process \d+\)/),
      ]);
      expect(readFileSync(path, 'utf8')).toBe(before);
      child.kill();
      await ended(child);
      expect(existsSync(path)).toBe(false);
    });

    it('refuses a link that leads nowhere', async () => {
      symlinkSync(file('nowhere'), file('link'));
      const { code, stderr } = await run(['start', '--port', '0', '--write-env', file('link')]);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^pce-emulator: .*link is a link that leads nowhere;/)]);
    });

    it('leaves a file that somebody has written in its place', async () => {
      const path = file('pce.env');
      await script(`require('fs').writeFileSync(${JSON.stringify(path)}, 'MINE=1')`, ['--env-file', path]);
      expect(readFileSync(path, 'utf8')).toBe('MINE=1');
    });
  });

  it.each([
    ['/etc/passwd/none', /^pce-emulator: \/etc\/passwd\/none cannot be run: /],
    ['x'.repeat(300), /cannot be run: /],
  ])('says in one line that a path cannot be run: %s', async (path, message) => {
    const { code, stderr } = await run(['exec', '--world', 'empty', '--', path]);
    expect([code, stderr]).toEqual([126, expect.stringMatching(message)]);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it('refuses to write its report over what is none', async () => {
    writeFileSync(file('world.json'), '{}');
    const { code, stderr } = await run(['exec', '--world', 'empty', '--report', file('world.json'), '--', 'true']);
    expect([code, stderr]).toEqual([
      1,
      `pce-emulator: ${file('world.json')} is no report; name another file with --report\n`,
    ]);
    expect(readFileSync(file('world.json'), 'utf8')).toBe('{}');
  });

  it.each([
    ['--report', 'state.db', '--db'],
    ['--report', 'state.db-wal', '--db'],
    ['--report', 'link', '--db'],
    ['--write-env', 'state.db', '--db'],
    ['--report', 'pce.env', '--write-env'],
  ])('refuses to write into one file twice: %s %s', async (option, name, other) => {
    symlinkSync('state.db', file('link'));
    const own = ['--db', file('state.db'), ...(other === '--db' ? [] : ['--write-env', file('pce.env')])];
    const { code, stderr } = await run(['exec', ...own, option, file(name), '--', 'true']);
    const told = `pce-emulator: ${option} takes a file of its own, not one of ${other} (see pce-emulator --help)\n`;
    expect([code, stderr]).toEqual([2, told]);
    expect(existsSync(file('state.db'))).toBe(false);
  });

  it('does not write its report over what the command has put there', async () => {
    const path = file('report.xml');
    const { code, stderr } = await run(['exec', '--report', path, '--', 'sh', '-c', `echo mine > ${path}`]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/report\.xml is no report/)]);
    expect(readFileSync(path, 'utf8')).toBe('mine\n');
  });

  it('keeps the exit code of a command that has put something else in the place of its file', async () => {
    const path = file('pce.env');
    const work = `rm ${path}; mkdir ${path}; exit 3`;
    expect(await run(['exec', '--world', 'empty', '--write-env', path, '--', 'sh', '-c', work])).toMatchObject({
      code: 3,
    });
  });

  it('leaves nothing behind where it is told to end while it starts', async () => {
    const world = file('large.json');
    const labels = Array.from({ length: 8000 }, (_, id) => {
      return { call: 'POST /orgs/1/labels', body: { key: 'app', value: `label ${id}` } };
    });
    writeFileSync(world, JSON.stringify({ description: 'many', extends: 'empty', orgs: [], steps: labels }));
    const place = file('tmp');
    mkdirSync(place);
    const env = { ...process.env, TMPDIR: place };
    const child = kept(spawn(process.execPath, ['--', CLI, 'exec', '--world', world, '--', 'true'], { env }));
    while (readdirSync(place).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill();
    expect([await ended(child), readdirSync(place)]).toEqual([143, []]);
  });

  it('says how to use it where no command is given', async () => {
    for (const args of [['exec'], ['exec', 'npm', 'test'], ['exec', '--'], ['exec', '--', '']]) {
      const { code, stderr } = await run(args);
      expect([code, stderr]).toEqual([2, expect.stringContaining('pce-emulator exec --world empty -- npm test')]);
    }
  });

  describeWith(failureOf('curl', ['--version']), 'beside curl', () => {
    it('gives it a URL, a CA and a key that work', async () => {
      const ask =
        'curl --silent --cacert $PCE_CA_FILE --user $PCE_API_KEY:$PCE_API_SECRET $PCE_URL/api/v2/orgs/$PCE_ORG_ID/labels';
      expect(await run(['exec', '--world', 'empty', '--', 'sh', '-c', ask])).toEqual({
        code: 0,
        stdout: '[]',
        stderr: 'pce-emulator: 1 request, 1 route, no violations\n',
      });
    });
  });
});

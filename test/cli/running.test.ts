import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { createCertificate } from '../../src/http/certificate.ts';
import { run, useCommand } from './command.ts';

describe('a command for a running emulator, at an https URL,', () => {
  const command = useCommand();

  it('speaks TLS and nothing else, and trusts the authority that it is given', async () => {
    const { ready } = await command.startJson(['--world', 'empty']);
    const { port } = new URL(ready.url);
    const first: number[] = [];
    // Stands between, and looks at how each connection begins.
    const between = createServer((socket: Socket) => {
      const onward = connect(Number(port), '127.0.0.1');
      for (const one of [socket, onward]) one.on('error', () => one.destroy());
      socket.once('data', (chunk) => first.push(chunk[0] ?? 0));
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(between.address() as { port: number }).port}`;
    const file = command.file('world.json');
    const world = ['world', 'save', file, '--url', url];
    const runs = [
      await run(['reset', '--url', url, '--ca', ready.ca_file]),
      await run(['reset', '--url', url], { PCE_CA_FILE: ready.ca_file }),
      await run([...world, '--ca', ready.ca_file]),
      await run(['world', 'load', file, '--url', url, '--ca', ready.ca_file]),
    ];
    expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual(runs.map(() => [0, '']));
    expect(first).toEqual([0x16, 0x16, 0x16, 0x16]);
    between.close();
  });

  it('does not tell its token to who is not trusted', async () => {
    const { ready } = await command.startJson(['--world', 'empty', '--control-token', 'hidden']);
    const other = command.file('other.pem');
    writeFileSync(other, (await createCertificate([])).ca);
    const asked = ['reset', '--url', ready.url, '--control-token', 'hidden'];
    for (const args of [asked, [...asked, '--ca', other]]) {
      const { code, stderr } = await run(args, { NODE_EXTRA_CA_CERTS: '', PCE_CA_FILE: '' });
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/is not trusted: .*; --ca FILE names its authority\n$/),
      ]);
    }
    expect((await run([...asked, '--ca', ready.ca_file])).code).toBe(0);
    expect((await run([...asked, '--ca', command.file('none.pem')])).stderr).toMatch(/none\.pem cannot be read/);
  });
});

describe('the time-outs of connections', () => {
  const command = useCommand();

  it.each([
    [['--request-timeout', '0s'], /--request-timeout takes a time of more than none/],
    [['--keep-alive', 'soon'], /--keep-alive takes a time such as 30s, 500ms or 2m, not soon/],
    [['--send-timeout', '-1s'], /--send-timeout/],
    [['--request-timeout', '30d'], /--request-timeout takes a time of 24 days at the most/],
    [['--max-connections', '0'], /--max-connections takes a number from 1 to 2147483647, not 0/],
    [['--max-connections', 'many'], /--max-connections takes a number from 1 to 2147483647, not many/],
  ])('are refused where they make no sense: %j', async (args, message) => {
    const { code, stderr } = await run(['start', '--port', '0', ...args]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toMatch(/\n.*\n/);
  });

  it('are those of the command line, or of the environment', async () => {
    const { ready } = await command.startJson(['--world', 'empty', '--request-timeout', '100ms'], {
      PCE_EMULATOR_KEEP_ALIVE: '7s',
    });
    const [status, keepAlive] = await new Promise<unknown[]>((resolve, reject) => {
      const late = request(`${ready.http_url}/_emulator/faults`, { method: 'POST', headers: { 'content-length': 5 } });
      const early = request(`${ready.control_url}/ready`, { agent: false, headers: { connection: 'keep-alive' } });
      early.on('error', reject).end();
      early.on('response', (answered) => {
        answered.resume();
        late.on('response', ({ statusCode }) => resolve([statusCode, answered.headers['keep-alive']]));
        late.on('error', reject).setHeader('content-type', 'application/json').flushHeaders();
      });
    });
    expect([status, keepAlive]).toEqual([408, 'timeout=7']);
  });
});

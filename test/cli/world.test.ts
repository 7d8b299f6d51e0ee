import { readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Json } from '../support/emulator.ts';
import { run, useCommand } from './command.ts';

const LABELS = '/api/v2/orgs/1/labels';

describe('on the command line, a running emulator', () => {
  const { file, startJson } = useCommand();

  const authorization = ({ api_key, api_secret }: Json) => ({
    authorization: `Basic ${btoa(`${api_key}:${api_secret}`)}`,
  });
  const add = async (ready: Json, value: string) => {
    const headers = { ...authorization(ready), 'content-type': 'application/json' };
    const body = JSON.stringify({ key: 'app', value });
    expect((await fetch(ready.http_url + LABELS, { method: 'POST', headers, body })).status).toBe(201);
  };
  const values = async (ready: Json, key: Json = ready): Promise<string[]> => {
    const labels: Json = await (await fetch(ready.http_url + LABELS, { headers: authorization(key) })).json();
    return labels.map(({ value }: Json) => value);
  };

  it('is as it was after its start, after a reset', async () => {
    const { ready } = await startJson(['--world', 'empty']);
    await add(ready, 'Shop');
    expect(await run(['reset', '--url', ready.http_url])).toEqual({
      code: 0,
      stdout: 'reset: everything is as it was after the start, and the journal is empty\n',
      stderr: '',
    });
    expect(await values(ready)).toEqual([]);
  });

  it('saves all that it holds as a file for its owner alone, and loads it', async () => {
    const { ready } = await startJson(['--world', 'empty']);
    await add(ready, 'Shop');
    const path = file('saved.json');
    const saved = await run(['world', 'save', path, '--url', ready.http_url]);
    expect(saved).toMatchObject({ code: 0, stderr: '' });
    const text = readFileSync(path, 'utf8');
    const { length } = JSON.parse(text).steps;
    expect(saved.stdout).toBe(`saved ${length} documents to ${path}; start --world ${path} begins with them\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(text).toMatch(/^\{\n {2}"description": "Saved from the world empty/);

    await add(ready, 'Later');
    expect(await run(['world', 'load', path, '--url', ready.http_url])).toEqual({
      code: 0,
      stdout: `loaded ${path}: ${length} steps\n  Org 1        its key of the start goes on working\n`,
      stderr: '',
    });
    expect(await values(ready)).toEqual(['Shop']);
    const { ready: other } = await startJson(['--world', path]);
    expect(await values(other)).toEqual(['Shop']);
  });

  it('saves to standard output and loads from standard input', async () => {
    const { ready } = await startJson(['--world', 'empty']);
    await add(ready, 'Shop');
    const { stdout, stderr } = await run(['world', 'save', '--url', ready.http_url, '-']);
    expect(JSON.parse(stdout).steps.length).toBeGreaterThan(0);
    expect(stderr).toMatch(/^pce-emulator: saved \d+ documents\n$/);
    await run(['reset', '--url', ready.http_url]);
    expect(await run(['world', 'load', '-', '--url', ready.http_url], {}, stdout)).toMatchObject({ code: 0 });
    expect(await values(ready)).toEqual(['Shop']);
  });

  it('shows the keys of organisations that it had none of', async () => {
    const [{ ready }, { ready: other }] = await Promise.all([
      startJson(['--world', 'demo']),
      startJson(['--world', 'empty']),
    ]);
    const path = file('demo.json');
    await run(['world', 'save', path, '--url', ready.http_url]);
    const { stdout } = await run(['world', 'load', path, '--url', other.http_url]);
    const [, api_key, api_secret] = /^ {2}Org 10 {7}API key (\S+)\n {15}API secret (\S+)\n/m.exec(stdout) ?? [];
    const headers = authorization({ api_key, api_secret });
    expect((await fetch(`${other.http_url}/api/v2/orgs/10/labels`, { headers })).status).toBe(200);
  });

  it('is found by what exec hands over, token and all', async () => {
    const { ready } = await startJson(['--world', 'empty', '--control-token', 'let-me-in']);
    const place = { PCE_HTTP_URL: ready.http_url };
    expect(await run(['reset'], { ...place, PCE_CONTROL_TOKEN: 'let-me-in' })).toMatchObject({ code: 0 });
    expect(await run(['reset', '--control-token', 'let-me-in'], place)).toMatchObject({ code: 0 });
    expect(await run(['reset'], place)).toEqual({
      code: 1,
      stdout: '',
      stderr: `pce-emulator: the emulator at ${ready.http_url} takes the token that its start printed: --control-token TOKEN\n`,
    });
  });

  it('lists the worlds that have a name', async () => {
    const { code, stdout } = await run(['world', 'list']);
    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['demo', 'empty', 'page', '']);
    expect(stdout).toContain('empty  One organisation with an API key and nothing else.\n');
  });

  describe('says in one line what is wrong', () => {
    const oneLine = async (args: string[], code: number, text: RegExp) => {
      const result = await run(args);
      expect(result).toMatchObject({ code, stdout: '' });
      expect(result.stderr).toMatch(text);
      expect(result.stderr.trim().split('\n')).toHaveLength(1);
    };

    it('of nothing to do', () => oneLine(['world'], 2, /world takes save FILE, load FILE or list/));
    it('of a file that is not named', () => oneLine(['world', 'save'], 2, /takes a FILE, or - for standard output/));
    it('of two files', () => oneLine(['world', 'load', 'a', 'b'], 2, /takes one file, not a and b/));
    it('of an emulator that is not there', () =>
      oneLine(
        ['reset', '--url', 'http://127.0.0.1:9'],
        1,
        /nothing answers at http:\/\/127\.0\.0\.1:9: .*; --url says where/,
      ));
    it('of a file that is not there', () =>
      oneLine(['world', 'load', file('nowhere.json')], 1, /nowhere\.json cannot be read: ENOENT/));
    it('of a file that is no world', async () => {
      const path = file('odd.json');
      writeFileSync(path, '[]');
      await oneLine(['world', 'load', path], 1, /odd\.json is no world: it has no steps/);
      writeFileSync(path, 'odd');
      await oneLine(['world', 'load', path], 1, /odd\.json is no world: /);
    });
    it('of a file that is something else, which stays as it is', async () => {
      const db = file('state.db');
      const { ready } = await startJson(['--world', 'empty', '--db', db]);
      await oneLine(
        ['world', 'save', db, '--url', ready.http_url],
        1,
        /state\.db is there, and is no world; name another/,
      );
      await add(ready, 'Shop');
      expect(await values(ready)).toEqual(['Shop']);
    });
    it('of a world that the emulator refuses, which stays as it is', async () => {
      const { ready } = await startJson(['--world', 'empty']);
      await add(ready, 'Shop');
      const path = file('other.json');
      writeFileSync(path, JSON.stringify({ description: '', orgs: [], steps: [{ call: 'POST /orgs/9/labels' }] }));
      await oneLine(
        ['world', 'load', path, '--url', ready.http_url],
        1,
        /the emulator at .* refused: .*POST \/orgs\/9\/labels/,
      );
      expect(await values(ready)).toEqual(['Shop']);
    });
    it('of a place where no file can be', async () => {
      const { ready } = await startJson(['--world', 'empty']);
      await oneLine(
        ['world', 'save', file('no', 'x.json'), '--url', ready.http_url],
        1,
        /x\.json cannot be written: ENOENT/,
      );
    });
  });
});

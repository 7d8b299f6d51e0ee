import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { contractText } from '../../src/commands/contract-text.ts';
import { junitOf } from '../../src/commands/junit.ts';
import { createWatch, KINDS } from '../../src/commands/offences.ts';
import { xmlOf } from '../../src/commands/xml.ts';
import type { Entry } from '../../src/journal/entry.ts';
import { describeWith, failureOf, run as runProgram } from '../clients/programs.ts';
import type { Json } from '../support/emulator.ts';
import { type Ended, run, useCommand } from './command.ts';

type Call = readonly [method: string, path: string, body?: unknown];

/** Sends requests over plain HTTP, as they stand, and ends with a code. */
const SEND = `
  const { request } = require('http');
  const { PCE_HTTP_URL, PCE_API_KEY, PCE_API_SECRET, CALLS, CODE } = process.env;
  const send = ([method, path, body]) => new Promise((resolve) => {
    const { hostname, port } = new URL(PCE_HTTP_URL);
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    request({ hostname, port, method, path, headers, auth: PCE_API_KEY + ':' + PCE_API_SECRET }, (got) => {
      got.resume().on('end', resolve);
    }).end(body === undefined ? undefined : JSON.stringify(body));
  });
  (async () => {
    for (const call of JSON.parse(CALLS)) await send(call);
    process.exitCode = Number(CODE);
  })();`;

const sending = (calls: readonly Call[], options: string[] = [], code = 0): Promise<Ended> =>
  run(['exec', '--world', 'empty', ...options, '--', process.execPath, '-e', SEND], {
    CALLS: JSON.stringify(calls),
    CODE: String(code),
  });

const FINE: Call = ['GET', '/api/v2/orgs/1/labels'];
const VIOLATION: Call = ['POST', '/api/v2/orgs/1/labels', { key: 'env' }];
const IGNORED: Call = ['GET', '/api/v2/orgs/1/labels?colour=red'];
const UNKNOWN: Call = ['GET', '/api/v2/orgs/1/lables?max_results=5'];
const UNIMPLEMENTED: Call = ['GET', '/api/v2/orgs/1/reports'];

describe('pce-emulator exec holds a command to the contract', () => {
  const { file } = useCommand();

  it('and is content with what keeps to it', async () => {
    expect(await sending([FINE, FINE, ['GET', '/api/v2/orgs/1/events']])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'pce-emulator: 3 requests, 2 routes, no violations\n',
    });
  });

  it.each([
    [
      'a request that breaks it',
      VIOLATION,
      "violations: POST /api/v2/orgs/1/labels: body: must have required property 'value'",
    ],
    [
      'a parameter that nobody heeds',
      IGNORED,
      'violations: GET /api/v2/orgs/1/labels?colour=red: query colour: is no parameter of labels.list, and ignored',
    ],
    [
      'a route that no PCE has',
      UNKNOWN,
      'unknown-routes: GET /api/v2/orgs/1/lables?max_results=5: there is no such route; nearest: GET /api/v2/orgs/{org_id}/labels',
    ],
    [
      'a route that the emulator has not',
      UNIMPLEMENTED,
      'unimplemented: GET /api/v2/orgs/1/reports: a PCE has this route, the emulator has not',
    ],
  ])('and fails for %s, which it names', async (_title, call, line) => {
    const { code, stderr } = await sending([FINE, call]);
    expect(code).toBe(1);
    expect(stderr).toContain(`pce-emulator:   ${line}\n`);
  });

  it('and lists the same once, with how often it came', async () => {
    const { stderr } = await sending([UNKNOWN, UNKNOWN, VIOLATION, VIOLATION, VIOLATION, UNIMPLEMENTED]);
    expect(stderr.trim().split('\n')).toEqual([
      'pce-emulator: what was asked for goes against the contract:',
      expect.stringMatching(/ {2}violations: POST \/api\/v2\/orgs\/1\/labels \(3 times\): /),
      expect.stringMatching(/ {2}unknown-routes: GET \/api\/v2\/orgs\/1\/lables\?max_results=5 \(2 times\): /),
      expect.stringMatching(/ {2}unimplemented: GET \/api\/v2\/orgs\/1\/reports: /),
      'pce-emulator: 6 requests, 1 route, 1 violation, 1 unknown route, 1 unimplemented route',
    ]);
  });

  it('and lists no more than a person would read', async () => {
    const calls = Array.from({ length: 60 }, (_, index): Call => ['GET', `/nowhere/${index}`]);
    const { stderr } = await sending(calls);
    const lines = stderr.trim().split('\n');
    expect(lines.filter((line) => line.includes('unknown-routes: '))).toHaveLength(50);
    expect(lines.slice(-2)).toEqual([
      'pce-emulator:   and 10 more',
      'pce-emulator: 60 requests, 0 routes, 60 unknown routes',
    ]);
  });

  it('and sees more requests than the journal keeps', async () => {
    const { code, stderr } = await sending([VIOLATION, FINE, FINE], ['--journal', '0']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('3 requests, 2 routes, 1 violation')]);
  });

  it('and lets through what --fail-on does not name', async () => {
    const calls = [FINE, UNKNOWN, UNIMPLEMENTED];
    expect(await sending(calls, ['--fail-on', 'none'])).toMatchObject({ code: 0 });
    const { code, stderr } = await sending(calls, ['--fail-on', 'violations,unimplemented']);
    expect(code).toBe(1);
    expect(stderr).toContain('  unknown-routes (allowed): GET');
    expect(stderr).toContain('  unimplemented: GET');
    expect(await sending(calls, ['--fail-on', 'violations'])).toMatchObject({ code: 0 });
  });

  it('and knows what --fail-on may name', async () => {
    const { code, stderr } = await sending([], ['--fail-on', 'violations,everything']);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(
        '--fail-on takes violations, unknown-routes, unimplemented, with commas, or none; not everything',
      ),
    ]);
  });

  it('and keeps the exit code of a command that has failed, with the list all the same', async () => {
    const { code, stderr } = await sending([UNKNOWN], [], 3);
    expect([code, stderr]).toEqual([3, expect.stringContaining('unknown-routes: GET /api/v2/orgs/1/lables')]);
  });

  it('and shows what clients sent so that a terminal only shows it', async () => {
    const { stderr } = await sending([['GET', '/api/v2/orgs/1/labels?%1b%5b31m%0aforged%e2%80%ae=1']]);
    expect(stderr).toContain('query \\u001b[31m\\u000aforged\\u202e: is no parameter');
  });

  it('and says how to meet the same faults again', async () => {
    const { stderr } = await sending([FINE], ['--hostile', '--seed', '7', '--fail-on', 'none']);
    expect(stderr).toContain('pce-emulator: --hostile --seed 7 brings the same faults again\n');
  });

  it('and takes replies that break it for a bug of its own, for which nobody else fails', () => {
    const watch = createWatch();
    const violations: Entry['violations'] = [{ in: 'reply', path: '', message: 'labels.list breaks labels#list' }];
    const labels = { method: 'GET', path: '/labels', query: '', route: 'labels.list', implemented: true };
    watch.see({ ...labels, duration_ms: 1, violations } as unknown as Entry);
    expect(contractText(watch, KINDS)).toEqual([
      'a bug of pce-emulator, please report it; its own replies broke the contract:',
      '  replies: GET /labels: reply: labels.list breaks labels#list',
      '1 request, 1 route, no violations',
    ]);
    expect(junitOf(watch, KINDS)).toContain('failures="0"');
    expect(junitOf(watch, KINDS)).toContain('a bug of pce-emulator: its reply broke the contract');
  });

  it('and tells ten thousand different offences one by one, and counts the others', () => {
    const watch = createWatch();
    for (let index = 0; index < 10_010; index++) {
      const none = { method: 'GET', path: `/${index}`, query: '', route: null, nearest: null, implemented: true };
      watch.see({ ...none, violations: [] } as unknown as Entry);
    }
    expect(watch.offences()).toHaveLength(10_001);
    expect(watch.offences().at(-1)).toMatchObject({ kind: 'unknown-routes', request: 'further requests', times: 10 });
  });

  it('and does not leave the report of an earlier run for its own', async () => {
    const report = file('report.xml');
    writeFileSync(report, '<testsuites/>');
    await run(['exec', '--report', report, '--world', 'nowhere', '--', 'true']);
    expect(readFileSync(report, 'utf8')).toBe('');
  });

  it('and says before it begins that a report has no place', async () => {
    const made = file('made');
    const { code, stderr } = await run(['exec', '--report', file('no', 'report.xml'), '--', 'touch', made]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/the report cannot be written: ENOENT/)]);
    expect(existsSync(made)).toBe(false);
  });

  it('and keeps the exit code of a command even where the report cannot be written any more', async () => {
    const report = file('report.xml');
    const remove = (code: number) => ['--', 'sh', '-c', `rm ${report}; mkdir ${report}; exit ${code}`];
    expect(await run(['exec', '--report', report, ...remove(3)])).toMatchObject({ code: 3 });
    expect(
      await run([
        'exec',
        '--report',
        file('other.xml'),
        '--',
        'sh',
        '-c',
        `rm ${file('other.xml')}; mkdir ${file('other.xml')}`,
      ]),
    ).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the report cannot be written: EISDIR'),
    });
  });
});

/** Reads XML by a parser of its own, and prints names, attributes, texts and children as JSON. */
const PARSE = `
import json, sys, xml.etree.ElementTree as tree
def told(element):
    return {"tag": element.tag, **element.attrib, "text": element.text, "children": [told(child) for child in element]}
print(json.dumps({"as": told(tree.parse(sys.argv[1]).getroot())}))`;

describeWith(failureOf('python3', ['--version']), 'the report of pce-emulator exec', () => {
  const { file } = useCommand();

  const parsed = async (): Promise<Json> => {
    const { stdout, stderr } = await runProgram('python3', ['-c', PARSE, file('report.xml')]);
    expect(stderr).toBe('');
    return JSON.parse(stdout).as;
  };
  const reported = async (calls: readonly Call[], options: string[] = []): Promise<Json> => {
    await sending(calls, ['--report', file('report.xml'), ...options]);
    return parsed();
  };

  it('has a test case for each route that was used, which passes', async () => {
    const report = await reported([FINE, FINE, ['GET', '/api/v2/orgs/1/events']]);
    expect(report).toMatchObject({ tag: 'testsuites', tests: '2', failures: '0', errors: '0' });
    expect(report.children).toEqual([
      {
        ...{ tag: 'testsuite', name: 'pce-emulator contract', tests: '2', failures: '0', errors: '0', skipped: '0' },
        time: expect.stringMatching(/^\d+\.\d{3}$/),
        text: expect.any(String),
        children: ['events.list (1 request)', 'labels.list (2 requests)'].map((name) => ({
          ...{ tag: 'testcase', name, classname: 'contract.routes', text: null, children: [] },
          time: expect.stringMatching(/^\d+\.\d{3}$/),
        })),
      },
    ]);
  });

  it('has a test case for each offence, which fails with the request and the reason', async () => {
    const report = await reported([FINE, VIOLATION, VIOLATION, UNKNOWN, UNIMPLEMENTED]);
    expect(report).toMatchObject({ tests: '5', failures: '3' });
    const failures = report.children[0].children.flatMap(({ children }: Json) => children);
    expect(failures).toMatchObject([
      {
        tag: 'failure',
        type: 'violations',
        message: "body: must have required property 'value'",
        text: "POST /api/v2/orgs/1/labels\nbody: must have required property 'value'\n2 times; the first of them is shown",
      },
      { type: 'unknown-routes', text: expect.stringContaining('nearest: GET /api/v2/orgs/{org_id}/labels') },
      { type: 'unimplemented', text: expect.stringContaining('GET /api/v2/orgs/1/reports') },
    ]);
  });

  it('has what --fail-on does not name pass, with the text in its output', async () => {
    const report = await reported([UNKNOWN], ['--fail-on', 'violations']);
    expect(report).toMatchObject({ tests: '1', failures: '0' });
    expect(report.children[0].children).toMatchObject([
      {
        classname: 'contract.unknown-routes',
        children: [{ tag: 'system-out', text: expect.stringContaining('GET /api/v2/orgs/1/lables') }],
      },
    ]);
  });

  it('is whole where nothing was sent, and where the command has failed', async () => {
    expect(await reported([])).toMatchObject({ tests: '0', children: [{ children: [] }] });
    await sending([UNKNOWN], ['--report', file('report.xml')], 3);
    expect(await parsed()).toMatchObject({ tests: '1', failures: '1' });
  });

  it('bears whatever characters clients come up with', async () => {
    const report = await reported([
      ['GET', '/nowhere/<&">\']]>%01'],
      ['GET', '/api/v2/orgs/1/labels?<%26%22%01%ef%bf%bf%f0%9f%98%80=1'],
    ]);
    const texts = report.children[0].children.flatMap(({ children }: Json) => children.map(({ text }: Json) => text));
    expect(texts).toEqual([
      expect.stringContaining('query <&"\\u0001😀: is no parameter'),
      expect.stringContaining('GET /nowhere/<&">\']]>%01\n'),
    ]);
  });

  it('is made of XML that holds any text, but for the characters that XML has not', async () => {
    const text = '<&>"\' ]]>\t\r\n\x00\x01\x1f\x7f\x85\u2028\ud800 \udc00\ufffe\uffff😀';
    writeFileSync(
      file('report.xml'),
      xmlOf({ name: 'a', attributes: { value: text }, content: [{ name: 'b', content: text }] }),
    );
    const kept = '<&>"\' ]]>\t\r\n\x7f\x85\u2028 😀';
    expect(await parsed()).toMatchObject({ value: kept, children: [{ tag: 'b', text: kept, children: [] }] });
  });
});

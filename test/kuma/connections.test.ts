import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { deflateSync, gzipSync } from 'node:zlib';
import { KUMA_RELEASES } from '../../src/kuma/versions.ts';
import { askAt, useKuma } from '../support/kuma.ts';
import { get, JSON_TYPE, putting } from './resources.ts';

/** Sends bytes over a connection of their own. @returns all that came until it ended, or until `last` had come */
function exchange(url: string, sent: string | Buffer, last?: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(sent));
    socket.on('error', reject).on('close', () => resolve(text));
    socket.on('data', (part) => {
      text += part.toString('latin1');
      if (last !== undefined && text.includes(last)) socket.destroy();
    });
  });
}

const BAD = '400 Bad Request';

/** As Go's server refuses what it cannot read. */
const refusal = (text: string) =>
  [
    `HTTP/1.1 ${text}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${text.length}`,
    'Connection: close',
    '',
    text,
  ].join('\r\n');

const lines = (...some: string[]) => [...some, '', ''].join('\r\n');
const PUT = ['PUT /meshes/smuggled HTTP/1.1', 'Host: kuma', 'Content-Type: application/json'];
const BODY = '{"type":"Mesh","name":"smuggled"}';
const CHUNKED = 'Transfer-Encoding: chunked';
const LENGTH = `Content-Length: ${BODY.length}`;

/** The beginning of a TLS connection. */
const HELLO = Buffer.concat([Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]), Buffer.alloc(194, 7)]);

const BROKEN: [string, string, string | Buffer][] = [
  ['a TLS handshake', BAD, HELLO],
  ['garbage', BAD, '\x00\x01\x02\x03\r\n\r\n'],
  ['a line of words', BAD, 'hello there\r\n\r\n'],
  ['the preface of HTTP/2', BAD, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a length and chunks', BAD, `${lines(...PUT, LENGTH, CHUNKED)}${BODY}`],
  ['two lengths', BAD, `${lines(...PUT, LENGTH, 'Content-Length: 3')}${BODY}`],
  ['no host', BAD, lines('GET /meshes HTTP/1.1')],
  ['two hosts', BAD, lines('GET /meshes HTTP/1.1', 'Host: a', 'Host: b')],
  [
    'a field of 70 KB',
    '431 Request Header Fields Too Large',
    lines('GET / HTTP/1.1', 'Host: a', `X: ${'a'.repeat(70_000)}`),
  ],
  ['a tunnel', '405 Method Not Allowed', lines('CONNECT 127.0.0.1:443 HTTP/1.1', 'Host: a')],
];

describe.each(KUMA_RELEASES)('a connection to Kuma %s', (release) => {
  const test = useKuma(release, { requestTimeout: 300 });
  beforeEach(() => test.emulator.reset());
  const url = () => test.emulator.kuma_url;

  it.each(BROKEN)('ends where what comes is no request, and others are served: %s', async (_what, text, sent) => {
    const idle = exchange(url(), lines('GET /meshes/default HTTP/1.1', 'Host: kuma', 'Connection: close'));
    expect(await exchange(url(), sent)).toBe(refusal(text));
    expect(await idle).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    const { status } = await askAt(url(), { method: 'GET', path: '/meshes/smuggled' });
    expect(status).toBe(404);
  });

  it('ends where a body is no body, and the journal has its request', async () => {
    const received = await exchange(url(), `${lines(...PUT, CHUNKED)}zz\r\n${BODY}\r\n0\r\n\r\n`);
    expect(received.replace(/Date: .*\r\n/, '')).toBe(refusal(BAD));
    expect(test.emulator.requests.find()).toMatchObject([
      { api: 'kuma', route: 'kuma.meshes.put', status: 400, violations: [{ in: 'body' }] },
    ]);
  });

  it('is told that its request came too late', async () => {
    expect(await exchange(url(), 'GET /meshes HTTP/1.1\r\nHost: ku')).toBe(refusal('408 Request Timeout'));
    const late = await exchange(url(), `${lines(...PUT, LENGTH)}${BODY.slice(0, 5)}`);
    expect(late.replace(/Date: .*\r\n/, '')).toBe(refusal('408 Request Timeout'));
  });

  it('is plain HTTP: there is no TLS', async () => {
    const { port, hostname: host } = new URL(url());
    const failure = await new Promise<Error>((resolve, reject) => {
      const socket = tlsConnect({ port: Number(port), host, rejectUnauthorized: false }, () => {
        socket.destroy();
        reject(new Error('it speaks TLS'));
      });
      socket.on('error', resolve);
    });
    expect(failure.message).toMatch(/wrong version number|packet length|SSL|EPROTO/i);
  });

  it('may have more than one request on its way, which are answered in their order', async () => {
    const ask = (name: string) => lines(`GET /meshes/${name} HTTP/1.1`, 'Host: kuma');
    const put = (name: string) => {
      const body = JSON.stringify({ type: 'Mesh', name });
      return `${lines(`PUT /meshes/${name} HTTP/1.1`, 'Host: kuma', 'Content-Type: application/json', `Content-Length: ${body.length}`)}${body}`;
    };
    const last = lines('GET /nothing HTTP/1.1', 'Host: kuma', 'Connection: close');
    const text = await exchange(url(), [ask('m1'), put('m1'), ask('m1'), put('m1'), ask('default'), last].join(''));
    expect([...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status)).toEqual([
      ...['404', '201', '200', '200', '200', '404'],
    ]);
    expect(text.indexOf('"name": "m1"')).toBeLessThan(text.indexOf('"name": "default"'));
  });

  it.each([
    ['//meshes', '/meshes'],
    ['/meshes//a%3Fb?c=d?e', '/meshes/a%3Fb?c=d?e'],
    ['/meshes/x/../%23', '/meshes/%23'],
    ["//meshes/!'()*[]", '/meshes/%21%27%28%29%2A%5B%5D'],
    ['//meshes/a;b,c=d&e+f$@:~', '/meshes/a;b,c=d&e+f$@:~'],
    ['//meshes/%252F%0D%0Ax', '/meshes/%252F%0D%0Ax'],
    ['/%5C%5Celsewhere.test//x/', '/%5C%5Celsewhere.test/x/'],
  ])('is sent from %s to %s, and no further', async (path, to) => {
    const { status, headers } = await askAt(url(), { method: 'GET', path });
    expect([status, headers.location]).toEqual([301, to]);
    expect((await askAt(url(), { method: 'GET', path: to })).status).not.toBe(301);
  });

  it('goes on after what is refused, also where the body was not read', async () => {
    const unread = `${lines('PUT /meshes/m1 HTTP/1.1', 'Host: kuma', 'Content-Type: text/plain', LENGTH)}${BODY}`;
    const unknown = `${lines('POST /nothing HTTP/1.1', 'Host: kuma', LENGTH)}${BODY}`;
    const last = lines('GET /meshes HTTP/1.1', 'Host: kuma', 'Connection: close');
    const text = await exchange(url(), unread + unknown + last);
    expect([...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status)).toEqual(['415', '404', '200']);
  });

  it('has a body to which HEAD is none', async () => {
    const head = lines('HEAD /meshes HTTP/1.1', 'Host: kuma');
    const text = await exchange(url(), head + lines('GET /nothing HTTP/1.1', 'Host: kuma', 'Connection: close'));
    const [first, second] = text.split('\r\n\r\n');
    expect(first).toMatch(/^HTTP\/1\.1 405 /);
    expect(second).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('may come from a page: every answer says so, a refusal too', async () => {
    const Origin = 'https://page.test';
    const asked = [
      { method: 'GET', path: '/meshes', headers: { Origin } },
      { method: 'GET', path: '/meshes/nope', headers: { Origin } },
      { method: 'GET', path: '/nothing', headers: { Origin } },
      { method: 'POST', path: '/meshes', headers: { Origin } },
      { ...putting('/meshes/m1'), headers: { ...JSON_TYPE, Origin } },
      { ...putting('/meshes/m1'), headers: { Origin, 'Content-Type': 'text/plain' } },
      { ...putting('/meshes/m1'), headers: { ...JSON_TYPE, Origin }, body: '{' },
    ];
    const answers = await Promise.all(asked.map((one) => askAt(url(), one)));
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 404, 405, 201, 415, 500]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'access-control-allow-origin': Origin,
        'access-control-expose-headers': 'Access-Control-Allow-Origin',
      });
    }
  });

  it('may be asked for anything where it asks for nothing, and for what its server can', async () => {
    const answer = await exchange(
      test.emulator.kuma_url,
      lines('OPTIONS * HTTP/1.1', 'Host: kuma', 'Connection: close'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    const { status } = await askAt(test.emulator.kuma_url, { method: 'GET', path: '/config', headers: { accept: '' } });
    expect(status).toBe(200);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ] as const)('may bring a body packed by %s', async (encoding, pack) => {
    const put = (body: Buffer) => {
      const { hostname, port } = new URL(test.emulator.kuma_url);
      return new Promise<number | undefined>((resolve, reject) => {
        const headers = { ...JSON_TYPE, 'content-encoding': encoding, 'content-length': body.length };
        const sent = httpRequest({ hostname, port, method: 'PUT', path: '/meshes/packed', headers }, (answer) => {
          answer.resume().on('end', () => resolve(answer.statusCode));
        });
        sent.on('error', reject).end(body);
      });
    };
    const mesh = '{"type":"Mesh","name":"packed"}';
    expect(await put(pack(mesh))).toBe(201);
    expect(await put(pack(mesh.padEnd(4 * 1024 * 1024)))).toBe(413);
    expect(await put(Buffer.from(mesh))).toBe(500);
  });

  it('has no more than a MiB to a body, whether it says how long it is or not', async () => {
    const asking = { ask: (asked: Parameters<typeof askAt>[1]) => askAt(url(), asked), close: async () => {} };
    const padded = (length: number) => {
      const empty = JSON.stringify({ type: 'Mesh', name: 'm1', padding: '' });
      return empty.replace('""', `"${'a'.repeat(length - empty.length)}"`);
    };
    const MIB = 1024 * 1024;
    const put = putting('/meshes/m1');
    const chunked = { ...JSON_TYPE, 'Transfer-Encoding': 'chunked' };
    for (const headers of [JSON_TYPE, chunked]) {
      const { status, text, headers: got } = await askAt(url(), { ...put, headers, body: padded(MIB + 1) });
      expect([status, got['content-type']]).toEqual([413, 'application/json']);
      const { title, details, ...more } = JSON.parse(text);
      expect([title, details, more]).toEqual([
        'Could not process a resource',
        `The body is larger than ${MIB} bytes`,
        {},
      ]);
      expect((await get(asking, '/meshes/m1')).status).toBe(404);
    }
    expect((await askAt(url(), { ...put, body: padded(MIB) })).status).toBe(201);
    expect(test.emulator.requests.find({ api: 'kuma', status: '413' })).toMatchObject([
      { violations: [{ in: 'body' }] },
      { violations: [{ in: 'body' }] },
    ]);
  });
});

import { LABELS, type Server, useServer } from '../control/server.ts';
import { schemasOf } from '../support/emulator.ts';
import { answersIn, ask, head, open, statusesIn } from './raw.ts';

const PATH = `/api/v2${LABELS}`;
const JSON_TYPE = 'Content-Type: application/json';
const BODY = '{"key":"app","value":"sent"}';
const LENGTH = `Content-Length: ${BODY.length}`;
const CHUNKED = 'Transfer-Encoding: chunked';

type Made = (server: Server) => string;
const post =
  (body: string, ...fields: string[]): Made =>
  (server) =>
    head(server, `POST ${PATH}`, JSON_TYPE, ...fields) + body;
const get =
  (target: string, ...fields: string[]): Made =>
  (server) =>
    head(server, `GET ${target}`, ...fields);
/** A request whose head is put in the place of what is usual. */
const put =
  (from: string | RegExp, to: string, made: Made = get(PATH)): Made =>
  (server) =>
    made(server).replace(from, to);
const chunk = (size: string, rest = `\r\n${BODY}\r\n0\r\n\r\n`) => post(size + rest, CHUNKED);
const SIZE = BODY.length.toString(16);

/** What no reader may take for one request, for what two readers would read in two ways. */
const AMBIGUOUS: [string, number[], Made][] = [
  ['Content-Length with Transfer-Encoding', [400], post(BODY, LENGTH, CHUNKED)],
  ['Transfer-Encoding with Content-Length', [400], post(`${SIZE}\r\n${BODY}\r\n0\r\n\r\n`, CHUNKED, LENGTH)],
  ['two lengths', [400], post(BODY, LENGTH, 'Content-Length: 5')],
  ['two equal lengths', [400], post(BODY, LENGTH, LENGTH)],
  ['a list of lengths', [400], post(BODY, `${LENGTH}, ${BODY.length}`)],
  ...['+28', '-1', '0x1c', '28a', '2 8', '', '99999999999999999999999', '1e1'].map(
    (length): [string, number[], Made] => [`the length ${length}`, [400], post(BODY, `Content-Length: ${length}`)],
  ),
  ...['chunked, identity', '\x0bchunked', 'chunked\x00', 'chunked, chunked, gzip'].map(
    (coding): [string, number[], Made] => [
      `the transfer coding ${JSON.stringify(coding)}`,
      [400],
      post(BODY, `Transfer-Encoding: ${coding}`),
    ],
  ),
  // What the last coding is not, tells no end.
  ['the transfer coding xchunked', [415], post(BODY, 'Transfer-Encoding: xchunked')],
  ['the transfer coding identity', [415], post(BODY, 'Transfer-Encoding: identity')],
  ['two transfer codings', [400], post(BODY, CHUNKED, 'Transfer-Encoding: identity')],
  ['a space before the colon', [400], post(BODY, 'Transfer-Encoding : chunked')],
  ['a folded line', [400], get(PATH, 'X-A: b', ' c: d')],
  ['a first field that is folded', [400], put('Host:', ' Host:')],
  ['a field without a colon', [400], get(PATH, 'X-A')],
  ['a field without a name', [400], get(PATH, ': a')],
  ['a space in the name of a field', [400], get(PATH, 'X A: b')],
  ['a NUL in a field', [400], get(PATH, 'X-A: a\0b')],
  ['lines that end with LF', [400], put(/\r\n/g, '\n')],
  ['a field that ends with LF', [400], put('127.0.0.1\r\n', '127.0.0.1\n')],
  ['a field that ends with CR', [400], put('127.0.0.1\r\n', '127.0.0.1\r')],
  ['a chunk of FFFFFFFFFFFFFFFFFF bytes', [400], chunk('FFFFFFFFFFFFFFFFFF')],
  ['a chunk of -1 bytes', [400], chunk('-1')],
  ['a chunk of 0x1c bytes', [400], chunk(`0x${SIZE}`)],
  ['a chunk of no size', [400], chunk('')],
  ['a chunk that is longer than it says', [400], chunk('5')],
  ['a chunk extension that ends with LF', [400], chunk(`${SIZE};a\n${BODY}\r\n0\r\n\r\n`, '')],
  ['chunk extensions of 20 KB', [413], chunk(`${SIZE};${'a'.repeat(20_000)}`)],
  ['a trailer that is a length', [400], chunk(SIZE, `\r\n${BODY}\r\n0\r\nContent-Length: 3\r\n\r\n`)],
  ['two hosts', [400], get(PATH, 'Host: elsewhere.test')],
  ['no host', [400], put(/Host:.*\r\n/, '')],
  ['a method that there is not', [400], put('GET', 'FETCH')],
  ['a method in small letters', [400], put('GET', 'get')],
  ['HTTP/1.2', [400], put('HTTP/1.1', 'HTTP/1.2')],
  ['the preface of HTTP/2', [400], () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['no target', [400], get('')],
  ['a target without a slash', [400], get('api/v2/orgs/1/labels')],
  ['a space in the target', [400], get(`${PATH} x`)],
  ['a NUL in the target', [400], get(`${PATH}\0`)],
  ['bytes that are no HTTP', [400], () => '\x00\x01\x02\x03\r\n\r\n'],
  ['a path of 70 KB', [431], get(`${PATH}/${'a'.repeat(70_000)}`)],
  ['a query of 70 KB', [431], get(`${PATH}?key=${'a'.repeat(70_000)}`)],
  ['a field of 70 KB', [431], get(PATH, `X-A: ${'a'.repeat(70_000)}`)],
  ['3000 fields', [431], get(PATH, ...Array.from({ length: 3000 }, (_, index) => `X-${index}: a`))],
  ['3000 fields of one letter', [431], get(PATH, ...Array.from({ length: 3000 }, () => 'x:'))],
  ['a tunnel', [405], put(`GET ${PATH}`, 'CONNECT 127.0.0.1:443')],
];

/** What is one request for every reader, however odd: the status, and the connection goes on. */
const ODD: [string, number, Made][] = [
  [
    'two equal Authorizations',
    401,
    (server) => head(server, `GET ${PATH}`, /Authorization:.*/.exec(head(server, ''))?.[0] ?? ''),
  ],
  ['two Authorizations', 401, get(PATH, 'Authorization: Basic eDp5')],
  ['two content types', 415, post(BODY, LENGTH, 'Content-Type: text/plain')],
  ['two equal content types', 415, post(BODY, LENGTH, JSON_TYPE)],
  ...['gzip', 'br', 'deflate', 'x-gzip', 'identity, gzip', 'zstd'].map((coding): [string, number, Made] => [
    `a body that is ${coding}`,
    415,
    post(BODY, LENGTH, `Content-Encoding: ${coding}`),
  ]),
  ['a body that is gzip and chunked', 415, post(`${SIZE}\r\n${BODY}\r\n0\r\n\r\n`, 'Transfer-Encoding: gzip, chunked')],
  ['a length of 2^62', 413, put(BODY, '', post(BODY, 'Content-Length: 4611686018427387904'))],
  ['no body', 406, post('', 'Content-Length: 0')],
  ['TRACE', 405, put('GET', 'TRACE')],
  ['OPTIONS', 405, put('GET', 'OPTIONS')],
  ['PATCH', 405, put('GET', 'PATCH')],
  ['PROPFIND', 405, put('GET', 'PROPFIND')],
  ['OPTIONS of *', 404, put(`GET ${PATH}`, 'OPTIONS *')],
  ['a body of a GET', 200, (server) => head(server, `GET ${PATH}`, JSON_TYPE, LENGTH) + BODY],
  ['lines before it', 200, (server) => `\r\n\r\n${head(server, `GET ${PATH}`)}`],
  ['an empty host', 200, put('Host: 127.0.0.1', 'Host:')],
  ['letters beyond ASCII in a field', 200, get(PATH, 'X-A: \xff\xfe')],
  ['a whole URL', 200, get(`http://elsewhere.test${PATH}`)],
  ['a whole URL of another scheme', 404, get(`ftp://elsewhere.test${PATH}`)],
  ['a host in place of a path', 404, get(`//elsewhere.test${PATH}`)],
  ['doubled slashes', 200, get(PATH.replaceAll('/', '//'))],
  ['a fragment', 404, get(`${PATH}#x`)],
  ...[
    ...['/api/v2/orgs/1%2flabels', '/api/v2/orgs/1%2Flabels', '/api/v2/orgs%2f1/labels', '/api/v2/orgs/1%252flabels'],
    ...[
      '/api/v2/orgs/1\\labels',
      '/api/v2/orgs/1%5clabels',
      '/api/v2/orgs/2/../1/labels',
      '/api/v2/orgs/2/%2e%2e/1/labels',
    ],
    ...['/../../etc/passwd', '/api/v2/%2e%2e/%2e%2e/etc/passwd', '/_emulator/..%2f..%2fetc/passwd', `${PATH}/`],
    ...['/api/v2/orgs/%zz/labels', '/api/v2/orgs/%/labels', '/api/v2/orgs/%c0%af/labels', '/api/v2/orgs/1/labels%00'],
    ...['/API/V2/orgs/1/labels', '/.', '/'],
    ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'].flatMap((name) => [
      `/api/v2/${name}`,
      `/api/v2/orgs/1/${name}`,
      `${PATH}/${name}`,
      `/api/v2/orgs/1/container_clusters/${name}`,
    ]),
  ].map((path): [string, number, Made] => [`the path ${path}`, 404, get(path)]),
  // Another organisation's, whether there is one or not.
  ...['__proto__', 'constructor', 'toString', '1;a=b', '1.0', '01', '1%20', '+1', '-1', '9'.repeat(400)].map(
    (org): [string, number, Made] => [`the organisation ${org}`, 403, get(`/api/v2/orgs/${org}/labels`)],
  ),
];

describe('what is no request, or might be two,', () => {
  const test = useServer();
  const smuggled = (server: Server) =>
    `${head(server, `POST ${PATH}`, JSON_TYPE, 'Content-Length: 32')}{"key":"app","value":"smuggled"}`;

  it.each(AMBIGUOUS)('is refused, and nothing after it is looked at: %s', async (_what, statuses, made) => {
    const { server } = test;
    const before = server.emulator.saveWorld();
    const text = await ask(server, Buffer.from(made(server) + smuggled(server), 'latin1'));
    const answers = answersIn(text);
    expect(answers.map(({ status }) => status)).toEqual(statuses);
    const { headers, body } = answers.at(-1) ?? {};
    expect(headers).toMatchObject({ 'content-type': 'application/json' });
    expect(schemasOf('22.2').check('common#problems', body)).toEqual([]);
    expect(server.emulator.saveWorld()).toEqual(before);
  });

  it('is refused over TLS as well', async () => {
    const { server } = test;
    const raw = await open(server, 'https');
    raw.send(post(BODY, LENGTH, CHUNKED)(server) + smuggled(server));
    expect(statusesIn(await raw.ended)).toEqual([400]);
  });

  it('takes no reply from the requests before it, and no place in front of them', async () => {
    const { server } = test;
    const good = head(server, `POST ${PATH}`, JSON_TYPE, LENGTH) + BODY;
    const text = await ask(server, `${good}${head(server, `GET ${PATH}`)}FETCH / HTTP/1.1\r\n\r\n${smuggled(server)}`);
    expect(statusesIn(text)).toEqual([201, 200, 400]);
    expect(answersIn(text)[1]?.body).toHaveLength(1);
  });

  it('stands in the journal where it was known what is asked for', async () => {
    const { server } = test;
    await ask(server, chunk('-1')(server));
    await ask(server, 'FETCH / HTTP/1.1\r\n\r\n');
    expect(server.emulator.requests.find()).toMatchObject([
      {
        route: 'labels.create',
        status: 400,
        tokens: ['bad_request_error'],
        violations: [{ in: 'body', path: '', message: expect.stringMatching(/^This is no HTTP: /) }],
      },
    ]);
  });
});

describe('what is one request, however odd,', () => {
  const test = useServer();

  it.each(ODD)('is answered, and the connection goes on: %s', async (what, status, made) => {
    const { server } = test;
    const before = server.emulator.saveWorld();
    const raw = await open(server);
    raw.send(Buffer.from(made(server), 'latin1'));
    await raw.until((text) => text.includes('\r\n\r\n'));
    // Else the rest of the body is to come first.
    if (!what.includes('2^62')) {
      raw.send(head(server, 'GET /_emulator/ready', 'Connection: close'));
      expect(statusesIn(await raw.ended)).toEqual([status, 200]);
    }
    raw.socket.destroy();
    expect(server.emulator.saveWorld()).toEqual(before);
  });

  it('is answered by HTTP/1.1 where it is HTTP/1.0, and the connection ends', async () => {
    const { server } = test;
    const [answer, ...more] = answersIn(await ask(server, put('HTTP/1.1', 'HTTP/1.0')(server)));
    expect([answer?.status, answer?.headers.connection, more]).toEqual([200, 'close', []]);
  });

  it.each([
    ['a websocket', 'Connection: Upgrade', 'Upgrade: websocket'],
    ['HTTP/2', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c'],
  ])(
    'is answered where it asks for %s, and the connection ends: what comes with it is not read',
    async (_what, ...lines) => {
      const { server } = test;
      const text = await ask(server, head(server, `GET ${PATH}`, ...lines) + head(server, `GET ${PATH}`));
      const [answer, ...more] = answersIn(text);
      expect([answer?.status, answer?.headers.connection, more]).toEqual([200, 'close', []]);
    },
  );

  it('is told to go on where it waits for that', async () => {
    const { server } = test;
    const raw = await open(server);
    raw.send(head(server, `POST ${PATH}`, JSON_TYPE, LENGTH, 'Expect: 100-continue', 'Connection: close'));
    await raw.until((text) => text === 'HTTP/1.1 100 Continue\r\n\r\n');
    raw.send(BODY);
    expect(statusesIn(await raw.ended)).toEqual([100, 201]);
  });

  it('is refused in the words of its API where it expects something else, and the journal has it', async () => {
    const { server } = test;
    const raw = await open(server);
    raw.send(head(server, `GET ${PATH}`, 'Expect: a miracle') + head(server, `GET ${PATH}`, 'Connection: close'));
    const [refused, answered] = answersIn(await raw.ended);
    expect([refused?.status, refused?.body[0].token, answered?.status]).toEqual([417, 'expectation_failed_error', 200]);
    expect(refused?.headers['x-request-id']).toMatch(/./);
    expect(server.emulator.requests.find({ status: '417' })).toMatchObject([
      { route: 'labels.list', violations: [{ in: 'headers', path: 'expect' }] },
    ]);
  });

  it('has trailers that nobody heeds', async () => {
    const { server } = test;
    const raw = await open(server);
    raw.send(chunk(SIZE, `\r\n${BODY}\r\n0\r\nAuthorization: Basic eDp5\r\nX-A: b\r\n\r\n`)(server));
    await raw.until((text) => text.includes('HTTP/1.1 201'));
    raw.socket.destroy();
  });

  it('that sends more than it may is told so before it comes to an end', async () => {
    const { server } = test;
    const raw = await open(server);
    raw.send(head(server, `POST ${PATH}`, JSON_TYPE, CHUNKED));
    for (let sent = 0; sent < 3; sent++) raw.send(`80000\r\n${' '.repeat(0x80000)}\r\n`);
    await raw.until((text) => text.includes('request_entity_too_large_error'));
    raw.socket.destroy();
    expect(server.emulator.requests.find({ status: '413' })).toHaveLength(1);
  });
});

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseTranscript } from '../../src/contract/transcript.ts';
import { connect } from './connection.ts';
import { type Outcome, replay } from './replay.ts';

const STORY = parseTranscript(
  'story.http',
  `# live: yes

### A label is made
# evidence: documented
# source: a page
POST /api/v2/orgs/1/labels
Content-Type: application/json

{ "key": "role", "value": "Web {{run}}" }

HTTP 201

{ "href": "/orgs/1/labels/<label:integer>", "value": "Web {{run}}" }

### A cluster is made
# evidence: observed
# source: a test
POST /api/v2/orgs/1/container_clusters
Content-Type: application/json

{ "name": "shop {{run}}" }

HTTP 201

{ "href": "/orgs/1/container_clusters/<cluster:uuid>" }

### The label is found
# evidence: inferred
# source: a guess
GET /api/v2/orgs/1/labels?filter=%2Forgs%2F1%2Flabels%2F{{label}}

HTTP 200

[{ "href": "/orgs/1/labels/{{label}}" }]
`,
);

const LABELS = '/api/v2/orgs/4/labels';
const CLUSTERS = '/api/v2/orgs/4/container_clusters';
const LABEL = '/orgs/4/labels/17';
const CLUSTER = '/orgs/4/container_clusters/0d5c8b3e-8a6b-4f0e-9d4c-6a1a5b0c7d11';
const FOUND = `${LABELS}?filter=%2Forgs%2F4%2Flabels%2F17`;

type Reply = [status: number, body?: unknown] | 'reset';

describe('playing a transcript', () => {
  let server: Server;
  let asked: string[];
  let answers: Record<string, Reply | ((times: number) => Reply)>;

  beforeEach(async () => {
    asked = [];
    answers = {
      [`POST ${LABELS}`]: [201, { href: LABEL, value: 'Web x' }],
      [`POST ${CLUSTERS}`]: [201, { href: CLUSTER }],
      [`GET ${FOUND}`]: [200, [{ href: LABEL }]],
      [`DELETE /api/v2${CLUSTER}`]: [204],
      [`DELETE /api/v2${LABEL}`]: [204],
    };
    server = createServer(reply).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
  });
  afterEach(() => server.close());

  function reply(request: IncomingMessage, response: ServerResponse): void {
    const key = `${request.method} ${request.url}`;
    asked.push(key);
    const given = answers[key] ?? [404];
    const answer = typeof given === 'function' ? given(asked.filter((one) => one === key).length) : given;
    if (answer === 'reset') return void request.socket.destroy();
    const [status, body] = answer;
    response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
  }

  const play = (signal?: AbortSignal): Promise<Outcome> => {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const send = connect({ origin, key: 'api_1:s', insecure: false });
    return replay(STORY, { send, org: 4, run: 'x', signal });
  };
  const told = ({ exchanges }: Outcome) =>
    exchanges.map(({ title, differences, skipped }) => [
      title,
      skipped ?? differences.map(({ severity, where, message }) => `${severity} ${where}: ${message}`),
    ]);
  const ALL_IS_WELL = [
    ['A label is made', []],
    ['A cluster is made', []],
    ['The label is found', []],
  ];

  it('happens in the organisation of the PCE, and all that was made is deleted, the last first', async () => {
    const outcome = await play();
    expect(told(outcome)).toEqual(ALL_IS_WELL);
    expect(outcome.left).toEqual([]);
    expect(asked).toEqual([
      `POST ${LABELS}`,
      `POST ${CLUSTERS}`,
      `GET ${FOUND}`,
      `DELETE /api/v2${CLUSTER}`,
      `DELETE /api/v2${LABEL}`,
    ]);
  });

  it('tells of each exchange how sure the expectation was', async () => {
    const { exchanges } = await play();
    expect(exchanges.map(({ evidence, source, path }) => [evidence, source, path])).toEqual([
      ['documented', 'a page', LABELS],
      ['observed', 'a test', CLUSTERS],
      ['inferred', 'a guess', FOUND],
    ]);
  });

  it('finds a missing key, another type and an extra key, and goes on', async () => {
    answers[`POST ${LABELS}`] = [201, { href: LABEL, colour: 'red' }];
    answers[`GET ${FOUND}`] = [200, [{ href: 17 }]];
    expect(told(await play())).toEqual([
      ['A label is made', ['critical /value: the key is missing', 'warning /colour: the key is extra']],
      ['A cluster is made', []],
      ['The label is found', ['critical /0/href: number instead of string']],
    ]);
  });

  it('skips what needs an id that was not told, says whose it was, and goes on with the rest', async () => {
    answers[`POST ${LABELS}`] = [500, 'oops'];
    const outcome = await play();
    expect(told(outcome)).toEqual([
      ['A label is made', ['critical status: another status: "oops"']],
      ['A cluster is made', []],
      ['The label is found', 'it needs {{label}}, which "A label is made" did not tell'],
    ]);
    expect(outcome.left).toEqual([]);
    expect(asked.at(-1)).toBe(`DELETE /api/v2${CLUSTER}`);
  });

  it('deletes what it has made when the PCE fails in the middle, and says what may have been made', async () => {
    answers[`POST ${CLUSTERS}`] = 'reset';
    const outcome = await play();
    expect(told(outcome)).toEqual([
      ['A label is made', []],
      ['A cluster is made', ['critical status: no answer: socket hang up']],
      ['The label is found', []],
    ]);
    expect(asked.at(-1)).toBe(`DELETE /api/v2${LABEL}`);
    expect(outcome.left).toEqual([
      { what: `POST ${CLUSTERS}`, why: 'no answer: socket hang up; it may have made something' },
    ]);
  });

  it('deletes what it has made when it is stopped', async () => {
    const stop = new AbortController();
    answers[`POST ${CLUSTERS}`] = () => {
      stop.abort();
      return [201, { href: CLUSTER }];
    };
    const outcome = await play(stop.signal);
    expect(told(outcome).at(-1)).toEqual(['The label is found', 'the run was stopped']);
    expect(asked.slice(2)).toEqual([`DELETE /api/v2${CLUSTER}`, `DELETE /api/v2${LABEL}`]);
  });

  it('tries once more to delete what something else was using, and tells what stays', async () => {
    answers[`DELETE /api/v2${CLUSTER}`] = (times) => (times === 1 ? [406, 'in use'] : [204]);
    answers[`DELETE /api/v2${LABEL}`] = [406, 'in use'];
    const outcome = await play();
    expect(outcome.left).toEqual([{ what: LABEL, why: 'DELETE answers 406: "in use"' }]);
    expect(asked.slice(3)).toEqual([
      `DELETE /api/v2${CLUSTER}`,
      `DELETE /api/v2${LABEL}`,
      `DELETE /api/v2${CLUSTER}`,
      `DELETE /api/v2${LABEL}`,
    ]);
  });

  it.each(['/orgs/5/labels/17', '/orgs/4/container_clusters/17', '/orgs/4/labels/../x', '/users/1', '/orgs/4/labels'])(
    'never deletes %s, which it cannot have made',
    async (href) => {
      answers[`POST ${LABELS}`] = [201, { href, value: 'Web x' }];
      const { left } = await play();
      expect(asked.filter((one) => one.startsWith('DELETE'))).toEqual([`DELETE /api/v2${CLUSTER}`]);
      expect(left).toEqual([
        { what: href, why: `it is not below ${LABELS}, where it was to be made; it is not touched` },
      ]);
    },
  );
});

describe('a transcript that deletes by itself', () => {
  it('leaves nothing to delete, nor what went with it', async () => {
    const made = (title: string, path: string, href: string) => `### ${title}
# evidence: inferred
# source: a guess
POST /api/v2${path}

HTTP 201

{ "href": "${href}" }

`;
    const gone = `### It goes
# evidence: inferred
# source: a guess
DELETE /api/v2/orgs/1/container_clusters/c

HTTP 204
`;
    const clusters = '/orgs/1/container_clusters';
    const profiles = `${clusters}/c/container_workload_profiles`;
    const text = made('C', clusters, `${clusters}/c`) + made('P', profiles, `${profiles}/p`) + gone;
    const asked: string[] = [];
    const outcome = await replay(parseTranscript('gone.http', text), {
      org: 1,
      run: 'x',
      send: async ({ method, path }) => {
        asked.push(`${method} ${path}`);
        const href = path === `/api/v2${clusters}` ? `${clusters}/c` : `${profiles}/p`;
        return method === 'POST'
          ? { status: 201, headers: {}, text: JSON.stringify({ href }) }
          : { status: 204, headers: {}, text: '' };
      },
    });
    expect(outcome.exchanges.flatMap(({ differences }) => differences)).toEqual([]);
    expect(asked).toHaveLength(3);
  });
});

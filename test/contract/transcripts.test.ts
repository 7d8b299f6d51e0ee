import supertest from 'supertest';
import { createRouting } from '../../src/contract/routing.ts';
import { type Release, startEmulator } from '../../src/emulator.ts';
import { pce, pceControl } from '../../src/pce/index.ts';
import { authorization } from '../support/emulator.ts';
import { playKuma } from '../support/kuma.ts';
import { expectLike, fill, readTranscripts } from '../support/transcripts.ts';

const transcripts = readTranscripts();
const of = (api: string) => transcripts.filter((one) => one.api === api);

describe.each(of('pce'))('$file', ({ world, release, exchanges }) => {
  it(exchanges.map(({ title }) => title).join('; '), async () => {
    const pceVersion = release as Release;
    const emulator = await startEmulator({ world, pceVersion, listen: false, checkReplies: true });
    const agent = supertest(emulator.app);
    const kept = new Map([['run', 'one']]);
    try {
      for (const { method, path, headers, body, expected } of exchanges) {
        const url = fill(path, kept);
        const org = Number(/\/orgs\/(\d+)/.exec(url)?.[1]);
        const key = emulator.allCredentials.find(({ org_id }) => org_id === org) ?? emulator.credentials;
        const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value, kept)]));
        const request = agent[method.toLowerCase() as 'get'](url).set({ ...authorization(key), ...given });
        const answer = await (body ? request.send(fill(body, kept)) : request);
        expect({ url, status: answer.status, text: answer.status === expected.status ? '' : answer.text }).toEqual({
          url,
          status: expected.status,
          text: '',
        });
        for (const [name, value] of Object.entries(expected.headers)) {
          expectLike(answer.headers[name.toLowerCase()], value, kept);
        }
        expectLike(answer.text ? JSON.parse(answer.text) : '', expected.body ? JSON.parse(expected.body) : '', kept);
      }
    } finally {
      await emulator.close();
    }
  });
});

describe.each(of('kuma'))('$file, $release', (transcript) => {
  it(transcript.exchanges.map(({ title }) => title).join('; '), () => playKuma(transcript));
});

describe('the table of routes', () => {
  const apis = [pce, { ...pceControl, prefix: '/_emulator' }];
  const routings = apis.map((api) => createRouting({ ...api, parameters: {} }));
  const told = new Set(
    transcripts.flatMap(({ exchanges }) =>
      exchanges.flatMap(({ method, path }) => {
        const pathname = (path.split('?')[0] ?? '').replace(/\{\{\w+\}\}/g, 'x');
        const matches = routings.map((routing) => routing.match(method, pathname));
        return matches.map((matched) => (matched.found === 'route' ? matched.route.id : undefined));
      }),
    ),
  );
  const implemented = apis.flatMap(({ routes }) => routes).filter(({ handle }) => handle);

  it.each(implemented.map(({ id }) => id))('has a transcript of %s', (id) => {
    expect(told).toContain(id);
  });

  it('has evidence with every transcript, of one of the three kinds', () => {
    const kinds = transcripts.flatMap(({ exchanges }) => exchanges.map(({ evidence }) => evidence));
    expect([...new Set(kinds)].sort()).toEqual(['documented', 'inferred', 'observed']);
  });
});

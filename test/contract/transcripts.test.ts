import supertest from 'supertest';
import type { World } from '../../src/contract/collection.ts';
import type { Api } from '../../src/contract/route.ts';
import { createRouting } from '../../src/contract/routing.ts';
import type { Transcript } from '../../src/contract/transcript.ts';
import { KUMA_RELEASES, kumaRoutesOf, type Release, startEmulator } from '../../src/emulator.ts';
import { kumaControl } from '../../src/kuma/index.ts';
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

/** The ids of the routes that transcripts have to do with. */
function toldBy(stories: readonly Transcript[], apis: readonly Pick<Api, 'routes' | 'prefix'>[]): Set<string> {
  const routings = apis.map((api) => createRouting({ ...api, parameters: {} }));
  return new Set(
    stories.flatMap(({ exchanges }) =>
      exchanges.flatMap(({ method, path }) => {
        const pathname = (path.split('?')[0] ?? '').replace(/\{\{\w+\}\}/g, 'x');
        const matches = routings.map((routing) => routing.match(method, pathname));
        return matches.flatMap((matched) => (matched.found === 'route' ? [matched.route.id] : []));
      }),
    ),
  );
}

describe('the table of routes', () => {
  const ofKuma = kumaControl({} as World);
  const apis = [pce, ...[pceControl, ofKuma].map((control) => ({ ...control, prefix: '/_emulator' }))];
  const told = toldBy(transcripts, apis);
  const implemented = apis.flatMap(({ routes }) => routes).filter(({ handle }) => handle);

  it.each(implemented.map(({ id }) => id))('has a transcript of %s', (id) => {
    expect(told).toContain(id);
  });

  it('has evidence with every transcript, of one of the three kinds', () => {
    const kinds = transcripts.flatMap(({ exchanges }) => exchanges.map(({ evidence }) => evidence));
    expect([...new Set(kinds)].sort()).toEqual(['documented', 'inferred', 'observed']);
  });
});

describe.each(KUMA_RELEASES)('the table of routes of Kuma %s', (release) => {
  const routes = kumaRoutesOf(release);
  const answered = of('kuma')
    .filter((one) => one.release === release)
    .map((one) => ({ ...one, exchanges: one.exchanges.filter(({ expected }) => expected.status < 300) }));
  const told = toldBy(answered, [{ routes, prefix: '' }]);

  it.each(routes.map(({ id }) => id))('has a transcript of %s, and not of its refusals alone', (id) => {
    expect(told).toContain(id);
  });
});

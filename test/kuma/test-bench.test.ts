import type { FaultRule } from '../../src/faults/rule.ts';
import { KUMA_RELEASES, type KumaRelease } from '../../src/kuma/versions.ts';
import { type Asked as Given, type Got, LABELS, send, until } from '../control/server.ts';
import { authorization, clientOf, type Json } from '../support/emulator.ts';
import { type Asked, type Asking, asking, type KumaStart, startKuma, useKuma } from '../support/kuma.ts';
import {
  bodyOf,
  DATAPLANES,
  everything,
  get,
  INSIGHTS,
  JSON_TYPE,
  NETWORKING,
  namesAt,
  put,
  putting,
} from './resources.ts';

const AT = `${DATAPLANES}/web-1`;
const WEB = { networking: NETWORKING };
const NINE = '2020-03-01T09:00:00Z';

/** An emulator of a group of tests, and what asks both of its control planes. */
function useBoth(release: KumaRelease, options: KumaStart = {}) {
  const test = useKuma(release, { listen: false, ...options });
  let [kuma, control]: Asking[] = [];
  beforeAll(async () => {
    [kuma, control] = await Promise.all([asking(test.emulator.kuma_app), asking(test.emulator.app)]);
  });
  beforeEach(() => test.emulator.reset());
  afterAll(() => Promise.all([kuma?.close(), control?.close()]));
  return {
    get emulator() {
      return test.emulator;
    },
    get kuma() {
      return kuma as Asking;
    },
    get control() {
      return control as Asking;
    },
    get pce() {
      return clientOf(test.emulator, authorization(test.emulator.credentials));
    },
  };
}

describe.each(KUMA_RELEASES)('the state of Kuma %s', (release) => {
  const test = useBoth(release);

  it('is kept and put back together with that of the PCE', async () => {
    const { emulator, kuma, pce } = test;
    const state = async () => [await everything(kuma), (await pce.get(LABELS)).body];
    const atStart = await state();
    await put(kuma, { [AT]: WEB, '/meshes/shop': {} });
    await pce.post(LABELS, { key: 'env', value: 'one' });
    const name = emulator.snapshot();
    const kept = await state();
    await put(kuma, { [AT]: { ...WEB, metrics: {} } });
    await kuma.ask({ method: 'DELETE', path: '/meshes/shop' });
    await kuma.ask({ method: 'DELETE', path: '/meshes/default' });
    await pce.post(LABELS, { key: 'env', value: 'two' });
    expect(await namesAt(kuma, '/meshes')).toEqual([]);
    emulator.restore(name);
    expect(await state()).toEqual(kept);
    expect(await namesAt(kuma, DATAPLANES)).toEqual(['web-1']);
    // What came back is linked as it was.
    await kuma.ask({ method: 'DELETE', path: '/meshes/default' });
    emulator.restore(name);
    await kuma.ask({ method: 'DELETE', path: '/meshes/default' });
    expect(await namesAt(kuma, DATAPLANES)).toEqual([]);
    emulator.reset();
    expect(await state()).toEqual(atStart);
  });

  it('is put back over HTTP as well', async () => {
    const { kuma, control } = test;
    const ask = async (method: string, path: string) =>
      (await control.ask({ method, path: `/_emulator${path}`, headers: { 'Content-Length': '0' } })).status;
    await put(kuma, { [AT]: WEB });
    expect(await ask('PUT', '/snapshots/one')).toBeLessThan(300);
    await kuma.ask({ method: 'DELETE', path: AT });
    expect(await ask('POST', '/snapshots/one/restore')).toBeLessThan(300);
    expect((await get(kuma, AT)).status).toBe(200);
    expect(await ask('POST', '/reset')).toBeLessThan(300);
    expect((await get(kuma, AT)).status).toBe(404);
  });
});

describe('times of Kuma 0.5.1', () => {
  const test = useBoth('0.5.1');
  const timesOf = async (path: string) => {
    const { creationTime, modificationTime } = JSON.parse((await get(test.kuma, path)).text);
    return [creationTime, modificationTime];
  };

  it('are those of the clock, whatever a body says, and are written as Go does', async () => {
    const { emulator, kuma } = test;
    const said = { creationTime: '2001-01-01T00:00:00Z', modificationTime: '0001-01-01T00:00:00Z' };
    await put(kuma, { [AT]: { ...WEB, ...said } });
    expect(await timesOf(AT)).toEqual([NINE, NINE]);
    emulator.clock.advance('1500ms');
    await put(kuma, { [AT]: { ...WEB, ...said } });
    expect(await timesOf(AT)).toEqual([NINE, '2020-03-01T09:00:01.5Z']);
    emulator.clock.advance('20ms');
    await put(kuma, { [AT]: WEB });
    expect(await timesOf(AT)).toEqual([NINE, '2020-03-01T09:00:01.52Z']);
    emulator.clock.set('2030-12-31T10:00:00.000Z');
    await put(kuma, { '/meshes/shop': {}, [AT]: WEB });
    expect(await timesOf('/meshes/shop')).toEqual(['2030-12-31T10:00:00Z', '2030-12-31T10:00:00Z']);
    // A refused change changes no time.
    expect((await kuma.ask(putting(AT, {}))).status).toBe(400);
    expect(await timesOf(AT)).toEqual([NINE, '2030-12-31T10:00:00Z']);
    const overview = JSON.parse((await get(kuma, '/meshes/default/dataplanes+insights/web-1')).text);
    expect([overview.creationTime, overview.modificationTime]).toEqual(await timesOf(AT));
  });
});

describe.each(KUMA_RELEASES)('the journal, beside Kuma %s,', (release) => {
  const test = useBoth(release);
  const paged = release !== '0.4.0';
  const body = (more: Json) => JSON.stringify({ ...bodyOf(AT, WEB), ...more });
  const the = (asked: Partial<Asked>): Asked => ({ ...putting(AT, WEB), ...asked });

  it('tells of a request as it tells of those to the PCE', async () => {
    const { emulator, kuma } = test;
    await put(kuma, { [AT]: WEB });
    const [entry] = emulator.requests.find();
    expect(entry).toMatchObject({
      ...{ api: 'kuma', method: 'PUT', path: AT, query: '', route: 'kuma.dataplanes.put', nearest: null },
      ...{ protocol: 'http', implemented: true, org: null, caller: null, status: 201, tokens: [], fault: null },
      ...{ violations: [], at: '2020-03-01T09:00:00.000Z' },
      request: { headers: { 'content-type': 'application/json' }, json: bodyOf(AT, WEB) },
      response: { bytes: 0, headers: { 'content-length': '0' } },
    });
  });

  it.each<[string, Asked, number, Json]>([
    ['no media type', the({ headers: {} }), 415, { in: 'headers', path: 'content-type' }],
    [
      'another media type',
      the({ headers: { 'Content-Type': 'text/yaml' } }),
      415,
      { in: 'headers', path: 'content-type' },
    ],
    ['a media type of no body', the({ headers: { 'Content-Type': 'text/yaml' }, body: '' }), 406, { in: 'headers' }],
    [
      'no wish for JSON',
      { method: 'GET', path: AT, headers: { Accept: 'text/html' } },
      406,
      { in: 'headers', path: 'accept' },
    ],
    ['another name', the({ body: body({ name: 'x' }) }), 400, { in: 'body', path: 'name' }],
    ['another type', the({ body: body({ type: 'Mesh' }) }), 400, { in: 'body', path: 'type' }],
    ['no networking', the({ body: body({ networking: {} }) }), 400, { in: 'body', path: 'networking' }],
    ['no JSON', the({ body: '{' }), 500, { in: 'body' }],
    ['nothing', the({ body: '' }), 500, { in: 'body' }],
    ['a list', the({ body: '[]' }), 500, { in: 'body' }],
    ['a port in words', the({ body: body({ networking: { inbound: [{ port: 'x' }] } }) }), 500, { in: 'body' }],
    ['a name that is none', the({ body: body({ name: 5 }) }), 500, { in: 'body' }],
    ['an unknown parameter', { method: 'GET', path: `${DATAPLANES}?sise=1` }, 200, { in: 'query', path: 'sise' }],
    ['a parameter of a change', the({ path: `${AT}?force=true` }), 201, { in: 'query', path: 'force' }],
    ...(paged
      ? ([
          ['a page that is none', { method: 'GET', path: `${DATAPLANES}?size=x` }, 400, { in: 'query', path: 'size' }],
          ['a page too long', { method: 'GET', path: `${DATAPLANES}?size=1001` }, 400, { in: 'query', path: 'size' }],
          ['no place', { method: 'GET', path: '/meshes?offset=-1' }, 400, { in: 'query', path: 'offset' }],
          [
            'pages of some',
            { method: 'GET', path: '/meshes/default/dataplanes+insights?tag=a:b&size=1' },
            400,
            { in: 'query', path: 'size' },
          ],
        ] as [string, Asked, number, Json][])
      : ([
          [
            'a parameter of a later release',
            { method: 'GET', path: '/meshes?size=1' },
            200,
            { in: 'query', path: 'size' },
          ],
        ] as [string, Asked, number, Json][])),
  ])('holds to the contract what came with %s', async (_what, asked, status, violation) => {
    const { emulator, kuma } = test;
    expect((await kuma.ask(asked)).status).toBe(status);
    const [entry] = emulator.requests.find({ api: 'kuma' });
    expect(entry).toMatchObject({ api: 'kuma', status, violations: [violation] });
    expect(emulator.requests.count({ violations: true })).toBe(1);
  });

  it('has nothing against what is a matter of state, or of what there is', async () => {
    const { emulator, kuma } = test;
    const fine: Asked[] = [
      { method: 'GET', path: AT },
      { method: 'DELETE', path: AT },
      putting('/meshes/nope/dataplanes/web-1', WEB),
      { method: 'GET', path: '/meshes/default/dataplane+insights' },
      { method: 'GET', path: '/meshes/default/trafficpermissions' },
      { method: 'POST', path: '/meshes', body: '{}' },
      { method: 'GET', path: '/meshes/default/dataplanes+insights?tag=a:b' },
      { method: 'GET', path: '//meshes' },
    ];
    for (const asked of fine) await kuma.ask(asked);
    const told = emulator.requests
      .find()
      .map(({ route, nearest, status, violations }) => [status, route, nearest, violations]);
    expect(told).toEqual([
      [404, 'kuma.dataplanes.get', null, []],
      [404, 'kuma.dataplanes.delete', null, []],
      [400, 'kuma.dataplanes.put', null, []],
      [404, null, 'GET /meshes/{mesh}/dataplanes+insights', []],
      [404, null, 'GET /meshes/{mesh}/traffic-permissions', []],
      [405, null, 'GET /meshes', []],
      [200, 'kuma.dataplane_overviews.list', null, []],
      [301, 'kuma.meshes.list', null, []],
    ]);
    expect(emulator.requests.count({ unknown: true })).toBe(3);
  });

  it('picks out what came to Kuma, by HTTP and from within', async () => {
    const { emulator, kuma, pce, control } = test;
    await put(kuma, { [AT]: WEB });
    await get(kuma, AT);
    await pce.get(LABELS);
    const ask = async (query: string) =>
      JSON.parse((await control.ask({ method: 'GET', path: `/_emulator/requests?${query}` })).text);
    const routes = (entries: Json[]) => entries.map(({ route }) => route);
    const both = ['kuma.dataplanes.put', 'kuma.dataplanes.get'];
    expect(routes(emulator.requests.find({ api: 'kuma' }))).toEqual(both);
    expect(routes(emulator.requests.find({ api: 'pce' }))).toEqual(['labels.list']);
    expect(emulator.requests.count()).toBe(3);
    const found = await ask('api=kuma');
    expect(routes(Array.isArray(found) ? found : found.requests)).toEqual(both);
    const body = encodeURIComponent(JSON.stringify({ networking: { address: '127.0.0.1' } }));
    for (const [query, count] of [
      ['api=kuma', 2],
      ['api=pce', 1],
      ['route=kuma.*', 2],
      [`api=kuma&body=${body}`, 1],
      ['api=kuma&status=201', 1],
    ] as const) {
      const { text } = await control.ask({ method: 'GET', path: `/_emulator/requests/count?${query}` });
      expect([query, JSON.parse(text).count ?? JSON.parse(text)]).toEqual([query, count]);
    }
    expect((await control.ask({ method: 'GET', path: '/_emulator/requests?api=nope' })).status).toBe(400);
    expect(() => emulator.requests.find({ api: 'nope' })).toThrow();
    const seen = emulator.requests.seen({ api: 'kuma', route: 'kuma.dataplanes.delete' }, { within: '5s' });
    await kuma.ask({ method: 'DELETE', path: AT });
    expect(await seen).toMatchObject([{ status: 200 }]);
    emulator.requests.clear({ api: 'kuma' });
    expect(routes(emulator.requests.find())).toEqual(['labels.list']);
  });
});

describe('a fault', () => {
  const test = useKuma('0.5.1');
  beforeEach(async () => {
    test.emulator.reset();
    await ask('PUT', AT, { body: bodyOf(AT, WEB) });
    test.emulator.requests.clear();
  });
  const ask = (method: string, path: string, given: Given = {}): Promise<Got> =>
    send(test.emulator.kuma_url + path, method, given);
  const askPce = (): Promise<Got> => {
    const headers = authorization(test.emulator.credentials);
    return send(`${test.emulator.http_url}/api/v2${LABELS}`, 'GET', { headers });
  };
  /** Makes a dataplane while a fault is there, and takes the fault away. */
  const struck = async (effect: FaultRule['effect']): Promise<Got> => {
    const { name } = test.emulator.faults.add({ name: 'struck', when: { api: 'kuma' }, effect });
    const got = await ask('PUT', `${DATAPLANES}/web-2`, { body: bodyOf(`${DATAPLANES}/web-2`, WEB) });
    await until(() => test.emulator.requests.count({ fault: name }) === 1);
    test.emulator.faults.remove(name);
    return got;
  };
  const isThere = async () => (await ask('GET', `${DATAPLANES}/web-2`)).status === 200;

  it('of Kuma strikes Kuma alone, one of the PCE the PCE alone, and one of nobody both', async () => {
    const statuses = async () => [(await ask('GET', AT)).status, (await askPce()).status];
    for (const [when, expected] of [
      [{ api: 'kuma' }, [503, 200]],
      [{ api: 'pce' }, [200, 503]],
      [{}, [503, 503]],
      [undefined, [503, 503]],
      [{ route: 'kuma.dataplanes.get' }, [503, 200]],
      [{ path: '/meshes/*' }, [503, 200]],
      [{ api: 'kuma', method: 'PUT' }, [200, 200]],
      [{ org: 1 }, [200, 503]],
    ] as const) {
      test.emulator.faults.add({ when, effect: { status: 503 } });
      expect([when, await statuses()]).toEqual([when, expected]);
      test.emulator.faults.clear();
    }
    expect(() => test.emulator.faults.add({ when: { api: 'nope' }, effect: { status: 503 } })).toThrow();
  });

  it.each<[FaultRule['effect'], string, string]>([
    [{ status: 500 }, 'An error 500', 'Injected'],
    [{ status: 503, retry_after: 7 }, 'An error 503', 'Injected'],
    [{ status: 404 }, 'An error 404', 'Injected'],
    [
      { status: 412, token: 'Precondition Failed', message: 'Could not update a resource' },
      'Could not update a resource',
      'Precondition Failed',
    ],
  ])('answers %j in the form of Kuma, and nothing is done', async (effect, title, details) => {
    const got = await struck(effect);
    const { status, retry_after } = effect;
    expect([got.status, got.headers['content-type'], got.headers['retry-after']]).toEqual([
      ...[status, 'application/json', retry_after === undefined ? undefined : String(retry_after)],
    ]);
    expect(got.text).toBe(`{\n "title": "${title}",\n "details": "${details}"\n}\n`);
    expect(await isThere()).toBe(false);
    expect(test.emulator.requests.find({ fault: 'struck' })).toMatchObject([
      { api: 'kuma', status, violations: [], fault: { rule: 'struck', effects: [`status ${status}`] } },
    ]);
  });

  it('answers so after all is done and kept', async () => {
    expect((await struck({ status: 500, after_commit: true })).body).toEqual({
      title: 'An error 500',
      details: 'Injected',
    });
    expect(await isThere()).toBe(true);
  });

  it('has an answer come later', async () => {
    const before = performance.now();
    expect((await struck({ latency: '80ms' })).status).toBe(201);
    expect(performance.now() - before).toBeGreaterThanOrEqual(79);
    expect(await isThere()).toBe(true);
  });

  it.each<[FaultRule['effect'], boolean]>([
    [{ connection: 'reset' }, false],
    [{ connection: 'empty' }, false],
    [{ connection: 'reset', after_commit: true }, true],
    [{ reply: 'lost' }, true],
  ])('leaves without an answer: %j', async (effect, isDone) => {
    const got = await struck(effect);
    expect([got.status, got.error, await isThere()]).toEqual([null, 'ECONNRESET', isDone]);
    expect(test.emulator.requests.find({ fault: 'struck' })).toMatchObject([{ status: null, response: null }]);
  });

  it('cuts an answer off, ends it before it is JSON, and has it drip', async () => {
    const whole = await ask('GET', AT);
    const during = async (effect: FaultRule['effect']) => {
      test.emulator.faults.add({ effect });
      const got = await ask('GET', AT);
      test.emulator.faults.clear();
      return got;
    };
    const half = Math.floor(whole.text.length / 2);
    const truncated = await during({ reply: 'truncated' });
    expect([truncated.text, truncated.complete, truncated.error]).toEqual([
      whole.text.slice(0, half),
      false,
      'ECONNRESET',
    ]);
    const malformed = await during({ reply: 'malformed' });
    expect([malformed.text, malformed.complete, malformed.body]).toEqual([whole.text.slice(0, half), true, undefined]);
    const slow = await during({ reply: 'slow', bytes_per_second: 2000 });
    expect([slow.text, slow.complete]).toEqual([whole.text, true]);
    expect(slow.chunks).toBeGreaterThan(1);
  });

  it('cuts off and breaks what has no body', async () => {
    const truncated = await struck({ reply: 'truncated' });
    expect([truncated.status, truncated.complete]).toEqual([null, false]);
    expect(await isThere()).toBe(true);
    test.emulator.requests.clear();
    const malformed = await struck({ reply: 'malformed' });
    expect([malformed.status, malformed.complete, malformed.text]).toEqual([200, true, '{"']);
  });

  it('has lists come short and in another order', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `web-${index}`);
    for (const name of names) await ask('PUT', `${DATAPLANES}/${name}`, { body: bodyOf(`${DATAPLANES}/${name}`, WEB) });
    const lists = [DATAPLANES, '/dataplanes', '/meshes/default/dataplanes+insights', '/dataplanes+insights'];
    const show = async (path: string): Promise<string[]> =>
      (await ask('GET', path)).body.items.map(({ name }: Json) => name);
    const before = await show(DATAPLANES);
    expect([...before].sort()).toEqual([...names].sort());
    test.emulator.faults.add({ when: { api: 'kuma' }, effect: { shuffled: true } });
    for (const path of lists) {
      const shuffled = await show(path);
      expect([path, [...shuffled].sort()]).toEqual([path, [...names].sort()]);
      expect([path, shuffled]).not.toEqual([path, before]);
    }
    test.emulator.faults.clear();
    test.emulator.faults.add({ when: { api: 'kuma' }, effect: { rows: 5 } });
    for (const path of lists) expect([path, await show(path)]).toEqual([path, before.slice(0, 5)]);
  });

  it('strikes what was refused before, too', async () => {
    test.emulator.faults.add({ when: { api: 'kuma' }, effect: { status: 503 } });
    for (const path of ['/nothing', '//meshes', '/meshes/%zz']) expect((await ask('GET', path)).status).toBe(503);
    expect((await ask('PUT', AT, { body: '{}', headers: { 'content-type': 'text/plain' } })).status).toBe(503);
  });
});

describe.each(KUMA_RELEASES)('Kuma %s where everything', (release) => {
  it('is hostile keeps its lists whole, in order, and nothing that was refused is done', async () => {
    const bugs: string[] = [];
    const emulator = await startKuma(release, { listen: false, hostile: true, seed: 'worst' }, bugs);
    const kuma = await asking(emulator.kuma_app);
    try {
      const made: string[] = [];
      const refused = new Set<number>();
      for (let count = 0; count < 40; count++) {
        const name = `web-${count}`;
        const { status } = await kuma.ask(putting(`${DATAPLANES}/${name}`, WEB));
        if (status === 201) made.push(name);
        else refused.add(status);
      }
      expect([...refused].every((status) => status === 429 || status === 503)).toBe(true);
      let lists = 0;
      while (lists < 3) {
        const { status, text } = await get(kuma, DATAPLANES);
        if (status !== 200) continue;
        lists++;
        expect(JSON.parse(text).items.map(({ name }: Json) => name)).toEqual(made);
      }
      expect(emulator.requests.count({ fault: 'hostile-*' })).toBeGreaterThan(0);
      expect(bugs).toEqual([]);
    } finally {
      await kuma.close();
      await emulator.close();
    }
  });

  it('comes of the same seed is the same, to the byte', async () => {
    const story = async (seed: string) => {
      const emulator = await startKuma(release, { listen: false, seed, clock: undefined }, []);
      const [kuma, control] = await Promise.all([asking(emulator.kuma_app), asking(emulator.app)]);
      await put(kuma, { '/meshes/shop': {}, [AT]: WEB });
      await control.ask({ method: 'POST', path: `/_emulator${AT}/connect` });
      const pce = clientOf(emulator, authorization(emulator.credentials));
      const { body } = await pce.post('/orgs/1/container_clusters', { name: 'one' });
      const told = [await everything(kuma), (await get(kuma, `${INSIGHTS}/web-1`)).text, body.href];
      await Promise.all([kuma.close(), control.close()]);
      await emulator.close();
      return told;
    };
    const first = await story('seed');
    expect(await story('seed')).toEqual(first);
    expect(await story('other')).not.toEqual(first);
  });
});

describe('what is under way when everything is put back', () => {
  const test = useBoth('0.5.1');

  it('is refused in the form of Kuma, and changes nothing', async () => {
    const { emulator, kuma } = test;
    emulator.faults.add({ when: { api: 'kuma' }, effect: { latency: '60ms' } });
    const late = kuma.ask({ ...putting(AT, WEB), headers: JSON_TYPE });
    await until(() => emulator.faults.list()[0]?.hits === 1);
    emulator.reset();
    const { status, text } = await late;
    expect([status, JSON.parse(text).details]).toEqual([503, 'emulator_state_replaced']);
    expect((await get(kuma, AT)).status).toBe(404);
  });
});

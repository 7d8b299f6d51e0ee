import { KUMA_RELEASES } from '../../src/kuma/versions.ts';
import type { Json } from '../support/emulator.ts';
import { type Asking, asking, type KumaAnswer, startKuma, useKuma } from '../support/kuma.ts';
import { DATAPLANES, get, INSIGHTS, JSON_TYPE, NETWORKING, put } from './resources.ts';

const AT = `${DATAPLANES}/web-1`;
const NINE = '2020-03-01T09:00:00Z';
const [A_MINUTE_LATER, AN_HOUR_LATER] = ['2020-03-01T09:01:00Z', '2020-03-01T10:01:00Z'];
const INSTANCE = '00000000-0000-4000-8000-000000005678';

/** Has a dataplane take a step of its life. */
const stepping =
  (control: () => Asking) =>
  (step: string, body?: Json, at = AT): Promise<KumaAnswer> =>
    control().ask({
      method: 'POST',
      path: `/_emulator${at}/${step}`,
      ...(body !== undefined && { headers: JSON_TYPE, body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });

describe.each(KUMA_RELEASES)('a dataplane of Kuma %s', (release) => {
  const test = useKuma(release, { listen: false });
  const shows = release !== '0.4.0';
  let kuma: Asking;
  let control: Asking;
  beforeAll(async () => {
    kuma = await asking(test.emulator.kuma_app);
    control = await asking(test.emulator.app);
  });
  beforeEach(async () => {
    test.emulator.reset();
    await put(kuma, { [AT]: { networking: NETWORKING }, [`${DATAPLANES}/web-2`]: { networking: NETWORKING } });
  });
  afterAll(() => Promise.all([kuma.close(), control.close()]));
  const live = stepping(() => control);
  const did = async (step: string, body?: Json): Promise<Json> => {
    const { status, text } = await live(step, body);
    expect([step, status]).toEqual([step, 200]);
    return JSON.parse(text);
  };
  const insight = async (): Promise<Json> => JSON.parse((await get(kuma, `${INSIGHTS}/web-1`)).text);

  it('connects, is told of, and leaves, by the clock of the emulator', async () => {
    const { clock } = test.emulator;
    expect((await get(kuma, `${INSIGHTS}/web-1`)).status).toBe(404);
    const connected = await did('connect');
    clock.advance('1m');
    await did('acknowledge');
    clock.advance('1h');
    const left = await did('disconnect', {});
    const { id } = connected.subscriptions[0];
    expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const one = { responsesSent: '1', responsesAcknowledged: '1' };
    const total = { responsesSent: '4', responsesAcknowledged: '4' };
    const spec = {
      subscriptions: [
        {
          ...{ id, controlPlaneInstanceId: INSTANCE, connectTime: NINE, disconnectTime: AN_HOUR_LATER },
          status: { lastUpdateTime: A_MINUTE_LATER, total, cds: one, eds: one, lds: one, rds: one },
        },
      ],
    };
    const of = (type: string, from: string, to: string) => {
      const times = shows && { creationTime: from, modificationTime: to };
      return { type, mesh: 'default', name: 'web-1', ...times };
    };
    expect(left).toEqual({ ...of('DataplaneInsight', NINE, AN_HOUR_LATER), ...spec });
    expect(await insight()).toEqual(left);
    expect(JSON.parse((await get(kuma, INSIGHTS)).text).items).toEqual([left]);
    const overview = {
      ...of('DataplaneOverview', NINE, NINE),
      dataplane: { networking: NETWORKING },
      dataplaneInsight: spec,
    };
    const overviews = '/meshes/default/dataplanes+insights';
    expect(JSON.parse((await get(kuma, `${overviews}/web-1`)).text)).toEqual(overview);
    const { items } = JSON.parse((await get(kuma, overviews)).text);
    expect(items[0]).toEqual(overview);
    expect(items[1]).not.toHaveProperty('dataplaneInsight');
  });

  it('counts what it was sent: of one service or of each, taken or rejected, as often as it is told', async () => {
    await did('connect');
    await did('acknowledge', { service: 'cds' });
    await did('acknowledge', { service: 'cds', rejected: true });
    await did('acknowledge', { service: 'rds', times: 1_000_000 });
    await did('acknowledge', { rejected: false, times: 2 });
    await did('acknowledge', null);
    const [{ status }] = (await insight()).subscriptions;
    const counts = (sent: number, taken: number) => ({ responsesSent: `${sent}`, responsesAcknowledged: `${taken}` });
    expect(status).toEqual({
      lastUpdateTime: NINE,
      total: { ...counts(1_000_014, 1_000_013), responsesRejected: '1' },
      cds: { ...counts(5, 4), responsesRejected: '1' },
      eds: counts(3, 3),
      lds: counts(3, 3),
      rds: counts(1_000_003, 1_000_003),
    });
  });

  it.each([
    ['9007199254740993', '9007199254740995'],
    // They are 64 bits wide, and begin again.
    ['18446744073709551615', '1'],
  ])('counts on from %s, beyond what JSON numbers hold', async (responsesSent, then) => {
    const subscriptions = [{ id: 'own', connectTime: NINE, status: { total: { responsesSent } } }];
    await put(kuma, { [`${INSIGHTS}/web-1`]: { subscriptions } });
    const told = await did('acknowledge', { service: 'eds', times: 2 });
    expect(told.subscriptions[0].status.total).toEqual({ responsesSent: then, responsesAcknowledged: '2' });
  });

  it('goes on with what was put, also where that says next to nothing', async () => {
    for (const spec of [
      {},
      { subscriptions: [] },
      { subscriptions: [{}] },
      { subscriptions: [{ id: 'x', status: {} }] },
    ]) {
      await put(kuma, { [`${INSIGHTS}/web-1`]: spec });
      if (!spec.subscriptions?.length) await did('connect');
      const told = await did('acknowledge', { service: 'lds' });
      expect(told.subscriptions).toHaveLength(1);
      expect(told.subscriptions[0].status.total).toEqual({ responsesSent: '1', responsesAcknowledged: '1' });
      expect((await did('disconnect')).subscriptions[0].disconnectTime).toBe(NINE);
      expect((await live('acknowledge')).status).toBe(409);
      expect((await did('connect')).subscriptions).toHaveLength(2);
    }
  });

  it(`keeps ${shows ? 'the last ten' : 'all'} subscriptions`, async () => {
    const ids: string[] = [];
    for (let count = 0; count < 13; count++) {
      const { subscriptions } = await did('connect');
      ids.push(subscriptions.at(-1).id);
      await did('disconnect');
    }
    const kept: string[] = (await insight()).subscriptions.map(({ id }: Json) => id);
    expect(new Set(ids).size).toBe(13);
    expect(kept).toEqual(shows ? ids.slice(-10) : ids);
  });

  it('acknowledges for the last connection that is still there', async () => {
    const first = (await did('connect')).subscriptions[0].id;
    const second = (await did('connect')).subscriptions[1].id;
    await did('disconnect');
    await did('acknowledge');
    const { subscriptions } = await insight();
    const told = subscriptions.map(({ id, disconnectTime, status }: Json) => [id, disconnectTime, status.total]);
    expect(told).toEqual([
      [first, undefined, { responsesSent: '4', responsesAcknowledged: '4' }],
      [second, NINE, {}],
    ]);
  });

  it.each<[string, string, Json, number, string]>([
    ['a dataplane that there is not', 'connect', undefined, 404, 'not_found'],
    ['one that is not connected', 'acknowledge', undefined, 409, 'not_connected'],
    ['one that never was', 'disconnect', {}, 409, 'not_connected'],
    ['a service that there is not', 'acknowledge', { service: 'sds' }, 400, ''],
    ['a number of times that is none', 'acknowledge', { times: 0 }, 400, ''],
    ['too many times', 'acknowledge', { times: 1_000_001 }, 400, ''],
    ['half a time', 'acknowledge', { times: 1.5 }, 400, ''],
    ['a word for a yes', 'acknowledge', { rejected: 'yes' }, 400, ''],
    ['what it does not know', 'connect', { since: NINE }, 400, ''],
    ['a list', 'disconnect', [], 400, ''],
    ['what is no JSON', 'connect', '{', 400, ''],
  ])('is refused in the form of the emulator for %s, and nothing changes', async (what, step, body, status, token) => {
    const before = test.emulator.saveWorld();
    const at = what === 'a dataplane that there is not' ? `${DATAPLANES}/ghost` : AT;
    const { status: got, headers, text } = await live(step, body, at);
    expect([got, headers['content-type']]).toEqual([status, 'application/json']);
    const { token: told, message, ...more } = JSON.parse(text);
    expect([typeof message, more]).toEqual(['string', {}]);
    if (token) expect(told).toBe(token);
    expect(test.emulator.saveWorld()).toEqual(before);
  });

  it('is refused for a query, another method, and names that cannot be', async () => {
    const ask = (method: string, path: string) => control.ask({ method, path: `/_emulator${path}` });
    const refused = await Promise.all([
      ask('POST', `${AT}/connect?times=2`),
      ask('GET', `${AT}/connect`),
      ask('POST', `${AT}/explode`),
      ask('POST', '/meshes/default/dataplanes/Web.1/connect'),
      ask('POST', '/meshes/nope/dataplanes/web-1/connect'),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([400, 405, 404, 404, 404]);
    for (const { text } of refused) expect(JSON.parse(text)).toMatchObject({ message: expect.any(String) });
  });

  it('is no request to Kuma: the journal does not tell of it, and no fault strikes it', async () => {
    test.emulator.faults.add({ effect: { status: 503 } });
    await did('connect');
    expect(test.emulator.requests.find().map(({ route }) => route)).toEqual([
      'kuma.dataplanes.put',
      'kuma.dataplanes.put',
    ]);
  });

  it('goes with its mesh, and comes back with a snapshot', async () => {
    await did('connect');
    const before = await insight();
    test.emulator.snapshot('connected');
    await did('disconnect');
    await kuma.ask({ method: 'DELETE', path: '/meshes/default' });
    expect((await live('connect')).status).toBe(404);
    test.emulator.restore('connected');
    expect(await insight()).toEqual(before);
    await kuma.ask({ method: 'DELETE', path: AT });
    // Only in 0.5 does an insight belong to its dataplane.
    expect((await get(kuma, `${INSIGHTS}/web-1`)).status).toBe(shows ? 404 : 200);
    expect((await live('connect')).status).toBe(404);
  });
});

describe.each(KUMA_RELEASES)('a read-only Kuma %s', (release) => {
  it('lets dataplanes live all the same: they do not come by its API', async () => {
    const bugs: string[] = [];
    const options = { listen: false, seed: 'same', clock: undefined };
    const whole = await startKuma(release, options, bugs);
    const source = await asking(whole.kuma_app);
    await put(source, { [AT]: { networking: NETWORKING } });
    const world = whole.saveWorld();
    await source.close();
    await whole.close();
    const emulator = await startKuma(release, { ...options, readOnly: true }, bugs);
    const [kuma, control] = await Promise.all([asking(emulator.kuma_app), asking(emulator.app)]);
    try {
      emulator.loadWorld(world);
      const live = stepping(() => control);
      for (const step of ['connect', 'acknowledge', 'disconnect', 'connect']) {
        expect([step, (await live(step)).status]).toEqual([step, 200]);
      }
      expect(JSON.parse((await get(kuma, `${INSIGHTS}/web-1`)).text).subscriptions).toHaveLength(2);
      const changes = [
        { method: 'DELETE', path: `${INSIGHTS}/web-1` },
        { method: 'PUT', path: AT, headers: JSON_TYPE, body: '{}' },
      ];
      for (const change of changes) expect((await kuma.ask(change)).status).toBe(405);
      expect(bugs).toEqual([]);
    } finally {
      await Promise.all([kuma.close(), control.close()]);
      await emulator.close();
    }
  });
});

import { startEmulator } from '../../src/emulator.ts';
import { clusterOf } from '../agent/cluster.ts';
import { type Answer, authorization, clientOf, type Json, useEmulator } from '../support/emulator.ts';

const LABELS = '/orgs/1/labels';
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const CONTROL = { prefix: '/_emulator', problem: 'emulator/status#problem' };

/** The timestamps in a document, wherever they stand. */
function timestampsIn(value: Json, key = ''): string[] {
  if (typeof value === 'string') return /(_at|timestamp)$/.test(key) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => timestampsIn(one, name));
}

type Test = Pick<ReturnType<typeof useEmulator>, 'emulator' | 'pce' | 'control' | 'agent' | 'with'>;
let stories = 0;

/** All that has to do with time, once. Every reply is held to its schema. */
async function story(test: Test): Promise<void> {
  const { pce, control, emulator } = test;
  const name = `s${++stories}`;
  const done = (answer: Answer) => {
    expect([answer.status < 300, answer.text]).toEqual([true, answer.text]);
    for (const one of timestampsIn(answer.body)) expect(one.replace(' ', 'T')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z?$/);
    return answer;
  };
  const label = done(await pce.post(LABELS, { key: 'app', value: name })).body;
  expect(label.created_at).toMatch(TIMESTAMP);
  done(await pce.put(label.href, { value: `${name}b` }));
  const told: Json[] = done(await pce.get('/orgs/1/events')).body;
  expect(told.map(({ timestamp }) => timestamp)).toEqual(
    told
      .map(({ timestamp }) => timestamp)
      .sort()
      .reverse(),
  );
  const ofLabel = told.filter(({ resource_changes: [change] }) => change?.resource.label?.href === label.href);
  expect(ofLabel.map(({ event_type }) => event_type).sort()).toEqual(['label.create', 'label.update']);
  const cluster = await clusterOf(test as never, { report: {} });
  expect(done(await pce.get(cluster.href)).body.online).toBe(true);
  const job = done(await pce.get('/orgs/1/container_clusters', { prefer: 'respond-async' })).headers.location;
  done(await pce.get(done(await pce.get(String(job))).body.result.href));
  const key = done(await pce.post('/users/1/api_keys', { name })).body;
  done(await pce.get(key.href));
  const account = {
    name,
    permissions: [{ role: { href: '/orgs/1/roles/owner' }, scope: [] }],
    api_key: { expires_in_seconds: 7_776_000 },
  };
  done(await pce.post('/orgs/1/service_accounts', account));
  const { api_secret, username } = emulator.credentials;
  const basic = authorization({ api_key: username, api_secret });
  const { auth_token } = done(await test.with(basic).post('/login_users/authenticate?pce_fqdn=127.0.0.1')).body;
  const login = done(await test.with({ authorization: `Token token=${auth_token}` }).get('/users/login')).body;
  const session = authorization({ api_key: login.auth_username, api_secret: login.session_token });
  done(await test.with(session).get(LABELS));
  const fault = { name, when: { route: 'labels.get' }, window: { for: '1m' }, effect: { status: 503 } };
  done(await control.post('/faults', fault));
  const struck = (await pce.get(label.href)).status;
  done(await control.delete(`/faults/${name}`));
  expect(struck).toBe(503);
  done(await pce.delete(label.href));
  for (const path of ['/clock', '/requests?limit=5', '/snapshots', '/world']) done(await control.get(path));
}

describe('at an odd time', () => {
  const test = useEmulator();

  it.each([
    '1970-01-01T00:00:00Z',
    '1970-01-01T00:00:00.001Z',
    '2000-02-29T23:59:59.999Z',
    '2024-02-29T00:00:00Z',
    '2038-01-19T03:14:08Z',
    '9999-10-01T00:00:00Z',
  ])('everything works as at any other: %s', async (now) => {
    for (const frozen of [true, false]) {
      test.emulator.clock.freeze(now);
      if (!frozen) test.emulator.clock.resume();
      await story(test);
    }
  });

  it.each([
    ...['0000-01-01T00:00:00Z', '+275760-09-13T00:00:00Z', '275760-09-13T00:00:00Z', '-000001-01-01T00:00:00Z'],
    ...['2027-02-29T00:00:00Z', '2100-02-29T00:00:00Z', '2026-04-31T00:00:00Z', '2026-00-01T00:00:00Z'],
    ...['2026-01-01T24:00:00Z', '2026-01-01T25:00:00Z', '2026-01-01T00:60:00Z', 'NaN', '0', '-1', '1e400', '\u0000'],
    ...[0, -1, Number.NaN, [], {}, true],
  ])('the clock is not set where there is no such time: %j', async (now) => {
    test.emulator.clock.freeze('2026-03-01T09:00:00Z');
    const { status, body } = await test.control.put('/clock', { now });
    expect([status, typeof body.message]).toEqual([400, 'string']);
    expect(test.emulator.clock.now()).toBe('2026-03-01T09:00:00.000Z');
  });
});

describe('a clock of its own', () => {
  const ten = Date.parse('2026-03-01T10:00:00Z');
  it.each<[string, () => () => number]>([
    [
      'goes back all the time',
      () =>
        (
          (now) => () =>
            (now -= 60_000)
        )(ten),
    ],
    [
      'jumps about',
      () =>
        (
          (turn) => () =>
            ++turn % 2 ? ten : ten + 400 * 86_400_000
        )(0),
    ],
    [
      'tells fractions',
      () =>
        (
          (now) => () =>
            (now += 0.3)
        )(ten),
    ],
    ['tells no number', () => () => Number.NaN],
    [
      'tells no number any more',
      () =>
        (
          (turn) => () =>
            turn++ < 50 ? ten : Number.NaN
        )(0),
    ],
    ['tells text', () => () => 'noon' as never],
    ['tells nothing', () => () => undefined as never],
    ['is before its time', () => () => -1e15],
    ['is infinitely far', () => () => Number.NEGATIVE_INFINITY],
  ])('that %s breaks nothing', async (what, source) => {
    const bugs: string[] = [];
    const log = (message: string) => void bugs.push(message);
    const emulator = await startEmulator({ listen: false, world: 'empty', checkReplies: true, now: source(), log });
    const client = (headers: Record<string, string>) => clientOf(emulator, headers);
    const test: Test = {
      emulator,
      pce: client(authorization(emulator.credentials)),
      control: clientOf(emulator, {}, CONTROL),
      agent: ({ href, container_cluster_token }) =>
        client(authorization({ api_key: href.slice(-36), api_secret: container_cluster_token })),
      with: client,
    };
    const jumps = /jumps/.test(what);
    // Where it is now this year and now another, a session may be over by the next request.
    if (!jumps) await story(test);
    else
      for (let made = 0; made < 50; made++)
        expect((await test.pce.post(LABELS, { key: 'app', value: `${made}` })).status).toBe(201);
    expect(bugs).toEqual([]);
    emulator.clock.freeze();
    emulator.clock.advance('1h');
    emulator.clock.resume();
    expect(emulator.clock.now()).toMatch(TIMESTAMP);
    await emulator.close();
  });

  it('that goes back has events in the order of its times, and all else in the order in which it came', async () => {
    let now = ten;
    const emulator = await startEmulator({ listen: false, world: 'empty', checkReplies: true, now: () => now });
    const pce = clientOf(emulator, authorization(emulator.credentials));
    for (const value of ['a', 'b', 'c']) {
      await pce.post(LABELS, { key: 'app', value });
      now -= 3_600_000;
    }
    const { body: labels } = await pce.get(LABELS);
    expect(labels.map(({ value }: Json) => value)).toEqual(['a', 'b', 'c']);
    const { body: events } = await pce.get('/orgs/1/events');
    const told = events.map(({ timestamp, resource_changes }: Json) => [
      timestamp.slice(11, 13),
      resource_changes[0].changes.value.after,
    ]);
    // The latest first, as their timestamps say.
    expect(told).toEqual([
      ['10', 'a'],
      ['09', 'b'],
      ['08', 'c'],
    ]);
    await pce.put(labels[0].href, { value: 'd' });
    const { created_at, updated_at } = (await pce.get(labels[0].href)).body;
    expect([created_at, updated_at].map((time) => time.slice(11, 13))).toEqual(['10', '07']);
    expect(emulator.requests.find({ route: 'labels.create' }).map(({ at }) => at.slice(11, 13))).toEqual([
      '10',
      '09',
      '08',
    ]);
    await emulator.close();
  });

  it('however long a cluster may be silent, tells whether it is online', async () => {
    const emulator = await startEmulator({ listen: false, checkReplies: true, offlineAfter: Number.MAX_SAFE_INTEGER });
    const pce = clientOf(emulator, authorization(emulator.credentials));
    expect((await pce.get('/orgs/1/container_clusters')).status).toBe(200);
    await emulator.close();
  });
});

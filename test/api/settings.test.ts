import { clusterOf } from '../agent/cluster.ts';
import { type Answer, type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const EVENTS = '/orgs/1/settings/events';
const WORKLOADS = '/orgs/1/settings/workloads';
const OF_EVENTS = {
  audit_event_retention_seconds: 2592000,
  audit_event_min_severity: 'informational',
  format: 'JSON',
};
const DISCONNECTED = 'workload_disconnected_timeout_seconds';
const GOODBYE = 'workload_goodbye_timeout_seconds';
const value = (seconds: number, scope: Json[] = [], ven_type = 'server') => ({ scope, value: seconds, ven_type });
const OF_WORKLOADS = { href: WORKLOADS, [DISCONNECTED]: [value(3600)], [GOODBYE]: [value(900)] };

const refusal = (answer: Answer) => [answer.status, tokenOf(answer)];
const read = async (pce: Client, path: string): Promise<Json> => (await pce.get(path)).body;
const told = async (pce: Client): Promise<Json[]> => (await pce.get('/orgs/1/events')).body;

describe('settings', () => {
  const test = useEmulator({ world: 'demo' });

  it('of events are the documented ones at first', async () => {
    expect(await read(test.pce, EVENTS)).toEqual(OF_EVENTS);
  });

  it('of workloads have a value for the empty scope at first, and an href, without which Terraform crashes', async () => {
    expect(await read(test.pce, WORKLOADS)).toEqual(OF_WORKLOADS);
  });

  it('of events keep what a change leaves out', async () => {
    const { pce } = test;
    const first = await pce.put(EVENTS, { format: 'CEF' });
    expect([first.status, first.text]).toEqual([204, '']);
    expect((await pce.put(EVENTS, { audit_event_min_severity: 'error' })).status).toBe(204);
    expect((await pce.put(EVENTS, {})).status).toBe(204);
    expect(await read(pce, EVENTS)).toEqual({ ...OF_EVENTS, format: 'CEF', audit_event_min_severity: 'error' });
    expect(await read(pce, WORKLOADS)).toEqual(OF_WORKLOADS);
  });

  it.each([
    { audit_event_retention_seconds: 86399 },
    { audit_event_retention_seconds: 17280001 },
    { audit_event_retention_seconds: '86400' },
    { audit_event_retention_seconds: null },
    { audit_event_min_severity: 'info' },
    { format: 'json' },
    { format: 'XML', audit_event_min_severity: 'error' },
    { href: EVENTS },
    [],
  ])('of events cannot be %j', async (body) => {
    expect(refusal(await test.pce.put(EVENTS, body))).toEqual([406, 'input_validation_error']);
    expect(await read(test.pce, EVENTS)).toEqual(OF_EVENTS);
  });

  it.each([86400, 17280000])('of events can keep them for %d seconds', async (audit_event_retention_seconds) => {
    expect((await test.pce.put(EVENTS, { audit_event_retention_seconds })).status).toBe(204);
    expect(await read(test.pce, EVENTS)).toEqual({ ...OF_EVENTS, audit_event_retention_seconds });
  });

  it('of workloads change for one scope and type of VEN, and stay for the others', async () => {
    const { pce } = test;
    const scope = [{ href: '/orgs/1/labels/176' }, { href: '/orgs/1/labels/1' }];
    const first = await pce.put(WORKLOADS, { [DISCONNECTED]: [value(60, scope)] });
    expect([first.status, first.text]).toEqual([204, '']);
    await pce.put(WORKLOADS, { [DISCONNECTED]: [value(-1, [], 'endpoint')] });
    const all = [value(3600), value(60, scope), value(-1, [], 'endpoint')];
    expect(await read(pce, WORKLOADS)).toEqual({ ...OF_WORKLOADS, [DISCONNECTED]: all });
    const turned = [...scope].reverse();
    await pce.put(WORKLOADS, { [DISCONNECTED]: [value(70, turned), value(7200)], [GOODBYE]: [] });
    const changed = [value(7200), value(70, turned), value(-1, [], 'endpoint')];
    expect(await read(pce, WORKLOADS)).toEqual({ ...OF_WORKLOADS, [DISCONNECTED]: changed });
  });

  it.each([null, undefined])('of workloads are about servers when the type of VEN is %j', async (ven_type) => {
    await test.pce.put(WORKLOADS, { [GOODBYE]: [{ scope: [], value: 0, ven_type }] });
    expect(await read(test.pce, WORKLOADS)).toEqual({ ...OF_WORKLOADS, [GOODBYE]: [value(0)] });
  });

  it.each([
    { [DISCONNECTED]: [{ value: 60 }] },
    { [DISCONNECTED]: [{ scope: [] }] },
    { [DISCONNECTED]: [value(-2)] },
    { [DISCONNECTED]: [value(2147483648)] },
    { [DISCONNECTED]: [value(1.5)] },
    { [DISCONNECTED]: [value(60, [], 'containerized')] },
    { [DISCONNECTED]: [value(60), value(60)] },
    { [DISCONNECTED]: value(60) },
    { [DISCONNECTED]: null },
    { [GOODBYE]: [value(60, ['/orgs/1/labels/1'])] },
    { [GOODBYE]: [value(60, [{ href: '/orgs/1/labels/1', key: 'role' }])] },
    { workload_offline_seconds: [value(60)] },
  ])('of workloads cannot be %j', async (body) => {
    expect(refusal(await test.pce.put(WORKLOADS, body))).toEqual([406, 'input_validation_error']);
    expect(await read(test.pce, WORKLOADS)).toEqual(OF_WORKLOADS);
  });

  it('of workloads take labels that are there alone, and change nothing otherwise', async () => {
    const { pce } = test;
    const deleted = (await pce.post('/orgs/1/labels', { key: 'app', value: 'gone' })).body.href;
    await pce.delete(deleted);
    for (const href of ['/orgs/1/labels/999999', '/orgs/10/labels/128', '/orgs/1/container_clusters/1', deleted]) {
      const body = { [DISCONNECTED]: [value(1)], [GOODBYE]: [value(60, [{ href }])] };
      expect([href, ...refusal(await pce.put(WORKLOADS, body))]).toEqual([href, 406, 'invalid_label_href']);
    }
    expect(await read(pce, WORKLOADS)).toEqual(OF_WORKLOADS);
  });

  it('of workloads go with a label of their scope, and are taken again as they are read', async () => {
    const { pce } = test;
    const [one, other] = (await Promise.all(
      ['one', 'other'].map(async (name) => (await pce.post('/orgs/1/labels', { key: 'app', value: name })).body),
    )) as [Json, Json];
    const [ofOne, ofOther] = [{ href: one.href }, { href: other.href }];
    const both = value(2, [{ href: '/orgs/1/labels/176' }, ofOne]);
    await pce.put(WORKLOADS, { [DISCONNECTED]: [value(1, [ofOne]), both], [GOODBYE]: [value(3, [ofOther])] });
    expect((await pce.put(one.href, { value: 'renamed' })).status).toBe(204);
    expect((await read(pce, WORKLOADS))[DISCONNECTED]).toEqual([value(3600), value(1, [ofOne]), both]);
    expect((await pce.delete(one.href)).status).toBe(204);
    const { href, ...rest } = await read(pce, WORKLOADS);
    expect({ href, ...rest }).toEqual({ ...OF_WORKLOADS, [GOODBYE]: [value(900), value(3, [ofOther])] });
    expect((await pce.put(WORKLOADS, rest)).status).toBe(204);
    test.emulator.loadWorld(test.emulator.saveWorld());
    expect((await pce.delete(other.href)).status).toBe(204);
    expect(await read(pce, WORKLOADS)).toEqual(OF_WORKLOADS);
  });

  it.each([EVENTS, WORKLOADS])('at %s are those of an organisation alone', async (path) => {
    const { pce, emulator } = test;
    const other = test.as(emulator.allCredentials[1] ?? emulator.credentials);
    const theirs = path.replace('/orgs/1/', '/orgs/10/');
    const before = await read(other, theirs);
    await pce.put(path, path === EVENTS ? { format: 'LEEF' } : { [GOODBYE]: [value(1)] });
    expect(await read(other, theirs)).toEqual(before);
    expect([(await other.get(path)).status, (await other.put(path, {})).status]).toEqual([403, 403]);
  });

  it.each([
    [EVENTS, 'event_settings', { format: 'LEEF' }, { format: { before: 'JSON', after: 'LEEF' } }],
    [
      WORKLOADS,
      'workload_settings',
      { [GOODBYE]: [value(1)] },
      { [GOODBYE]: { before: [value(900)], after: [value(1)] } },
    ],
  ])('at %s leave an event when they change, and none when they cannot', async (path, type, body, changes) => {
    const { pce } = test;
    await pce.put(path, { nothing: 1 });
    expect(await told(pce)).toEqual([]);
    await pce.put(path, body);
    const [event] = await told(pce);
    expect(event).toMatchObject({ event_type: `${type}.update`, action: { api_method: 'PUT', http_status_code: 204 } });
    expect(event.resource_changes).toMatchObject([{ resource: { [type]: { href: path } }, changes }]);
  });

  it.each([EVENTS, WORKLOADS])('at %s can be read and changed, and no more', async (path) => {
    expect((await test.pce.delete(path)).status).toBe(405);
    expect((await test.pce.post(path)).status).toBe(405);
  });
});

describe('how long events are kept', () => {
  const START = Date.parse('2026-03-01T08:00:00.000Z');
  const DAY = 24 * 60 * 60 * 1000;
  let now = START;
  const test = useEmulator({ now: () => now });
  beforeEach(() => {
    now = START;
  });

  it('an organisation sets, also for those that are there', async () => {
    const { pce } = test;
    await pce.post('/orgs/1/labels', { key: 'app', value: 'old' });
    now += 2 * DAY;
    await pce.put(EVENTS, { audit_event_retention_seconds: (2 * DAY) / 1000 });
    expect((await told(pce)).map(({ event_type }) => event_type)).toEqual(['event_settings.update', 'label.create']);
    now += 1;
    expect((await told(pce)).map(({ event_type }) => event_type)).toEqual(['event_settings.update']);
    expect((await pce.get('/orgs/1/events')).headers['x-total-count']).toBe('1');
  });

  it('may become longer, which brings back nothing that was over', async () => {
    const { pce } = test;
    await pce.post('/orgs/1/labels', { key: 'app', value: 'old' });
    await pce.put(EVENTS, { audit_event_retention_seconds: DAY / 1000 });
    now += DAY;
    await pce.post('/orgs/1/labels', { key: 'app', value: 'new' });
    now += 1;
    await pce.put(EVENTS, { audit_event_retention_seconds: (100 * DAY) / 1000 });
    const types = (await told(pce)).map(({ event_type }) => event_type);
    expect(types).toEqual(['event_settings.update', 'label.create']);
  });

  it('is more than 30 days where an organisation says so', async () => {
    const { pce } = test;
    await pce.put(EVENTS, { audit_event_retention_seconds: (100 * DAY) / 1000 });
    now += 100 * DAY;
    const [{ href }] = (await told(pce)) as [Json];
    expect((await pce.get(href)).status).toBe(200);
    now += 1;
    expect([(await told(pce)).length, (await pce.get(href)).status]).toEqual([0, 404]);
  });
});

describe('which events are kept', () => {
  const test = useEmulator({ pceVersion: '25.2' });

  it('an organisation sets by how severe they are', async () => {
    const { pce } = test;
    const label = async (text: string) =>
      expect((await pce.post('/orgs/1/labels', { key: 'app', value: text })).status).toBe(201);
    const least = async (audit_event_min_severity: string) =>
      expect((await pce.put(EVENTS, { audit_event_min_severity })).status).toBe(204);
    await label('first');
    const clusters = [await clusterOf(test), await clusterOf(test)];
    const before = await told(pce);
    for (const severity of ['warning', 'error']) {
      // That changes the settings, too.
      await least(severity);
      await label(severity);
      expect([severity, await told(pce)]).toEqual([severity, before]);
    }
    const nodes = [{ name: 'n', machine_id: 'same' }];
    for (const cluster of clusters) await cluster.report({ namespaces: [], nodes });
    const after = await told(pce);
    expect(after.length).toBeGreaterThan(before.length);
    for (const { severity } of after.slice(0, -before.length)) expect(severity).toBe('err');
    await least('informational');
    await label('last');
    const types = (await told(pce)).map(({ event_type }) => event_type);
    expect(types.slice(0, 2)).toEqual(['label.create', 'event_settings.update']);
    expect((await told(pce)).at(-1)).toMatchObject({ event_type: 'label.create', severity: 'info' });
  });
});

describe('settings in a saved world', () => {
  const test = useEmulator();

  it('are there again', async () => {
    const { pce, control, emulator } = test;
    await pce.put(EVENTS, { format: 'CEF' });
    await pce.put(WORKLOADS, { [GOODBYE]: [value(1)] });
    await pce.put('/orgs/1/optional_features', [{ name: 'core_insights', enabled: true }]);
    const before = [await read(pce, EVENTS), await read(pce, WORKLOADS), await read(pce, '/orgs/1/optional_features')];
    const world = (await control.get('/world')).body;
    emulator.reset();
    expect(await read(pce, EVENTS)).toEqual(OF_EVENTS);
    expect((await control.put('/world', world)).status).toBeLessThan(300);
    const after = test.pce;
    expect([
      await read(after, EVENTS),
      await read(after, WORKLOADS),
      await read(after, '/orgs/1/optional_features'),
    ]).toEqual(before);
  });
});

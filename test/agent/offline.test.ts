import { type Client, type Json, useEmulator } from '../support/emulator.ts';
import { clusterOf, eventTypes, names, rows } from './cluster.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');
const MINUTE = 60_000;
const ALL = '/orgs/1/container_clusters';

describe('a cluster whose agent is silent', () => {
  let now = START;
  let pce: Client;
  const test = useEmulator({ now: () => now, pceVersion: '25.2' });
  beforeEach(() => {
    now = START;
    pce = test.pce;
  });
  const online = async (href: string) => (await pce.get(href)).body.online;

  it('is offline after ten minutes, wherever one looks', async () => {
    const silent = await clusterOf(test, { name: 'silent', report: { cluster_mode: 'clas' } });
    const talking = await clusterOf(test, { name: 'talking', report: {} });
    now += 10 * MINUTE - 1;
    await talking.report();
    expect(await online(silent.href)).toBe(true);
    now += 1;
    expect(await online(silent.href)).toBe(false);
    expect(await online(talking.href)).toBe(true);
    const state = (list: Json[]) => list.map((one) => [one.name, one.online]);
    expect(state(await rows(pce, ALL))).toEqual([
      ['silent', false],
      ['talking', true],
    ]);
    expect(state(await rows(pce, `${ALL}?name=sil`))).toEqual([['silent', false]]);
    expect(state(await rows(pce, `${ALL}?clas_mode=true`))).toEqual([['silent', false]]);
    expect(state(await rows(pce, `${ALL}?max_results=1`))).toEqual([['silent', false]]);
    const { headers } = await pce.get(ALL, { prefer: 'respond-async' });
    const job = await pce.get(String(headers.location));
    expect((await pce.get(job.body.result.href)).body).toEqual(await rows(pce, ALL));
  });

  it('shows everything else as it was last reported, and changes in nothing but online', async () => {
    const cluster = await clusterOf(test, {
      report: {
        nodes: [{ name: 'worker-1' }],
        namespaces: ['shop'],
        container_runtime: 'cri-o',
        kubelink_version: '5',
      },
    });
    const before = (await pce.get(cluster.href)).body;
    now += 24 * 60 * MINUTE;
    expect((await pce.get(cluster.href)).body).toEqual({ ...before, online: false });
    expect(await cluster.profile('shop')).toMatchObject({ linked: true });
  });

  it('is online again with its next word', async () => {
    const cluster = await clusterOf(test, { report: {} });
    now += 10 * MINUTE;
    expect(await online(cluster.href)).toBe(false);
    await cluster.report();
    expect(await online(cluster.href)).toBe(true);
    now += 10 * MINUTE - 1;
    expect(await online(cluster.href)).toBe(true);
  });

  it('is online again when the clock goes back', async () => {
    const cluster = await clusterOf(test, { report: {} });
    now += 10 * MINUTE;
    expect(await online(cluster.href)).toBe(false);
    now -= 1;
    expect(await online(cluster.href)).toBe(true);
    expect((await rows(pce, ALL)).map((one) => one.online)).toEqual([true]);
  });

  it('does not become offline for good by being changed while it is silent', async () => {
    const cluster = await clusterOf(test, { report: {} });
    now += 10 * MINUTE;
    await pce.put(cluster.href, { name: 'renamed' });
    expect((await pce.get(cluster.href)).body).toMatchObject({ name: 'renamed', online: false });
    const [event] = await rows(pce, '/orgs/1/events?event_type=container_cluster.update');
    expect(Object.keys(event.resource_changes[0].changes)).toEqual(['name']);
    now -= 1;
    expect(await online(cluster.href)).toBe(true);
  });

  it('is not told of by events, neither when it goes nor when it comes', async () => {
    const cluster = await clusterOf(test, { report: {} });
    const told = await eventTypes(pce);
    now += 10 * MINUTE;
    expect(await online(cluster.href)).toBe(false);
    await cluster.report();
    expect(await eventTypes(pce)).toEqual(told);
  });

  it('counts only what put_from_cluster says as its word', async () => {
    const cluster = await clusterOf(test, { report: { namespaces: ['shop'] } });
    now += 10 * MINUTE;
    await cluster.services([]);
    await cluster.agent.get(`${cluster.href}/support_report_info`);
    expect(await online(cluster.href)).toBe(false);
  });

  it('is not online when it has never reported', async () => {
    const cluster = await clusterOf(test);
    expect(await online(cluster.href)).toBe(false);
    now -= 10 * MINUTE;
    expect(await online(cluster.href)).toBe(false);
  });
});

describe('how long an agent may be silent', () => {
  let now = START;
  const test = useEmulator({ now: () => now, offlineAfter: 2000 });

  it('can be chosen', async () => {
    now = START;
    const cluster = await clusterOf(test, { report: {} });
    now += 1999;
    expect((await test.pce.get(cluster.href)).body.online).toBe(true);
    now += 1;
    expect((await test.pce.get(cluster.href)).body.online).toBe(false);
  });
});

describe('the clusters of the demo world', () => {
  const test = useEmulator({ world: 'demo', now: () => START });

  it('stay online, although nobody reports for them', async () => {
    const { pce } = test;
    const clusters = await rows(pce, ALL);
    const connected = clusters.filter((one) => one.online);
    expect(connected.length).toBeGreaterThan(0);
    for (const { href } of connected) expect((await pce.get(href)).body.online).toBe(true);
    expect(names(connected).length).toBeLessThanOrEqual(clusters.length);
    expect(connected.some(({ last_connected }) => last_connected.startsWith('2019-'))).toBe(true);
  });
});

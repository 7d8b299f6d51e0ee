import type { Json } from '../support/emulator.ts';
import { type Asked, type Got, LABELS, type Server, useServer } from './server.ts';

const CLUSTERS = '/orgs/1/container_clusters';

/** As a client does that means to get through: tries again what was refused for want of room. */
async function insist(server: Server, method: string, path: string, asked: Asked = {}): Promise<Got> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const got = await server.pce(method, path, asked);
    if (got.status !== 429 && got.status !== 503) return got;
    expect([got.headers['retry-after'], got.body[0].token]).toEqual([
      '1',
      got.status === 429 ? 'too_many_requests_error' : 'service_unavailable_error',
    ]);
  }
  throw new Error(`${method} ${path} was refused twenty times`);
}

const values = ({ body }: Got): string[] => body.map(({ value }: Json) => value);

describe('a hostile emulator', () => {
  const test = useServer({ hostile: true, seed: 'hostile' });

  /** Makes labels, whatever it takes. */
  async function make(server: Server, count: number): Promise<string[]> {
    const wanted = Array.from({ length: count }, (_, index) => `v${String(index).padStart(3, '0')}`);
    const left = [...wanted];
    const maker = async () => {
      for (let value = left.shift(); value !== undefined; value = left.shift()) {
        const { status } = await insist(server, 'POST', LABELS, { body: { key: 'app', value } });
        expect([value, status]).toEqual([value, 201]);
      }
    };
    await Promise.all(Array.from({ length: 10 }, maker));
    return wanted;
  }

  it('gives lists of three rows at the most, in different orders, and tells how many there are', async () => {
    const { server } = test;
    const wanted = await make(server, 10);
    const seen = new Set<string>();
    for (let times = 0; times < 20; times++) {
      const got = await insist(server, 'GET', LABELS);
      expect([values(got).length, got.headers['x-total-count']]).toEqual([3, '10']);
      expect(wanted).toEqual(expect.arrayContaining(values(got)));
      seen.add(values(got).join());
    }
    expect(seen.size).toBeGreaterThan(10);
    expect(values(await insist(server, 'GET', `${LABELS}?max_results=2`))).toHaveLength(2);
  });

  it('refuses about as often as it says, and loses and doubles nothing of what is written', async () => {
    const { server } = test;
    const wanted = await make(server, 300);
    const { requests } = server.emulator;
    const all = requests.count({ method: 'POST' });
    const share = (status: string) => requests.count({ method: 'POST', status }) / all;
    expect(share('429')).toBeGreaterThan(0.005);
    expect(share('429')).toBeLessThan(0.08);
    expect(share('503')).toBeGreaterThan(0.003);
    expect(share('503')).toBeLessThan(0.06);
    expect(share('429') + share('503') + share('201')).toBe(1);
    server.emulator.faults.clear();
    expect(values(await server.pce('GET', LABELS)).sort()).toEqual(wanted);
    const created = await server.pce('GET', '/orgs/1/events?event_type=label.create&max_results=500');
    expect(created.body).toHaveLength(300);
  });

  it('does the same again with the same seed, and something else with another', async () => {
    const course = async (seed: string) => {
      const server = await test.start({ seed });
      const seen: unknown[] = [];
      for (let index = 0; index < 12; index++) {
        const made = await server.pce('POST', LABELS, { body: { key: 'app', value: `v${index}` } });
        seen.push([made.status, made.text]);
      }
      for (let times = 0; times < 25; times++) {
        const { status, text } = await server.pce('GET', LABELS);
        seen.push([status, text]);
      }
      return seen;
    };
    const [one, again, other] = await Promise.all([course('one'), course('one'), course('other')]);
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('never puts events in another order, nor what equals a filter behind what contains it', async () => {
    const { server } = test;
    await make(server, 12);
    await insist(server, 'POST', LABELS, { body: { key: 'app', value: 'v' } });
    const [clean] = [server.emulator.faults.list()];
    server.emulator.faults.clear();
    const { body: events } = await server.pce('GET', '/orgs/1/events');
    for (const { created_at: _c, seen: _s, hits: _h, ...rule } of clean) server.emulator.faults.add(rule);
    expect(events.length).toBeGreaterThan(12);
    for (let times = 0; times < 10; times++) {
      expect((await insist(server, 'GET', '/orgs/1/events')).body).toEqual(events.slice(0, 3));
      expect(values(await insist(server, 'GET', `${LABELS}?value=v`))[0]).toBe('v');
    }
  });

  it('brings all rows to those who ask for a job', async () => {
    const { server } = test;
    const wanted = await make(server, 12);
    const asked = await insist(server, 'GET', LABELS, { headers: { prefer: 'respond-async' } });
    expect(asked.status).toBe(202);
    const job = await insist(server, 'GET', String(asked.headers.location));
    const { body } = await insist(server, 'GET', job.body.result.href);
    expect(body.map(({ value }: Json) => value).sort()).toEqual(wanted);
  });

  it('leaves single documents, agents and its own API as they are', async () => {
    const { server } = test;
    const { body: cluster } = await insist(server, 'POST', CLUSTERS, { body: { name: 'k8s' } });
    const { container_cluster_token: _token, ...shown } = cluster;
    expect((await insist(server, 'GET', cluster.href)).body).toMatchObject({ name: 'k8s', href: shown.href });
    const agent = { authorization: `Token token=${cluster.container_cluster_token}` };
    const body = { kubelink_version: '3.1.0' };
    expect((await insist(server, 'PUT', `${cluster.href}/put_from_cluster`, { headers: agent, body })).status).toBe(
      204,
    );
    for (let times = 0; times < 60; times++) expect((await server.control('GET', '/faults')).body).toHaveLength(4);
  });

  it('is as hostile as ever after a reset', async () => {
    const { server } = test;
    const names = server.emulator.faults.list().map(({ name }) => name);
    server.emulator.faults.clear();
    server.emulator.reset();
    expect(server.emulator.faults.list().map(({ name }) => name)).toEqual(names);
    expect(names).toHaveLength(4);
  });

  it('says in the journal what it has done', async () => {
    const { server } = test;
    await make(server, 60);
    for (let times = 0; times < 5; times++) await insist(server, 'GET', LABELS);
    const { requests, faults } = server.emulator;
    expect(requests.count({ fault: 'hostile-*' })).toBe(requests.count());
    for (const { name, hits } of faults.list()) expect([name, requests.count({ fault: name })]).toEqual([name, hits]);
    for (const { status, tokens } of requests.find({ fault: 'hostile-too-many-requests' })) {
      expect([status, tokens]).toEqual([429, ['too_many_requests_error']]);
    }
  });
});

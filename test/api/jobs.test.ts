import { type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const JOBS = '/orgs/1/jobs';
const DAY = 24 * 60 * 60 * 1000;

/** Asks for a list as a job. @returns the job */
async function jobOf(pce: Client, path = '/orgs/1/labels'): Promise<Json> {
  const { headers } = await pce.get(path, { prefer: 'respond-async' });
  return (await pce.get(String(headers.location))).body;
}
const hrefs = async (pce: Client, query = ''): Promise<string[]> =>
  (await pce.get(`${JOBS}${query}`)).body.map(({ href }: Json) => href);

describe('jobs', () => {
  let now = 0;
  const test = useEmulator({ world: 'demo', now: () => now });
  beforeEach(() => {
    now = Date.parse('2026-03-01T08:00:00.000Z');
  });

  it('are listed as they are, with their number', async () => {
    const { pce } = test;
    const all = [await jobOf(pce), await jobOf(pce, '/orgs/1/container_clusters')];
    const { status, body, headers } = await pce.get(JOBS);
    expect([status, body, headers['x-total-count']]).toEqual([200, all, '2']);
  });

  it('are listed by type, and not beyond a number', async () => {
    const { pce } = test;
    const first = (await jobOf(pce)).href;
    const second = (await jobOf(pce)).href;
    expect(await hrefs(pce, '?job_type=%3Aillumio%2Fasync_requests')).toEqual([first, second]);
    expect(await hrefs(pce, '?job_type=other')).toEqual([]);
    expect(await hrefs(pce, '?max_results=1')).toEqual([first]);
    const none = await pce.get(`${JOBS}?max_results=0`);
    expect([none.body, none.headers['x-total-count']]).toEqual([[], '2']);
    const refused = await pce.get(`${JOBS}?max_results=-1`);
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
  });

  it('are listed as long as they can be read', async () => {
    const { pce } = test;
    const { href } = await jobOf(pce);
    now += DAY - 1;
    expect(await hrefs(pce)).toEqual([href]);
    now += 1;
    const { body, headers } = await pce.get(JOBS);
    expect([body, headers['x-total-count'], (await pce.delete(href)).status]).toEqual([[], '0', 404]);
  });

  it('go with their result when they are deleted, and are then like those that never were', async () => {
    const { pce } = test;
    const job = await jobOf(pce);
    const kept = await jobOf(pce);
    const answer = await pce.delete(job.href);
    expect([answer.status, answer.text]).toEqual([204, '']);
    for (const gone of [
      await pce.delete(job.href),
      await pce.get(job.href),
      await pce.get(job.result.href),
      await pce.delete(`${JOBS}/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11`),
      await pce.delete(`${JOBS}/1`),
    ]) {
      expect([gone.status, gone.text]).toEqual([404, '']);
    }
    expect(await hrefs(pce)).toEqual([kept.href]);
    expect((await pce.get(kept.result.href)).status).toBe(200);
  });

  it('leave an event when they are deleted', async () => {
    const { pce } = test;
    const { href } = await jobOf(pce);
    await pce.delete(href);
    await pce.delete(href);
    expect((await pce.get('/orgs/1/events')).body).toMatchObject([
      { event_type: 'job.delete', resource_changes: [{ change_type: 'delete', resource: { job: { href } } }] },
    ]);
  });

  it('are those of an organisation alone', async () => {
    const { pce, emulator } = test;
    const { href } = await jobOf(pce);
    const other = test.as(emulator.allCredentials[1] ?? emulator.credentials);
    expect((await other.get('/orgs/10/jobs')).body).toEqual([]);
    expect([(await other.get(JOBS)).status, (await other.delete(href)).status]).toEqual([403, 403]);
    expect((await other.delete(href.replace('/orgs/1/', '/orgs/10/'))).status).toBe(404);
    expect(await hrefs(pce)).toEqual([href]);
  });

  it('make room for new ones beyond 1000', async () => {
    const { pce, emulator } = test;
    const first = await jobOf(pce);
    const { steps, ...world } = emulator.saveWorld();
    const text = JSON.stringify(steps.filter((step) => JSON.stringify(step).includes(first.href)));
    const copies = Array.from({ length: 999 }, (_, index) => {
      const id = String(index).padStart(12, '0');
      return JSON.parse(text.replaceAll(first.href.slice(-12), id).replaceAll(first.result.href.slice(-12), id));
    });
    emulator.loadWorld({ ...world, steps: [...steps, ...copies.flat()] });
    expect((await hrefs(pce, '?max_results=1'))[0]).toBe(first.href);
    const { href } = await jobOf(pce);
    const { headers } = await pce.get(`${JOBS}?max_results=1`);
    expect([headers['x-total-count'], (await pce.get(first.href)).status]).toEqual(['1000', 404]);
    expect([(await pce.get(first.result.href)).status, (await pce.get(href)).status]).toEqual([404, 200]);
  });

  it('make room for new ones beyond 64 MiB of files', async () => {
    const { pce } = test;
    const description = 'x'.repeat(4000);
    const workload = (_: unknown, index: number) => ({ name: `${index}`, description });
    for (let made = 0; made < 8; made++) {
      const { status } = await pce.put('/orgs/1/workloads/bulk_create', Array.from({ length: 250 }, workload));
      expect(status).toBe(200);
    }
    const made = [];
    for (let asked = 0; asked < 8; asked++) made.push(await jobOf(pce, '/orgs/1/workloads'));
    const file = await pce.get(made[7].result.href);
    const held = Math.floor((64 * 1024 * 1024) / Buffer.byteLength(file.text));
    expect(held).toBeLessThan(8);
    expect(await hrefs(pce)).toEqual(made.slice(-held).map(({ href }) => href));
  });

  it('can be listed by a job of their own', async () => {
    const { pce } = test;
    const first = await jobOf(pce);
    const { result } = await jobOf(pce, JOBS);
    expect((await pce.get(result.href)).body).toEqual([first]);
  });
});

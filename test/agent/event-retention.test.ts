import { type Client, type Json, useEmulator } from '../support/emulator.ts';
import { labelOf, rows } from './cluster.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');
const DAY = 24 * 60 * 60 * 1000;
const ALL = '/orgs/1/events';

describe('events are kept for 30 days', () => {
  let now = START;
  const test = useEmulator({ now: () => now });
  let pce: Client;
  beforeEach(() => {
    now = START;
    pce = test.pce;
  });

  it('to the millisecond', async () => {
    await labelOf(pce, 'app', 'old');
    now += 30 * DAY;
    expect(await rows(pce, ALL)).toHaveLength(1);
    now += 1;
    expect(await rows(pce, ALL)).toEqual([]);
  });

  it('also where one is asked for', async () => {
    await labelOf(pce, 'app', 'old');
    const [{ href }] = (await rows(pce, ALL)) as [Json];
    now += 30 * DAY + 1;
    expect((await pce.get(href)).status).toBe(404);
  });

  it('also where they are counted, and in a job', async () => {
    await labelOf(pce, 'app', 'old');
    now += 30 * DAY + 1;
    const { headers } = await pce.get(ALL, { prefer: 'respond-async' });
    expect((await pce.get((await pce.get(String(headers.location))).body.result.href)).body).toEqual([]);
    expect((await pce.get(ALL)).headers['x-total-count']).toBe('0');
  });

  it('whatever comes after them', async () => {
    for (const value of ['a', 'b', 'c', 'd', 'e']) await labelOf(pce, 'app', value);
    now += 31 * DAY;
    await labelOf(pce, 'app', 'new');
    expect(await rows(pce, ALL)).toHaveLength(1);
    await labelOf(pce, 'app', 'newer');
    expect(await rows(pce, ALL)).toHaveLength(2);
  });
});

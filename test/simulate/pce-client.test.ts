import fc from 'fast-check';
import { chunksOf } from '../../src/simulate/chunks.ts';
import { createPceClient, type PceClient } from '../../src/simulate/pce-client.ts';
import { createRealTime } from '../../src/simulate/real-time.ts';
import { createFakeTime, type FakePce, type Given, startFakePce } from './fake-pce.ts';

describe('asking a PCE', () => {
  let pce: FakePce;
  let client: PceClient;
  let time: ReturnType<typeof createFakeTime>;
  let stop: AbortController;
  beforeEach(async () => {
    pce = await startFakePce();
    time = createFakeTime();
    stop = new AbortController();
    client = createPceClient({ origin: pce.url, insecure: false, parallel: 2 }, time, stop.signal);
  });
  afterEach(async () => {
    client.close();
    await pce.close();
  });

  /** Has it answer these, one after the other, and then as it would. */
  const answers = (...given: (Given | 'reset')[]) => {
    pce.instead = () => given.shift();
  };
  const put = () =>
    client.ask({ method: 'PUT', path: '/api/v2/orgs/1/x', body: '[]', authorization: 'Basic c2VjcmV0' });
  const post = () => client.ask({ method: 'POST', path: '/api/v2/orgs/1/container_clusters', body: '{"name":"x"}' });

  it('asks again when it is busy, after the time it names', async () => {
    answers({ status: 429, headers: { 'retry-after': '3' } }, { status: 503, headers: { 'retry-after': '0' } });
    expect(await put()).toMatchObject({ status: 204 });
    expect(time.waits).toEqual([3000, 0]);
    expect(client.requests).toBe(3);
    expect(pce.requests.map(({ text }) => text)).toEqual(['[]', '[]', '[]']);
  });

  it('waits longer each time when it names none', async () => {
    answers({ status: 502 }, { status: 504 }, { status: 503, headers: { 'retry-after': 'soon' } });
    await put();
    expect(time.waits).toEqual([200, 400, 800]);
  });

  it('gives up after five more times', async () => {
    pce.instead = () => ({ status: 503, body: [{ token: 'busy', message: 'Come back later' }] });
    await expect(put()).rejects.toMatchObject({
      status: 503,
      message: 'PUT /api/v2/orgs/1/x: 503 busy: Come back later',
    });
    expect(pce.requests).toHaveLength(6);
  });

  it('asks again when the connection breaks', async () => {
    answers('reset', 'reset');
    expect(await put()).toMatchObject({ status: 204 });
    expect(pce.requests).toHaveLength(3);
  });

  it('sends a POST again only when nothing was done', async () => {
    answers({ status: 429 }, { status: 503 });
    expect(await post()).toMatchObject({ status: 201 });
    answers({ status: 502 });
    await expect(post()).rejects.toThrow('502');
    answers('reset');
    await expect(post()).rejects.toThrow(/POST http.*container_clusters: /);
    expect(pce.requests).toHaveLength(5);
  });

  it('sends a POST on a connection of its own, and keeps one for the rest', async () => {
    await put();
    await put();
    await post();
    expect(pce.requests.map(({ headers }) => headers.connection)).toEqual(['keep-alive', 'keep-alive', 'close']);
  });

  it('does not repeat what is refused', async () => {
    for (const status of [301, 400, 401, 403, 404, 406, 500]) {
      answers({ status });
      await expect(put()).rejects.toMatchObject({ status });
    }
    expect(time.waits).toEqual([]);
  });

  it.each([
    [[{ token: 'input_validation_error', message: 'Not\nthis' }], 'input_validation_error: Not this'],
    [
      [
        { token: 'a', message: 'b' },
        { token: 'c', message: 'd' },
      ],
      'a: b (and 1 more)',
    ],
    [{ token: 'not_found', message: 'Not found' }, 'not_found: Not found'],
    [undefined, '(no body)'],
    ['<html>', '"<html>"'],
  ])('tells of a refusal in one line: %j', async (body, told) => {
    answers({ status: 406, body });
    await expect(put()).rejects.toThrow(new Error(`PUT /api/v2/orgs/1/x: 406 ${told}`));
  });

  it('says where nothing answers, and does not try long', async () => {
    await pce.close();
    await expect(put()).rejects.toThrow(/^PUT http:\/\/127\.0\.0\.1:\d+\/api\/v2\/orgs\/1\/x: .*ECONNREFUSED/);
    expect(time.waits).toEqual([]);
  });

  it('never tells its credentials', async () => {
    pce.instead = () => ({ status: 401, body: [{ token: 'unauthorized', message: 'No' }] });
    const error: Error = await put().catch((reason) => reason);
    expect(error.message).toContain('401 unauthorized');
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain('c2VjcmV0');
  });

  it('stops waiting when it is told to stop', async () => {
    const patient = createPceClient({ origin: pce.url, insecure: false, parallel: 1 }, createRealTime(), stop.signal);
    pce.instead = () => {
      setImmediate(() => stop.abort());
      return { status: 429, headers: { 'retry-after': '3600' } };
    };
    await expect(patient.ask({ method: 'GET', path: '/x' })).rejects.toMatchObject({ name: 'Stopped' });
    expect(pce.requests).toHaveLength(1);
    patient.close();
  });
});

describe('cutting a list into bodies', () => {
  it('puts at most 1000 items into one', () => {
    expect(chunksOf(Array.from({ length: 2001 }, (_, at) => at)).map(({ items }) => items)).toEqual([1000, 1000, 1]);
  });

  it('stays well below 1 MiB, also when characters are wide', () => {
    const chunks = chunksOf(Array.from({ length: 500 }, () => ({ text: '€'.repeat(1000) })));
    expect(chunks.length).toBeGreaterThan(2);
    for (const { body } of chunks) expect(Buffer.byteLength(body)).toBeLessThan(600 * 1024);
  });

  it('gives an item that is too large a body of its own', () => {
    const large = 'x'.repeat(700 * 1024);
    expect(chunksOf([1, large, 2]).map(({ body }) => JSON.parse(body))).toEqual([[1], [large], [2]]);
  });

  it('makes none of an empty list', () => {
    expect(chunksOf([])).toEqual([]);
  });

  it('loses nothing and keeps the order', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 2500 }), (items) => {
        const parts = chunksOf(items).map(({ body, items: count }) => ({ list: JSON.parse(body), count }));
        expect(parts.flatMap(({ list }) => list)).toEqual(JSON.parse(JSON.stringify(items)));
        for (const { list, count } of parts) expect(list).toHaveLength(count);
      }),
      { numRuns: 30 },
    );
  });
});

import { LABELS, type Server, useServer } from '../control/server.ts';
import { head, open, type Raw, statusesIn } from './raw.ts';

const PATH = `/api/v2${LABELS}`;
const JSON_TYPE = 'Content-Type: application/json';

/** A request for a label, so long as the test needs it. */
function post(server: Server, value: string, padding = 0): string {
  const body = JSON.stringify({ key: 'app', value }) + ' '.repeat(padding);
  return head(server, `POST ${PATH}`, JSON_TYPE, `Content-Length: ${body.length}`) + body;
}

const labels = async (server: Server): Promise<string[]> =>
  (await server.pce('GET', LABELS)).body.map(({ value }: { value: string }) => value);

/** Far more than what a request may take here: whoever is refused for the time is so by then. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 800));

/** Adds a request that must be the last to be answered, once nothing else is to come. @returns all statuses */
async function statusesOf(server: Server, raw: Raw): Promise<number[]> {
  await pause();
  raw.send(head(server, 'GET /_emulator/ready', 'Connection: close'));
  return statusesIn(await raw.ended);
}

describe('a request that could not be read in time', () => {
  const test = useServer({ requestTimeout: 150, keepAlive: 5000 });
  const holdUp = (effect = {}) =>
    test.server.emulator.faults.add({
      when: { route: 'labels.create' },
      times: 1,
      effect: { latency: '600ms', ...effect },
    });

  it.each(['http', 'https'] as const)('is done, where the one before was held up: %s', async (protocol) => {
    const { server } = test;
    holdUp();
    const raw = await open(server, protocol);
    raw.send(post(server, 'first', 400_000) + post(server, 'second', 400_000));
    expect(await statusesOf(server, raw)).toEqual([201, 201, 200]);
    expect(await labels(server)).toEqual(['first', 'second']);
  });

  it('is done, where so many wait that no more was read', async () => {
    const { server } = test;
    holdUp();
    const values = Array.from({ length: 60 }, (_, index) => `v${index}`);
    const raw = await open(server);
    raw.send(values.map((value) => post(server, value, 3000)).join(''));
    expect(await statusesOf(server, raw)).toEqual([...values.map(() => 201), 200]);
    expect(await labels(server)).toEqual(values);
  });

  it('is refused for what it is, where that was held up', async () => {
    const { server } = test;
    holdUp();
    const raw = await open(server);
    raw.send(post(server, 'first', 400_000).replace('application/json', 'text/plain'));
    expect(await statusesOf(server, raw)).toEqual([415, 200]);
  });

  it('has the whole time for what is missing, once the one before is answered', async () => {
    const server = await test.start({ requestTimeout: 500 });
    server.emulator.faults.add({ when: { route: 'labels.create' }, times: 1, effect: { latency: '450ms' } });
    const raw = await open(server);
    const second = post(server, 'second');
    raw.send(post(server, 'first') + second.slice(0, -5));
    await raw.until((text) => text.includes('HTTP/1.1 201'));
    await new Promise((resolve) => setTimeout(resolve, 250));
    raw.send(second.slice(-5));
    expect(await statusesOf(server, raw)).toEqual([201, 201, 200]);
  });

  it.each([
    ['its body', -5],
    ['its head', 30],
  ])('is refused where its client did not send the end of %s, and not done', async (_what, end) => {
    const { server } = test;
    holdUp();
    const raw = await open(server);
    raw.send(post(server, 'first') + post(server, 'second').slice(0, end));
    expect(statusesIn(await raw.ended)).toEqual([201, 408]);
    expect(await labels(server)).toEqual(['first']);
    expect(server.emulator.requests.count({ route: 'labels.create', status: '201' })).toBe(1);
  });
});

describe('a request that was answered before its end', () => {
  const test = useServer({ requestTimeout: 150, keepAlive: 5000 });
  const anonymous = (server: Server, ...fields: string[]) =>
    head(server, `POST ${PATH}`, JSON_TYPE, ...fields).replace(/Authorization:.*\r\n/, '');

  it('is not refused for the time as well: the connection ends', async () => {
    const raw = await open(test.server);
    raw.send(anonymous(test.server, 'Content-Length: 100'));
    expect(statusesIn(await raw.ended)).toEqual([401]);
  });

  it('is not refused for what comes then: the connection ends', async () => {
    const raw = await open(test.server);
    raw.send(anonymous(test.server, 'Transfer-Encoding: chunked'));
    await raw.until((text) => text.includes('HTTP/1.1 401'));
    raw.send('nonsense\r\n');
    expect(statusesIn(await raw.ended)).toEqual([401]);
  });

  it('leaves the connection as it is, where the rest comes in time', async () => {
    const { server } = test;
    const raw = await open(server);
    raw.send(anonymous(server, 'Content-Length: 100'));
    await raw.until((text) => text.includes('HTTP/1.1 401'));
    raw.send(' '.repeat(100));
    expect(await statusesOf(server, raw)).toEqual([401, 200]);
  });
});

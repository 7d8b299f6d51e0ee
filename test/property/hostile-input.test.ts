import fc from 'fast-check';
import { type Emulator, RELEASES, startEmulator } from '../../src/emulator.ts';
import { pce } from '../../src/pce/index.ts';
import { authorization, type Client, clientOf } from '../support/emulator.ts';

const CLUSTER = '/orgs/1/container_clusters/445bfa9b-4de4-4c09-9705-496eb04b190f';
const PROFILE = `${CLUSTER}/container_workload_profiles/219b49c3-3bb5-4fc0-9913-b76398105e35`;

/** The path of a route with things of the demo world in it. */
const pathOf = (path: string) =>
  path
    .replace('{org_id}', '1')
    .replace('{container_cluster_id}', CLUSTER.split('/').at(-1) ?? '')
    .replace('{container_workload_profile_id}', PROFILE.split('/').at(-1) ?? '')
    .replace('{label_id}', '176')
    .replace(/\{\w+\}/, '219b49c3-3bb5-4fc0-9913-b76398105e35');

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    'role',
    'env',
    '/orgs/1/labels/176',
    '/orgs/1/labels/221',
    'Default Profile',
    '__proto__',
    '\u0000',
    '%',
    "'",
    '\ud800',
  ),
);
/** Bodies that come near: keys that mean something, values of any kind. */
const key = fc.oneof(
  fc.constantFrom('name', 'description', 'labels', 'assign_labels', 'key', 'value', 'href', 'assign', 'assignment'),
  fc.constantFrom(
    'restriction',
    'managed',
    'enforcement_mode',
    'mode',
    'log_traffic',
    'external_data_set',
    '__proto__',
  ),
  text,
);
const body = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.constantFrom(null, true, false, 0, -1, 1e308, 2 ** 60, 'full', 'idle'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;
const query = fc.dictionary(
  fc.oneof(
    fc.constantFrom(
      'name',
      'max_results',
      'managed',
      'assign_labels',
      'key',
      'value',
      'usage',
      'mode',
      'include_deleted',
    ),
    text,
  ),
  fc.oneof(
    text,
    fc.constantFrom('true', '0', '-1', '1e9', '[[', '[["/orgs/1/labels/176"]]', '{}', '99999999999999999999'),
  ),
  { maxKeys: 4 },
);

describe.each([RELEASES[0], RELEASES.at(-1)])('in release %s', (pceVersion) => {
  let emulator: Emulator;
  let client: Client;
  const bugs: string[] = [];
  beforeEach(async () => {
    bugs.length = 0;
    const log = (message: string) => void (message.startsWith('warning: ') || bugs.push(message));
    emulator = await startEmulator({ listen: false, checkReplies: true, world: 'demo', pceVersion, log });
    client = clientOf(emulator, authorization(emulator.credentials));
  });
  afterEach(() => emulator.close());

  const everything = async () => {
    const paths = [
      '/orgs/1/container_clusters',
      `${CLUSTER}/container_workload_profiles`,
      '/orgs/1/labels?include_deleted=true',
    ];
    return Promise.all(paths.map(async (path) => (await client.get(path)).text));
  };

  it('no body makes the emulator fail, and a refused one changes nothing', async () => {
    const writes = pce.routes.filter(({ method, handle }) => handle && ['POST', 'PUT'].includes(method));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...writes), body, async (route, sent) => {
        const before = await everything();
        const send = route.method === 'POST' ? client.post : client.put;
        const { status } = await send(pathOf(route.path), JSON.stringify(sent), { 'content-type': 'application/json' });
        expect(bugs).toEqual([]);
        expect([201, 204, 404, 405, 406]).toContain(status);
        if (status >= 400) expect(await everything()).toEqual(before);
      }),
      { numRuns: 150 },
    );
  });

  it('no query makes the emulator fail', async () => {
    const reads = pce.routes.filter(({ method, handle }) => handle && method === 'GET');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...reads), query, async (route, parameters) => {
        const search = Object.entries(parameters).map((pair) =>
          pair.map((one) => encodeURIComponent(Buffer.from(one).toString())).join('='),
        );
        const { status } = await client.get(`${pathOf(route.path)}?${search.join('&')}`);
        expect(bugs).toEqual([]);
        expect([200, 404, 406]).toContain(status);
      }),
      { numRuns: 150 },
    );
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;
const ASYNC = { prefer: 'respond-async' };
const CLUSTER = '/orgs/1/container_clusters/6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
const ROWS = 510;
const BACKENDS = `${CLUSTER}/service_backends`;
/** Collections with the number of their rows in the large world: a cluster has its Default Profile too. */
const WITH_PARAMETERS: [string, number][] = [
  ['/orgs/1/labels', ROWS],
  ['/orgs/1/container_clusters', ROWS],
  [`${CLUSTER}/container_workload_profiles`, ROWS + 1],
];
/** The list of service backends has no query parameters (documented). */
const COLLECTIONS: [string, number][] = [...WITH_PARAMETERS, [BACKENDS, ROWS]];

const folder = mkdtempSync(join(tmpdir(), 'pce-emulator-large-'));
const world = join(folder, 'large.json');

function largeWorld(): Json {
  const numbers = Array.from({ length: ROWS }, (_, index) => index + 1);
  const backend = (number: number) => ({
    document: `${BACKENDS}/${number}`,
    collection: 'service_backends',
    parent: CLUSTER,
    value: {
      name: `hash${number}`,
      kind: 'replicasethash',
      created_at: '2024-05-01T10:00:00.000Z',
      updated_at: '2024-05-01T10:00:00.000Z',
      virtual_service: {
        href: `/orgs/1/sec_policy/draft/virtual_services/00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
        name: `service ${number}`,
      },
    },
  });
  const virtualService = (number: number) => ({
    document: `/orgs/1/sec_policy/draft/virtual_services/00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    collection: 'virtual_services',
    parent: '/orgs/1',
    value: {
      href: `/orgs/1/sec_policy/draft/virtual_services/00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      name: `service ${number}`,
      created_at: '2024-05-01T10:00:00.000Z',
      created_by: { href: CLUSTER },
      updated_at: '2024-05-01T10:00:00.000Z',
      updated_by: { href: CLUSTER },
    },
  });
  const id = CLUSTER.slice('/orgs/1/container_clusters/'.length);
  return {
    description: 'More of everything than a plain list shows.',
    orgs: [
      { id: 1, name: 'Large' },
      { id: 2, name: 'Other' },
    ],
    steps: [
      ...numbers.map((number) => ({
        call: 'POST /orgs/1/container_clusters',
        body: { name: `cluster ${number}` },
        ...(number === 1 && { ids: { container_clusters: [id] } }),
      })),
      ...numbers.map((number) => ({ call: 'POST /orgs/1/labels', body: { key: 'app', value: `app ${number}` } })),
      ...numbers.map((number) => ({
        call: `POST ${CLUSTER}/container_workload_profiles`,
        body: { name: `profile ${number}` },
      })),
      ...numbers.map(virtualService),
      ...numbers.map(backend),
    ],
  };
}

/** The rows that a job gives, on the way that a client takes. */
async function rowsByJob(pce: Client, path: string): Promise<Json> {
  const accepted = await pce.get(path, ASYNC);
  expect(accepted.status).toBe(202);
  const job = await pce.get(accepted.headers.location ?? '');
  expect([job.status, job.body.status]).toEqual([200, 'done']);
  const file = await pce.get(job.body.result.href);
  expect(file.status).toBe(200);
  return file.body;
}

beforeAll(() => writeFileSync(world, JSON.stringify(largeWorld())));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a plain list', () => {
  const test = useEmulator({ world });

  it.each(COLLECTIONS)('of %s stops at 500 rows and tells the total', async (path, total) => {
    const { status, body, headers } = await test.pce.get(path);
    expect([status, body.length, headers['x-total-count']]).toEqual([200, 500, String(total)]);
  });

  it.each(WITH_PARAMETERS)(
    'of %s gives as many rows as the client asks for, also more than 500',
    async (path, total) => {
      const { pce } = test;
      const everything = (await pce.get(`${path}?max_results=100000`)).body;
      expect(everything).toHaveLength(total);
      for (const [max, rows] of Object.entries({ 0: 0, 1: 1, 500: 500, 501: 501, 999999999999999: total })) {
        const { status, body, headers } = await pce.get(`${path}?max_results=${max}`);
        expect([status, headers['x-total-count']]).toEqual([200, String(total)]);
        expect(body).toEqual(everything.slice(0, rows));
      }
    },
  );

  it('tells the total of all rows also when it selects some', async () => {
    const { pce } = test;
    for (const [query, rows] of [
      ['/orgs/1/labels?value=app%20500', 1],
      ['/orgs/1/labels?key=env', 0],
      ['/orgs/1/container_clusters?name=cluster%2051', 2],
    ] as const) {
      const { body, headers } = await pce.get(query);
      expect([query, body.length, headers['x-total-count']]).toEqual([query, rows, String(ROWS)]);
    }
    const profiles = await pce.get(`${CLUSTER}/container_workload_profiles?name=profile%20510`);
    expect([profiles.body.length, profiles.headers['x-total-count']]).toEqual([1, String(ROWS + 1)]);
  });

  it('finds rows beyond the first 500', async () => {
    const { body } = await test.pce.get('/orgs/1/labels?value=app%20509');
    expect(body.map(({ value }: Json) => value)).toEqual(['app 509']);
  });
});

describe('max_results', () => {
  const test = useEmulator({ world: 'demo' });
  const K8S2 = '/orgs/1/container_clusters/445bfa9b-4de4-4c09-9705-496eb04b190f';

  describe.each(['/orgs/1/labels', '/orgs/1/container_clusters', `${K8S2}/container_workload_profiles`])(
    'of %s',
    (path) => {
      it.each(['-1', '-500', 'all', '', '1.5', '1e3', '0x10', '9'.repeat(40), 'NaN', '1;DROP', '%31%30%zz'])(
        'is refused when it is %j',
        async (max) => {
          const refused = await test.pce.get(`${path}?max_results=${max}`);
          expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
          expect(refused.body[0].message).toContain('max_results');
        },
      );
    },
  );

  it('counts as its last value when it comes twice', async () => {
    expect((await test.pce.get('/orgs/1/labels?max_results=3&max_results=1')).body).toHaveLength(1);
  });
});

describe('a list as a job', () => {
  let now = 0;
  const test = useEmulator({ world, now: () => now });
  beforeEach(() => {
    now = Date.parse('2024-05-01T10:00:00.123Z');
  });

  it.each(COLLECTIONS)('of %s is the whole list', async (path, total) => {
    const { pce } = test;
    const rows = await rowsByJob(pce, path);
    expect(rows).toHaveLength(total);
    expect(rows.slice(0, 500)).toEqual((await pce.get(path)).body);
    if (path !== BACKENDS) expect(rows).toEqual((await pce.get(`${path}?max_results=${total}`)).body);
  });

  it.each(COLLECTIONS)('of %s is accepted with an empty reply that says where and when to look', async (path) => {
    const { status, text, headers } = await test.pce.get(path, ASYNC);
    expect([status, text, headers['content-length'], headers['content-type']]).toEqual([202, '', '0', undefined]);
    expect(headers.location).toMatch(new RegExp(`^/orgs/1/jobs/${UUID.source}$`));
    expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
  });

  it('says what was asked for, when and by whom', async () => {
    const { pce } = test;
    const { headers } = await pce.get('/orgs/1/labels', ASYNC);
    const job = await pce.get(headers.location ?? '');
    expect(job.body).toEqual({
      href: headers.location,
      job_type: ':illumio/async_requests',
      description: '/orgs/1/labels',
      result: { href: expect.stringMatching(`^/orgs/1/datafiles/${UUID.source}$`) },
      status: 'done',
      requested_at: '2024-05-01 10:00:00.123000',
      terminated_at: '2024-05-01 10:00:00.123000',
      requested_by: { href: '/users/1' },
    });
  });

  it('selects, counts and adds like the plain list', async () => {
    const { pce } = test;
    for (const path of [
      '/orgs/1/labels?value=app%2050&usage=true',
      '/orgs/1/labels?max_results=3',
      '/orgs/1/labels?max_results=0',
      '/orgs/1/container_clusters?name=cluster%2010',
      `${CLUSTER}/container_workload_profiles?name=51`,
    ]) {
      expect(await rowsByJob(pce, path)).toEqual((await pce.get(path)).body);
    }
  });

  it('is refused like the plain list', async () => {
    const { pce } = test;
    const refused = await pce.get('/orgs/1/labels?max_results=x', ASYNC);
    expect([refused.status, tokenOf(refused)]).toEqual([406, 'input_validation_error']);
    const nowhere = '/orgs/1/container_clusters/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11/container_workload_profiles';
    const missing = await pce.get(nowhere, ASYNC);
    expect([missing.status, missing.text, missing.headers.location]).toEqual([404, '', undefined]);
  });

  it('shows what was there when it was asked for', async () => {
    const { pce } = test;
    const { headers } = await pce.get('/orgs/1/labels?value=app%20510', ASYNC);
    await pce.put(`/orgs/1/labels/${ROWS}`, { value: 'renamed' });
    await pce.delete(`/orgs/1/labels/${ROWS}`);
    const job = (await pce.get(headers.location ?? '')).body;
    const [label] = (await pce.get(job.result.href)).body;
    expect(label).toMatchObject({ value: 'app 510', deleted: false });
  });

  it('is one of its own each time', async () => {
    const { pce } = test;
    const locations = [];
    for (let round = 0; round < 3; round++) locations.push((await pce.get('/orgs/1/labels', ASYNC)).headers.location);
    expect(new Set(locations).size).toBe(3);
    for (const location of locations) expect((await pce.get(location ?? '')).status).toBe(200);
  });

  it.each(['respond-async, wait=5', 'return=minimal, respond-async'])(
    'may be preferred among others: %s',
    async (prefer) => {
      expect((await test.pce.get('/orgs/1/labels', { prefer })).status).toBe(202);
    },
  );

  it.each(['return=minimal', 'respond-asynchronously', ''])('is not what Prefer: %s asks for', async (prefer) => {
    expect((await test.pce.get('/orgs/1/labels?max_results=1', { prefer })).status).toBe(200);
  });

  it('can be read for 24 hours, and then it is an empty 404 like one that never was', async () => {
    const { pce } = test;
    const { headers } = await pce.get('/orgs/1/labels?max_results=1', ASYNC);
    const job = (await pce.get(headers.location ?? '')).body;
    now += 24 * 60 * 60 * 1000 - 1;
    for (const href of [job.href, job.result.href]) expect((await pce.get(href)).status).toBe(200);
    now += 1;
    for (const href of [job.href, job.result.href]) {
      const answer = await pce.get(href);
      expect([answer.status, answer.text]).toEqual([404, '']);
    }
    const fresh = await pce.get('/orgs/1/labels?max_results=1', ASYNC);
    expect((await pce.get(fresh.headers.location ?? '')).status).toBe(200);
    const never = `/orgs/1/jobs/${job.href.slice(-36).replace(/^./, (digit: string) => (digit === '0' ? '1' : '0'))}`;
    for (const href of [never, never.replace('jobs', 'datafiles'), '/orgs/1/jobs/x', job.href]) {
      expect((await pce.get(href)).status).toBe(404);
    }
  });

  it('cannot be seen by another organisation', async () => {
    const { headers } = await test.pce.get('/orgs/1/labels', ASYNC);
    const job = (await test.pce.get(headers.location ?? '')).body;
    const other = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    for (const href of [job.href, job.result.href]) {
      expect((await other.get(href)).status).toBe(403);
      expect((await other.get(href.replace('/orgs/1/', '/orgs/2/'))).status).toBe(404);
    }
  });
});

describe('Prefer: respond-async', () => {
  const test = useEmulator({ world: 'demo' });
  const K8S2 = '/orgs/1/container_clusters/445bfa9b-4de4-4c09-9705-496eb04b190f';

  it('means nothing for what is not a list', async () => {
    const { pce } = test;
    for (const href of [
      K8S2,
      `${K8S2}/container_workload_profiles/219b49c3-3bb5-4fc0-9913-b76398105e35`,
      '/orgs/1/labels/1',
    ]) {
      const answer = await pce.get(href, ASYNC);
      expect([answer.status, answer.body.href, answer.headers.location]).toEqual([200, href, undefined]);
    }
    const created = await pce.post('/orgs/1/labels', { key: 'app', value: 'shop' }, ASYNC);
    expect([created.status, created.body.value]).toEqual([201, 'shop']);
    expect((await pce.put(created.body.href, { value: 'store' }, ASYNC)).status).toBe(204);
    expect((await pce.delete(created.body.href, ASYNC)).status).toBe(204);
    const { headers } = await pce.get('/orgs/1/labels', ASYNC);
    const job = await pce.get(headers.location ?? '', ASYNC);
    expect(job.status).toBe(200);
    expect((await pce.get(job.body.result.href, ASYNC)).status).toBe(200);
  });
});

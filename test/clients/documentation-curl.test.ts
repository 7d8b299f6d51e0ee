import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Emulator, startEmulator } from '../../src/emulator.ts';
import { authorization, type Json, type Key, ROOT, readJson } from '../support/emulator.ts';
import { describeWith, failureOf, run } from './programs.ts';

/**
 * The curl lines and the label restrictions of the documentation, from the page's own text in
 * `fixtures/page`. A shell runs each line as it stands there; host and credentials alone are changed.
 */

const CLUSTER = '/orgs/1/container_clusters/445bfa9b-4de4-4c09-9705-496eb04b190f';
const TOKEN = expect.stringMatching(/^1_[0-9a-f]{64}$/);
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** The page's one garbled line: a remark of its writers stands in the middle of `container_clusters`. */
const GARBLED = 'containermeters iun one table and verified with the Quick Reference._clusters';

interface CurlLine {
  /** Where it stands on the page. */
  readonly place: string;
  readonly line: string;
}

const page = (name: string): string => readFileSync(join(ROOT, 'fixtures', 'page', name), 'utf8');

const LINES: CurlLine[] = [...page('curl-lines.txt').matchAll(/^# (.+)\n(curl .+)$/gm)].map(
  ([, place = '', line = '']) => ({ place, line }),
);

/** What the page says each line answers; where it says nothing, what the rest of the page makes of it. */
const ANSWERS: Record<string, { status: number; body?: Json }> = {
  'Container Cluster API: Curl Command for GET': {
    status: 200,
    body: readJson('fixtures', 'page', 'container-clusters-get.json'),
  },
  'Container Cluster API: Curl Example for POST': {
    status: 201,
    body: { ...readJson('fixtures', 'page', 'container-clusters-post.json'), container_cluster_token: TOKEN },
  },
  'Container Cluster API: Curl Example for PUT': { status: 204 },
  'Container Cluster Workload Profiles API: Curl example for GET': {
    status: 200,
    body: [
      expect.objectContaining({ name: 'Default Profile', namespace: null, enforcement_mode: 'idle', labels: [] }),
      expect.objectContaining({ href: `${CLUSTER}/container_workload_profiles/219b49c3-3bb5-4fc0-9913-b76398105e35` }),
    ],
  },
  'Container Cluster Workload Profiles API: Curl Example for POST': {
    status: 201,
    body: {
      href: expect.stringMatching(`^${CLUSTER}/container_workload_profiles/[0-9a-f-]{36}$`),
      name: 'test',
      namespace: null,
      description: 'test',
      enforcement_mode: 'full',
      visibility_level: 'flow_summary',
      managed: false,
      assign_labels: [{ href: '/orgs/1/labels/1' }],
      labels: [{ key: 'role', assignment: { href: '/orgs/1/labels/1', value: 'Web' } }],
      linked: false,
      created_at: TIME,
      created_by: { href: '/users/1' },
      updated_at: TIME,
      updated_by: { href: '/users/1' },
    },
  },
  'Container Cluster Workload Profiles API: Curl Example for PUT': { status: 204 },
  'Service Backend API: Curl Example for GET': {
    status: 200,
    body: readJson('fixtures', 'page', 'service-backends-get.json'),
  },
};

/** The same in a world that has more in it: the list is longer, and the example's id is taken. */
const ANSWERS_ALONE: typeof ANSWERS = {
  ...ANSWERS,
  'Container Cluster API: Curl Command for GET': {
    status: 200,
    body: expect.arrayContaining(readJson('fixtures', 'page', 'container-clusters-get.json')),
  },
  'Container Cluster API: Curl Example for POST': {
    status: 201,
    body: {
      ...readJson('fixtures', 'page', 'container-clusters-post.json'),
      href: expect.stringMatching(/^\/orgs\/1\/container_clusters\/[0-9a-f-]{36}$/),
      container_cluster_token: TOKEN,
    },
  },
};

const repaired = (line: string): string => line.replace(GARBLED, 'container_clusters');

/** A line of the page with another host and other credentials, and nothing else. */
function pointedAt(url: string, credentials: Key, line: string): string {
  return line
    .replace('https://pce.my-company.com:8443', url)
    .replace(/authorization: Basic [A-Za-z0-9+/=]+/, `authorization: ${authorization(credentials).authorization}`);
}

/** What curl is told besides: which authority to trust, and what to print for the test. */
const TO_PRINT = `--silent --show-error --write-out '\\n%{http_code} %{content_type}'`;

interface Printed {
  readonly status: number;
  readonly body?: Json;
}

/** Lets a shell run a curl command. */
async function shell(emulator: Emulator, command: string): Promise<Printed> {
  const {
    status: exit,
    stdout,
    stderr,
  } = await run('bash', ['-c', `${command} --cacert '${emulator.ca_file}' ${TO_PRINT}`]);
  if (exit !== 0) throw new Error(`curl ended with ${exit}: ${stderr}`);
  const cut = stdout.lastIndexOf('\n');
  const [status, type] = stdout.slice(cut + 1).split(' ');
  const body = stdout.slice(0, cut);
  expect(type).toBe(body === '' ? '' : 'application/json');
  return { status: Number(status), ...(body !== '' && { body: JSON.parse(body) }) };
}

const runLine = (emulator: Emulator, url: string, { line }: CurlLine): Promise<Printed> =>
  shell(emulator, pointedAt(url, emulator.credentials, repaired(line)));

const get = (emulator: Emulator, href: string, credentials = emulator.credentials): Promise<Printed> =>
  shell(
    emulator,
    `curl --url ${emulator.url}/api/v2${href} --header 'authorization: ${authorization(credentials).authorization}'`,
  );

/** Runs a test with an emulator of its own. @returns its warnings; anything else that it logs is a bug */
async function withEmulator(world: string | undefined, work: (emulator: Emulator) => Promise<void>): Promise<string[]> {
  const logged: string[] = [];
  const emulator = await startEmulator({ world, checkReplies: true, log: (message) => void logged.push(message) });
  try {
    await work(emulator);
  } finally {
    await emulator.close();
  }
  expect(logged.filter((message) => !message.startsWith('warning: '))).toEqual([]);
  return logged;
}

const curl = failureOf('bash', ['-c', 'curl --version']);

describeWith(curl && `curl cannot be run: ${curl}`, "the documentation's curl lines", () => {
  it('are seven, with a host and credentials to change in each, and one of them garbled', () => {
    expect(LINES.map(({ place }) => place)).toEqual(Object.keys(ANSWERS));
    const credentials = { api_key: 'key', api_secret: 'secret' };
    for (const { line } of LINES) {
      const pointed = pointedAt('URL', credentials, line);
      expect(pointed).toMatch(/^curl --request (GET|POST|PUT) --url URL\/api\/v2\/orgs\/1\/container/);
      expect(pointed.split(`'authorization: Basic a2V5OnNlY3JldA=='`)).toHaveLength(2);
    }
    expect(LINES.filter(({ line }) => line.includes(GARBLED)).map(({ place }) => place)).toEqual([
      'Container Cluster Workload Profiles API: Curl example for GET',
    ]);
  });

  it.each(['https', 'http'])(
    "answer over %s in the page's order as it says, once the garbled path says container_clusters",
    async (scheme) => {
      await withEmulator(undefined, async (emulator) => {
        for (const line of LINES) {
          const printed = await runLine(emulator, scheme === 'https' ? emulator.url : emulator.http_url, line);
          expect({ place: line.place, ...printed }).toEqual({ place: line.place, ...ANSWERS[line.place] });
        }
        const created = await get(emulator, '/orgs/1/container_clusters/1b851d4b-f22d-47be-b744-f3c2dca490a0');
        expect(created.body).toMatchObject({ name: 'test', description: 'test' });
        const changed = `${CLUSTER}/container_workload_profiles/219b49c3-3bb5-4fc0-9913-b76398105e35`;
        expect((await get(emulator, changed)).body).toEqual({
          ...ANSWERS['Container Cluster Workload Profiles API: Curl Example for POST']?.body,
          href: changed,
        });
      });
    },
  );

  it("show the profiles of the page's example to its organisation, which is number 10", async () => {
    const [example]: Json[] = readJson('fixtures', 'page', 'container-workload-profiles-get.json');
    await withEmulator(undefined, async (emulator) => {
      const credentials = emulator.allCredentials.find(({ org_id }) => org_id === 10);
      const profiles = example.href.slice(0, example.href.lastIndexOf('/'));
      const { body } = await get(emulator, profiles, credentials);
      expect(body).toEqual([expect.objectContaining({ name: 'Default Profile' }), example]);
      // As the page shows it, down to the order of the keys.
      expect(JSON.stringify(body[1])).toBe(JSON.stringify(example));
    });
  });

  it.each(LINES)('works alone in the world page: $place', async (line) => {
    await withEmulator('page', async (emulator) => {
      expect(await runLine(emulator, emulator.url, line)).toEqual(ANSWERS_ALONE[line.place]);
    });
  });

  it.each([
    ['backwards', LINES.toReversed()],
    ['from the middle on', [...LINES.slice(3), ...LINES.slice(0, 3)]],
    ['twice over', [...LINES, ...LINES]],
  ])('work in the world page in any order: %s', async (_order, lines) => {
    await withEmulator('page', async (emulator) => {
      for (const line of lines) {
        const { status } = await runLine(emulator, emulator.url, line);
        expect({ place: line.place, status }).toEqual({ place: line.place, status: ANSWERS[line.place]?.status });
      }
    });
  });
});

const PROFILE =
  '/orgs/1/container_clusters/65d1f197-938a-49ef-9343-6f55ec76fd90/container_workload_profiles/afe4661a-03ef-462f-ada6-ce7334aa9704';

interface Restriction {
  readonly title: string;
  /** Empty where the page shows a body alone. */
  readonly request: string;
  readonly body: string;
}

const RESTRICTIONS: Restriction[] = page('label-restrictions.http')
  .split(/^### /m)
  .slice(1)
  .map((part) => {
    const [, title = '', request = '', body = ''] = /^(.+)\n((?:PUT .+\n\s+.+\n\n)?)(\{[\s\S]*\})\n+$/.exec(part) ?? [];
    // A request line goes on in the next, indented line.
    return { title, request: request.trim().replace(/\n\s+/g, ''), body };
  });

const LOC = { href: '/orgs/1/labels/221', value: 'Amazon' };
const ENVS = [
  { href: '/orgs/1/labels/176', value: 'Production' },
  { href: '/orgs/1/labels/302', value: 'Staging' },
  { href: '/orgs/1/labels/303', value: 'Development' },
];

/** The label options of the profile after each example. */
const OPTIONS: Record<string, { labels: Json[]; assign_labels: Json[] }> = {
  'Set an empty Role label': { labels: [{ key: 'role', assignment: {} }], assign_labels: [] },
  'Set a Location label': { labels: [{ key: 'loc', restriction: [LOC] }], assign_labels: [] },
  'Set an allow list for the Environment label': { labels: [{ key: 'env', restriction: ENVS }], assign_labels: [] },
  'Allow any value for the Application label': { labels: [{ key: 'app', restriction: [] }], assign_labels: [] },
  'Multiple ways to assign or allow labels used together in one Container Workload Profile': {
    labels: [
      { key: 'role', assignment: {} },
      { key: 'app', restriction: [] },
      { key: 'env', restriction: ENVS },
      { key: 'loc', assignment: LOC },
    ],
    assign_labels: [{ href: LOC.href }],
  },
  'Option 1: explicit statement': { labels: [{ key: 'role', restriction: [] }], assign_labels: [] },
  'Option 2: empty payload': { labels: [], assign_labels: [] },
};

describeWith(curl && `curl cannot be run: ${curl}`, "the documentation's label restrictions", () => {
  it('are seven, and each that has a request line is a PUT of the same profile', () => {
    expect(RESTRICTIONS.map(({ title }) => title)).toEqual(Object.keys(OPTIONS));
    const requests = RESTRICTIONS.map(({ request }) => request).filter((request) => request !== '');
    expect(requests).toEqual(Array(4).fill(`PUT /api/v2${PROFILE}`));
  });

  const put = (emulator: Emulator, { body }: Restriction): Promise<Printed> => {
    const headers = `--header 'authorization: ${authorization(emulator.credentials).authorization}' --header 'content-type: application/json'`;
    return shell(emulator, `curl --request PUT --url ${emulator.url}/api/v2${PROFILE} ${headers} --data '${body}'`);
  };

  it.each(RESTRICTIONS)('are kept as the page means them: $title', async (restriction) => {
    const warnings = await withEmulator('page', async (emulator) => {
      expect(await put(emulator, restriction)).toEqual({ status: 204 });
      expect(await get(emulator, PROFILE)).toEqual({
        status: 200,
        body: expect.objectContaining(OPTIONS[restriction.title]),
      });
    });
    // The page writes this one as no other: its restriction is no list.
    expect(warnings).toHaveLength(restriction.title === 'Set a Location label' ? 1 : 0);
  });

  it("replace one another in the page's order, and leave nothing at the end", async () => {
    await withEmulator('page', async (emulator) => {
      for (const restriction of RESTRICTIONS) {
        expect(await put(emulator, restriction)).toEqual({ status: 204 });
        const { labels, assign_labels } = (await get(emulator, PROFILE)).body;
        expect({ title: restriction.title, labels, assign_labels }).toEqual({
          title: restriction.title,
          ...OPTIONS[restriction.title],
        });
      }
    });
  });
});

import { connect as connectTls } from 'node:tls';
import { authorization, type Json } from '../support/emulator.ts';
import { type Received, type Scheme, tokenIn, useWire } from './wire.ts';

/**
 * What published clients need of a PCE on the wire, found by reading and running them; one test for each rule, with
 * the headers that the client sends. The numbers are those of the list that the rules were first written down in.
 */

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const ORG = '/orgs/1';
const CLUSTERS = `${ORG}/container_clusters`;
const LABELS = `${ORG}/labels`;
const PROFILES = `${ORG}/pairing_profiles`;
const WORKLOADS = `${ORG}/workloads`;
const DRAFT = `${ORG}/sec_policy/draft`;
const ACTIVE = `${ORG}/sec_policy/active`;

/** The release that the clients of today are made for. */
const RECENT = { pceVersion: '25.2' } as const;

const hrefsOf = ({ body }: Received): string[] => body.map(({ href }: Json) => href);
const statusOf = ({ status }: Received) => status;

describe.each<Scheme>(['http', 'https'])('over %s', (scheme) => {
  const wire = useWire(scheme, RECENT);
  const { python, terraform, illumioapi, send } = wire;

  /** A new object, as the official Python client makes it. */
  const made = async (path: string, body: Json): Promise<Json> => {
    const answer = await python().post(path, body);
    expect([path, answer.status, answer.text]).toEqual([path, 201, expect.any(String)]);
    return answer.body;
  };
  /** As the Go library does it: a content type, and no body. */
  const login = () => {
    const { api_secret } = wire.emulator.credentials;
    const person = { api_key: 'user1@example.com', api_secret };
    return illumioapi(person).post('/login_users/authenticate?pce_fqdn=127.0.0.1');
  };
  /** Brings drafts into force. */
  const provision = (type: string, href: string) =>
    made(`${ORG}/sec_policy`, { update_description: 'a test', change_subset: { [type]: [{ href }] } });

  describe('1: the content type is application/json, to the letter', () => {
    it('of lists, single objects, new ones and refusals', async () => {
      const label = await made(LABELS, { key: 'role', value: 'Web' });
      const answers = [
        await terraform().get(LABELS),
        await terraform().get(label.href),
        await terraform().post(LABELS, { key: 'role', value: 'Cache' }),
        await terraform().post(LABELS, { key: 'role', value: 'Web' }),
        await python().post(CLUSTERS, { name: 1 }),
      ];
      expect(answers.map(({ status, headers }) => [status, headers['content-type']])).toEqual(
        [200, 200, 201, 406, 406].map((status) => [status, 'application/json']),
      );
    });

    it('and what has no body has no content type', async () => {
      const { href } = await made(LABELS, { key: 'role', value: 'Web' });
      const answers = [
        await terraform().put(href, { value: 'Cache' }),
        await python().get(LABELS, { prefer: 'respond-async' }),
        await terraform().delete(href),
      ];
      expect(answers.map(({ status, text, headers }) => [status, text, headers['content-type']])).toEqual(
        [204, 202, 204].map((status) => [status, '', undefined]),
      );
    });
  });

  it('2: a 404 is empty, is not JSON, and says Not Found', async () => {
    const { href } = await made(CLUSTERS, { name: 'gone' });
    await python().delete(href);
    const paths = [href, `${PROFILES}/99`, `${LABELS}/99`, `${LABELS}/00`, '/orgs/1/no_such_thing'];
    for (const path of paths) {
      const { status, reason, text, headers } = await python().get(path);
      expect([path, status, reason, text, headers['content-type']]).toEqual([path, 404, 'Not Found', '', undefined]);
    }
    expect([await python().put(href, { name: 'x' }), await python().delete(href)].map(statusOf)).toEqual([404, 404]);
  });

  describe('3: an empty body may have a content type of JSON', () => {
    it('in a DELETE, as the Terraform provider sends it', async () => {
      const { href } = await made(LABELS, { key: 'role', value: 'Web' });
      expect(statusOf(await terraform().delete(href))).toBe(204);
    });

    it('in a GET and a DELETE, as the Go library sends them', async () => {
      const { href } = await made(CLUSTERS, { name: 'go' });
      expect(statusOf(await illumioapi().get(CLUSTERS))).toBe(200);
      expect(statusOf(await illumioapi().delete(href))).toBe(204);
    });

    it('in the POST that logs in', async () => {
      const { status, body } = await login();
      expect([status, body]).toEqual([201, { auth_token: expect.any(String) }]);
    });
  });

  it('4: slashes that a client doubles count as one', async () => {
    await made(LABELS, { key: 'role', value: 'Web' });
    expect((await illumioapi().get(`/${LABELS}`)).body).toEqual((await illumioapi().get(LABELS)).body);
    expect(statusOf(await python().get('/orgs/1//labels'))).toBe(200);
    expect(statusOf(await python().post(`/${LABELS}`, { key: 'role', value: 'Cache' }))).toBe(201);
    // The Go library puts a slash before an href, which has one.
    const { auth_token } = (await login()).body;
    const headers = { authorization: `Token token=${auth_token}`, 'content-type': 'application/json' };
    const { href, auth_username, session_token } = (await send('GET', '/users/login', headers)).body;
    const session = { api_key: auth_username, api_secret: session_token };
    const key = await illumioapi(session).post(`/${href}/api_keys`, { name: 'go' });
    expect([key.status, key.body]).toMatchObject([
      201,
      { auth_username: expect.any(String), secret: expect.any(String) },
    ]);
  });

  describe('6: a list that is asked for with Prefer: respond-async', () => {
    const ASYNC = { prefer: 'respond-async' };

    it('answers 202 with a place without host and API version, and whole seconds to wait', async () => {
      for (const client of [python(), illumioapi()]) {
        const { status, text, headers } = await client.get(LABELS, ASYNC);
        expect([status, text]).toEqual([202, '']);
        expect(headers.location).toMatch(new RegExp(`^/orgs/1/jobs/${UUID}$`));
        // Clients sleep as long for each list.
        expect(headers['retry-after']).toBe('1');
      }
    });

    it('becomes a job that is done, with a file that holds the bare list', async () => {
      const label = await made(LABELS, { key: 'role', value: 'Web' });
      const { headers } = await illumioapi().get(LABELS, ASYNC);
      const { body: job } = await illumioapi().get(String(headers.location));
      expect(job).toMatchObject({
        status: 'done',
        result: { href: expect.stringMatching(`^/orgs/1/datafiles/${UUID}$`) },
      });
      expect((await illumioapi().get(job.result.href)).body).toEqual([label]);
    });
  });

  describe('7: ids', () => {
    it('are integers from 1, for each type on its own', async () => {
      const ofLabels = [
        await made(LABELS, { key: 'role', value: 'a' }),
        await made(LABELS, { key: 'role', value: 'b' }),
      ];
      expect(ofLabels.map(({ href }) => href)).toEqual([`${LABELS}/1`, `${LABELS}/2`]);
      // The first profile is the one that every organisation has, and the first IP list is Any.
      expect(hrefsOf(await python().get(PROFILES))).toEqual([`${PROFILES}/1`]);
      expect((await made(PROFILES, { name: 'nodes', enabled: true })).href).toBe(`${PROFILES}/2`);
      expect(hrefsOf(await python().get(`${DRAFT}/ip_lists`))).toEqual([`${DRAFT}/ip_lists/1`]);
      const boundary = { name: 'first', ingress_services: [{ port: 1, proto: 6 }], providers: [{ actors: 'ams' }] };
      const consumers = [{ ip_list: { href: `${DRAFT}/ip_lists/1` } }];
      const { href } = await made(`${DRAFT}/enforcement_boundaries`, { ...boundary, consumers });
      expect(href).toBe(`${DRAFT}/enforcement_boundaries/1`);
    });

    it('are UUIDs of version 4 in lower case elsewhere', async () => {
      const cluster = await made(CLUSTERS, { name: 'k8s' });
      const [profile] = (await terraform().get(`${cluster.href}/container_workload_profiles`)).body;
      const group = await made(`${DRAFT}/label_groups`, { key: 'role', name: 'all' });
      const service = await made(`${DRAFT}/virtual_services`, { name: 'vs', service_ports: [{ port: 80, proto: 6 }] });
      const workload = await made(WORKLOADS, { name: 'host', hostname: 'host' });
      const hrefs: string[] = [cluster, profile, group, service, workload].map(({ href }) => href);
      expect(hrefs.filter((href) => !new RegExp(`/${UUID}$`).test(href))).toEqual([]);
    });
  });

  it('8: POST is 201; PUT and DELETE are 204 and empty', async () => {
    const answers = [await terraform().post(CLUSTERS, { name: 'k8s' })];
    const [{ href }] = answers.map(({ body }) => body);
    answers.push(await terraform().put(href, { name: 'k8s', description: '' }), await terraform().delete(href));
    expect(answers.map(({ status, text }) => [status, text === ''])).toEqual([
      [201, false],
      [204, true],
      [204, true],
    ]);
  });

  describe('9: a refusal', () => {
    it('is 406 with a list of tokens and messages', async () => {
      const { href } = await made(CLUSTERS, { name: 'k8s' });
      const [profile] = (await python().get(`${href}/container_workload_profiles`)).body;
      const refused = [
        await python().post(LABELS, { key: 'role' }),
        await python().put(profile.href, { managed: true, enforcement_mode: 'idle' }),
        await python().post(CLUSTERS, { name: 'x', external_data_set: 's' }),
        await python().post(CLUSTERS, '{"name"'),
        await python().get(`${LABELS}?max_results=many`),
      ];
      for (const { status, body } of refused) {
        expect([status, body]).toEqual([406, [{ token: expect.any(String), message: expect.any(String) }]]);
      }
      expect(tokenIn(refused[1] as Received)).toBe('container_workload_profile_invalid_managed_idle');
    });

    it.each([
      ['label', LABELS, { key: 'role', value: 'Web' }],
      ['unmanaged workload', WORKLOADS, { name: 'host', hostname: 'host' }],
    ])(
      'of a second DELETE of a %s says already_deleted, which the Terraform provider looks for',
      async (_, path, body) => {
        const { href } = await made(path, body);
        await terraform().delete(href);
        const again = await terraform().delete(href);
        expect([again.status, tokenIn(again)]).toEqual([406, expect.stringMatching(/already_deleted$/)]);
      },
    );
  });

  it('10: nobody is told to come more slowly, unless a test asks for it', async () => {
    const [client, many] = [python(), 600];
    const statuses = new Set<number>();
    for (let sent = 0; sent < many; sent += 20) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => client.get(LABELS)));
      for (const { status } of answers) statuses.add(status);
    }
    expect([...statuses]).toEqual([200]);
    wire.emulator.faults.add({ effect: { status: 429, retry_after: 7 } });
    const slower = await client.get(LABELS);
    expect([slower.status, slower.headers['retry-after'], tokenIn(slower)]).toEqual([
      429,
      '7',
      'too_many_requests_error',
    ]);
  });

  it('11: limits of a pairing profile are numbers once they were set as numbers, and stay when they are left out', async () => {
    const limits = async (href: string) => {
      const { key_lifespan, allowed_uses_per_key } = (await terraform().get(href)).body;
      return [key_lifespan, allowed_uses_per_key];
    };
    const { href } = await made(PROFILES, { name: 'nodes', enabled: true });
    expect(await limits(href)).toEqual(['unlimited', 'unlimited']);
    await terraform().put(href, { key_lifespan: 120 });
    expect(await limits(href)).toEqual([120, 'unlimited']);
    await terraform().put(href, { name: 'nodes', enabled: true });
    expect(await limits(href)).toEqual([120, 'unlimited']);
    await terraform().put(href, { key_lifespan: 'unlimited', allowed_uses_per_key: 1 });
    expect(await limits(href)).toEqual(['unlimited', 1]);
  });

  /** Profiles of every origin: the default one, one made by hand, and one that an agent's report of a namespace made. */
  async function profiles(): Promise<Json[]> {
    const cluster = await made(CLUSTERS, { name: 'k8s' });
    const list = `${cluster.href}/container_workload_profiles`;
    await made(list, { name: 'by hand' });
    const agent = { api_key: cluster.href.slice(-36), api_secret: cluster.container_cluster_token };
    const report = { manager_type: 'Kubernetes', nodes: [], namespaces: ['default'] };
    const headers = { ...authorization(agent), 'content-type': 'application/json' };
    expect(statusOf(await send('PUT', `${cluster.href}/put_from_cluster`, headers, report))).toBeLessThan(300);
    return (await illumioapi().get(list)).body;
  }

  describe('12: what clients take for granted is never missing', () => {
    it('in a profile: managed, visibility_level, and an assignment or a restriction for each label', async () => {
      const all = await profiles();
      expect(all).toHaveLength(3);
      const { href } = await made(LABELS, { key: 'role', value: 'Web' });
      await python().put(all[0].href, { labels: [{ key: 'role', assignment: { href } }] });
      for (const profile of (await illumioapi().get(all[0].href.slice(0, -37))).body) {
        expect(profile).toMatchObject({ managed: expect.any(Boolean), visibility_level: expect.any(String) });
        for (const { assignment, restriction } of profile.labels) expect(assignment ?? restriction).toBeDefined();
      }
    });

    it('in a list by name: the name', async () => {
      const [{ href }] = await profiles();
      const named = (await terraform().get(`${href.slice(0, -37)}?name=by+hand`)).body;
      expect(named.map(({ name }: Json) => name)).toEqual(['by hand']);
    });
  });

  it("13: a cluster's token is in the answer to its POST, and nowhere else", async () => {
    const cluster = await made(CLUSTERS, { name: 'k8s' });
    expect(cluster.container_cluster_token).toMatch(/^1_[0-9a-f]{64}$/);
    await terraform().put(cluster.href, { name: 'k8s', description: 'changed' });
    const later = [await terraform().get(cluster.href), await python().get(CLUSTERS)];
    expect(later.filter(({ text }) => text.includes('token'))).toEqual([]);
  });

  describe('14: PUT on a profile changes what it names, whoever sends it', () => {
    let role: string;
    let profile: string;
    const now = async () => {
      const { name, managed, enforcement_mode, labels, assign_labels } = (await python().get(profile)).body;
      return { name, managed, enforcement_mode, labels: labels.length, assign_labels: assign_labels.length };
    };
    beforeEach(async () => {
      role = (await made(LABELS, { key: 'role', value: 'Web' })).href;
      const cluster = await made(CLUSTERS, { name: 'k8s' });
      const labels = [{ key: 'role', assignment: { href: role } }];
      const mode = { managed: true, enforcement_mode: 'visibility_only' };
      profile = (await made(`${cluster.href}/container_workload_profiles`, { name: 'p', ...mode, labels })).href;
    });

    it.each<[string, Json, Json]>([
      [
        'the operator: managed and labels, never a name',
        { managed: true, labels: [] },
        { name: 'p', managed: true, enforcement_mode: 'visibility_only', labels: 0, assign_labels: 0 },
      ],
      [
        'the Terraform provider: all but labels',
        { name: 'q', description: '', enforcement_mode: 'full', managed: true },
        { name: 'q', managed: true, enforcement_mode: 'full', labels: 1, assign_labels: 1 },
      ],
      [
        'the Go library: a name that is null, which takes it away',
        { name: null, description: '', enforcement_mode: 'full', managed: true, visibility_level: 'flow_summary' },
        { managed: true, enforcement_mode: 'full', labels: 1, assign_labels: 1 },
      ],
      [
        'illumiocli: assign_labels alone',
        { assign_labels: [] },
        { name: 'p', managed: true, enforcement_mode: 'visibility_only', labels: 0, assign_labels: 0 },
      ],
      [
        'scripts: mode alone',
        { managed: false, enforcement_mode: 'idle' },
        { name: 'p', managed: false, enforcement_mode: 'idle', labels: 1, assign_labels: 1 },
      ],
    ])('%s', async (_, body, after) => {
      expect(statusOf(await illumioapi().put(profile, body))).toBe(204);
      const { name, ...rest } = await now();
      expect({ ...rest, ...(name && { name }) }).toEqual(after);
    });
  });

  describe('15: what is deleted softly', () => {
    const LEFT: [string, string, Json, string][] = [
      ['label', LABELS, { key: 'role', value: 'Web' }, 'value=Web'],
      [
        'unmanaged workload',
        WORKLOADS,
        { name: 'host', hostname: 'host', external_data_set: 's', external_data_reference: 'r' },
        'name=host',
      ],
    ];

    it.each(LEFT)(
      'a %s: can be read by its href, is in no list, and leaves room for a new one',
      async (_, path, body, filter) => {
        const { href } = await made(path, body);
        expect(statusOf(await terraform().delete(href))).toBe(204);
        const left = await terraform().get(href);
        expect([left.status, left.body.deleted]).toEqual([200, true]);
        expect((await terraform().get(`${path}?${filter}`)).body).toEqual([]);
        expect((await made(path, body)).href).not.toBe(href);
      },
    );

    it('is not a cluster, a profile or a pairing profile: these are gone', async () => {
      const cluster = await made(CLUSTERS, { name: 'k8s' });
      const profile = await made(`${cluster.href}/container_workload_profiles`, { name: 'p' });
      const pairing = await made(PROFILES, { name: 'nodes', enabled: true });
      for (const { href } of [profile, cluster, pairing]) {
        expect(statusOf(await terraform().delete(href))).toBe(204);
        expect([href, statusOf(await terraform().get(href))]).toEqual([href, 404]);
      }
    });
  });

  describe('16: drafts', () => {
    const VS = { name: 'vs', service_ports: [{ port: 80, proto: 6 }] };

    it('that are in force are marked when they are deleted, and gone once that is provisioned', async () => {
      const { href } = await made(`${DRAFT}/virtual_services`, VS);
      const active = href.replace('/draft/', '/active/');
      expect(statusOf(await python().get(active))).toBe(404);
      await provision('virtual_services', href);
      expect(statusOf(await python().get(active))).toBe(200);
      expect(statusOf(await python().delete(href))).toBe(204);
      const marked = await python().get(href);
      expect([marked.status, marked.body.update_type]).toEqual([200, 'delete']);
      expect(statusOf(await python().get(active))).toBe(200);
      await provision('virtual_services', href);
      expect([await python().get(href), await python().get(active)].map(statusOf)).toEqual([404, 404]);
    });

    it('cannot be bound: a service binding takes what is in force, in lists both ways', async () => {
      const { href } = await made(`${DRAFT}/virtual_services`, VS);
      const workload = await made(WORKLOADS, { name: 'host', hostname: 'host' });
      const bind = (virtual_service: string) =>
        python().post(`${ORG}/service_bindings`, [
          { virtual_service: { href: virtual_service }, workload: { href: workload.href } },
        ]);
      await provision('virtual_services', href);
      const refused = await bind(href);
      expect(refused.body).toEqual([
        expect.objectContaining({ token: expect.any(String), message: expect.any(String) }),
      ]);
      const bound = await bind(href.replace('/draft/', '/active/'));
      const binding = expect.stringMatching(`^/orgs/1/service_bindings/${UUID}$`);
      expect([bound.status, bound.body]).toEqual([201, [expect.objectContaining({ href: binding })]]);
    });
  });

  describe('17: the check of a connection', () => {
    it('asks for the health of the PCE without an organisation, and for settings of its own', async () => {
      const answers = [await python().get('/health'), await python().get(`${ORG}/settings/workloads`)];
      expect(answers.map(statusOf)).toEqual([200, 200]);
    });

    it('fails for another organisation', async () => {
      expect([403, 404]).toContain(statusOf(await python().get('/orgs/2/settings/workloads')));
    });
  });

  describe('19: parts that clients trip over', () => {
    it('a label dimension without display_info has none, or null, and not an empty one', async () => {
      const { href } = await made(`${ORG}/label_dimensions`, { key: 'tier', display_name: 'Tier' });
      expect((await terraform().get(href)).body.display_info ?? null).toBeNull();
    });

    it('a label group says whose member it is, in a list', async () => {
      const { href } = await made(`${DRAFT}/label_groups`, { key: 'role', name: 'inner' });
      expect((await terraform().get(`${href}/member_of`)).body).toEqual([]);
      const outer = await made(`${DRAFT}/label_groups`, { key: 'role', name: 'outer', sub_groups: [{ href }] });
      expect(hrefsOf(await terraform().get(`${href}/member_of`))).toEqual([outer.href]);
    });

    it('the labels of a pairing profile have an href and nothing else', async () => {
      const { href } = await made(LABELS, { key: 'role', value: 'Web' });
      const profile = await made(PROFILES, { name: 'nodes', enabled: true, labels: [{ href }] });
      expect(profile.labels).toEqual([{ href }]);
      expect((await terraform().get(profile.href)).body.labels).toEqual([{ href }]);
    });
  });

  it('20: a plain list comes whole in one answer, without pages or jobs', async () => {
    for (let n = 0; n < 30; n++) await made(LABELS, { key: 'role', value: `role ${n}` });
    const { status, body, headers } = await terraform().get(LABELS);
    expect([status, body.length, headers['x-total-count'], headers.link]).toEqual([200, 30, '30', undefined]);
  });

  it('21: what the Terraform provider copies into its schema has the types that it expects', async () => {
    const { href } = await made(LABELS, { key: 'role', value: 'Web' });
    const [first] = await profiles();
    await terraform().put(first.href, { labels: [{ key: 'role', assignment: { href } }] });
    const profile = (await terraform().get(first.href)).body;
    expect(profile).toMatchObject({
      href: expect.any(String),
      enforcement_mode: expect.any(String),
      managed: expect.any(Boolean),
      linked: expect.any(Boolean),
      assign_labels: [{ href }],
      labels: [{ key: 'role', assignment: { href, value: 'Web' } }],
      created_by: { href: expect.any(String) },
      updated_by: { href: expect.any(String) },
    });
    const cluster = (await terraform().get(first.href.slice(0, first.href.indexOf('/container_workload_profiles'))))
      .body;
    expect(cluster).toMatchObject({
      href: expect.any(String),
      online: expect.any(Boolean),
      caps: expect.any(Array),
      nodes: expect.any(Array),
      errors: expect.any(Array),
    });
  });
});

describe('over https', () => {
  const wire = useWire('https', RECENT);

  it('5: the authority of the file is all that a client has to trust; without it, or with a name of another, it will not', async () => {
    const { emulator } = wire;
    const port = Number(new URL(emulator.url).port);
    const shake = (host: string, ca?: string) =>
      new Promise<string>((resolve) => {
        const socket = connectTls({ host: '127.0.0.1', port, ca, servername: host === '127.0.0.1' ? '' : host }, () => {
          resolve('trusted');
          socket.destroy();
        });
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      });
    expect(await shake('127.0.0.1', emulator.ca)).toBe('trusted');
    expect(await shake('localhost', emulator.ca)).toBe('trusted');
    expect(await shake('pce.example.org', emulator.ca)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await shake('localhost')).toMatch(/SELF_SIGNED|UNABLE_TO/);
  });
});

describe('18: what the official Python client decodes has only values that it knows', () => {
  const wire = useWire('http', { ...RECENT, world: 'demo' });
  const MODES = ['idle', 'visibility_only', 'full', 'selective'];
  const LEVELS = ['flow_full_detail', 'flow_summary', 'flow_drops', 'flow_off', 'enhanced_data_collection'];
  const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
  const known = (rows: Json[], key: string, values: string[]) => {
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.map((row) => row[key]).filter((value) => value !== undefined && !values.includes(value))).toEqual([]);
  };

  it('modes and visibility of profiles, pairing profiles and workloads', async () => {
    const { python } = wire;
    const [{ href }] = (await python().get(CLUSTERS)).body;
    await python().post(WORKLOADS, { name: 'host', hostname: 'host' });
    for (const path of [`${href}/container_workload_profiles`, PROFILES, WORKLOADS]) {
      const rows = (await python().get(path)).body;
      known(rows, 'enforcement_mode', MODES);
      known(rows, 'visibility_level', LEVELS);
    }
  });

  it('where virtual services apply', async () => {
    const rows = (await wire.python().get(`${ACTIVE}/virtual_services`)).body;
    known(rows, 'apply_to', ['host_only', 'internal_bridge_network']);
  });

  it('how grave events are', async () => {
    await wire.python().post(CLUSTERS, { name: 'k8s' });
    const rows = (await wire.python().get(`${ORG}/events`)).body;
    known(rows, 'severity', SEVERITIES);
    known(
      rows.map(({ status }: Json) => ({ status: status ?? undefined })),
      'status',
      ['success', 'failure'],
    );
  });
});

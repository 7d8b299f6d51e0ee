import { join } from 'node:path';
import { type Release, startEmulator } from '../../src/emulator.ts';
import type { Json } from '../support/emulator.ts';
import { describeWith, run } from './programs.ts';
import { pythonEnvironment, requiredVersion } from './python.ts';
import { recordingOf } from './recording.ts';
import { useStory } from './stories.ts';

/**
 * The official Python client, unmodified, through the stories in `illumio-python/`. They tell their steps,
 * and these tests look at what was told.
 */

const STORIES = join(__dirname, 'illumio-python');

const REQUIREMENTS = join(STORIES, 'requirements.txt');
const version = requiredVersion(REQUIREMENTS, 'illumio');
const { python, sources, missing } = pythonEnvironment(REQUIREMENTS, 'import illumio, pytest', {
  sources: [`illumio==${version}`],
});
const recording = recordingOf('illumio-py', version);

/** A story of the Python client; `urlOf` says where it found an href, as its errors do. */
function usePython(name: string, scheme: string, world: string) {
  const story = useStory({
    name,
    options: { world },
    recording,
    command: ({ url, http_url, ca_file, credentials }) => [
      python,
      [
        ...['-B', join(STORIES, name)],
        ...['--url', scheme === 'https' ? url : http_url, '--ca', ca_file, '--org', String(credentials.org_id)],
        ...['--key', credentials.api_key, '--secret', credentials.api_secret],
      ],
    ],
  });
  const urlOf = (href: string) =>
    `${scheme === 'https' ? story.emulator?.url : story.emulator?.http_url}/api/v2${href}`;
  return { step: story.step, urlOf };
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const API_ERROR = 'IllumioApiException: ';
const refused = (status: number, problem: string) =>
  `${API_ERROR}API call returned error code ${status}. Errors:\n${problem}`;

describeWith(missing, 'the official Python client', () => {
  describe.each(['http', 'https'])("with a cluster's story over %s", (scheme) => {
    const { step, urlOf } = usePython('clusters.py', scheme, 'empty');
    const cluster = () => step('create a cluster').cluster;
    const defaultProfile = () => step('read the Default Profile').profiles[0];
    const [web, prod, test] = [1, 2, 3].map((id) => ({ href: `/orgs/1/labels/${id}` }));

    it('creates a cluster and gets its token', () => {
      expect(cluster()).toMatchObject({
        href: expect.stringMatching(`^/orgs/1/container_clusters/${UUID}$`),
        name: 'python',
        description: 'from the client',
        online: false,
        nodes: [],
        errors: [],
        container_cluster_token: expect.stringMatching(/^1_[0-9a-f]{64}$/),
      });
    });

    it('shows token and message of what is refused', () => {
      expect(step('create a cluster without a name').refusal).toBe(
        refused(
          406,
          "input_validation_error: Input validation failed. Details: {The property '#/' did not contain a required property of 'name' in schema container_clusters_post.schema.json}",
        ),
      );
      expect(step('create a label a second time').refusal).toBe(
        refused(406, 'label_key_and_value_must_be_unique: Label key and value must be unique'),
      );
      expect(step('delete a label that is assigned').refusal).toMatch(
        'API call returned error code 406. Errors:\nlabel_still_has_associated_',
      );
      expect(step('delete the Default Profile').refusal).toMatch('API call returned error code 406. Errors:\n');
    });

    it('gets the cluster by its href, without the token', () => {
      const { container_cluster_token: _token, ...withoutToken } = cluster();
      expect(step('get the cluster by its href').cluster).toEqual(withoutToken);
    });

    it('gets the cluster by its whole name alone', () => {
      expect(step('get the cluster by its name')).toEqual({ href: cluster().href, part_of_a_name: null });
    });

    it('lists the clusters', () => {
      expect(step('list the clusters')).toEqual({ names: ['python', 'python too'], named: ['python too'] });
    });

    it('finds the Default Profile that the cluster was born with', () => {
      expect(step('read the Default Profile').profiles).toEqual([
        expect.objectContaining({
          href: expect.stringMatching(`^${cluster().href}/container_workload_profiles/${UUID}$`),
          name: 'Default Profile',
          enforcement_mode: 'idle',
          visibility_level: 'flow_summary',
          managed: false,
          linked: false,
          labels: [],
          assign_labels: [],
        }),
      ]);
    });

    it('creates labels, whose ids count from 1', () => {
      expect(step('create labels').labels).toEqual([
        [web?.href, 'role', 'Web'],
        [prod?.href, 'env', 'Production'],
        [test?.href, 'env', 'Test'],
      ]);
    });

    it('assigns labels, which assign_labels repeats', () => {
      expect(step('assign labels in the Default Profile').profile).toMatchObject({
        href: defaultProfile().href,
        name: 'Default Profile',
        managed: true,
        enforcement_mode: 'visibility_only',
        labels: [
          { key: 'role', assignment: web },
          { key: 'env', assignment: prod },
        ],
        assign_labels: [web, prod],
      });
      expect(step('find the profile by its labels').hrefs).toEqual([defaultProfile().href]);
    });

    it('restricts a key to labels, to none and to any', () => {
      const { managed, labels, assign_labels } = step('restrict and exclude labels in the Default Profile').profile;
      expect({ managed, labels, assign_labels }).toEqual({
        managed: true,
        labels: [
          { key: 'role', assignment: {} },
          { key: 'env', restriction: [prod, test] },
          { key: 'app', restriction: [] },
        ],
        assign_labels: [],
      });
    });

    it('assigns labels by assign_labels alone', () => {
      expect(step('assign labels as older clients do').profile).toMatchObject({
        labels: [{ key: 'role', assignment: web }],
        assign_labels: [web],
      });
    });

    it('creates, changes and deletes a profile', () => {
      const { profile } = step('create a profile');
      expect(profile).toMatchObject({
        href: expect.stringMatching(`^${cluster().href}/container_workload_profiles/${UUID}$`),
        name: 'payments',
        description: 'for later',
        managed: true,
        enforcement_mode: 'full',
        visibility_level: 'flow_summary',
      });
      expect(step('update the profile').profile).toMatchObject({
        href: profile.href,
        name: 'payments 2',
        description: 'for later',
        managed: true,
        enforcement_mode: 'full',
        visibility_level: 'flow_drops',
      });
      expect(step('delete the profile')).toEqual({
        refusal: `${API_ERROR}404 Client Error: Not Found for url: ${urlOf(profile.href)}`,
        left: ['Default Profile'],
      });
    });

    it('may not send back what only the PCE may say', () => {
      expect(step('send back the profile as it was read').refusal).toMatch(
        /code 406\. Errors:\ninput_validation_error: .* contains additional properties \["href"/,
      );
    });

    it("changes the cluster's description and nothing else", () => {
      expect(step('update the cluster').cluster).toEqual({
        ...step('get the cluster by its href').cluster,
        description: 'changed',
      });
    });

    it('deletes the cluster, and hears from then on that it is not found', () => {
      const gone = (href: string) => `${API_ERROR}404 Client Error: Not Found for url: ${urlOf(href)}`;
      expect(step('delete the cluster')).toEqual({
        get: gone(cluster().href),
        get_profile: gone(defaultProfile().href),
        put: gone(cluster().href),
        delete: gone(cluster().href),
        by_name: null,
      });
    });

    it('deletes a label once no profile has it, and can still read it by its href', () => {
      const { label, listed } = step('delete the label that was assigned');
      expect([label.deleted, label.value, listed]).toEqual([true, 'Web', []]);
    });
  });

  describe.each(['http', 'https'])('with long lists over %s', (scheme) => {
    const { step } = usePython('lists.py', scheme, 'empty');

    it('learns the total from a list of no rows', () => {
      expect(step('ask for no row, and the total')).toEqual({
        rows: [],
        total: '510',
        content_type: 'application/json',
      });
    });

    it('gets 500 rows of a list, and all of them when it asks for as many as there are', () => {
      expect(step('get the list').rows).toBe(500);
      const { rows, hrefs, filtered, clusters } = step('get all of the list');
      expect([rows, hrefs]).toEqual([510, 510]);
      expect(filtered).toEqual(Array.from({ length: 10 }, (_, digit) => `app 50${digit}`));
      expect(clusters).toEqual(['python', 'python too']);
    });

    it('gets all rows through a job', () => {
      const filtered = Array.from({ length: 10 }, (_, digit) => `app 00${digit}`);
      expect(step('get the list through a job')).toEqual({ same: true, filtered });
    });

    it('gets one by its name, and none by a name that nothing has', () => {
      expect(step('get one by its name')).toEqual({ name: 'python too', no_such_name: null });
    });

    it('is told that its secret is wrong', () => {
      const wrong = refused(401, 'authentication_failed: Authentication failed');
      expect(step('come with a wrong secret')).toEqual({ get: wrong, create: wrong });
    });

    it('is told that its organisation is another one', () => {
      const foreign = refused(403, 'authorization_failed: These credentials belong to another organization');
      expect(step('come to another organisation')).toEqual({ get: foreign, create: foreign });
    });

    it('trusts the certificate because of the file of its authority alone', () => {
      const { get } = step('come without trust in the certificate');
      if (scheme === 'https') expect(get).toMatch('certificate verify failed');
      else expect(get).toBeNull();
    });

    it('leaves nothing behind where it was refused', () => {
      expect(step('see that nothing came of all that')).toEqual({ clusters: ['python', 'python too'], total: '510' });
    });
  });

  describe.each(['http', 'https'])('through a whole onboarding over %s', (scheme) => {
    const { step } = usePython('onboarding.py', scheme, 'empty');
    const DRAFT = '/orgs/1/sec_policy/draft';
    const ACTIVE = '/orgs/1/sec_policy/active';

    it('finds the PCE well, and its own organisation alone', () => {
      const { health, ...connected } = step('check the connection');
      expect(connected).toEqual({ own: true, other: false, wrong_secret: false });
      expect(new Set(health)).toEqual(new Set(['normal']));
    });

    it('makes and renames labels', () => {
      expect(step('make labels')).toEqual({
        values: ['Web', 'Shop', 'Test', 'Cloud 2'],
        by_reference: 'Cloud 2',
        of_the_set: 4,
      });
    });

    it('makes a pairing profile, and a key each time that it asks', () => {
      const { profile, key, key_again, changed, by_name, names } = step('make a pairing profile and a key');
      expect(profile).toMatchObject({
        enforcement_mode: 'visibility_only',
        key_lifespan: 3600,
        allowed_uses_per_key: 'unlimited',
        is_default: false,
      });
      expect(changed).toMatchObject({
        ...profile,
        description: 'changed',
        key_lifespan: 'unlimited',
        updated_at: expect.any(String),
      });
      expect([by_name, names]).toEqual([profile.href, ['nodes']]);
      expect([key, key_again]).toEqual(Array(2).fill(expect.stringMatching(/^[0-9a-f]{40,}$/)));
      expect(key).not.toBe(key_again);
    });

    it('onboards a cluster, with its Default Profile and one more', () => {
      expect(step('onboard a cluster')).toEqual({
        token: expect.stringMatching(/^1_[0-9a-f]{64}$/),
        profiles: ['Default Profile', 'payments'],
        clusters: ['shop'],
        description: 'changed',
      });
    });

    it('makes a workload, and changes what it names', () => {
      const { workload, changed, by_name, found } = step('make workloads');
      expect(workload).toMatchObject({
        href: expect.stringMatching(`^/orgs/1/workloads/${UUID}$`),
        hostname: 'web-1.example.com',
        public_ip: '192.0.2.1',
        interfaces: [expect.objectContaining({ name: 'eth0', address: '10.0.0.1', link_state: 'up' })],
        deleted: false,
      });
      expect(changed).toMatchObject({
        name: 'web-1',
        hostname: 'web-1.example.com',
        description: 'changed',
        public_ip: '192.0.2.2',
      });
      expect([by_name, found]).toEqual([workload.href, ['web-1']]);
    });

    it('makes, changes and deletes workloads in bulk, and is told of each that is refused', () => {
      const { created, updated, refused, deleted, names, modes, left } = step(
        'make, change and delete workloads in bulk',
      );
      expect(created).toEqual(
        Array(2).fill({ href: expect.stringMatching(`^/orgs/1/workloads/${UUID}$`), errors: [] }),
      );
      expect(refused).toMatchObject([{ href: created[0].href, errors: [{ token: 'external_reference_not_unique' }] }]);
      expect(updated.flatMap(({ errors }: Json) => errors)).toEqual([]);
      expect(deleted.flatMap(({ errors }: Json) => errors)).toEqual([]);
      expect([names, left]).toEqual([['web-1', 'web-2', 'web-3'], ['web-1']]);
      expect(modes).toEqual(Array(3).fill('selective'));
    });

    it('finds the IP list of everything and all services by name, in force from the first', () => {
      const { ip_list, service, drafts } = step('find what every organisation has');
      expect(ip_list).toMatchObject({ name: 'Any (0.0.0.0/0 and ::/0)', href: `${ACTIVE}/ip_lists/1` });
      expect(service).toMatchObject({ name: 'All Services', href: `${ACTIVE}/services/1` });
      expect(drafts).toEqual([`${DRAFT}/ip_lists/1`, `${DRAFT}/services/1`]);
    });

    it('makes services and finds them by port and protocol', () => {
      const { service, ...rest } = step('make services');
      expect(service).toMatchObject({ name: 'web', update_type: 'create', href: `${DRAFT}/services/2` });
      expect(rest).toEqual({ same_ports: true, by_port: ['web'], by_protocol: ['web'], active: ['All Services'] });
    });

    it('makes an IP list', () => {
      const { ip_list, read, fqdns, by_name, by_address } = step('make an IP list');
      expect(ip_list).toMatchObject({ name: 'office', href: `${DRAFT}/ip_lists/2` });
      expect(ip_list.ip_ranges).toHaveLength(3);
      expect(read).toEqual(ip_list);
      expect([fqdns, by_name, by_address]).toEqual([[], ['office'], ['office']]);
    });

    it('makes a label group and adds to it', () => {
      const { group, labels, expected, by_key } = step('make a label group');
      expect(group.href).toMatch(new RegExp(`^${DRAFT}/label_groups/${UUID}$`));
      expect([labels, by_key]).toEqual([expected, ['front']]);
    });

    it('binds a virtual service to a workload, once that is in force', () => {
      const told = step('make a virtual service, provision and bind it');
      const active = told.draft.href.replace('/draft/', '/active/');
      expect(told.draft).toMatchObject({ apply_to: 'host_only', update_type: 'create' });
      expect([told.by_port, told.by_address]).toEqual([['shop front'], ['shop front']]);
      expect(told.before).toMatch('404 Client Error: Not Found');
      expect(told.unprovisioned).toEqual({
        service_bindings: [],
        errors: [expect.objectContaining({ token: expect.any(String), message: expect.any(String) })],
      });
      expect(told.version).toMatchObject({ version: 1, commit_message: 'a virtual service' });
      expect(told.active).toMatchObject({ href: active, service_addresses: [{ fqdn: 'localhost.localdomain' }] });
      expect(told.bound.errors).toEqual([]);
      expect([told.binding, ...told.of_the_service]).toEqual(Array(2).fill(told.bound.service_bindings[0].href));
    });

    it('writes a rule set with rules', () => {
      const { rule_set, rule, ...told } = step('write rules');
      expect(rule_set.href).toMatch(/^\/orgs\/1\/sec_policy\/draft\/rule_sets\/[1-9]\d*$/);
      expect(rule_set).toMatchObject({ enabled: true, update_type: 'create' });
      expect(rule).toMatchObject({
        href: expect.stringMatching(`^${rule_set.href}/sec_rules/[1-9]\\d*$`),
        ingress_services: [
          { port: 443, proto: 6 },
          { port: 8080, proto: 6 },
        ],
        resolve_labels_as: { providers: ['workloads'], consumers: ['workloads'] },
        unscoped_consumers: true,
      });
      expect(told).toEqual({
        services: told.expected,
        expected: expect.anything(),
        rules: [rule.href],
        after: [rule.href],
        description: 'changed',
        by_name: ['shop'],
      });
    });

    it('draws an enforcement boundary', () => {
      const { boundary, services, by_name } = step('draw an enforcement boundary');
      expect(boundary).toMatchObject({ href: `${DRAFT}/enforcement_boundaries/1`, providers: [{ actors: 'ams' }] });
      expect([services, by_name]).toEqual([3, ['no RDP']]);
    });

    it('gets every list through a job', () => {
      const { rows, same } = step('get every list through a job');
      expect(rows).toEqual({
        labels: 5,
        pairing_profiles: 2,
        container_clusters: 1,
        profiles: 1,
        workloads: 1,
        services: 1,
        ip_lists: 2,
        label_groups: 1,
        virtual_services: 1,
        rule_sets: 1,
        rules: 1,
        enforcement_boundaries: 1,
      });
      expect(same).toEqual(Object.keys(rows));
    });

    it('reads events, and makes a security principal', () => {
      expect(step('read and make what else there is')).toEqual({
        event: [true, 'enforcement_boundary.update'],
        vens: [],
        names: ['Administrators'],
        renamed: 'Admins',
        left: [],
      });
    });

    it('brings all that into force', () => {
      const { version, active, expected, nothing } = step('provision all that');
      expect(version).toMatchObject({ version: 2, commit_message: 'all of it', href: '/orgs/1/sec_policy/2' });
      expect(version.object_counts).toMatchObject({
        services: 2,
        ip_lists: 2,
        label_groups: 1,
        rule_sets: 1,
        enforcement_boundaries: 1,
      });
      expect(active).toEqual(expected);
      expect(nothing).toMatch('code 406');
    });

    it('may not delete what is in use', () => {
      for (const refusal of Object.values(step('be refused what is in use'))) expect(refusal).toMatch('code 406');
    });

    it('deletes everything, and leaves what every organisation has', () => {
      const told = step('delete everything');
      expect(told.binding).toMatch('404 Client Error: Not Found');
      expect(told.marked).toEqual(Array(4).fill('delete'));
      expect(told.left).toEqual([[], [], [], ['Any (0.0.0.0/0 and ::/0)'], ['All Services'], []]);
      expect([told.workload, told.label, told.labels]).toEqual([true, true, []]);
      expect(told.workload_again).toMatch('already_deleted');
      expect(told.profiles).toEqual([true]);
    });
  });

  // They wait for jobs most of the time, so they may as well wait together.
  it.concurrent.each<[scheme: string, pceVersion: Release]>([
    ['http', '22.2'],
    ['https', '25.2'],
  ])(
    'passes all of the tests that its makers run against a PCE, over %s with PCE %s',
    async (scheme, pceVersion) => {
      const emulator = await startEmulator({ world: 'empty', pceVersion, checkReplies: true });
      recording.watch(emulator);
      try {
        const { url, http_url, ca_file, credentials } = emulator;
        const { protocol, hostname, port } = new URL(scheme === 'https' ? url : http_url);
        const variables = {
          ILLUMIO_PCE_HOST: `${protocol}//${hostname}`,
          ILLUMIO_PCE_PORT: port,
          ILLUMIO_PCE_ORG_ID: credentials.org_id,
          ILLUMIO_API_KEY_USERNAME: credentials.api_key,
          ILLUMIO_API_KEY_SECRET: credentials.api_secret,
          REQUESTS_CA_BUNDLE: ca_file,
        };
        const tests = join(sources, `illumio-${version}`, 'tests', 'integration');
        const { status, stdout, stderr } = await run('env', [
          ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
          ...[python, '-B', '-m', 'pytest', tests, '--integration', '--tb=short', '-p', 'no:cacheprovider'],
        ]);
        const [summary] = /\d+ passed.*(?= in )/.exec(stdout) ?? [stdout];
        expect({ status, summary, stderr }).toEqual({ status: 0, summary: '64 passed', stderr: '' });
      } finally {
        await emulator.close();
      }
    },
    120_000,
  );

  recording.itIsOnRecord();
});

import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Emulator, startEmulator } from '../../src/emulator.ts';
import { type Json, ROOT } from '../support/emulator.ts';
import { describeWith, failureOf, run } from './programs.ts';

/**
 * The official Python client, unmodified, through the stories in `illumio-python/`. They tell their steps,
 * and these tests look at what was told.
 */

const STORIES = join(__dirname, 'illumio-python');

/** One environment for each set of requirements; made once, in a folder that git ignores. */
function environmentFolder(): string {
  const hash = createHash('sha256').update(readFileSync(join(STORIES, 'requirements.txt')));
  const name = hash.digest('hex').slice(0, 16);
  return join(ROOT, 'node_modules', '.cache', 'pce-emulator', 'python', name);
}

/**
 * Makes the environment unless it is there. It is made elsewhere and moved into its place whole, so that
 * neither a run that is broken off nor one at the same time leaves half of it.
 * @returns why there is none, or undefined
 */
function missingEnvironment(folder: string): string | undefined {
  const python = join(folder, 'bin', 'python');
  if (existsSync(python) && failureOf(python, ['-c', 'import illumio']) === undefined) return undefined;
  rmSync(folder, { recursive: true, force: true });
  const draft = `${folder}.${randomUUID()}`;
  mkdirSync(dirname(folder), { recursive: true });
  try {
    const failure =
      failureOf('python3', ['-m', 'venv', draft]) ??
      failureOf(join(draft, 'bin', 'python'), [
        ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1'],
        ...['--requirement', join(STORIES, 'requirements.txt')],
      ]);
    if (failure !== undefined) return `the Python client cannot be installed: ${failure.split('\n').at(-1)}`;
    try {
      renameSync(draft, folder);
    } catch (error) {
      // Another run was faster.
      if (!existsSync(python)) throw error;
    }
    return undefined;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

const environment = environmentFolder();
const missing = missingEnvironment(environment);

/** Runs a story once before the tests of a block; `step` then gives what a step told. */
function useStory(story: string, scheme: string, world: string) {
  const told = new Map<string, Json>();
  const logged: string[] = [];
  let emulator: Emulator | undefined;
  let end = '';

  beforeAll(async () => {
    emulator = await startEmulator({ world, checkReplies: true, log: (message) => void logged.push(message) });
    const { url, http_url, ca_file, credentials } = emulator;
    const { status, stdout, stderr } = await run(join(environment, 'bin', 'python'), [
      ...['-B', join(STORIES, story)],
      ...['--url', scheme === 'https' ? url : http_url, '--ca', ca_file, '--org', String(credentials.org_id)],
      ...['--key', credentials.api_key, '--secret', credentials.api_secret],
    ]);
    for (const line of stdout.split('\n').filter((text) => text !== '')) {
      const { step, facts, failed } = JSON.parse(line);
      told.set(step, facts);
      if (failed !== undefined) end = `step "${step}" failed with ${failed}`;
    }
    if (status !== 0) end ||= `it ended with ${status}: ${stderr}`;
  }, 120_000);

  afterAll(async () => {
    await emulator?.close();
  });

  it('goes well to its end, without a bug on the other side', () => {
    expect([end, logged]).toEqual(['', []]);
  });

  return {
    /** What a step told. */
    step(name: string): Json {
      const facts = told.get(name);
      if (facts === undefined)
        throw new Error(`${story} did not get through "${name}": ${end || 'it has no such step'}`);
      return facts;
    },
    /** Where the client found an href, as it says in its errors. */
    urlOf: (href: string) => `${scheme === 'https' ? emulator?.url : emulator?.http_url}/api/v2${href}`,
  };
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const API_ERROR = 'IllumioApiException: ';
const refused = (status: number, problem: string) =>
  `${API_ERROR}API call returned error code ${status}. Errors:\n${problem}`;

describeWith(missing, 'the official Python client', () => {
  describe.each(['http', 'https'])("with a cluster's story over %s", (scheme) => {
    const { step, urlOf } = useStory('clusters.py', scheme, 'empty');
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
    const { step } = useStory('lists.py', scheme, 'empty');

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
});

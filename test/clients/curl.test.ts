import { type Credentials, type Emulator, startEmulator } from '../../src/emulator.ts';
import type { Json } from '../support/emulator.ts';
import { describeWith, failureOf, run } from './programs.ts';
import { recordingOf } from './recording.ts';

/**
 * Plain curl through a whole onboarding, as scripts do it: from the login to a policy that is in force, with the agent
 * of the cluster between. Each step goes on from the ones before.
 */

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const ORG = '/orgs/1';
const DRAFT = `${ORG}/sec_policy/draft`;
const ACTIVE = `${ORG}/sec_policy/active`;

interface Printed {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Record<string, string>;
  readonly body?: Json;
}

/** What `--include` has curl print before the body. */
function read(printed: string): Printed {
  const end = printed.indexOf('\r\n\r\n');
  const [first = '', ...lines] = printed.slice(0, end).split('\r\n');
  const text = printed.slice(end + 4);
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status: Number(first.split(' ')[1]), headers, ...(text !== '' && { body: JSON.parse(text) }) };
}

const curl = failureOf('curl', ['--version']);
const recording = recordingOf('curl', null);

describeWith(curl && `curl cannot be run: ${curl}`, 'curl', () => {
  describe.each(['http', 'https'])('through a whole onboarding over %s', (scheme) => {
    const logged: string[] = [];
    let emulator: Emulator;
    beforeAll(async () => {
      emulator = await startEmulator({
        world: 'empty',
        pceVersion: '25.2',
        checkReplies: true,
        log: (line) => void logged.push(line),
      });
      recording.watch(emulator);
      me = user(emulator.credentials);
    });
    afterAll(() => emulator.close());
    afterEach(() => expect(logged.splice(0)).toEqual([]));

    /** Runs curl once. */
    const call = async (
      who: readonly string[],
      method: string,
      path: string,
      body?: Json,
      more: readonly string[] = [],
    ) => {
      const url = `${scheme === 'https' ? emulator.url : emulator.http_url}/api/v2${path}`;
      const data =
        body === undefined ? [] : ['--header', 'Content-Type: application/json', '--data', JSON.stringify(body)];
      const { status, stdout, stderr } = await run('curl', [
        ...['--silent', '--show-error', '--include', '--cacert', emulator.ca_file, '--request', method, ...who],
        ...[...data, ...more, url],
      ]);
      expect({ path, status, stderr }).toEqual({ path, status: 0, stderr: '' });
      return read(stdout);
    };
    const user = ({ api_key, api_secret }: Credentials) => ['--user', `${api_key}:${api_secret}`];
    /** Whose credentials curl is given. */
    let me: string[];

    const get = async (path: string): Promise<Json> => {
      const { status, body } = await call(me, 'GET', path);
      expect([path, status]).toEqual([path, 200]);
      return body;
    };
    const post = async (path: string, sent: Json): Promise<Json> => {
      const { status, body } = await call(me, 'POST', path, sent);
      expect([path, status, status === 201 ? '' : body]).toEqual([path, 201, '']);
      return body;
    };
    const put = async (path: string, sent: Json, who = me) => {
      const { status, body } = await call(who, 'PUT', path, sent);
      expect([path, status, body]).toEqual([path, 204, undefined]);
    };
    const remove = async (path: string) => {
      const { status, body } = await call(me, 'DELETE', path);
      expect([path, status, body]).toEqual([path, 204, undefined]);
    };
    const hrefsOf = async (path: string): Promise<string[]> => (await get(path)).map(({ href }: Json) => href);

    /** What the steps made. */
    const made: Record<string, Json> = {};

    it('logs in with a password, and makes a key that it goes on with', async () => {
      const { api_secret } = emulator.credentials;
      const person = ['--user', `user1@example.com:${api_secret}`];
      const { status, body } = await call(person, 'POST', '/login_users/authenticate?pce_fqdn=pce.example.com');
      expect([status, body]).toEqual([201, { auth_token: expect.any(String) }]);
      const token = ['--header', `Authorization: Token token=${body.auth_token}`];
      const login = await call(token, 'GET', '/users/login');
      expect(login.body).toMatchObject({ href: '/users/1', auth_username: 'user_1', orgs: [{ org_id: 1 }] });
      // It logs in once.
      expect((await call(token, 'GET', '/users/login')).status).toBe(401);
      const session = ['--user', `${login.body.auth_username}:${login.body.session_token}`];
      expect((await call(session, 'GET', `${ORG}/labels`)).status).toBe(200);
      const key = await call(session, 'POST', '/users/1/api_keys', { name: 'curl', description: 'of the script' });
      expect([key.status, key.body]).toMatchObject([201, { name: 'curl', secret: expect.any(String) }]);
      made.key = key.body;
      me = ['--user', `${key.body.auth_username}:${key.body.secret}`];
      expect(await hrefsOf('/users/1/api_keys')).toContain(key.body.href);
      expect(await get(key.body.href)).not.toHaveProperty('secret');
      await put('/users/1/logout', {}, session);
      expect((await call(session, 'GET', `${ORG}/labels`)).status).toBe(401);
    });

    it('asks how the PCE is, and which', async () => {
      expect((await call([], 'GET', '/node_available')).status).toBe(200);
      expect(await get('/noop')).toEqual({});
      expect((await get('/health'))[0].status).toBe('normal');
      expect((await get('/product_version')).version).toMatch(/^25\.2\.\d+$/);
      await get(`${ORG}/settings/workloads`);
    });

    it('looks after users, accounts, settings and networks', async () => {
      expect(await get('/users/1')).toMatchObject({ href: '/users/1', username: 'user1@example.com' });
      expect(await hrefsOf('/users')).toEqual(['/users/1']);
      expect((await get('/users/1/orgs')).length).toBe(1);
      await put(made.key.href, { description: 'changed' });
      expect((await get(`${ORG}/api_keys`)).map(({ name }: Json) => name)).toContain('curl');
      const accounts = `${ORG}/service_accounts`;
      const permissions = [{ role: { href: `${ORG}/roles/read_only` }, scope: [] }];
      const account = await post(accounts, { name: 'reader', permissions, api_key: { expires_in_seconds: -1 } });
      await put(account.href, { description: 'reads' });
      expect(await get(account.href)).toMatchObject({ name: 'reader', description: 'reads' });
      expect(await hrefsOf(accounts)).toEqual([account.href]);
      const { auth_username, secret } = await post(`${account.href}/api_keys`, { expires_in_seconds: 3600 });
      const reader = ['--user', `${auth_username}:${secret}`];
      expect((await call(reader, 'GET', `${ORG}/labels`)).status).toBe(200);
      expect((await call(reader, 'POST', `${ORG}/labels`, { key: 'role', value: 'Web' })).status).toBe(403);
      await remove(account.href);
      expect((await call(reader, 'GET', `${ORG}/labels`)).status).toBe(401);
      for (const settings of ['events', 'workloads']) await get(`${ORG}/settings/${settings}`);
      expect((await get(`${ORG}/optional_features`)).length).toBeGreaterThan(0);
      await get(`${ORG}/networks`);
      expect(await get(`${ORG}/vens`)).toEqual([]);
    });

    it('makes a label dimension and labels', async () => {
      made.dimension = await post(`${ORG}/label_dimensions`, { key: 'tier', display_name: 'Tier' });
      await put(made.dimension.href, { display_name: 'Tiers' });
      expect(await get(made.dimension.href)).toMatchObject({ key: 'tier', display_name: 'Tiers' });
      expect((await get(`${ORG}/label_dimensions`)).map(({ key }: Json) => key)).toContain('tier');
      made.tier = await post(`${ORG}/labels`, { key: 'tier', value: 'Front' });
      made.role = await post(`${ORG}/labels`, { key: 'role', value: 'Web' });
      made.env = await post(`${ORG}/labels`, { key: 'env', value: 'Test' });
      await put(made.role.href, { value: 'WebServer' });
      expect(await hrefsOf(`${ORG}/labels?key=role&value=WebServer`)).toEqual([made.role.href]);
      expect((await get(made.role.href)).value).toBe('WebServer');
    });

    it('onboards a cluster, whose profiles give labels', async () => {
      made.cluster = await post(`${ORG}/container_clusters`, { name: 'shop', description: 'of the shop' });
      await put(made.cluster.href, { description: 'changed' });
      expect(await get(`${ORG}/container_clusters?name=shop`)).toMatchObject([{ description: 'changed' }]);
      expect(await get(made.cluster.href)).not.toHaveProperty('container_cluster_token');
      const profiles = `${made.cluster.href}/container_workload_profiles`;
      const [byDefault] = await hrefsOf(profiles);
      await put(`${byDefault}`, { managed: true, enforcement_mode: 'visibility_only' });
      made.profile = await post(profiles, { name: 'later', assign_labels: [{ href: made.role.href }] });
      expect(await get(made.profile.href)).toMatchObject({
        labels: [{ key: 'role', assignment: { value: 'WebServer' } }],
      });
      await remove(made.profile.href);
    });

    it('makes a pairing profile and a key', async () => {
      made.pairing = await post(`${ORG}/pairing_profiles`, {
        name: 'nodes',
        enabled: true,
        labels: [{ href: made.env.href }],
      });
      await put(made.pairing.href, { description: 'changed' });
      expect(await get(made.pairing.href)).toMatchObject({ description: 'changed', labels: [{ href: made.env.href }] });
      expect(await hrefsOf(`${ORG}/pairing_profiles?name=nodes`)).toEqual([made.pairing.href]);
      const { activation_code } = await post(`${made.pairing.href}/pairing_key`, {});
      expect(activation_code).toMatch(/^[0-9a-f]{40,}$/);
      await remove(`${made.pairing.href}/pairing_keys`);
    });

    it("reports the cluster with the cluster's own token, and sees what became of it", async () => {
      const agent = ['--user', `${made.cluster.href.slice(-36)}:${made.cluster.container_cluster_token}`];
      await put(
        `${made.cluster.href}/put_from_cluster`,
        { manager_type: 'Kubernetes v1.29.6', nodes: [], namespaces: ['payments'] },
        agent,
      );
      const service = {
        uid: '3f0a1a6c-3fb6-4e1c-a1fb-6b8cb1a5b2f7',
        name: 'web',
        namespace: 'payments',
        service_type: 'ClusterIP',
        service_ports: [{ port: 8443, protocol: 6 }],
        ip_addresses: ['10.96.12.7'],
        backends: [{ kind: 'replicasethash', name: '58687784f9' }],
      };
      await put(`${made.cluster.href}/services`, [service], agent);
      expect(await get(made.cluster.href)).toMatchObject({ online: true, manager_type: 'Kubernetes v1.29.6' });
      expect(await get(`${made.cluster.href}/service_backends`)).toMatchObject([{ name: '58687784f9' }]);
      const names = (await get(`${ACTIVE}/virtual_services`)).map(({ name }: Json) => name);
      expect(names).toEqual(['web-shop-payments']);
      expect(await get(`${ORG}/container_workloads`)).toEqual([]);
      expect(await get(`${ORG}/kubernetes_workloads`)).toEqual([]);
    });

    it('makes a security principal', async () => {
      const { href } = await post(`${ORG}/security_principals`, { sid: 'S-1-5-21-1-2-3-500', name: 'Admins' });
      await put(href, { description: 'changed' });
      expect((await get(href)).description).toBe('changed');
      expect(await hrefsOf(`${ORG}/security_principals`)).toEqual([href]);
      await remove(href);
    });

    it('makes workloads, alone and in bulk', async () => {
      const labels = [{ href: made.role.href }];
      made.workload = await post(`${ORG}/workloads`, { name: 'web-1', hostname: 'web-1', labels });
      await put(made.workload.href, { description: 'changed' });
      expect(await get(made.workload.href)).toMatchObject({
        description: 'changed',
        labels: [{ href: made.role.href }],
      });
      const bulk = async (what: string, sent: Json) => (await call(me, 'PUT', `${ORG}/workloads/${what}`, sent)).body;
      const created = await bulk('bulk_create', [{ hostname: 'web-2' }, { hostname: 'web-3' }]);
      const [second, third] = created.map(({ href }: Json) => href);
      expect(created).toMatchObject([{ status: 'created' }, { status: 'created' }]);
      const updated = await bulk('bulk_update', [{ href: second, enforcement_mode: 'full' }]);
      expect(updated).toMatchObject([{ href: second, status: 'updated' }]);
      await bulk('bulk_delete', [{ href: second }, { href: third }]);
      expect(await hrefsOf(`${ORG}/workloads`)).toEqual([made.workload.href]);
    });

    it('writes policy as drafts', async () => {
      const external = (reference: string) => ({ external_data_set: 'curl', external_data_reference: reference });
      const [any] = await get(`${ACTIVE}/ip_lists?name=Any`);
      const [all] = await get(`${ACTIVE}/services?name=All%20Services`);
      expect([any.name, all.name]).toEqual(['Any (0.0.0.0/0 and ::/0)', 'All Services']);
      made.service = await post(`${DRAFT}/services`, {
        name: 'web',
        service_ports: [{ port: 443, proto: 6 }],
        ...external('web'),
      });
      made.ipList = await post(`${DRAFT}/ip_lists`, { name: 'office', ip_ranges: [{ from_ip: '10.0.0.0/8' }] });
      made.group = await post(`${DRAFT}/label_groups`, {
        key: 'role',
        name: 'front',
        labels: [{ href: made.role.href }],
      });
      made.vs = await post(`${DRAFT}/virtual_services`, { name: 'front', service: { href: made.service.href } });
      made.ruleSet = await post(`${DRAFT}/rule_sets`, { name: 'shop', scopes: [[{ label: { href: made.env.href } }]] });
      made.rule = await post(`${made.ruleSet.href}/sec_rules`, {
        enabled: true,
        providers: [{ label: { href: made.role.href } }],
        consumers: [{ ip_list: { href: made.ipList.href } }],
        ingress_services: [{ href: made.service.href }],
        resolve_labels_as: { providers: ['workloads'], consumers: ['workloads'] },
        unscoped_consumers: true,
      });
      made.boundary = await post(`${DRAFT}/enforcement_boundaries`, {
        name: 'no RDP',
        providers: [{ actors: 'ams' }],
        consumers: [{ ip_list: { href: any.href.replace('/active/', '/draft/') } }],
        ingress_services: [{ port: 3389, proto: 6 }],
      });
      for (const one of ['service', 'ipList', 'group', 'vs', 'ruleSet', 'rule', 'boundary']) {
        const { href } = made[one];
        await put(href, one === 'boundary' ? { name: 'no RDP here' } : { description: 'changed' });
        expect([one, (await get(href)).href]).toEqual([one, href]);
        expect(await hrefsOf(href.slice(0, href.lastIndexOf('/')))).toContain(href);
      }
      expect(await get(`${made.group.href}/member_of`)).toEqual([]);
      expect(await hrefsOf(`${made.group.href}/all_labels`)).toEqual([made.role.href]);
    });

    it('brings them into force, and binds a workload', async () => {
      const pending = await get(`${ORG}/sec_policy/pending`);
      expect(pending.services).toMatchObject([{ href: made.service.href, update_type: 'create' }]);
      const subset = (...names: string[]) => names.map((name) => ({ href: made[name].href }));
      const first = await post(`${ORG}/sec_policy`, {
        update_description: 'what others need',
        change_subset: { services: subset('service'), ip_lists: subset('ipList'), virtual_services: subset('vs') },
      });
      expect(first).toMatchObject({ version: 1, commit_message: 'what others need' });
      await post(`${ORG}/sec_policy`, { update_description: 'the rest' });
      expect(await get(`${ORG}/sec_policy/pending`)).toEqual({});
      expect((await get(`${ORG}/sec_policy`)).map(({ version }: Json) => version)).toEqual([2, 1]);
      const active = made.vs.href.replace('/draft/', '/active/');
      expect((await get(active)).name).toBe('front');
      const binding = { virtual_service: { href: active }, workload: { href: made.workload.href } };
      [made.binding] = await post(`${ORG}/service_bindings`, [binding]);
      expect(await hrefsOf(`${ORG}/service_bindings?virtual_service=${active}`)).toEqual([made.binding.href]);
      expect((await get(made.binding.href)).bound_service.href).toBe(active);
    });

    it('reverts a change', async () => {
      await put(made.service.href, { name: 'changed' });
      await remove(`${ORG}/sec_policy/pending`);
      expect(await get(made.service.href)).toMatchObject({ name: 'web', update_type: null });
      await put(made.service.href, { name: 'changed' });
      await put(`${ORG}/sec_policy/delete`, { change_subset: { services: [{ href: made.service.href }] } });
      expect(await get(made.service.href)).toMatchObject({ name: 'web', update_type: null });
      expect((await get(`${ORG}/sec_policy/2`)).commit_message).toBe('the rest');
    });

    it('has a long list come through a job', async () => {
      const answer = await call(me, 'GET', `${ORG}/labels`, undefined, ['--header', 'Prefer: respond-async']);
      expect([answer.status, answer.body, answer.headers['retry-after']]).toEqual([202, undefined, '1']);
      const job = await get(`${answer.headers.location}`);
      expect(job).toMatchObject({ status: 'done', result: { href: expect.stringMatching(UUID) } });
      expect(await get(job.result.href)).toEqual(await get(`${ORG}/labels`));
      expect(await hrefsOf(`${ORG}/jobs`)).toEqual([job.href]);
      await remove(job.href);
    });

    it('reads what happened', async () => {
      const [event] = await get(`${ORG}/events?max_results=1&event_type=sec_policy.create`);
      expect((await get(event.href)).event_type).toBe('sec_policy.create');
    });

    it('takes everything away again', async () => {
      await remove(made.binding.href);
      await remove(made.rule.href);
      for (const one of ['boundary', 'ruleSet', 'group', 'vs', 'ipList', 'service']) await remove(made[one].href);
      await post(`${ORG}/sec_policy`, { update_description: 'away with it' });
      for (const one of ['ruleSet', 'group', 'vs', 'service']) {
        expect((await call(me, 'GET', made[one].href)).status).toBe(404);
      }
      for (const one of ['workload', 'pairing', 'cluster', 'tier', 'role', 'env', 'dimension'])
        await remove(made[one].href);
      expect([await get(`${ORG}/labels`), await get(`${ORG}/workloads`)]).toEqual([[], []]);
      await remove(made.key.href);
      expect((await call(me, 'GET', `${ORG}/labels`)).status).toBe(401);
    });
  });

  recording.itIsOnRecord();
});

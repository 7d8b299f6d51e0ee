import { RELEASES, type Release } from '../../src/emulator.ts';
import { DIFFERENCES } from '../../src/pce/versions.ts';
import { type Client, type Json, type Key, tokenOf, useEmulator } from '../support/emulator.ts';

const CLUSTERS = '/orgs/1/container_clusters';
const PROFILES = `${CLUSTERS}/445bfa9b-4de4-4c09-9705-496eb04b190f/container_workload_profiles`;
const PRODUCTION = { href: '/orgs/1/labels/176' };

interface Check {
  /** The releases that behave so; all others must not. */
  readonly releases: readonly Release[];
  /** Whether a release behaves so. Asserts that one that does not behaves in the other known way. */
  readonly holds: (
    pce: Client,
    agentOf: (cluster: Json) => Client,
    as: (credentials: Key) => Client,
  ) => Promise<boolean>;
}

const REFUSED = [406, 'input_validation_error'];

/** A POST that a release takes, or refuses as one that does not know such a thing. */
async function takes(pce: Client, path: string, body: Json, status = 201): Promise<boolean> {
  const answer = status === 201 ? await pce.post(path, body) : await pce.put(path, body);
  if (answer.status !== status) expect([answer.status, tokenOf(answer)]).toEqual(REFUSED);
  return answer.status === status;
}

/** Sees that what is done to several holds for all or for none. */
function same(results: boolean[]): boolean {
  expect(new Set(results).size).toBe(1);
  return results[0] === true;
}

async function shows(pce: Client, ...fields: string[]): Promise<boolean> {
  const created = (await pce.post(CLUSTERS, { name: 'fields' })).body;
  const read = (await pce.get(created.href)).body;
  const listed = (await pce.get(`${CLUSTERS}?name=fields`)).body[0];
  return same([created, read, listed].flatMap((cluster) => fields.map((field) => field in cluster)));
}

/** Whether profiles can be made, and changed, to have these options. */
async function takesOption(pce: Client, option: Json): Promise<boolean> {
  const payments = `${PROFILES}/219b49c3-3bb5-4fc0-9913-b76398105e35`;
  return same([
    await takes(pce, PROFILES, { name: 'x', labels: [option] }),
    await takes(pce, payments, { labels: [option] }, 204),
  ]);
}

/** Whether a release lists some optional features, and lets them be switched. */
async function hasFeatures(pce: Client, names: string[]): Promise<boolean> {
  const listed = (await pce.get('/orgs/1/optional_features')).body.map(({ name }: Json) => name);
  const switched = [];
  for (const name of names) {
    switched.push(await takes(pce, '/orgs/1/optional_features', [{ name, enabled: true }], 204));
  }
  return same([...names.map((name) => listed.includes(name)), ...switched]);
}

const EARLIEST = ['22.2', '23.5', '24.5'] as const;

const CHECKS: Record<string, Check> = {
  cluster_runtime_and_caps: {
    releases: ['23.5', '24.5', '25.2'],
    async holds(pce) {
      const shown = await shows(pce, 'container_runtime', 'caps');
      const [cluster] = (await pce.get(CLUSTERS)).body;
      expect([cluster.container_runtime, cluster.caps]).toEqual(shown ? [null, ['write']] : [undefined, undefined]);
      return shown;
    },
  },
  cluster_mode: {
    releases: ['23.5', '24.5', '25.2'],
    async holds(pce) {
      const shown = await shows(pce, 'cluster_mode');
      expect((await pce.get(CLUSTERS)).body[0].cluster_mode).toBe(shown ? 'legacy' : undefined);
      return shown;
    },
  },
  cluster_clas_mode: {
    releases: ['25.2'],
    async holds(pce) {
      const shown = await shows(pce, 'clas_mode');
      const count = async (query: string) => (await pce.get(`${CLUSTERS}${query}`)).body.length;
      const all = await count('');
      expect(await count('?clas_mode=false')).toBe(all);
      expect(await count('?clas_mode=true')).toBe(shown ? 0 : all);
      expect((await pce.get(`${CLUSTERS}?clas_mode=maybe`)).status).toBe(shown ? 406 : 200);
      return shown;
    },
  },
  cluster_datacenter_nat: {
    releases: ['25.2'],
    async holds(pce) {
      const { href } = (await pce.post(CLUSTERS, { name: 'nat' })).body;
      const nat = async () => (await pce.get(href)).body.datacenter_nat_1to1;
      const taken = await takes(pce, href, { datacenter_nat_1to1: true }, 204);
      expect(await nat()).toBe(taken ? true : undefined);
      if (taken) {
        await pce.put(href, { name: 'kept' });
        expect(await nat()).toBe(true);
        await pce.put(href, { datacenter_nat_1to1: false });
        expect(await nat()).toBe(false);
        const created = (await pce.post(CLUSTERS, { name: 'new', datacenter_nat_1to1: true })).body;
        expect(created.datacenter_nat_1to1).toBe(true);
        expect((await pce.put(href, { datacenter_nat_1to1: 'yes' })).status).toBe(406);
      }
      return same([taken, await takes(pce, CLUSTERS, { name: 'nat', datacenter_nat_1to1: false })]);
    },
  },
  cluster_name_required: {
    releases: EARLIEST,
    async holds(pce) {
      const nameless = await pce.post(CLUSTERS, { description: 'nameless' });
      if (nameless.status !== 406) {
        expect([nameless.status, nameless.body.name]).toEqual([201, '']);
        expect((await pce.get(nameless.body.href)).body.name).toBe('');
      }
      return same([!(await takes(pce, CLUSTERS, {})), nameless.status === 406]);
    },
  },
  kubernetes_workloads: {
    releases: ['23.5', '24.5', '25.2'],
    async holds(pce, agentOf) {
      const cluster = (await pce.post(CLUSTERS, { name: 'clas' })).body;
      const { href } = cluster;
      const agent = agentOf(cluster);
      const report = `${href}/put_from_cluster`;
      expect(await takes(agent, report, { cluster_mode: 'legacy' }, 204)).toBe(true);
      const clas = await takes(agent, report, { cluster_mode: 'clas' }, 204);
      const unknown = [{ href: '/orgs/1/kubernetes_workloads/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11' }];
      const digest = { security_policy_set_digest: 'a'.repeat(64) };
      const answers = [
        await agent.post(`${href}/kubernetes_workloads/bulk_create`, [{ name: 'web', kind: 'Pod', namespace: 'shop' }]),
        await agent.put(`${href}/kubernetes_workloads/bulk_update`, unknown),
        await agent.put(`${href}/kubernetes_workloads/bulk_delete`, unknown),
        await agent.get(`${href}/kubernetes_workloads`),
        await agent.get(`${href}/policies`),
        await agent.get(`${href}/clas_auth_public_key`),
        await agent.put(`${href}/security_policy_acks`, digest),
        await agent.put(`${href}/security_policy_applied`, digest),
        await pce.get('/orgs/1/kubernetes_workloads'),
      ];
      const statuses = answers.map(({ status }) => status);
      expect(statuses).toEqual(clas ? [201, 406, 204, 200, 200, 200, 204, 200, 200] : statuses.map(() => 404));
      return clas;
    },
  },
  cluster_label_map: {
    releases: ['24.5', '25.2'],
    async holds(pce, agentOf) {
      const cluster = (await pce.post(CLUSTERS, { name: 'mapped' })).body;
      const { href } = cluster;
      const agent = agentOf(cluster);
      const map = { from_key: 'tier', to_key: 'role', allow_create: true, values_map: [] };
      const { status } = await agent.put(`${href}/label_map`, [map]);
      expect((await pce.get('/orgs/1/events?event_type=container_cluster.update_label_map')).body).toHaveLength(
        status === 204 ? 1 : 0,
      );
      if (status !== 204) {
        expect(status).toBe(404);
        return false;
      }
      await agent.put(`${href}/put_from_cluster`, { cluster_mode: 'clas', namespaces: ['shop'] });
      const [profile] = (await pce.get(`${href}/container_workload_profiles?linked=true`)).body;
      await pce.put(profile.href, { managed: true, enforcement_mode: 'full' });
      const workload = { name: 'web', kind: 'Deployment', namespace: 'shop', metadata: { labels: { tier: 'Front' } } };
      await agent.post(`${href}/kubernetes_workloads/bulk_create`, [workload]);
      const [{ labels }] = (await pce.get('/orgs/1/kubernetes_workloads')).body;
      expect(labels).toEqual([{ href: expect.any(String), key: 'role', value: 'Front' }]);
      return true;
    },
  },
  profile_bulk_update: {
    releases: ['24.5', '25.2'],
    async holds(pce) {
      const { href } = (await pce.post(PROFILES, { name: 'bulk' })).body;
      const answer = await pce.put(`${PROFILES}/update`, {
        container_workload_profiles: [{ href }],
        enforcement_mode: 'full',
      });
      const done = answer.status === 204;
      expect((await pce.get(href)).body.enforcement_mode).toBe(done ? 'full' : 'idle');
      if (!done) expect((await pce.put(`${PROFILES}/update`, { managed: false })).status).toBe(404);
      return done;
    },
  },
  profile_label_assign: {
    releases: EARLIEST,
    async holds(pce) {
      expect(await takesOption(pce, { key: 'env', assignment: PRODUCTION })).toBe(true);
      return takesOption(pce, { key: 'env', assign: PRODUCTION });
    },
  },
  profile_label_none: {
    releases: EARLIEST,
    holds: (pce) => takesOption(pce, { key: 'env', assignment: {} }),
  },
  profile_label_restriction_object: {
    releases: EARLIEST,
    async holds(pce) {
      expect(await takesOption(pce, { key: 'env', restriction: [PRODUCTION] })).toBe(true);
      return takesOption(pce, { key: 'env', restriction: PRODUCTION });
    },
  },
  profile_mode_and_log_traffic: {
    releases: EARLIEST,
    async holds(pce) {
      await pce.post(PROFILES, { name: 'full', enforcement_mode: 'full' });
      const rows = async (query: string) => (await pce.get(`${PROFILES}${query}`)).body.length;
      const filters = (await rows('?mode=enforced')) === 1;
      expect(await rows('?mode=enforced')).toBe(filters ? 1 : await rows(''));
      const { href } = (await pce.post(PROFILES, { name: 'older' })).body;
      return same([
        filters,
        await takes(pce, PROFILES, { name: 'x', mode: 'full' }),
        await takes(pce, PROFILES, { name: 'x', log_traffic: true }),
        await takes(pce, href, { mode: 'illuminated' }, 204),
        await takes(pce, href, { log_traffic: false }, 204),
      ]);
    },
  },
  profile_managed_idle_refused: {
    releases: ['24.5', '25.2'],
    async holds(pce) {
      const { href } = (await pce.post(PROFILES, { name: 'idle' })).body;
      const answers = [
        await pce.post(PROFILES, { name: 'x', managed: true, enforcement_mode: 'idle' }),
        await pce.put(href, { managed: true }),
      ];
      const tokens = answers.map(tokenOf);
      return same(tokens.map((token) => token === 'container_workload_profile_invalid_managed_idle'));
    },
  },
  workload_settings_of_vens: {
    releases: ['25.2'],
    async holds(pce) {
      const { body } = await pce.get('/orgs/1/settings/workloads');
      const changed = { ven_uninstall_timeout_hours: [{ scope: [], value: 24 }] };
      return same([
        'workload_disconnected_notification_seconds' in body,
        'ven_uninstall_timeout_hours' in body,
        await takes(pce, '/orgs/1/settings/workloads', changed, 204),
      ]);
    },
  },
  optional_features_of_23: {
    releases: ['23.5', '24.5', '25.2'],
    holds: (pce) =>
      hasFeatures(pce, ['labels_editing_warning_for_enforcement_mode', 'windows_outbound_process_enforcement']),
  },
  optional_features_of_25: {
    releases: ['25.2'],
    holds: (pce) => hasFeatures(pce, ['container_cluster_label_set_based_kubernetes_workload_instructions']),
  },
  label_dimensions: {
    releases: ['23.5', '24.5', '25.2'],
    async holds(pce) {
      const DIMENSIONS = '/orgs/1/label_dimensions';
      const listed = await pce.get(DIMENSIONS);
      const keys = listed.status === 200 ? listed.body.map(({ key }: Json) => key) : [];
      const made = await pce.post(DIMENSIONS, { key: 'os', display_name: 'OS' });
      const { href = `${DIMENSIONS}/8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11` } = made.body;
      const rest = [await pce.get(href), await pce.put(href, { display_name: 'System' })];
      const label = await pce.post('/orgs/1/labels', { key: 'os', value: 'Linux' });
      const profile = await pce.post(PROFILES, { name: 'x', labels: [{ key: 'os', restriction: [] }] });
      const statuses = [listed, made, ...rest, label, profile].map(({ status }) => status);
      const known = made.status === 201;
      expect(statuses).toEqual(known ? [200, 201, 200, 204, 201, 201] : [404, 404, 404, 404, 406, 406]);
      expect(keys).toEqual(known ? ['role', 'app', 'env', 'loc'] : []);
      if (!known) expect([label, profile].map(tokenOf)).toEqual(Array(2).fill('label_key_not_supported'));
      return known;
    },
  },
  pairing_profile_last_key: {
    releases: ['25.2'],
    async holds(pce) {
      const { body } = await pce.post('/orgs/1/pairing_profiles', { enabled: true, name: 'keys' });
      const last = async () => {
        const read = (await pce.get(body.href)).body;
        return [read.last_pairing_key_generated_at, read.last_pairing_key_generated_by];
      };
      const before = await last();
      await pce.post(`${body.href}/pairing_key`);
      const shown = before[0] !== undefined;
      expect(before).toEqual(shown ? [null, null] : [undefined, undefined]);
      expect(await last()).toEqual(shown ? [expect.any(String), { href: '/users/1' }] : before);
      return shown;
    },
  },
  service_risk_details: {
    releases: ['23.5', '24.5', '25.2'],
    async holds(pce) {
      const risk_details = { ransomware: { category: 'admin', severity: 'high', os_platforms: ['windows'] } };
      const services = '/orgs/1/sec_policy/draft/services';
      const made = await takes(pce, services, { name: 'risky', risk_details });
      const { href } = (await pce.post(services, { name: 'plain' })).body;
      const changed = await takes(pce, href, { risk_details }, 204);
      const shown = (await pce.get(href)).body.risk_details;
      expect(shown).toEqual(changed ? risk_details : undefined);
      return same([made, changed]);
    },
  },
  service_accounts_manage_users: {
    releases: ['23.5', '24.5', '25.2'],
    async holds(pce, _agentOf, as) {
      const permissions = [{ role: { href: '/orgs/1/roles/owner' }, scope: [] }];
      const asked = { name: 'a', permissions, api_key: { expires_in_seconds: 60 } };
      const { href, api_key } = (await pce.post('/orgs/1/service_accounts', asked)).body;
      const account = as({ api_key: api_key.auth_username, api_secret: api_key.secret });
      expect((await account.get('/orgs/1/labels')).status).toBe(200);
      const answers = [
        await account.get('/users'),
        await account.get('/users/1'),
        await account.get('/users/1/orgs'),
        await account.get('/orgs/1/api_keys'),
        await account.get('/orgs/1/service_accounts'),
        await account.get(href),
        await account.put(href, { description: 'x' }),
        await account.post(`${href}/api_keys`, { expires_in_seconds: 60 }),
        await account.post('/orgs/1/service_accounts', asked),
        await account.delete(href),
      ];
      for (const { status } of answers.filter(({ status }) => status >= 300)) expect(status).toBe(403);
      return same(answers.map(({ status }) => status < 300));
    },
  },
  label_values_reserved: {
    releases: ['24.5', '25.2'],
    async holds(pce) {
      const answers = [];
      for (const value of ['All Applications', 'All Environments', 'All Locations']) {
        answers.push(await pce.post('/orgs/1/labels', { key: 'app', value }));
      }
      answers.push(await pce.put('/orgs/1/labels/1', { value: 'All Locations' }));
      expect((await pce.post('/orgs/1/labels', { key: 'app', value: 'All Roles' })).status).toBe(201);
      const refused = same(answers.map(({ status }) => status === 406));
      for (const answer of answers) expect(tokenOf(answer)).toBe(refused ? 'label_value_reserved' : undefined);
      return refused;
    },
  },
};

describe('the differences between releases', () => {
  it('all have a check in this file', () => {
    expect(Object.keys(CHECKS).sort()).toEqual(Object.keys(DIFFERENCES).sort());
  });

  it('each set some releases apart from the others', () => {
    for (const { releases } of Object.values(CHECKS)) {
      expect(releases.length).toBeGreaterThan(0);
      expect(releases.length).toBeLessThan(RELEASES.length);
    }
  });
});

describe.each(RELEASES)('PCE %s', (pceVersion) => {
  const test = useEmulator({ world: 'demo', pceVersion });
  const rows = Object.entries(CHECKS).map(([name, check]) => {
    const difference = (DIFFERENCES as Record<string, { what: string }>)[name];
    return { what: difference?.what ?? name, expected: check.releases.includes(pceVersion), check };
  });

  it.each(rows.filter(({ expected }) => expected))('$what', async ({ check }) => {
    expect(await check.holds(test.pce, test.agent, test.as)).toBe(true);
  });

  it.each(rows.filter(({ expected }) => !expected))('not: $what', async ({ check }) => {
    expect(await check.holds(test.pce, test.agent, test.as)).toBe(false);
  });
});

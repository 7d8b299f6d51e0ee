import { type Answer, type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';
import {
  assigned,
  type Cluster,
  clusterOf,
  deployment,
  labelOf,
  names,
  rows,
  succeeded,
  TWO_ORGANISATIONS,
  WORKLOADS,
} from './cluster.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');
const CLAS = { cluster_mode: 'clas', namespaces: ['shop', 'bank'] };
const ANOTHER = 'f'.repeat(64);

describe('the policy of a cluster in CLAS mode', () => {
  let now = START;
  const test = useEmulator({ now: () => now, pceVersion: '25.2', world: TWO_ORGANISATIONS });
  let pce: Client;
  let cluster: Cluster;
  let shop: Json;
  beforeEach(async () => {
    now = START;
    pce = test.pce;
    cluster = await clusterOf(test, { report: CLAS });
    shop = await labelOf(pce, 'app', 'shop');
    await cluster.manage('shop');
    await cluster.workloads(deployment('web'), deployment('db'), deployment('vault', { namespace: 'bank' }));
  });
  const policies = async (query = ''): Promise<Json> =>
    succeeded(await cluster.agent.get(`${cluster.href}/policies${query}`)).body;
  const digest = async (): Promise<string> => (await policies()).security_policy_set_digest;
  const say = (what: string, security_policy_set_digest: unknown): Promise<Answer> =>
    cluster.agent.put(`${cluster.href}/security_policy_${what}`, { security_policy_set_digest });
  /** What a diligent agent does. */
  const enforce = async () => {
    const present = await digest();
    expect((await say('acks', present)).status).toBe(204);
    const answer = await say('applied', present);
    expect([answer.status, answer.text]).toEqual([200, '']);
  };
  const states = async () =>
    (await rows(pce, WORKLOADS)).map((one) => [one.security_policy_sync_state, one.security_policy_applied_at]);

  it('is that of all workloads that are shown', async () => {
    await cluster.configure('shop', { labels: [assigned(shop)] });
    expect(await policies()).toEqual({
      security_policy_set_digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      up_to_date: false,
      workloads: (await rows(pce, WORKLOADS)).map(
        ({ href, name, kind, namespace, labels, enforcement_mode, visibility_level }) => {
          return { href, name, kind, namespace, labels, enforcement_mode, visibility_level };
        },
      ),
    });
    expect(names((await policies()).workloads)).toEqual(['web', 'db']);
  });

  it('has another digest after each change that matters, and the old one when it is taken back', async () => {
    const seen = [await digest()];
    const step = async (change: Json) => {
      await cluster.configure('shop', change);
      const present = await digest();
      expect(seen).not.toContain(present);
      seen.push(present);
    };
    await step({ labels: [assigned(shop)] });
    await step({ enforcement_mode: 'full' });
    await step({ visibility_level: 'flow_drops' });
    await step({ managed: false });
    await cluster.configure('shop', {
      managed: true,
      labels: [],
      enforcement_mode: 'visibility_only',
      visibility_level: 'flow_summary',
    });
    expect(await digest()).toBe(seen[0]);
    await cluster.workloads(deployment('mail'));
    expect(seen).not.toContain(await digest());
  });

  it('keeps its digest when only a name or a value changes, or nothing', async () => {
    await cluster.configure('shop', { labels: [assigned(shop)] });
    const before = await digest();
    await pce.put(cluster.href, { name: 'prod' });
    await pce.put(shop.href, { value: 'store' });
    await cluster.report(CLAS);
    expect(await digest()).toBe(before);
  });

  it('is sent until it is acknowledged, then only by force', async () => {
    const { security_policy_set_digest, workloads } = await policies();
    expect(await policies()).toMatchObject({ up_to_date: false, workloads });
    await say('acks', security_policy_set_digest);
    expect(await policies()).toEqual({ security_policy_set_digest, up_to_date: true, workloads: [] });
    expect(await policies('?force=false')).toMatchObject({ workloads: [] });
    expect(await policies('?force=true')).toEqual({ security_policy_set_digest, up_to_date: true, workloads });
    await cluster.configure('shop', { enforcement_mode: 'full' });
    expect((await policies()).up_to_date).toBe(false);
    expect((await policies()).workloads).toHaveLength(2);
  });

  it('is told of when it is acknowledged, from which to which', async () => {
    const first = await digest();
    await say('acks', first);
    await say('acks', ANOTHER);
    const type = 'container_cluster.security_policy_acks';
    const [second, one] = await rows(pce, `/orgs/1/events?event_type=${type}`);
    const resource = { container_cluster: { href: cluster.href, name: 'k8s' } };
    const change = (before: string | null, after: string) => [
      {
        uuid: expect.any(String),
        resource,
        changes: { security_policy_set_digest: { before, after } },
        change_type: 'update',
      },
    ];
    expect(one.resource_changes).toEqual(change(null, first));
    expect(second.resource_changes).toEqual(change(first, ANOTHER));
    expect(second.action).toMatchObject({ api_method: 'PUT', http_status_code: 204 });
  });

  it('is in force once it is acknowledged and applied, until something changes', async () => {
    expect(await states()).toEqual([
      ['syncing', null],
      ['syncing', null],
    ]);
    now += 1000;
    await enforce();
    const at = '2026-03-01T08:00:01.000Z';
    expect(await states()).toEqual([
      ['applied', at],
      ['applied', at],
    ]);
    await cluster.configure('shop', { labels: [assigned(shop)] });
    expect(await states()).toEqual([
      ['syncing', at],
      ['syncing', at],
    ]);
    now += 1000;
    await enforce();
    expect(await states()).toEqual(Array(2).fill(['applied', '2026-03-01T08:00:02.000Z']));
    const applied = await rows(pce, '/orgs/1/events?event_type=container_cluster.security_policy_applied');
    expect(applied.map(({ action, resource_changes }) => [action.http_status_code, resource_changes])).toEqual([
      [200, []],
      [200, []],
    ]);
  });

  it('is not in force for workloads that came after it, and stays so for the others', async () => {
    await enforce();
    await cluster.manage('bank');
    expect((await states()).map(([state]) => state).sort()).toEqual(['applied', 'applied', 'syncing']);
    await enforce();
    expect((await states()).map(([state]) => state)).toEqual(['applied', 'applied', 'applied']);
  });

  it('is not in force when it was not acknowledged, or when another was', async () => {
    const first = await digest();
    await say('applied', first);
    expect((await states()).map(([state]) => state)).toEqual(['syncing', 'syncing']);
    await say('acks', first);
    await cluster.configure('shop', { enforcement_mode: 'full' });
    await say('applied', first);
    expect((await states()).map(([state]) => state)).toEqual(['syncing', 'syncing']);
    await say('acks', ANOTHER);
    await say('applied', ANOTHER);
    expect((await states()).map(([state]) => state)).toEqual(['syncing', 'syncing']);
    await enforce();
    expect((await states()).map(([state]) => state)).toEqual(['applied', 'applied']);
  });

  it('can be asked for by whether and when it was applied', async () => {
    now += 1000;
    await enforce();
    await cluster.manage('bank');
    now += 1000;
    const asked = async (query: string) => names(await rows(pce, `${WORKLOADS}?${query}`));
    expect(await asked('security_policy_sync_state=applied')).toEqual(['web', 'db']);
    expect(await asked('security_policy_sync_state=syncing')).toEqual(['vault']);
    const from = (moment: string) => `security_policy_applied_at[gte]=${encodeURIComponent(moment)}`;
    const to = (moment: string) => `security_policy_applied_at[lte]=${encodeURIComponent(moment)}`;
    const both = ['web', 'db'];
    expect(await asked(from('2026-03-01T08:00:01.000Z'))).toEqual(both);
    expect(await asked(from('2026-03-01T08:00:01.001Z'))).toEqual([]);
    expect(await asked(to('2026-03-01T08:00:01.000Z'))).toEqual(both);
    expect(await asked(to('2026-03-01T08:00:00.999Z'))).toEqual([]);
    expect(await asked(`${from('2026-03-01T08:00:00.000Z')}&${to('2026-03-01T08:00:02.000Z')}`)).toEqual(both);
    for (const moment of ['2026-03-01', 'yesterday']) {
      const answer = await pce.get(`${WORKLOADS}?${from(moment)}`);
      expect([answer.status, tokenOf(answer)]).toEqual([406, 'input_validation_error']);
    }
  });

  it.each(['2026-03-01T08:00:00Z', '2026-03-01T09:00:00+01:00'])(
    'can be asked for by a moment like %s',
    async (moment) => {
      await enforce();
      for (const bound of ['gte', 'lte']) {
        const query = `security_policy_applied_at[${bound}]=${encodeURIComponent(moment)}`;
        expect([bound, names(await rows(pce, `${WORKLOADS}?${query}`))]).toEqual([bound, ['web', 'db']]);
      }
    },
  );

  it.each([[''], ['new-digest'], [null], ['F'.repeat(64)]])('has no digest like %j', async (wrong) => {
    for (const what of ['acks', 'applied']) expect((await say(what, wrong)).status).toBe(406);
    expect(await rows(pce, '/orgs/1/events?event_type=container_cluster.security_policy_acks')).toEqual([]);
  });

  it("is no other cluster's business", async () => {
    const other = await clusterOf(test, { name: 'other', report: CLAS });
    await other.manage('shop');
    await other.workloads(deployment('web'));
    expect((await other.agent.get(`${cluster.href}/policies`)).status).toBe(403);
    expect((await pce.get(`${cluster.href}/policies`)).status).toBe(403);
    await enforce();
    const [mine] = await rows(
      pce,
      `${WORKLOADS}?container_clusters=${encodeURIComponent(JSON.stringify([other.href]))}`,
    );
    expect(mine.security_policy_sync_state).toBe('syncing');
    expect((await other.agent.get(`${other.href}/policies`)).body.up_to_date).toBe(false);
  });
});

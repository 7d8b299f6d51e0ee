import { type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';
import {
  annotated,
  type Cluster,
  clusterOf,
  deployment,
  eventTypes,
  labelOf,
  names,
  pod,
  rows,
  service,
  succeeded,
  TWO_ORGANISATIONS,
} from './cluster.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');
const ALL = '/orgs/1/events';

describe('events', () => {
  let now = START;
  const test = useEmulator({ now: () => now, pceVersion: '25.2', world: TWO_ORGANISATIONS });
  let pce: Client;
  beforeEach(() => {
    now = START;
    pce = test.pce;
  });
  const typesOf = (list: Json[]) => list.map(({ event_type }) => event_type);
  const asked = async (query: string) => typesOf(await rows(pce, `${ALL}?${query}`));
  const at = (parameter: string, moment: string) => `timestamp[${parameter}]=${encodeURIComponent(moment)}`;

  it('have the shape of those that were captured on a PCE', async () => {
    const cluster = await clusterOf(test, { report: { cluster_mode: 'clas' } });
    const { body } = await cluster.agent.get(`${cluster.href}/policies`);
    const { security_policy_set_digest } = body;
    for (const what of ['acks', 'applied']) {
      succeeded(await cluster.agent.put(`${cluster.href}/security_policy_${what}`, { security_policy_set_digest }));
    }
    const [applied, acks] = await rows(pce, ALL);
    const common = {
      href: expect.stringMatching(/^\/orgs\/1\/events\/[0-9a-f-]{36}$/),
      timestamp: '2026-03-01T08:00:00.000Z',
      pce_fqdn: expect.any(String),
      created_by: { container_cluster: { href: cluster.href, name: 'k8s' } },
      status: 'success',
      severity: 'info',
      notifications: [],
    };
    const action = (what: string, http_status_code: number) => ({
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      api_endpoint: `/api/v2${cluster.href}/${what}`,
      api_method: 'PUT',
      http_status_code,
      src_ip: expect.any(String),
    });
    expect(applied).toEqual({
      ...common,
      event_type: 'container_cluster.security_policy_applied',
      action: action('security_policy_applied', 200),
      resource_changes: [],
    });
    expect(acks).toMatchObject({
      ...common,
      event_type: 'container_cluster.security_policy_acks',
      action: action('security_policy_acks', 204),
    });
    expect(Object.keys(acks?.resource_changes[0]).sort()).toEqual(['change_type', 'changes', 'resource', 'uuid']);
    expect((await pce.get(applied?.href)).body).toEqual(applied);
  });

  it('of users tell who they are, by which key, and what changed', async () => {
    const cluster = await clusterOf(test);
    await pce.put(cluster.href, { name: 'prod' });
    await pce.delete(cluster.href);
    const [deleted, changed, made] = await rows(pce, ALL);
    for (const event of [deleted, changed, made]) {
      expect(event.created_by).toEqual({ user: { href: '/users/1', username: expect.any(String) } });
      expect(event.action.info.api_key_id).toBe(test.emulator.credentials.api_key.replace('api_', ''));
    }
    expect(made).toMatchObject({
      action: { api_method: 'POST', http_status_code: 201, api_endpoint: '/api/v2/orgs/1/container_clusters' },
      resource_changes: [{ change_type: 'create', changes: { name: { before: null, after: 'k8s' } } }],
    });
    expect(changed.resource_changes).toEqual([
      {
        uuid: expect.any(String),
        resource: { container_cluster: { href: cluster.href, name: 'prod' } },
        changes: { name: { before: 'k8s', after: 'prod' } },
        change_type: 'update',
      },
    ]);
    expect(deleted).toMatchObject({
      event_type: 'container_cluster.delete',
      resource_changes: [{ change_type: 'delete', changes: { name: { before: 'prod', after: null } } }],
    });
    expect(JSON.stringify([deleted, changed, made])).not.toContain('token');
  });

  it('come the latest first, also of one moment, and are cut at max_results', async () => {
    for (const value of ['a', 'b', 'c']) await labelOf(pce, 'app', value);
    now += 1000;
    await labelOf(pce, 'app', 'd');
    const told = (list: Json[]) => list.map(({ resource_changes: [only] }) => only.resource.label.value);
    expect(told(await rows(pce, ALL))).toEqual(['d', 'c', 'b', 'a']);
    const cut = await pce.get(`${ALL}?max_results=2`);
    expect([told(cut.body), cut.headers['x-total-count']]).toEqual([['d', 'c'], '4']);
    expect((await pce.get(`${ALL}?max_results=0`)).body).toEqual([]);
  });

  it('can be asked for by who, what, how bad and how it ended', async () => {
    const nodes = [{ name: 'worker-1', machine_id: 'aaa' }];
    const first = await clusterOf(test, { name: 'first', report: { nodes, namespaces: ['shop'] } });
    const second = await clusterOf(test, { name: 'second', report: { nodes } });
    await first.services([]);
    const duplicate = 'container_cluster.duplicate_machine_id';
    expect(await asked('event_type=container_cluster.create')).toHaveLength(2);
    expect(await asked(`created_by=${first.href}`)).toEqual([
      'container_cluster.update_services',
      'container_workload_profile.create',
    ]);
    expect(await asked(`created_by=${second.href}`)).toEqual([]);
    expect(await asked('created_by=/users/1')).toEqual(['container_cluster.create', 'container_cluster.create']);
    expect(await asked('created_by=system')).toEqual([duplicate, duplicate]);
    expect(await asked('severity=err')).toEqual([duplicate, duplicate]);
    expect(await asked('severity=info&event_type=label.create')).toEqual([]);
    expect(await asked('status=failure')).toEqual([]);
    expect([...(await asked('status=success')), ...(await asked('status=nil'))]).toHaveLength(6);
    expect(await asked('created_by=/users/2')).toEqual([]);
    for (const query of ['severity=bad', 'status=ok', at('gte', '2026-03-01'), at('lte', 'now'), 'max_results=-1']) {
      const answer = await pce.get(`${ALL}?${query}`);
      expect([query, answer.status, tokenOf(answer)]).toEqual([query, 406, 'input_validation_error']);
    }
  });

  it('can be asked for by when', async () => {
    const made: string[] = [];
    for (const value of ['a', 'b', 'c']) {
      await labelOf(pce, 'app', value);
      made.push(new Date(now).toISOString());
      now += 1000;
    }
    const [first = '', second = '', third = ''] = made;
    const count = async (...query: string[]) => (await asked(query.join('&'))).length;
    expect(await count(at('gte', second))).toBe(2);
    expect(await count(at('lte', second))).toBe(2);
    expect(await count(at('gte', second), at('lte', second))).toBe(1);
    expect(await count(at('gte', third), at('lte', first))).toBe(0);
  });

  it.each([
    ['without milliseconds', '2026-03-01T08:00:01Z'],
    ['of another zone', '2026-03-01T09:00:01+01:00'],
    ['of a zone behind, on another day', '2026-02-28T23:00:01.000-09:00'],
    ['with microseconds', '2026-03-01T08:00:01.000000Z'],
  ])('can be asked for by a moment %s', async (_what, moment) => {
    for (const value of ['a', 'b', 'c']) {
      await labelOf(pce, 'app', value);
      now += 1000;
    }
    expect(await asked(at('gte', moment))).toHaveLength(2);
    expect(await asked(at('lte', moment))).toHaveLength(2);
  });

  it('are not left by reads, heartbeats or requests that are refused', async () => {
    const cluster = await clusterOf(test, { report: { cluster_mode: 'clas', namespaces: ['shop'] } });
    const before = await eventTypes(pce);
    const { agent, href } = cluster;
    await cluster.report({});
    await agent.get(`${href}/policies`);
    const refused = [
      await pce.post('/orgs/1/labels', { key: 'app' }),
      await pce.put(href, { online: true }),
      await pce.delete((await cluster.profile('shop')).href),
      await agent.put(`${href}/services`, {}),
      await agent.put(`${href}/services/delete`, [{}]),
      await agent.put(`${href}/label_map`, {}),
      await agent.post(`${href}/kubernetes_workloads/bulk_create`, []),
      await agent.put(`${href}/kubernetes_workloads/bulk_update`, [{ href }]),
      await agent.put(`${href}/security_policy_acks`, {}),
      await agent.delete(href),
      await test.with({}).delete(href),
    ];
    expect(refused.filter(({ status }) => status < 400)).toEqual([]);
    expect(await eventTypes(pce)).toEqual(before);
  });

  it('tell of each report of an agent, and of what the PCE makes of it', async () => {
    const cluster: Cluster = await clusterOf(test, { report: { namespaces: ['shop'] } });
    await cluster.manage('shop');
    const before = (await eventTypes(pce)).length;
    await cluster.services([service('web', annotated('role', 'Web'))]);
    await cluster.pods([pod('a', annotated('role', 'Web'))]);
    await labelOf(pce, 'role', 'Web');
    await cluster.agent.put(`${cluster.href}/label_map`, []);
    await cluster.report({ cluster_mode: 'clas' });
    const [href = ''] = await cluster.workloads(deployment('web'));
    await cluster.agent.put(`${cluster.href}/kubernetes_workloads/bulk_update`, [{ href }]);
    const told = (await rows(pce, ALL)).reverse().slice(before);
    expect(typesOf(told)).toEqual([
      'container_cluster.update_services',
      'system_task.provision_container_cluster_services',
      'label.create',
      'system_task.provision_container_cluster_services',
      'container_workload.update',
      'container_cluster.update_label_map',
      'system_task.provision_container_cluster_services',
      'container_cluster.kubernetes_workloads_bulk_create',
      'container_cluster.kubernetes_workloads_bulk_update',
    ]);
    const [, task] = told;
    expect(task).toMatchObject({
      created_by: { system: {} },
      action: { api_endpoint: null, api_method: null, http_status_code: null, src_ip: null },
      resource_changes: [{ change_type: 'create', resource: { virtual_service: { name: 'web-k8s-shop' } } }],
    });
    expect(names([task.resource_changes[0].resource.virtual_service])).toEqual(['web-k8s-shop']);
  });

  it('are of one organisation, and for its users', async () => {
    const foreign = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    const cluster = await clusterOf(test, { report: { namespaces: ['shop'] } });
    const [event] = await rows(pce, ALL);
    expect(await rows(foreign, '/orgs/2/events')).toEqual([]);
    expect((await foreign.get(event?.href)).status).toBe(403);
    expect((await foreign.get(event?.href.replace('/orgs/1/', '/orgs/2/'))).status).toBe(404);
    expect((await cluster.agent.get(ALL)).status).toBe(403);
    await labelOf(foreign, 'app', 'shop', '/orgs/2');
    expect(await eventTypes(foreign, '/orgs/2')).toEqual(['label.create']);
    expect(await asked('event_type=label.create')).toEqual([]);
  });
});

import { type Client, type Json, useEmulator } from '../support/emulator.ts';
import {
  ACTIVES,
  allowed,
  annotated,
  assigned,
  type Cluster,
  clusterOf,
  DRAFTS,
  deployment,
  hrefs,
  labelOf,
  PODS,
  pod,
  rows,
  service,
  WORKLOADS,
} from './cluster.ts';

describe('why something has the labels that it has', () => {
  const test = useEmulator({ pceVersion: '24.5' });
  let pce: Client;
  let control: Client;
  let cluster: Cluster;
  beforeEach(async () => {
    [pce, control] = [test.pce, test.control];
    cluster = await clusterOf(test, { pce, control, report: { namespaces: ['shop', 'bank', 'dark'] } });
    await cluster.manage('shop');
  });
  const explain = (href: string) => control.get(`/explain?workload=${href}`);
  const why = async (href: string): Promise<Json> => (await explain(href)).body;
  const onlyPod = async (): Promise<string> => hrefs(await rows(pce, PODS))[0] ?? '';
  /** The decision on one key of the only pod, in short. */
  const decision = async (key = 'role') => {
    const { labels } = await why(await onlyPod());
    const found = labels.find((one: Json) => one.key === key);
    return (
      found && [found.rule, found.label?.value ?? null, found.refused.map(({ value, rule }: Json) => [value, rule])]
    );
  };
  const map = (...entries: [from: string, allow_create?: boolean][]) => {
    const mappings = entries.map(([from_key, allow_create = false]) => {
      return { from_key, to_key: 'role', allow_create, values_map: [] };
    });
    return cluster.agent.put(`${cluster.href}/label_map`, mappings);
  };

  it('is told in the rules of the profile', async () => {
    const [web, db] = [await labelOf(pce, 'role', 'Web'), await labelOf(pce, 'role', 'DB')];
    const none = { key: 'role', assignment: {} };
    const any = { key: 'role', restriction: [] };
    const cases: [Json[], string | undefined, Json][] = [
      [[assigned(web)], undefined, ['R2', 'Web', []]],
      [[assigned(web)], 'Web', ['R2', 'Web', []]],
      [[assigned(web)], 'DB', ['R4', 'Web', [['DB', 'R4']]]],
      [[allowed('role', web, db)], 'DB', ['R5', 'DB', []]],
      [[allowed('role', web)], 'DB', ['R8', null, [['DB', 'R8']]]],
      [[allowed('role', web)], undefined, ['R9', null, []]],
      [[none], 'Web', ['R3', null, [['Web', 'R3']]]],
      [[none], undefined, ['R3', null, []]],
      [[any], 'Web', ['R6', 'Web', []]],
      [[any], 'Mail', ['R7', null, [['Mail', 'R7']]]],
      [[any], undefined, ['R10', null, []]],
      [[], 'Web', ['R6', 'Web', []]],
      [[], 'web', ['R7', null, [['web', 'R7']]]],
      [[], undefined, undefined],
    ];
    for (const [labels, annotation, expected] of cases) {
      await cluster.configure('shop', { labels });
      await cluster.pods([pod('a', annotation === undefined ? {} : annotated('role', annotation))]);
      expect([labels, annotation, await decision()]).toEqual([labels, annotation, expected]);
    }
  });

  it('is told in the rules of the label map', async () => {
    await labelOf(pce, 'role', 'Web');
    await labelOf(pce, 'role', 'DB');
    await map(['tier'], ['layer'], ['make', true]);
    const cases: [Json, Json][] = [
      [{ labels: { tier: 'Web' } }, ['R11', 'Web', []]],
      [{ labels: { tier: 'Web' }, ...annotated('role', 'DB') }, ['R11', 'Web', [['DB', 'R11']]]],
      [{ labels: { tier: 'Web', layer: 'DB' } }, ['R11', 'Web', [['DB', 'R14']]]],
      [{ labels: { tier: 'Mail', layer: 'DB' } }, ['R11', 'DB', [['Mail', 'R11']]]],
      [{ labels: { tier: 'Mail' } }, ['R10', null, [['Mail', 'R11']]]],
      [{ labels: { tier: 'Mail' }, ...annotated('role', 'Web') }, ['R6', 'Web', [['Mail', 'R11']]]],
      [{ labels: { make: 'New' } }, ['R11', 'New', []]],
    ];
    for (const [more, expected] of cases) {
      await cluster.pods([pod('a', more)]);
      expect([more, await decision()]).toEqual([more, expected]);
    }
  });

  it('comes with a sentence for each rule, and agrees with what the PCE shows', async () => {
    const shop = await labelOf(pce, 'app', 'shop');
    await cluster.configure('shop', { labels: [assigned(shop)], name: 'Our shop' });
    await cluster.pods([
      pod('a', { annotations: { 'com.illumio.app': 'bank', 'com.illumio.role': 'Web', other: 'x' } }),
    ]);
    const href = await onlyPod();
    const profile = await cluster.profile('shop');
    expect(await why(href)).toEqual({
      workload: href,
      name: 'a',
      namespace: 'shop',
      container_cluster: { href: cluster.href, name: 'k8s' },
      container_workload_profile: { href: profile.href, managed: true, linked: true },
      shown: true,
      labels: [
        {
          key: 'app',
          rule: 'R4',
          because: expect.stringContaining('wins over an annotation'),
          label: { href: shop.href, value: 'shop' },
          refused: [{ value: 'bank', source: 'annotation', rule: 'R4', because: expect.any(String) }],
        },
        {
          key: 'role',
          rule: 'R7',
          because: expect.stringContaining('no label'),
          label: null,
          refused: [{ value: 'Web', source: 'annotation', rule: 'R7', because: expect.any(String) }],
        },
      ],
    });
  });

  it('is told of virtual services, by the href of either version, and of Kubernetes workloads', async () => {
    await labelOf(pce, 'role', 'Web');
    await cluster.services([service('web', { service_type: 'NodePort', ...annotated('role', 'Web') })]);
    const [draft] = await rows(pce, DRAFTS);
    const [active] = await rows(pce, ACTIVES);
    const answer = await why(draft?.href);
    expect(answer).toMatchObject({ workload: draft?.href, name: 'web', shown: true, labels: [{ rule: 'R6' }] });
    expect(await why(active?.href)).toEqual(answer);
    await cluster.report({ cluster_mode: 'clas' });
    await cluster.workloads(deployment('web', { metadata: annotated('role', 'Web') }));
    const [workload] = await rows(pce, WORKLOADS);
    expect(await why(workload?.href)).toMatchObject({ name: 'web', shown: true, labels: [{ rule: 'R6' }] });
  });

  describe('of what is hidden', () => {
    const hidden = async (href: string) => {
      const { shown, rule, because, labels } = await why(href);
      expect([shown, labels, typeof because]).toEqual([false, [], 'string']);
      return rule ?? because;
    };

    it('is that its namespace is not managed (R1), is gone, or was never there', async () => {
      await cluster.pods([pod('a', annotated('role', 'Web'))]);
      const href = await onlyPod();
      await cluster.configure('shop', { managed: false });
      expect(await hidden(href)).toBe('R1');
      await cluster.manage('shop');
      await cluster.report({ namespaces: ['bank'] });
      expect(await hidden(href)).toMatch(/is gone/);
      await pce.delete((await cluster.profile('shop')).href);
      expect(await hidden(href)).toMatch(/not reported its namespace/);
      expect((await why(href)).container_workload_profile).toBeNull();
      await cluster.report({ namespaces: ['shop'] });
      expect(await hidden(href)).toBe('R1');
    });

    it("is that the pod is in its host's network (R12)", async () => {
      await cluster.pods([pod('a')]);
      const href = await onlyPod();
      await cluster.pods([pod('a', { host_network: true })]);
      expect(await hidden(href)).toBe('R12');
    });

    it('is the mode of the cluster', async () => {
      await cluster.pods([pod('a')]);
      await cluster.services([service('inner')]);
      const [a, inner] = [await onlyPod(), hrefs(await rows(pce, DRAFTS))[0] ?? ''];
      await cluster.report({ cluster_mode: 'clas' });
      const [web = ''] = await cluster.workloads(deployment('web'));
      expect(await hidden(a)).toMatch(/CLAS/);
      expect(await hidden(inner)).toMatch(/CLAS/);
      expect((await why(web)).shown).toBe(true);
      await cluster.report({ cluster_mode: 'legacy' });
      expect(await hidden(web)).toMatch(/CLAS/);
      expect((await why(a)).shown).toBe(true);
    });

    it('is that a service has no ports', async () => {
      await cluster.services([service('web')]);
      const [href = ''] = hrefs(await rows(pce, DRAFTS));
      await cluster.services([service('web', { service_ports: [] })]);
      expect(await hidden(href)).toMatch(/without ports/);
    });
  });

  it('is not told of what nobody has reported, or no longer', async () => {
    await cluster.pods([pod('a')]);
    const href = await onlyPod();
    await cluster.pods([]);
    for (const unknown of [href, cluster.href, '/orgs/1/container_workloads/x', '/nowhere']) {
      const answer = await explain(unknown);
      expect([unknown, answer.status, answer.body.token]).toEqual([unknown, 404, 'not_found']);
    }
    for (const path of ['/explain', '/explain?workload=', '/explain?workload=web', '/explain?pod=/x']) {
      expect([path, (await control.get(path)).status]).toEqual([path, 400]);
    }
  });
});

import { type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';
import {
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
  succeeded,
  values,
  WORKLOADS,
} from './cluster.ts';

const DIMENSIONS = '/orgs/1/label_dimensions';

describe('a label key of the user', () => {
  const test = useEmulator({ pceVersion: '24.5' });
  let pce: Client;
  let cluster: Cluster;
  beforeEach(async () => {
    pce = test.pce;
    cluster = await clusterOf(test, { report: { namespaces: ['shop'] } });
    await cluster.manage('shop');
  });
  const dimension = async (key = 'os'): Promise<Json> =>
    succeeded(await pce.post(DIMENSIONS, { key, display_name: key })).body;
  const labelsOf = async (path = PODS) => (await rows(pce, path)).map(values);
  const map = (to_key: string) =>
    cluster.agent.put(`${cluster.href}/label_map`, [{ from_key: 'os', to_key, allow_create: true, values_map: [] }]);
  const allLabels = async () => (await rows(pce, '/orgs/1/labels')).map(({ key, value }) => `${key}=${value}`);

  it('goes from its dimension to the pods that are annotated with it', async () => {
    await dimension();
    const linux = await labelOf(pce, 'os', 'Linux');
    await cluster.configure('shop', { labels: [allowed('os', linux)] });
    await cluster.pods([pod('a', annotated('os', 'Linux')), pod('b', annotated('os', 'BSD')), pod('c')]);
    expect((await rows(pce, PODS)).map(({ labels }) => labels)).toEqual([
      [{ href: linux.href, key: 'os', value: 'Linux' }],
      [],
      [],
    ]);
    const [found] = await rows(pce, `${PODS}?labels=${JSON.stringify([[linux.href]])}`);
    expect(found?.name).toBe('a');
    expect(tokenOf(await pce.delete(linux.href))).toMatch(/^label_still_has_associated_/);
    expect((await pce.get(linux.href)).body.key).toBe('os');
  });

  it.each([
    ['assigned', (label: Json) => assigned(label), [['Linux'], ['Linux']]],
    ['allowed', (label: Json) => allowed('os', label), [['Linux'], []]],
    ['none', () => ({ key: 'os', assignment: {} }), [[], []]],
    ['any', () => ({ key: 'os', restriction: [] }), [['Linux'], ['BSD']]],
  ])('may be %s in a profile, for pods and services alike', async (_how, option, expected) => {
    await dimension();
    const linux = await labelOf(pce, 'os', 'Linux');
    await labelOf(pce, 'os', 'BSD');
    await cluster.configure('shop', { labels: [option(linux)] });
    await cluster.pods([pod('a', annotated('os', 'Linux')), pod('b', annotated('os', 'BSD'))]);
    await cluster.services([service('a', annotated('os', 'Linux')), service('b', annotated('os', 'BSD'))]);
    expect([await labelsOf(), await labelsOf(DRAFTS)]).toEqual([expected, expected]);
    expect((await cluster.profile('shop')).labels).toMatchObject([{ key: 'os' }]);
  });

  it('may be on a Kubernetes workload, beside the built-in ones', async () => {
    await dimension();
    await labelOf(pce, 'os', 'Linux');
    await labelOf(pce, 'app', 'shop');
    await cluster.report({ cluster_mode: 'clas' });
    const annotations = { 'com.illumio.os': 'Linux', 'com.illumio.app': 'shop', 'com.illumio.none': 'Linux' };
    await cluster.workloads(deployment('web', { metadata: { annotations } }));
    const [workload] = await rows(pce, WORKLOADS);
    expect(workload?.labels.map(({ key, value }: Json) => [key, value])).toEqual([
      ['app', 'shop'],
      ['os', 'Linux'],
    ]);
  });

  it('may be on the nodes, by a pairing profile', async () => {
    await dimension();
    const linux = await labelOf(pce, 'os', 'Linux');
    const profile = { enabled: true, name: 'nodes', labels: [{ href: linux.href }] };
    expect((await pce.post('/orgs/1/pairing_profiles', profile)).body.labels).toEqual([{ href: linux.href }]);
  });

  it('is refused in profiles and labels without its dimension, whoever has one', async () => {
    await dimension('zone');
    const refused = [
      await pce.post('/orgs/1/labels', { key: 'os', value: 'Linux' }),
      await pce.put((await cluster.profile('shop')).href, { labels: [{ key: 'os', restriction: [] }] }),
    ];
    for (const answer of refused) expect([answer.status, tokenOf(answer)]).toEqual([406, 'label_key_not_supported']);
    expect((await cluster.profile('shop')).labels).toEqual([]);
  });

  it('takes the labels of no other key', async () => {
    await dimension();
    const app = await labelOf(pce, 'app', 'Linux');
    const answer = await pce.put((await cluster.profile('shop')).href, { labels: [allowed('os', app)] });
    expect([answer.status, tokenOf(answer)]).toEqual([406, 'invalid_label_href']);
  });

  it('has labels made by a label map, once it has a dimension', async () => {
    await map('os');
    await cluster.pods([pod('a', { labels: { os: 'Linux' } })]);
    expect([await allLabels(), await labelsOf()]).toEqual([[], [[]]]);
    const os = await dimension();
    expect([await allLabels(), await labelsOf()]).toEqual([['os=Linux'], [['Linux']]]);
    expect(tokenOf(await pce.delete(os.href))).toBe('label_dimension_still_has_associated_labels');
  });

  it('has no labels made for another one that begins like it', async () => {
    await map('osx');
    await cluster.pods([pod('a', { labels: { os: 'Linux' } })]);
    await dimension('os');
    await dimension('s');
    expect(await allLabels()).toEqual([]);
    await dimension('osx');
    expect(await allLabels()).toEqual(['osx=Linux']);
  });

  it('is explained as the others are', async () => {
    await dimension();
    await labelOf(pce, 'os', 'Linux');
    await cluster.pods([pod('a', annotated('os', 'Linux'))]);
    const [workload] = hrefs(await rows(pce, PODS));
    const { body } = await test.control.get(`/explain?workload=${workload}`);
    expect(body.labels).toMatchObject([{ key: 'os', rule: 'R6', label: { value: 'Linux' } }]);
  });
});

import { type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';
import {
  ACTIVES,
  annotated,
  BINDINGS,
  type Cluster,
  clusterOf,
  DRAFTS,
  deployment,
  hrefs,
  json,
  labelOf,
  names,
  PODS,
  pod,
  rows,
  service,
  TWO_ORGANISATIONS,
  WORKLOADS,
} from './cluster.ts';

const NAMESPACES = { namespaces: ['shop', 'workshop', 'bank'] };
const WEB = { kind: 'replicasethash', name: '58687784f9' };
const NOBODY = '/orgs/1/container_clusters/00000000-0000-4000-8000-000000000000';

const labelled = (...pairs: [string, string][]): Json => ({
  annotations: Object.fromEntries(pairs.map(([key, value]) => [`com.illumio.${key}`, value])),
});

describe('what is shown of clusters', () => {
  const test = useEmulator({ pceVersion: '25.2', world: TWO_ORGANISATIONS });
  let pce: Client;
  let one: Cluster;
  let two: Cluster;
  let web: Json;
  let prod: Json;
  beforeEach(async () => {
    pce = test.pce;
    [web, prod] = [await labelOf(pce, 'role', 'Web'), await labelOf(pce, 'env', 'prod')];
    one = await clusterOf(test, { name: 'one', pce, report: NAMESPACES });
    two = await clusterOf(test, { name: 'two', pce, report: NAMESPACES });
    for (const cluster of [one, two]) {
      await cluster.manage('shop');
      await cluster.manage('workshop', { enforcement_mode: 'full', visibility_level: 'flow_drops' });
    }
  });

  /** Checks which names each query gives. */
  const expectNames = async (path: string, expected: Readonly<Record<string, string[]>>) => {
    for (const [query, wanted] of Object.entries(expected)) {
      expect([query, names(await rows(pce, `${path}?${query}`))]).toEqual([query, wanted]);
    }
  };
  const expectRefused = async (path: string, ...queries: string[]) => {
    for (const query of queries) {
      const answer = await pce.get(`${path}?${query}`);
      expect([query, answer.status, tokenOf(answer)]).toEqual([query, 406, 'input_validation_error']);
    }
  };
  /** Filters that are of all lists with labels and of all workloads. */
  const byLabels = (): Record<string, string[]> => ({
    [`labels=${json([[web.href]])}`]: ['a', 'b'],
    [`labels=${json([[web.href, prod.href]])}`]: ['b'],
    [`labels=${json([web.href, prod.href])}`]: ['b'],
    [`labels=${json([[web.href], [prod.href]])}`]: ['a', 'b', 'c'],
    [`labels=${json(['/orgs/1/labels/999'])}`]: [],
    [`labels=${json([[web.href]])}&name=a`]: ['a'],
  });
  const byPlace = (): Record<string, string[]> => ({
    '': ['a', 'b', 'c', 'd'],
    'name=B': ['b'],
    'name=x': [],
    'namespace=shop': ['a', 'b', 'c', 'd'],
    'namespace=work': ['c'],
    'enforcement_mode=full': ['c'],
    'enforcement_mode=idle': [],
    'visibility_level=flow_drops': ['c'],
    'visibility_level=flow_summary': ['a', 'b', 'd'],
    [`container_clusters=${json([two.href])}`]: ['d'],
    [`container_clusters=${json([one.href, two.href])}`]: ['a', 'b', 'c', 'd'],
    [`container_clusters=${json([NOBODY])}`]: [],
    [`container_clusters=${json([])}`]: [],
    'max_results=2': ['a', 'b'],
    'unknown=x': ['a', 'b', 'c', 'd'],
  });
  const UNREADABLE = ['enforcement_mode=on', 'visibility_level=x', 'container_clusters=x', 'labels=x', 'max_results=x'];

  it('are container workloads, with all their filters', async () => {
    await one.pods([
      pod('a', { ...labelled(['role', 'Web']), ip_addresses: ['10.32.0.17'] }),
      pod('b', { ...labelled(['role', 'Web'], ['env', 'prod']), ip_addresses: ['10.32.0.2', '10.99.0.1'] }),
      pod('c', { namespace: 'workshop', ...labelled(['env', 'prod']), ip_addresses: [] }),
      pod('hidden', { namespace: 'bank' }),
    ]);
    await two.pods([pod('d', { ip_addresses: ['fd00::1'] })]);
    await expectNames(PODS, {
      ...byPlace(),
      ...byLabels(),
      'ip_address=10.32': ['a', 'b'],
      'ip_address=10.32.0.17': ['a'],
      'ip_address=10.99': ['b'],
      'ip_address=FD00': ['d'],
      'all=true': ['a', 'b', 'c', 'd'],
      'ven=/orgs/1/vens/1': [],
      'external_data_set=x': [],
      'external_data_reference=x': [],
      [`container_hosts=${json(['/orgs/1/workloads/x'])}`]: [],
    });
    await expectRefused(PODS, ...UNREADABLE, 'all=perhaps', 'container_hosts=x');
    const some = await pce.get(`${PODS}?name=a`);
    expect([some.body.length, some.headers['x-total-count']]).toEqual([1, '4']);
    for (const pod of await rows(pce, PODS)) expect((await pce.get(pod.href)).body).toEqual(pod);
  });

  it('are Kubernetes workloads, with all their filters', async () => {
    for (const cluster of [one, two]) await cluster.report({ cluster_mode: 'clas' });
    await one.workloads(
      deployment('a', { metadata: labelled(['role', 'Web']) }),
      deployment('b', { kind: 'DaemonSet', metadata: labelled(['role', 'Web'], ['env', 'prod']) }),
      deployment('c', { namespace: 'workshop', metadata: labelled(['env', 'prod']) }),
      deployment('hidden', { namespace: 'bank' }),
    );
    await two.workloads(deployment('d'));
    await expectNames(WORKLOADS, {
      ...byPlace(),
      ...byLabels(),
      'kind=DaemonSet': ['b'],
      'kind=Daemon': [],
      'no_labels=true': ['d'],
      'no_labels=false': ['a', 'b', 'c', 'd'],
      'security_policy_sync_state=syncing': ['a', 'b', 'c', 'd'],
      'security_policy_sync_state=applied': [],
    });
    await expectRefused(WORKLOADS, ...UNREADABLE, 'no_labels=1', 'security_policy_sync_state=done');
    expect((await pce.get(`${WORKLOADS}?name=a`)).headers['x-total-count']).toBe('4');
  });

  it.each([DRAFTS, ACTIVES])('are virtual services, with all their filters: %s', async (path) => {
    await one.services([
      service('a', {
        ...labelled(['role', 'Web']),
        service_ports: [{ port: 443, protocol: 6 }],
        ip_addresses: ['10.96.0.1'],
      }),
      service('b', {
        ...labelled(['role', 'Web'], ['env', 'prod']),
        service_ports: [
          { port: 53, protocol: 17 },
          { port: 8443, protocol: 6 },
        ],
        ip_addresses: ['10.96.0.17', '10.96.0.18'],
      }),
      service('c', { namespace: 'workshop', ...labelled(['env', 'prod']), ip_addresses: [] }),
    ]);
    await two.services([service('d', { uid: 'another', ip_addresses: [] })]);
    const full = (...short: string[]) =>
      short.map((name) => `${name}-${name === 'd' ? 'two' : 'one'}-${name === 'c' ? 'workshop' : 'shop'}`);
    const expected: Record<string, string[]> = {
      ...byLabels(),
      [`labels=${json([[web.href]])}&name=a`]: ['a'],
      '': ['a', 'b', 'c', 'd'],
      'name=TWO': ['d'],
      'name=shop': ['a', 'b', 'c', 'd'],
      'description=x': [],
      'service=/orgs/1/sec_policy/draft/services/1': [],
      'service_ports.port=443': ['a'],
      'service_ports.port=8443': ['b'],
      'service_ports.port=44': [],
      'service_ports.proto=17': ['b'],
      'service_ports.proto=6': ['a', 'b', 'c', 'd'],
      'service_ports.proto=1': [],
      'service_address.ip=10.96.0.18': ['b'],
      'service_address.ip=10.96.0.1': ['a', 'b'],
      'service_address.ip=10.97': [],
      'service_address.fqdn=example.com': [],
      [`external_data_set=${one.uuid}|workshop`]: ['c'],
      'external_data_reference=another': ['d'],
      'max_results=1': ['a'],
    };
    await expectNames(
      path,
      Object.fromEntries(Object.entries(expected).map(([query, some]) => [query, full(...some)])),
    );
    await expectRefused(
      path,
      'labels=x',
      'service_ports.port=http',
      'service_ports.port=-2',
      'service_ports.proto=tcp',
    );
    const some = await pce.get(`${path}?name=a-one`);
    expect([some.body.length, some.headers['x-total-count']]).toEqual([1, '4']);
  });

  it('are service bindings, by either end', async () => {
    const backends = [WEB];
    await one.services([service('web', { backends }), service('db', { backends })]);
    await one.pods([pod('a', { controller: WEB }), pod('b', { controller: WEB })]);
    const [service1, service2] = (await rows(pce, DRAFTS)) as [Json, Json];
    const [a, b] = (await rows(pce, PODS)) as [Json, Json];
    const ends = async (query: string) =>
      (await rows(pce, `${BINDINGS}?${query}`)).map(({ bound_service, container_workload }) => [
        bound_service.href,
        container_workload.href,
      ]);
    const active = ({ href }: Json) => href.replace('/draft/', '/active/');
    const of1 = [a, b].map(({ href }) => [active(service1), href]);
    expect(await ends('')).toHaveLength(4);
    expect(await ends(`virtual_service=${service1.href}`)).toEqual(of1);
    expect(await ends(`virtual_service=${active(service1)}`)).toEqual(of1);
    expect(await ends(`workload=${b.href}`)).toEqual([service1, service2].map((one) => [active(one), b.href]));
    expect(await ends(`workload=${b.href}&virtual_service=${service2.href}`)).toEqual([[active(service2), b.href]]);
    for (const nothing of ['workload=/orgs/1/workloads/x', 'virtual_service=/x', 'external_data_set=x']) {
      expect([nothing, await ends(nothing)]).toEqual([nothing, []]);
    }
    const cut = await pce.get(`${BINDINGS}?max_results=1`);
    expect([cut.body.length, cut.headers['x-total-count']]).toEqual([1, '4']);
  });

  it('are networks, one for each cluster', async () => {
    await clusterOf(test, { name: 'silent', pce });
    await expectNames('/orgs/1/networks', {
      '': ['one pod network', 'two pod network'],
      'name=TWO P': ['two pod network'],
      'name=silent': [],
      'max_results=1': ['one pod network'],
    });
    const [network] = await rows(pce, '/orgs/1/networks');
    expect((await pce.get(network?.href)).body).toEqual(network);
    expect(network).toMatchObject({ created_by: { href: one.href } });
  });

  it('can be had by a job, and is for users of the organisation alone', async () => {
    const foreign = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    await one.services([service('web', { backends: [WEB] })]);
    await one.pods([pod('a', { controller: WEB, ...annotated('role', 'Web') })]);
    const lists = [PODS, DRAFTS, ACTIVES, BINDINGS, '/orgs/1/networks', `${one.href}/service_backends`];
    for (const list of lists) {
      const { status, headers } = await pce.get(list, { prefer: 'respond-async' });
      const { body } = await pce.get(String(headers.location));
      const there = await rows(pce, list);
      expect([list, status, (await pce.get(body.result.href)).body]).toEqual([list, 202, there]);
      expect(there.length).toBeGreaterThan(0);
      for (const who of [foreign, one.agent]) expect([list, (await who.get(list)).status]).toEqual([list, 403]);
      if (!list.startsWith(NOBODY.slice(0, 27))) {
        expect(await rows(foreign, list.replace('/orgs/1/', '/orgs/2/'))).toEqual([]);
      }
      for (const href of hrefs(there).filter(Boolean)) {
        expect([href, (await foreign.get(href.replace('/orgs/1/', '/orgs/2/'))).status]).toEqual([href, 404]);
      }
    }
  });
});

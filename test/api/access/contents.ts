import { clusterOf, deployment, pod, service, succeeded, type Test } from '../../agent/cluster.ts';
import type { Client, Json } from '../../support/emulator.ts';
import { draftsOf } from '../../support/policy.ts';

/** Has an organisation hold something of every kind. */
export async function furnish(test: Test, org: string, pce: Client, clas: boolean): Promise<void> {
  const make = async (path: string, body: Json): Promise<Json> =>
    succeeded(await pce.post(`${org}/${path}`, body)).body;
  const draft = (kind: string, body: Json) =>
    make(draftsOf(kind).replace('/orgs/1/', ''), { name: `of ${org}`, ...body });
  const ofAll = [{ actors: 'ams' }];
  const label = await make('labels', { key: 'env', value: `of ${org}` });
  await make('workloads', { name: 'vm', hostname: 'vm.example.com' });
  await make('security_principals', { sid: 'S-1-5-21-1-2-3-512', name: 'Finance' });
  await draft('label_groups', { key: 'env', labels: [{ href: label.href }] });
  const ports = [{ port: 443, proto: 6 }];
  const web = await draft('services', { service_ports: ports });
  await draft('ip_lists', { ip_ranges: [{ from_ip: '10.0.0.0/8' }] });
  await draft('virtual_services', { service_ports: ports });
  const rules = await draft('rule_sets', { scopes: [[]] });
  await make(`${rules.href.slice(org.length + 1)}/sec_rules`, {
    ...{ enabled: true, providers: ofAll, consumers: ofAll, ingress_services: [{ href: web.href }] },
    resolve_labels_as: { providers: ['workloads'], consumers: ['workloads'] },
  });
  await draft('enforcement_boundaries', { providers: ofAll, consumers: ofAll, ingress_services: ports });
  succeeded(await pce.post(`${org}/sec_policy`, {}));
  succeeded(await pce.get(`${org}/labels`, { prefer: 'respond-async' }));

  // Pods, whose workloads are bound, and what the nodes pair with.
  const legacy = await clusterOf(test, {
    name: 'legacy',
    org,
    pce,
    report: { namespaces: ['shop'], nodes: [{ name: 'node' }] },
  });
  await legacy.manage('shop');
  const backends = [{ kind: 'replicasethash', name: '58687784f9' }];
  await legacy.services([service('web', { backends })]);
  await legacy.pods([pod('web-1', { controller: backends[0] })]);
  const { href } = await make('pairing_profiles', { name: 'nodes', enabled: true });
  const { activation_code } = succeeded(await pce.post(`${href}/pairing_key`)).body;
  succeeded(await test.control.post(`${legacy.href}/node_agents`, { activation_code }));
  if (!clas) return;
  const direct = await clusterOf(test, {
    name: 'clas',
    org,
    pce,
    report: { namespaces: ['shop'], cluster_mode: 'clas' },
  });
  await direct.manage('shop');
  await direct.workloads(deployment('web'));
}

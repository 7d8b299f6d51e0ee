import { createRouting } from '../../src/contract/routing.ts';
import { RELEASES, routesOf } from '../../src/emulator.ts';
import { pce as table } from '../../src/pce/index.ts';
import { tokenOf, useEmulator } from '../support/emulator.ts';

describe.each(RELEASES)('the routes of PCE %s', (release) => {
  const routes = routesOf(release);

  it('are each found at their own path: none that is declared stands in the way of one that answers', () => {
    const { match } = createRouting({ ...table, routes, parameters: {} });
    for (const { id, method, path } of routes) {
      const found = match(method, `${table.prefix}${path.replace(/\{\w+\}/g, 'x')}`);
      expect([id, found.found === 'route' && found.route.id]).toEqual([id, id]);
    }
  });

  it('call the parameters of a path the same, whatever the method', () => {
    const names = new Map(routes.map(({ path }) => [path.replace(/\{\w+\}/g, '{}'), path]));
    for (const { path } of routes) expect(path).toBe(names.get(path.replace(/\{\w+\}/g, '{}')));
  });
});

/** What a public script reads of a PCE, a call for each kind of thing (code7a/pce-unit-tests). */
const READ_BY_A_SCRIPT = [
  '/authentication_settings/ldap_configs',
  '/authentication_settings/password_policy',
  '/health',
  '/node_available',
  '/noop',
  '/product_version',
  '/users',
  '/users/1/api_keys',
  ...[
    ...['access_restrictions', 'auth_security_principals', 'container_clusters', 'core_service_types'],
    ...['detected_core_services', 'discovered_virtual_servers', 'events', 'jobs', 'kubernetes_workloads', 'labels'],
    ...['optional_features', 'pairing_profiles', 'permissions', 'report_schedules', 'report_templates', 'reports'],
    ...['roles', 'sec_policy/active/firewall_settings', 'sec_policy/active/virtual_servers'],
    ...['sec_policy/active/virtual_services', 'sec_policy/draft/enforcement_boundaries', 'sec_policy/draft/ip_lists'],
    ...['sec_policy/draft/label_groups', 'sec_policy/draft/rule_sets', 'sec_policy/draft/services'],
    ...['sec_policy/pending', 'service_accounts', 'service_bindings', 'settings', 'settings/events'],
    ...['settings/reports', 'settings/syslog/destinations', 'settings/traffic_collector'],
    ...['settings/trusted_proxy_ips', 'settings/workloads', 'slbs', 'software/ven/releases'],
    ...['support_bundle_requests', 'traffic_flows/database_metrics', 'vens', 'workloads'],
  ].map((path) => `/orgs/1/${path}`),
];

describe('a script that reads everything', () => {
  const test = useEmulator({ world: 'demo', pceVersion: '25.2' });

  it.each(READ_BY_A_SCRIPT)('is answered at %s, or told that it is missing', async (path) => {
    const answer = await test.pce.get(path);
    if (answer.status !== 200) {
      expect([answer.status, tokenOf(answer)]).toEqual([501, 'emulator_not_implemented']);
      expect(answer.body[0].message).toContain(path.split('/').at(-1));
    }
  });
});

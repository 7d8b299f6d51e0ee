import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';
import { type Release, startEmulator } from '../../src/emulator.ts';
import { bodyOf } from '../kuma/resources.ts';

/**
 * `npx tsx test/store/leave-file.ts NAME RELEASE [killed]`: fills a file as this emulator writes it, and leaves it in
 * `fixtures/files` with what a GET shows of it, for the emulators to come. Run `npm run build` before.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const [name, release, how] = process.argv.slice(2);
if (name === undefined || release === undefined) throw new Error('leave-file.ts NAME RELEASE [killed]');

const folder = mkdtempSync(join(tmpdir(), 'pce-emulator-file-'));
const db = join(folder, 'state.db');
const apiKey = { name: 'api_1', secret: 'secret' };
const emulator = await startEmulator({ db, world: 'empty', port: 0, apiKey, pceVersion: release as Release });

// biome-ignore lint/suspicious/noExplicitAny: replies as they come
type Json = any;

const basic = (key: string, secret: string) => `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;

async function ask(method: string, path: string, body?: Json, headers: Record<string, string> = {}): Promise<Json> {
  const place = path.startsWith('/_emulator') ? path : `/api/v2${path}`;
  const response = await fetch(emulator.http_url + place, {
    method,
    headers: { authorization: basic('api_1', 'secret'), 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} is answered ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
const post = (path: string, body: Json, headers?: Record<string, string>) => ask('POST', path, body, headers);

const ORG = '/orgs/1';
const CLUSTERS = `${ORG}/container_clusters`;
const profilesOf = ({ href }: Json) => `${href}/container_workload_profiles`;

/** Has a made-up or recorded cluster reported by the agent that `simulate` is. */
async function simulate(...args: string[]): Promise<void> {
  const cli = join(ROOT, 'dist', 'cli.js');
  await promisify(execFile)(process.execPath, [cli, 'simulate', '--url', emulator.http_url, ...args]);
}

async function makeLabels(): Promise<Record<string, Json>> {
  const labels: Record<string, Json> = {};
  const wanted = ['role web', 'role db', 'app shop', 'env prod', 'env test', 'loc zürich'];
  for (const [key, value = ''] of wanted.map((one) => one.split(' '))) {
    const external = { external_data_set: 'cmdb', external_data_reference: 'shop-1' };
    labels[value] = await post(`${ORG}/labels`, { key, value, ...(value === 'shop' && external) });
  }
  await ask('PUT', labels.test.href, { value: 'staging' });
  const gone = await post(`${ORG}/labels`, { key: 'loc', value: 'gone' });
  await ask('DELETE', gone.href);
  if (release !== '22.2') await post(`${ORG}/label_dimensions`, { key: 'team', display_name: 'Team' });
  return labels;
}

async function makeClusters({ web, shop, prod, test }: Record<string, Json>): Promise<void> {
  const byHand = await post(CLUSTERS, { name: 'by hand', description: 'made by a user' });
  const renamed = await post(CLUSTERS, { name: 'to be renamed' });
  await ask('PUT', renamed.href, { name: 'renamed', description: 'ä "quoted"' });
  const removed = await post(CLUSTERS, { name: 'removed' });
  await ask('DELETE', removed.href);
  const [first] = await ask('GET', profilesOf(byHand));
  const managed = { managed: true, enforcement_mode: 'visibility_only' };
  await ask('PUT', first.href, { ...managed, assign_labels: [{ href: shop.href }] });
  await post(profilesOf(byHand), { ...managed, name: 'team', assign_labels: [{ href: prod.href }] });
  const restriction = [prod, test].map(({ href }) => ({ href }));
  const labels = [
    { key: 'role', assignment: { href: web.href } },
    { key: 'env', restriction },
  ];
  await post(profilesOf(byHand), { name: 'options', managed: false, labels });
}

/** @returns the tokens of clusters */
async function report({ prod }: Record<string, Json>): Promise<Record<string, string>> {
  const cluster = await post(CLUSTERS, { name: 'reported' });
  const { href, container_cluster_token: token } = cluster;
  const [first] = await ask('GET', profilesOf(cluster));
  const labels = { assign_labels: [{ href: prod.href }] };
  await ask('PUT', first.href, { managed: true, enforcement_mode: 'visibility_only', ...labels });
  const recorded = join(ROOT, 'fixtures', 'kubernetes', 'kurl-v1.23.json');
  await simulate(recorded, '--cluster', href.slice(-36), '--token', token);
  const [pairing] = await ask('GET', `${ORG}/pairing_profiles`);
  await post(`${ORG}/pairing_profiles`, { name: 'nodes', enabled: true });
  const { activation_code } = await post(`${pairing.href}/pairing_key`, {});
  await post(`/_emulator${href}/node_agents`, { activation_code });
  if (release === '25.2') {
    const made = ['--clusters', '1', '--namespaces', '2', '--workloads', '3', '--name', 'clas'];
    await simulate(...made, '--api-key', 'api_1:secret', '--mode', 'clas');
  }
  return { [href]: token };
}

async function makePolicy({ web, db: data, shop, prod, test }: Record<string, Json>): Promise<void> {
  const drafts = `${ORG}/sec_policy/draft`;
  const service = await post(`${drafts}/services`, { name: 'https', service_ports: [{ port: 443, proto: 6 }] });
  const ports = [{ port: 80, proto: 6 }];
  const changed = await post(`${drafts}/services`, { name: 'to be changed', service_ports: ports });
  const inside = await post(`${drafts}/ip_lists`, { name: 'inside', ip_ranges: [{ from_ip: '10.0.0.0/8' }] });
  const envs = [prod, test].map(({ href }) => ({ href }));
  await post(`${drafts}/label_groups`, { name: 'envs', key: 'env', labels: envs });
  const scopes = [[shop, prod].map(({ href }) => ({ label: { href } }))];
  const ruleSet = await post(`${drafts}/rule_sets`, { name: 'shop', enabled: true, scopes });
  const sides = { providers: [{ label: { href: web.href } }], consumers: [{ actors: 'ams' }] };
  const rule = { enabled: true, ...sides, ingress_services: [{ href: service.href }, { port: 8080, proto: 6 }] };
  const resolved = { resolve_labels_as: { providers: ['workloads'], consumers: ['workloads'] } };
  await post(`${ruleSet.href}/sec_rules`, { ...rule, ...resolved });
  const between = { providers: [{ actors: 'ams' }], consumers: [{ ip_list: { href: inside.href } }] };
  const wall = { name: 'wall', ...between, ingress_services: [{ href: service.href }] };
  const boundary = await post(`${drafts}/enforcement_boundaries`, wall);
  const front = { name: 'front', service: { href: service.href }, labels: [{ href: prod.href }] };
  const virtual = await post(`${drafts}/virtual_services`, front);
  await post(`${ORG}/sec_policy`, { update_description: 'first' });
  await ask('PUT', changed.href, { name: 'changed', description: 'pending' });
  await post(`${ruleSet.href}/sec_rules`, { ...rule, ...resolved, unscoped_consumers: true });
  await post(`${drafts}/ip_lists`, { name: 'pending creation', ip_ranges: [{ from_ip: '192.168.0.0/16' }] });
  await ask('DELETE', boundary.href);

  const workload = await post(`${ORG}/workloads`, { name: 'bare metal', labels: [{ href: data.href }] });
  await ask('PUT', `${ORG}/workloads/bulk_create`, [{ name: 'b1' }, { name: 'b2', labels: [{ href: web.href }] }]);
  const deleted = await post(`${ORG}/workloads`, { name: 'deleted' });
  await ask('DELETE', deleted.href);
  const inForce = virtual.href.replace('draft', 'active');
  const binding = { virtual_service: { href: inForce }, workload: { href: workload.href } };
  await post(`${ORG}/service_bindings`, [binding]);
  await post(`${ORG}/security_principals`, { name: 'people', sid: 'S-1-5-21-1' });
}

/** @returns the second organisation, with its key */
async function makePeople(): Promise<Json> {
  const permissions = [{ role: { href: `${ORG}/roles/owner` }, scope: [] }];
  await post(`${ORG}/service_accounts`, { name: 'robot', permissions, api_key: { expires_in_seconds: -1 } });
  await post('/users/1/api_keys', { name: 'second' });
  await ask('PUT', `${ORG}/settings/events`, { audit_event_retention_seconds: 5_184_000 });
  await post('/_emulator/orgs/1/users', { username: 'reader@example.com', role: 'read_only' });
  const second = await post('/_emulator/orgs', { name: 'Second' });
  const authorization = basic(second.api_key, second.api_secret);
  await post(`/orgs/${second.org_id}/labels`, { key: 'env', value: 'elsewhere' }, { authorization });
  return second;
}

const DATAPLANE = {
  networking: {
    address: '192.168.0.1',
    inbound: [{ port: 8080, servicePort: 80, tags: { service: 'web', version: '1' } }],
    outbound: [{ port: 3000, service: 'backend' }],
  },
};
const LEGACY = {
  networking: {
    inbound: [{ interface: '192.168.0.2:8080:80', tags: { service: 'web' } }],
    outbound: [{ interface: ':3000', service: 'backend' }],
  },
};
const WEB = [{ match: { service: 'web' } }];
const BETWEEN = { sources: WEB, destinations: [{ match: { service: 'backend' } }] };
const CHECKS = { interval: '10s', timeout: '2s', unhealthyThreshold: 3, healthyThreshold: 1 };

/** Resources of Kuma 0.4.0, by path. */
const RESOURCES: Record<string, Json> = {
  '/meshes/shop': {
    mtls: { enabled: true, ca: { builtin: {} } },
    logging: { defaultBackend: 'file', backends: [{ name: 'file', format: '%START_TIME%', file: { path: '/log' } }] },
    tracing: { backends: [{ name: 'zipkin', sampling: 99.5, zipkin: { url: 'http://zipkin:9411/spans' } }] },
    metrics: { prometheus: {} },
  },
  '/meshes/shop/dataplanes/web-1': DATAPLANE,
  '/meshes/shop/dataplanes/web-0': LEGACY,
  '/meshes/default/dataplanes/edge': { networking: { address: '::1', gateway: { tags: { service: 'ä <&>' } } } },
  '/meshes/shop/dataplane-insights/ghost': { subscriptions: [{ id: 'one', connectTime: '2020-03-01T09:00:00.120Z' }] },
  '/meshes/shop/traffic-permissions/all': BETWEEN,
  '/meshes/shop/traffic-routes/web': { ...BETWEEN, conf: [{ weight: 90, destination: { service: 'backend' } }] },
  '/meshes/shop/traffic-logs/web': { ...BETWEEN, conf: { backend: 'file' } },
  '/meshes/shop/traffic-traces/web': { selectors: WEB, conf: { backend: 'zipkin' } },
  '/meshes/shop/health-checks/web': { ...BETWEEN, conf: { activeChecks: CHECKS } },
  '/meshes/shop/proxytemplates/web': { selectors: WEB, conf: { imports: ['default-proxy'] } },
  '/meshes/gone': {},
  '/meshes/gone/dataplanes/web-1': DATAPLANE,
};

/** @returns what GETs show of Kuma, by path */
async function makeMeshes(): Promise<Record<string, Json>> {
  const kuma = async (method: string, path: string, body?: Json): Promise<string> => {
    const headers = { 'content-type': 'application/json' };
    const sent = { method, headers, body: body && JSON.stringify(body) };
    const response = await fetch(emulator.kuma_url + path, sent);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} is answered ${response.status}: ${text}`);
    return text;
  };
  for (const [path, spec] of Object.entries(RESOURCES)) await kuma('PUT', path, bodyOf(path, spec));
  for (const step of ['connect', 'acknowledge', 'disconnect', 'connect']) {
    await post(`/_emulator/meshes/shop/dataplanes/web-1/${step}`, {});
  }
  await kuma('DELETE', '/meshes/gone');
  const lists = Object.keys(RESOURCES).map((path) => path.slice(0, path.lastIndexOf('/')));
  const seen: Record<string, Json> = {};
  for (const list of [...new Set(lists), '/meshes/shop/dataplanes+insights'])
    seen[list] = JSON.parse(await kuma('GET', list));
  return seen;
}

const LISTS = [
  ...['labels', 'label_dimensions', 'pairing_profiles', 'workloads', 'container_workloads', 'kubernetes_workloads'],
  ...['networks', 'vens', 'service_bindings', 'security_principals', 'service_accounts', 'api_keys', 'events'],
  ...['settings/events', 'settings/workloads', 'sec_policy', 'sec_policy/pending', 'optional_features'],
  ...['draft', 'active'].flatMap((version) =>
    ['services', 'ip_lists', 'label_groups', 'rule_sets', 'enforcement_boundaries', 'virtual_services'].map(
      (kind) => `sec_policy/${version}/${kind}`,
    ),
  ),
].map((list) => `${ORG}/${list}`);

/** What GETs show, by path. */
async function look(): Promise<Record<string, Json>> {
  const seen: Record<string, Json> = {};
  const lookAt = async (path: string) => {
    seen[path] = await ask('GET', path);
    return seen[path];
  };
  for (const cluster of await lookAt(CLUSTERS)) {
    await lookAt(profilesOf(cluster));
    await lookAt(`${cluster.href}/service_backends`);
  }
  const only252 = /kubernetes_workloads|label_dimensions/;
  for (const list of LISTS) if (release !== '22.2' || !only252.test(list)) await lookAt(list);
  for (const { href } of seen[`${ORG}/sec_policy/draft/rule_sets`]) await lookAt(`${href}/sec_rules`);
  await lookAt('/users/1/api_keys');
  return seen;
}

function pack(part: string, content: Uint8Array | string): void {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
  writeFileSync(join(ROOT, 'fixtures', 'files', `${name}${part}.br`), brotliCompressSync(content, { params }));
}

const labels = await makeLabels();
await makeClusters(labels);
const tokens = await report(labels);
await makePolicy(labels);
const second = await makePeople();
const kuma = await makeMeshes();
const seen = await look();
if (how !== 'killed') await emulator.close();
for (const part of ['', '-wal']) if (existsSync(db + part)) pack(`.db${part}`, readFileSync(db + part));
pack('.json', JSON.stringify({ tokens, second, seen, kuma }));
if (how === 'killed') await emulator.close();
rmSync(folder, { recursive: true });

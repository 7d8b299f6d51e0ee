import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { createSchemas, readSchemaFiles, type Violation } from '../../src/contract/schemas.ts';
import { hasFeature } from '../../src/pce/versions.ts';
import type { Time } from '../../src/simulate/real-time.ts';
import { type Json, ROOT } from '../support/emulator.ts';

export interface Recorded {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Json;
}

export interface Given {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** What a fake answers instead of what it would; `reset` breaks the connection, `hang` never answers. */
export type Instead = (request: Recorded) => Given | 'reset' | 'hang' | undefined;

export interface FakePce {
  readonly url: string;
  readonly requests: Recorded[];
  /** The requests to the clusters, without what goes before: `PUT services?refresh=true`. */
  readonly asked: string[];
  /** What the bodies lack by the published schemas. */
  readonly violations: Violation[];
  instead: Instead;
  /** Milliseconds that an answer takes; 0 unless it is set. */
  pause: number;
  /** How many requests at most were waiting for an answer. */
  readonly mostAtOnce: number;
  /** The workloads that it has, by cluster and href. */
  readonly workloads: Map<string, Json>;
  close(): Promise<void>;
}

const uuidOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
export const CLUSTER = uuidOf(1);
export const tokenOf = (number: number) => `1_${String(number).padStart(64, 'f')}`;

const schemas = createSchemas(readSchemaFiles(join(ROOT, 'schemas')), hasFeature('25.2'));

/** The schema of a body, by the end of its path. */
const SCHEMAS: readonly (readonly [end: RegExp, reference: string])[] = [
  [/put_from_cluster$/, 'pce/agent/put_from_cluster#report'],
  [/\/services(\?refresh=true)?$/, 'pce/agent/services#update'],
  [/\/services\/delete$/, 'pce/agent/services#delete'],
  [/bulk_create$/, 'pce/agent/kubernetes_workloads#create'],
  [/bulk_update$/, 'pce/agent/kubernetes_workloads#update'],
  [/bulk_delete$/, 'pce/agent/kubernetes_workloads#delete'],
  [/security_policy_(acks|applied)$/, 'pce/agent/policies#acknowledgement'],
  [/\/pods(\?refresh=true)?$/, 'emulator/pods#update'],
  [/\/pods\/delete$/, 'pce/agent/services#delete'],
];

/**
 * A PCE of few words on a free port: it records what it is asked, holds bodies to the schemas, and knows just
 * enough to keep an agent going.
 */
export async function startFakePce(tls?: { readonly cert: string; readonly key: string }): Promise<FakePce> {
  const requests: Recorded[] = [];
  const violations: Violation[] = [];
  const workloads = new Map<string, Json>();
  const acknowledged = new Set<string>();
  let clusters = 0;
  let atOnce = 0;
  let mostAtOnce = 0;

  const answer = ({ method, path, body }: Recorded): Given => {
    const schema = SCHEMAS.find(([end]) => end.test(path))?.[1];
    if (schema) violations.push(...schemas.check(schema, body));
    if (path === '/_emulator/ready') return { status: 200, body: { status: 'ready' } };
    if (path.startsWith('/_emulator/')) return { status: 204 };
    if (path.endsWith('/container_clusters')) {
      const href = `/orgs/1/container_clusters/${uuidOf(++clusters)}`;
      return { status: 201, body: { href, container_cluster_token: tokenOf(clusters) } };
    }
    const [, own = '', rest = ''] = /^\/api\/v2(\/orgs\/1\/container_clusters\/[^/]+)\/([^?]+)/.exec(path) ?? [];
    if (rest === 'container_workload_profiles') {
      const other = { href: `${own}/container_workload_profiles/other` };
      return {
        status: 200,
        body: [other, { href: `${own}/container_workload_profiles/default`, name: 'Default Profile' }],
      };
    }
    const policy = 'a'.repeat(64);
    if (rest === 'policies') {
      return {
        status: 200,
        body: { security_policy_set_digest: policy, up_to_date: acknowledged.has(own), workloads: [] },
      };
    }
    if (rest === 'security_policy_acks') acknowledged.add(own);
    if (rest === 'security_policy_applied') return { status: 200 };
    if (rest === 'kubernetes_workloads') return { status: 200, body: [...workloads.values()] };
    if (rest === 'kubernetes_workloads/bulk_create') {
      const results = (body as Json[]).map((one) => {
        const href = `/orgs/1/kubernetes_workloads/${one.kind}.${one.namespace}.${one.name}`;
        workloads.set(href, { href, ...one });
        return { status: 'created', href };
      });
      return { status: 201, body: results };
    }
    if (rest === 'kubernetes_workloads/bulk_delete') for (const { href } of body) workloads.delete(href);
    return method === 'PUT' ? { status: 204 } : { status: 404 };
  };

  const listener: RequestListener = (req, res) => {
    let text = '';
    req.setEncoding('utf8');
    req.on('data', (chunk) => {
      text += chunk;
    });
    req.on('end', () => {
      const { method = '', url = '', headers } = req;
      const request = { method, path: url, headers, text, body: text === '' ? undefined : JSON.parse(text) };
      requests.push(request);
      const given = fake.instead(request) ?? answer(request);
      if (given === 'hang') return;
      if (given === 'reset') return void req.socket.destroy();
      const payload = given.body === undefined ? '' : JSON.stringify(given.body);
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      const send = () => {
        atOnce--;
        res.writeHead(given.status, { 'content-type': 'application/json', ...given.headers }).end(payload);
      };
      if (fake.pause > 0) setTimeout(send, fake.pause);
      else send();
    });
  };
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const fake: FakePce = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    violations,
    workloads,
    instead: () => undefined,
    pause: 0,
    get mostAtOnce() {
      return mostAtOnce;
    },
    get asked() {
      return requests.map(({ method, path }) => `${method} ${path.replace(/^.*\/container_clusters\/[^/]+\//, '')}`);
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return fake;
}

/** Time that passes only when someone waits. */
export function createFakeTime(): Time & { readonly waits: number[] } {
  const waits: number[] = [];
  let moment = 0;
  return {
    waits,
    now: () => moment,
    async wait(milliseconds) {
      const end = moment + Math.max(0, milliseconds);
      waits.push(milliseconds);
      await Promise.resolve();
      moment = Math.max(moment, end);
    },
  };
}

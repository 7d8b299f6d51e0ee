import type { Answer, Client, Json, useEmulator } from '../support/emulator.ts';

/** What `useEmulator` gives a test file. */
export type Test = ReturnType<typeof useEmulator>;

/** A world with two organisations and nothing in them. */
export const TWO_ORGANISATIONS = `${__dirname}/two-organisations.json`;

/** A cluster of a test, with those who speak for it. Every step is expected to succeed. */
export interface Cluster {
  readonly href: string;
  readonly uuid: string;
  readonly agent: Client;
  /** Says something with put_from_cluster. */
  report(body?: Json): Promise<void>;
  /** Reports services; all of them unless the query says otherwise. */
  services(services: Json[], query?: string): Promise<void>;
  pods(pods: Json[], query?: string): Promise<void>;
  /** Reports Kubernetes workloads. @returns their hrefs */
  workloads(...workloads: Json[]): Promise<string[]>;
  profile(namespace: string | null): Promise<Json>;
  /** Changes the profile of a namespace. */
  configure(namespace: string | null, change: Json): Promise<void>;
  /** The same, making it managed. */
  manage(namespace: string | null, change?: Json): Promise<void>;
}

export function succeeded(answer: Answer): Answer {
  if (answer.status >= 300) throw new Error(`unexpected ${answer.status}: ${answer.text}`);
  return answer;
}

interface Circumstances {
  readonly name?: string;
  readonly org?: string;
  readonly pce?: Client;
  readonly control?: Client;
  /** What the agent says first. Undefined: nothing. */
  readonly report?: Json;
}

/** Makes a cluster and lets its agent report. */
export async function clusterOf(
  test: Test,
  { name = 'k8s', org = '/orgs/1', pce = test.pce, control = test.control, report }: Circumstances = {},
): Promise<Cluster> {
  const made = succeeded(await pce.post(`${org}/container_clusters`, { name, description: '' })).body;
  const agent = test.agent(made);
  const href: string = made.href;
  const profiles = `${href}/container_workload_profiles`;
  const cluster: Cluster = {
    href,
    uuid: href.slice(-36),
    agent,
    async report(body = {}) {
      succeeded(await agent.put(`${href}/put_from_cluster`, body));
    },
    async services(services, query = '?refresh=true') {
      succeeded(await agent.put(`${href}/services${query}`, services));
    },
    async pods(pods, query = '?refresh=true') {
      succeeded(await control.put(`${href}/pods${query}`, pods));
    },
    async workloads(...workloads) {
      const { body } = succeeded(await agent.post(`${href}/kubernetes_workloads/bulk_create`, workloads));
      return body.map((one: Json) => one.href);
    },
    async profile(namespace) {
      const { body } = succeeded(await pce.get(profiles));
      return body.find((one: Json) => one.namespace === namespace);
    },
    async configure(namespace, change) {
      succeeded(await pce.put((await cluster.profile(namespace)).href, change));
    },
    manage: (namespace, change = {}) =>
      cluster.configure(namespace, { managed: true, enforcement_mode: 'visibility_only', ...change }),
  };
  if (report !== undefined) await cluster.report(report);
  return cluster;
}

/** Makes a label. */
export async function labelOf(pce: Client, key: string, value: string, org = '/orgs/1'): Promise<Json> {
  return succeeded(await pce.post(`${org}/labels`, { key, value })).body;
}

/** A service of the namespace shop. */
export const service = (name: string, more: Json = {}): Json => ({
  uid: `uid-of-${name}`,
  name,
  namespace: 'shop',
  service_type: 'ClusterIP',
  service_ports: [{ port: 8080, protocol: 6 }],
  ip_addresses: ['10.96.0.7'],
  ...more,
});

/** A pod of the namespace shop. */
export const pod = (name: string, more: Json = {}): Json => ({
  uid: `uid-of-${name}`,
  name,
  namespace: 'shop',
  ip_addresses: ['10.32.0.7'],
  ...more,
});

/** A Deployment in the namespace shop. */
export const deployment = (name: string, more: Json = {}): Json => ({
  name,
  kind: 'Deployment',
  namespace: 'shop',
  ...more,
});

export const annotated = (key: string, value: string): Json => ({ annotations: { [`com.illumio.${key}`]: value } });

export const assigned = ({ key, href }: Json): Json => ({ key, assignment: { href } });

export const allowed = (key: string, ...labels: Json[]): Json => ({
  key,
  restriction: labels.map(({ href }) => ({ href })),
});

/** The values of the labels of a document, or of each of a list. */
export const values = (document: Json): string[] => document.labels.map(({ value }: Json) => value);

export const names = (documents: Json[]): string[] => documents.map(({ name }) => name);

export const hrefs = (documents: Json[]): string[] => documents.map(({ href }) => href);

export const DRAFTS = '/orgs/1/sec_policy/draft/virtual_services';
export const ACTIVES = '/orgs/1/sec_policy/active/virtual_services';
export const PODS = '/orgs/1/container_workloads';
export const WORKLOADS = '/orgs/1/kubernetes_workloads';
export const BINDINGS = '/orgs/1/service_bindings';

/** The rows of a list. */
export const rows = async (client: Client, path: string): Promise<Json[]> => succeeded(await client.get(path)).body;

/** The types of the events of an organisation, the earliest first. */
export async function eventTypes(pce: Client, org = '/orgs/1'): Promise<string[]> {
  return (await rows(pce, `${org}/events`)).map(({ event_type }) => event_type).reverse();
}

/** A query parameter with JSON. */
export const json = (value: unknown): string => encodeURIComponent(JSON.stringify(value));

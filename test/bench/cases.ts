import type { Goal } from './goals.ts';
import type { LoadRequest } from './load.ts';

export type CaseId = 'one' | 'list' | 'post' | 'post-durable' | 'put' | 'mixed';

/** Where a server has the clusters: the path of their list, and that of the first 20 of them. */
export interface Place {
  readonly list: string;
  readonly few: string;
}

/** A kind of load, sent alike to all servers. */
export interface Case {
  readonly id: CaseId;
  readonly title: string;
  requests(place: Place): readonly LoadRequest[];
  /** It adds documents: who keeps them starts anew each time, or the state would grow with the rounds. */
  readonly grows?: boolean;
  /** The emulator keeps its state in a file. */
  readonly durable?: boolean;
  /** The case whose measurement of the anchors counts here too. */
  readonly anchorsOf?: CaseId;
  /** Throughput as a multiple of the Express anchor's. */
  readonly besideExpress?: Goal;
  /** Throughput as a multiple of the node:http anchor's. */
  readonly besideNode?: Goal;
}

const CLUSTERS = 500;
const FEW = 20;
const ROTATING = 50;
const NODES = 9;
const MOMENT = '2024-05-01T08:00:00.000Z';

/** Where the emulator and the anchors have the clusters. */
export const PLACE: Place = {
  list: '/api/v2/orgs/1/container_clusters',
  few: `/api/v2/orgs/1/container_clusters?max_results=${FEW}`,
};

/** Ids that look like those of a PCE, the same in every run. */
const id = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
const description = (index: number) => `Cluster ${index} of the benchmark`.padEnd(60, '.');

/** The path of the first cluster below a list. */
export const firstOf = ({ list }: Place): string => `${list}/${id(0)}`;

/** A world with 500 clusters of about 1 KB. */
export function benchWorld(): object {
  const steps = Array.from({ length: CLUSTERS }, (_, index) => {
    const href = `/orgs/1/container_clusters/${id(index)}`;
    const nodes = Array.from({ length: NODES }, (_, node) => ({
      name: `worker-${node}.cluster-${index}.example.com`,
      pod_subnet: `10.${node}.0.0/16`,
    }));
    const value = {
      href,
      name: `cluster-${index}`,
      description: description(index),
      manager_type: 'Kubernetes v1.24.1',
      last_connected: MOMENT,
      kubelink_version: '3.1.0',
      online: true,
      nodes,
    };
    return { collection: 'container_clusters', parent: '/orgs/1', document: href, value };
  });
  return { description: 'For the benchmark.', orgs: [{ id: 1, name: 'Bench' }], steps };
}

/** What the emulator answers, so that all others can answer the same. */
export interface Payload {
  readonly one: object;
  readonly list: readonly { readonly href: string }[];
  readonly few: readonly object[];
}

/** The paths at which it answers that. */
export const PAYLOAD_PATHS: Readonly<Record<keyof Payload, string>> = {
  one: firstOf(PLACE),
  list: PLACE.list,
  few: PLACE.few,
};

/** A document of 1 KB, as the replies to GET. */
const CREATED = JSON.stringify({ name: 'a new cluster', description: 'Made by the benchmark. '.repeat(42) });

const get = (path: string): LoadRequest => ({ method: 'GET', path });
const post = ({ list }: Place): LoadRequest => ({ method: 'POST', path: list, body: CREATED });
const one = ({ list }: Place, index: number) => get(`${list}/${id(index)}`);
const put = ({ list }: Place, index: number): LoadRequest => {
  const body = JSON.stringify({ name: `cluster-${index}`, description: description(index) });
  return { method: 'PUT', path: `${list}/${id(index)}`, body };
};
const rotating = (from: number, make: (index: number) => LoadRequest) =>
  Array.from({ length: ROTATING }, (_, index) => make(from + index));

/** What an agent and its users ask between them: seven reads of one, a short list, a POST, a PUT. */
const mixed = (place: Place) => {
  const [a, b, c, d, e, f, g] = [0, 1, 2, 3, 4, 5, 6].map((index) => one(place, index)) as LoadRequest[];
  return [a, b, put(place, 100), c, d, get(place.few), e, f, post(place), g] as LoadRequest[];
};

/** All cases, with the floors and goals of the project. */
export const CASES: readonly Case[] = [
  {
    id: 'one',
    title: 'GET one cluster (1 KB)',
    requests: (place) => rotating(0, (index) => one(place, index)),
    besideExpress: { floor: 1.5, goal: 2.5 },
    besideNode: { floor: 0.5, goal: 0.5 },
  },
  {
    id: 'list',
    title: 'GET list of 500',
    requests: ({ list }) => [get(list)],
    besideExpress: { floor: 3, goal: 4.5 },
  },
  { id: 'post', title: 'POST a cluster, in memory', requests: (place) => [post(place)], grows: true },
  {
    id: 'post-durable',
    title: 'POST a cluster, in a file',
    requests: (place) => [post(place)],
    grows: true,
    durable: true,
    anchorsOf: 'post',
    besideExpress: { floor: 0.5, goal: 0.65 },
  },
  {
    id: 'put',
    title: 'PUT a cluster',
    requests: (place) => rotating(100, (index) => put(place, index)),
  },
  { id: 'mixed', title: 'mixed: 7 GET one, GET list of 20, POST, PUT', requests: mixed, grows: true },
];

/** The case of an id. @throws Error where there is none */
export function caseOf(wanted: CaseId): Case {
  const found = CASES.find(({ id }) => id === wanted);
  if (!found) throw new Error(`there is no case ${wanted}`);
  return found;
}

import type { LoadRequest } from './load.ts';

/** What a ratio ought to be. */
export interface Goal {
  readonly floor: number;
  readonly goal: number;
}

/** A kind of load, sent alike to all servers. */
export interface Case {
  readonly id: 'one' | 'list' | 'post' | 'post-durable' | 'put' | 'mixed';
  readonly title: string;
  readonly requests: readonly LoadRequest[];
  /** It adds documents, so it wants an emulator of its own each time, or the state would grow with the rounds. */
  readonly grows?: boolean;
  /** The emulator keeps its state in a file. */
  readonly durable?: boolean;
  /** The case whose measurement of the anchors counts here too. */
  readonly anchorsOf?: Case['id'];
  /** At least so many times the throughput of the Express anchor. */
  readonly besideExpress?: Goal;
  /** At least so many times the throughput of the node:http anchor. */
  readonly besideNode?: Goal;
}

const CLUSTERS = 500;
const ROTATING = 50;
const NODES = 9;
const ALL = '/api/v2/orgs/1/container_clusters';
const MOMENT = '2024-05-01T08:00:00.000Z';

/** Ids that look like those of a PCE, the same in every run. */
const id = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
const description = (index: number) => `Cluster ${index} of the benchmark`.padEnd(60, '.');

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

/** The paths whose replies the anchors are to send as well. */
export const PAYLOADS = { one: `${ALL}/${id(0)}`, list: ALL, few: `${ALL}?max_results=20` };

const rotating = (from: number, make: (index: number) => LoadRequest) =>
  Array.from({ length: ROTATING }, (_, index) => make(from + index));

const getOne = (index: number): LoadRequest => ({ method: 'GET', path: `${ALL}/${id(index)}` });
// A document of 1 KB, as the replies to GET.
const created = JSON.stringify({ name: 'a new cluster', description: 'Made by the benchmark. '.repeat(42) });
const post: LoadRequest = { method: 'POST', path: ALL, body: created };
const put = (index: number): LoadRequest => ({
  method: 'PUT',
  path: `${ALL}/${id(index)}`,
  body: JSON.stringify({ name: `cluster-${index}`, description: description(index) }),
});
const getFew: LoadRequest = { method: 'GET', path: PAYLOADS.few };

/** All cases, with the floors and goals of the project. */
export const CASES: readonly Case[] = [
  {
    id: 'one',
    title: 'GET one cluster (1 KB)',
    requests: rotating(0, getOne),
    besideExpress: { floor: 1.5, goal: 2.5 },
    besideNode: { floor: 0.5, goal: 0.5 },
  },
  {
    id: 'list',
    title: 'GET list of 500',
    requests: [{ method: 'GET', path: ALL }],
    besideExpress: { floor: 3, goal: 4.5 },
  },
  { id: 'post', title: 'POST a cluster, in memory', requests: [post], grows: true },
  {
    id: 'post-durable',
    title: 'POST a cluster, in a file',
    requests: [post],
    grows: true,
    durable: true,
    anchorsOf: 'post',
    besideExpress: { floor: 0.5, goal: 0.65 },
  },
  { id: 'put', title: 'PUT a cluster, in memory', requests: rotating(100, put) },
  {
    id: 'mixed',
    title: 'mixed: 7 GET one, GET list of 20, POST, PUT',
    requests: [getOne(0), getOne(1), put(100), getOne(2), getOne(3), getFew, getOne(4), getOne(5), post, getOne(6)],
    grows: true,
  },
];

/** Start to first 200, as a multiple of the Express anchor's: at most. */
export const START_GOAL: Goal = { floor: 2, goal: 1.5 };

/** Resident memory in MB of the demo world before the first request: at most. */
export const MEMORY_GOAL: Goal = { floor: 100, goal: 80 };

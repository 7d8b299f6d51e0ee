import { createAsker } from './asking.ts';
import type { FleetFile } from './fleet-file.ts';
import { LABELS, nameOf } from './fleet-parts.ts';
import { say } from './scaffold.ts';
import type { Server } from './servers.ts';
import { median, percentile } from './statistics.ts';

/** A running fleet. */
export interface Fleet {
  readonly name: string;
  readonly server: Server;
  readonly file: FleetFile;
}

/** How long one query took, in milliseconds. */
export interface QueryTimes {
  readonly query: string;
  /** It has a goal: an index makes it independent of the size. */
  readonly indexed: boolean;
  readonly fleet: string;
  readonly p50: number;
  readonly p99: number;
}

interface Query {
  readonly title: string;
  readonly indexed: boolean;
  path(fleet: Target, chance: (below: number) => number): string;
}

interface Target {
  readonly clusters: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Some profiles, of any clusters. */
  readonly profiles: readonly string[];
}

const ALL = '/api/v2/orgs/1/container_clusters';
const oneOf = <T>(items: readonly T[], chance: (below: number) => number) => items[chance(items.length)] as T;
const profilesOf = (cluster: string) => `/api/v2${cluster}/container_workload_profiles`;
const label = ({ labels }: Target, key: keyof typeof LABELS, chance: (below: number) => number) =>
  labels[`${key}=${oneOf<string>(LABELS[key], chance)}`];

const QUERIES: readonly Query[] = [
  {
    title: 'GET one profile',
    indexed: true,
    path: ({ profiles }, chance) => `/api/v2${oneOf(profiles, chance)}`,
  },
  {
    title: 'list the profiles of a cluster, with their total',
    indexed: true,
    path: ({ clusters }, chance) => profilesOf(oneOf(clusters, chance)),
  },
  {
    title: '… namespace substring',
    indexed: true,
    path: ({ clusters }, chance) => `${profilesOf(oneOf(clusters, chance))}?namespace=s-${chance(10)}`,
  },
  {
    title: '… labels [[app, env], [loc]]',
    indexed: true,
    path(target, chance) {
      const wanted = [[label(target, 'app', chance), label(target, 'env', chance)], [label(target, 'loc', chance)]];
      const text = encodeURIComponent(JSON.stringify(wanted));
      return `${profilesOf(oneOf(target.clusters, chance))}?assign_labels=${text}`;
    },
  },
  { title: 'GET one cluster', indexed: true, path: ({ clusters }, chance) => `/api/v2${oneOf(clusters, chance)}` },
  {
    title: 'clusters by name, a substring in all of them',
    indexed: false,
    path: ({ clusters }, chance) => `${ALL}?name=${nameOf(chance(clusters.length))}&max_results=1`,
  },
  { title: 'list of 10 clusters, with the total of all', indexed: false, path: () => `${ALL}?max_results=10` },
];

const SAMPLES = 300;
const WARM_UP = 50;

/** Asks all fleets the same queries, one after the other on one connection, taking turns. */
export async function measureQueries(fleets: readonly Fleet[], rounds: number): Promise<QueryTimes[]> {
  const chance = sequence();
  const askers = fleets.map(({ server }) => createAsker(server));
  const targets: Target[] = [];
  for (const [at, { file }] of fleets.entries()) {
    const profiles: string[] = [];
    for (let sample = 0; sample < SAMPLES; sample++) {
      const { text = '[]' } = (await askers[at]?.ask('GET', profilesOf(oneOf(file.clusters, chance)))) ?? {};
      profiles.push(oneOf(JSON.parse(text) as { href: string }[], chance).href);
    }
    targets.push({ clusters: file.clusters, labels: file.labels, profiles });
  }

  const results: QueryTimes[] = [];
  for (const { title, indexed, path } of QUERIES) {
    say(`queries: ${title}`);
    // Each round has its own p99, so that one bad moment of the machine does not decide.
    const p50 = fleets.map((): number[] => []);
    const p99 = fleets.map((): number[] => []);
    for (let round = 0; round < rounds; round++) {
      const times = fleets.map((): number[] => []);
      for (let sample = 0; sample < SAMPLES + WARM_UP; sample++) {
        for (const [at, target] of targets.entries()) {
          const time = await askers[at]?.time('GET', path(target, chance));
          if (time !== undefined && sample >= WARM_UP) times[at]?.push(time);
        }
      }
      for (const [at, all] of times.entries()) {
        p50[at]?.push(percentile(all, 0.5));
        p99[at]?.push(percentile(all, 0.99));
      }
    }
    for (const [at, { name }] of fleets.entries()) {
      const [middle, high] = [median(p50[at] ?? []), median(p99[at] ?? [])];
      results.push({ query: title, indexed, fleet: name, p50: middle, p99: high });
    }
  }
  for (const asker of askers) asker.close();
  return results;
}

/** Numbers that look like chance and are the same in every run (Lehmer's). */
function sequence(): (below: number) => number {
  let state = 20_240_501;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

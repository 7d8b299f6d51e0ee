import type { FleetSize } from './fleet-parts.ts';
import type { QueryTimes } from './fleet-queries.ts';
import type { SimulatorRate } from './fleet-simulator.ts';
import type { Storm } from './fleet-storm.ts';
import { goalText, QUERY_GOAL, verdictOn } from './goals.ts';
import { hundredths, table, whole } from './table.ts';

/** A fleet in its file, and what it takes to serve it. */
export interface FleetFacts extends FleetSize {
  readonly name: string;
  readonly documents: number;
  /** Milliseconds. */
  readonly made: number;
  readonly ready: number;
  /** MB of the file. */
  readonly megabytes: number;
  /** MB of memory after the start. */
  readonly idle?: number;
}

export interface FleetResults {
  readonly machine: string;
  readonly simulator: SimulatorRate;
  readonly small: FleetFacts;
  readonly large: FleetFacts;
  readonly queries: readonly QueryTimes[];
  readonly storm: Storm;
  /** MB of the large one after each. */
  readonly memory: { readonly queries?: number; readonly storm?: number };
}

/** The results as Markdown. */
export function fleetReport(results: FleetResults): string {
  const { machine, large, memory } = results;
  return [
    '# Fleet',
    '',
    `${machine}. Only ratios within one run count.`,
    '',
    ...files(results),
    '',
    ...queries(results),
    '',
    ...storm(results),
    '',
    `Memory of the large one: ${whole(large.idle)} MB after the start, ${whole(memory.queries)} after the queries, ${whole(memory.storm)} after the storm.`,
    '',
  ].join('\n');
}

const sizeOf = ({ clusters, profiles }: FleetSize) => `${whole(clusters)} × ${whole(profiles)}`;

function files({ small, large, simulator }: FleetResults): string[] {
  const rows = [small, large].map((one) => {
    const { documents, made, megabytes, ready, idle } = one;
    const rate = (documents * 1000) / made;
    return [sizeOf(one), ...[documents, made / 1000, rate, megabytes, ready, idle].map(whole)];
  });
  const hours = (simulator.seconds / simulator.clusters / 3600) * large.clusters;
  return [
    ...table(['clusters × profiles', 'documents', 'made in s', 'documents/s', 'file MB', 'start ms', 'idle MB'], rows),
    '',
    "Made through the emulator's own store, checked and linked, without requests and events. `simulate` takes " +
      `${hundredths(simulator.seconds / simulator.clusters)} s for a cluster of ${simulator.profiles} managed namespaces with a ` +
      `service and a pod each; all of them would take ${hundredths(hours)} hours.`,
  ];
}

function queries({ queries: all, small, large }: FleetResults): string[] {
  const of = (query: string, fleet: string) => all.find((one) => one.query === query && one.fleet === fleet);
  const rows = all
    .filter(({ fleet }) => fleet === large.name)
    .map(({ query, indexed, p50, p99 }) => {
      const { p50: smallP50 = Number.NaN, p99: smallP99 = Number.NaN } = of(query, small.name) ?? {};
      const times = [smallP50, smallP99, p50, p99, p50 / smallP50, p99 / smallP99].map(hundredths);
      const judged = indexed
        ? [goalText(QUERY_GOAL), verdictOn(p99 / smallP99, QUERY_GOAL)]
        : ['', 'reads all clusters'];
      return [query, ...times, ...judged];
    });
  const [few, many] = [small, large].map(sizeOf) as [string, string];
  const heads = [`${few}: p50 ms`, 'p99 ms', `${many}: p50 ms`, 'p99 ms', 'ratio of p50', 'ratio of p99'];
  return table(['query, one connection', ...heads, 'floor, goal', ''], rows);
}

function storm({ storm: { clusters, seconds, requests, failures, firstFailure, latencies, processor } }: FleetResults) {
  const rows = latencies.map(({ what, count, p50, p99 }) => [what, whole(count), hundredths(p50), hundredths(p99)]);
  const busy =
    processor === undefined ? '' : ` The server was busy ${whole((processor / seconds) * 100)} % of the time.`;
  const failed = failures === 0 ? 'None failed.' : `${whole(failures)} failed: ${firstFailure}`;
  return [
    `All ${whole(clusters)} clusters had reported after ${hundredths(seconds)} s: ${whole(requests)} requests, ` +
      `${whole(requests / seconds)}/s. ${failed}${busy}`,
    '',
    ...table(['reconnect storm', 'count', 'p50 ms', 'p99 ms'], rows),
  ];
}

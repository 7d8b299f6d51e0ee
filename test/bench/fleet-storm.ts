import { setMaxListeners } from 'node:events';
import { createAgent } from '../../src/simulate/agent.ts';
import { createPceClient, type PceClient } from '../../src/simulate/pce-client.ts';
import { createRealTime } from '../../src/simulate/real-time.ts';
import type { FleetFile } from './fleet-file.ts';
import { type FleetSize, partsOf } from './fleet-parts.ts';
import { say } from './scaffold.ts';
import type { Server } from './servers.ts';
import { percentile } from './statistics.ts';
import { whole } from './table.ts';

/** How a storm went. */
export interface Storm {
  readonly clusters: number;
  /** From the first report to the end of the last. */
  readonly seconds: number;
  readonly requests: number;
  /** Clusters whose report failed, and what the first of them was told. */
  readonly failures: number;
  readonly firstFailure?: string;
  /** Milliseconds of a request, by kind, and of a whole report. */
  readonly latencies: readonly {
    readonly what: string;
    readonly count: number;
    readonly p50: number;
    readonly p99: number;
  }[];
  /** Processor time of the server, in s. */
  readonly processor?: number;
}

const CONNECTIONS = 256;

/**
 * Has every agent of a fleet come back within some time, evenly: each tells all that it knows, as an agent does that
 * cannot know what the PCE remembers (`src/simulate`). Who is due reports, whether the others are through or not.
 */
export async function measureStorm(server: Server, file: FleetFile, size: FleetSize, within: number): Promise<Storm> {
  const time = createRealTime();
  const never = new AbortController().signal;
  setMaxListeners(0, never);
  const place = { origin: server.url, insecure: false, parallel: CONNECTIONS };
  const client = createPceClient(place, time, never);
  const latencies = new Map<string, number[]>();
  const note = (what: string, milliseconds: number) => {
    const known = latencies.get(what);
    if (known) known.push(milliseconds);
    else latencies.set(what, [milliseconds]);
  };
  const timed: PceClient = {
    ...client,
    requests: 0,
    async ask(ask) {
      const begun = time.now();
      const answer = await client.ask(ask);
      note(ask.path.replace(/^.*\/([a-z_]+)(\?.*)?$/, '$1'), time.now() - begun);
      return answer;
    },
  };
  const [failures, under]: [string[], Promise<void>[]] = [[], []];
  // Made before, so that nobody waits for it.
  const parts = [...partsOf(size)];
  const begun = time.now();
  const before = server.processorTime();
  let through = 0;
  for (const { index, inventory, token } of parts) {
    await time.wait(begun + (within * 1000 * index) / size.clusters - time.now(), never);
    const href = file.clusters[index] ?? '';
    const agent = createAgent(
      { href, token },
      { client: timed, mode: 'legacy', takesPods: async () => true, done: () => undefined },
    );
    const report = async () => {
      const asked = time.now();
      try {
        await agent.report(inventory);
        note('the whole report', time.now() - asked);
      } catch (error) {
        failures.push((error as Error).message);
      }
      through++;
      if (through % Math.ceil(size.clusters / 10) === 0) say(`storm: ${whole(through)} of ${whole(size.clusters)}`);
    };
    under.push(report());
  }
  await Promise.all(under);
  const seconds = (time.now() - begun) / 1000;
  const after = server.processorTime();
  client.close();
  return {
    clusters: size.clusters,
    seconds,
    requests: client.requests,
    failures: failures.length,
    firstFailure: failures[0],
    latencies: [...latencies].map(([what, all]) => ({
      ...{ what, count: all.length },
      ...{ p50: percentile(all, 0.5), p99: percentile(all, 0.99) },
    })),
    processor: before === undefined || after === undefined ? undefined : after - before,
  };
}

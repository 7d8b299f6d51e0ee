import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createAsker } from './asking.ts';
import { PLACE } from './cases.ts';
import { type Build, startArgs } from './contenders.ts';
import { say } from './scaffold.ts';
import { startServer } from './servers.ts';
import { median, percentile } from './statistics.ts';

/** How long it takes to go back to the start of the demo world, in milliseconds. */
export interface Reset {
  readonly server: string;
  readonly p50: number;
  readonly p99: number;
  /** Of a request that does nothing, over the same connection: that much of the reset is HTTP. */
  readonly roundTrip: number;
  readonly resets: number;
}

const WARM_UP = 20;

/** Makes a cluster and resets, again and again. */
export async function measureResets(builds: readonly Build[], folder: string, resets: number): Promise<Reset[]> {
  const results: Reset[] = [];
  for (const { name, cli } of builds) {
    for (const where of ['in memory', 'in a file']) {
      say(`reset: ${name}, ${where}`);
      const file = join(folder, 'reset.sqlite');
      const server = await startServer([cli, ...startArgs('demo'), ...(where === 'in a file' ? ['--db', file] : [])]);
      const asker = createAsker(server);
      const [times, trips]: [number[], number[]] = [[], []];
      for (let turn = 0; turn < WARM_UP + resets; turn++) {
        await asker.ask('POST', PLACE.list, JSON.stringify({ name: `cluster ${turn}` }));
        const trip = await asker.time('GET', '/_emulator/ready');
        const time = await asker.time('POST', '/_emulator/reset');
        if (turn < WARM_UP) continue;
        times.push(time);
        trips.push(trip);
      }
      const at = { p50: median(times), p99: percentile(times, 0.99), roundTrip: median(trips) };
      results.push({ server: `${name}, ${where}`, ...at, resets });
      asker.close();
      await server.stop();
      for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true });
    }
  }
  return results;
}

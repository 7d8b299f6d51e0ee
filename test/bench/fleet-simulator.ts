import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OWN_BUILD, say } from './scaffold.ts';
import { startServer } from './servers.ts';

/** How fast agents make clusters that the PCE manages: with all events, virtual services, workloads and labels. */
export interface SimulatorRate {
  readonly clusters: number;
  readonly profiles: number;
  readonly seconds: number;
}

const CLUSTERS = 10;
const KEY = 'bench:of-the-fleet';

/** Has `pce-emulator simulate` report some clusters into a file, as a user would who wants a fleet. */
export async function measureSimulator(folder: string, profiles: number): Promise<SimulatorRate> {
  say(`simulate: ${CLUSTERS} clusters`);
  const file = join(folder, 'simulated.sqlite');
  const start = ['start', '--port', '0', '--json', '--world', 'empty', '--db', file, '--api-key', KEY];
  const server = await startServer([OWN_BUILD, ...start]);
  const fleet = ['--clusters', String(CLUSTERS), '--namespaces', String(profiles), '--workloads', '1'];
  const args = [OWN_BUILD, 'simulate', ...fleet, '--url', server.url, '--api-key', KEY, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  await server.stop();
  return { clusters: CLUSTERS, profiles, seconds: Number((JSON.parse(stdout) as { seconds: number }).seconds) };
}

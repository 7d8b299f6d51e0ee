import { statSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { documentsOf, makeFleetFile } from './fleet-file.ts';
import type { FleetSize } from './fleet-parts.ts';
import { type Fleet, measureQueries } from './fleet-queries.ts';
import { type FleetFacts, type FleetResults, fleetReport } from './fleet-report.ts';
import { measureSimulator } from './fleet-simulator.ts';
import { measureStorm } from './fleet-storm.ts';
import { machine } from './report.ts';
import { OWN_BUILD, run, say } from './scaffold.ts';
import { startServer } from './servers.ts';
import { whole } from './table.ts';

const HELP = `Measures the emulator with a large fleet in a file, and a storm in which all of its clusters report again.

  npm run bench:fleet -- [options]

  --clusters N   (10000)
  --profiles N   of each cluster (100)
  --within S     seconds in which every cluster reports (60)
  --rounds N     of each query (5)
  --json FILE    also write the raw numbers there
`;

const { values } = parseArgs({
  options: {
    clusters: { type: 'string', default: '10000' },
    profiles: { type: 'string', default: '100' },
    within: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const LARGE: FleetSize = { clusters: Number(values.clusters), profiles: Number(values.profiles) };
/** A thousand profiles, to compare with. */
const SMALL: FleetSize = { clusters: Math.max(1, Math.round(1000 / LARGE.profiles)), profiles: LARGE.profiles };

async function fleet(folder: string): Promise<number> {
  const begun = performance.now();
  const simulator = await measureSimulator(folder, LARGE.profiles);
  const [small, smallFacts] = await serve('small', SMALL, folder);
  const [large, largeFacts] = await serve('large', LARGE, folder);
  const queries = await measureQueries([small, large], Number(values.rounds));
  const queried = large.server.memory();
  await small.server.stop();
  const storm = await measureStorm(large.server, large.file, LARGE, Number(values.within));
  const memory = { queries: queried, storm: large.server.memory() };
  await large.server.stop();
  const about = { machine: machine(folder), simulator, small: smallFacts, large: largeFacts };
  const results: FleetResults = { ...about, queries, storm, memory };
  process.stdout.write(fleetReport(results));
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  say(`measured in ${whole((performance.now() - begun) / 1000)} s`);
  return storm.failures === 0 ? 0 : 1;
}

/** Makes a fleet and starts an emulator on its file. */
async function serve(name: string, size: FleetSize, folder: string): Promise<[Fleet, FleetFacts]> {
  const file = await makeFleetFile(folder, name, size);
  const megabytes = statSync(file.file).size / 2 ** 20;
  const server = await startServer([OWN_BUILD, 'start', '--port', '0', '--json', '--db', file.file]);
  say(`${name}: ${whole(megabytes)} MB, ready after ${whole(server.readyAfter)} ms`);
  const facts = { name, ...size, documents: documentsOf(size), made: file.took, megabytes };
  return [
    { name, server, file },
    { ...facts, ready: server.readyAfter, idle: server.memory() },
  ];
}

const isCount = (text: string) => /^[1-9][0-9]*$/.test(text);
const counts = [values.clusters, values.profiles, values.within, values.rounds];
if (values.help || !counts.every(isCount)) process.stdout.write(HELP);
else run(60, fleet);

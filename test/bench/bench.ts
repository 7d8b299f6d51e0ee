import { writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES } from './cases.ts';
import { anchorsOf, type Build, EMULATOR, emulatorOf, startArgs } from './contenders.ts';
import { measureFootprints } from './footprint.ts';
import { startLoadMaker } from './load.ts';
import { payloadOf } from './payload.ts';
import { findPeers } from './peers.ts';
import { conditions, machine, type Results, report } from './report.ts';
import { measureResets } from './resets.ts';
import { measureRounds } from './rounds.ts';
import { OWN_BUILD, run } from './scaffold.ts';
import { startServer } from './servers.ts';
import { measureStarts } from './starts.ts';
import { benchWorldFile } from './world-file.ts';

const PARTS = [...CASES.map(({ id }) => id), 'start', 'memory', 'reset'];

const HELP = `Measures the emulator beside bare Express, bare node:http and what users would pick instead; prints a Markdown report.

  npm run bench -- [options]

  --short        2 rounds of 1 s instead of 3 of 3 s
  --only PARTS   some of: ${PARTS.join(', ')}
  --peers DIR    where npm run bench:peers -- DIR has installed Prism, json-server and Mockoon; else they are looked for
                 on the PATH
  --no-peers     measure none of them
  --json FILE    also write the raw numbers there
  --also FILE    measure another build's cli.js too, in the same run: for before and after a change
`;

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    peers: { type: 'string' },
    'no-peers': { type: 'boolean', default: false },
    json: { type: 'string' },
    also: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
});

const plan = values.short
  ? { rounds: 2, seconds: 1, starts: 2, settle: 200, requests: 5_000, resets: 100 }
  : { rounds: 3, seconds: 3, starts: 8, settle: 500, requests: 20_000, resets: 500 };
const wanted = values.only?.split(',') ?? PARTS;
const cases = CASES.filter(({ id }) => wanted.includes(id));
const builds: Build[] = [
  { name: EMULATOR, cli: OWN_BUILD },
  ...values.also.map((file) => ({ name: basename(resolve(file, '..', '..')), cli: resolve(file) })),
];

async function bench(folder: string): Promise<number> {
  const world = benchWorldFile(folder);
  const emulators = builds.map((build) => emulatorOf(build, world));
  const server = await startServer([OWN_BUILD, ...startArgs(world)]);
  const payload = await payloadOf(server);
  await server.stop();
  const payloadFile = join(folder, 'payload.json');
  writeFileSync(payloadFile, JSON.stringify(payload));
  const anchors = anchorsOf(payloadFile);
  const found = values['no-peers'] ? { contenders: [], remarks: [] } : findPeers(payload, folder, values.peers);
  const { contenders: peers, remarks } = found;
  const all = [...anchors, ...emulators, ...peers];

  const load = startLoadMaker();
  const results: Results = {
    machine: machine(folder),
    conditions: conditions(plan.rounds, plan.seconds),
    emulators: emulators.map(({ name }) => name),
    peers: peers.map(({ name }) => name),
    keeps: Object.fromEntries(all.map(({ name, keeps }) => [name, keeps])),
    remarks,
    starts: wanted.includes('start') ? await measureStarts(builds, emulators, peers, plan) : [],
    ...(await measureRounds(load, all, cases, { ...plan, folder })),
    footprints: wanted.includes('memory') ? await measureFootprints(load, all, plan) : [],
    resets: wanted.includes('reset') ? await measureResets(builds, folder, plan.resets) : [],
  };
  await load.stop();
  process.stdout.write(report(results));
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  return 0;
}

const unknown = wanted.filter((part) => !PARTS.includes(part));
if (values.help || unknown.length > 0) {
  process.stdout.write(unknown.length > 0 ? `there is no part ${unknown.join(', ')}\n\n${HELP}` : HELP);
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else {
  run(45, bench);
}

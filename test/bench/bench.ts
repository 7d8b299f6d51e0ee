import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchWorld, CASES, type Case, PAYLOADS } from './cases.ts';
import { type LoadMaker, startLoadMaker } from './load.ts';
import { conditions, EXPRESS, type Memory, machine, NODE, report, type Sample, type Start } from './report.ts';
import { killChildren, type Server, startServer } from './servers.ts';

const HELP = `Measures the emulator beside bare Express and bare node:http, and prints a Markdown report.

  npm run bench -- [options]

  --short        2 rounds of 1 s instead of 3 of 3 s
  --only CASES   some of: ${CASES.map(({ id }) => id).join(', ')}, start
  --json FILE    also write the raw numbers there
  --also FILE    measure another build's cli.js too, in the same run: for before and after a change
`;

const HERE = fileURLToPath(new URL('.', import.meta.url));
const OWN_BUILD = join(HERE, '..', '..', 'dist', 'cli.js');
const EMULATOR = 'emulator';
const WARM_UP_SECONDS = 0.7;
/** No run takes so long; one that does is stuck. */
const LIMIT_MS = 15 * 60_000;

/** An emulator's build by the name it has in the report. */
interface Build {
  readonly name: string;
  readonly cli: string;
}

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'string' },
    also: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
});

const plan = values.short
  ? { rounds: 2, seconds: 1, starts: 3, settle: 200 }
  : { rounds: 3, seconds: 3, starts: 9, settle: 500 };
const wanted = values.only?.split(',');
const cases = CASES.filter(({ id }) => !wanted || wanted.includes(id));
const builds: Build[] = [
  { name: EMULATOR, cli: OWN_BUILD },
  ...values.also.map((file) => ({ name: basename(resolve(file, '..', '..')), cli: resolve(file) })),
];
const folder = mkdtempSync(join(tmpdir(), 'pce-emulator-bench-'));

const say = (text: string) => void process.stderr.write(`${text}\n`);

function cleanUp(): void {
  killChildren();
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  if (values.help) return void process.stdout.write(HELP);
  const starts = !wanted || wanted.includes('start') ? await measureStarts() : [];
  const { samples, memory } = await measureLoad();
  const results = {
    machine: machine(folder),
    conditions: conditions(plan.rounds, plan.seconds),
    samples,
    starts,
    memory,
  };
  process.stdout.write(report(results));
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
}

/** Spawn to first 200, one server after the other, again and again. */
async function measureStarts(): Promise<Start[]> {
  const emulators = builds.flatMap(({ name, cli }) =>
    ['empty', 'demo'].map((world): [string, string[]] => [`${name}, ${world} world`, [cli, ...startArgs(world)]]),
  );
  const contenders: [string, string[]][] = [[NODE, [anchor('node')]], [EXPRESS, [anchor('express')]], ...emulators];
  const starts: Start[] = [];
  for (let turn = 0; turn < plan.starts; turn++) {
    say(`start to first 200: ${turn + 1} of ${plan.starts}`);
    for (const [server, args] of contenders) {
      const running = await startServer(args);
      await pause(plan.settle);
      const memory = running.memory();
      await running.stop();
      // The first turn fills the file cache of the operating system.
      if (turn > 0) starts.push({ server, milliseconds: running.readyAfter, memory });
    }
  }
  return starts;
}

async function measureLoad(): Promise<{ samples: Sample[]; memory: Memory[] }> {
  const world = join(folder, 'bench.json');
  writeFileSync(world, JSON.stringify(benchWorld()));
  const load = startLoadMaker();
  const lasting: { name: string; server: Server; before?: number; requests: number }[] = [];
  for (const { name, cli } of builds) {
    const server = await startServer([cli, ...startArgs(world)]);
    await pause(plan.settle);
    lasting.push({ name, server, before: server.memory(), requests: 0 });
  }
  const payload = await payloadOf(lasting[0]?.server);
  const anchors: [string, Server][] = [
    [NODE, await startServer([anchor('node'), payload])],
    [EXPRESS, await startServer([anchor('express'), payload])],
  ];

  const samples: Sample[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    for (const one of cases) {
      const turns: (() => Promise<void>)[] = [];
      const sample = async (name: string, server: Server, id = one.id) => {
        const measured = await measure(load, one, server);
        samples.push({ case: id, server: name, ...measured.sample });
        const rate = Math.round(measured.sample.requestsPerSecond);
        say(`round ${round + 1} of ${plan.rounds}: ${one.title}: ${name} ${rate}/s`);
        return measured.requests;
      };
      if (!one.anchorsOf || !cases.some(({ id }) => id === one.anchorsOf)) {
        for (const [name, server] of anchors) turns.push(async () => void (await sample(name, server, one.anchorsOf)));
      }
      for (const [index, { name, cli }] of builds.entries()) {
        turns.push(async () => {
          const own = lasting[index];
          if (!one.grows && own) {
            own.requests += await sample(name, own.server);
            return;
          }
          const file = join(folder, `${index}-${round}.sqlite`);
          const fresh = await startServer([cli, ...startArgs(world), ...(one.durable ? ['--db', file] : [])]);
          await sample(name, fresh);
          await fresh.stop();
          for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true });
        });
      }
      // Another one begins in each round, so that none has always the same one before it.
      const first = round % turns.length;
      for (const turn of [...turns.slice(first), ...turns.slice(0, first)]) await turn();
    }
  }

  const memory = lasting.map(({ name, server, before, requests }) => {
    return { server: name, before, after: server.memory(), requests };
  });
  for (const { server } of lasting) await server.stop();
  for (const [, server] of anchors) await server.stop();
  await load.stop();
  return { samples, memory };
}

async function measure(
  load: LoadMaker,
  { requests }: Case,
  server: Server,
): Promise<{ sample: Omit<Sample, 'case' | 'server'>; requests: number }> {
  const { url, authorization } = server;
  const warm = await load.run({ url, authorization, requests, seconds: WARM_UP_SECONDS });
  const before = server.processorTime();
  const made = await load.run({ url, authorization, requests, seconds: plan.seconds });
  const after = server.processorTime();
  const used = before === undefined || after === undefined ? undefined : after - before;
  return {
    sample: {
      requestsPerSecond: made.requests / made.seconds,
      p50: made.p50,
      p99: made.p99,
      processor: used === undefined ? undefined : (used * 1e6) / made.requests,
    },
    requests: warm.requests + made.requests,
  };
}

/** Writes what the emulator replies into a file for the anchors, so that all send the same bytes. */
async function payloadOf(server: Server | undefined): Promise<string> {
  if (!server) throw new Error('there is no emulator to measure');
  const replies = Object.entries(PAYLOADS).map(async ([name, path]): Promise<[string, unknown]> => {
    const reply = await fetch(server.url + path, { headers: { authorization: server.authorization } });
    if (!reply.ok) throw new Error(`GET ${path} answers ${reply.status}: ${await reply.text()}`);
    return [name, await reply.json()];
  });
  const file = join(folder, 'payload.json');
  writeFileSync(file, JSON.stringify(Object.fromEntries(await Promise.all(replies))));
  return file;
}

const anchor = (name: 'node' | 'express') => join(HERE, `${name}-anchor.mjs`);
const startArgs = (world: string) => ['start', '--port', '0', '--json', '--world', world];
const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

process.on('exit', cleanUp);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
setTimeout(() => {
  say(`the benchmark takes longer than ${LIMIT_MS / 60_000} minutes; it is stopped`);
  process.exit(1);
}, LIMIT_MS).unref();

main().catch((error: unknown) => {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
  process.exit();
});

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Asker, createAsker } from './asking.ts';
import { caseOf, PLACE } from './cases.ts';
import { emulatorOf } from './contenders.ts';
import { startLoadMaker } from './load.ts';
import { machine } from './report.ts';
import { OWN_BUILD, pause, run, say } from './scaffold.ts';
import { table, whole } from './table.ts';
import { benchWorldFile } from './world-file.ts';

const HELP = `Measures what the emulator holds over many requests, with the journal on; prints a Markdown table.

  npm run bench:memory -- [options]

  --requests N   how many to each                                           (1000000)
  --only KINDS   some of: read, memory, file                                (all)

read: GETs of one cluster and of a list, in memory, so that the journal alone can grow. memory, file: the mixed load of
the benchmark, where one request in five writes, with everything in memory and with --db. What is written stays, as do
its events: the table tells how many.
`;

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '1000000' }, only: { type: 'string' }, help: { type: 'boolean' } },
});

const KINDS = ['read', 'memory', 'file'] as const;
type Kind = (typeof KINDS)[number];

const TITLES: Readonly<Record<Kind, string>> = {
  read: 'reads, in memory',
  memory: 'mixed, in memory',
  file: 'mixed, in a file',
};

const MARKS = [0, 20_000, 100_000, 250_000, 500_000, 1_000_000];
/** Progress is told after so many. */
const STEP = 10_000;
/** What is garbage has time to go. */
const SETTLE_MS = 1000;

/** One look at a server. */
interface Look {
  readonly requests: number;
  readonly memory?: number;
  /** What it holds that no journal does. */
  readonly clusters: number;
  readonly events: number;
}

async function memory(folder: string): Promise<number> {
  const requests = Number(values.requests);
  const marks = [...MARKS.filter((mark) => mark < requests), requests];
  const kinds = KINDS.filter((kind) => !values.only || values.only.split(',').includes(kind));
  const emulator = emulatorOf({ name: 'emulator', cli: OWN_BUILD }, benchWorldFile(folder));
  const load = startLoadMaker();
  const looks = new Map<Kind, Look[]>();
  for (const kind of kinds) {
    const file = kind === 'file' ? join(folder, 'memory.sqlite') : undefined;
    const server = await emulator.start(file);
    const asker = createAsker(server);
    const [mixed, one] = [caseOf('mixed').requests(PLACE), caseOf('one').requests(PLACE)];
    const sent = kind === 'read' ? [...one, ...mixed.filter(({ method }) => method === 'GET')] : mixed;
    const found: Look[] = [];
    let done = 0;
    for (const mark of marks) {
      const [begun, before] = [performance.now(), done];
      while (done < mark) {
        const amount = Math.min(STEP, mark - done);
        await load.run({ url: server.url, authorization: server.authorization, requests: sent, amount });
        done += amount;
        const rate = ((done - before) * 1000) / (performance.now() - begun);
        if (done % (STEP * 5) === 0) say(`${TITLES[kind]}: ${whole(done)} of ${whole(requests)}, ${whole(rate)}/s`);
      }
      await pause(SETTLE_MS);
      found.push({ requests: done, memory: server.memory(), ...(await heldBy(asker)) });
    }
    looks.set(kind, found);
    asker.close();
    await server.stop();
    for (const ending of file ? ['', '-wal', '-shm'] : []) rmSync(file + ending, { force: true });
  }
  await load.stop();

  const rows = marks.map((mark, at) => [
    whole(mark),
    ...kinds.flatMap((kind) => {
      const { memory: held, clusters = 0, events = 0 } = looks.get(kind)?.[at] ?? {};
      return [whole(held), whole(clusters + events)];
    }),
  ]);
  const heads = ['requests', ...kinds.flatMap((kind) => [`MB, ${TITLES[kind]}`, 'clusters and events'])];
  process.stdout.write(`${machine(folder)}\n\n${table(heads, rows).join('\n')}\n`);
  return 0;
}

async function heldBy(asker: Asker): Promise<{ clusters: number; events: number }> {
  const count = async (path: string) => Number((await asker.ask('GET', path)).headers['x-total-count']);
  return {
    clusters: await count(`${PLACE.list}?max_results=1`),
    events: await count('/api/v2/orgs/1/events?max_results=1'),
  };
}

if (values.help || !(Number(values.requests) > 0)) process.stdout.write(HELP);
else run(120, memory);

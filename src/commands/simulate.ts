import { setMaxListeners } from 'node:events';
import { text } from 'node:stream/consumers';
import { chances } from '../simulate/chance.ts';
import { SimulationFailed } from '../simulate/failures.ts';
import { fleetOf, objectsOf } from '../simulate/fleet.ts';
import { inventoryOf, type Mode } from '../simulate/inventory.ts';
import { readList } from '../simulate/kubernetes.ts';
import { basic, createPceClient } from '../simulate/pce-client.ts';
import { createPodsCheck } from '../simulate/pods.ts';
import { createProgress } from '../simulate/progress.ts';
import { createRealTime } from '../simulate/real-time.ts';
import { type Part, play, type Simulation } from '../simulate/simulation.ts';
import { summaryLine, summaryText } from '../simulate/summary.ts';
import { createUser } from '../simulate/user.ts';
import { Misuse, print, read, separated, someTimeOf, type Values } from './arguments.ts';
import { onInterruption } from './interruption.ts';
import { readText } from './starting.ts';

export { SimulationFailed };

const SIMULATE = {
  url: { type: 'string' },
  org: { type: 'string' },
  ca: { type: 'string' },
  insecure: { type: 'boolean' },
  cluster: { type: 'string' },
  token: { type: 'string' },
  'api-key': { type: 'string' },
  name: { type: 'string' },
  managed: { type: 'boolean' },
  'no-managed': { type: 'boolean' },
  mode: { type: 'string' },
  every: { type: 'string' },
  for: { type: 'string' },
  churn: { type: 'string' },
  clusters: { type: 'string' },
  namespaces: { type: 'string' },
  workloads: { type: 'string' },
  seed: { type: 'string' },
  parallel: { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Given = Values<typeof SIMULATE>;

/**
 * `pce-emulator simulate`: reports clusters to a PCE as their agents would. The exit code is 1 when a report failed, or was not made.
 * @throws Misuse, UnusableOption, SimulationFailed
 */
export async function simulate(args: string[]): Promise<void> {
  const { file, options } = separated(args, SIMULATE, 'simulate');
  const given = read(options, SIMULATE);
  if (file === undefined && given.clusters === undefined) {
    throw new Misuse('simulate takes a FILE, - for standard input, or --clusters N');
  }
  const mode = modeOf(given.mode);
  const origin = originOf(given.url);
  const parallel = numberOf(given, 'parallel', 8, 1, 1000);
  const heartbeat = heartbeatOf(given);
  const doors = doorsOf(given, file === undefined);
  const cast = file === undefined ? fleet(given, mode) : await listed(file, given, mode);

  const time = createRealTime();
  const begun = time.now();
  const signal = untilInterrupted();
  const ca = given.ca === undefined ? undefined : readText(given.ca);
  const client = createPceClient({ origin, ca, insecure: given.insecure ?? false, parallel }, time, signal);
  const screen = { live: process.stderr.isTTY === true, write: (line: string) => void process.stderr.write(line) };
  const progress = createProgress(cast.objects, screen, time);
  const note = (line: string) => progress.note(`pce-emulator: ${line}`);
  const takesPods = createPodsCheck(client, note);
  try {
    const { parts } = cast;
    const enter = doors(createUser(client, given['api-key'] === undefined ? '' : keyOf(given['api-key'])));
    const talk = { ...progress, note };
    const tally = await play({
      parts,
      enter,
      client,
      mode,
      takesPods,
      parallel,
      heartbeat,
      progress: talk,
      time,
      signal,
    });
    progress.end();
    const summary = { tally, requests: client.requests, seconds: Math.round(time.now() - begun) / 1000 };
    print(given.json ? summaryLine(summary) : summaryText(summary));
    const cutShort = signal.aborted && heartbeat === undefined;
    if (cutShort) note('interrupted before every cluster had reported');
    if (cutShort || tally.failures > 0) process.exitCode = 1;
  } finally {
    progress.end();
    client.close();
  }
}

interface Cast {
  readonly parts: Iterable<Part>;
  /** How many objects they tell of at first. */
  readonly objects: number;
}

/** The one cluster of a file. @throws Misuse, UnusableOption, UnusableList */
async function listed(file: string, given: Given, mode: Mode): Promise<Cast> {
  for (const option of ['clusters', 'namespaces', 'workloads'] as const) {
    if (given[option] !== undefined) throw new Misuse(`--${option} makes a fleet, which takes no file`);
  }
  const { name = 'simulated' } = given;
  const list = file === '-' ? readList(await text(process.stdin), 'standard input') : readList(readText(file), file);
  const inventory = inventoryOf(list);
  const chance = chances(seedOf(given)).next().value;
  const { services, pods, workloads } = inventory;
  const objects = services.length + (mode === 'clas' ? workloads : pods).length;
  return { parts: [{ name, inventory, chance }], objects };
}

/** Clusters that are made up. @throws Misuse */
function fleet(given: Given, mode: Mode): Cast {
  const size = {
    clusters: numberOf(given, 'clusters', 1, 1, 100_000),
    namespaces: numberOf(given, 'namespaces', 10, 1, 10_000),
    workloads: numberOf(given, 'workloads', 10, 1, 10_000),
  };
  if (size.clusters > 1 && given.cluster !== undefined) throw new Misuse('--cluster names one cluster, not a fleet');
  const { name = 'simulated' } = given;
  const parts = function* () {
    let number = 0;
    for (const one of fleetOf({ ...size, seed: seedOf(given) })) yield { ...one, name: `${name}-${++number}` };
  };
  return { parts: parts(), objects: objectsOf(size, mode) };
}

/** How the clusters get their place in the PCE. @throws Misuse */
function doorsOf(given: Given, isFleet: boolean): (user: ReturnType<typeof createUser>) => Simulation['enter'] {
  const { cluster, token, 'api-key': key, managed, 'no-managed': unmanaged } = given;
  if ((cluster === undefined) !== (token === undefined)) throw new Misuse('--cluster and --token go together');
  if (cluster === undefined && key === undefined) {
    throw new Misuse('simulate takes --cluster UUID --token TOKEN, or --api-key NAME:SECRET to make clusters with');
  }
  if (managed && unmanaged) throw new Misuse('--managed and --no-managed exclude each other');
  if (managed && key === undefined) throw new Misuse('--managed takes an --api-key: an agent may not do it');
  if (key !== undefined) keyOf(key);
  if (cluster !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(cluster)) {
    throw new Misuse(`--cluster takes the UUID of a cluster, not ${cluster}`);
  }
  const org = numberOf(given, 'org', 1, 1, Number.MAX_SAFE_INTEGER);
  const manages = managed ?? (isFleet && cluster === undefined && !unmanaged);
  return (user) =>
    async ({ name }) => {
      const own = cluster !== undefined && token !== undefined;
      const entered = own
        ? { href: `/orgs/${org}/container_clusters/${cluster}`, token }
        : await user.create(org, name);
      if (manages) await user.manage(entered);
      return entered;
    };
}

function heartbeatOf(given: Given): Simulation['heartbeat'] {
  const { every, for: lasting, churn } = given;
  if (every === undefined) {
    if (lasting !== undefined || churn !== undefined) throw new Misuse('--for and --churn go with --every');
    return undefined;
  }
  return {
    every: someTimeOf(every, 'every'),
    lasting: lasting === undefined ? undefined : someTimeOf(lasting, 'for'),
    churn: numberOf(given, 'churn', 0, 0, 10_000),
  };
}

function numberOf(
  given: Given,
  option: 'org' | 'churn' | 'clusters' | 'namespaces' | 'workloads' | 'seed' | 'parallel',
  otherwise: number,
  least: number,
  most: number,
): number {
  const { [option]: told = String(otherwise) } = given;
  const number = Number(told);
  if (/^\d+$/.test(told) && number >= least && number <= most) return number;
  throw new Misuse(`--${option} takes a number from ${least} to ${most}, not ${told}`);
}

const seedOf = (given: Given) => numberOf(given, 'seed', 1, 0, 2 ** 32 - 1);

function modeOf(mode = 'legacy'): Mode {
  if (mode === 'legacy' || mode === 'clas') return mode;
  throw new Misuse(`--mode takes legacy or clas, not ${mode}`);
}

function originOf(url = 'https://127.0.0.1:8443'): string {
  const { protocol, origin, pathname, username, search } = URL.canParse(url) ? new URL(url) : ({} as Partial<URL>);
  if (origin && /^https?:$/.test(protocol ?? '') && pathname === '/' && !username && !search) return origin;
  throw new Misuse('--url takes scheme, host and port of a PCE: https://pce.example.com:8443');
}

/** The Authorization header for NAME:SECRET. @throws Misuse, without the secret */
function keyOf(given: string): string {
  const [, name, secret] = /^([^:]+):(.+)$/.exec(given) ?? [];
  if (name !== undefined && secret !== undefined) return basic(name, secret);
  throw new Misuse('--api-key takes a name and a secret: api_1234:secret');
}

/** Comes at the first signal to stop; a second one ends the process at once. */
function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  // All clusters that wait listen to it.
  setMaxListeners(0, controller.signal);
  onInterruption(() => {
    if (controller.signal.aborted) process.exit(1);
    controller.abort();
  });
  return controller.signal;
}

import { type Agent, createAgent, type Surroundings } from './agent.ts';
import type { Chance } from './chance.ts';
import { churned } from './churn.ts';
import { Refused, SimulationFailed, Stopped } from './failures.ts';
import { heartbeats } from './heartbeats.ts';
import type { Inventory } from './inventory.ts';
import type { Progress } from './progress.ts';
import type { Time } from './real-time.ts';
import type { Cluster } from './user.ts';

/** A cluster to play. */
export interface Part {
  readonly name: string;
  readonly inventory: Inventory;
  /** Decides its churn. */
  readonly chance: Chance;
}

export interface Simulation extends Omit<Surroundings, 'done'> {
  /** Asked for one by one, so that not all clusters need to be held at once. */
  readonly parts: Iterable<Part>;
  /** Gives a part its place in the PCE. */
  enter(part: Part): Promise<Cluster>;
  /** How many clusters report at once. */
  readonly parallel: number;
  /** Absent: each cluster reports once. In milliseconds; `churn` is the number of changes between two beats. */
  readonly heartbeat?: { readonly every: number; readonly lasting?: number; readonly churn: number };
  readonly progress: Progress;
  readonly time: Time;
  /** Ends it: reports that are under way are finished, no other is begun. */
  readonly signal: AbortSignal;
}

/** What was reported, and how it went. */
export interface Tally {
  clusters: number;
  namespaces: number;
  services: number;
  /** In CLAS mode. */
  workloads: number;
  /** In legacy mode. */
  pods: number;
  /** Reports after the first. */
  heartbeats: number;
  changes: number;
  /** Reports that failed. */
  failures: number;
  /** Of the last cluster that has reported. */
  href?: string;
}

interface Player {
  readonly name: string;
  readonly agent: Agent;
  readonly chance: Chance;
  /** As it is now. */
  inventory: Inventory;
  /** As the PCE was last told. */
  told: Inventory;
}

/**
 * Has each cluster report, once or steadily. A cluster that is refused is told of and left out.
 * @throws Unreachable when nothing answers at first; what `enter` throws
 */
export async function play(simulation: Simulation): Promise<Tally> {
  const { parts, parallel, heartbeat, progress, time, signal, mode, takesPods } = simulation;
  const until = heartbeat?.lasting === undefined ? undefined : time.now() + heartbeat.lasting;
  const players: Player[] = [];
  const tally: Tally = {
    clusters: 0,
    namespaces: 0,
    services: 0,
    workloads: 0,
    pods: 0,
    heartbeats: 0,
    changes: 0,
    failures: 0,
  };
  const count = async ({ namespaces, services, workloads, pods }: Inventory, sign: 1 | -1) => {
    tally.namespaces += sign * namespaces.length;
    tally.services += sign * services.length;
    if (mode === 'clas') tally.workloads += sign * workloads.length;
    else if (await takesPods()) tally.pods += sign * pods.length;
  };
  const failed = (name: string, error: SimulationFailed, consequence = '') => {
    tally.failures++;
    progress.note(`${name}: ${error.message}${consequence}`);
  };

  await inParallel(parts, parallel, async (part) => {
    if (signal.aborted) return;
    const { name, inventory, chance } = part;
    const cluster = await simulation.enter(part);
    const agent = createAgent(cluster, { ...simulation, done: progress.done });
    try {
      await agent.report(inventory);
    } catch (error) {
      if (error instanceof Refused) return failed(name, error);
      throw error;
    }
    tally.clusters++;
    tally.href = cluster.href;
    await count(inventory, 1);
    if (heartbeat) players.push({ name, agent, chance, inventory, told: inventory });
  });

  if (!heartbeat) return tally;
  const { every, churn } = heartbeat;
  await heartbeats(players, { every, until, parallel }, time, signal, async (player) => {
    const now = churned(player.inventory, churn, mode, player.chance);
    player.inventory = now;
    try {
      await player.agent.report(now);
    } catch (error) {
      if (error instanceof Stopped) return false;
      if (!(error instanceof SimulationFailed)) throw error;
      const final = error instanceof Refused && !error.passing;
      failed(player.name, error, final ? '; it reports no more' : '');
      return !final;
    }
    await count(player.told, -1);
    await count(now, 1);
    player.told = now;
    tally.heartbeats++;
    tally.changes += churn;
    progress.show(`${tally.heartbeats} heartbeats, ${tally.changes} changes, ${tally.failures} failures`);
    return true;
  });
  return tally;
}

/**
 * Works on `items` in their order, several at a time; each is asked for when there is a hand free. The first
 * failure ends it; being stopped ends it too, and is none.
 */
async function inParallel<Item>(
  items: Iterable<Item>,
  hands: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let over = false;
  const hand = async () => {
    for (let next = iterator.next(); !next.done && !over; next = iterator.next()) {
      try {
        await work(next.value);
      } catch (error) {
        over = true;
        if (!(error instanceof Stopped)) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: hands }, hand));
}

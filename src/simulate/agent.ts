import { chunksOf } from './chunks.ts';
import { createWorkloadReport, followPolicy } from './clas.ts';
import type { Inventory, Mode } from './inventory.ts';
import { createLine } from './line.ts';
import type { PceClient } from './pce-client.ts';
import type { Cluster } from './user.ts';

/** One cluster's agent. */
export interface Agent {
  /**
   * Reports the cluster: all of it the first time and after a report that failed, else what has changed, which
   * is what is another object than the last time.
   * @throws Refused, Unreachable, Stopped
   */
  report(inventory: Inventory): Promise<void>;
}

/** What an agent works with. */
export interface Surroundings {
  readonly client: PceClient;
  readonly mode: Mode;
  /** Whether pods can be told of: that takes an emulator. */
  takesPods(): Promise<boolean>;
  /** Told how many objects are done with. */
  done(count: number): void;
}

const KUBELINK = 'pce-emulator-simulate';

export function createAgent(cluster: Cluster, { client, mode, takesPods, done }: Surroundings): Agent {
  const line = createLine(client, cluster);
  const control = (path: string, body: string) =>
    client.ask({ method: 'PUT', path: `/_emulator${cluster.href}/${path}`, body });
  const reportWorkloads = createWorkloadReport(line, done);
  let told: Inventory | undefined;

  return {
    async report(inventory) {
      const before = told;
      told = undefined;
      await line.put('put_from_cluster', JSON.stringify(reportOf(inventory, mode)));
      await tell(line.put, 'services', before?.services, inventory.services, done);
      if (mode === 'clas') {
        await reportWorkloads(before?.workloads, inventory.workloads);
        await followPolicy(line);
      } else if (await takesPods()) {
        await tell(control, 'pods', before?.pods, inventory.pods, done);
      } else if (!before) {
        done(inventory.pods.length);
      }
      told = inventory;
    },
  };
}

/** The heartbeat, which is also the inventory of what there is one of. */
function reportOf({ manager_type, container_runtime, nodes, namespaces }: Inventory, cluster_mode: Mode): object {
  return { manager_type, kubelink_version: KUBELINK, container_runtime, cluster_mode, nodes, namespaces, errors: [] };
}

interface Known {
  readonly uid: string;
}

/**
 * Tells of services or pods: of all when it is not known what was told before, else of the difference.
 * The first body of all says that there are no others; it is sent even when there are none.
 */
async function tell(
  put: (path: string, body: string) => Promise<unknown>,
  path: string,
  before: readonly Known[] | undefined,
  now: readonly Known[],
  done: (count: number) => void,
): Promise<void> {
  if (!before) {
    const [first = { body: '[]', items: 0 }, ...more] = chunksOf(now);
    await put(`${path}?refresh=true`, first.body);
    done(first.items);
    for (const { body, items } of more) {
      await put(path, body);
      done(items);
    }
    return;
  }
  if (before === now) return;
  const uids = new Set(now.map(({ uid }) => uid));
  const known = new Set(before);
  const gone = before.filter(({ uid }) => !uids.has(uid)).map(({ uid }) => ({ uid }));
  for (const { body } of chunksOf(gone)) await put(`${path}/delete`, body);
  for (const { body } of chunksOf(now.filter((one) => !known.has(one)))) await put(path, body);
}

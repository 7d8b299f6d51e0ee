import { chunksOf } from './chunks.ts';
import { Refused } from './failures.ts';
import type { Workload } from './inventory.ts';
import type { Line } from './line.ts';
import { bodyOf } from './pce-client.ts';

const WORKLOADS = 'kubernetes_workloads';

/** What a workload is known by; its href is the PCE's. */
const identityOf = ({ kind, namespace, name }: Pick<Workload, 'kind' | 'namespace' | 'name'>) =>
  `${kind} ${namespace} ${name}`;

/**
 * Makes what tells a PCE of workloads: it compares what the PCE has with what is there, and creates, updates and
 * deletes what differs. What the PCE has is asked for when it is not known what was told before.
 * @param done told how many workloads are done with
 */
export function createWorkloadReport(
  line: Line,
  done: (count: number) => void,
): (before: readonly Workload[] | undefined, now: readonly Workload[]) => Promise<void> {
  const hrefs = new Map<string, string>();
  const hrefOf = (identity: string) => hrefs.get(identity) ?? '';

  return async (before, now) => {
    if (before === now) return;
    if (!before) {
      hrefs.clear();
      for (const one of await listed(line)) hrefs.set(identityOf(one), one.href);
    }
    const same = new Set(before);
    const identities = new Set(now.map(identityOf));
    const gone = [...hrefs.keys()].filter((identity) => !identities.has(identity));
    for (const { body } of chunksOf(gone.map((identity) => ({ href: hrefOf(identity) })))) {
      await line.put(`${WORKLOADS}/bulk_delete`, body);
    }
    for (const identity of gone) hrefs.delete(identity);

    const fresh = now.filter((one) => !hrefs.has(identityOf(one)));
    const changed = now.filter((one) => hrefs.has(identityOf(one)) && !same.has(one));
    let created = 0;
    for (const { body, items } of chunksOf(fresh)) {
      const answer = await line.post(`${WORKLOADS}/bulk_create`, body);
      const results = bodyOf<readonly { href?: string }[]>(answer);
      for (const [at, one] of fresh.slice(created, created + items).entries()) {
        const href = results[at]?.href;
        if (!href) throw new Refused(`${answer.asked}: no href for the ${identityOf(one)}`, answer.status);
        hrefs.set(identityOf(one), href);
      }
      created += items;
      done(items);
    }
    const updates = changed.map((one) => ({ href: hrefOf(identityOf(one)), metadata: one.metadata }));
    for (const { body, items } of chunksOf(updates)) {
      await line.put(`${WORKLOADS}/bulk_update`, body);
      if (!before) done(items);
    }
  };
}

type Listed = Pick<Workload, 'kind' | 'namespace' | 'name'> & { readonly href: string };

/** All workloads that the PCE has. A list stops at 500 rows without a word; how many there are, a header tells. */
async function listed(line: Line): Promise<readonly Listed[]> {
  const first = await line.get(WORKLOADS);
  const workloads = bodyOf<readonly Listed[]>(first);
  const total = Number(first.headers['x-total-count'] ?? 0);
  if (!(total > workloads.length)) return workloads;
  return bodyOf(await line.get(`${WORKLOADS}?max_results=${total}`));
}

interface Policies {
  /** The fingerprint of the whole policy. */
  readonly security_policy_set_digest?: string;
  readonly up_to_date?: boolean;
}

/** Takes the policy over, and says so: an agent that enforces whatever it gets, at once. */
export async function followPolicy(line: Line): Promise<void> {
  const { security_policy_set_digest, up_to_date } = bodyOf<Policies>(await line.get('policies'));
  if (up_to_date) return;
  const acknowledgement = JSON.stringify({ security_policy_set_digest });
  await line.put('security_policy_acks', acknowledgement);
  await line.put('security_policy_applied', acknowledgement);
}

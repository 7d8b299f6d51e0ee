import type { Time } from './real-time.ts';

/** How a heart beats. */
export interface Rhythm {
  /** Milliseconds from one beat of a cluster to its next. */
  readonly every: number;
  /** The moment (of `time`) at which it ends; never when absent. */
  readonly until?: number;
  /** How many beats may be under way at once. */
  readonly parallel: number;
}

/**
 * Beats for each of `members` in turn, spread evenly over the period, until it is stopped, time is up, or no member is
 * left. A member that is still busy when its turn comes is left out, not beaten twice at once; and turns that were
 * missed for a whole period (the machine slept) are not made up for.
 * @param beat returns whether the member goes on
 */
export async function heartbeats<Member>(
  members: readonly Member[],
  { every, until = Number.POSITIVE_INFINITY, parallel }: Rhythm,
  time: Time,
  signal: AbortSignal,
  beat: (member: Member) => Promise<boolean>,
): Promise<void> {
  const begun = time.now();
  const alive = new Set(members);
  const busy = new Set<Member>();
  let turn = 0;

  const work = async () => {
    while (alive.size > 0) {
      const mine = turn++;
      const member = members[mine % members.length] as Member;
      const due = begun + every * (1 + mine / members.length);
      if (!alive.has(member) || time.now() - due > every) continue;
      await time.wait(Math.min(due, until) - time.now(), signal);
      if (signal.aborted || due > until) return;
      if (!alive.has(member) || busy.has(member)) continue;
      busy.add(member);
      if (!(await beat(member))) alive.delete(member);
      busy.delete(member);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, members.length) }, work));
}

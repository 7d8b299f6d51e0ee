/** What a measurement ought to reach: the goal, and the floor below which it must not fall. */
export interface Goal {
  readonly floor: number;
  readonly goal: number;
  /** Less is better: the measurement is a cost. */
  readonly isCost?: boolean;
}

export type Verdict = 'goal met' | 'floor met, goal not met' | 'floor not met' | 'not measured';

export function verdictOn(value: number, { floor, goal, isCost = false }: Goal): Verdict {
  if (Number.isNaN(value)) return 'not measured';
  const reaches = (bound: number) => (isCost ? value <= bound : value >= bound);
  if (reaches(goal)) return 'goal met';
  return reaches(floor) ? 'floor met, goal not met' : 'floor not met';
}

/**
 * What a short run on a busy machine has to reach: that share of the floor.
 * @param share from 0 to 1
 */
export const leastOf = ({ floor, isCost = false }: Goal, share: number): number =>
  isCost ? floor / share : floor * share;

/** Whether a measurement holds `leastOf`; one that failed does not. */
export function holds(value: number, goal: Goal, share: number): boolean {
  return goal.isCost ? value <= leastOf(goal, share) : value >= leastOf(goal, share);
}

/** `≥ 1.5, ≥ 2.5` */
export function goalText({ floor, goal, isCost = false }: Goal): string {
  const sign = isCost ? '≤' : '≥';
  return `${sign} ${floor}, ${sign} ${goal}`;
}

/** Start to first 200, as a multiple of bare Express's. */
export const START_GOAL: Goal = { floor: 2, goal: 1.5, isCost: true };

/** Resident memory in MB of the demo world before the first request. */
export const MEMORY_GOAL: Goal = { floor: 100, goal: 80, isCost: true };

/** Milliseconds of a reset to the start of the demo world. */
export const RESET_GOAL: Goal = { floor: 2, goal: 0.5, isCost: true };

/** The p99 of an indexed query in a large file, as a multiple of that in a small one. */
export const QUERY_GOAL: Goal = { floor: 3, goal: 2, isCost: true };

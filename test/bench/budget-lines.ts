import { type Goal, holds, leastOf } from './goals.ts';
import { median } from './statistics.ts';
import { hundredths, table } from './table.ts';

/** A short run need not reach more of a floor than this. */
const SHARE_OF_FLOOR = 0.6;

/** A ratio that has a floor, as it was measured. */
export interface BudgetLine {
  readonly what: string;
  /** One for each round. */
  readonly ratios: readonly number[];
  /** The same by the processor time that the servers took in all rounds; NaN where the system does not tell. */
  readonly byProcessor: number;
  readonly goal: Goal;
}

/** What a server has done in all rounds, and the seconds of processor time that it took. */
export interface Work {
  readonly amount: number;
  readonly seconds: number;
}

/** How much cheaper the work of one server was than that of another: its throughput, if nobody else used the machine. */
export const cheaper = (own: Work, theirs: Work): number => theirs.seconds / theirs.amount / (own.seconds / own.amount);

/**
 * Whether a line keeps to its floor. Where others use the machine, throughput says more about them than about the server:
 * then it is enough that the processor time does.
 */
export function isKept({ ratios, byProcessor, goal }: BudgetLine): boolean {
  return [median(ratios), byProcessor].some((value) => holds(value, goal, SHARE_OF_FLOOR));
}

/** The lines that are not kept, in words. */
export const brokenLines = (lines: readonly BudgetLine[]): string[] =>
  lines.filter((line) => !isKept(line)).map(({ what, ratios }) => `${what} (${hundredths(median(ratios))})`);

/** All lines with what they have to reach, as a Markdown table. */
export function budgetTable(lines: readonly BudgetLine[]): string {
  const rows = lines.map((line) => {
    const { what, ratios, byProcessor, goal } = line;
    const range = `${hundredths(Math.min(...ratios))} to ${hundredths(Math.max(...ratios))}`;
    const bound = `${goal.isCost ? '≤' : '≥'} ${hundredths(leastOf(goal, SHARE_OF_FLOOR))}`;
    const measured = [hundredths(median(ratios)), range, hundredths(byProcessor)];
    return [what, ...measured, bound, isKept(line) ? 'kept' : 'NOT KEPT'];
  });
  return table(['÷ bare Express', 'measured', 'rounds', 'by processor time', 'required', ''], rows).join('\n');
}

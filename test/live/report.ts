import type { Difference, Severity } from './comparison.ts';
import type { Left, Outcome, Played } from './replay.ts';

/** All that was found in one run. */
export interface Run {
  readonly origin: string;
  readonly org: number;
  readonly release: string;
  readonly run: string;
  readonly outcomes: readonly Outcome[];
}

export interface Summary extends Record<Severity, number> {
  readonly transcripts: number;
  readonly exchanges: number;
  readonly skipped: number;
  readonly left: number;
}

/** Counts what was found. */
export function summaryOf(outcomes: readonly Outcome[]): Summary {
  const exchanges = outcomes.flatMap((one) => one.exchanges);
  const differences = exchanges.flatMap((one) => one.differences);
  const count = (severity: Severity) => differences.filter((one) => one.severity === severity).length;
  return {
    transcripts: outcomes.length,
    exchanges: exchanges.length,
    critical: count('critical'),
    warning: count('warning'),
    note: count('note'),
    skipped: exchanges.filter(({ skipped }) => skipped !== undefined).length,
    left: outcomes.flatMap(({ left }) => left).length,
  };
}

/** One line on a transcript, for those who wait. */
export function progressOf(outcome: Outcome): string {
  const { critical, warning, note, skipped, left } = summaryOf([outcome]);
  const found = [
    counted(critical, 'critical'),
    counted(warning, 'warning'),
    counted(note, 'note'),
    counted(skipped, 'skipped'),
    counted(left, 'left behind'),
  ].filter(Boolean);
  return `${outcome.file}: ${found.join(', ') || 'no difference'}`;
}

const counted = (count: number, what: string) => (count > 0 ? `${count} ${what}` : '');

/** The report for people: by transcript and exchange, what differs and how sure the expectation was. */
export function reportOf({ origin, org, release, run, outcomes }: Run): string {
  const { transcripts, exchanges, critical, warning, note, skipped } = summaryOf(outcomes);
  const left = outcomes.flatMap((one) => one.left);
  const lines = [
    `${origin}, organisation ${org}, compared with transcripts of ${release} (run "${run}")`,
    ...outcomes.flatMap(linesOfTranscript),
    '',
    `${transcripts} transcripts, ${exchanges} exchanges: ${critical} critical, ${warning} warnings, ${note} notes; ${skipped} skipped`,
    ...linesOfLeft(left, run),
  ];
  return `${lines.join('\n')}\n`;
}

function linesOfTranscript({ file, exchanges }: Outcome): string[] {
  const told = exchanges.filter(({ differences, skipped }) => differences.length > 0 || skipped !== undefined);
  return told.length > 0 ? ['', file, ...told.flatMap(linesOfExchange)] : [];
}

const WEIGHT: Readonly<Record<string, string>> = {
  documented: 'so the difference is interesting',
  observed: 'so releases or settings may differ',
  inferred: 'so the PCE is right',
};

function linesOfExchange({ title, method, path, evidence, source, differences, skipped }: Played): string[] {
  const first = `  ${title} (${method} ${path})`;
  if (skipped !== undefined) return [first, `    skipped: ${skipped}`];
  return [first, `    expected as ${evidence} — ${WEIGHT[evidence]}: ${source}`, ...differences.map(lineOfDifference)];
}

function lineOfDifference({ severity, where, expected, actual, message }: Difference): string {
  const values = [
    expected === undefined ? '' : `expected ${brief(expected)}`,
    actual === undefined ? '' : `got ${brief(actual)}`,
  ];
  return [`    ${severity.padEnd(8)} ${where}: ${message}`, ...values].filter(Boolean).join('; ');
}

const LONGEST = 200;

function brief(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function linesOfLeft(left: readonly Left[], run: string): string[] {
  if (left.length === 0) return ['All that was made is deleted.'];
  return [
    `This may still be there; what was made has the word "${run}" in its name or value:`,
    ...left.map(({ what, why }) => `  ${what}: ${why}`),
  ];
}

/** The report for programs. */
export const jsonOf = (run: Run): string =>
  `${JSON.stringify({ ...run, summary: summaryOf(run.outcomes) }, null, 2)}\n`;

/** Text without the parts of a key, in whatever it was quoted. */
export function withoutKey(text: string, key: string): string {
  const [, secret = ''] = key.split(/:(.*)/s);
  const parts = [Buffer.from(key).toString('base64'), key, secret];
  return parts.reduce((rest, part) => rest.replaceAll(part, '(secret)'), text);
}

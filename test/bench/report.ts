import { statfsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { CASES, type CaseId } from './cases.ts';
import { EXPRESS, NODE } from './contenders.ts';
import type { Footprint } from './footprint.ts';
import { type Goal, goalText, MEMORY_GOAL, RESET_GOAL, START_GOAL, verdictOn } from './goals.ts';
import { CONNECTIONS } from './load.ts';
import type { Reset } from './resets.ts';
import type { Gap, Sample } from './rounds.ts';
import { of500, type Start } from './starts.ts';
import { median } from './statistics.ts';
import { hundredths, table, whole } from './table.ts';

export interface Results {
  readonly machine: string;
  readonly conditions: string;
  /** The names of what was measured. */
  readonly emulators: readonly string[];
  readonly peers: readonly string[];
  /** Where each keeps what it is told. */
  readonly keeps: Readonly<Record<string, string>>;
  /** Where the peers are from, and which are missing. */
  readonly remarks: readonly string[];
  readonly samples: readonly Sample[];
  readonly gaps: readonly Gap[];
  readonly starts: readonly Start[];
  readonly footprints: readonly Footprint[];
  readonly resets: readonly Reset[];
}

/** What the figures were measured on. */
export function machine(folder: string): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const temporary = statfsSync(folder).type === 0x01021994 ? ', temporary files in memory (tmpfs)' : '';
  return `Node ${process.versions.node}, ${cpus().length} × ${first?.model.trim()}, ${memory} GB${temporary}`;
}

/** How long each measurement took, for people who compare. */
export function conditions(rounds: number, seconds: number): string {
  return `${CONNECTIONS} connections with keep-alive over plain HTTP on loopback, medians of ${rounds} interleaved rounds of ${seconds} s`;
}

/** The results as Markdown. */
export function report(results: Results): string {
  const parts = [
    throughput(results),
    besidePeers(results),
    latency(results),
    starting(results),
    memory(results),
    resetting(results),
  ];
  return [
    '# Benchmark',
    '',
    `${results.machine}; ${results.conditions}. Only ratios within one run count.`,
    '',
    ...parts.filter((part) => part.length > 0).flatMap((part) => [...part, '']),
  ].join('\n');
}

function throughput({ samples, emulators }: Results): string[] {
  const rows = CASES.flatMap(({ id, title, anchorsOf, besideExpress, besideNode }) =>
    emulators.flatMap((emulator) => {
      const own = medianOf(samples, id, emulator, 'requestsPerSecond');
      if (own === undefined) return [];
      const [node, express] = [NODE, EXPRESS].map(
        (anchor) => medianOf(samples, anchorsOf ?? id, anchor, 'requestsPerSecond') ?? Number.NaN,
      ) as [number, number];
      const [spent, theirs] = [[id, emulator] as const, [anchorsOf ?? id, EXPRESS] as const].map(
        ([of, server]) => medianOf(samples, of, server, 'processor') ?? Number.NaN,
      ) as [number, number];
      const judged: [string, number, Goal | undefined][] = [
        ['', own / express, besideExpress],
        ['÷ node:http ', own / node, besideNode],
      ];
      return [
        [
          ...[title, emulator, whole(node), whole(express), whole(own)],
          ...[hundredths(own / node), hundredths(theirs / spent), hundredths(own / express)],
          besideExpress ? goalText(besideExpress) : '',
          judged.flatMap(([what, value, goal]) => (goal ? what + verdictOn(value, goal) : [])).join('; '),
        ],
      ];
    }),
  );
  if (rows.length === 0) return [];
  const heads = ['requests/s', 'server', 'bare node:http', 'bare Express', 'this'];
  const ratios = ['÷ node:http', '÷ Express by processor time', '÷ Express', 'floor, goal (÷ Express)'];
  return table([...heads, ...ratios, ''], rows);
}

/** The emulator and what users would pick instead, a row each. */
function besidePeers(results: Results): string[] {
  const { samples, starts, footprints, gaps, peers, emulators, keeps, remarks } = results;
  if (peers.length === 0) return remarks.map((remark) => `- ${remark}`);
  const beside = [...emulators, ...peers];
  const measured = CASES.filter(({ id }) => samples.some((one) => one.case === id && beside.includes(one.server)));
  const rows = beside.map((server) => [
    server,
    keeps[server] ?? '',
    whole(median(starts.filter((one) => one.server === of500(server)).map((one) => one.milliseconds))),
    ...footprints.filter((one) => one.server === server).map(({ loaded }) => whole(loaded)),
    ...measured.map(({ id }) => {
      const rate = medianOf(samples, id, server, 'requestsPerSecond');
      return rate === undefined ? '–' : `${whole(rate)} (${hundredths(medianOf(samples, id, server, 'p99'))})`;
    }),
  ]);
  const after = footprints[0] ? [`MB after ${whole(footprints[0].requests)} GET`] : [];
  const heads = ['requests/s (p99 ms)', 'keeps state', 'ready ms', ...after, ...measured.map(({ title }) => title)];
  const titleOf = (id: CaseId) => CASES.find((one) => one.id === id)?.title;
  const reasons = gaps.filter(({ server }) => peers.includes(server));
  return [
    ...table(heads, rows),
    '',
    ...emulators.flatMap((emulator) => peers.map((peer) => standing(results, emulator, peer))),
    ...reasons.map((gap) => `- ${gap.server}: no ${titleOf(gap.case)}: ${gap.reason}`),
    ...remarks.map((remark) => `- ${remark}`),
  ];
}

/** Whether an emulator is ahead of a peer, in words. */
function standing({ samples, starts, footprints }: Results, emulator: string, peer: string): string {
  const [own, theirs] = [emulator, peer].map((server) => ({
    start: median(starts.filter((one) => one.server === of500(server)).map((one) => one.milliseconds)),
    memory: footprints.find((one) => one.server === server)?.loaded ?? Number.NaN,
    rate: (id: CaseId) => medianOf(samples, id, server, 'requestsPerSecond') ?? Number.NaN,
    p99: (id: CaseId) => medianOf(samples, id, server, 'p99') ?? Number.NaN,
  })) as [Standing, Standing];
  const behind = [
    ...(own.start > theirs.start ? ['start'] : []),
    ...(own.memory > theirs.memory ? ['memory'] : []),
    ...CASES.flatMap(({ id, title }) => [
      ...(own.rate(id) < theirs.rate(id) ? [title] : []),
      ...(own.p99(id) > theirs.p99(id) ? [`p99 of ${title}`] : []),
    ]),
  ];
  return `- ${emulator} beside ${peer}: ${behind.length === 0 ? 'ahead in all that was measured' : `behind in ${behind.join('; ')}`}`;
}

interface Standing {
  readonly start: number;
  readonly memory: number;
  rate(id: CaseId): number;
  p99(id: CaseId): number;
}

/** From here on the server might have done more than the load asked for. */
const ALL_EFFORT = 0.95;

function latency({ samples, emulators, peers }: Results): string[] {
  const rows = CASES.flatMap(({ id, title }) =>
    [NODE, EXPRESS, ...emulators, ...peers].flatMap((server) => {
      const [p50, p99, processor, effort = 0] = (['p50', 'p99', 'processor', 'effort'] as const).map((key) =>
        medianOf(samples, id, server, key),
      );
      if (p50 === undefined) return [];
      return [[title, server, hundredths(p50), hundredths(p99), whole(processor), effort > ALL_EFFORT ? 'yes' : '']];
    }),
  );
  if (rows.length === 0) return [];
  return table(['latency', 'server', 'p50 ms', 'p99 ms', 'processor µs/request', 'limited by the load'], rows);
}

function starting({ starts }: Results): string[] {
  const of = (server: string) =>
    median(starts.filter((one) => one.server === server).map(({ milliseconds }) => milliseconds));
  const servers = [...new Set(starts.map(({ server }) => server))];
  if (servers.length === 0) return [];
  const rows = servers.map((server) => {
    const times = of(server) / of(EXPRESS);
    const judged = server.endsWith(' world');
    return [
      ...[server, whole(of(server)), hundredths(times)],
      ...(judged ? [goalText(START_GOAL), verdictOn(times, START_GOAL)] : ['', '']),
    ];
  });
  return table(['start to first 200', 'ms', '÷ Express', 'floor, goal', ''], rows);
}

function memory({ starts, footprints }: Results): string[] {
  const idle = [...new Set(starts.map(({ server }) => server))]
    .filter((server) => !server.endsWith('500 clusters'))
    .map((server) => {
      const all = starts.filter((one) => one.server === server).map((one) => one.memory ?? Number.NaN);
      const judged = server.endsWith('demo world');
      const verdict = judged ? [goalText(MEMORY_GOAL), verdictOn(median(all), MEMORY_GOAL)] : ['', ''];
      return [`${server}, idle`, whole(median(all)), ...verdict];
    });
  const loaded = footprints.map(({ server, idle: before, loaded: after, requests }) => [
    ...[
      `${server}, 500 clusters, idle → after ${whole(requests)} GET one`,
      `${whole(before)} → ${whole(after)}`,
      '',
      '',
    ],
  ]);
  const rows = [...idle, ...loaded];
  return rows.length === 0 ? [] : table(['resident memory', 'MB', 'floor, goal', ''], rows);
}

function resetting({ resets }: Results): string[] {
  if (resets.length === 0) return [];
  const rows = resets.map(({ server, p50, p99, roundTrip }) => [
    ...[server, hundredths(p50), hundredths(p99), hundredths(roundTrip), goalText(RESET_GOAL)],
    verdictOn(p50, RESET_GOAL),
  ]);
  return table(['reset of the demo world', 'p50 ms', 'p99 ms', 'of which HTTP', 'floor, goal (p50)', ''], rows);
}

function medianOf(
  samples: readonly Sample[],
  id: CaseId,
  server: string,
  key: 'requestsPerSecond' | 'p50' | 'p99' | 'processor' | 'effort',
): number | undefined {
  const values = samples
    .filter((sample) => sample.case === id && sample.server === server)
    .flatMap((sample) => sample[key] ?? []);
  return values.length === 0 ? undefined : median(values);
}

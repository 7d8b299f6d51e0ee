import { statfsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { CASES, type Case, type Goal, MEMORY_GOAL, START_GOAL } from './cases.ts';
import { CONNECTIONS } from './load.ts';

export const EXPRESS = 'Express';
export const NODE = 'node:http';

/** One measurement of a case on a server. */
export interface Sample {
  readonly case: Case['id'];
  readonly server: string;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the server for one request, in µs: steadier than throughput on a machine that others use. */
  readonly processor?: number;
}

export interface Start {
  readonly server: string;
  readonly milliseconds: number;
  /** MB after the first 200. */
  readonly memory?: number;
}

/** MB of a server before and after its load of GET, list and PUT. */
export interface Memory {
  readonly server: string;
  readonly before?: number;
  readonly after?: number;
  readonly requests: number;
}

export interface Results {
  readonly machine: string;
  readonly conditions: string;
  readonly samples: readonly Sample[];
  readonly starts: readonly Start[];
  readonly memory: readonly Memory[];
}

/** The middle one; the mean of the two in the middle of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
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
  const emulators = [...new Set(results.memory.map(({ server }) => server))];
  return [
    `# Benchmark`,
    '',
    `${results.machine}; ${results.conditions}. Only ratios within one run count.`,
    '',
    ...throughput(results, emulators),
    '',
    ...latency(results, [NODE, EXPRESS, ...emulators]),
    '',
    ...starting(results),
    '',
    ...memory(results),
    '',
  ].join('\n');
}

function throughput({ samples }: Results, emulators: readonly string[]): string[] {
  const rows = CASES.flatMap((one) =>
    emulators.map((emulator) => {
      const own = medianOf(samples, one.id, emulator, 'requestsPerSecond');
      const [node, express] = [NODE, EXPRESS].map((anchor) => {
        return medianOf(samples, one.anchorsOf ?? one.id, anchor, 'requestsPerSecond') ?? Number.NaN;
      }) as [number, number];
      if (own === undefined) return [];
      return [
        [
          one.title,
          emulator,
          whole(node),
          whole(express),
          whole(own),
          ratio(own / node),
          ratio(own / express),
          goalText(one.besideExpress, '≥'),
          [
            one.besideExpress && verdict(own / express, one.besideExpress, 1),
            one.besideNode && `÷ node:http ${verdict(own / node, one.besideNode, 1)}`,
          ]
            .filter(Boolean)
            .join('; '),
        ],
      ];
    }),
  ).flat();
  return table(
    [
      'requests/s',
      'server',
      'bare node:http',
      'bare Express',
      'this',
      '÷ node:http',
      '÷ Express',
      'floor, goal (÷ Express)',
      '',
    ],
    rows,
  );
}

function latency({ samples }: Results, servers: readonly string[]): string[] {
  const rows = CASES.flatMap((one) =>
    servers.map((server) => {
      const [p50, p99, processor] = (['p50', 'p99', 'processor'] as const).map((key) =>
        medianOf(samples, one.id, server, key),
      );
      if (p50 === undefined || p99 === undefined) return [];
      return [[one.title, server, p50.toFixed(2), p99.toFixed(2), processor === undefined ? '' : whole(processor)]];
    }),
  ).flat();
  return table(['latency', 'server', 'p50 ms', 'p99 ms', 'processor µs/request'], rows);
}

function starting({ starts }: Results): string[] {
  const of = (server: string) =>
    median(starts.filter((one) => one.server === server).map(({ milliseconds }) => milliseconds));
  const servers = [...new Set(starts.map(({ server }) => server))];
  const rows = servers.map((server) => {
    const times = of(server) / of(EXPRESS);
    const isAnchor = server === EXPRESS || server === NODE;
    return [
      server,
      whole(of(server)),
      ratio(times),
      ...(isAnchor ? ['', ''] : [goalText(START_GOAL, '≤'), verdict(times, START_GOAL, -1)]),
    ];
  });
  return table(['start to first 200', 'ms', '÷ Express', 'floor, goal', ''], rows);
}

function memory({ starts, memory }: Results): string[] {
  const servers = [...new Set(starts.map(({ server }) => server))];
  const idle = servers.map((server) => {
    const all = starts.filter((one) => one.server === server).map((one) => one.memory ?? Number.NaN);
    const middle = median(all);
    const judged = server.endsWith('demo world');
    return [
      `${server}, idle`,
      whole(middle),
      ...(judged ? [goalText(MEMORY_GOAL, '≤'), verdict(middle, MEMORY_GOAL, -1)] : ['', '']),
    ];
  });
  const loaded = memory.map(({ server, before, after, requests }) => {
    const title = `${server}, 500 clusters, idle → after ${whole(requests)} requests (GET, list, PUT)`;
    return [title, `${whole(before ?? Number.NaN)} → ${whole(after ?? Number.NaN)}`, '', ''];
  });
  return table(['resident memory', 'MB', 'floor, goal', ''], [...idle, ...loaded]);
}

function medianOf(
  samples: readonly Sample[],
  id: Case['id'],
  server: string,
  key: 'requestsPerSecond' | 'p50' | 'p99' | 'processor',
): number | undefined {
  const values = samples
    .filter((sample) => sample.case === id && sample.server === server)
    .flatMap((sample) => sample[key] ?? []);
  return values.length === 0 ? undefined : median(values);
}

/** @param direction 1 where more is better, -1 where less is */
function verdict(value: number, { floor, goal }: Goal, direction: 1 | -1): string {
  const reaches = (bound: number) => (direction === 1 ? value >= bound : value <= bound);
  if (Number.isNaN(value)) return 'not measured';
  if (reaches(goal)) return 'goal met';
  return reaches(floor) ? 'floor met, goal not met' : 'floor not met';
}

const goalText = (goal: Goal | undefined, sign: string) => (goal ? `${sign} ${goal.floor}, ${sign} ${goal.goal}` : '');
const whole = (value: number) => (Number.isNaN(value) ? '–' : Math.round(value).toLocaleString('en'));
const ratio = (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(2));

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)];
}

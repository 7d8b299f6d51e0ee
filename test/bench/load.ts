import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { adopt, stop } from './processes.ts';

/** One request of a sequence that every connection sends over and over. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: string;
}

/** Load for some time, or for some number of requests. */
export type Extent = { readonly seconds: number } | { readonly amount: number };

export type Job = Extent & {
  readonly url: string;
  readonly authorization: string;
  readonly requests: readonly LoadRequest[];
};

/** What a job came to. */
export interface Load {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** The share of a core that making the load took: near 1, the server could have done more. */
  readonly effort: number;
}

/** The process that makes the load, so that its core is not the server's. */
export interface LoadMaker {
  /** @throws Error when a single request fails or is refused */
  run(job: Job): Promise<Load>;
  stop(): Promise<void>;
}

export const CONNECTIONS = 16;

/** Starts this very file as a process of its own. */
export function startLoadMaker(): LoadMaker {
  const child = adopt(fork(fileURLToPath(import.meta.url), ['serve-jobs']));
  const gone = ended(child);
  return {
    async run(job) {
      child.send(job);
      const [answer] = (await Promise.race([once(child, 'message'), gone])) as [Load | { error: string }];
      if ('error' in answer) throw new Error(answer.error);
      return answer;
    },
    stop: () => stop(child),
  };
}

async function ended(child: ChildProcess): Promise<[{ error: string }]> {
  await once(child, 'exit');
  return [{ error: 'the process that makes the load has ended' }];
}

/** Latencies are counted in steps of 10 µs up to 2 s. */
const STEPS_PER_MS = 100;
const STEPS = 2000 * STEPS_PER_MS;

async function make(job: Job): Promise<Load> {
  const { url, authorization, requests } = job;
  const latencies = new Uint32Array(STEPS);
  const options: autocannon.Options = {
    url,
    connections: CONNECTIONS,
    ...('seconds' in job ? { duration: job.seconds } : { amount: job.amount }),
    sampleInt: 100,
    headers: { authorization },
    requests: requests.map(({ method, path, body }) => {
      return body === undefined ? { method, path } : { method, path, body, headers: jsonHeaders(authorization) };
    }),
  };
  const [begun, before] = [performance.now(), process.cpuUsage()];
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(options, (error, outcome) => (error ? reject(error) : resolve(outcome)));
    instance.on('response', (_client, _status, _bytes, milliseconds) => {
      const step = Math.min(STEPS - 1, Math.floor(milliseconds * STEPS_PER_MS));
      latencies[step] = (latencies[step] ?? 0) + 1;
    });
  });
  const { user, system } = process.cpuUsage(before);
  const effort = (user + system) / 1000 / (performance.now() - begun);
  if (result.errors > 0 || result.non2xx > 0 || result['2xx'] === 0) {
    const statuses = JSON.stringify(result.statusCodeStats);
    throw new Error(`${requests[0]?.method} ${url}${requests[0]?.path}: ${result.errors} errors, ${statuses}`);
  }
  const at = (share: number) => percentile(latencies, share) / STEPS_PER_MS;
  return { requests: result['2xx'], seconds: result.duration, p50: at(0.5), p99: at(0.99), effort };
}

const jsonHeaders = (authorization: string) => ({ authorization, 'content-type': 'application/json' });

function percentile(counts: Uint32Array, share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let passed = 0;
  for (const [step, count] of counts.entries()) {
    passed += count;
    if (passed >= total * share) return step;
  }
  return counts.length;
}

if (process.argv[2] === 'serve-jobs') {
  process.on('message', (job: Job) => {
    make(job).then(
      (load) => process.send?.(load),
      (error: Error) => process.send?.({ error: error.message }),
    );
  });
  process.on('disconnect', () => process.exit());
}

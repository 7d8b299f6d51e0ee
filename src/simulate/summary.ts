import type { Tally } from './simulation.ts';

/** What there is to say at the end. */
export interface Summary {
  readonly tally: Tally;
  readonly requests: number;
  readonly seconds: number;
}

/** One line of JSON, for scripts. With one cluster it has its href; a token is in none. */
export function summaryLine({ tally: { href, ...counts }, requests, seconds }: Summary): string {
  return `${JSON.stringify({ ...counts, requests, seconds, ...(counts.clusters === 1 ? { href } : {}) })}\n`;
}

/** The same for people. */
export function summaryText({ tally, requests, seconds }: Summary): string {
  const { clusters, namespaces, services, workloads, pods, heartbeats, changes, failures, href } = tally;
  return [
    clusters === 1 && href ? `reported ${href}` : `reported ${clusters} clusters`,
    `  ${namespaces} namespaces, ${services} services, ${workloads} workloads, ${pods} pods`,
    ...(heartbeats > 0 ? [`  ${heartbeats} heartbeats with ${changes} changes`] : []),
    `  ${requests} requests in ${seconds} s, ${failures} failures`,
    '',
  ].join('\n');
}

import type { FaultRule } from './rule.ts';

/**
 * What a client has to live with when the network and the PCE are at their worst, yet keep every promise: lists come
 * short and in any order, answers late, and now and then there is too much to do. The status codes come before
 * anything is done, so a client that tries again loses nothing.
 */
export const HOSTILE: readonly FaultRule[] = [
  { name: 'hostile-too-many-requests', probability: 0.03, effect: { status: 429, retry_after: 1 } },
  { name: 'hostile-unavailable', probability: 0.02, effect: { status: 503, retry_after: 1 } },
  {
    name: 'hostile-lists',
    // Kuma's lists have a total to keep, or are whole.
    when: { api: 'pce', method: 'GET', route: '*.list' },
    effect: { rows: 3, shuffled: true, jitter: '50ms' },
  },
  { name: 'hostile-jitter', effect: { jitter: '50ms' } },
];

import type { Admitted, Evidence } from '../../contract/route.ts';

/** What the routes of Kuma have in common: there is no authentication of any kind. */
export const seenInKuma = {
  admits: ['nobody'] as readonly Admitted[],
  evidence: 'observed' as Evidence,
  source: 'Kuma 0.4.0 and 0.5.1, run on loopback',
};

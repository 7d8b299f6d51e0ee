import type { Admitted, Evidence } from '../../../contract/route.ts';

/** One path: with the methods that a PCE has there (`GET POST`), and who is let in where that is not a user. */
export type Row = readonly [path: string, methods: string, admitted?: Admitted];

/** Rows with the same evidence. */
export interface Area {
  readonly evidence: Evidence;
  readonly source: string;
  readonly rows: readonly Row[];
}

/** What Illumio's own index of the API says. */
export const INDEX = { evidence: 'documented' as Evidence, source: 'API schemas 25.2.20, index of the public API' };

/** What below an organisation stands for the rules, services … of a draft, of what is in force, or of a version. */
export const POLICY = '/orgs/{org_id}/sec_policy/{pversion}';

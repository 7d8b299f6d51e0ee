import type { Admitted } from '../../../contract/route.ts';

/** One path: with the methods that a PCE has there (`GET POST`), and who is let in where that is not a user. */
export type Row = readonly [path: string, methods: string, admitted?: Admitted];

/** The rows of an area of the published API. */
export type Area = readonly Row[];

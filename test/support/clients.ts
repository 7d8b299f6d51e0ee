import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallingClient } from '../../src/contract/matrix.ts';

/** Which routes real clients have called, as `fixtures/clients` keeps it; the tests in `test/clients` hold it to what they saw. */

export const RECORDS = fileURLToPath(new URL('../../fixtures/clients', import.meta.url));

export interface ClientRecord extends CallingClient {
  /** The version that was called with; null where any will do. */
  readonly version: string | null;
}

/** All records, by the names of the clients. */
export const readRecords = (): ClientRecord[] =>
  readdirSync(RECORDS)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(RECORDS, file), 'utf8')) as ClientRecord);

import { type Matrix, markdownOf } from '../../src/contract/matrix.ts';
import type { ClientRecord } from './clients.ts';

/** What the two control planes answer. */
export interface Matrices {
  readonly pce: Matrix;
  readonly kuma: Matrix;
}

const MARKED = /(?<=<!-- routes -->\n)[\s\S]*(?=<!-- \/routes -->)/;

const OWN = {
  prefix: '/_emulator',
  sentence: "Beside it, the emulator's own, under `/_emulator`, or `/_emulator/orgs/:org_id` where no slash begins it:",
};

const KUMA = { prefix: '', sentence: 'On the port of Kuma:' };

/**
 * The README with the tables of the matrices between its markers.
 * @param records of the clients that have a column
 * @throws Error when it has no markers
 */
export function withTables(readme: string, { pce, kuma }: Matrices, records: readonly ClientRecord[]): string {
  if (!MARKED.test(readme)) throw new Error('the README has no <!-- routes --> and <!-- /routes -->');
  const tables = markdownOf(pce, [{ prefix: '/api/v2', sentence: sentenceOf(records) }, OWN], records);
  return readme.replace(MARKED, () => `\n${tables}\n${markdownOf(kuma, [KUMA])}\n`);
}

/** What stands above the table of the PCE's routes. */
function sentenceOf(records: readonly ClientRecord[]): string {
  const where = 'Under `/api/v2/orgs/:org_id`, and what begins with a slash under `/api/v2`';
  if (records.length === 0) return `${where}:`;
  const names = records.map(({ client, version }) => (version === null ? client : `${client} ${version}`));
  return `${where}. A tick under a client (${names.join(', ')}) is there because a test called the route with it and was answered well:`;
}

import { type Matrix, markdownOf } from '../../src/contract/matrix.ts';

const MARKED = /(?<=<!-- routes -->\n)[\s\S]*(?=<!-- \/routes -->)/;

const SECTIONS = [
  {
    prefix: '/api/v2',
    sentence: 'Under `/api/v2/orgs/:org_id`, and what begins with a slash under `/api/v2`:',
  },
  {
    prefix: '/_emulator',
    sentence:
      "Beside it, the emulator's own, under `/_emulator`, or `/_emulator/orgs/:org_id` where no slash begins it:",
  },
];

/** The README with the tables of the matrix between its markers. @throws Error when it has no markers */
export function withTables(readme: string, matrix: Matrix): string {
  if (!MARKED.test(readme)) throw new Error('the README has no <!-- routes --> and <!-- /routes -->');
  const tables = markdownOf(matrix, SECTIONS);
  return readme.replace(MARKED, () => `\n${tables}\n`);
}

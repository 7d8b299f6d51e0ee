import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownOf, matrixOf } from '../../src/contract/matrix.ts';
import type { Api, Route } from '../../src/contract/route.ts';
import { RELEASES, routesOf } from '../../src/emulator.ts';
import { readRecords } from '../support/clients.ts';
import { ROOT, useEmulator } from '../support/emulator.ts';
import { withTables } from '../support/readme.ts';

const route = (id: string, more: Partial<Route> = {}): Route => ({
  id,
  method: 'GET',
  path: '/orgs/{org_id}/labels',
  summary: 'List | choose',
  admits: ['user'],
  evidence: 'observed',
  source: 'somebody',
  replies: {},
  handle: () => ({ status: 204 }),
  ...more,
});
const api = (...routes: Route[]) => ({ prefix: '/api', routes }) as unknown as Api;

const LIST = route('labels.list');
const GET = route('labels.get', { path: '/orgs/{org_id}/labels/{label_id}', evidence: 'inferred' });
const MISSING = route('missing.get.ip_lists', {
  path: '/orgs/{org_id}/sec_policy/{pversion}/ip_lists',
  handle: undefined,
});

describe('the matrix', () => {
  const matrix = matrixOf([
    { release: '1.0', apis: [api(LIST, MISSING)] },
    { release: '2.0', apis: [api(LIST, MISSING, GET)] },
  ]);

  it('says of each route in which releases it is, and keeps what belongs together together', () => {
    expect(matrix.releases).toEqual(['1.0', '2.0']);
    expect(matrix.routes.map(({ id, group, releases, implemented }) => [id, group, releases, implemented])).toEqual([
      ['labels.list', 'labels', ['1.0', '2.0'], true],
      ['labels.get', 'labels', ['2.0'], true],
      ['missing.get.ip_lists', 'ip_lists', ['1.0', '2.0'], false],
    ]);
    expect(matrix.routes[1]).toMatchObject({ path: '/api/orgs/{org_id}/labels/{label_id}', source: 'somebody' });
  });

  it('is a table of what is implemented, with the rest folded away', () => {
    expect(markdownOf(matrix, [{ prefix: '/api', sentence: 'So:' }])).toBe(`So:

<details>
<summary>2 operations</summary>

| method | path | what it does | 1.0 | 2.0 | evidence |
|---|---|---|:-:|:-:|---|
| GET | \`labels\` | List \\| choose | ✓ | ✓ | observed |
| GET | \`labels/:id\` | List \\| choose |  | ✓ | inferred |

</details>

<details>
<summary>What a PCE has and the emulator has not: 1 operations that answer 501</summary>

- \`sec_policy/:pversion/ip_lists\` GET

</details>
`);
  });

  it('leaves columns out that would say the same in every row', () => {
    const same = matrixOf([{ release: '1.0', apis: [api(LIST)] }]);
    expect(markdownOf(same, [{ prefix: '/api', sentence: 'So:' }])).toContain('| GET | `labels` | List \\| choose |\n');
  });
});

describe('the columns of clients', () => {
  const matrix = matrixOf([{ release: '1.0', apis: [api(LIST, GET, MISSING)] }]);
  const SO = [{ prefix: '/api', sentence: 'So:' }];

  it('have a tick where the client called the route, and no other', () => {
    const clients = [
      { client: 'one', routes: ['labels.list', 'labels.get'] },
      { client: 'other', routes: ['labels.get'] },
    ];
    expect(markdownOf(matrix, SO, clients)).toContain(`
| method | path | what it does | 1.0 | evidence | one | other |
|---|---|---|:-:|---|:-:|:-:|
| GET | \`labels\` | List \\| choose | ✓ | observed | ✓ |  |
| GET | \`labels/:id\` | List \\| choose | ✓ | inferred | ✓ | ✓ |
`);
  });

  it('are not there for a client that called none of a table', () => {
    const stranger = { client: 'stranger', routes: ['networks.list'] };
    expect(markdownOf(matrix, SO, [stranger])).toBe(markdownOf(matrix, SO));
  });

  const records = readRecords();

  it('are from records that have a client each', () => {
    expect(records.length).toBeGreaterThan(0);
    expect(new Set(records.map(({ client }) => client)).size).toBe(records.length);
  });

  it.each(records)('are of routes that there are, for $client', ({ routes }) => {
    const answered = RELEASES.flatMap((release) => routesOf(release)).map(({ id }) => id);
    expect(routes.filter((id) => id.startsWith('missing.') || !answered.includes(id))).toEqual([]);
    expect(routes).toEqual([...new Set(routes)].sort());
  });
});

describe('the README', () => {
  const tested = useEmulator();

  it('has the tables of what is answered; npm run matrix writes them', async () => {
    const [{ body: pce }, { body: kuma }] = [
      await tested.control.get('/matrix'),
      await tested.control.get('/kuma/matrix'),
    ];
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    expect(readme).toBe(withTables(readme, { pce, kuma }, readRecords()));
  });
});

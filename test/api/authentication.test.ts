import { isDeepStrictEqual } from 'node:util';
import { type Emulator, RELEASES, startEmulator } from '../../src/emulator.ts';
import type { Test } from '../agent/cluster.ts';
import { authorization, type Json, useEmulator } from '../support/emulator.ts';
import { basic, type Comer, comersOf } from './access/comers.ts';
import { Connection, type Line, type Reply } from './access/connection.ts';
import { furnish } from './access/contents.ts';
import { type Refusal, refusalOf, type Verdict, verdictOf } from './access/matrix.ts';
import { type Operation, operationsOf, type Place, PREFIX, pathAmong, pathAt } from './access/operations.ts';

const CLUSTERS = '/orgs/1/container_clusters';
const K8S2 = `${CLUSTERS}/445bfa9b-4de4-4c09-9705-496eb04b190f`;
const PAYMENTS = `${K8S2}/container_workload_profiles/219b49c3-3bb5-4fc0-9913-b76398105e35`;
const CONTROL_TOKEN = 'the-control-token-of-the-matrix';
const LATEST = RELEASES[RELEASES.length - 1] ?? '25.2';

/** Everybody comes to every operation of the latest release; of the others, to each that is not the same there. */
const OF_ALL_RELEASES = ['nobody', 'a wrong secret', 'who only reads', 'a service account', 'the owner next door'];

/** One request of the matrix. */
interface Cell {
  readonly operation: Operation;
  readonly path: string;
  readonly comer: Comer;
  readonly verdict: Verdict;
}

/** A path of an operation, and whether it is of something that is there. */
interface Spot {
  readonly operation: Operation;
  readonly path: string;
  readonly there: boolean;
}

/** What names somebody in the paths of what is its own. */
const PARAMETERS = { user: 'user_id', cluster: 'container_cluster_id', account: '', operator: '' };

const lineOf = ({ operation: { api, method }, path, comer }: Cell): Line => ({
  ...{ method, path: PREFIX[api] + path, headers: comer.lines },
  ...((method === 'POST' || method === 'PUT') && { body: '{}' }),
});

const told = ({ operation: { id, method }, path, comer, verdict }: Cell, reply: Reply | undefined) =>
  `${comer.name}: ${method} ${path} (${id}) should be ${verdict}, and is ${JSON.stringify(reply)}`;

const isRefused = ({ verdict }: Cell) => verdict !== 'let in' && verdict !== 'missing';

/** Whether it looks like the answer to somebody who is let in. */
const isInside = (reply: Reply | undefined, verdict: Verdict) =>
  reply !== undefined &&
  (verdict === 'missing' ? reply.status === 501 : reply.status < 500 && ![401, 403, 405].includes(reply.status));

/** Whether somebody who is let in changes nothing that is there, and does not wait for what never ends. */
function isHarmless({ operation: { id, api, method, writes }, there, path }: Cell & Spot): boolean {
  if (id === 'emulator.requests.follow') return method === 'HEAD';
  if (method === 'GET' || method === 'HEAD') return !writes || !there;
  return !there && (api === 'pce' || !path.startsWith('/orgs/1'));
}

const isLogout = ({ operation: { admits } }: Cell) => Number(admits.includes('own_session'));

/** The operations of the latest release, which comes first. */
const ofLatest = new Set<string>();

describe.each([LATEST, RELEASES[0]])('at PCE %s', (pceVersion) => {
  const log: string[] = [];
  let emulator: Emulator;
  let connection: Connection;
  let operations: Operation[];
  let comers: Comer[];
  /** The hrefs of all that is there. */
  let hrefs: string[];
  let usersOf: Record<string, string[]>;

  beforeAll(async () => {
    emulator = await startEmulator({
      ...{ world: 'demo', pceVersion, checkReplies: true, controlToken: CONTROL_TOKEN, journal: { entries: 0 } },
      ...{ clock: '2026-01-01T00:00:00.000Z', log: (message: string) => void log.push(message) },
    });
    connection = await Connection.to(emulator.http_url);
    const as = (lines: readonly string[]) => connection.client(PREFIX.pce, lines);
    const control = connection.client(PREFIX.emulator, [`Authorization: Bearer ${CONTROL_TOKEN}`]);
    const [one, other] = emulator.allCredentials;
    if (!one || !other) throw new Error('the world has not two organisations');
    const pce = as(basic(one.api_key, one.api_secret));
    const agent: Test['agent'] = ({ href, container_cluster_token: secret }) => as(basic(href.slice(-36), secret));
    const test = { emulator, pce, control, agent } as Test;
    operations = await operationsOf(emulator, connection.client(PREFIX.emulator, []));
    const clas = operations.some(({ id }) => id === 'kubernetes_workloads.list');
    await furnish(test, '/orgs/1', pce, clas);
    await furnish(test, '/orgs/10', as(basic(other.api_key, other.api_secret)), clas);
    comers = await comersOf({ test, operator: CONTROL_TOKEN, keys: [one, other], with: as });
    const everything = [...JSON.stringify(emulator.saveWorld()).matchAll(/"document":"([^"]+)"/g)];
    // The latest first: of what was there from the start, some is no longer shown.
    hrefs = [...new Set(everything.map(([, href = '']) => href))].reverse();
    usersOf = {};
    for (const org of ['/orgs/1', '/orgs/10']) {
      usersOf[org] = (await control.get(`${org}/users`)).body.map(({ href }: Json) => href);
    }
    if (pceVersion === LATEST) for (const one of operations) ofLatest.add(JSON.stringify(one));
    emulator.snapshot('furnished');
  });
  afterAll(async () => {
    connection.end();
    await emulator.close();
    expect(log.filter((message) => !message.startsWith('warning: '))).toEqual([]);
  });

  /** Worked out once: HEAD is where GET is, and all comers come to the same. */
  const known = new Map<string, string>();
  const among = (path: string, place: Place): string => {
    const key = JSON.stringify([path, place]);
    const found = known.get(key) ?? pathAmong(path, place, hrefs);
    known.set(key, found);
    return found;
  };
  const spotsAt = (operation: Operation, org_id: string, own: Place = {}): [Spot, Spot] => [
    { operation, path: among(operation.path, { org_id, ...own }), there: true },
    { operation, path: pathAt(operation.path, { org_id, ...own }), there: false },
  ];

  /** What is somebody's own: its user, its cluster, its organisation where that is not the first. */
  function ownSpots({ known }: Comer, of: readonly Operation[]): Spot[] {
    if (!known?.org) return [];
    const name = PARAMETERS[known.kind];
    const own = { [name]: known.href?.slice(known.href.lastIndexOf('/') + 1) ?? '' };
    return of
      .filter(({ path }) => path.includes(`{${name}}`) || (known.org !== '/orgs/1' && path.includes('{org_id}')))
      .flatMap((operation) => spotsAt(operation, known.org?.slice('/orgs/'.length) ?? '', own));
  }

  /**
   * All requests of somebody: to things that are there and to such as are not, here, next door and nowhere. Of
   * strangers there are dozens: each comes to one of two spots, and the next to the other.
   */
  function cellsOf(comer: Comer, turn: number): Cell[] {
    const isAsked = pceVersion === LATEST || OF_ALL_RELEASES.includes(comer.name);
    const asked = isAsked ? operations : operations.filter((one) => !ofLatest.has(JSON.stringify(one)));
    // To what is not implemented all credentials are alike: dozens of strangers share it.
    const shared = comer.known || OF_ALL_RELEASES.includes(comer.name) ? 1 : 4;
    const spots = asked
      .filter(({ missing }, row) => !missing || (row + turn) % shared === 0)
      .flatMap((operation, row) => {
        const here = spotsAt(operation, '1', { user_id: '1' });
        const elsewhere = spotsAt(operation, row % 2 === 0 ? '10' : '999', { user_id: row % 2 === 0 ? '10' : '999' });
        const [one, other] = [here[(row + turn) % 2], elsewhere[(row + turn) % 2]];
        if (!one || !other) return [];
        const hasElsewhere = /\{(org|user)_id\}/.test(operation.path) && (comer.known || (row + turn) % 8 === 0);
        return [...(comer.known && !operation.missing ? here : [one]), ...(hasElsewhere ? [other] : [])];
      });
    const colleagues = usersOf[comer.known?.org ?? ''] ?? [];
    const cells = [...spots, ...ownSpots(comer, asked)].map(({ operation, path, there }) => {
      return { operation, path, there, comer, verdict: verdictOf(operation, path, comer, colleagues) };
    });
    // What the emulator tells everybody are whole documents: the first comer reads them, and no other.
    const isTold = ({ operation: { api, admits } }: Cell) => api === 'emulator' && admits.includes('nobody');
    return cells.filter((cell) => isRefused(cell) || (isHarmless(cell) && (comer === comers[0] || !isTold(cell))));
  }

  /** Asks for all cells that are refused. @returns those whose answers are another */
  async function wrongRefusals(cells: Cell[]): Promise<string[]> {
    const refused = cells.filter(isRefused);
    const replies = await connection.ask(refused.map(lineOf));
    const wrong = refused.flatMap((cell, index) => {
      const isRight = isDeepStrictEqual(replies[index], refusalOf(cell.operation, cell.verdict as Refusal));
      return isRight ? [] : [told(cell, replies[index])];
    });
    return wrong.slice(0, 9);
  }

  /** Asks for all cells that are let in. @returns those that are not */
  async function shutOut(cells: Cell[]): Promise<string[]> {
    // A session ends with its logout, so that comes last.
    const inside = cells.filter((cell) => !isRefused(cell)).sort((one, other) => isLogout(one) - isLogout(other));
    const replies = await connection.ask(inside.map(lineOf));
    const out = inside.flatMap((cell, index) => {
      return isInside(replies[index], cell.verdict) ? [] : [told(cell, replies[index])];
    });
    return out.slice(0, 9);
  }

  it('whom nobody knows gets at every operation what is open to all, and learns and changes nothing', async () => {
    const before = JSON.stringify(emulator.saveWorld());
    for (const [turn, comer] of comers.entries()) {
      if (!comer.known) expect(await wrongRefusals(cellsOf(comer, turn))).toEqual([]);
    }
    expect(JSON.stringify(emulator.saveWorld())).toBe(before);
    for (const comer of comers.filter(({ name, password }) => name === 'nobody' || password)) {
      expect(await shutOut(cellsOf(comer, 0))).toEqual([]);
    }
  }, 120_000);

  it('who is known gets at every operation what its declaration says, and else learns and changes nothing', async () => {
    const seen = new Set<Verdict>();
    emulator.restore('furnished');
    const before = JSON.stringify(emulator.saveWorld());
    for (const [turn, comer] of comers.entries()) {
      if (!comer.known) continue;
      const cells = cellsOf(comer, turn);
      for (const { verdict } of cells) seen.add(verdict);
      expect(await wrongRefusals(cells)).toEqual([]);
      expect(JSON.stringify(emulator.saveWorld())).toBe(before);
      expect(await shutOut(cells)).toEqual([]);
      emulator.restore('furnished');
    }
    const all = ['elsewhere', 'let in', 'missing', 'no colleague', 'no such method', 'not permitted', 'unknown'];
    expect([...seen].sort()).toEqual(all);
  }, 120_000);

  it('what the matrix takes for there is there', async () => {
    const items = operations.filter(
      ({ api, method, path, missing }) => api === 'pce' && method === 'GET' && path.endsWith('}') && !missing,
    );
    const owner = comers.find(({ name }) => name === 'the owner');
    if (!owner) throw new Error('there is no owner');
    const paths = items.map((operation) => ({ operation, path: spotsAt(operation, '1', { user_id: '1' })[0].path }));
    const replies = await connection.ask(
      paths.map(({ path }) => ({ method: 'GET', path: PREFIX.pce + path, headers: owner.lines })),
    );
    const absent = paths.filter((_, index) => replies[index]?.status !== 200);
    expect(absent.map(({ path }) => path)).toEqual([]);
  });

  it('whom nobody knows is not told that there is no such path or method', async () => {
    const nowhere: [method: string, path: string][] = [
      ['GET', '/nothing'],
      ['GET', '/orgs/1/labels/1/nothing'],
      ['GET', '/orgs/1/labels/none'],
      ['GET', '/orgs/1/container_clusters/1'],
      ['GET', '/orgs/1/%zz'],
      ['GET', '/orgs/1/..%2f..'],
      ['DELETE', '/orgs/1/labels'],
      ['PATCH', '/orgs/1/labels/1'],
      ['OPTIONS', '/orgs/1/labels'],
      ['HEAD', '/users/login'],
    ];
    for (const api of ['pce', 'emulator'] as const) {
      for (const comer of comers.filter(({ known }) => !known)) {
        const lines = nowhere.map(([method, path]) => ({ method, path: PREFIX[api] + path, headers: comer.lines }));
        const expected = nowhere.map(([method]) => refusalOf({ api, method }, 'unknown'));
        expect([comer.name, await connection.ask(lines)]).toEqual([comer.name, expected]);
      }
    }
  });
});

describe('a head that is no HTTP', () => {
  const test = useEmulator({ world: 'demo', listen: true });

  it.each([
    ['a NUL in it', 400, (pair: string) => [`Authorization: Basic ${pair}\0`]],
    ['a line that is broken', 400, (pair: string) => [`Authorization: Basic\r${pair}`]],
    ['20,000 characters', 431, (pair: string) => [`Authorization: Basic ${pair}${'A'.repeat(20_000)}`]],
  ])('lets nobody in: %s', async (_what, status, linesOf) => {
    const { api_key, api_secret } = test.emulator.credentials;
    const connection = await Connection.to(test.emulator.http_url);
    const headers = linesOf(btoa(`${api_key}:${api_secret}`));
    const [reply] = await connection.ask([{ method: 'GET', path: '/api/v2/orgs/1/labels', headers }]);
    connection.end();
    expect([reply?.status, reply?.text.includes(api_secret.slice(0, 8))]).toEqual([status, false]);
  });
});

const basicOf = (name: string, secret: string) => authorization({ api_key: name, api_secret: secret });

describe('an API key', () => {
  const test = useEmulator({ world: 'demo' });
  const labels = async (headers: Record<string, string>) => (await test.with(headers).get('/orgs/1/labels')).status;
  const encoded = (text: string) => Buffer.from(text).toString('base64');

  it('lets its owner in, and says who wrote', async () => {
    const { api_key, api_secret } = test.emulator.credentials;
    expect(api_key).toMatch(/^api_[0-9a-f]{17}$/);
    expect(api_secret).toMatch(/^[0-9a-f]{64}$/);
    expect(await labels(basicOf(api_key, api_secret))).toBe(200);
    expect(await labels({ authorization: `basic ${encoded(`${api_key}:${api_secret}`)}` })).toBe(200);
    const made = await test.pce.post('/orgs/1/labels', { key: 'app', value: 'x' });
    expect(made.body.created_by).toEqual({ href: '/users/1' });
  });

  it('is not let in when any of it is wrong', async () => {
    const { api_key, api_secret } = test.emulator.credentials;
    const other = test.emulator.allCredentials[1] ?? test.emulator.credentials;
    const wrong: [string, string][] = [
      [api_key, `${api_secret}0`],
      [api_key, api_secret.slice(0, -1)],
      [api_key, api_secret.toUpperCase().replace(/[0-9]/g, 'F')],
      [api_key, ''],
      [api_key, ' '],
      ['', api_secret],
      ['', ''],
      [`${api_key}0`, api_secret],
      [api_key.toUpperCase(), api_secret],
      ['api_00000000000000000', api_secret],
      [api_key, other.api_secret],
      [other.api_key, api_secret],
      ["' OR 1=1 --", "' OR 1=1 --"],
      ['%', api_secret],
      [api_secret, api_key],
    ];
    for (const [name, secret] of wrong)
      expect([name, secret, await labels(basicOf(name, secret))]).toEqual([name, secret, 401]);
    expect(await labels(basicOf(api_key, api_secret))).toBe(200);
  });

  it('is for one organisation, which keeps its own clusters and labels', async () => {
    const [first, second] = test.emulator.allCredentials;
    expect([first?.org_id, second?.org_id]).toEqual([1, 10]);
    expect(second?.api_key).not.toBe(first?.api_key);
    const other = test.as(second ?? test.emulator.credentials);
    expect((await other.get('/orgs/10/container_clusters')).body.map(({ name }: Json) => name)).toEqual([
      'OpenShift 4.6',
    ]);
    expect((await test.pce.get(CLUSTERS)).body).toHaveLength(4);
    expect((await other.post('/orgs/10/labels', { key: 'app', value: 'x' })).body.created_by).toEqual({
      href: '/users/10',
    });
    for (const path of ['/orgs/10/labels', '/orgs/10/labels/128']) expect((await test.pce.get(path)).status).toBe(403);
    const id = K8S2.slice(-36);
    expect((await other.get(`/orgs/10/container_clusters/${id}`)).status).toBe(404);
  });
});

describe('the token of a cluster', () => {
  const test = useEmulator({ world: 'demo' });

  async function newCluster(name: string): Promise<{ id: string; token: string; profiles: string }> {
    const { href, container_cluster_token: token } = (await test.pce.post(CLUSTERS, { name })).body;
    return { id: href.slice(-36), token, profiles: `${href}/container_workload_profiles` };
  }
  const reading = async (headers: Record<string, string>, path: string) => (await test.with(headers).get(path)).status;

  it('may come as a token, bare or quoted, or as the password of the cluster', async () => {
    const { id, token, profiles } = await newCluster('k8s');
    for (const headers of [
      { authorization: `Token token=${token}` },
      { authorization: `Token token="${token}"` },
      basicOf(id, token),
    ]) {
      const { status, body } = await test.with(headers).get(profiles);
      expect([status, body.length, body[0].name]).toEqual([200, 1, 'Default Profile']);
      expect((await test.with(headers).get(body[0].href)).body).toEqual(body[0]);
    }
  });

  it('is no password for another cluster, nor another name', async () => {
    const [one, two] = [await newCluster('one'), await newCluster('two')];
    for (const name of [
      two.id,
      '',
      'k8s',
      one.id.slice(1),
      `/orgs/1/container_clusters/${one.id}`,
      one.id.toUpperCase(),
    ]) {
      expect([name, await reading(basicOf(name, one.token), one.profiles)]).toEqual([name, 401]);
    }
  });

  it('does not read the profiles of another cluster', async () => {
    const [one, two] = [await newCluster('one'), await newCluster('two')];
    for (const headers of [{ authorization: `Token token=${one.token}` }, basicOf(one.id, one.token)]) {
      for (const path of [two.profiles, `${K8S2}/container_workload_profiles`, PAYMENTS]) {
        expect([path, await reading(headers, path)]).toEqual([path, 403]);
      }
      expect(await reading(headers, `${one.profiles}/${PAYMENTS.slice(-36)}`)).toBe(404);
    }
  });

  it('is wrong with any digit changed, or cut, or without its organisation', async () => {
    const { id, token, profiles } = await newCluster('k8s');
    const changed = token.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    for (const wrong of [
      changed,
      token.slice(0, -1),
      `${token}0`,
      token.slice(2),
      `10${token.slice(1)}`,
      token.toUpperCase(),
    ]) {
      if (wrong === token) continue;
      expect([wrong, await reading({ authorization: `Token token=${wrong}` }, profiles)]).toEqual([wrong, 401]);
      expect([wrong, await reading(basicOf(id, wrong), profiles)]).toEqual([wrong, 401]);
    }
  });

  it('ends with its cluster, and no other token does', async () => {
    const [one, two] = [await newCluster('one'), await newCluster('two')];
    const headers = [{ authorization: `Token token=${one.token}` }, basicOf(one.id, one.token)];
    for (const each of headers) expect(await reading(each, one.profiles)).toBe(200);
    await test.pce.delete(`${CLUSTERS}/${one.id}`);
    for (const each of headers) expect(await reading(each, one.profiles)).toBe(401);
    expect(await reading(basicOf(two.id, two.token), two.profiles)).toBe(200);
  });

  it('goes on when its cluster is renamed', async () => {
    const { id, token, profiles } = await newCluster('one');
    await test.pce.put(`${CLUSTERS}/${id}`, { name: 'renamed' });
    expect(await reading(basicOf(id, token), profiles)).toBe(200);
  });
});

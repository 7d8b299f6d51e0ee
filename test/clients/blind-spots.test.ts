import type { Route } from '../../src/contract/route.ts';
import { routesOf } from '../../src/emulator.ts';
import { type Client, type Json, tokenOf, useEmulator } from '../support/emulator.ts';
import { KINDS, type Kind } from './inventory.ts';

/**
 * What no public client notices when it is wrong: totals, empty pages, exact statuses, second deletions, what must be
 * unique, and that organisations see nothing of each other. Made from the table of routes, so that a new route cannot
 * be forgotten.
 */

const RELEASE = '25.2';
const ROUTES = routesOf(RELEASE).filter(({ handle }) => handle);
const ORG = '/orgs/{org_id}/';
const UUID = /\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The lists of an organisation, as the table of routes has them: what answers with a job too. */
const LISTS = ROUTES.filter(({ method, path, replies }) => method === 'GET' && path.startsWith(ORG) && 202 in replies);

const below = ({ path }: Route) => path.slice(ORG.length);
const routeAt = (method: string, path: string) =>
  ROUTES.find((route) => route.method === method && below(route) === path);
/** The paths of the lists that users add to. */
const made = Object.keys(KINDS).filter((path) => routeAt('POST', path));
const kindOf = (path: string): Kind => {
  const kind = KINDS[path];
  if (!kind) throw new Error(`test/clients/inventory.ts does not know how to make one of ${path}`);
  return kind;
};
/** The route of one of a kind. */
const oneOf = (method: string, path: string) =>
  ROUTES.find(
    (route) =>
      route.method === method &&
      /^\{\w+\}$/.test(below(route).slice(path.length + 1)) &&
      below(route).startsWith(`${path}/`),
  );

const POSTS_BY_USERS = ROUTES.filter(
  ({ method, path, admits }) => method === 'POST' && path.startsWith(ORG) && admits.includes('user'),
);

describe('the inventory', () => {
  /** POST routes that make nothing which stays in a list of its own. */
  const OTHER = [
    'pairing_profiles/{pairing_profile_id}/pairing_key',
    'sec_policy',
    'service_accounts/{service_account_id}/api_keys',
  ];

  it('has everything that users can make', () => {
    const unknown = POSTS_BY_USERS.map(below).filter((path) => !KINDS[path] && !OTHER.includes(path));
    expect(unknown).toEqual([]);
  });

  it('has nothing that cannot be made', () => {
    expect(Object.keys(KINDS).filter((path) => !routeAt('POST', path))).toEqual([]);
  });

  it.each(made)('tells how %s is changed and deleted, if it is', (path) => {
    const { change, again } = kindOf(path);
    expect([oneOf('PUT', path) !== undefined, oneOf('DELETE', path) !== undefined]).toEqual([
      change !== null,
      again !== null,
    ]);
  });
});

describe('what no client notices', () => {
  const test = useEmulator({ world: 'empty', pceVersion: RELEASE });

  /** An organisation to make things in. */
  function tenant(org: number, pce: Client) {
    let made = 0;
    /** The href of a list, with what it lies below made first. */
    const listOf = async (path: string): Promise<string> => {
      const at = path.lastIndexOf('/{');
      const parameter = at < 0 ? undefined : /\/\{(\w+)\}\//.exec(path.slice(at))?.[1];
      if (parameter === undefined || parameter === 'pversion')
        return `/orgs/${org}/${path.replace('{pversion}', 'draft')}`;
      const parent = path.slice(0, at);
      return (await make(parent)) + path.slice(at + `/{${parameter}}`.length);
    };
    const make = async (path: string): Promise<string> => {
      const draft = path.replace('/active/', '/{pversion}/');
      const { href } = await granted(await listOf(draft), draft);
      if (draft === path) return href;
      const type = path.slice(path.lastIndexOf('/') + 1);
      await pce.post(`/orgs/${org}/sec_policy`, {
        update_description: 'a test',
        change_subset: { [type]: [{ href }] },
      });
      return href.replace('/draft/', '/active/');
    };
    const bodyOf = async (path: string): Promise<Json> => kindOf(path).body(++made, make, `/orgs/${org}`);
    const granted = async (list: string, path: string, body?: Json): Promise<Json> => {
      const answer = await pce.post(list, body ?? (await bodyOf(path)));
      expect([list, answer.status, answer.status === 201 ? '' : answer.text]).toEqual([list, 201, '']);
      // Service bindings come in lists.
      return [answer.body].flat()[0];
    };
    return { pce, listOf, make, bodyOf, granted };
  }
  const here = () => tenant(1, test.pce);
  /** Another organisation, which has nothing to do with the first. */
  function elsewhere() {
    const credentials = test.emulator.org();
    return { ...tenant(credentials.org_id, test.as(credentials)), org: credentials.org_id };
  }

  describe('in lists', () => {
    it.each(LISTS.map(below))('%s tells its total in X-Total-Count, whatever is asked for', async (path) => {
      const { pce, listOf, granted } = here();
      const list = await listOf(path);
      if (KINDS[path]) for (let n = 0; n < 3; n++) await granted(list, path);
      const { body, headers } = await pce.get(list);
      const total = headers['x-total-count'];
      expect(total).toBe(String(body.length));
      const none = await pce.get(`${list}?max_results=0`);
      expect([none.status, none.body, none.headers['x-total-count']]).toEqual([200, [], total]);
      const one = await pce.get(`${list}?max_results=1`);
      expect([one.body, one.headers['x-total-count']]).toEqual([body.slice(0, 1), total]);
      const filter = KINDS[path]?.filter;
      if (filter === undefined) return;
      const filtered = await pce.get(`${list}?${filter}`);
      expect([filtered.status, filtered.body, filtered.headers['x-total-count']]).toEqual([200, [], total]);
    });

    it.each(['/users', '/users/1/api_keys'])(
      '%s, which is below no organisation, tells its total too',
      async (list) => {
        const { body, headers } = await test.pce.get(list);
        expect([body.length, headers['x-total-count']]).toEqual([1, '1']);
        const none = await test.pce.get(`${list}?max_results=0`);
        expect([none.body, none.headers['x-total-count']]).toEqual([[], '1']);
      },
    );

    it.each(LISTS.map(below))('%s answers with a job whose file holds the same', async (path) => {
      const { pce, listOf, granted } = here();
      const list = await listOf(path);
      if (KINDS[path]) await granted(list, path);
      const { body } = await pce.get(list);
      const job = await pce.get(list, { prefer: 'respond-async' });
      expect([job.status, job.text]).toEqual([202, '']);
      const { result } = (await pce.get(String(job.headers.location))).body;
      expect((await pce.get(result.href)).body).toEqual(body);
    });
  });

  describe('in what is made, changed and deleted', () => {
    it.each(made)('%s: 201, 204 and 204, with a body for the first alone', async (path) => {
      const { pce, listOf, granted } = here();
      const { change, again, ids } = kindOf(path);
      const list = await listOf(path);
      const one = await granted(list, path);
      expect(one.href.slice(0, one.href.lastIndexOf('/'))).toBe(list);
      expect(one.href).toMatch(ids === 'uuid' ? UUID : /\/[1-9]\d*$/);
      expect((await pce.get(one.href)).body).toMatchObject({ href: one.href });
      if (change !== null) {
        const changed = await pce.put(one.href, change);
        expect([changed.status, changed.text]).toEqual([204, '']);
        expect((await pce.get(one.href)).body).toMatchObject(change);
      }
      if (again === null) return;
      const deleted = await pce.delete(one.href);
      expect([deleted.status, deleted.text]).toEqual([204, '']);
      const rows: Json[] = (await pce.get(list)).body;
      expect(rows.map(({ href }) => href)).not.toContain(one.href);
    });

    it.each(made.filter((path) => kindOf(path).again !== null))('%s: a second DELETE is refused', async (path) => {
      const { pce, make } = here();
      const href = await make(path);
      await pce.delete(href);
      const again = await pce.delete(href);
      const expected = kindOf(path).again;
      if (expected === 404) expect([again.status, again.text]).toEqual([404, '']);
      else expect([again.status, tokenOf(again)]).toEqual([406, expected]);
    });

    it.each(made.filter((path) => kindOf(path).ids === 'integer'))('%s: ids are counted', async (path) => {
      const { listOf, granted } = here();
      const list = await listOf(path);
      const ids = [await granted(list, path), await granted(list, path)].map(({ href }) =>
        Number(href.split('/').at(-1)),
      );
      expect(ids[1]).toBe((ids[0] ?? 0) + 1);
    });

    const TAKEN = made.flatMap((path) => (kindOf(path).taken ?? []).map(([what]) => [path, what] as const));

    it.each(TAKEN)('%s: no two have the same %s, neither made so nor changed so', async (path, what) => {
      const { pce, listOf, granted, bodyOf } = here();
      const [, token, alike] = (kindOf(path).taken ?? []).find(([one]) => one === what) ?? [];
      if (!alike) throw new Error('no such rule');
      const list = await listOf(path);
      const [first, other] = [await bodyOf(path), await bodyOf(path)];
      await granted(list, path, first);
      const refused = await pce.post(list, alike(first, other));
      expect([refused.status, tokenOf(refused)]).toEqual([406, token]);
      const second = await granted(list, path, other);
      const before = (await pce.get(second.href)).body;
      const differing = Object.entries(alike(first, other)).filter(([key, value]) => other[key] !== value);
      const change = await pce.put(second.href, Object.fromEntries(differing));
      expect([change.status, tokenOf(change)]).toEqual([406, token]);
      expect((await pce.get(second.href)).body).toEqual(before);
    });

    it.each(made.flatMap((path) => (kindOf(path).shared ?? []).map(([what]) => [path, what] as const)))(
      '%s: many may have the same %s',
      async (path, what) => {
        const { listOf, granted, bodyOf } = here();
        const [, alike] = (kindOf(path).shared ?? []).find(([one]) => one === what) ?? [];
        const list = await listOf(path);
        const [first, other] = [await bodyOf(path), await bodyOf(path)];
        await granted(list, path, first);
        await granted(list, path, alike?.(first, other));
      },
    );

    it.each(TAKEN)('%s: another organisation may have the same %s', async (path) => {
      const [mine, theirs] = [here(), elsewhere()];
      const body = await mine.bodyOf(path);
      await mine.granted(await mine.listOf(path), path, body);
      await theirs.granted(await theirs.listOf(path), path, body);
    });
  });

  describe('between organisations', () => {
    it.each(made)('%s of one are nothing to another', async (path) => {
      const [mine, theirs] = [here(), elsewhere()];
      const list = await theirs.listOf(path);
      const href = await mine.make(path);
      const before = (await mine.pce.get(href)).text;
      const total = (await theirs.pce.get(`${list}?max_results=0`)).headers['x-total-count'];
      const { change } = kindOf(path);
      // By its own href, and as if it were the other's.
      const [foreign, disguised] = [href, href.replace('/orgs/1/', `/orgs/${theirs.org}/`)];
      if (UUID.test(href) || Number(total) === 0) {
        expect([disguised, (await theirs.pce.get(disguised)).status]).toEqual([disguised, 404]);
        if (change !== null) expect((await theirs.pce.put(disguised, change)).status).toBe(404);
        expect([404, 405]).toContain((await theirs.pce.delete(disguised)).status);
      }
      expect((await theirs.pce.get(foreign)).status).toBe(403);
      if (change !== null) expect((await theirs.pce.put(foreign, change)).status).toBe(403);
      expect([403, 405]).toContain((await theirs.pce.delete(foreign)).status);
      expect((await theirs.pce.post(foreign.slice(0, foreign.lastIndexOf('/')), {})).status).toBe(403);
      expect((await mine.pce.get(href)).text).toBe(before);
      expect((await theirs.pce.get(`${list}?max_results=0`)).headers['x-total-count']).toBe(total);
    });

    const REFERENCES = made.flatMap((path) =>
      (kindOf(path).refersTo ?? [])
        .filter(([to]) => routeAt('POST', to))
        .map(([to], index) => [path, to, index] as const),
    );

    it.each(REFERENCES)('%s refer to %s of their own organisation alone (%i)', async (path, to, index) => {
      const [mine, theirs] = [here(), elsewhere()];
      const [, body] = kindOf(path).refersTo?.filter(([one]) => routeAt('POST', one))[index] ?? [];
      if (!body) throw new Error('no such reference');
      const list = await mine.listOf(path);
      const [own, foreign] = [await mine.make(to), await theirs.make(to)];
      const total = (await mine.pce.get(`${list}?max_results=0`)).headers['x-total-count'];
      const answers = [];
      const nowhere = own.replace(/[^/]+$/, (id) =>
        id.length === 36 ? '00000000-0000-4000-8000-000000000000' : '999999',
      );
      for (const href of [foreign, nowhere]) answers.push(await mine.pce.post(list, body(href, 1)));
      expect(answers.map(({ status }) => status)).toEqual([406, 406]);
      expect(tokenOf(answers[0] as Json)).toBe(tokenOf(answers[1] as Json));
      expect((await mine.pce.get(`${list}?max_results=0`)).headers['x-total-count']).toBe(total);
      await mine.granted(list, path, body(own, 2));
    });
  });
});

describe('the statuses of the table', () => {
  /** Statuses of a success that are not 200, 201 or 204 as the method has it, each with its reason. */
  const EXCEPTIONS: Record<string, number[]> = {
    'container_clusters.security_policy_applied': [200],
    // What became of each workload, or VEN.
    'vens.unpair': [200],
    'workloads.bulk_create': [200],
    'workloads.bulk_delete': [200],
    'workloads.bulk_update': [200],
  };
  const USUAL: Record<string, number[]> = { GET: [200], POST: [201], PUT: [204], DELETE: [204] };

  it.each(ROUTES.map(({ id }) => id))('%s has that of its method', (id) => {
    const route = ROUTES.find((one) => one.id === id);
    const statuses = Object.keys(route?.replies ?? {})
      .map(Number)
      .filter((status) => status !== 202);
    expect([id, statuses]).toEqual([id, EXCEPTIONS[id] ?? USUAL[route?.method ?? '']]);
  });
});

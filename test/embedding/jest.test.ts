import { useEmulator } from '../../src/jest.ts';

describe('useEmulator', () => {
  const pce = useEmulator({ world: 'empty', seed: 7 });
  const labels = () => `${pce.http_url}/api/v2/orgs/1/labels`;
  const create = (authorization = pce.authorization, url = labels()) =>
    fetch(url, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ key: 'env', value: 'Test' }),
    });

  it.each([1, 2])('gives each test an emulator as it was after the start (%d)', async () => {
    const answer = await create();
    expect([answer.status, await answer.json()]).toMatchObject([201, { href: '/orgs/1/labels/1' }]);
    expect(pce.requests.count({ route: 'labels.create' })).toBe(1);
  });

  it('can have something go wrong in one test …', async () => {
    pce.faults.add({ when: { route: 'labels.create' }, effect: { status: 503 } });
    expect((await create()).status).toBe(503);
  });

  it('… and all is well again in the next', async () => {
    expect(pce.faults.list()).toEqual([]);
    expect((await create()).status).toBe(201);
  });

  it('tells the time', () => {
    pce.clock.advance('2h');
    expect(pce.clock.now()).toBe('2025-01-01T02:00:00.000Z');
  });

  it('makes organisations with a key of their own', async () => {
    const { org_id, authorization } = pce.org('Other');
    expect((await create(authorization, `${pce.http_url}/api/v2/orgs/${org_id}/labels`)).status).toBe(201);
    expect((await create(authorization)).status).toBe(403);
  });

  it('saves and loads a world', async () => {
    await create();
    const world = pce.saveWorld();
    pce.emulator.reset();
    pce.loadWorld(world);
    const headers = { authorization: pce.authorization };
    expect(await (await fetch(labels(), { headers })).json()).toMatchObject([{ value: 'Test' }]);
  });

  it('tells where it is, and whom to trust', () => {
    expect(pce.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(pce.ca).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(pce.ca_file).toMatch(/ca\.pem$/);
    expect(pce.credentials).toMatchObject({ api_key: expect.stringMatching(/^api_/) });
  });
});

describe('useEmulator says what is wrong', () => {
  const pce = useEmulator({ world: 'empty' });
  const early = (() => {
    try {
      return pce.url;
    } catch (error) {
      return (error as Error).message;
    }
  })();

  it('where it is used before the tests run', () => {
    expect(early).toMatch(/^the emulator runs only while the tests do: .* inside of a test or a hook/);
  });

  it('where there is no Jest', () => {
    const { beforeAll } = globalThis;
    try {
      Object.assign(globalThis, { beforeAll: undefined });
      expect(() => useEmulator()).toThrow(/needs the global functions beforeAll, .* elsewhere call startEmulator/);
    } finally {
      Object.assign(globalThis, { beforeAll });
    }
  });
});

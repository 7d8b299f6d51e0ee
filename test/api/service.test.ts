import { RELEASES } from '../../src/emulator.ts';
import { type Json, useEmulator } from '../support/emulator.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');
const MINUTE = 60 * 1000;
const OPEN = ['/node_available', '/supercluster/leader'];
const CLOSED = ['/health', '/noop', '/product_version'];

describe('what the PCE tells of itself', () => {
  let now = START;
  const test = useEmulator({ world: 'demo', now: () => now });
  beforeEach(() => {
    now = START;
  });

  it.each(CLOSED)('%s asks for credentials of a user, of whatever organisation', async (path) => {
    const { pce, emulator } = test;
    const other = test.as(emulator.allCredentials[1] ?? emulator.credentials);
    expect([(await pce.get(path)).status, (await other.get(path)).status]).toEqual([200, 200]);
    expect((await test.with({}).get(path)).status).toBe(401);
    const agent = test.agent((await pce.post('/orgs/1/container_clusters', { name: 'own' })).body);
    expect((await agent.get(path)).status).toBe(403);
  });

  it.each(OPEN)('%s answers anybody with an empty 200', async (path) => {
    for (const client of [test.pce, test.with({}), test.with({ authorization: 'Basic !' })]) {
      const { status, text, headers } = await client.get(path);
      expect([status, text, headers['content-type']]).toEqual([200, '', undefined]);
    }
  });

  it.each([...CLOSED, ...OPEN])('%s can only be read', async (path) => {
    const { pce } = test;
    for (const answer of [await pce.post(path), await pce.put(path), await pce.delete(path)]) {
      expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
    }
  });

  it('that it is well: one node, as old as the emulator', async () => {
    now += 90 * MINUTE + 999;
    const { body } = await test.pce.get('/health');
    const generated_at = '2026-03-01T09:30:00.999Z';
    expect(body).toEqual([
      expect.objectContaining({
        status: 'normal',
        type: 'standalone',
        fqdn: 'pce.example.com',
        available_seconds: 90 * 60,
        notifications: [],
        listen_only_mode_enabled_at: null,
        generated_at,
      }),
    ]);
    expect(body[0].nodes).toEqual([
      expect.objectContaining({
        hostname: 'pce.example.com',
        type: 'snc0',
        runlevel: 5,
        uptime_seconds: 90 * 60,
        generated_at,
      }),
    ]);
    expect(body[0].nodes[0].services).toMatchObject({ status: 'running', not_running: [], partial: [] });
    for (const figure of ['cpu', 'disk', 'memory']) expect(body[0].nodes[0]).not.toHaveProperty(figure);
  });

  it('no age below nothing, when its clock was set back', async () => {
    now -= MINUTE;
    expect((await test.pce.get('/health')).body[0].available_seconds).toBe(0);
  });

  it('nothing at /noop', async () => {
    const { text, headers } = await test.pce.get('/noop');
    expect([text, headers['content-type']]).toEqual(['{}', 'application/json']);
  });
});

describe.each(RELEASES)('the version of PCE %s', (pceVersion) => {
  const test = useEmulator({ pceVersion });
  const version = async (): Promise<Json> => (await test.pce.get('/product_version')).body;

  it('begins with the release, and has three numbers and a build, as clients compare and show them', async () => {
    const body = await version();
    const [major, minor, ...rest] = body.version.split('.');
    expect([`${major}.${minor}`, rest.length]).toEqual([pceVersion, 1]);
    expect(body.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(Number.isInteger(body.build)).toBe(true);
    expect(body).toMatchObject({ long_display: `${body.version}-${body.build}`, short_display: body.version });
  });

  it('is 25.2.10-24 for the release that the published schemas are of', async () => {
    const { long_display } = await version();
    expect(long_display === '25.2.10-24').toBe(pceVersion === '25.2');
  });
});

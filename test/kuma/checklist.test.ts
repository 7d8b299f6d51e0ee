import { readdirSync, readFileSync } from 'node:fs';
import { hasKumaFeature, KUMA_RELEASES } from '../../src/kuma/versions.ts';
import { type Asking, asking, rowsOf, useKuma } from '../support/kuma.ts';
import { readTranscripts } from '../support/transcripts.ts';

/** The rows of the checklist of what a Kuma does: in all releases, and each told for each. */
const ROWS = [...Array.from({ length: 90 }, (_, index) => String(index + 1)), '25a', '25b'];

/** The titles of the tests beside this one, all of which are run for each release. */
const testTitles = readdirSync(__dirname)
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) => [...readFileSync(`${__dirname}/${name}`, 'utf8').matchAll(/^ +it\('(Rows? .+?)'/gm)])
  .map(([, title = '']) => title);

describe.each(KUMA_RELEASES)('the checklist for Kuma %s', (release) => {
  it('is told to the last row, by transcripts or by tests', () => {
    const told = readTranscripts().filter((one) => one.api === 'kuma' && one.release === release);
    const titles = told.flatMap(({ exchanges }) => exchanges.map(({ title }) => title));
    const rows = new Set([...titles, ...testTitles].flatMap(rowsOf));
    expect(ROWS.filter((row) => !rows.has(row))).toEqual([]);
    expect([...rows].filter((row) => !ROWS.includes(row))).toEqual([]);
  });

  it('is told in part by these tests', () => {
    expect([...new Set(testTitles.flatMap(rowsOf))].sort()).toEqual(['18', '73', '90']);
  });
});

describe.each(KUMA_RELEASES)('Kuma %s', (release) => {
  const test = useKuma(release, { listen: false });
  let kuma: Asking;
  beforeAll(async () => {
    kuma = await asking(test.emulator.kuma_app);
  });
  beforeEach(() => test.emulator.reset());
  afterAll(() => kuma.close());

  it('Row 73: of 130 dataplanes it lists 130, or the first hundred and where the others are', async () => {
    const names = Array.from({ length: 130 }, (_, index) => `web-${index}`);
    for (const name of names) {
      const networking = { address: '127.0.0.1', inbound: [{ port: 8080, tags: { service: 'web' } }] };
      const { status } = await kuma.ask({
        method: 'PUT',
        path: `/meshes/default/dataplanes/${name}`,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ type: 'Dataplane', mesh: 'default', name, networking }),
      });
      expect(status).toBe(201);
    }
    const list = async (path: string) => {
      const { items, ...rest } = JSON.parse((await kuma.ask({ method: 'GET', path })).text);
      return { ...rest, names: items.map(({ name }: { name: string }) => name) };
    };
    const path = '/meshes/default/dataplanes';
    if (!hasKumaFeature(release)('kuma_paging')) {
      expect(await list(path)).toEqual({ names });
      return;
    }
    const next = `http://localhost:5681${path}?offset=100`;
    expect(await list(path)).toEqual({ total: 130, names: names.slice(0, 100), next });
    expect(await list(`${path}?offset=100`)).toEqual({ total: 130, names: names.slice(100), next: null });
  });

  it('Row 18: the head alone is refused without a body, and tells how long that would be', async () => {
    const { status, headers, text } = await kuma.ask({ method: 'HEAD', path: '/meshes' });
    expect({ status, text }).toEqual({ status: 405, text: '' });
    expect(headers).toMatchObject({ 'content-length': '23', 'content-type': 'text/plain; charset=utf-8' });
    expect(headers).not.toHaveProperty('allow');
  });
});

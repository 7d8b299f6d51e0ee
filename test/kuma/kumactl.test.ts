import { hasKumaFeature, KUMA_RELEASES, type KumaRelease } from '../../src/kuma/versions.ts';
import type { Json } from '../support/emulator.ts';
import { useKuma } from '../support/kuma.ts';
import { type GoAnswer, type GoClient, goClient } from './go-client.ts';

/**
 * What kumactl of both releases was recorded to send, and what it looks at in the answers: it goes on only where they are
 * as it wants them.
 */

const ACCEPT = { Accept: 'application/json' };
const JSON_TYPE = { Accept: 'application/json', 'Content-Type': 'application/json' };

const COLLECTIONS: Record<string, string> = { Dataplane: 'dataplanes', TrafficPermission: 'traffic-permissions' };

interface Resource {
  readonly type: string;
  readonly mesh?: string;
  readonly name: string;
  readonly [key: string]: unknown;
}

const pathOf = ({ type, mesh, name }: Resource): string =>
  mesh === undefined ? `/meshes/${name}` : `/meshes/${mesh}/${COLLECTIONS[type]}/${name}`;

/** What it prints of a refusal: JSON with a title and details, or else whatever came. */
function refusal({ status, text }: GoAnswer): Error {
  try {
    const { title, details, causes = [] } = JSON.parse(text);
    const lines = causes.map(({ field, message }: Json) => `* ${field}: ${message}`);
    if (title && details) return new Error([`${title} (${details})`, ...lines].join('\n'));
  } catch {
    // It is no JSON.
  }
  return new Error(`(${status}): ${text}`);
}

/** Whether a resource is told not to be there, which a path that is not there does not. */
function isMissing({ status, text }: GoAnswer): boolean {
  if (status !== 404 || !text.startsWith('{')) return false;
  const { title, details } = JSON.parse(text);
  return Boolean(title && details);
}

/** The commands, by what they send. */
function kumactl(client: GoClient, release: KumaRelease) {
  const has = hasKumaFeature(release);
  const given = async (asked: Promise<GoAnswer>): Promise<Json> => {
    const answer = await asked;
    if (answer.status !== 200) throw refusal(answer);
    expect(answer.headers['content-type']).toBe('application/json');
    return JSON.parse(answer.text);
  };
  return {
    async addControlPlane() {
      const { tagline } = await given(client.send('GET', '/'));
      if (tagline !== 'Kuma') throw new Error('provided address is not valid Kuma Control Plane API Server');
    },
    catalog: () => given(client.send('GET', '/catalog')),
    get: (path: string) => given(client.send('GET', path, ACCEPT)),
    inspect: (query = '') => given(client.send('GET', `/meshes/default/dataplanes+insights${query}`)),
    async apply({ type, mesh, name, ...spec }: Resource): Promise<'created' | 'updated'> {
      const path = pathOf({ type, mesh, name });
      const before = await client.send('GET', path, ACCEPT);
      if (before.status !== 200 && !isMissing(before)) throw refusal(before);
      const never = '0001-01-01T00:00:00Z';
      const times = has('kuma_times') && { creationTime: never, modificationTime: never };
      const body = { type, ...(mesh !== undefined && { mesh }), name, ...times, ...spec };
      const answer = await client.send('PUT', path, JSON_TYPE, JSON.stringify(body));
      if (answer.status !== 200 && answer.status !== 201) throw refusal(answer);
      // Whoever looks has to wait for nothing: there is no body, and so no type of one.
      expect(answer).toMatchObject({ text: '', headers: { 'content-length': '0' } });
      expect(answer.headers).not.toHaveProperty('content-type');
      return before.status === 200 ? 'updated' : 'created';
    },
    async delete(resource: Resource) {
      const answer = await client.send('DELETE', pathOf(resource), ACCEPT);
      if (isMissing(answer)) throw new Error(`there is no ${resource.type} with name "${resource.name}"`);
      if (answer.status !== 200) throw refusal(answer);
    },
  };
}

const WEB: Resource = {
  type: 'Dataplane',
  mesh: 'default',
  name: 'web-1',
  networking: {
    address: '127.0.0.1',
    inbound: [{ port: 11011, servicePort: 11012, tags: { service: 'web', version: '1.0' } }],
    outbound: [],
  },
};
const BACKEND: Resource = {
  type: 'Dataplane',
  mesh: 'default',
  name: 'backend-1',
  networking: { address: '127.0.0.1', inbound: [{ port: 11013, tags: { service: 'backend' } }] },
};
const GATEWAY: Resource = {
  type: 'Dataplane',
  mesh: 'default',
  name: 'gateway-1',
  networking: { address: '127.0.0.1', gateway: { tags: { service: 'kong' } } },
};

describe.each(KUMA_RELEASES)('kumactl %s', (release) => {
  const pages = hasKumaFeature(release)('kuma_paging');
  const test = useKuma(release);
  let client: GoClient;
  let ctl: ReturnType<typeof kumactl>;
  beforeAll(async () => {
    client = await goClient(test.emulator.kuma_url);
    ctl = kumactl(client, release);
  });
  beforeEach(() => test.emulator.reset());
  afterAll(() => client.close());
  const names = ({ items }: Json) => items.map(({ name }: Json) => name);

  it('Row 90: adds the control plane, applies twice, gets, inspects, and deletes, the second time in vain', async () => {
    await ctl.addControlPlane();
    expect(await ctl.apply({ type: 'Mesh', name: 'm1' })).toBe('created');
    expect(await ctl.apply({ type: 'Mesh', name: 'm1' })).toBe('updated');
    expect(names(await ctl.get('/meshes'))).toEqual(['default', 'm1']);
    for (const one of [WEB, BACKEND, GATEWAY]) expect(await ctl.apply(one)).toBe('created');
    expect(await ctl.apply(WEB)).toBe('updated');
    const { items } = await ctl.get('/meshes/default/dataplanes');
    expect(items).toEqual([WEB, BACKEND, GATEWAY].map((one) => expect.objectContaining({ ...one })));
    expect(names(await ctl.inspect())).toEqual(['web-1', 'backend-1', 'gateway-1']);
    expect(names(await ctl.inspect('?tag=service%3Aweb&tag=version%3A1.0'))).toEqual(['web-1']);
    expect(names(await ctl.inspect('?tag=service%3Aweb&tag=version%3A2.0'))).toEqual([]);
    await ctl.delete(WEB);
    await expect(ctl.delete(WEB)).rejects.toThrow('there is no Dataplane with name "web-1"');
    await ctl.delete({ type: 'Mesh', name: 'm1' });
    await expect(ctl.delete({ type: 'Mesh', name: 'm1' })).rejects.toThrow('there is no Mesh with name "m1"');
  });

  it('finds the server of tokens in the catalog', async () => {
    for (let time = 1; time <= 2; time++) {
      const { apis } = await ctl.catalog();
      expect(apis.dataplaneToken.localUrl).toBe('http://localhost:5679');
    }
  });

  it('prints the title, the details and each cause of a refusal', async () => {
    const refused = { type: 'TrafficPermission', mesh: 'default', name: 'tp-1', sources: [], destinations: [] };
    await expect(ctl.apply(refused)).rejects.toThrow(
      [
        'Could not create a resource (Resource is not valid)',
        '* sources: must have at least one element',
        '* destinations: must have at least one element',
      ].join('\n'),
    );
    await expect(ctl.apply({ ...WEB, mesh: 'nomesh' })).rejects.toThrow(
      'Could not create a resource (Mesh is not found)\n* mesh: mesh of name nomesh is not found',
    );
  });

  it('does not take a path that is not there for a resource that is not there', async () => {
    await expect(ctl.apply({ type: 'Secret', mesh: 'default', name: 's-1' })).rejects.toThrow(
      '(404): 404: Page Not Found',
    );
  });

  if (pages) {
    it('gets one page after the other, and gateways alone', async () => {
      for (const one of [WEB, BACKEND, GATEWAY]) await ctl.apply(one);
      const seen: string[] = [];
      for (let offset: string | null = ''; offset !== null; ) {
        const { items, next, total } = await ctl.get(`/meshes/default/dataplanes?offset=${offset}&size=2`);
        seen.push(...names({ items }));
        expect(total).toBe(3);
        offset = next === null ? null : new URL(next).searchParams.get('offset');
      }
      expect(seen).toEqual(['web-1', 'backend-1', 'gateway-1']);
      expect(names(await ctl.inspect('?gateway=true'))).toEqual(['gateway-1']);
      expect(await ctl.get('/meshes/default/dataplanes/web-1')).toMatchObject({ ...WEB });
    });
  }

  it('is asked again and again over one connection', async () => {
    const answers = [];
    for (let time = 1; time <= 5; time++) answers.push(await client.send('GET', '/meshes/nope', ACCEPT));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    expect(answers[0]?.headers).not.toHaveProperty('content-encoding');
  });
});

import { TYPES } from '../../src/kuma/types/index.ts';
import type { Json } from '../support/emulator.ts';
import type { Asked, Asking, KumaAnswer } from '../support/kuma.ts';

export const JSON_TYPE = { 'Content-Type': 'application/json' };

export const DATAPLANES = '/meshes/default/dataplanes';
export const INSIGHTS = '/meshes/default/dataplane-insights';

/** What a dataplane says at the least. */
export const NETWORKING = { address: '127.0.0.1', inbound: [{ port: 8080, tags: { service: 'web' } }] };

/** What is put at a path: what tells the resource from others, and what it says. */
export function bodyOf(path: string, spec: Json = {}): Json {
  const [, , mesh = '', collection = 'meshes', name] = path.split('/');
  const type = TYPES.find((one) => one.collection === collection)?.name;
  return name === undefined ? { type, name: mesh, ...spec } : { type, mesh, name, ...spec };
}

/** The request that puts it there. */
export const putting = (path: string, spec?: Json): Asked => ({
  method: 'PUT',
  path,
  headers: JSON_TYPE,
  body: JSON.stringify(bodyOf(path, spec)),
});

/** Puts resources, and fails where one is refused. */
export async function put(kuma: Asking, resources: Readonly<Record<string, Json>>): Promise<void> {
  for (const [path, spec] of Object.entries(resources)) {
    const { status, text } = await kuma.ask(putting(path, spec));
    if (status !== 200 && status !== 201) throw new Error(`PUT ${path} is answered ${status}: ${text}`);
  }
}

export const get = (kuma: Asking, path: string): Promise<KumaAnswer> => kuma.ask({ method: 'GET', path });

/** The names in a list, in its order. */
export async function namesAt(kuma: Asking, path: string): Promise<string[]> {
  return JSON.parse((await get(kuma, path)).text).items.map(({ name }: Json) => name);
}

/** What GETs show of everything, to the byte. */
export async function everything(kuma: Asking): Promise<string[]> {
  const { items } = JSON.parse((await get(kuma, '/meshes')).text);
  const collections = TYPES.map(({ collection }) => collection).filter((one) => one !== 'meshes');
  const lists = items.flatMap(({ name }: Json) => collections.map((one) => `/meshes/${name}/${one}`));
  const paths = ['/meshes', ...lists, ...items.map(({ name }: Json) => `/meshes/${name}/dataplanes+insights`)];
  return Promise.all(paths.map(async (path) => `${path} ${(await get(kuma, path)).text}`));
}

import type { Collection, Document, World } from '../contract/collection.ts';
import type { Has } from '../contract/cut.ts';
import type { Api, Route } from '../contract/route.ts';
import type { Schemas } from '../contract/schemas.ts';
import { createFront } from './front.ts';
import { inText, kumaRefusals, READ_ONLY } from './problems.ts';
import { parseJson } from './protobuf/json-text.ts';
import type { Messages } from './protobuf/messages.ts';
import type { ResourceType } from './resource-type.ts';
import { kumaResources, meshAt, NAME, put, specOf } from './resources.ts';
import { dataplaneLifeRoutes } from './routes/emulator/dataplanes.ts';
import { overviewRoutes } from './routes/overviews.ts';
import { resourceRoutes } from './routes/resources.ts';
import { serverRoutes } from './routes/server.ts';
import { TYPES } from './types/index.ts';
import { meshes } from './types/meshes.ts';

export { kumaResources };

/** Everything that Kuma keeps. */
export const kumaCollections: readonly Collection[] = [kumaResources];

export interface KumaOptions {
  readonly schemas: Schemas;
  readonly has: Has;
  /** As one that was installed on Kubernetes: what is there can be read, and not changed. */
  readonly readOnly: boolean;
  /** The port that it says it has. */
  readonly port: number;
  /** The configuration of the release, as the original told it. */
  recorded(): Document;
}

/** What the emulator's own API does with Kuma. @param world of the emulated Kuma */
export const kumaControl = (world: World): Pick<Api, 'routes' | 'parameters'> => ({
  routes: dataplaneLifeRoutes(world),
  parameters: { mesh: NAME, name: NAME },
});

export interface Kuma {
  readonly api: Api;
  /** A resource as this release reads it, which another may have written. @throws Error where it cannot */
  reread(document: Document): Document;
}

/** The table of everything that one release of Kuma answers. */
export function kumaRoutes({ has, readOnly, ...server }: Omit<KumaOptions, 'schemas'>): Route[] {
  const { port } = server;
  const routes = [
    ...serverRoutes({ ...server, readOnly }),
    ...TYPES.flatMap((type) => resourceRoutes(type, port)),
    ...overviewRoutes(port),
  ].filter(({ feature }) => feature === undefined || has(feature));
  return readOnly ? withoutChanges(routes, has) : routes;
}

/** One release of Kuma. */
export function createKuma(options: KumaOptions): Kuma {
  const { messages, ...manner } = createFront(options.schemas, options.has);
  const api = {
    name: 'kuma',
    prefix: '',
    routes: kumaRoutes(options),
    // Whatever stands in a path is a name; PUT says which are none.
    parameters: {},
    refusals: kumaRefusals,
    problem: 'kuma/errors#problem',
    emulated: true,
    manner,
    secrets: [],
  };
  return { api, reread: (document) => reread(messages, document, options.has) };
}

/** In 0.4 a read-only server has no routes that change anything; in 0.5 it has, and they say why they do not. */
function withoutChanges(routes: readonly Route[], has: Has): Route[] {
  if (!has('kuma_refusal_where_read_only')) return routes.filter(({ method }) => method === 'GET');
  return routes.map((route) => {
    if (route.method === 'GET') return route;
    const { body: _unread, ...rest } = route;
    return {
      ...rest,
      handle() {
        throw inText(405, READ_ONLY);
      },
    };
  });
}

function reread(messages: Messages, document: Document, has: Has): Document {
  const { type, mesh, name } = document;
  const { schema, feature } = typeOf(document);
  if (feature && !has(feature)) throw new Error(`this release of Kuma has no type ${type}`);
  const spec = messages.read(schema, parseJson(JSON.stringify(specOf(document))));
  return { type, ...(mesh !== undefined && { mesh }), name, ...spec };
}

/** @throws Error where there is none of that name */
function typeOf({ type }: Document): ResourceType {
  const known = TYPES.find(({ name }) => name === type);
  if (!known) throw new Error(`Kuma has no type ${type}`);
  return known;
}

/** Where a resource stands. @throws Error for what no request could have put there */
export function placeOf(document: Document): { readonly list: string; readonly name: string } {
  const type = typeOf(document);
  const { mesh, name } = document;
  if (!isName(name) || (type === meshes ? mesh !== undefined : !isName(mesh))) {
    const what = `a ${type.name} has a name and ${type === meshes ? 'no mesh' : 'a mesh'}`;
    throw new Error(`${what}; names are made of numbers, lowercase latin letters, - and _`);
  }
  return { list: mesh === undefined ? '/meshes' : `${meshAt(String(mesh))}/${type.collection}`, name };
}

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '' && NAME.test(value);

const DEFAULT = 'default';

/** What a control plane does at its start: there is a mesh named default, whatever has become of it before. */
export function haveDefaultMesh(world: World): void {
  const href = meshAt(DEFAULT);
  if (world.table(kumaResources).has(href)) return;
  put(world, href, { type: meshes.name, name: DEFAULT }, meshes.completed?.({}, world.has) ?? {});
}

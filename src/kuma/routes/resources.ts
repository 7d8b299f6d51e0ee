import type { World } from '../../contract/collection.ts';
import type { Request, Route } from '../../contract/route.ts';
import type { Put } from '../front.ts';
import { type During, noSuchMesh, notFound, notValid, unreadable } from '../problems.ts';
import { type Cause, type ResourceType, type Spec, Unreadable } from '../resource-type.ts';
import { kumaResources, listed, meshAt, NAME, ofType, presented, put, resourceAt, specOf } from '../resources.ts';
import { dataplaneInsights } from '../types/dataplane-insights.ts';
import { dataplanes } from '../types/dataplanes.ts';
import { meshes } from '../types/meshes.ts';
import { seenInKuma } from './evidence.ts';
import { listOf } from './lists.ts';

/** The four things that can be done with resources of a type, and from 0.5 on the list of those in all meshes. */
export function resourceRoutes(type: ResourceType, port: number): Route[] {
  const { collection, name, schema, feature } = type;
  const inMesh = type !== meshes;
  const all = inMesh ? `/meshes/{mesh}/${collection}` : '/meshes';
  const one = `${all}/{name}`;
  const common = { ...seenInKuma, ...(feature && { feature }) };
  const id = `kuma.${collection.replaceAll('-', '_')}`;
  const item = schema;
  const list = schema.replace('#item', '#list');
  const query = 'kuma/pages#query';
  const where = inMesh ? ' in a mesh' : '';
  const ofAllMeshes: Route = {
    ...common,
    id: `${id}.list_all`,
    method: 'GET',
    path: `/${collection}`,
    summary: `List the resources of type ${name} in all meshes`,
    feature: feature ?? 'kuma_lists_of_all_meshes',
    query,
    replies: { 200: list },
    refuses: [400],
    handle: (request, world) =>
      listOf(port, request, world, {
        all: ofType(world, name, request.listing),
        present: (entry) => presented(world, entry),
      }),
  };
  return [
    {
      ...common,
      id: `${id}.list`,
      method: 'GET',
      path: all,
      summary: `List the resources of type ${name}${where}`,
      query,
      replies: { 200: list },
      refuses: [400],
      handle: (request, world) =>
        listOf(port, request, world, {
          all: listed(world, request.path, request.listing),
          present: (entry) => presented(world, entry),
        }),
    },
    {
      ...common,
      id: `${id}.get`,
      method: 'GET',
      path: one,
      summary: `Get a resource of type ${name}`,
      replies: { 200: item },
      refuses: [404],
      handle({ path }, world) {
        const found = resourceAt(world, path);
        if (!found) throw notFound('Could not retrieve a resource');
        return { status: 200, body: presented(world, found) };
      },
    },
    {
      ...common,
      id: `${id}.put`,
      method: 'PUT',
      path: one,
      summary: `Make a resource of type ${name}, or put another in its place`,
      body: item,
      replies: { 200: null, 201: null },
      refuses: [400, 404, 500],
      handle: (request, world) => handlePut(type, request, world),
    },
    {
      ...common,
      id: `${id}.delete`,
      method: 'DELETE',
      path: one,
      summary: inMesh ? `Delete a resource of type ${name}` : 'Delete a mesh, and all that is in it',
      replies: { 200: null },
      refuses: [404],
      handle: ({ path }, world) => remove(type, path, world),
    },
    ...(inMesh ? [ofAllMeshes] : []),
  ];
}

/** What is wrong with the form is told before what is wrong with the state of things. */
function handlePut(type: ResourceType, request: Request, world: World) {
  const { path, params } = request;
  const { mesh, name = '' } = params;
  const { meta, spec } = request.body as unknown as Put;
  const misnamed = identityFaults(type, params, meta);
  if (misnamed.length > 0) throw notValid('Could not process a resource', misnamed);
  const before = world.table(kumaResources).get(path);
  const during = before ? 'Could not update a resource' : 'Could not create a resource';
  const completed = validated(type, { before: before && specOf(before), spec, during }, world);
  if (!before) refuseWithoutOwner(type, path, mesh, world);
  put(world, path, { type: type.name, ...(mesh !== undefined && { mesh }), name }, completed);
  return { status: before ? 200 : 201 };
}

interface Change {
  readonly before: Spec | undefined;
  readonly spec: Spec;
  readonly during: During;
}

/** The spec as it is kept. @throws Problem 400, and 500 for what the original cannot read */
function validated(type: ResourceType, { before, spec, during }: Change, world: World): Spec {
  try {
    const completed = type.completed?.(spec, world.has) ?? spec;
    const faults = type.faults?.(completed, world.has) ?? [];
    const causes = faults.length > 0 ? faults : (type.faultsOfChange?.(before, completed, world.has) ?? []);
    if (causes.length > 0) throw notValid(during, causes);
    return completed;
  } catch (error) {
    throw error instanceof Unreadable ? unreadable(during, error.message) : error;
  }
}

/** @throws Problem where there is no such mesh, or, in 0.5, no dataplane for an insight to be of */
function refuseWithoutOwner(type: ResourceType, path: string, mesh: string | undefined, world: World): void {
  const table = world.table(kumaResources);
  if (mesh !== undefined && !table.has(meshAt(mesh))) throw noSuchMesh(mesh);
  if (type !== dataplaneInsights || !world.has('kuma_insights_belong_to_dataplanes')) return;
  if (!table.has(beside(path, dataplaneInsights, dataplanes))) throw notFound('Could not create a resource');
}

const BAD_NAME = "invalid characters. Valid characters are numbers, lowercase latin letters and '-', '_' symbols.";

/** Where the body is about another resource than the path, or the path about one that cannot be. */
function identityFaults(type: ResourceType, params: Request['params'], meta: Put['meta']): Cause[] {
  const { name = '', mesh } = params;
  const other = (field: string) => ({ field, message: `${field} from the URL has to be the same as in body` });
  return [
    ...(meta.name === name ? [] : [other('name')]),
    ...(meta.type === type.name ? [] : [other('type')]),
    ...(mesh === undefined || meta.mesh === mesh ? [] : [other('mesh')]),
    ...(NAME.test(name) ? [] : [{ field: 'name', message: BAD_NAME }]),
    // A mesh is in itself, as the original sees it.
    ...(NAME.test(mesh ?? name) ? [] : [{ field: 'mesh', message: BAD_NAME }]),
  ];
}

function remove(type: ResourceType, path: string, world: World) {
  const table = world.table(kumaResources);
  if (!table.has(path)) throw notFound('Could not delete a resource');
  table.remove(path);
  if (type === dataplanes && world.has('kuma_insights_belong_to_dataplanes')) {
    table.remove(beside(path, dataplanes, dataplaneInsights));
  }
  return { status: 200 };
}

/** Where the resource of another type and the same name is. */
export const beside = (path: string, from: ResourceType, to: ResourceType): string =>
  path.replace(new RegExp(`/${from.collection}/([^/]*)$`), `/${to.collection}/$1`);

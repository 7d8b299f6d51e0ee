import type { Collection, Condition, Document, Entry, World } from '../contract/collection.ts';
import type { Listing } from '../contract/route.ts';
import type { Spec } from './resource-type.ts';

/** The path of a resource, which is its href too: `/meshes/default/dataplanes/backend-1`. */
export const meshAt = (name: string): string => `/meshes/${name}`;

/**
 * All resources, of whatever type, as Kuma's own database keeps them. Their facts say in which list they stand, and when
 * they came and changed: 0.4 keeps these times to itself.
 */
export const kumaResources: Collection = {
  name: 'kuma_resources',
  id: 'uuid',
  schema: 'kuma/resources#stored',
  keys: { type: '$.type' },
  factKeys: { list: '$.list' },
  indexed: ['type', 'list'],
  // What is in a mesh goes with it.
  references: [{ to: 'kuma_resources', edges: inMesh, vanishes: true }],
};

function inMesh({ mesh }: Document) {
  return mesh === undefined ? [] : [{ role: 'mesh', to: meshAt(String(mesh)) }];
}

/** What the names of meshes and resources are made of. */
export const NAME = /^[0-9a-z_-]*$/;

/** What tells a resource from all others. */
export interface Identity {
  readonly type: string;
  /** Absent for a mesh. */
  readonly mesh?: string;
  readonly name: string;
}

/** Puts a resource in the place of the one at `href`, or makes it. */
export function put(world: World, href: string, { type, mesh, name }: Identity, spec: Spec): void {
  const table = world.table(kumaResources);
  const now = timestamp(world);
  const before = table.facts(href);
  const document = { type, ...(mesh !== undefined && { mesh }), name, ...spec };
  const facts = { list: href.slice(0, href.lastIndexOf('/')), created: before?.created ?? now, modified: now };
  if (before) table.replace(href, document, facts);
  else table.insert('', href, document, facts);
}

/** The resource at a path. */
export const resourceAt = (world: World, href: string): Entry | undefined =>
  world.table(kumaResources).lookup({ href });

/** The resources of a list, such as `/meshes/default/dataplanes`, in the order in which they were made. */
export const listed = (world: World, list: string, listing?: Listing): Entry[] =>
  selected(world, { key: 'list', is: list }, listing);

/** Those of a type in all meshes. */
export const ofType = (world: World, type: string, listing?: Listing): Entry[] =>
  selected(world, { key: 'type', is: type }, listing);

function selected(world: World, condition: Condition, { rows, shuffled }: Listing = {}): Entry[] {
  return world.table(kumaResources).entries('', { where: [condition], limit: rows, shuffled });
}

/** What a resource says beside what tells it from others. */
export function specOf({ type, mesh, name, ...spec }: Document): Spec {
  return spec;
}

/** The beginning of a resource as it is shown. */
export function headOf(world: World, { document, facts }: Entry, type: string): Document {
  const { mesh, name } = document;
  const times = world.has('kuma_times') && { creationTime: facts.created, modificationTime: facts.modified };
  return { type, ...(mesh !== undefined && { mesh }), name, ...times };
}

/** A resource as it is shown. */
export const presented = (world: World, entry: Entry): Document => ({
  ...headOf(world, entry, String(entry.document.type)),
  ...specOf(entry.document),
});

/** The present moment as Go writes it: without zeros at the end of a fraction. */
const timestamp = (world: World): string => world.clock.timestamp().replace(/\.?0+Z$/, 'Z');

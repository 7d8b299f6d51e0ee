import type { Collection, Document, World } from '../contract/collection.ts';

/**
 * What `usage` tells of a document.
 * @param flags each with the collections whose documents set it by linking to this one
 */
export function usageOf(
  world: World,
  collection: Collection,
  href: string,
  flags: Readonly<Record<string, readonly string[]>>,
): Document {
  const users = world.table(collection).referrers(href);
  const used = (by: readonly string[]) => users.some((user) => by.includes(user.collection));
  return Object.fromEntries(Object.entries(flags).map(([flag, by]) => [flag, used(by)]));
}

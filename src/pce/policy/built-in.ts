import type { Document, World } from '../../contract/collection.ts';
import { APART, activeHref, PCE_ITSELF, type PolicyObject } from './policy-object.ts';

/** Gives an organisation what a PCE comes with: as a draft, and in force. */
export function createBuiltIn(
  { collection, builtIn }: PolicyObject,
  world: World,
  org: string,
  content: Document,
): void {
  const table = world.table(collection);
  const href = table.mint(org);
  const now = world.clock.timestamp();
  const by = { href: PCE_ITSELF };
  const made = { name: builtIn, ...content, created_at: now, created_by: by, updated_at: now, updated_by: by };
  table.insert(org, activeHref(href), { href: activeHref(href), ...made }, APART);
  table.insert(org, href, { href, ...made, update_type: null });
}

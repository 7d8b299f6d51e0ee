import type { Document, World } from '../../contract/collection.ts';
import { type Pending, pendingOf, revertDrafts } from './drafts.ts';
import { policyObjects } from './index.ts';
import { APART, activeHref, hrefsIn, type PolicyObject, withHrefs } from './policy-object.ts';
import { activePolicyNeeds, dependenciesMissing, invalidPolicyHref, nothingToProvision } from './problems.ts';

/** A part of the pending changes: drafts by the names of their collections. */
export type ChangeSubset = Readonly<Record<string, readonly { readonly href: string }[]>>;

const isDraft = (href: string) => href.includes('/sec_policy/draft/');
const hrefOf = ({ href }: Document) => String(href);

/**
 * The drafts that differ from what is in force, by href.
 * @param subset only these
 * @throws Problem 406 where something of the subset is no draft of the organisation
 */
export function pendingChanges(world: World, org: string, subset?: ChangeSubset): Map<string, Pending> {
  const changes = new Map<string, Pending>();
  for (const kind of policyObjects) {
    const table = world.table(kind.collection);
    const chosen = subset?.[kind.collection.name];
    if (subset && !chosen) continue;
    const drafts = chosen
      ? chosen.map(({ href }) => draftAt(kind, world, org, href))
      : table.find(org, { where: [{ key: 'update_type', oneOf: ['create', 'update', 'delete'] }] });
    for (const one of pendingOf(kind, drafts)) changes.set(hrefOf(one.draft), one);
  }
  return changes;
}

function draftAt({ collection, type }: PolicyObject, world: World, org: string, href: string): Document {
  const draft = href.startsWith(`${org}/`) && isDraft(href) ? world.table(collection).get(href) : undefined;
  if (!draft) throw invalidPolicyHref(href, type);
  return draft;
}

/**
 * Brings drafts into force.
 * @returns how many objects of each kind are in force then
 * @throws Problem 406 where there is nothing to do, or something is missing or left over that is needed
 */
export function provision(world: World, org: string, subset?: ChangeSubset): Record<string, number> {
  const changes = pendingChanges(world, org, subset);
  if (changes.size === 0) throw nothingToProvision();
  for (const one of inOrderOfNeed(world, changes)) {
    if (one.draft.update_type === 'delete') continue;
    refuseWithoutDependencies(world, one, changes);
    bringIntoForce(one.kind, world, org, one.draft);
  }
  withdraw(world, new Set([...changes.values()].filter(({ draft }) => draft.update_type === 'delete')));
  return countActive(world, org);
}

/** What others link to comes before them. */
function inOrderOfNeed(world: World, changes: ReadonlyMap<string, Pending>): Pending[] {
  const ordered: Pending[] = [];
  const seen = new Set<string>();
  const visit = (href: string) => {
    const change = changes.get(href);
    if (!change || seen.has(href)) return;
    seen.add(href);
    for (const needed of neededBy(world, change)) visit(needed);
    ordered.push(change);
  };
  for (const href of changes.keys()) visit(href);
  return ordered;
}

/** The drafts that one links to, itself or in its parts. */
function neededBy(world: World, { kind, draft }: Pending): string[] {
  const own = hrefOf(draft);
  const parts = kind.parts ? world.table(kind.parts.collection).find(own) : [];
  const staying = parts.filter(({ update_type }) => update_type !== 'delete');
  return hrefsIn([draft, ...staying], (href) => isDraft(href) && href !== own && !href.startsWith(`${own}/`));
}

function refuseWithoutDependencies(world: World, one: Pending, changes: ReadonlyMap<string, Pending>): void {
  const missing = neededBy(world, one).filter((href) => {
    const change = changes.get(href);
    return change ? change.draft.update_type === 'delete' : !isInForce(world, href);
  });
  if (missing.length > 0) throw dependenciesMissing(hrefOf(one.draft), [...new Set(missing)]);
}

function isInForce(world: World, draft: string): boolean {
  const kind = policyObjects.find(({ collection }) => draft.includes(`/${collection.name}/`));
  return kind !== undefined && world.table(kind.collection).has(activeHref(draft));
}

function bringIntoForce(kind: PolicyObject, world: World, parent: string, draft: Document): void {
  const table = world.table(kind.collection);
  const { update_type: _draftOnly, ...content } = withHrefs(draft, activeHref);
  const href = activeHref(hrefOf(draft));
  if (table.has(href)) table.replace(href, content);
  else table.insert(activeHref(parent), href, content, APART);
  if (draft.update_type !== null) table.replace(hrefOf(draft), { ...draft, update_type: null });
  if (!kind.parts) return;
  const parts = world.table(kind.parts.collection);
  for (const part of parts.find(hrefOf(draft))) {
    if (part.update_type === 'delete') {
      parts.remove(activeHref(hrefOf(part)));
      parts.remove(hrefOf(part));
    } else if (part.update_type !== null) bringIntoForce(kind.parts, world, hrefOf(draft), part);
  }
}

/** Takes out of force what nothing that stays in force needs, whatever the order that takes. */
function withdraw(world: World, going: Set<Pending>): void {
  let before: number;
  do {
    before = going.size;
    for (const one of going) {
      const table = world.table(one.kind.collection);
      const href = hrefOf(one.draft);
      if (table.referrers(activeHref(href)).length > 0) continue;
      table.remove(activeHref(href));
      table.remove(href);
      going.delete(one);
    }
  } while (going.size > 0 && going.size < before);
  const [left] = going;
  if (!left) return;
  const href = activeHref(hrefOf(left.draft));
  const [user] = world.table(left.kind.collection).referrers(href);
  throw activePolicyNeeds(href, user?.collection ?? 'policy objects');
}

function countActive(world: World, org: string): Record<string, number> {
  const where = [{ key: 'href', contains: '/sec_policy/active/' }];
  return Object.fromEntries(
    policyObjects.map(({ collection }) => [collection.name, world.table(collection).count(org, where)]),
  );
}

/**
 * Puts drafts back to what is in force.
 * @returns how many
 * @throws Problem 406 where something of the subset is no draft, or is needed by a draft that stays
 */
export function revert(world: World, org: string, subset?: ChangeSubset): number {
  const changes = pendingChanges(world, org, subset);
  revertDrafts(inOrderOfNeed(world, changes).reverse(), world);
  return changes.size;
}

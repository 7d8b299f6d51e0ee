import type { Document, World } from '../../contract/collection.ts';
import { type Pending, pendingOf, revertDrafts, takenFrom } from './drafts.ts';
import { policyObjects } from './index.ts';
import { inOrderOfNeed } from './order.ts';
import { APART, activeHref, draftHref, hrefsIn, type PolicyObject, withHrefs } from './policy-object.ts';
import {
  activePolicyNeeds,
  dependenciesMissing,
  invalidPolicyHref,
  nothingToProvision,
  revertNeeds,
} from './problems.ts';

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
 * @throws Problem 406 where there is nothing to do, where something is missing or left over that is needed, and where
 *   some changes without the others would make what no draft may be
 */
export function provision(world: World, org: string, subset?: ChangeSubset): Record<string, number> {
  const changes = pendingChanges(world, org, subset);
  if (changes.size === 0) throw nothingToProvision();
  const ordered = neededFirst(world, changes);
  for (const one of ordered) {
    if (one.draft.update_type === 'delete') continue;
    refuseWithoutDependencies(world, one, changes);
    bringIntoForce(one.kind, world, org, one.draft);
  }
  // What needs others goes before them.
  for (const one of ordered.reverse()) if (one.draft.update_type === 'delete') withdraw(world, one);
  // All together they are what the drafts are, of which that holds.
  if (subset) {
    refuseTwins(world, org, changes);
    requireTogether(world, changes, activeHref);
  }
  return countActive(world, org);
}

interface Ordered extends Pending {
  /** The hrefs of the drafts that it needs. */
  readonly needs: readonly string[];
}

/** Changes in an order in which what others need comes before them. */
function neededFirst(world: World, changes: ReadonlyMap<string, Pending>): Ordered[] {
  const all = new Map(
    [...changes].map(([href, one]): [string, Ordered] => [href, { ...one, needs: needsOf(world, one) }]),
  );
  const pending = (href: string) => (all.get(href)?.needs ?? []).filter((needed) => all.has(needed));
  return inOrderOfNeed(all.keys(), pending).map((href) => all.get(href) as Ordered);
}

/** The drafts that one links to, itself or in its parts. */
function needsOf(world: World, { kind, draft }: Pending): string[] {
  const own = hrefOf(draft);
  const parts = kind.parts ? world.table(kind.parts.collection).find(own) : [];
  const staying = parts.filter(({ update_type }) => update_type !== 'delete');
  const others = hrefsIn([draft, ...staying], (href) => isDraft(href) && href !== own && !href.startsWith(`${own}/`));
  return [...new Set(others)];
}

function refuseWithoutDependencies(world: World, one: Ordered, changes: ReadonlyMap<string, Pending>): void {
  const missing = one.needs.filter((href) => {
    const change = changes.get(href);
    return change ? change.draft.update_type === 'delete' : isOnlyDraft(world, href);
  });
  if (missing.length > 0) throw dependenciesMissing(hrefOf(one.draft), missing);
}

/** The table of the collection that a draft is in. */
const tableOf = (world: World, draft: string) =>
  policyObjects.flatMap(({ collection }) =>
    draft.includes(`/${collection.name}/`) ? [world.table(collection)] : [],
  )[0];

/** What a cluster no longer has is neither draft nor in force: it goes without asking, and what names it stays whole. */
function isOnlyDraft(world: World, href: string): boolean {
  const table = tableOf(world, href);
  return table !== undefined && !table.has(activeHref(href)) && table.has(href);
}

/** @throws Problem 406 where two in force would have what is to be of one alone: a name, say, that one gives up later */
function refuseTwins(world: World, org: string, changes: ReadonlyMap<string, Pending>): void {
  const later = [...pendingChanges(world, org).values()];
  for (const kind of policyObjects) {
    const table = world.table(kind.collection);
    const inForce = (some: Iterable<Pending>): Document[] =>
      [...some].flatMap((one) => {
        const found = one.kind === kind ? table.get(activeHref(hrefOf(one.draft))) : undefined;
        return found ? [found] : [];
      });
    const [before, after] = [inForce(later), inForce(changes.values())];
    for (const { keys } of kind.collection.unique ?? []) {
      const taken = new Set(before.map((one) => valuesOf(one, keys)));
      const twin = after.some((one) => keys.every((key) => one[key] != null) && taken.has(valuesOf(one, keys)));
      if (twin) throw takenFrom(kind, keys);
    }
  }
}

const valuesOf = (document: Document, keys: readonly string[]) => JSON.stringify(keys.map((key) => document[key]));

/** Asks each kind whether what has changed is sound with all others, by the hrefs of one version. @throws Problem 406 */
function requireTogether(world: World, changes: ReadonlyMap<string, Pending>, version: (draft: string) => string) {
  for (const kind of policyObjects) {
    const changed = [...changes].flatMap(([href, one]) => (one.kind === kind ? [version(href)] : []));
    kind.requireTogether?.(world, changed);
  }
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

/** Takes something out of force. @throws Problem 406 where something in force needs it */
function withdraw(world: World, { kind, draft }: Pending): void {
  const table = world.table(kind.collection);
  const href = hrefOf(draft);
  const [user] = table.referrers(activeHref(href));
  if (user) throw activePolicyNeeds(activeHref(href), user.collection);
  table.remove(activeHref(href));
  table.remove(href);
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
 * @throws Problem 406 where something of the subset is no draft, or is needed by a draft that stays, and where some
 *   without the others would be what no draft may be
 */
export function revert(world: World, org: string, subset?: ChangeSubset): number {
  const changes = pendingChanges(world, org, subset);
  revertDrafts(neededFirst(world, changes).reverse(), world);
  if (subset) {
    for (const [href, { kind }] of changes) refuseNeedOfWhatGoes(world, kind, href);
    requireTogether(world, changes, draftHref);
  }
  return changes.size;
}

/** @throws Problem 406 where a draft, if it is there, names what is to go */
function refuseNeedOfWhatGoes(world: World, kind: PolicyObject, href: string): void {
  const draft = world.table(kind.collection).get(href);
  const needs = draft ? needsOf(world, { kind, draft }) : [];
  const going = needs.filter((needed) => tableOf(world, needed)?.get(needed)?.update_type === 'delete');
  if (going.length > 0) throw revertNeeds(href, going);
}

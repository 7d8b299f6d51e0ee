import { type Document, NotUnique, type World } from '../../contract/collection.ts';
import type { Request } from '../../contract/route.ts';
import { authorship, change, existing, refusingDuplicates } from '../collections.ts';
import { recordChange } from '../events.ts';
import { externalReferenceNotUnique, nameNotUnique, notFound } from '../problems.ts';
import { APART, activeHref, draftHref, PCE_ITSELF, type PolicyObject, withHrefs } from './policy-object.ts';
import { builtIn, madeByCluster } from './problems.ts';

/** What users do to drafts. What is in force changes by provisioning alone. */

const nameOrReference = (keys: readonly string[]) =>
  keys.includes('name') ? nameNotUnique() : externalReferenceNotUnique();

/** The refusal where another has the same keys. */
export const takenFrom = ({ taken = nameOrReference }: PolicyObject, keys: readonly string[]) => taken(keys);

const refusingTaken = <T>(kind: PolicyObject, write: () => T): T =>
  refusingDuplicates(write, (keys) => takenFrom(kind, keys));

/** Makes a draft below `parent`. @throws Problem 406 */
export function createDraft(kind: PolicyObject, request: Request, world: World, parent: string): Document {
  const table = world.table(kind.collection);
  const content = withHrefs(kind.content(request, world), draftHref);
  const href = table.mint(parent);
  const fresh = { href, ...content, update_type: 'create', ...authorship(request, world) };
  const after = refusingTaken(kind, () => table.insert(parent, href, fresh));
  recordChange(request, world, 'create', { type: kind.type, after });
  return after;
}

/** The draft at `href`, to be changed. @throws Problem 404, 406 */
function changeable(kind: PolicyObject, request: Request, world: World, href: string): Document {
  const draft = existing(kind.collection, request, world, href);
  // Until that is provisioned, what is deleted is still listed; who works on its parts gets an empty 404 (observed).
  if (draft.update_type === 'delete' && kind.collection.parent !== 'orgs') throw notFound();
  const by = (draft.created_by as { href: string }).href;
  if (by.includes('/container_clusters/')) throw madeByCluster();
  if (by === PCE_ITSELF && draft.name === kind.builtIn) throw builtIn(String(draft.name));
  return draft;
}

/**
 * Changes a draft, the one at the request's path if not another; one that is to go stays as it is (observed).
 * @throws Problem 404, 406
 */
export function changeDraft(kind: PolicyObject, request: Request, world: World, href = request.path): Document {
  const before = changeable(kind, request, world, href);
  const content = withHrefs(kind.content(request, world, before), draftHref);
  if (before.update_type === 'delete') return before;
  const update_type = before.update_type ?? 'update';
  const changed = { ...before, ...content, update_type, ...change(request, world) };
  const after = refusingTaken(kind, () => world.table(kind.collection).replace(href, changed));
  recordChange(request, world, 'update', { type: kind.type, before, after });
  return after;
}

/** Notes that a draft has changed in its parts. @throws Problem 404, also for one that is to go */
export function touchDraft(kind: PolicyObject, request: Request, world: World, href: string): void {
  const table = world.table(kind.collection);
  const draft = table.get(href);
  if (!draft || draft.update_type === 'delete') throw notFound();
  table.replace(href, { ...draft, update_type: draft.update_type ?? 'update', ...change(request, world) });
}

/**
 * Deletes a draft, the one at the request's path if not another; what is provisioned is only marked.
 * @throws Problem 404, 406
 */
export function deleteDraft(kind: PolicyObject, request: Request, world: World, href = request.path): void {
  const before = changeable(kind, request, world, href);
  if (before.update_type === 'delete') throw notFound();
  refuseWhileUsed(kind, world, href);
  markOrRemove(kind, request, world, before);
  recordChange(request, world, 'delete', { type: kind.type, before });
}

function markOrRemove(kind: PolicyObject, request: Request, world: World, draft: Document): void {
  const table = world.table(kind.collection);
  const href = String(draft.href);
  if (draft.update_type === 'create') {
    table.remove(href);
    return;
  }
  const by = change(request, world);
  // What is to go is what is in force: changes that were never provisioned are gone (inferred).
  const content = withHrefs(table.get(activeHref(href)) ?? draft, draftHref);
  const deletion = { update_type: 'delete', deleted_at: by.updated_at, deleted_by: by.updated_by };
  keepingItsName(world, kind, href, { ...content, ...by, ...deletion });
  if (!kind.parts) return;
  for (const part of world.table(kind.parts.collection).find(href)) markOrRemove(kind.parts, request, world, part);
}

/** Until that is provisioned, what is deleted keeps its name from others (observed), unless one has it by now. */
function keepingItsName(world: World, { collection }: PolicyObject, href: string, document: Document): void {
  const table = world.table(collection);
  try {
    table.replace(href, document);
  } catch (error) {
    if (!(error instanceof NotUnique)) throw error;
    table.replace(href, document, { ...table.facts(href), ...APART });
  }
}

/** @throws Problem 406 where a draft that stays links to another */
function refuseWhileUsed(kind: PolicyObject, world: World, href: string): void {
  const [user] = world.table(kind.collection).referrers(href);
  if (user) throw kind.inUse(user.collection);
}

/** A draft that differs from what is in force. */
export interface Pending {
  readonly kind: PolicyObject;
  readonly draft: Document;
}

/**
 * Puts drafts back to what is in force; those that never were in force go.
 * @param pending those that need others before them
 * @throws Problem 406 where a draft that stays needs one, or has taken its name since
 */
export function revertDrafts(pending: readonly Pending[], world: World): void {
  // They may have taken names from each other: none is in the way before all are back.
  for (const { kind, draft } of pending) {
    const table = world.table(kind.collection);
    const href = String(draft.href);
    table.replace(href, draft, { ...table.facts(href), ...APART });
  }
  for (const { kind, draft } of pending) revertDraft(kind, world, draft);
}

function revertDraft(kind: PolicyObject, world: World, { href, update_type }: Document): void {
  const table = world.table(kind.collection);
  const at = String(href);
  if (update_type === 'create') {
    refuseWhileUsed(kind, world, at);
    table.remove(at);
    return;
  }
  const { parts } = kind;
  if (parts) revertDrafts(pendingOf(parts, world.table(parts.collection).find(at)), world);
  const active = table.get(activeHref(at));
  if (!active) throw new Error(`${at} is neither new nor in force`);
  const { apart: _apart, ...facts } = table.facts(at) ?? {};
  refusingTaken(kind, () => table.replace(at, { ...withHrefs(active, draftHref), update_type: null }, facts));
}

/** Those of some drafts that differ from what is in force. */
export const pendingOf = (kind: PolicyObject, drafts: readonly Document[]): Pending[] =>
  drafts.filter(({ update_type }) => update_type !== null).map((draft) => ({ kind, draft }));

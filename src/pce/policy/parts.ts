import type { Document, World } from '../../contract/collection.ts';
import type { Request } from '../../contract/route.ts';
import { changeDraft, createDraft, deleteDraft } from './drafts.ts';
import type { PolicyObject } from './policy-object.ts';
import { invalidPolicyHref } from './problems.ts';

/**
 * Makes the parts of a draft those that a body lists, where it lists them: one with an href is changed, one without
 * is made, and those that are not listed go (that lists replace is documented; that this one does too is inferred
 * from a public client that empties a rule set so).
 * @param whole the href of the draft
 * @throws Problem 406
 */
export function writeParts({ parts, partsAs = '' }: PolicyObject, request: Request, world: World, whole: string): void {
  const listed = request.body[partsAs] as (Document & { href?: string })[] | undefined;
  if (!parts || !listed) return;
  const there = world.table(parts.collection).find(whole);
  const staying = there.filter(({ update_type }) => update_type !== 'delete').map(({ href }) => String(href));
  const kept = listed.flatMap(({ href }) => href ?? []);
  const stranger = kept.find((href) => !staying.includes(href));
  if (stranger !== undefined) throw invalidPolicyHref(stranger, parts.type);
  for (const href of staying) if (!kept.includes(href)) deleteDraft(parts, request, world, href);
  for (const { href, ...body } of listed) {
    if (href === undefined) createDraft(parts, { ...request, body }, world, whole);
    else if (Object.keys(body).length > 0) changeDraft(parts, { ...request, body }, world, href);
  }
}

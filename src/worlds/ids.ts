import type { Collection } from '../contract/collection.ts';

/** SQLite counts up to 2^63: whoever comes this far can still go on. */
const LAST_NUMBER = 2n ** 62n;

/** In words, for messages. */
export const LAST_NUMBER_IN_WORDS = `2^62 (${LAST_NUMBER})`;

/** Whether integer ids can count on from a number. */
export const canCountOnFrom = (last: number | string): boolean => BigInt(last) >= 0n && BigInt(last) <= LAST_NUMBER;

/** Whether text is an id of the collection's kind. */
export function isId(kind: Collection['id'], text: string): boolean {
  if (kind === 'uuid') return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
  return /^[1-9][0-9]{0,18}$/.test(text) && canCountOnFrom(text);
}

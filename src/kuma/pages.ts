import { type During, noSuchPage } from './problems.ts';

/** Which part of a list is wanted. */
export interface Page {
  /** 0: all there are. */
  readonly size: number;
  readonly offset: number;
}

const SIZE = 100;
const MOST = 1000;

/**
 * The page that a query asks for: Kuma 0.5.
 * @param during the title of what a page is refused with
 * @throws Problem 400
 */
export function pageOf(query: URLSearchParams, during: During): Page {
  const [size, offset] = [query.get('size') || SIZE, query.get('offset') || 0].map(numberOf);
  // The original sends an empty list and a next page that cannot be where the size is below zero, and ends the
  // connection where the offset is (ours).
  if (size === undefined || size < 0) {
    throw noSuchPage(during, 'Invalid page size', { field: 'size', message: 'Invalid format' });
  }
  if (size > MOST) {
    const message = `Invalid page size of ${size}. Maximum page size is ${MOST}`;
    throw noSuchPage(during, 'Invalid page size', { field: 'size', message });
  }
  if (offset === undefined || offset < 0) {
    throw noSuchPage(during, 'Invalid offset', { field: 'offset', message: 'Invalid format' });
  }
  return { size, offset };
}

/** What Go reads as an integer; undefined for what it does not. */
function numberOf(text: string | number): number | undefined {
  const number = Number(text);
  return /^[+-]?\d+$/.test(String(text)) && Math.abs(number) < 2 ** 63 ? number : undefined;
}

/** The part of a list that a page shows. */
export const shown = <T>(all: readonly T[], { size, offset }: Page): readonly T[] =>
  size === 0 ? all : all.slice(offset, offset + size);

/**
 * The URL of the page after this one, or null where this is the last.
 * @param at the URL of the list, without a query
 */
export function nextOf(at: string, query: URLSearchParams, { size, offset }: Page, total: number): string | null {
  if (size === 0 || offset + size >= total) return null;
  const asked = new URLSearchParams(query);
  asked.set('offset', String(offset + size));
  asked.sort();
  // Go escapes other characters than the URL standard of browsers does.
  return `${at}?${asked.toString().replaceAll('*', '%2A').replaceAll('%7E', '~')}`;
}

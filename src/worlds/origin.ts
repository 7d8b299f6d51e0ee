import type { Store } from '../store/store.ts';

/**
 * Has the store remember where its world comes from. One that was saved comes from where it came from then, so that
 * what is saved, loaded and saved again says no more than before.
 * @param description of the world that was made
 * @param origin where it comes from, unless it was saved
 */
export function keepOrigin(store: Store, description: string, origin: string): void {
  const [, before] = /^Saved from (.+), PCE [0-9.]+$/.exec(description) ?? [];
  store.setRemark('origin', before ?? origin);
}

/** The description of what is saved. Files that were made before they remembered it have the world's name alone. */
export function describeSaved(store: Store, release: string): string {
  return `Saved from ${store.remark('origin') ?? `the world ${store.remark('world')}`}, PCE ${release}`;
}

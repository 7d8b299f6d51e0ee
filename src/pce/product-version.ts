import type { Document, World } from '../contract/collection.ts';
import type { Release } from './versions.ts';

/**
 * What each release calls itself. Clients compare the version with 22.3 and 23.1 and read its numbers. 25.2.10-24 is
 * the one that the API schemas are of, and 23.5.10 the one that brought clusters in CLAS mode; the last number of the
 * others, and their builds, are ours.
 */
const VERSIONS: Readonly<Record<Release, { readonly version: string; readonly build: number }>> = {
  '22.2': { version: '22.2.0', build: 1 },
  '23.5': { version: '23.5.10', build: 1 },
  '24.5': { version: '24.5.0', build: 1 },
  '25.2': { version: '25.2.10', build: 24 },
};

/** What the PCE tells of its version, as `pce/product_version#item`: flat, as clients read it (the schema wraps it). */
export function productVersion({ release }: Pick<World, 'release'>): Document {
  const { version, build } = VERSIONS[release as Release];
  return {
    version,
    build,
    release_info: '',
    engineering_info: '',
    long_display: `${version}-${build}`,
    short_display: version,
    product_name: 'Illumio Core',
  };
}

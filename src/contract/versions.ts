import type { Has } from './cut.ts';
import type { Evidence } from './route.ts';

/** Something that differs between the releases of a control plane. */
export interface Difference<Release extends string> {
  /** What the releases that have it do. */
  readonly what: string;
  /** The first release that has it; the oldest when absent. */
  readonly from?: Release;
  /** The first release that no longer has it. */
  readonly until?: Release;
  readonly evidence: Evidence;
  readonly source: string;
}

/**
 * Makes of a table what tells whether a release has a difference, by its name; it throws an Error for a name that is
 * not in the table.
 * @param releases oldest first
 */
export function createHas<Release extends string>(
  releases: readonly Release[],
  differences: Readonly<Record<string, Difference<Release>>>,
): (release: Release) => Has {
  return (release) => {
    const place = releases.indexOf(release);
    return (name) => {
      const difference = differences[name];
      if (!difference) throw new Error(`no difference between releases is named ${name}`);
      const { from, until } = difference;
      return (!from || place >= releases.indexOf(from)) && (!until || place < releases.indexOf(until));
    };
  };
}

import { statSync } from 'node:fs';
import { UnusableFile } from '../contract/unusable.ts';
import { bytesOf } from './parts.ts';

/** How a journal begins that SQLite would heed: https://www.sqlite.org/fileformat.html#the_rollback_journal */
const MAGIC = 'd9d505f920a163d7';

/** Of a file's header, what changes where SQLite is told to keep a log, or none: two versions and three counters. */
const TOLD: readonly (readonly [from: number, to: number])[] = [
  [18, 20],
  [24, 28],
  [92, 100],
];

/**
 * Sees whether a journal beside a file is its own. SQLite would write what is in it over any file of that name. The
 * emulator changes a file itself, and not its log, only where a file is new and where it is opened and closed: then the
 * journal has the first page alone.
 * @param size of the file
 * @throws UnusableFile
 */
export function holdJournalAgainst(file: string, size: number): void {
  const journal = `${file}-journal`;
  const length = statSync(journal, { throwIfNoEntry: false })?.size ?? 0;
  const head = bytesOf(length > 0 ? journal : file, 0, 28);
  if (length === 0 || head.toString('hex', 0, 8) !== MAGIC) return;
  const [pages, sector, pageSize] = [16, 20, 24].map((at) => head.readUInt32BE(at)) as [number, number, number];
  if (pages === 0 ? size <= pageSize : pages * pageSize === size && isFirstPage(file, journal, { sector, pageSize }))
    return;
  throw new UnusableFile(
    `${journal} is not that of ${file}, and would be written over it; move it away, or bring back the file that it belongs to`,
  );
}

function isFirstPage(
  file: string,
  journal: string,
  { sector, pageSize }: { sector: number; pageSize: number },
): boolean {
  const number = bytesOf(journal, sector, 4).readUInt32BE();
  const another = bytesOf(journal, sector + 4 + pageSize + 4, 4).readUInt32BE();
  const [before, now] = [bytesOf(journal, sector + 4, pageSize), bytesOf(file, 0, pageSize)];
  for (const [from, to] of TOLD) before.copy(now, from, from, to);
  return number === 1 && another === 0 && before.equals(now);
}

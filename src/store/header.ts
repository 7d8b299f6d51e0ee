import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { UnusableFile } from '../contract/unusable.ts';
import { bytesOf } from './parts.ts';
import { holdJournalAgainst } from './rollback-journal.ts';

/** Marks a SQLite file as ours: the letters "pceE". */
export const APPLICATION_ID = 0x70636545;

/**
 * The layout of the tables that every file has. A file with a higher number comes from a newer emulator. Since 2 a file
 * that was closed says so, and needs no log beside it.
 */
const LAYOUT_VERSION = 2;

/**
 * The mark of a file, SQLite's `user_version`, is its layout in the lowest byte, and above that a number that tells it
 * from others: 0 in those of earlier emulators.
 */
const layoutIn = (mark: number): number => mark & 0xff;
export const identityIn = (mark: number): number => mark >>> 8;
export const markOf = (identity: number): number => (identity << 8) | LAYOUT_VERSION;

/** Up to this, SQLite can keep it in a mark. */
export const LARGEST_IDENTITY = 0x7fffff;

/** What a file is before SQLite has touched it, which would bring its log into it. */
export interface Found {
  readonly isThere: boolean;
  /** The bytes of its header; undefined where it is empty, or not there. */
  readonly header?: Uint8Array;
  /** There is something in its write-ahead log: it was not closed. */
  readonly hasLog: boolean;
  /** It was not closed, and its log is gone, or is none any more. */
  readonly lacksLog: boolean;
}

/** @throws UnusableFile for what is not ours, comes from a newer emulator, or has another file's log beside it */
export function lookAt(file: string): Found {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isDirectory()) throw new UnusableFile(`${file} is a folder`);
  if (stats && !stats.isFile()) throw new UnusableFile(`${file} is not a file that can be kept in`);
  const hasLog = (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const log = `its write-ahead log ${file}-wal`;
  if (stats) holdJournalAgainst(file, stats.size);
  if (!stats) return { isThere: false, hasLog: false, lacksLog: false };
  if (stats.size === 0) {
    if (hasLog) throw new UnusableFile(`${file} is empty, but ${log} is not; bring both back, or remove both`);
    return { isThere: true, hasLog, lacksLog: false };
  }
  const { bytes, isSqlite, isOpen, applicationId, mark } = readHeader(file);
  const layout = layoutIn(mark);
  if (!isSqlite)
    throw new UnusableFile(`${file} is not a SQLite file, or a damaged one; go back to a copy, or name another file`);
  refuseOthers(file, applicationId, layout);
  if (hasLog && !isOpen && layout > 1) {
    throw new UnusableFile(`${file} was closed, so ${file}-wal beside it is another file's; move that one away`);
  }
  // A file of one page has nothing but its mark: the start that made it has not come to its end.
  const holdsSomething = stats.size > bytes.readUInt16BE(16);
  const lacksLog = isOpen && layout > 1 && holdsSomething && !(hasLog && isLog(`${file}-wal`));
  return { isThere: true, header: bytes, hasLog, lacksLog };
}

/** @throws UnusableFile */
function refuseOthers(file: string, applicationId: number, layout: number): void {
  // Earlier emulators marked the file in its log first.
  if (applicationId !== APPLICATION_ID && (applicationId !== 0 || layout !== 0)) throw ofAnother(file);
  if (layout > LAYOUT_VERSION) {
    throw new UnusableFile(
      `${file} was written by a newer pce-emulator (layout ${layout}, this one knows ${LAYOUT_VERSION}); upgrade, or name another file`,
    );
  }
}

export const ofAnother = (file: string): UnusableFile =>
  new UnusableFile(`${file} is a SQLite file of another program; name another file`);

/** What SQLite makes of other bytes: no log. */
const isLog = (path: string): boolean => bytesOf(path, 0, 4).readUInt32BE() >>> 1 === 0x377f0682 >>> 1;

const HEADER = 100;

/** Puts a header in its place, as it was. */
export function putHeader(file: string, header: Uint8Array): void {
  if (bytesOf(file, 0, HEADER).equals(header)) return;
  const descriptor = openSync(file, 'r+');
  try {
    writeSync(descriptor, header, 0, HEADER, 0);
  } finally {
    closeSync(descriptor);
  }
}

/** The fields of https://www.sqlite.org/fileformat.html#the_database_header that matter here. */
export function readHeader(file: string) {
  const bytes = bytesOf(file, 0, HEADER);
  return {
    bytes,
    isSqlite: bytes.toString('latin1', 0, 16) === 'SQLite format 3\0',
    isOpen: bytes[18] === 2,
    mark: bytes.readUInt32BE(60),
    applicationId: bytes.readUInt32BE(68),
  };
}

import {
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  truncateSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import type { Collection } from '../contract/collection.ts';
import { UnusableFile } from '../contract/unusable.ts';
import { createIds } from '../kernel/ids.ts';
import {
  APPLICATION_ID,
  type Found,
  identityIn,
  LARGEST_IDENTITY,
  lookAt,
  markOf,
  ofAnother,
  putHeader,
} from './header.ts';
import { BASE_LAYOUT, derivedSql, keysSql, quoted, tableSql } from './layout.ts';
import { holdLogAgainst } from './log.ts';
import { scattered } from './selection.ts';
import { layCopies } from './snapshots.ts';
import { type Standing, unusable } from './trouble.ts';

/**
 * The path of a file as it was named, for as long as the process runs; undefined where everything is to be in memory.
 * @throws UnusableFile for a name that SQLite would take for another one, or for none
 */
export function pathOf(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  if (name === '') throw new UnusableFile('a file needs a name; to keep everything in memory, name none');
  if (name.includes('\0')) throw new UnusableFile(`${JSON.stringify(name)} is no name of a file`);
  if (name.trim() !== name)
    throw new UnusableFile(`${JSON.stringify(name)} begins or ends with a blank; name another file`);
  if (name === ':memory:') throw new UnusableFile(`${name} is no file; to keep everything in memory, name none`);
  try {
    return targetOf(resolve(name));
  } catch (error) {
    throw unusable(name, error);
  }
}

/** A database that a start has open, in a transaction of its own: nothing of it is there until `started`. */
export interface Opened {
  readonly database: Database.Database;
  started(): void;
  /** Undoes all of the start, and leaves the file as it was; one that it has made goes. */
  abandon(): void;
}

/** What a link leads to: SQLite has its log beside that. */
function targetOf(path: string): string {
  const link = lstatSync(path, { throwIfNoEntry: false });
  if (!link?.isSymbolicLink()) return path;
  return existsSync(path) ? realpathSync(path) : resolve(dirname(path), readlinkSync(path));
}

/**
 * Opens the database in memory or in a file and brings its layout up to what the collections declare.
 * @param file path of the SQLite file, made if it is not there; in memory when absent
 * @param warn tells whoever runs the emulator
 * @throws UnusableFile when the file is not ours, comes from a newer emulator, is in use or cannot be read; its bytes
 *   are then what they were
 */
export function openDatabase(
  file: string | undefined,
  collections: readonly Collection[],
  warn: (message: string) => void,
): Opened {
  if (file === undefined) return begin(new Database(':memory:'), collections);
  let database: Database.Database | undefined;
  let leave = (): void => void database?.close();
  try {
    const found = lookAt(file);
    // Made by us, it is for its owner's eyes; SQLite gives its log the same permissions.
    closeSync(openSync(file, 'a', 0o600));
    if (found.hasLog) holdLogAgainst(file);
    database = new Database(file, { timeout: 0 });
    claim(database, file);
    leave = leaving(database, file, found);
    keepInFile(database, found);
    const opened = begin(database, collections);
    if (found.lacksLog) {
      warn(
        `${file} was not closed, and its write-ahead log is not there, or is none: what was written last may be missing`,
      );
    }
    return { ...opened, abandon: leave };
  } catch (error) {
    leave();
    throw unusable(file, error);
  }
}

/** The transaction of a start. */
function begin(database: Database.Database, collections: readonly Collection[]): Opened {
  database.pragma('foreign_keys = ON');
  database.function('scattered', { deterministic: true }, scattered);
  database.pragma('temp_store = MEMORY');
  layCopies(database, collections);
  database.exec('BEGIN IMMEDIATE');
  mark(database);
  lay(database, collections);
  return { database, started: () => void database.exec('COMMIT'), abandon: () => void database.close() };
}

/** One emulator for one file: ids and cached identities live in the process. @throws UnusableFile */
function claim(database: Database.Database, file: string): void {
  database.pragma('locking_mode = EXCLUSIVE');
  const objects = Number(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
  const applicationId = database.pragma('application_id', { simple: true });
  if (objects > 0 && applicationId !== APPLICATION_ID) throw ofAnother(file);
}

function keepInFile(database: Database.Database, { header }: Found): void {
  const pragma = (text: string) => database.pragma(text);
  pragma('journal_mode = WAL');
  // Survives the process whatever happens to it, and a power cut without corruption.
  pragma('synchronous = NORMAL');
  // A checkpoint waits for the disk: one for every 32 MB of log rather than every 4.
  pragma('wal_autocheckpoint = 8000');
  pragma('cache_size = -8000');
  if (header) return;
  // Whose it is stands in the file itself, before there is much in a log that might be lost or be another's.
  mark(database);
  pragma('wal_checkpoint(TRUNCATE)');
}

/** What leaves a file as it was found, while nobody else can have it. */
const leaving = (database: Database.Database, file: string, found: Found) => () => {
  try {
    if (database.inTransaction) database.exec('ROLLBACK');
    database.pragma('main.journal_mode = DELETE');
    if (!found.isThere) rmSync(file, { force: true });
    else if (!found.header) truncateSync(file);
    // SQLite has counted its own changes. What was in a log is in the file now.
    else if (!found.hasLog) putHeader(file, found.header);
  } catch {
    // Why the start is refused says more; what is in a log stays in the log.
  } finally {
    database.close();
  }
};

function mark(database: Database.Database): void {
  const identity = identityIn(Number(database.pragma('user_version', { simple: true }))) || freshIdentity();
  database.pragma(`application_id = ${APPLICATION_ID}`);
  database.pragma(`user_version = ${markOf(identity)}`);
}

const freshIdentity = () => 1 + (Number.parseInt(createIds().hex(4), 16) % LARGEST_IDENTITY);

/** Closes the database. A file is then whole without its log, and says so; one that was cut off stays as it is. */
export function closeDatabase(database: Database.Database, { fate, othersLog }: Standing): void {
  try {
    if (fate === 'whole' && !database.memory) database.pragma('main.journal_mode = DELETE');
  } catch {
    // What is in the log stays in the log, for the next start.
  }
  // SQLite removes what has the name of its log, whosever it is by now.
  const kept = othersLog && `${othersLog}-kept-${process.pid}`;
  if (othersLog && kept) linkSync(othersLog, kept);
  if (fate === 'cut off') closeAside(database);
  else database.close();
  if (othersLog && kept) renameSync(kept, othersLog);
}

/** SQLite brings what is in the log, or the holes in it, into a file that it finds under its name. */
function closeAside(database: Database.Database): void {
  const aside = `${database.name}-kept-${process.pid}`;
  renameSync(database.name, aside);
  try {
    database.close();
  } finally {
    renameSync(aside, database.name);
  }
}

/** Adds tables, columns, indexes and triggers that are declared and not there yet. */
function lay(database: Database.Database, collections: readonly Collection[]): void {
  database.exec(BASE_LAYOUT);
  const derived = collections.flatMap((one) => derivedSql(one, collections));
  const wanted = JSON.stringify([collections.map(tableSql), derived]);
  const present = database.prepare("SELECT value FROM meta WHERE name = 'declared'").pluck().get();
  if (present === wanted) return;
  for (const collection of collections) {
    database.exec(tableSql(collection));
    const columns = database.prepare(`SELECT name FROM pragma_table_xinfo(?)`).pluck().all(collection.name);
    for (const sql of keysSql(collection, columns)) database.exec(sql);
  }
  for (const { drop, create } of derived) {
    database.exec(drop);
    database.exec(create);
  }
  database.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES ('declared', ?)").run(wanted);
}

/** The highest row id in use, over all collections. */
export function highestId(database: Database.Database, collections: readonly Collection[]): number {
  const tables = collections.map(({ name }) => `SELECT max(id) AS id FROM ${quoted(name)}`);
  return Number(
    database
      .prepare(`SELECT coalesce(max(id), 0) FROM (${tables.join(' UNION ALL ')})`)
      .pluck()
      .get(),
  );
}

import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Collection } from '../contract/collection.ts';
import { UnusableFile } from '../contract/unusable.ts';
import { BASE_LAYOUT, derivedSql, keyColumns, quoted, tableSql } from './layout.ts';
import { scattered } from './selection.ts';

/** Marks a SQLite file as ours: the letters "pceE". */
const APPLICATION_ID = 0x70636545;

/** The layout of the tables that every file has. A file with a higher number comes from a newer emulator. */
const LAYOUT_VERSION = 1;

/**
 * Opens the database in memory or in a file and brings its layout up to what the collections declare.
 * @param file path of the SQLite file, made if it is not there; in memory when absent
 * @throws UnusableFile when the file is not ours, comes from a newer emulator, is in use or cannot be read
 */
export function openDatabase(file: string | undefined, collections: readonly Collection[]): Database.Database {
  if (file === undefined) return prepare(new Database(':memory:'), collections);
  let database: Database.Database | undefined;
  try {
    // Made by us, it is for its owner's eyes; SQLite gives its log the same permissions.
    closeSync(openSync(file, 'a', 0o600));
    database = new Database(file, { timeout: 0 });
    return prepare(database, collections, file);
  } catch (error) {
    database?.close();
    throw unusable(file, error);
  }
}

function prepare(database: Database.Database, collections: readonly Collection[], file?: string): Database.Database {
  const pragma = (text: string) => database.pragma(text, { simple: true });
  if (file !== undefined) {
    // One emulator for one file: ids and cached identities live in the process.
    pragma('locking_mode = EXCLUSIVE');
    recognise(file, Number(pragma('application_id')), Number(pragma('user_version')), database);
    pragma('journal_mode = WAL');
    // Survives the process whatever happens to it, and a power cut without corruption.
    pragma('synchronous = NORMAL');
    // A checkpoint waits for the disk: one for every 16 MB of log rather than every 4.
    pragma('wal_autocheckpoint = 4000');
    pragma('cache_size = -8000');
  }
  pragma('foreign_keys = ON');
  database.function('scattered', { deterministic: true }, scattered);
  pragma('temp_store = MEMORY');
  database.transaction(() => {
    pragma(`application_id = ${APPLICATION_ID}`);
    pragma(`user_version = ${LAYOUT_VERSION}`);
    lay(database, collections);
  })();
  return database;
}

function recognise(file: string, applicationId: number, version: number, database: Database.Database): void {
  const objects = Number(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
  if (objects > 0 && applicationId !== APPLICATION_ID) {
    throw new UnusableFile(`${file} is a SQLite file of another program; name another file`);
  }
  if (version > LAYOUT_VERSION) {
    throw new UnusableFile(
      `${file} was written by a newer pce-emulator (layout ${version}, this one knows ${LAYOUT_VERSION}); upgrade, or name another file`,
    );
  }
}

/** Adds tables, columns, indexes and triggers that are declared and not there yet. */
function lay(database: Database.Database, collections: readonly Collection[]): void {
  database.exec(BASE_LAYOUT);
  const derived = collections.flatMap((one) => derivedSql(one, collections));
  const declared = collections.flatMap((one) => [tableSql(one), ...keyColumns(one).map(([, sql]) => sql)]);
  const wanted = JSON.stringify([declared, derived]);
  const present = database.prepare("SELECT value FROM meta WHERE name = 'declared'").pluck().get();
  if (present === wanted) return;
  for (const collection of collections) {
    database.exec(tableSql(collection));
    const columns = database.prepare(`SELECT name FROM pragma_table_xinfo(?)`).pluck().all(collection.name);
    for (const [key, sql] of keyColumns(collection)) if (!columns.includes(key)) database.exec(sql);
  }
  for (const { drop, create } of derived) {
    database.exec(drop);
    database.exec(create);
  }
  database.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES ('declared', ?)").run(wanted);
}

function unusable(file: string, error: unknown): Error {
  if (error instanceof UnusableFile) return error;
  const { code = '' } = error as Error & { code?: string };
  const reasons: [RegExp, string][] = [
    [/BUSY|LOCKED/, 'is in use by another process; stop that one, or name another file'],
    [/NOTADB|CORRUPT/, 'is not a SQLite file, or a damaged one; name another file'],
    [/ENOENT/, 'cannot be made: its folder does not exist'],
    [/EISDIR/, 'is a folder'],
    [
      /READONLY|CANTOPEN|PERM|IOERR|EACCES|EROFS/,
      'cannot be opened for writing; see its permissions and those of its folder',
    ],
    [/FULL/, 'cannot be written: the disk is full'],
  ];
  const reason = reasons.find(([pattern]) => pattern.test(code))?.[1];
  if (reason) return new UnusableFile(`${file} ${reason} (${code})`);
  return error as Error;
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

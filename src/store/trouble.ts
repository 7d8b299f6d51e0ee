import { closed, StorageFailure, UnusableFile } from '../contract/unusable.ts';
import { stopwatch } from '../kernel/clock.ts';
import { createPart, type Fate, type Part } from './parts.ts';

/** Looking at every commit whether the file is there would cost a fifth of it. */
const LOOK_EVERY_MS = 100;

/** Who runs the emulator is told of the same trouble no more often than this. */
const TELL_EVERY_MS = 60_000;

/** What SQLite's codes say of a file that is in use: the token and the words of replies, and what is to be done. */
const FAILURES: readonly (readonly [code: RegExp, token: string, told: string, advice: string])[] = [
  [/_FULL/, 'emulator_storage_full', 'the disk is full', 'nothing can be changed until there is room'],
  [/_(CORRUPT|NOTADB)/, 'emulator_storage_damaged', 'the file is damaged', 'go back to a copy'],
  [
    /_(IOERR|READONLY|CANTOPEN|PERM|BUSY|LOCKED|PROTOCOL)/,
    'emulator_storage_failed',
    'the file cannot be read or written',
    'see to the disk',
  ],
];

/** What the emulator has stored is not in the file as it was stored. */
class Damage extends Error {
  readonly code = 'SQLITE_CORRUPT';
}

/** A text of a column that has one in every row. @throws Damage */
export function present(text: string | null): string {
  if (typeof text !== 'string') throw new Damage('a column that is never empty is so');
  return text;
}

/** What a stored text says, which is an object. @throws Damage */
export function stored<T extends object>(text: string | null): T {
  try {
    const value: unknown = JSON.parse(present(text));
    if (typeof value === 'object' && value !== null) return value as T;
  } catch {
    // Told below.
  }
  throw new Damage('a document is no JSON');
}

/** Does with whole tables what no constraint can hinder in a sound file. @throws Damage where one does */
export function unhindered(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!/^SQLITE_CONSTRAINT/.test(codeOf(error))) throw error;
    throw new Damage('its tables do not fit together');
  }
}

function codeOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  // SQLite reads documents itself for the keys to find them by.
  if (code === 'SQLITE_ERROR' && /malformed JSON/.test(String(message))) return 'SQLITE_CORRUPT';
  return String(code ?? '');
}

/** What an error says of the file in use; undefined where it is about something else. */
export function failureOf(file: string | undefined, error: unknown): StorageFailure | undefined {
  if (error instanceof StorageFailure) return error;
  // What better-sqlite3 says of a database that was closed, which has no code.
  if ((error as Error | undefined)?.message === 'The database connection is not open') return closed();
  const code = codeOf(error);
  if (file === undefined || !code.startsWith('SQLITE_')) return undefined;
  const found = FAILURES.find(([pattern]) => pattern.test(code));
  if (!found) return undefined;
  const [, token, told, advice] = found;
  return new StorageFailure(token, `The emulator's file: ${told}`, `${file}: ${told} (${code}); ${advice}`);
}

/** Why a file cannot be opened, for the person who named it; the error itself where it is about something else. */
export function unusable(file: string, error: unknown): Error {
  if (error instanceof UnusableFile) return error;
  const code = codeOf(error);
  const reasons: [RegExp, string][] = [
    [/BUSY|LOCKED/, 'is in use by another process; stop that one, or name another file'],
    [/NOTADB|CORRUPT/, 'is not a SQLite file, or a damaged one; go back to a copy, or name another file'],
    [/ENOENT|ENOTDIR/, 'cannot be made: its folder does not exist'],
    [/FULL|ENOSPC|EFBIG|EDQUOT/, 'cannot be written: the disk is full'],
    [/IOERR_(WRITE|TRUNCATE|FSYNC)/, 'cannot be written: the disk fails, or lets it grow no further'],
    [
      /READONLY|CANTOPEN|PERM|IOERR|EACCES|EROFS/,
      'cannot be opened for writing; see its permissions and those of its folder',
    ],
    [/ELOOP|ENAMETOOLONG/, 'cannot be opened: its path leads nowhere, or is too long'],
  ];
  const reason = reasons.find(([pattern]) => pattern.test(code))?.[1];
  return reason ? new UnusableFile(`${file} ${reason} (${code})`) : (error as Error);
}

/** What has become of file and log. */
export interface Standing {
  readonly fate: Fate;
  /** The path of the log where that is another file's now. */
  readonly othersLog?: string;
  /** Where the fate of either is a bad one. */
  readonly failure?: StorageFailure;
}

/** What is said of a file, or its log, that is no more what it was. */
const FATES = {
  gone: {
    token: 'emulator_storage_gone',
    told: 'it was removed, moved or replaced',
    advice: 'what is written now would be lost, so changes are refused; bring it back, or start again',
  },
  'cut off': {
    token: 'emulator_storage_damaged',
    told: 'it was cut off',
    advice: 'some of what was written is lost, so changes are refused; go back to a copy',
  },
};

function standingOf(part: Part): Standing {
  const fate = part.look();
  if (fate === 'whole') return { fate };
  const { token, told, advice } = FATES[fate];
  const failure = new StorageFailure(token, `The emulator's file: ${told}`, `${part.path}: ${told}; ${advice}`);
  return { fate, failure };
}

/** Sees what becomes of the file while it is in use. */
export interface Watch {
  /** Looks now and then whether file and log are still what they were. @throws StorageFailure */
  check(): void;
  standing(): Standing;
  /** Tells whoever runs the emulator, once for the same trouble in a minute. */
  tell(failure: StorageFailure): void;
}

/**
 * @param file in use, with its log beside it; nothing happens to what is in memory
 * @param pageSize of the file
 * @param warn tells whoever runs the emulator
 */
export function createWatch(file: string | undefined, pageSize: number, warn: (message: string) => void): Watch {
  const log = file === undefined ? undefined : createPart(`${file}-wal`, pageSize);
  const parts = file === undefined || !log ? [] : [createPart(file), log];
  let sinceLooked = stopwatch();
  let standing: Standing = { fate: 'whole' };
  const lastTold = new Map<string, () => number>();
  const look = () => {
    sinceLooked = stopwatch();
    standing = parts.map(standingOf).find(({ fate }) => fate !== 'whole') ?? { fate: 'whole' };
  };
  look();
  return {
    check() {
      if (sinceLooked() >= LOOK_EVERY_MS) look();
      if (standing.failure) throw standing.failure;
    },
    standing() {
      look();
      return { ...standing, ...(log?.isAnothers() && { othersLog: log.path }) };
    },
    tell({ token, message }) {
      if ((lastTold.get(token)?.() ?? Number.POSITIVE_INFINITY) < TELL_EVERY_MS) return;
      lastTold.set(token, stopwatch());
      warn(message);
    },
  };
}

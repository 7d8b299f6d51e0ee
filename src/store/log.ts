import { existsSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { UnusableFile } from '../contract/unusable.ts';
import { identityIn, readHeader } from './header.ts';

/**
 * Sees whether a file and its log fit together, without a change to either: to open it for writing would bring what
 * is in the log into the file.
 * @throws UnusableFile
 */
export function holdLogAgainst(file: string): void {
  const { mark } = readHeader(file);
  const shared = `${file}-shm`;
  const wasShared = existsSync(shared);
  const together = new Database(file, { readonly: true, timeout: 0 });
  try {
    const fits = reading(together, (database) => {
      const [first] = database.pragma('quick_check(1)') as { quick_check: string }[];
      const marked = Number(database.pragma('user_version', { simple: true }));
      return first?.quick_check === 'ok' && (identityIn(mark) === 0 || identityIn(marked) === identityIn(mark));
    });
    if (!fits) {
      throw new UnusableFile(
        `${file} and its write-ahead log ${file}-wal do not fit together, or are damaged; go back to a copy, or name another file`,
      );
    }
  } finally {
    if (!wasShared) rmSync(shared, { force: true });
  }
}

function reading<T>(database: Database.Database, look: (database: Database.Database) => T): T {
  try {
    return look(database);
  } finally {
    database.close();
  }
}

import type Database from 'better-sqlite3';

/** What came of some work: its value, or the error it threw, thrown again. */
export type Outcome<T> = () => T;

/** Commits the writes of requests that arrive together as one, and answers none of them before. */
export interface Commits {
  /** Runs `work` at once, so that all its writes happen or none; `settle` is called after the commit. */
  write<T>(work: () => T, settle: (outcome: Outcome<T>) => void): void;
  /** Runs `work` when nothing is written that is not committed: now, or after the commit that is under way. */
  read(work: () => void): void;
  /** Commits what is under way. */
  flush(): void;
}

/**
 * A commit costs more than the writes of a request. So the first write of a moment begins a transaction,
 * each request has a savepoint of its own in it, and the commit follows once the requests that have
 * arrived by then are through.
 * @param defer runs a function after what has arrived has been handled
 * @param rolledBack called when writes were undone
 * @param check throws where what is written would be lost
 */
export function createCommits(
  database: Database.Database,
  defer: (flush: () => void) => void,
  rolledBack: () => void,
  check = () => {},
): Commits {
  const statement = (sql: string) => database.prepare(sql);
  const [begin, commit, rollback] = ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'].map(statement);
  const [save, release, undo] = ['SAVEPOINT request', 'RELEASE request', 'ROLLBACK TO request'].map(statement);
  let waiting: ((failure?: Error) => void)[] = [];
  let open = false;
  let lost: Error | undefined;

  /** Undoes what the request has written. @returns why the whole group is lost, where that cannot be done */
  const undone = (error: Error): Error | undefined => {
    // A full disk ends the whole transaction, and with it all that the others of the group have written.
    if (!database.inTransaction) return error;
    try {
      undo?.run();
      return undefined;
    } catch (worse) {
      return worse as Error;
    }
  };

  const attempt = <T>(work: () => T): Outcome<T> => {
    save?.run();
    try {
      const value = work();
      return () => value;
    } catch (error) {
      lost ??= undone(error as Error);
      rolledBack();
      return () => {
        throw error;
      };
    } finally {
      if (database.inTransaction) release?.run();
    }
  };

  const flush = () => {
    if (!open) return;
    const settled = waiting;
    const before = lost;
    let failure: Error | undefined;
    [waiting, open, lost] = [[], false, undefined];
    try {
      if (before) throw before;
      check();
      commit?.run();
    } catch (error) {
      failure = error as Error;
      if (database.inTransaction) rollback?.run();
      rolledBack();
    }
    for (const settle of settled) settle(failure);
  };

  return {
    write(work, settle) {
      if (lost) flush();
      if (!open) {
        begin?.run();
        open = true;
        defer(flush);
      }
      const outcome = attempt(work);
      waiting.push((failure) =>
        settle(() => {
          if (failure) throw failure;
          return outcome();
        }),
      );
    },
    read(work) {
      if (open) waiting.push(work);
      else work();
    },
    flush,
  };
}

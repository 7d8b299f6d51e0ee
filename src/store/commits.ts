import type Database from 'better-sqlite3';
import type { Stateful } from '../contract/snapshots.ts';

/** What came of some work: its value, or the error it threw, thrown again. */
export type Outcome<T> = () => T;

/** Commits the writes of requests that arrive together as one, and answers none of them before. */
export interface Commits {
  /** Runs `work` at once, so that all its writes happen or none; `settle` is called after the commit. */
  write<T>(work: () => T, settle: (outcome: Outcome<T>) => void): void;
  /**
   * Runs `work` in a transaction of its own, after all that is under way: nothing sees it half done, and where it
   * throws, or its commit fails, all that there is beside the database is as it was, too.
   */
  alone<T>(work: () => T): T;
  /** Runs `work`, which only reads, at once: what is under way is committed before. */
  look<T>(work: () => T): T;
  /** Runs `work` when nothing is written that is not committed: now, or after the commit that is under way. */
  read(work: () => void): void;
  /** Commits what is under way. */
  flush(): void;
  /** Ends the transaction that a start has open, in which all that runs alone belongs to it. */
  started(): void;
}

export interface CommitOptions {
  /** Runs a function after what has arrived has been handled. */
  defer(flush: () => void): void;
  /** Where a start has a transaction open: what commits it. */
  readonly start?: () => void;
  /** Throws where what is written would be lost. */
  check?(): void;
  /** What any write may change beside the database: put back where that is undone. */
  readonly drawn?: readonly Stateful[];
  /** All that there is beside the database. Only what runs alone may change more of it than what is drawn. */
  readonly beside?: readonly Stateful[];
}

/** Notes how something stands. @returns what puts it back */
const noting = (all: readonly Stateful[]) => () => {
  const saved = all.map((one) => one.save());
  return () => {
    for (const [index, one] of all.entries()) one.restore(saved[index] as never);
  };
};

/**
 * A commit costs more than the writes of a request. So the first write of a moment begins a transaction,
 * each request has a savepoint of its own in it, and the commit follows once the requests that have
 * arrived by then are through.
 */
export function createCommits(
  database: Database.Database,
  { defer, start, check = () => {}, drawn = [], beside = drawn }: CommitOptions,
): Commits {
  const statement = (sql: string) => database.prepare(sql);
  const [begin, commit, rollback] = ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'].map(statement);
  const [save, release, undo] = ['SAVEPOINT request', 'RELEASE request', 'ROLLBACK TO request'].map(statement);
  let waiting: ((failure?: Error) => void)[] = [];
  let open = false;
  let working = false;
  let starting = start !== undefined;
  let lost: Error | undefined;
  const [noteDrawn, noteBeside] = [noting(drawn), noting(beside)];
  let putBack = () => {};

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

  const doing = <T>(work: () => T): T => {
    working = true;
    try {
      return work();
    } finally {
      working = false;
    }
  };

  const attempt = <T>(work: () => T): Outcome<T> => {
    save?.run();
    const putBackOwn = noteDrawn();
    try {
      const value = doing(work);
      return () => value;
    } catch (error) {
      lost ??= undone(error as Error);
      putBackOwn();
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
      putBack();
    }
    for (const settle of settled) settle(failure);
  };

  return {
    write(work, settle) {
      if (lost) flush();
      if (!open) {
        begin?.run();
        open = true;
        putBack = noteDrawn();
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
    alone(work) {
      // The log of an embedder, say, asks for something in the middle of a request: it belongs to that.
      if (working || starting) return work();
      // Whoever is answered may write again.
      while (open) flush();
      begin?.run();
      const putBackAll = noteBeside();
      try {
        const value = doing(work);
        check();
        commit?.run();
        return value;
      } catch (error) {
        if (database.inTransaction) rollback?.run();
        putBackAll();
        throw error;
      }
    },
    look(work) {
      // In the middle of a request it sees what that has done.
      while (open && !working) flush();
      return work();
    },
    read(work) {
      if (open) waiting.push(work);
      else work();
    },
    flush,
    started() {
      start?.();
      starting = false;
    },
  };
}

import Database from 'better-sqlite3';
import { createCommits } from '../../src/store/commits.ts';

describe('writes that share a commit', () => {
  let database: Database.Database;
  let flush: () => void;
  const settled: string[] = [];
  beforeEach(() => {
    settled.length = 0;
    database = new Database(':memory:');
    database.exec('CREATE TABLE kept (name TEXT UNIQUE, text TEXT)');
  });
  afterEach(() => database.close());
  const commits = () =>
    createCommits(
      database,
      (later) => {
        flush = later;
      },
      () => {},
    );
  const stored = () => database.prepare('SELECT name FROM kept ORDER BY name').pluck().all();
  const writer =
    (to: ReturnType<typeof commits>) =>
    (name: string, text = '') =>
      to.write(
        () => database.prepare('INSERT INTO kept VALUES (?, ?)').run(name, text),
        (outcome) => {
          try {
            outcome();
            settled.push(name);
          } catch {
            settled.push(`not ${name}`);
          }
        },
      );

  it('are answered after the commit and not before', () => {
    const write = writer(commits());
    write('a');
    write('b');
    expect(settled).toEqual([]);
    flush();
    expect([settled, database.inTransaction, stored()]).toEqual([['a', 'b'], false, ['a', 'b']]);
  });

  it('do not suffer from one that is refused', () => {
    const write = writer(commits());
    for (const name of ['a', 'a', 'b']) write(name);
    flush();
    expect([settled, stored()]).toEqual([
      ['a', 'not a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('make a read wait that would see what is not committed', () => {
    const shared = commits();
    const write = writer(shared);
    const seen: unknown[] = [];
    write('a');
    shared.read(() => seen.push(database.inTransaction));
    expect(seen).toEqual([]);
    flush();
    shared.read(() => seen.push(stored()));
    expect(seen).toEqual([false, ['a']]);
  });

  it('are all refused when the disk is full, and those that come after are not', () => {
    database.pragma('max_page_count = 20');
    const write = writer(commits());
    write('a');
    write('too large', 'x'.repeat(200_000));
    write('b');
    flush();
    expect([settled, stored(), database.inTransaction]).toEqual([['not a', 'not too large', 'b'], ['b'], false]);
  });

  it('are refused when the commit fails', () => {
    database.exec('PRAGMA foreign_keys = ON');
    database.exec('CREATE TABLE owned (by TEXT REFERENCES kept (name) DEFERRABLE INITIALLY DEFERRED)');
    const shared = commits();
    const write = writer(shared);
    write('a');
    database.exec("INSERT INTO owned VALUES ('nobody')");
    flush();
    expect([settled, stored(), database.inTransaction]).toEqual([['not a'], [], false]);
  });
});

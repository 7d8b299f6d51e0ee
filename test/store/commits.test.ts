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
  const defer = (later: () => void) => {
    flush = later;
  };
  const commits = () => createCommits(database, { defer });
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

  it('come before a write that is alone, which nothing sees half done', () => {
    const shared = commits();
    const write = writer(shared);
    write('a');
    shared.read(() => settled.push('read'));
    const before = shared.alone(() => [...settled]);
    expect([before, stored(), database.inTransaction]).toEqual([['a', 'read'], ['a'], false]);
  });

  it('are not torn apart by a write that is to be alone and comes from the middle of one', () => {
    const shared = commits();
    const insert = (name: string) => database.prepare('INSERT INTO kept VALUES (?, ?)').run(name, '');
    const work = () => {
      insert('a');
      shared.alone(() => insert('b'));
      throw new Error('refused');
    };
    shared.write(work, (outcome) => expect(outcome).toThrow('refused'));
    flush();
    expect(stored()).toEqual([]);
    expect.assertions(2);
  });

  it('put back what was drawn for them where they are undone: that of one, or of all', () => {
    let drawn = 0;
    let isLost = false;
    const check = () => {
      if (isLost) throw new Error('lost');
    };
    const counter = {
      save: () => drawn,
      restore: (before: number) => {
        drawn = before;
      },
    };
    const shared = createCommits(database, { defer, check, drawn: [counter], beside: [counter] });
    const draw = () => ++drawn;
    const refuse = () => {
      draw();
      throw new Error('refused');
    };
    for (const work of [draw, refuse, draw]) shared.write(work, () => {});
    flush();
    expect(drawn).toBe(2);
    isLost = true;
    for (const work of [draw, draw]) shared.write(work, () => {});
    flush();
    expect(drawn).toBe(2);
    expect(() => shared.alone(draw)).toThrow('lost');
    expect(drawn).toBe(2);
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

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator.ts';
import { type Answer, authorization, type Client, clientOf, type Json, tokenOf } from '../support/emulator.ts';
import { copied, launch, type Running, stateOf, Writer } from './killing.ts';
import { soundnessOf } from './soundness.ts';

const CLUSTERS = '/orgs/1/container_clusters';

const NOBODY = 65_534;

let folder = '';
let db = '';
const open: Emulator[] = [];
const processes: Running[] = [];
const said: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pce-emulator-faults-'));
  db = join(folder, 'state.db');
  said.length = 0;
});
afterEach(async () => {
  for (const emulator of open.splice(0)) await emulator.close();
  for (const one of processes.splice(0)) await one.kill();
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

const begin = async (options: EmulatorOptions = {}): Promise<{ emulator: Emulator; pce: Client }> => {
  const log = (message: string) => void said.push(message);
  const emulator = await startEmulator({ db, world: 'empty', listen: false, checkReplies: true, log, ...options });
  open.push(emulator);
  return { emulator, pce: clientOf(emulator, authorization(emulator.credentials)) };
};

/** A file that was closed, with a cluster of this name in it. */
const make = async (name = 'kept'): Promise<void> => {
  const { emulator, pce } = await begin();
  expect((await pce.post(CLUSTERS, { name })).status).toBe(201);
  await emulator.close();
};

/** A file whose process was killed, with its log. */
const makeKilled = async (): Promise<void> => {
  const running = launch(db);
  processes.push(running);
  const writer = new Writer(await running.port, 'killed');
  await writer.provision();
  await running.kill();
};

const names = async (pce: Client): Promise<string[]> => (await pce.get(CLUSTERS)).body.map(({ name }: Json) => name);

/** Writes bytes over those of a file. */
const overwrite = (file: string, at: number, bytes: Buffer): void => {
  const content = readFileSync(file);
  bytes.copy(content, at);
  writeFileSync(file, content);
};

const PAGE = 4096;
const RUBBISH = Buffer.alloc(PAGE, 'rubbish ');

describe('a start', () => {
  /** Sees that the file is refused in one line, and that it and its log are as they were. */
  const refused = async (message: RegExp) => {
    const parts = [db, `${db}-wal`].filter((part) => existsSync(part) && statSync(part).isFile());
    const before = parts.map((part) => readFileSync(part));
    const refusal = expect(begin()).rejects;
    await refusal.toMatchObject({ name: 'UnusableFile', message: expect.stringMatching(message) });
    expect(parts.map((part, index) => readFileSync(part).equals(before[index] as Buffer))).toEqual(
      parts.map(() => true),
    );
    expect(existsSync(`${db}-shm`)).toBe(false);
  };

  it.each([
    [':memory:', /^:memory: is no file; to keep everything in memory, name none$/],
    ['', /a file needs a name/],
    [' ', /^" " begins or ends with a blank; name another file$/],
    ['state\0.db', /^"state\\u0000\.db" is no name of a file$/],
    ['state.db ', /begins or ends with a blank/],
  ])('refuses the name %j, which SQLite takes for something else', async (name, message) => {
    const refusal = expect(begin({ db: name })).rejects;
    await refusal.toMatchObject({ name: 'UnusableFile', message: expect.stringMatching(message) });
  });

  it('refuses a folder', async () => {
    mkdirSync(db);
    await refused(/^.*state\.db is a folder$/);
  });

  it.each([
    ['that is no SQLite file', Buffer.from('# my notes\n'.repeat(100))],
    ['that is shorter than the header of one', Buffer.from('SQLite')],
  ])('refuses a file %s', async (_what, content) => {
    writeFileSync(db, content);
    await refused(/state\.db is not a SQLite file, or a damaged one/);
  });

  it('makes a world in an empty file', async () => {
    writeFileSync(db, '');
    const { pce } = await begin();
    expect(await names(pce)).toEqual([]);
  });

  it('refuses an empty file that has a log, and leaves the log alone', async () => {
    await makeKilled();
    writeFileSync(db, '');
    await refused(/state\.db is empty, but its write-ahead log .*-wal is not; bring both back, or remove both/);
  });

  it('makes a world anew where the file is gone and only its log was left', async () => {
    await makeKilled();
    rmSync(db);
    const { emulator, pce } = await begin();
    expect(await names(pce)).toEqual([]);
    await emulator.close();
    expect(soundnessOf(db)).toEqual([]);
  });

  it('refuses a file whose header is damaged', async () => {
    await make();
    overwrite(db, 0, RUBBISH.subarray(0, 16));
    await refused(/is not a SQLite file, or a damaged one/);
  });

  it('refuses a file with a damaged page', async () => {
    await make();
    const file = new Database(db);
    const page = file.prepare("SELECT pageno FROM dbstat WHERE name = 'container_clusters'").pluck().get();
    file.close();
    overwrite(db, (Number(page) - 1) * PAGE, RUBBISH);
    await expect(begin()).rejects.toThrow(/state\.db is not a SQLite file, or a damaged one; go back to a copy/);
  });

  it('refuses a file that was cut off', async () => {
    await make();
    truncateSync(db, 10 * PAGE);
    await refused(/is not a SQLite file, or a damaged one/);
  });

  it.each(['a newer emulator', 'another program'])('refuses a file of %s, with a log too', async (whose) => {
    await make();
    const file = new Database(db);
    file.pragma(whose === 'a newer emulator' ? 'user_version = 99' : 'application_id = 7');
    file.pragma('journal_mode = WAL');
    file.pragma('wal_checkpoint(TRUNCATE)');
    file.exec('CREATE TABLE more (x)');
    for (const part of ['', '-wal']) copyFileSync(db + part, `${db}-left${part}`);
    file.close();
    for (const part of ['', '-wal']) renameSync(`${db}-left${part}`, db + part);
    await refused(whose === 'a newer emulator' ? /written by a newer pce-emulator \(layout 99/ : /of another program/);
  });

  it('refuses a file that another emulator uses, which goes on', async () => {
    const { pce } = await begin();
    await expect(begin()).rejects.toThrow(/state\.db is in use by another process/);
    expect((await pce.post(CLUSTERS, { name: 'after' })).status).toBe(201);
  });

  describe('without the right to write', () => {
    const asNobody = async (work: () => Promise<void>): Promise<void> => {
      if (process.getuid?.() !== 0) return work();
      for (const path of [folder, db]) chownSync(path, NOBODY, NOBODY);
      process.seteuid?.(NOBODY);
      try {
        await work();
      } finally {
        process.seteuid?.(0);
      }
    };

    it('refuses a file that is read-only', async () => {
      await make();
      chmodSync(db, 0o400);
      await asNobody(() => refused(/state\.db cannot be opened for writing; see its permissions/));
    });

    it('refuses a file in a folder that is read-only', async () => {
      await make();
      chmodSync(folder, 0o500);
      await asNobody(() =>
        refused(/state\.db cannot be opened for writing; see its permissions and those of its folder/),
      );
    });
  });

  describe('with a write-ahead log', () => {
    it('has all that was written before the process was killed', async () => {
      await makeKilled();
      const before = stateOf(copied(db));
      const { emulator } = await begin();
      await emulator.close();
      expect([soundnessOf(db), stateOf(db), said]).toEqual([[], before, []]);
    });

    it('that was cut off has what was written until there', async () => {
      await makeKilled();
      truncateSync(`${db}-wal`, statSync(`${db}-wal`).size - 100);
      const { emulator } = await begin();
      await emulator.close();
      expect(soundnessOf(db)).toEqual([]);
      const found = stateOf(db);
      expect([...found.keys()]).toEqual(['draft killed policy 0 1', 'draft killed policy 0 2']);
    });

    it('that is gone says so, and goes on with what the file has', async () => {
      await make();
      await makeKilled();
      rmSync(`${db}-wal`);
      const { pce } = await begin();
      expect(await names(pce)).toEqual(['kept']);
      expect(said).toEqual([expect.stringMatching(/^warning: .*was not closed, and its write-ahead log is not there/)]);
    });

    it('of another file is refused beside one that was closed', async () => {
      await makeKilled();
      const log = readFileSync(`${db}-wal`);
      rmSync(db);
      rmSync(`${db}-wal`);
      await make();
      writeFileSync(`${db}-wal`, log);
      await refused(/state\.db was closed, so .*-wal beside it is another file's; move that one away/);
      rmSync(`${db}-wal`);
      expect(await names((await begin()).pce)).toEqual(['kept']);
    });

    it('of another file is refused beside one that was not closed, too', async () => {
      await make('of the other');
      await makeKilled();
      const log = readFileSync(`${db}-wal`);
      rmSync(db);
      rmSync(`${db}-wal`);
      await make();
      await makeKilled();
      const own = readFileSync(`${db}-wal`);
      writeFileSync(`${db}-wal`, log);
      await refused(/do not fit together, or are damaged/);
      writeFileSync(`${db}-wal`, own);
      expect(await names((await begin()).pce)).toEqual(['kept']);
    });
  });

  it('makes an organisation where the last one of a file was deleted, and says so', async () => {
    const first = await begin();
    const control = clientOf(first.emulator, {}, { prefix: '/_emulator', problem: 'emulator/status#problem' });
    expect((await control.delete('/orgs/1')).status).toBe(204);
    await first.emulator.close();
    const { emulator, pce } = await begin();
    const { org_id } = emulator.credentials;
    expect(org_id).toBeGreaterThan(1);
    expect((await pce.post(`/orgs/${org_id}/labels`, { key: 'env', value: 'new' })).status).toBe(201);
    expect(said).toEqual([`warning: ${db} has no organisation left; organisation ${org_id} was made`]);
  });
});

describe('a file in use', () => {
  /** As long as the emulator may take to see that its file is gone. */
  const untilRefused = async (pce: Client): Promise<Answer> => {
    for (;;) {
      const answer = await pce.post(CLUSTERS, { name: 'into nowhere' });
      if (answer.status !== 201) return answer;
    }
  };

  it.each([
    ['removed', () => rmSync(db)],
    ['moved', () => renameSync(db, `${db}-moved`)],
    ['replaced', () => writeFileSync(`${db}-new`, 'another') ?? renameSync(`${db}-new`, db)],
    ['without its log', () => rmSync(`${db}-wal`)],
  ])('that is %s takes no more changes, and can be read', async (_what, change) => {
    const { pce } = await begin();
    change();
    const answer = await untilRefused(pce);
    expect([answer.status, tokenOf(answer)]).toEqual([503, 'emulator_storage_gone']);
    expect(answer.text).not.toContain(folder);
    expect((await untilRefused(pce)).status).toBe(503);
    expect((await pce.get(CLUSTERS)).status).toBe(200);
    expect(said).toEqual([expect.stringMatching(/^warning: .*state\.db.*: it was removed, moved or replaced; /)]);
  });

  it('that was moved takes changes again once it is back, and has lost nothing', async () => {
    const { emulator, pce } = await begin();
    await pce.post(CLUSTERS, { name: 'before' });
    renameSync(db, `${db}-moved`);
    await untilRefused(pce);
    renameSync(`${db}-moved`, db);
    for (;;) if ((await pce.post(CLUSTERS, { name: 'back' })).status === 201) break;
    const there = await names(pce);
    await emulator.close();
    expect(await names((await begin({ apiKey: undefined })).pce)).toEqual(there);
    expect(there[0]).toBe('before');
  });

  it('that lost its log has everything once it is closed', async () => {
    const { emulator, pce } = await begin();
    await pce.post(CLUSTERS, { name: 'before' });
    rmSync(`${db}-wal`);
    await untilRefused(pce);
    const there = await names(pce);
    await emulator.close();
    expect(await names((await begin()).pce)).toEqual(there);
  });

  it('that was replaced is no reason to touch the other at the end, nor its log', async () => {
    const first = await begin();
    rmSync(db);
    const second = await begin();
    await second.pce.post(CLUSTERS, { name: 'of the other' });
    await first.emulator.close();
    expect(said).toEqual([expect.stringMatching(/^warning: .*state\.db.*: it was removed, moved or replaced; /)]);
    expect((await second.pce.post(CLUSTERS, { name: 'after' })).status).toBe(201);
    await second.emulator.close();
    expect(soundnessOf(db)).toEqual([]);
    expect(await names((await begin()).pce)).toEqual(['of the other', 'after']);
  });

  /** As long as the emulator may take to see that its file is not whole. */
  const untilDamaged = async (pce: Client): Promise<void> => {
    const answer = await untilRefused(pce);
    expect([answer.status, tokenOf(answer)]).toEqual([503, 'emulator_storage_damaged']);
  };

  it.each([
    ['all of it', 0],
    ['its second half', 0.5],
  ])('whose log was cut off, %s, takes no more changes, and stays as it was before the log', async (_what, part) => {
    await make();
    const { emulator, pce } = await begin();
    for (let count = 0; count < 5; count++) await pce.post(CLUSTERS, { name: 'in the log' });
    // One that is looked at, so that all of this is known.
    await new Promise((resolve) => setTimeout(resolve, 120));
    await pce.post(CLUSTERS, { name: 'known' });
    truncateSync(`${db}-wal`, statSync(`${db}-wal`).size * part);
    await untilDamaged(pce);
    await expect(emulator.close()).rejects.toThrow(/state\.db-wal: it was cut off; .* go back to a copy/);
    expect(soundnessOf(copied(db))).toEqual([]);
    said.length = 0;
    expect((await names((await begin()).pce))[0]).toBe('kept');
    if (part === 0) expect(said).toEqual([expect.stringMatching(/its write-ahead log is not there, or is none: /)]);
  });

  it('that was cut off takes no more changes, and is refused at the next start', async () => {
    const { emulator, pce } = await begin();
    truncateSync(db, 0);
    await untilDamaged(pce);
    await expect(emulator.close()).rejects.toThrow(/state\.db: it was cut off/);
    await expect(begin()).rejects.toThrow(/state\.db is empty, but its write-ahead log/);
  });

  it('that has lost a document says that it is damaged, wherever that is asked for', async () => {
    await make();
    const file = new Database(db);
    const schema = (from: string, to: string) => {
      file.unsafeMode();
      file.pragma('writable_schema = ON');
      file.prepare("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'container_clusters'").run(from, to);
      file.pragma('writable_schema = RESET');
    };
    const [whole, empty] = ['document TEXT NOT NULL', 'document TEXT'];
    schema(whole, empty);
    file.exec('UPDATE container_clusters SET document = NULL');
    const [href] = file.prepare('SELECT href FROM container_clusters').pluck().all();
    schema(`${empty},`, `${whole},`);
    file.close();
    const { emulator, pce } = await begin();
    expect(tokenOf(await pce.get(String(href)))).toBe('emulator_storage_damaged');
    expect(() => emulator.saveWorld()).toThrow(/state\.db: the file is damaged/);
  });

  it('with a damaged index refuses what needs it, and answers all else', async () => {
    const first = await begin();
    await first.pce.post(CLUSTERS, { name: 'kept' });
    await first.emulator.close();
    const file = new Database(db);
    const [page] = file
      .prepare("SELECT pageno FROM dbstat WHERE name = 'container_clusters_in_order'")
      .pluck()
      .all() as number[];
    file.close();
    overwrite(db, (Number(page) - 1) * PAGE, RUBBISH);
    said.length = 0;
    const { pce } = await begin();
    const answers = [await pce.get(CLUSTERS), await pce.get(CLUSTERS)];
    expect(answers.map((answer) => [answer.status, tokenOf(answer)])).toEqual([
      [503, 'emulator_storage_damaged'],
      [503, 'emulator_storage_damaged'],
    ]);
    expect((await pce.get('/orgs/1/labels')).status).toBe(200);
    expect((await pce.post('/orgs/1/labels', { key: 'env', value: 'x' })).status).toBe(201);
    expect(said).toEqual([expect.stringMatching(/^warning: .*state\.db: the file is damaged \(SQLITE_CORRUPT/)]);
  });

  it('that can grow no further refuses changes, loses none, and takes them again once it can', async () => {
    const running = launch(db);
    processes.push(running);
    const url = `http://127.0.0.1:${await running.port}/api/v2${CLUSTERS}`;
    const headers = {
      ...authorization({ api_key: 'api_1', api_secret: 'secret' }),
      'content-type': 'application/json',
    };
    const [acknowledged, refused] = [new Set<string>(), new Set<string>()];
    const tokens = new Set<string>();
    const write = async (name: string) => {
      const body = JSON.stringify({ name, description: 'x'.repeat(1000) });
      const answer = await fetch(url, { method: 'POST', headers, body });
      (answer.status === 201 ? acknowledged : refused).add(name);
      if (answer.status !== 201) tokens.add(`${answer.status} ${((await answer.json()) as Json)[0].token}`);
      else await answer.arrayBuffer();
    };
    const writeMany = async (kind: string, times: number) => {
      for (let round = 0; round < times; round++) {
        await Promise.all([1, 2, 3, 4, 5, 6].map((one) => write(`${kind} ${round} ${one}`)));
      }
    };
    // As a disk that is full: no file of the process may become larger than this.
    const limit = (bytes: number | 'unlimited') =>
      execFileSync('prlimit', ['--pid', String(running.child.pid), `--fsize=${bytes}:unlimited`]);
    limit(statSync(`${db}-wal`).size + 200_000);
    await writeMany('full', 40);
    expect(acknowledged.size).toBeGreaterThan(0);
    expect(refused.size).toBeGreaterThan(0);
    expect([...tokens]).toEqual(['503 emulator_storage_failed']);
    expect((await fetch(url, { headers })).status).toBe(200);
    limit('unlimited');
    const before = refused.size;
    await writeMany('room', 5);
    expect(refused.size).toBe(before);
    expect(running.said().trim().split('\n')).toEqual([
      expect.stringMatching(
        /^pce-emulator: warning: .*state\.db: the file cannot be read or written \(SQLITE_IOERR_WRITE\)/,
      ),
    ]);
    await running.kill();
    expect(soundnessOf(copied(db))).toEqual([]);
    expect(new Set(stateOf(copied(db)).keys())).toEqual(acknowledged);
  });
});

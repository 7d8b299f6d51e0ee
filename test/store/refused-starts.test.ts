import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator.ts';
import { authorization, type Client, clientOf, type Json } from '../support/emulator.ts';
import { copied, launch, stateOf, Writer } from './killing.ts';

const CLUSTERS = '/orgs/1/container_clusters';
const KEY = { name: 'api_1', secret: 'of-the-first' };
const PAGE = 4096;

let folder = '';
let db = '';
let busy: Server;
let taken = 0;
const open: Emulator[] = [];
const said: string[] = [];
beforeAll(async () => {
  busy = createServer();
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
  taken = (busy.address() as { port: number }).port;
});
afterAll(() => void busy.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pce-emulator-refused-'));
  db = join(folder, 'state.db');
  said.length = 0;
});
afterEach(async () => {
  for (const emulator of open.splice(0)) await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const begin = async (options: EmulatorOptions = {}): Promise<{ emulator: Emulator; pce: Client }> => {
  const log = (message: string) => void said.push(message);
  const emulator = await startEmulator({ db, listen: false, apiKey: KEY, log, ...options });
  open.push(emulator);
  return { emulator, pce: clientOf(emulator, authorization({ api_key: KEY.name, api_secret: KEY.secret })) };
};

/** A file of PCE 22.2 that was closed, with two organisations and a cluster. */
const make = async (): Promise<Buffer> => {
  const { emulator, pce } = await begin({ world: 'empty' });
  emulator.org('other');
  expect((await pce.post(CLUSTERS, { name: 'kept' })).status).toBe(201);
  await emulator.close();
  return readFileSync(db);
};

const REFUSED: readonly (readonly [why: string, options: () => EmulatorOptions])[] = [
  ['its port is taken', () => ({ listen: true, port: taken })],
  ['the port of Kuma is taken', () => ({ listen: true, kuma: { port: taken } })],
  ['there is no such address', () => ({ listen: true, host: '192.0.2.1' })],
  ['its certificate is none', () => ({ listen: true, tls: { cert: 'none', key: 'none' } })],
  ['its certificate is empty', () => ({ listen: true, tls: { cert: '', key: '' } })],
  ['its key has no href', () => ({ apiKey: { name: 'a/b', secret: 's' } })],
  ['it asks for another world', () => ({ world: 'demo' })],
];

describe('a start that is refused', () => {
  it.each(REFUSED)('because %s leaves the file as it was, to the byte', async (_why, options) => {
    const before = await make();
    await expect(begin({ pceVersion: '25.2', kuma: { version: '0.5.1' }, ...options() })).rejects.toThrow();
    expect(readFileSync(db).equals(before)).toBe(true);
    const { emulator, pce } = await begin();
    expect(emulator.pce_version).toBe('22.2');
    expect((await pce.get(CLUSTERS)).body.map(({ name }: Json) => name)).toEqual(['kept']);
    expect(said).toEqual([]);
  });

  it('because its key is that of another organisation does so, too', async () => {
    const { emulator } = await begin({ world: 'empty' });
    const { api_key } = emulator.org('other');
    await emulator.close();
    const before = readFileSync(db);
    const key = { name: api_key, secret: 's' };
    await expect(begin({ apiKey: key, pceVersion: '25.2' })).rejects.toThrow(/belongs to another organisation/);
    expect(readFileSync(db).equals(before)).toBe(true);
  });

  it.each(REFUSED.slice(0, 6))('because %s makes no file', async (_why, options) => {
    await expect(begin({ world: 'empty', ...options() })).rejects.toThrow();
    expect(existsSync(db)).toBe(false);
    await begin({ world: 'demo' });
  });

  it('loses nothing of a file whose process was killed', async () => {
    const running = launch(db);
    const writer = new Writer(await running.port, 'killed');
    await writer.provision();
    await running.kill();
    const before = stateOf(copied(db));
    expect(before.size).toBeGreaterThan(2);
    await expect(begin({ world: 'nothing-like-it', apiKey: undefined })).rejects.toThrow(/holds the world/);
    expect(stateOf(copied(db))).toEqual(before);
    await begin({ apiKey: undefined });
    expect(said).toEqual([]);
  });
});

describe('a file by a link', () => {
  it('is that which the link leads to, through a kill', async () => {
    const link = join(folder, 'link.db');
    symlinkSync('state.db', link);
    const running = launch(link);
    await new Writer(await running.port, 'linked').provision();
    await running.kill();
    expect(stateOf(copied(db)).size).toBe(3);
    const { pce } = await begin({ db: link, apiKey: undefined }).then(async ({ emulator }) => ({
      pce: clientOf(emulator, authorization(emulator.credentials)),
    }));
    expect((await pce.post(CLUSTERS, { name: 'through' })).status).toBe(201);
    expect(said).toEqual([]);
  });
});

describe('a journal beside a file', () => {
  /** A journal of one page of a file, as SQLite writes it: https://www.sqlite.org/fileformat.html#the_rollback_journal */
  const journalOf = (page: number, bytes: Buffer): Buffer => {
    const head = Buffer.alloc(512);
    Buffer.from('d9d505f920a163d7ffffffff', 'hex').copy(head);
    for (const [at, value] of [
      [16, bytes.length / PAGE],
      [20, head.length],
      [24, PAGE],
    ] as const)
      head.writeUInt32BE(value, at);
    const record = Buffer.alloc(4 + PAGE + 4);
    record.writeUInt32BE(page);
    bytes.copy(record, 4, (page - 1) * PAGE, page * PAGE);
    // The nonce is 0; the sum is of every 200th byte.
    let sum = 0;
    for (let at = PAGE - 200; at > 0; at -= 200) sum += record[4 + at] ?? 0;
    record.writeUInt32BE(sum, 4 + PAGE);
    return Buffer.concat([head, record]);
  };

  it('that is another file’s is not let near it', async () => {
    const bytes = await make();
    const { emulator, pce } = await begin();
    for (let count = 0; count < 50; count++) await pce.post(CLUSTERS, { name: `more ${count}` });
    await emulator.close();
    const now = readFileSync(db);
    for (const journal of [journalOf(1, bytes), journalOf(9, bytes), journalOf(9, now)]) {
      writeFileSync(`${db}-journal`, journal);
      await expect(begin()).rejects.toThrow(
        /state\.db-journal is not that of .*state\.db, and would be written over it/,
      );
      expect(readFileSync(db).equals(now)).toBe(true);
    }
    rmSync(`${db}-journal`);
    expect((await (await begin()).pce.get(`${CLUSTERS}?max_results=100`)).body).toHaveLength(51);
  });

  it('of the opening or closing of the file is its own', async () => {
    const bytes = await make();
    const opening = Buffer.from(bytes).fill(2, 18, 20);
    writeFileSync(db, opening);
    writeFileSync(`${db}-journal`, journalOf(1, bytes));
    const { pce } = await begin();
    expect((await pce.get(CLUSTERS)).body).toHaveLength(1);
  });
});

describe('a file that is damaged', () => {
  it('is refused in one line and left as it is, or goes on, whichever page it is', async () => {
    const whole = await make();
    const pages = Array.from({ length: Math.floor(whole.length / PAGE) }, (_, page) => page);
    for (const page of pages.filter((one) => one % 9 === 1)) {
      const damaged = Buffer.from(whole).fill(0, page * PAGE, (page + 1) * PAGE);
      writeFileSync(db, damaged);
      const outcome = await begin().catch((error: Error) => error);
      if (outcome instanceof Error) {
        expect([page, outcome.message.split('\n'), ['UnusableFile', 'Error'].includes(outcome.name)]).toEqual([
          page,
          [expect.stringContaining('state.db')],
          true,
        ]);
        expect(readFileSync(db).equals(damaged)).toBe(true);
      } else {
        await outcome.emulator.close();
      }
      rmSync(db);
    }
  });

  it('is told as damage, and not as a bug, where a document is no JSON any more', async () => {
    const bytes = await make();
    for (let at = bytes.indexOf('"name":"kept"'); at >= 0; at = bytes.indexOf('"name":"kept"')) bytes[at] = 0x20;
    writeFileSync(db, bytes);
    const outcome = await begin({ checkReplies: true }).catch((error: Error) => error);
    if (outcome instanceof Error) {
      expect(outcome).toMatchObject({ name: 'UnusableFile', message: expect.stringMatching(/damaged/) });
      return;
    }
    const { emulator, pce } = outcome;
    const answers = [
      await pce.get(`${CLUSTERS}?name=kept`),
      await clientOf(emulator, {}, { prefix: '/_emulator', problem: 'emulator/status#problem' }).get('/world'),
    ];
    for (const { status, text } of answers) {
      expect([status, text]).toEqual([503, expect.stringContaining('emulator_storage_damaged')]);
    }
    expect(said.filter((line) => line.includes('\n'))).toEqual([]);
  });

  it('is refused where it does not say which world it holds', async () => {
    const bytes = await make();
    // The name of the remark, in the table of remarks.
    for (let at = bytes.indexOf('worldempty'); at >= 0; at = bytes.indexOf('worldempty', at + 1)) bytes[at] = 0x57;
    writeFileSync(db, bytes);
    await expect(begin()).rejects.toThrow(/state\.db (does not say which world it holds|is not a SQLite file)/);
    expect(readFileSync(db).equals(bytes)).toBe(true);
  });
});

describe('a name that leads to no file', () => {
  it.each([
    [
      'a circle of links',
      () => {
        symlinkSync(join(folder, 'two'), join(folder, 'one'));
        symlinkSync(join(folder, 'one'), join(folder, 'two'));
      },
      'one',
    ],
    ['ever so long', () => {}, 'x'.repeat(300)],
  ])('is refused in one line: %s', async (_what, lay, name) => {
    lay();
    await expect(begin({ db: join(folder, name) })).rejects.toMatchObject({
      name: 'UnusableFile',
      message: expect.stringMatching(/cannot be opened: its path leads nowhere, or is too long \(E\w+\)$/),
    });
  });
});

it('a key that a start brings again keeps what its user has called it, through a restart and a world', async () => {
  const { emulator, pce } = await begin({ world: 'empty' });
  const [{ href }] = (await pce.get('/users/1/api_keys')).body;
  expect((await pce.put(href, { name: 'mine', description: 'of the laptop' })).status).toBe(204);
  const kept = (await pce.get('/users/1/api_keys')).body;
  emulator.loadWorld(emulator.saveWorld());
  expect((await pce.get('/users/1/api_keys')).body).toEqual(kept);
  await emulator.close();
  expect((await (await begin()).pce.get('/users/1/api_keys')).body).toEqual(kept);
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { ROOT } from '../support/emulator.ts';
import { copied, deviations, launch, type Running, type State, stateOf, Writer } from './killing.ts';
import { soundnessOf } from './soundness.ts';

/** How often `kill -9` strikes: `KILLS=1000 npx jest test/store/kills` is the long form. */
const KILLS = Number(process.env.KILLS ?? 50);
const share = (part: number) => Math.max(1, Math.round(KILLS * part));
const TIME = 30_000 + KILLS * 3000;

/** A file is written to through so many kills; then another one begins. */
const KILLS_OF_A_FILE = 20;

const WRITERS = 4;

/** A moment up to so many milliseconds from now. */
const moment = (within: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.random() * within));

describe('kill -9', () => {
  let folder = '';
  let files = 0;
  const processes: Running[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pce-emulator-kills-'));
  });
  afterEach(async () => {
    for (const one of processes.splice(0)) await one.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  const freshFile = () => join(folder, `${++files}.db`);
  const begin = (db: string, release?: string): Running => {
    const running = launch(db, release);
    processes.push(running);
    return running;
  };
  /** Kills it at some moment, and sees whether the file it leaves is sound. */
  const killed = async (running: Running, db: string) => {
    await running.kill();
    expect(soundnessOf(copied(db))).toEqual([]);
    expect(running.said()).toBe('');
  };
  /** How long a start takes here. */
  const timeOf = async (db: string): Promise<number> => {
    const since = performance.now();
    const running = begin(db);
    await running.port;
    await running.kill();
    return performance.now() - since;
  };

  /** Has writers write, kills within `within` ms of the first acknowledgement, and holds the file to what they know. */
  const strike = async (
    db: string,
    known: State,
    write: Write,
    within: number,
  ): Promise<{ state: State; writes: number }> => {
    const running = begin(db);
    const port = await running.port;
    const writers = Array.from(
      { length: WRITERS },
      (_, index) => new Writer(port, `${files}.${processes.length}.${index}`),
    );
    let first = () => {};
    const acknowledged = new Promise<void>((resolve) => {
      first = resolve;
    });
    const writing = Promise.all(writers.map((writer) => write(writer, first)));
    await Promise.race([acknowledged, writing]);
    await moment(within);
    await killed(running, db);
    await writing;
    const wanted: State = new Map([...known, ...writers.flatMap((writer) => [...writer.acknowledged])]);
    const state = stateOf(copied(db));
    const underWay = writers.flatMap((writer) => writer.underWay ?? []);
    expect(deviations(state, wanted, underWay)).toEqual([]);
    return { state, writes: writers.reduce((sum, writer) => sum + writer.writes, 0) };
  };

  it(
    'under a load of writes of every kind loses none that was acknowledged, and leaves none half done',
    async () => {
      const figures = { kills: 0, files: 0, writes: 0 };
      let db = '';
      let state: State = new Map();
      for (let round = 0; round < share(0.66); round++) {
        if (round % KILLS_OF_A_FILE === 0) {
          db = freshFile();
          state = new Map();
          figures.files++;
        }
        const struck = await strike(db, state, (writer, first) => writer.writeOn(first), 300);
        state = struck.state;
        figures.kills++;
        figures.writes += struck.writes;
      }
      expect(figures.writes).toBeGreaterThan(figures.kills);
      if (process.env.KILLS) process.stdout.write(`${JSON.stringify(figures)}\n`);
    },
    TIME,
  );

  it(
    'during a provisioning leaves all of it or nothing',
    async () => {
      const db = freshFile();
      let state: State = new Map();
      const provision: Write = async (writer, first) => writer.writeOn(first, () => writer.provision());
      for (let round = 0; round < share(0.1); round++) state = (await strike(db, state, provision, 40)).state;
      expect([...state.values()]).toContain('2 in force, 1 version');
    },
    TIME,
  );

  it(
    'while a world is made leaves a file in which it can be made, or is',
    async () => {
      const time = await timeOf(freshFile());
      let db = '';
      for (let round = 0; round < share(0.1); round++) {
        // Every other one goes on with what the one before has left.
        if (round % 2 === 0) db = freshFile();
        const running = begin(db);
        await moment(time);
        await killed(running, db);
      }
      const last = begin(db);
      await new Writer(await last.port, 'last').provision();
      await killed(last, db);
    },
    TIME,
  );

  it(
    'while a file of an earlier emulator is brought into shape leaves all that is in it',
    async () => {
      const earlier = brotliDecompressSync(readFileSync(join(ROOT, 'fixtures', 'files', '025ed98.db.br')));
      const before = (file: string) => {
        writeFileSync(file, earlier);
        return stateOf(copied(file));
      };
      const time = await timeOf(freshFile());
      for (let round = 0; round < share(0.06); round++) {
        const db = freshFile();
        const wanted = before(db);
        expect(wanted.size).toBeGreaterThan(2);
        const running = begin(db, '25.2');
        await moment(time * 1.2);
        await killed(running, db);
        expect(stateOf(copied(db))).toEqual(wanted);
        if (round > 0) continue;
        const again = begin(db, '25.2');
        await again.port;
        await killed(again, db);
        expect(stateOf(copied(db))).toEqual(wanted);
      }
    },
    TIME,
  );

  it(
    'during a restore leaves the one state or the other',
    async () => {
      const db = freshFile();
      for (let round = 0; round < share(0.08); round++) {
        const running = begin(db);
        const writer = new Writer(await running.port, `${round}`);
        const [before, after] = [`/snapshots/${round}`, round % 2 ? '/reset' : `/snapshots/${round}/restore`];
        const atStart = stateOf(copied(db));
        await writer.control('PUT', before);
        for (let index = 0; index < 10; index++) await writer.provision();
        const written = stateOf(copied(db));
        const restored = writer.control('POST', after).then(
          () => true,
          () => false,
        );
        await moment(15);
        await killed(running, db);
        const found = stateOf(copied(db));
        if (await restored) expect(found).toEqual(atStart);
        else expect([atStart, written]).toContainEqual(found);
      }
    },
    TIME,
  );
});

/** What a writer does until it cannot any more. @param first called when the first write is acknowledged */
type Write = (writer: Writer, first: () => void) => Promise<void>;

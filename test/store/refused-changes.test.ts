import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Emulator, startEmulator } from '../../src/emulator.ts';
import { type Answer, authorization, type Client, clientOf } from '../support/emulator.ts';
import { soundnessOf } from './soundness.ts';

const CLUSTERS = '/orgs/1/container_clusters';
const SLOW = { when: { route: 'labels.list' }, effect: { latency: '1ms' } };

interface Side {
  readonly emulator: Emulator;
  readonly pce: Client;
  readonly control: Client;
}

let folder = '';
const open: Emulator[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pce-emulator-refused-'));
});
afterEach(async () => {
  for (const emulator of open.splice(0)) await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An emulator of one seed with something of everything; two of them are the same. */
const begin = async (name: string): Promise<Side> => {
  const emulator = await startEmulator({
    ...{ db: join(folder, name), world: 'empty', seed: 1, listen: false, checkReplies: true, log: () => {} },
  });
  open.push(emulator);
  const pce = clientOf(emulator, authorization(emulator.credentials));
  const control = clientOf(emulator, {}, { prefix: '/_emulator', problem: 'emulator/status#problem' });
  emulator.faults.add({ name: 'one', probability: 0.5, ...SLOW });
  emulator.snapshot('before');
  for (const value of ['a', 'b', 'c']) await pce.post('/orgs/1/labels', { key: 'app', value });
  await pce.post(CLUSTERS, { name: 'first' });
  await pce.get('/orgs/1/labels');
  emulator.clock.advance('31d');
  emulator.faults.add({ name: 'two', ...SLOW });
  return { emulator, pce, control };
};

/** All that can be seen. */
const look = async ({ emulator, control }: Side) => {
  const answers = [];
  for (const path of ['/clock', '/faults', '/snapshots', '/requests/count', '/world'])
    answers.push(await control.get(path));
  return [...answers.map(({ body }) => body), emulator.requests.find().map(({ id }) => id)];
};

const ofControl: [string, (control: Client, world: object) => Promise<Answer>][] = [
  ['the clock', (control) => control.post('/clock/advance', { by: '1d' })],
  ['the clock, set', (control) => control.put('/clock', { now: '2030-01-01T00:00:00Z', frozen: false })],
  ['a fault more', (control) => control.post('/faults', SLOW)],
  ['a fault in the place of one', (control) => control.put('/faults/one', SLOW)],
  ['a fault less', (control) => control.delete('/faults/one')],
  ['no faults', (control) => control.delete('/faults')],
  ['a snapshot more', (control) => control.put('/snapshots/more')],
  ['a snapshot in the place of one', (control) => control.put('/snapshots/before')],
  ['a snapshot less', (control) => control.delete('/snapshots/before')],
  ['a restore', (control) => control.post('/snapshots/before/restore')],
  ['a reset', (control) => control.post('/reset')],
  ['an empty journal', (control) => control.delete('/requests')],
  ['an organisation', (control) => control.post('/orgs', { name: 'more' })],
  ['an organisation less', (control) => control.delete('/orgs/1')],
  ['a world', (control, world) => control.put('/world', { ...world, frozen_at: '2020-01-01T00:00:00Z' })],
];

describe('a change that cannot be kept', () => {
  it('is refused and changes nothing, whatever it is, and all goes on once it can be', async () => {
    const [one, other] = [await begin('one.db'), await begin('other.db')];
    const { emulator, pce, control } = one;
    const db = join(folder, 'one.db');
    renameSync(db, `${db}-moved`);
    const isRefused = () => {
      try {
        emulator.clock.advance('0s');
        return false;
      } catch {
        return true;
      }
    };
    while (!isRefused());
    const { body: world } = await control.get('/world');
    for (const [what, ask] of ofControl) {
      const before = await look(one);
      const answer = await ask(control, world);
      expect([what, answer.status, answer.body.token]).toEqual([what, 503, 'emulator_storage_gone']);
      expect([what, ...(await look(one))]).toEqual([what, ...before]);
    }
    expect(() => emulator.reset()).toThrow(/removed, moved or replaced/);
    // A program that wants to save what there is can.
    expect(emulator.saveWorld()).toEqual(world);
    expect(emulator.faults.list().map(({ name }) => name)).toContain('one');
    expect(emulator.requests.count({ route: 'labels.list' })).toBe(1);
    const lost = await Promise.all([1, 2, 3].map((name) => pce.post(CLUSTERS, { name: `lost ${name}` })));
    expect(lost.map(({ status }) => status)).toEqual([503, 503, 503]);
    renameSync(`${db}-moved`, db);
    while (isRefused());
    emulator.requests.clear();
    other.emulator.requests.clear();

    const goOn = async ({ pce, emulator }: Side) => {
      const made = [];
      for (let count = 0; count < 20; count++) made.push(await pce.post(CLUSTERS, { name: `on ${count}` }));
      await pce.get('/orgs/1/labels');
      return [made.map(({ status, body }) => [status, body.href]), emulator.faults.list(), emulator.saveWorld()];
    };
    expect(await goOn(one)).toEqual(await goOn(other));
    await emulator.close();
    expect(soundnessOf(db)).toEqual([]);
  });
});

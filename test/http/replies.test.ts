import supertest from 'supertest';
import type { World } from '../../src/contract/collection.ts';
import { Problem } from '../../src/contract/problem.ts';
import type { Api, Reply } from '../../src/contract/route.ts';
import { createRouting } from '../../src/contract/routing.ts';
import { createFaults } from '../../src/faults/faults.ts';
import { createApp } from '../../src/http/app.ts';
import { createEndings } from '../../src/http/endings.ts';
import { createUnread } from '../../src/http/unread.ts';
import { createJournal } from '../../src/journal/journal.ts';
import { createRedaction } from '../../src/journal/redaction.ts';
import { seededChance } from '../../src/kernel/chance.ts';
import { createClock } from '../../src/kernel/clock.ts';
import { pceRefusals } from '../../src/pce/problems.ts';
import { schemasOf } from '../support/emulator.ts';

/** An API with one route, whose replies are to be as a clock's are; and what came of a request to it. */
async function askFor(reply: Reply | Problem, checkReplies: boolean) {
  const clock = createClock();
  const logged: string[] = [];
  const api: Api = {
    name: 'one',
    prefix: '/one',
    parameters: {},
    refusals: pceRefusals,
    problem: 'common#problems',
    emulated: true,
    secrets: [],
    routes: [
      {
        id: 'clock.get',
        method: 'GET',
        path: '/clock',
        summary: 'A clock',
        admits: ['nobody'],
        evidence: 'inferred',
        source: 'a test',
        replies: { 200: 'emulator/clock#clock', 204: null },
        handle() {
          if (reply instanceof Problem) throw reply;
          return reply;
        },
      },
    ],
  };
  const redaction = createRedaction([], 1000);
  const journal = createJournal({ entries: 10, bytes: 100_000, body: 1000 }, redaction.shown);
  const app = createApp({
    apis: [{ api, routing: createRouting(api) }],
    world: { clock } as unknown as World,
    schemas: schemasOf('22.2'),
    authenticate: () => undefined,
    credentialGeneration: () => 0,
    stateGeneration: () => 0,
    endings: createEndings(),
    unread: createUnread(1000),
    write: (work, settle) => settle(work),
    alone: (work) => work(),
    read: (work) => work(),
    storageTrouble: () => undefined,
    checkReplies,
    journal,
    redaction,
    faults: createFaults({ clock, chance: seededChance('1') }),
    realTime: clock,
    requestId: () => 'an id',
    doors: { origins: [] },
    logError: (message) => void logged.push(message),
  });
  const { status, text } = await supertest(app).get('/one/clock');
  return { status, text, logged, violations: journal.get(1)?.violations, broken: journal.state.broken_replies };
}

const RIGHT = { now: '2026-03-01T09:00:00.000Z', frozen: true };

describe('a reply', () => {
  it.each([true, false])('that is as the table promises goes out (checkReplies: %s)', async (check) => {
    const told = await askFor({ status: 200, body: RIGHT }, check);
    expect(told).toEqual({ status: 200, text: JSON.stringify(RIGHT), logged: [], violations: [], broken: 0 });
  });

  const BROKEN: [string, Reply, RegExp][] = [
    [
      'breaks its schema',
      { status: 200, body: { now: 'noon', frozen: true } },
      /breaks emulator\/clock#clock at #\/now/,
    ],
    ['has a status of its own', { status: 202, body: RIGHT }, /does not promise status 202/],
    ['has a body with a status that has none', { status: 204, body: RIGHT }, /promises no body with status 204/],
  ];

  it.each(BROKEN)('that %s goes out all the same, is logged, and counts', async (_how, reply, why) => {
    const told = await askFor(reply, false);
    expect(told).toMatchObject({ status: reply.status, broken: 1, logged: [expect.stringMatching(why)] });
    expect(told.violations).toEqual([{ in: 'reply', path: '', message: expect.stringMatching(why) }]);
  });

  it.each(BROKEN)('that %s is a 500 where replies are to be checked', async (_how, reply, why) => {
    const told = await askFor(reply, true);
    expect(told).toMatchObject({ status: 500, logged: [expect.stringMatching(why)] });
    expect(JSON.parse(told.text)).toMatchObject([{ token: 'emulator_bug' }]);
  });

  it('from the store, which was checked when it was written, is read again only where that is asked for', async () => {
    const stored = { status: 200, text: '{"now": "noon", "frozen": true}' };
    expect(await askFor(stored, false)).toMatchObject({ status: 200, broken: 0, logged: [] });
    expect(await askFor(stored, true)).toMatchObject({ status: 500 });
  });

  it('that refuses in a form that is not the API\u2019s is logged', async () => {
    const told = await askFor(new Problem(409, 'No', { reason: 'none' }), false);
    expect(told).toMatchObject({ status: 409, logged: [expect.stringMatching(/a refusal breaks common#problems/)] });
  });
});

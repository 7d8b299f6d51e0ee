import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BudgetLine, brokenLines, budgetTable, cheaper } from './budget-lines.ts';
import { type CaseId, caseOf, PLACE } from './cases.ts';
import { anchorsOf, type Contender, EMULATOR, EXPRESS, emulatorOf, startArgs } from './contenders.ts';
import { type Goal, START_GOAL } from './goals.ts';
import { type LoadMaker, startLoadMaker } from './load.ts';
import { payloadOf } from './payload.ts';
import { measure } from './rounds.ts';
import { anchorScript, OWN_BUILD, run, say } from './scaffold.ts';
import { type Server, startServer } from './servers.ts';
import { hundredths } from './table.ts';
import { benchWorldFile } from './world-file.ts';

/**
 * `npm run bench:budget`: a short run for CI. Ratios to bare Express alone, each of two measurements side by side, and
 * the median of several. It fails where one is below a share of its floor.
 */

const ROUNDS = 5;
const SECONDS = 0.4;
const STARTS = 3;

const CASES_OF_BUDGET: readonly CaseId[] = ['one', 'list', 'post-durable'];
/** Requests that bring a server to its pace, however slow the machine. */
const WARM_UP: Partial<Record<CaseId, number>> = { one: 4000, list: 300, 'post-durable': 3000 };

async function budget(folder: string): Promise<number> {
  const begun = performance.now();
  const world = benchWorldFile(folder);
  const load = startLoadMaker();
  const lines = [...(await throughput(load, folder, world)), await starting()];
  await load.stop();

  process.stdout.write(`${budgetTable(lines)}\n`);
  say(`measured in ${Math.round((performance.now() - begun) / 1000)} s`);
  const broken = brokenLines(lines);
  if (broken.length === 0) return 0;
  say(`the budget is not kept: ${broken.join(', ')}; npm run bench measures more closely`);
  return 1;
}

async function throughput(load: LoadMaker, folder: string, world: string): Promise<BudgetLine[]> {
  const emulator = emulatorOf({ name: EMULATOR, cli: OWN_BUILD }, world);
  const reading = await emulator.start();
  // What is written is not what is listed.
  const writing = await emulator.start(join(folder, 'budget.sqlite'));
  const payload = join(folder, 'payload.json');
  writeFileSync(payload, JSON.stringify(await payloadOf(reading)));
  const express = anchorsOf(payload).find(({ name }) => name === EXPRESS) as Contender;
  const anchor = await express.start();
  const measured = CASES_OF_BUDGET.map((id) => ({
    ...{ id, what: caseOf(id).title, goal: goalOf(id), ratios: [] as number[] },
    ...{ own: { amount: 0, seconds: 0 }, theirs: { amount: 0, seconds: 0 } },
  }));

  for (const { id } of measured) {
    const requests = caseOf(id).requests(PLACE);
    for (const { url, authorization } of [caseOf(id).durable ? writing : reading, anchor]) {
      await load.run({ url, authorization, requests, amount: WARM_UP[id] ?? 0 });
    }
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { id, ratios, own, theirs } of measured) {
      const mine: Turn = [emulator, caseOf(id).durable ? writing : reading, own];
      const other: Turn = [express, anchor, theirs];
      const rates = new Map<Turn, number>();
      // By turns, each is the first.
      for (const turn of round % 2 === 0 ? [mine, other] : [other, mine]) {
        const [contender, server, work] = turn;
        const { requestsPerSecond, processor } = await measure(load, caseOf(id), contender, server, SECONDS, 0);
        rates.set(turn, requestsPerSecond);
        const amount = requestsPerSecond * SECONDS;
        work.amount += amount;
        work.seconds += (amount * (processor ?? Number.NaN)) / 1e6;
      }
      ratios.push((rates.get(mine) ?? Number.NaN) / (rates.get(other) ?? Number.NaN));
    }
    const last = measured.map(({ ratios }) => hundredths(ratios.at(-1))).join(', ');
    say(`round ${round + 1} of ${ROUNDS}: ${last}`);
  }
  for (const server of [reading, writing, anchor]) await server.stop();
  return measured.map(({ own, theirs, ...line }) => ({ ...line, byProcessor: cheaper(own, theirs) }));
}

/** A server's turn, and the sum of what it has done. */
type Turn = [Contender, Server, { amount: number; seconds: number }];

/** @throws Error for a case without a goal */
function goalOf(id: CaseId): Goal {
  const { title, besideExpress } = caseOf(id);
  if (!besideExpress) throw new Error(`${title} has no goal`);
  return besideExpress;
}

async function starting(): Promise<BudgetLine> {
  const ratios: number[] = [];
  let [own, theirs] = [0, 0];
  // The first turn fills the file cache of the operating system.
  for (let turn = 0; turn <= STARTS; turn++) {
    const [mine, other] = [await started([OWN_BUILD, ...startArgs('demo')]), await started([anchorScript('express')])];
    if (turn === 0) continue;
    ratios.push(mine.readyAfter / other.readyAfter);
    own += mine.processor;
    theirs += other.processor;
  }
  return { what: 'start to first 200, demo world', ratios, byProcessor: own / theirs, goal: START_GOAL };
}

/** Starts a server and ends it. @returns milliseconds, and seconds of processor time */
async function started(args: readonly string[]): Promise<{ readyAfter: number; processor: number }> {
  const server = await startServer(args);
  const processor = server.processorTime() ?? Number.NaN;
  await server.stop();
  return { readyAfter: server.readyAfter, processor };
}

run(3, budget);

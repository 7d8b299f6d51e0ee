import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, CaseId } from './cases.ts';
import type { Contender } from './contenders.ts';
import type { LoadMaker } from './load.ts';
import { say } from './scaffold.ts';
import type { Server } from './servers.ts';

/** One measurement of a case on a server. */
export interface Sample {
  readonly case: CaseId;
  readonly server: string;
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the server for one request, in µs: steadier than throughput on a machine that others use. */
  readonly processor?: number;
  /** The share of a core that the load took. */
  readonly effort: number;
}

/** Why a server has no measurement of a case. */
export interface Gap {
  readonly case: CaseId;
  readonly server: string;
  readonly reason: string;
}

export interface Rounds {
  readonly samples: readonly Sample[];
  readonly gaps: readonly Gap[];
}

const WARM_UP_SECONDS = 0.7;

/** Measures every case on every server, in turns, several times over. */
export async function measureRounds(
  load: LoadMaker,
  contenders: readonly Contender[],
  cases: readonly Case[],
  plan: { readonly rounds: number; readonly seconds: number; readonly folder: string },
): Promise<Rounds> {
  const samples: Sample[] = [];
  const gaps = gapsOf(contenders, cases);
  const lasting = new Map<Contender, Server>();
  const lastingOf = async (one: Contender) => {
    const server = lasting.get(one) ?? (await one.start());
    lasting.set(one, server);
    return server;
  };

  const turn = async (round: number, wanted: Case, one: Contender) => {
    const id = one.kind === 'anchor' ? (wanted.anchorsOf ?? wanted.id) : wanted.id;
    // A PUT to a peer leaves less of a cluster than there was, which would make its lists shorter.
    const fresh = (wanted.grows || one.kind === 'peer') && one.keeps !== 'nothing';
    const file = wanted.durable && one.kind === 'emulator' ? join(plan.folder, `${round}.sqlite`) : undefined;
    let server: Server | undefined;
    try {
      server = fresh ? await one.start(file) : await lastingOf(one);
      const sample = { case: id, server: one.name, ...(await measure(load, wanted, one, server, plan.seconds)) };
      samples.push(sample);
      say(
        `round ${round + 1} of ${plan.rounds}: ${wanted.title}: ${one.name} ${Math.round(sample.requestsPerSecond)}/s`,
      );
    } catch (error) {
      // That a peer cannot do something is a finding; of the others it is a bug.
      if (one.kind !== 'peer') throw error;
      gaps.push({ case: id, server: one.name, reason: (error as Error).message.split('\n')[0] ?? '' });
    } finally {
      if (fresh) await server?.stop();
      for (const ending of file ? ['', '-wal', '-shm'] : []) rmSync(file + ending, { force: true });
    }
  };

  for (let round = 0; round < plan.rounds; round++) {
    for (const wanted of cases) {
      const there = contenders.filter(({ name, kind }) => {
        if (kind === 'anchor' && cases.some(({ id }) => id === wanted.anchorsOf)) return false;
        return !gaps.some((gap) => gap.server === name && gap.case === wanted.id);
      });
      // Another one begins in each round, so that none has always the same one before it.
      const first = round % there.length;
      for (const one of [...there.slice(first), ...there.slice(0, first)]) await turn(round, wanted, one);
    }
  }
  for (const server of lasting.values()) await server.stop();
  return { samples, gaps };
}

function gapsOf(contenders: readonly Contender[], cases: readonly Case[]): Gap[] {
  return contenders.flatMap(({ name, cannot }) =>
    cases.flatMap(({ id }) => {
      const reason = cannot[id];
      return reason === undefined ? [] : [{ case: id, server: name, reason }];
    }),
  );
}

/** Warms a server up, then measures it. */
export async function measure(
  load: LoadMaker,
  wanted: Case,
  { place }: Contender,
  server: Server,
  seconds: number,
  warmUp = WARM_UP_SECONDS,
): Promise<Omit<Sample, 'case' | 'server'>> {
  const { url, authorization } = server;
  const job = { url, authorization, requests: wanted.requests(place) };
  if (warmUp > 0) await load.run({ ...job, seconds: warmUp });
  const before = server.processorTime();
  const made = await load.run({ ...job, seconds });
  const after = server.processorTime();
  const used = before === undefined || after === undefined ? undefined : after - before;
  return {
    requestsPerSecond: made.requests / made.seconds,
    p50: made.p50,
    p99: made.p99,
    processor: used === undefined ? undefined : (used * 1e6) / made.requests,
    effort: made.effort,
  };
}

import type { Request, Response } from 'express';
import { effectsOf } from '../faults/faults.ts';
import type { ContractViolation } from '../journal/entry.ts';
import { type Context, type Exchange, orgOf } from './context.ts';
import { bytesOf } from './json.ts';

interface Outcome {
  /** Null where the client is left without an answer. */
  readonly status: number | null;
  readonly headers?: Record<string, string | number>;
  readonly payload?: string | Uint8Array;
  readonly tokens?: readonly string[];
}

/** One for all that have none. */
const NONE: readonly never[] = [];

/** Writes into the journal what arrived and what came of it; once for each request, and not of the emulator's own API. */
export function record(context: Context, req: Request, res: Response, outcome: Outcome): void {
  const exchange = res.locals as Exchange;
  const { api, route, caller, strike, violations } = exchange;
  if (!api?.emulated || exchange.recorded) return;
  // What was under way when everything was put back belongs neither here nor there.
  if (exchange.state !== context.stateGeneration()) return;
  exchange.recorded = true;
  const { journal, redaction } = context;
  if (journal.idle) return;
  const { status, headers = {}, payload, tokens = [] } = outcome;
  const known = caller && caller.kind !== 'nobody' ? caller : undefined;
  const withoutSecrets = (one: ContractViolation): ContractViolation => {
    return { ...one, path: redaction.path(one.path), message: redaction.path(one.message) };
  };
  journal.record({
    arrived: exchange.arrived,
    really_arrived: exchange.really_arrived,
    duration_ms: Math.round(exchange.elapsed() * 1000) / 1000,
    protocol: 'encrypted' in req.socket ? 'https' : 'http',
    address: req.socket.remoteAddress ?? '',
    api: api.name,
    method: req.method,
    path: redaction.path(req.path),
    query: redaction.query(exchange.search),
    route: route?.id ?? null,
    nearest: exchange.nearest === undefined ? null : redaction.path(exchange.nearest),
    implemented: route?.handle !== undefined || route === undefined,
    org: orgOf(exchange) ?? null,
    caller: known ?? null,
    status,
    tokens: tokens.length > 0 ? tokens : NONE,
    fault: strike ? { rule: strike.rule, effects: effectsOf(strike.effect) } : null,
    violations: violations.length > 0 ? violations.map(withoutSecrets) : NONE,
    request: redaction.request(req.headers, bytesOf(req.body), route?.secrets),
    response: status === null ? null : redaction.reply(headers, payload),
  });
}

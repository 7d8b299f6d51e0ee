import { matches, type Sighting } from '../contract/pattern.ts';
import type { Chance } from '../kernel/chance.ts';
import { type Clock, momentOf } from '../kernel/clock.ts';
import { durationOf } from '../kernel/duration.ts';
import type { Effect, FaultRule, StandingFault } from './rule.ts';

/** What strikes a request. */
export interface Strike {
  /** The name of the rule. */
  readonly rule: string;
  readonly effect: Effect;
  /** Milliseconds to wait. */
  readonly delay: number;
  /** Decides the order of a list; a large number. */
  readonly order: number;
}

/** Each request is held to all of them. */
const MOST_FAULTS = 1000;

/** How long one may be, as JSON; and all of them, which snapshots keep, and lists show. In characters. */
const LONGEST_FAULT = 64 * 1024;
const LONGEST_TOGETHER = 8 * 1024 * 1024;

/** Thrown for one more. */
export class TooManyFaults extends Error {}

/** Thrown for a rule that is too long by itself. */
export class FaultTooLong extends Error {
  override readonly message = `A fault is longer than ${LONGEST_FAULT} characters of JSON`;
}

/** The rules in force. The first that picks a request out, and is not kept from it by chance or count, strikes. */
export interface Faults {
  /** @throws NameTaken, TooManyFaults, FaultTooLong */
  add(rule: FaultRule): StandingFault;
  /** Puts a rule in the place of the one of this name, counting anew; adds it where there is none. @throws TooManyFaults, FaultTooLong */
  put(name: string, rule: FaultRule): StandingFault;
  get(name: string): StandingFault | undefined;
  list(): StandingFault[];
  /** @returns whether there was one of that name */
  remove(name: string): boolean;
  clear(): void;
  /** What strikes this request, if anything does. Each call counts. */
  strike(request: Sighting): Strike | undefined;
  save(): unknown;
  restore(saved: never): void;
}

/** Thrown for a second rule of one name. */
export class NameTaken extends Error {}

interface Saved {
  readonly rules: StandingFault[];
  readonly made: number;
}

/** @param chance decides what is left to it: the same draws, the same strikes */
export function createFaults({ clock, chance }: { clock: Clock; chance: Chance }): Faults {
  let rules: StandingFault[] = [];
  let made = 0;

  const standing = (name: string, rule: FaultRule): StandingFault => {
    return { ...rule, name, created_at: clock.timestamp(), seen: 0, hits: 0 };
  };
  const isTaken = (name: string) => rules.some((rule) => rule.name === name);
  const freshName = (): string => {
    made++;
    return isTaken(`fault-${made}`) ? freshName() : `fault-${made}`;
  };
  const makeRoom = (rule: FaultRule, inPlaceOf?: FaultRule) => {
    const length = lengthOf(rule);
    if (length > LONGEST_FAULT) throw new FaultTooLong();
    const others = rules.reduce((sum, one) => sum + (one === inPlaceOf ? 0 : lengthOf(one)), 0);
    if (length + others <= LONGEST_TOGETHER) return;
    throw new TooManyFaults(`All faults together are longer than ${LONGEST_TOGETHER} characters of JSON; remove some`);
  };
  const add = (rule: FaultRule): StandingFault => {
    const name = rule.name ?? freshName();
    if (isTaken(name)) throw new NameTaken(`there is a fault named ${name} already`);
    if (rules.length >= MOST_FAULTS) {
      throw new TooManyFaults(`There are ${MOST_FAULTS} faults, and can be no more; remove some`);
    }
    makeRoom(rule);
    const added = standing(name, rule);
    rules = [...rules, added];
    return added;
  };

  return {
    add,
    put(name, rule) {
      const index = rules.findIndex((one) => one.name === name);
      if (index < 0) return add({ ...rule, name });
      makeRoom(rule, rules[index]);
      const anew = standing(name, rule);
      rules = rules.with(index, anew);
      return anew;
    },
    get: (name) => rules.find((rule) => rule.name === name),
    list: () => rules,
    remove(name) {
      const there = isTaken(name);
      rules = rules.filter((rule) => rule.name !== name);
      return there;
    },
    clear() {
      rules = [];
    },
    strike(request) {
      if (rules.length === 0) return undefined;
      // Another list, since what `save` has told stays as it is.
      const before = rules;
      const after = [...rules];
      rules = after;
      for (const [index, rule] of before.entries()) {
        if (!isOpen(rule, clock.now()) || !matches(rule.when ?? {}, request)) continue;
        const seen = rule.seen + 1;
        const due = seen > (rule.skip ?? 0) && rule.hits < (rule.times ?? Number.POSITIVE_INFINITY);
        const strikes = due && (rule.probability === undefined || chance.fraction() < rule.probability);
        after[index] = { ...rule, seen, hits: rule.hits + (strikes ? 1 : 0) };
        if (strikes) return strikeOf(rule, chance);
      }
      return undefined;
    },
    save: (): Saved => ({ rules, made }),
    restore(saved) {
      ({ rules, made } = saved as Saved);
    },
  };
}

const lengthOf = (rule: FaultRule): number => JSON.stringify(rule).length;

/** Whether the time of a rule has come, and is not over. */
function isOpen({ window, created_at }: StandingFault, now: number): boolean {
  if (!window) return true;
  const opens = momentOf(created_at) + millisecondsOf(window.after);
  // One that is to begin at once has begun, also where the clock goes back.
  const begun = window.after === undefined || now >= opens;
  return begun && (window.for === undefined || now < opens + millisecondsOf(window.for));
}

function strikeOf({ name, effect }: StandingFault, chance: Chance): Strike {
  const jitter = millisecondsOf(effect.jitter);
  return {
    rule: name,
    effect,
    delay: millisecondsOf(effect.latency) + (jitter > 0 ? Math.floor(chance.fraction() * (jitter + 1)) : 0),
    order: effect.shuffled ? 2 ** 31 + Math.floor(chance.fraction() * 2 ** 31) : 0,
  };
}

/** Schemas have seen to it that the text is a duration. */
const millisecondsOf = (text = '0s'): number => durationOf(text) ?? 0;

/** The names of what a rule does, for the journal. */
export function effectsOf(effect: Effect): string[] {
  const { latency, jitter, status, connection, reply, after_commit, rows, shuffled } = effect;
  return [
    latency !== undefined || jitter !== undefined ? 'latency' : '',
    rows !== undefined ? 'rows' : '',
    shuffled ? 'shuffled' : '',
    status !== undefined ? `status ${status}` : '',
    connection ?? '',
    reply ?? '',
    after_commit ? 'after commit' : '',
  ].filter((name) => name !== '');
}

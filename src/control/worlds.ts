import type { Facts } from '../contract/collection.ts';
import type { Method } from '../contract/route.ts';
import { exactMomentOf } from '../kernel/clock.ts';

/** A named starting state: a script of requests, and documents for what no request can say. */
export interface WorldDefinition {
  readonly description: string;
  readonly source?: string;
  readonly extends?: string;
  readonly orgs: readonly { readonly id: number; readonly name: string }[];
  readonly steps: readonly (CallStep | DocumentStep)[];
  readonly next_ids?: ReservedIds;
  /** How far integer ids have come, by the href of their list; as text where a number would not be exact. */
  readonly sequences?: Readonly<Record<string, number | string>>;
  /** Where the clock stood, for a world in which it did not run. */
  readonly frozen_at?: string;
  /** By how many milliseconds the clock was ahead of the machine's, for a world in which it ran. */
  readonly ahead_ms?: number;
}

type ReservedIds = Readonly<Record<string, readonly string[]>>;

interface CallStep {
  readonly call: string;
  readonly body?: unknown;
  readonly at?: string;
  readonly ids?: ReservedIds;
}

export interface DocumentStep {
  readonly document: string;
  readonly collection: string;
  /** The href of what it belongs to; empty for an organisation. */
  readonly parent: string;
  readonly value: unknown;
  /** What the emulator knows of it that no reply shows. */
  readonly facts?: Facts;
}

/** What making a world needs from the emulator. Each throws an error that says why something cannot be. */
export interface WorldMaker {
  createOrg(id: number, name: string): void;
  reserve(collection: string, ids: readonly string[]): void;
  /** Makes a request as the organisation's owner, at a moment. @throws Problem */
  call(method: Method, path: string, body: unknown, at?: number): void;
  put(step: DocumentStep): void;
  countFrom(sequence: string, last: number | string): void;
}

/**
 * Makes a world through the emulator's own front door, so that it can hold nothing that the API would refuse.
 * @throws Error that names the part of the world which cannot be made, and says why
 */
export function makeWorld(world: WorldDefinition, maker: WorldMaker): void {
  for (const { id, name } of world.orgs) maker.createOrg(id, name);
  for (const step of world.steps) {
    if ('call' in step) naming(`${step.call} is refused`, () => call(step, maker));
    else naming(`${step.document} cannot be`, () => maker.put(step));
  }
  for (const [sequence, last] of Object.entries(world.sequences ?? {})) {
    naming(`the sequence ${sequence}`, () => maker.countFrom(sequence, last));
  }
  naming('next_ids', () => reserve(world.next_ids, maker));
}

function call({ call, body, at, ids }: CallStep, maker: WorldMaker): void {
  reserve(ids, maker);
  const [method, path] = call.split(' ') as [Method, string];
  maker.call(method, path, body, at === undefined ? undefined : momentIn('at', at));
}

function reserve(ids: ReservedIds = {}, maker: WorldMaker): void {
  for (const [collection, list] of Object.entries(ids)) maker.reserve(collection, list);
}

/**
 * A moment that a world names.
 * @param what the key that it stands under
 * @throws Error when it is none
 */
export function momentIn(what: string, text: string): number {
  const moment = exactMomentOf(text);
  if (moment !== undefined) return moment;
  throw new Error(`${what} takes a moment from 1970 to 9999 such as 2026-03-01T09:00:00Z, not ${text}`);
}

function naming(part: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw new Error(`${part}: ${(error as Error).message}`);
  }
}

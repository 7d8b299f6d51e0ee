import type { Facts } from '../contract/collection.ts';
import type { Method } from '../contract/route.ts';
import { momentOf } from '../kernel/clock.ts';

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

/** What making a world needs from the emulator. */
export interface WorldMaker {
  createOrg(id: number, name: string): void;
  reserve(collection: string, ids: readonly string[]): void;
  /** Makes a request as the organisation's owner, at a moment. @throws Problem */
  call(method: Method, path: string, body: unknown, at?: number): void;
  put(step: DocumentStep): void;
  countFrom(sequence: string, last: number | string): void;
}

/** Makes a world through the emulator's own front door, so that it can hold nothing that the API would refuse. */
export function makeWorld(world: WorldDefinition, maker: WorldMaker): void {
  const reserve = (ids: ReservedIds = {}) => {
    for (const [collection, list] of Object.entries(ids)) maker.reserve(collection, list);
  };
  for (const { id, name } of world.orgs) maker.createOrg(id, name);
  for (const step of world.steps) {
    if ('call' in step) {
      reserve(step.ids);
      const [method, path] = step.call.split(' ') as [Method, string];
      maker.call(method, path, step.body, step.at === undefined ? undefined : momentOf(step.at));
    } else {
      maker.put(step);
    }
  }
  for (const [sequence, last] of Object.entries(world.sequences ?? {})) maker.countFrom(sequence, last);
  reserve(world.next_ids);
}

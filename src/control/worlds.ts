import type { Document } from '../contract/collection.ts';
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
}

type ReservedIds = Readonly<Record<string, readonly string[]>>;

interface CallStep {
  readonly call: string;
  readonly body?: unknown;
  readonly at?: string;
  readonly ids?: ReservedIds;
}

interface DocumentStep {
  readonly document: string;
  readonly collection: string;
  readonly parent: string;
  readonly value: Document;
}

/** What making a world needs from the emulator. */
export interface WorldMaker {
  createOrg(id: number, name: string): void;
  reserve(collection: string, ids: readonly string[]): void;
  /** Makes a request as the organisation's owner, at a moment. @throws Problem */
  call(method: Method, path: string, body: unknown, at?: number): void;
  put(collection: string, parent: string, href: string, value: Document): void;
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
      maker.put(step.collection, step.parent, step.document, step.value);
    }
  }
  reserve(world.next_ids);
}

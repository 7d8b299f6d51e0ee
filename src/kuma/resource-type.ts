import type { Document } from '../contract/collection.ts';
import type { Has } from '../contract/cut.ts';

/** What a resource says beside its type, mesh and name: its protobuf message, as JSON shows it. */
export type Spec = Document;

/** What is wrong with a field, as the `causes` of an error tell it. */
export interface Cause {
  /** `networking.inbound[0].port` */
  readonly field: string;
  readonly message: string;
}

/** One type of resource: data, and pure functions. */
export interface ResourceType {
  /** `Dataplane` */
  readonly name: string;
  /** Its segment in paths: `dataplanes`. */
  readonly collection: string;
  /** Schema reference of a resource as it is shown; the protobuf message is what it says beside type, mesh, name and times. */
  readonly schema: string;
  /** The named difference between releases that brings it; absent: there from the first. */
  readonly feature?: string;
  /** What the server adds before it looks at what came; absent: nothing. @throws Unreadable */
  completed?(spec: Spec, has: Has): Spec;
  /** What is wrong, in the order in which the original tells it; absent: nothing ever is. */
  faults?(spec: Spec, has: Has): Cause[];
  /** Where that finds nothing: what is wrong with the change of one that is there, or with a new one (before: undefined). */
  faultsOfChange?(before: Spec | undefined, after: Spec, has: Has): Cause[];
}

/** What the original cannot read although it is a message. Its API answers 500. */
export class Unreadable extends Error {}

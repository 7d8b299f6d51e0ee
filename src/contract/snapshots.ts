/** Something beside the documents that a copy of everything includes: the clock, say. */
export interface Stateful {
  /** What `restore` needs, as a value that JSON can hold. */
  save(): unknown;
  restore(saved: never): void;
}

export interface Snapshot {
  readonly name: string;
  /** How many documents are in it. */
  readonly documents: number;
}

/** Copies of everything by name, for as long as the emulator runs. Each call belongs to a transaction. */
export interface Snapshots {
  /** Keeps a copy of everything as it is now; one of that name is replaced. @throws StoreTooLarge */
  take(name: string): Snapshot;
  /** Puts everything back as it was. @returns what was put back, if there is a snapshot of that name */
  restore(name: string): Snapshot | undefined;
  /** @returns whether there was a snapshot of that name */
  drop(name: string): boolean;
  list(): Snapshot[];
}

/** Thrown where a copy would take more memory than copies may. */
export class StoreTooLarge extends Error {}

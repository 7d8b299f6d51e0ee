import type { CaseId, Place } from './cases.ts';
import { PLACE } from './cases.ts';
import { anchorScript } from './scaffold.ts';
import { type Server, startServer } from './servers.ts';

export const EXPRESS = 'Express';
export const NODE = 'node:http';
export const EMULATOR = 'emulator';

/** What is measured side by side. */
export interface Contender {
  readonly name: string;
  readonly kind: 'emulator' | 'anchor' | 'peer';
  readonly place: Place;
  /** Where it keeps what it is told: what keeps nothing need not start anew. */
  readonly keeps: 'nothing' | 'memory' | 'file' | 'memory or file';
  /** The cases that it cannot do, and why. */
  readonly cannot: Partial<Record<CaseId, string>>;
  /** Starts it with the 500 clusters. @param file where to keep them, for one that can */
  start(file?: string): Promise<Server>;
}

/** An emulator's build by the name it has in the report. */
export interface Build {
  readonly name: string;
  readonly cli: string;
}

export const startArgs = (world: string): string[] => ['start', '--port', '0', '--json', '--world', world];

/** @param world the file of the world with 500 clusters */
export function emulatorOf({ name, cli }: Build, world: string): Contender {
  return {
    name,
    kind: 'emulator',
    place: PLACE,
    keeps: 'memory or file',
    cannot: {},
    start: (file) => startServer([cli, ...startArgs(world), ...(file === undefined ? [] : ['--db', file])]),
  };
}

/** @param payload a file with what it answers */
export function anchorsOf(payload: string): Contender[] {
  const anchor = (name: string, script: string): Contender => ({
    name,
    kind: 'anchor',
    place: PLACE,
    keeps: 'nothing',
    cannot: {},
    start: () => startServer([script, payload]),
  });
  return [anchor(NODE, anchorScript('node')), anchor(EXPRESS, anchorScript('express'))];
}

import { caseOf } from './cases.ts';
import type { Contender } from './contenders.ts';
import type { LoadMaker } from './load.ts';
import { pause, say } from './scaffold.ts';

/** What a server with the 500 clusters holds, in MB. */
export interface Footprint {
  readonly server: string;
  readonly idle?: number;
  /** After the requests. */
  readonly loaded?: number;
  readonly requests: number;
}

/** Starts one server after the other and has each answer the same number of GETs of one cluster. */
export async function measureFootprints(
  load: LoadMaker,
  contenders: readonly Contender[],
  { requests, settle }: { readonly requests: number; readonly settle: number },
): Promise<Footprint[]> {
  const footprints: Footprint[] = [];
  for (const { name, place, start } of contenders) {
    say(`memory: ${name}`);
    const server = await start();
    await pause(settle);
    const idle = server.memory();
    const { url, authorization } = server;
    await load.run({ url, authorization, requests: caseOf('one').requests(place), amount: requests });
    footprints.push({ server: name, idle, loaded: server.memory(), requests });
    await server.stop();
  }
  return footprints;
}

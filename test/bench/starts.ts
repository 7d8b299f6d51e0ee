import { type Build, type Contender, EXPRESS, NODE, startArgs } from './contenders.ts';
import { anchorScript, pause, say } from './scaffold.ts';
import { type Server, startServer } from './servers.ts';

/** From the spawn of a server to its first 200. */
export interface Start {
  readonly server: string;
  readonly milliseconds: number;
  /** MB after the first 200. */
  readonly memory?: number;
}

/** The names under which servers stand in the report, with what they start with. */
export const withWorld = (build: string, world: string): string => `${build}, ${world} world`;
export const of500 = (server: string): string => `${server}, 500 clusters`;

/**
 * Starts one server after the other, again and again.
 * @param peers start with the 500 clusters, so the emulators do once more as well
 */
export async function measureStarts(
  builds: readonly Build[],
  emulators: readonly Contender[],
  peers: readonly Contender[],
  plan: { readonly starts: number; readonly settle: number },
): Promise<Start[]> {
  const full = ({ name, start }: Contender): [string, () => Promise<Server>] => [of500(name), () => start()];
  const contenders: [string, () => Promise<Server>][] = [
    [NODE, () => startServer([anchorScript('node')])],
    [EXPRESS, () => startServer([anchorScript('express')])],
    ...builds.flatMap(({ name, cli }) =>
      ['empty', 'demo'].map((world): [string, () => Promise<Server>] => [
        withWorld(name, world),
        () => startServer([cli, ...startArgs(world)]),
      ]),
    ),
    ...[...emulators, ...peers].map(full),
  ];
  const starts: Start[] = [];
  // The first turn fills the file cache of the operating system.
  for (let turn = 0; turn <= plan.starts; turn++) {
    say(`start to first 200: ${turn} of ${plan.starts}`);
    for (const [server, start] of contenders) {
      const running = await start();
      await pause(plan.settle);
      const memory = running.memory();
      await running.stop();
      if (turn > 0) starts.push({ server, milliseconds: running.readyAfter, memory });
    }
  }
  return starts;
}

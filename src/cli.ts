#!/usr/bin/env node
import { Misuse, print } from './commands/arguments.ts';
import { exec } from './commands/exec.ts';
import { HELP } from './commands/help.ts';
import { NotReady, ready } from './commands/ready.ts';
import { reset } from './commands/reset.ts';
import { routes } from './commands/routes.ts';
import { NotDone } from './commands/running.ts';
import { SimulationFailed, simulate } from './commands/simulate.ts';
import { start } from './commands/start.ts';
import { world } from './commands/world.ts';
import { emulatorVersion, UnusableFile, UnusableOption } from './emulator.ts';

const COMMANDS: ReadonlyMap<string, (args: string[]) => void | Promise<void>> = new Map([
  ['start', start],
  ['exec', exec],
  ['ready', ready],
  ['reset', reset],
  ['world', world],
  ['routes', routes],
  ['simulate', simulate],
]);

async function main(args: string[]): Promise<void> {
  // What comes after -- is for the command that exec runs.
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  if (own.includes('--help') || own.includes('-h') || own[0] === 'help') return print(HELP);
  if (own.includes('--version')) return print(`${emulatorVersion}\n`);
  const [first = 'start'] = args;
  const command = first.startsWith('-') ? 'start' : first;
  const rest = command === first ? args.slice(1) : args;
  const run = COMMANDS.get(command);
  if (run) return run(rest);
  const names = [...COMMANDS.keys()];
  throw new Misuse(
    `there is no command ${command}; the commands are ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`,
  );
}

/** What a person can mend: told in one line. */
const EXPECTED = [UnusableFile, UnusableOption, NotReady, NotDone, SimulationFailed];

/** One line, whatever went wrong that a person can mend; a stack for what only we can. */
function fail(error: unknown): never {
  const {
    message,
    code,
    syscall,
    port,
    address,
    chosenBy = 'port',
  } = error as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
    chosenBy?: string;
  };
  const say = (text: string) => process.stderr.write(`pce-emulator: ${text}\n`);
  if (error instanceof Misuse) {
    say(`${message} (see pce-emulator --help)`);
    process.exit(2);
  }
  if (code === 'EADDRINUSE')
    say(`port ${port} of ${address} is in use; choose another with --${chosenBy}, or --${chosenBy} 0 for a free one`);
  else if (syscall === 'listen' || syscall === 'getaddrinfo') say(`cannot listen: ${message}`);
  else if (EXPECTED.some((kind) => error instanceof kind)) say(message);
  else say(error instanceof Error ? (error.stack ?? message) : String(error));
  process.exit(1);
}

// Whoever reads the output may leave: that is no reason to stop serving.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exit(1);
  });
}

main(process.argv.slice(2)).catch(fail);

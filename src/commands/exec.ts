import { writeFileSync } from 'node:fs';
import { type Emulator, startEmulator, UnusableOption } from '../emulator.ts';
import { Misuse, note, type Values } from './arguments.ts';
import { type Ended, endedBy, runCommand } from './child.ts';
import { contractText } from './contract-text.ts';
import { handOver, reserveEnvFile, type Variables, writeEnvFile } from './hand-over.ts';
import { onInterruption } from './interruption.ts';
import { junitOf } from './junit.ts';
import { createWatch, kindsOf } from './offences.ts';
import { holdsAnother, refuseSharedFiles } from './own-files.ts';
import { emulatorOptions, envFileOf, readBoth, STARTING } from './starting.ts';

const EXEC = { ...STARTING, report: { type: 'string' }, 'fail-on': { type: 'string' } } as const;

/**
 * `pce-emulator exec`: runs a command beside an emulator of its own. The exit code is the command's; 1 when it
 * succeeded and has sent what the contract does not provide for.
 * @throws Misuse, UnusableOption, UnusableFile
 */
export async function exec(args: string[]): Promise<void> {
  const end = args.indexOf('--');
  const command = end < 0 ? [] : args.slice(end + 1);
  if (!command[0]) {
    throw new Misuse('exec takes the command to run after --: pce-emulator exec --world empty -- npm test');
  }
  const given = readBoth(args.slice(0, end), EXEC);
  const failing = kindsOf(given['fail-on']);
  const options = emulatorOptions(given, '0');
  const file = envFileOf(given);
  refuseSharedFiles({ db: given.db, 'write-env': file, report: given.report });
  // The report of an earlier run is not to be taken for this one's, however it ends.
  if (given.report !== undefined) writeReport(given.report, '');
  if (file !== undefined) reserveEnvFile(file);
  const watch = createWatch();
  // Whoever asks for the end while it starts gets it in good order.
  let asked: NodeJS.Signals | undefined;
  onInterruption((signal) => {
    asked ??= signal;
  });
  const emulator = await startEmulator(options);
  // A signal is heard once the event loop has come round.
  for (let turn = 0; turn < 2; turn++) await new Promise((heard) => setImmediate(heard));
  const stop = emulator.requests.follow(watch.see);
  const { code, failure } = await beside(emulator, given, (variables) =>
    asked ? Promise.resolve(endedBy(asked)) : runCommand(command, variables),
  );
  stop();
  if (failure !== undefined) note(failure);
  else for (const line of contractText(watch, failing)) note(line);
  if (given.hostile) note(`--hostile --seed ${emulator.seed} brings the same faults again`);
  const broken = watch.offences().some(({ kind }) => failing.some((one) => one === kind));
  const reported = given.report === undefined || isWritten(given.report, junitOf(watch, failing));
  process.exitCode = code === 0 && (broken || !reported) ? 1 : code;
}

/** Runs the command while the emulator does, and ends both. */
async function beside(
  emulator: Emulator,
  given: Values<typeof EXEC>,
  run: (variables: Variables) => Promise<Ended>,
): Promise<Ended> {
  try {
    const variables = handOver(emulator);
    const file = envFileOf(given);
    const remove = file === undefined ? undefined : writeEnvFile(file, variables);
    try {
      return await run(variables);
    } finally {
      remove?.();
    }
  } finally {
    await emulator.close();
  }
}

/** @throws UnusableOption where it cannot be written, or something else is there */
function writeReport(file: string, text: string): void {
  if (holdsAnother(file, (there) => /^\s*<(\?xml|testsuites)/.test(there))) {
    throw new UnusableOption(`${file} is no report; name another file with --report`);
  }
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UnusableOption(`the report cannot be written: ${(error as Error).message}`);
  }
}

/** The same after the command, whose exit code is not to be lost over it. */
function isWritten(file: string, report: string): boolean {
  try {
    writeReport(file, report);
    return true;
  } catch (error) {
    note((error as Error).message);
    return false;
  }
}

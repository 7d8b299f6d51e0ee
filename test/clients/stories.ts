import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator.ts';
import type { Json } from '../support/emulator.ts';
import { run } from './programs.ts';
import type { Recording } from './recording.ts';

/** A program that drives a client and tells each of its steps as one line of JSON. */
interface Story {
  /** Its name, for those who look for it when it fails. */
  readonly name: string;
  readonly options: EmulatorOptions;
  readonly recording: Recording;
  /** The program to run, with its arguments. */
  command(emulator: Emulator): readonly [program: string, args: readonly string[]];
}

/** Runs a story once before the tests of a block; `step` then gives what a step told. */
export function useStory({ name, options, recording, command }: Story) {
  const told = new Map<string, Json>();
  const logged: string[] = [];
  let emulator: Emulator | undefined;
  let end = '';

  beforeAll(async () => {
    emulator = await startEmulator({ ...options, checkReplies: true, log: (message) => void logged.push(message) });
    recording.watch(emulator);
    const { status, stdout, stderr } = await run(...command(emulator));
    for (const line of stdout.split('\n').filter((text) => text !== '')) {
      const { step, facts, failed } = JSON.parse(line);
      told.set(step, facts);
      if (failed !== undefined) end = `step "${step}" failed with ${failed}`;
    }
    if (status !== 0) end ||= `it ended with ${status}: ${stderr}`;
  }, 120_000);

  afterAll(async () => {
    await emulator?.close();
  });

  it('goes well to its end, without a bug on the other side', () => {
    expect([end, logged]).toEqual(['', []]);
  });

  return {
    /** What a step told. */
    step(title: string): Json {
      const facts = told.get(title);
      if (facts === undefined)
        throw new Error(`${name} did not get through "${title}": ${end || 'it has no such step'}`);
      return facts;
    },
    get emulator() {
      return emulator;
    },
  };
}

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Json, ROOT } from '../support/emulator.ts';

export const CLI = join(ROOT, 'dist', 'cli.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** What it has written until now, to standard output and standard error. */
  out(): string;
}

/** Runs the command to its end. */
export const run = (args: string[], env: NodeJS.ProcessEnv = {}, input?: string): Promise<Ended> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--', CLI, ...args],
      { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
    if (input !== undefined) child.stdin?.end(input);
  });

export const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', resolve));

/** A folder for each test, and processes that end with it. */
export function useCommand() {
  const children: ChildProcess[] = [];
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pce-emulator-cli-'));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  /** Sees to it that a process does not outlive its test. */
  const kept = <Child extends ChildProcess>(child: Child): Child => {
    children.push(child);
    return child;
  };
  /** Starts it and waits for its first line. */
  const start = async (args: string[], env: NodeJS.ProcessEnv = {}): Promise<Started> => {
    const child = kept(spawn(process.execPath, ['--', CLI, ...args], { env: { ...process.env, ...env } }));
    let out = '';
    child.stderr.on('data', (chunk) => {
      out += chunk;
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk) => {
        out += chunk;
        if (out.endsWith('\n')) resolve();
      });
      child.once('exit', () => reject(new Error(`it ended: ${out}`)));
    });
    return { child, out: () => out };
  };
  return {
    /** The path of a file in the folder of the test. */
    file: (...names: string[]) => join(folder, ...names),
    kept,
    start,
    async startJson(args: string[] = [], env: NodeJS.ProcessEnv = {}) {
      const { child, out } = await start(['start', '--port', '0', '--json', ...args], env);
      return { child, out, ready: JSON.parse(out()) as Json };
    },
  };
}

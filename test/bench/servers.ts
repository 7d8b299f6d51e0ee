import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createInterface } from 'node:readline';

/** A child process that serves HTTP on a port of 127.0.0.1. */
export interface Server {
  readonly url: string;
  /** The Authorization header that it wants; the anchors look at none. */
  readonly authorization: string;
  /** Milliseconds from the spawn to its first 200. */
  readonly readyAfter: number;
  /** Resident memory in MB; undefined where the system does not tell. */
  memory(): number | undefined;
  /** Seconds of processor time used so far; undefined where the system does not tell. */
  processorTime(): number | undefined;
  stop(): Promise<void>;
}

/** What every server prints when it listens; the emulator more of it. */
interface ReadyLine {
  readonly http_url: string;
  readonly api_key?: string;
  readonly api_secret?: string;
}

const PATIENCE_MS = 20_000;
const children = new Set<ChildProcess>();

/**
 * Starts `node ARGS` and waits for its first 200.
 * @throws Error when it ends or does not answer in time
 */
export async function startServer(args: readonly string[]): Promise<Server> {
  const before = performance.now();
  const child = adopt(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
  const line = await firstLine(child, args);
  const { http_url, api_key, api_secret } = JSON.parse(line) as ReadyLine;
  await firstReply(`${http_url}/_emulator/ready`);
  const readyAfter = performance.now() - before;
  return {
    url: http_url,
    authorization: `Basic ${Buffer.from(`${api_key}:${api_secret}`).toString('base64')}`,
    readyAfter,
    memory: () => residentMemory(child),
    processorTime: () => processorTime(child),
    stop: () => stop(child),
  };
}

/** Remembers a child of this process, so that it ends with it. */
export function adopt(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Ends every child that is still there: at once, for the end of this process. */
export function killChildren(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** Asks a child to end, and sees that it does. */
export async function stop(child: ChildProcess): Promise<void> {
  if (!children.has(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), 5000);
  await exited;
  clearTimeout(insist);
}

function firstLine(child: ChildProcess, args: readonly string[]): Promise<string> {
  const { stdout } = child;
  if (!stdout) throw new Error('a server without standard output');
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(`node ${args.join(' ')} ${reason}`));
    const timer = setTimeout(fail, PATIENCE_MS, 'is not ready in time');
    child.once('exit', (code, signal) => fail(`ended with ${code ?? signal} before it was ready`));
    createInterface(stdout).once('line', (line) => {
      clearTimeout(timer);
      resolve(line);
    });
  });
}

function firstReply(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: PATIENCE_MS }, (response) => {
      response.resume();
      if (response.statusCode === 200) response.once('end', resolve);
      else reject(new Error(`${url} answers ${response.statusCode}`));
    });
    request.once('error', reject);
  });
}

function residentMemory(child: ChildProcess): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(ofProcess(child, 'status') ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

/** Linux counts processor time in hundredths of a second, whatever the machine. */
const TICKS_PER_SECOND = 100;

function processorTime(child: ChildProcess): number | undefined {
  // The name in parentheses may hold anything; user and system time are the 12th and 13th field after it.
  const fields = ofProcess(child, 'stat')?.split(') ').at(-1)?.split(' ');
  return fields && (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function ofProcess({ pid }: ChildProcess, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { adopt, processorTime, residentMemory, stop } from './processes.ts';

/** A child process that serves HTTP on a port of 127.0.0.1. */
export interface Server {
  readonly url: string;
  /** The Authorization header that it wants; only the emulator looks at it. */
  readonly authorization: string;
  /** Milliseconds from the spawn to its first 200. */
  readonly readyAfter: number;
  /** Resident memory in MB, that of its own children too; undefined where the system does not tell. */
  memory(): number | undefined;
  /** Seconds of processor time used so far, that of its own children too; undefined where the system does not tell. */
  processorTime(): number | undefined;
  stop(): Promise<void>;
}

/** What the emulator and the anchors print when they listen; the emulator more of it. */
interface ReadyLine {
  readonly http_url: string;
  readonly api_key?: string;
  readonly api_secret?: string;
}

/** A large file takes its time. */
const PATIENCE_MS = 120_000;
const POLL_MS = 5;

/**
 * Starts `node ARGS`, which prints a line of JSON when it is ready, and waits for its first 200.
 * @throws Error when it ends or does not answer in time
 */
export async function startServer(args: readonly string[]): Promise<Server> {
  const before = performance.now();
  const child = adopt(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
  const { http_url, api_key, api_secret } = JSON.parse(await firstLine(child, args)) as ReadyLine;
  const status = await statusOf(`${http_url}/_emulator/ready`);
  if (status !== 200) throw new Error(`${http_url}/_emulator/ready answers ${status}`);
  const readyAfter = performance.now() - before;
  const authorization = `Basic ${Buffer.from(`${api_key}:${api_secret}`).toString('base64')}`;
  return serverOf(child, http_url, authorization, readyAfter);
}

/**
 * Starts a program of somebody else's, which tells nobody when it is ready, and asks it until its first 200.
 * @param args for Node, given the port that it is to listen on
 * @param path what it answers 200
 * @throws Error when it ends or does not answer in time
 */
export async function startQuietServer(args: (port: number) => readonly string[], path: string): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const before = performance.now();
  const child = adopt(spawn(process.execPath, args(port), { stdio: 'ignore' }));
  const patience = performance.now() + PATIENCE_MS;
  for (;;) {
    const status = await statusOf(url + path).catch(() => undefined);
    if (status === 200) return serverOf(child, url, 'Basic YTpi', performance.now() - before);
    const ended = child.exitCode ?? child.signalCode;
    if (ended !== null) throw new Error(`node ${args(port).join(' ')} ended with ${ended} before it was ready`);
    if (performance.now() > patience) throw new Error(`node ${args(port).join(' ')} is not ready in time (${status})`);
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

function serverOf(child: ChildProcess, url: string, authorization: string, readyAfter: number): Server {
  return {
    url,
    authorization,
    readyAfter,
    memory: () => residentMemory(child),
    processorTime: () => processorTime(child),
    stop: () => stop(child),
  };
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

function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: PATIENCE_MS }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode));
    });
    request.once('error', reject);
  });
}

/** A port that is free now, and most likely still is when it is taken. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

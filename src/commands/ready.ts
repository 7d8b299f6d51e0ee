import { request } from 'node:http';
import { print, read, timeOf } from './arguments.ts';
import { controlPlace, DEFAULT_URL } from './running.ts';

const READY = { wait: { type: 'string' }, url: { type: 'string' } } as const;

/** Nothing answered in time. */
export class NotReady extends Error {}

/** `pce-emulator ready`: waits until an emulator answers. @throws NotReady */
export async function ready(args: string[]): Promise<void> {
  const { wait = '0s', url = DEFAULT_URL } = read(args, READY);
  const asked = controlPlace(url, '/ready');
  const place = plain(asked);
  const until = performance.now() + timeOf(wait, 'wait');
  for (;;) {
    const reason = await whyNotReady(place, Math.max(1000, until - performance.now()));
    if (reason === undefined) return print(`ready: ${asked.origin}\n`);
    if (performance.now() >= until) throw new NotReady(`nothing is ready at ${asked.origin}: ${reason}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The port speaks plain HTTP too, which needs no certificate to be known; and nothing is told that is a secret. */
function plain(place: URL): URL {
  const port = place.port === '' && place.protocol === 'https:' ? ':443' : '';
  return new URL(`http://${place.host}${port}${place.pathname}`);
}

async function whyNotReady(place: URL, timeout: number): Promise<string | undefined> {
  try {
    // Node 20 takes whole milliseconds alone, and its timers no more than these.
    const signal = AbortSignal.timeout(Math.min(Math.ceil(timeout), 2 ** 31 - 1));
    const answer = await get(place, signal);
    if (answer.status !== 200) return `it answers ${answer.status}`;
    const { status } = JSON.parse(answer.text) as { status?: unknown };
    return status === 'ready' ? undefined : 'what answers is no pce-emulator';
  } catch (error) {
    if (error instanceof SyntaxError) return 'what answers is no pce-emulator';
    return reasonOf(error);
  }
}

/** Not `fetch`, which asks nobody at ports that browsers shun. */
function get(place: URL, signal: AbortSignal): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(place, { signal, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part)).on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
    });
    sent.on('error', reject).end();
  });
}

/** Why it failed, in few words. */
function reasonOf(error: unknown): string {
  const { cause = error, message } = error as Error;
  if (cause instanceof DOMException) return cause.message;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : message;
}

import { print, read, timeOf } from './arguments.ts';
import { controlPlace, DEFAULT_URL, reasonOf } from './running.ts';

const READY = { wait: { type: 'string' }, url: { type: 'string' } } as const;

/** Nothing answered in time. */
export class NotReady extends Error {}

/** `pce-emulator ready`: waits until an emulator answers. @throws NotReady */
export async function ready(args: string[]): Promise<void> {
  const { wait = '0s', url = DEFAULT_URL } = read(args, READY);
  const place = controlPlace(url, '/ready');
  const until = performance.now() + timeOf(wait, 'wait');
  for (;;) {
    const reason = await whyNotReady(place, Math.max(1000, until - performance.now()));
    if (reason === undefined) return print(`ready: ${url}\n`);
    if (performance.now() >= until) throw new NotReady(`nothing is ready at ${url}: ${reason}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function whyNotReady(place: URL, timeout: number): Promise<string | undefined> {
  try {
    const response = await fetch(place, { signal: AbortSignal.timeout(timeout) });
    if (!response.ok) return `it answers ${response.status}`;
    const { status } = (await response.json()) as { status?: unknown };
    return status === 'ready' ? undefined : 'what answers is no pce-emulator';
  } catch (error) {
    if (error instanceof SyntaxError) return 'what answers is no pce-emulator';
    return reasonOf(error);
  }
}

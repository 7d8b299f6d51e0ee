import { durationOf, Misuse, print, read } from './arguments.ts';

const READY = { wait: { type: 'string' }, url: { type: 'string' } } as const;

/** Nothing answered in time. */
export class NotReady extends Error {}

/** `pce-emulator ready`: waits until an emulator answers. @throws NotReady */
export async function ready(args: string[]): Promise<void> {
  const { wait = '0s', url = 'http://127.0.0.1:8443' } = read(args, READY);
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new Misuse(`--url takes an http or https URL, not ${url}`);
  const { host, port, protocol } = new URL(url);
  // The port speaks plain HTTP too, which needs no certificate to be known.
  const place = new URL(`http://${host}${port === '' && protocol === 'https:' ? ':443' : ''}/_emulator/ready`);
  const until = performance.now() + durationOf(wait, 'wait');
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
    const { cause, message } = error as Error;
    return cause instanceof Error && 'code' in cause ? String(cause.code) : message;
  }
}

import { Misuse, type Values } from './arguments.ts';

/** What every command that talks to a running emulator takes. */
export const RUNNING = { url: { type: 'string' }, 'control-token': { type: 'string' } } as const;

export const DEFAULT_URL = 'http://127.0.0.1:8443';

/** A running emulator did not do what it was asked. */
export class NotDone extends Error {}

/** Where something of an emulator's own API is. @throws Misuse for what is no URL */
export function controlPlace(url: string, path: string): URL {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new Misuse(`--url takes an http or https URL, not ${url}`);
  const { host, port, protocol } = new URL(url);
  // The port speaks plain HTTP too, which needs no certificate to be known.
  return new URL(`http://${host}${port === '' && protocol === 'https:' ? ':443' : ''}/_emulator${path}`);
}

/**
 * Asks a running emulator for something of its own API. What is not on the command line comes from what `exec` and
 * `--write-env` hand over.
 * @returns the body of the reply
 * @throws Misuse, NotDone
 */
export async function askRunning(
  given: Values<typeof RUNNING>,
  method: string,
  path: string,
  body?: string,
): Promise<unknown> {
  const { url = process.env.PCE_HTTP_URL || DEFAULT_URL } = given;
  const token = given['control-token'] ?? process.env.PCE_CONTROL_TOKEN;
  const headers = {
    ...(token && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const { status, text } = await answerOf(url, controlPlace(url, path), { method, headers, body });
  if (status === 401) {
    throw new NotDone(`the emulator at ${url} takes the token that its start printed: --control-token TOKEN`);
  }
  const value = jsonOf(text);
  if (status < 400 && typeof value === 'object') return value;
  const { message } = (value ?? {}) as { message?: unknown };
  throw new NotDone(
    typeof message === 'string'
      ? `the emulator at ${url} refused: ${message}`
      : `what answers at ${url} is no pce-emulator, or is another version of it (status ${status})`,
  );
}

async function answerOf(url: string, place: URL, init: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(place, init);
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw new NotDone(`nothing answers at ${url}: ${reasonOf(error)}; --url says where the emulator is`);
  }
}

/** Why `fetch` failed, in few words. */
export function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  if (!(cause instanceof Error)) return message;
  return 'code' in cause ? String(cause.code) : cause.message;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

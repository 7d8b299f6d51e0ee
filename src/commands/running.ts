import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { Misuse, type Values } from './arguments.ts';
import { readText } from './starting.ts';

/** What every command that talks to a running emulator takes. */
export const RUNNING = {
  url: { type: 'string' },
  ca: { type: 'string' },
  'control-token': { type: 'string' },
} as const;

export const DEFAULT_URL = 'http://127.0.0.1:8443';

/** A running emulator did not do what it was asked. */
export class NotDone extends Error {}

/** Where something of an emulator's own API is. @throws Misuse for what is no URL */
export function controlPlace(url: string, path: string): URL {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    // It may hold a password.
    throw new Misuse(
      `--url takes an http or https URL, such as ${DEFAULT_URL}${url.includes('@') ? '' : `, not ${url}`}`,
    );
  }
  return new URL(`${new URL(url).origin}/_emulator${path}`);
}

/**
 * Asks a running emulator for something of its own API. What is not on the command line comes from what `exec` and
 * `--write-env` hand over.
 * @returns the body of the reply
 * @throws Misuse, NotDone, UnusableOption
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
  const place = controlPlace(url, path);
  const file = given.ca ?? (process.env.PCE_CA_FILE || undefined);
  const ca = place.protocol === 'https:' && file !== undefined ? readText(file) : undefined;
  const { status, text } = await answerOf(place, { method, headers, ca, body });
  if (status === 401) {
    throw new NotDone(`the emulator at ${place.origin} takes the token that its start printed: --control-token TOKEN`);
  }
  const value = jsonOf(text);
  if (status < 400 && typeof value === 'object') return value;
  const { message } = (value ?? {}) as { message?: unknown };
  throw new NotDone(
    typeof message === 'string'
      ? `the emulator at ${place.origin} refused: ${message}`
      : `what answers at ${place.origin} is no pce-emulator, or is another version of it (status ${status})`,
  );
}

interface Asked {
  readonly method: string;
  readonly headers: Record<string, string>;
  /** PEM of the authority to trust; the system's where absent. */
  readonly ca?: string;
  readonly body?: string;
}

interface Answered {
  readonly status: number;
  readonly text: string;
}

async function answerOf(place: URL, { body, ...options }: Asked): Promise<Answered> {
  try {
    return await new Promise<Answered>((resolve, reject) => {
      const start = place.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = start(place, options, (response) => {
        const { statusCode: status = 0 } = response;
        text(response).then((told) => resolve({ status, text: told }), reject);
      });
      request.on('error', reject).end(body);
    });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (/CERT|SIGNATURE/.test(code)) {
      throw new NotDone(`what answers at ${place.origin} is not trusted: ${message}; --ca FILE names its authority`);
    }
    throw new NotDone(`nothing answers at ${place.origin}: ${code || message}; --url says where the emulator is`);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

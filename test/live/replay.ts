import { fill } from '../../src/contract/placeholders.ts';
import type { Exchange, Transcript } from '../../src/contract/transcript.ts';
import { type Answer, compare, type Difference } from './comparison.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where there is none. */
  readonly body: string;
}

/** Asks the PCE. @throws Error when there is no answer */
export type Send = (asked: Asked) => Promise<Answer>;

export interface Played extends Pick<Exchange, 'title' | 'evidence' | 'source' | 'method' | 'path'> {
  readonly differences: readonly Difference[];
  /** Why it was not asked at all. */
  readonly skipped?: string;
}

/** What may still be there, and why. */
export interface Left {
  readonly what: string;
  readonly why: string;
}

export interface Outcome {
  readonly file: string;
  readonly exchanges: readonly Played[];
  readonly left: readonly Left[];
}

export interface Replay {
  readonly send: Send;
  /** The number of the organisation to play in. */
  readonly org: number;
  /** A word that is in all names and values of this run, so that they meet nobody else's. */
  readonly run: string;
  /** Stops after the exchange that is under way. */
  readonly signal?: AbortSignal;
}

const PREFIX = '/api/v2';

/** Plays a transcript to a PCE, compares, and deletes what it has made, also when it fails or is stopped. */
export async function replay({ file, exchanges }: Transcript, { send, org, run, signal }: Replay): Promise<Outcome> {
  const played: Played[] = [];
  const made: string[] = [];
  const left: Left[] = [];
  let kept = new Map([['run', run]]);
  for (const exchange of exchanges.map((one) => inOrganisation(one, org))) {
    const { title, evidence, source, method, headers, body, expected } = exchange;
    const asked = { method, path: fill(exchange.path, kept), headers: filled(headers, kept), body: fill(body, kept) };
    const about = { title, evidence, source, method, path: asked.path };
    const skipped = signal?.aborted ? 'the run was stopped' : missing(asked, exchanges);
    if (skipped !== undefined) {
      played.push({ ...about, differences: [], skipped });
      continue;
    }
    const answer = await answerOf(send, asked);
    if (answer instanceof Error) {
      const message = `no answer: ${answer.message}`;
      played.push({
        ...about,
        differences: [{ severity: 'critical', where: 'status', expected: expected.status, message }],
      });
      if (method === 'POST') left.push({ what: `POST ${asked.path}`, why: `${message}; it may have made something` });
      continue;
    }
    const compared = compare(expected, answer, kept);
    kept = compared.kept;
    played.push({ ...about, differences: compared.differences });
    keepAccount(asked, answer, org, made, left);
  }
  left.push(...(await deleteAll(made.reverse(), send)));
  return { file, exchanges: played, left };
}

async function answerOf(send: Send, asked: Asked): Promise<Answer | Error> {
  try {
    return await send(asked);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Transcripts are told of organisation 1. In a query the slashes are encoded. */
function inOrganisation(exchange: Exchange, org: number): Exchange {
  const moved = (text: string) => text.replace(/(\/|%2F)orgs(\/|%2F)1(?!\d)/gi, `$1orgs$2${org}`);
  const { path, headers, body, expected } = exchange;
  return {
    ...exchange,
    path: moved(path),
    headers: eachValue(headers, moved),
    body: moved(body),
    expected: { ...expected, headers: eachValue(expected.headers, moved), body: moved(expected.body) },
  };
}

const filled = (headers: Record<string, string>, kept: ReadonlyMap<string, string>) =>
  eachValue(headers, (value) => fill(value, kept));

const eachValue = (headers: Record<string, string>, change: (value: string) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, change(value)]));

/** Which earlier answer owes what a request needs, if one does. */
function missing({ path, headers, body }: Asked, exchanges: readonly Exchange[]): string | undefined {
  const name = /\{\{(\w+)\}\}/.exec([path, ...Object.values(headers), body].join('\n'))?.[1];
  if (name === undefined) return undefined;
  const debtor = exchanges.find(({ expected }) => expected.body.includes(`<${name}:`));
  return `it needs {{${name}}}, which "${debtor?.title ?? 'no exchange'}" did not tell`;
}

/** Keeps account of what is there now that was not before. */
function keepAccount(
  { method, path }: Asked,
  { status, text }: Answer,
  org: number,
  made: string[],
  left: Left[],
): void {
  const [place = ''] = path.split('?');
  if (method === 'DELETE' && status < 300) {
    const gone = place.slice(PREFIX.length);
    const staying = made.filter((href) => href !== gone && !href.startsWith(`${gone}/`));
    made.splice(0, made.length, ...staying);
  }
  const href = status === 201 ? hrefIn(text) : undefined;
  if (href === undefined) return;
  // A PCE that is confused must not make this delete what it never made.
  const isNew = new RegExp(`^/orgs/${org}(/[\\w-]+)+$`).test(href) && `${PREFIX}${href}`.startsWith(`${place}/`);
  if (isNew) made.push(href);
  else left.push({ what: href, why: `it is not below ${place}, where it was to be made; it is not touched` });
}

function hrefIn(text: string): string | undefined {
  try {
    const { href } = JSON.parse(text);
    return typeof href === 'string' ? href : undefined;
  } catch {
    return undefined;
  }
}

/** Deletes, in this order; what something else was still using is tried once more. */
async function deleteAll(hrefs: readonly string[], send: Send): Promise<Left[]> {
  const once = await deleteEach(hrefs, send);
  return once.length > 0
    ? deleteEach(
        once.map(({ what }) => what),
        send,
      )
    : [];
}

async function deleteEach(hrefs: readonly string[], send: Send): Promise<Left[]> {
  const left: Left[] = [];
  for (const what of hrefs) {
    const answer = await answerOf(send, { method: 'DELETE', path: `${PREFIX}${what}`, headers: {}, body: '' });
    if (answer instanceof Error) left.push({ what, why: `no answer: ${answer.message}` });
    else if (answer.status >= 300 && answer.status !== 404) {
      left.push({ what, why: `DELETE answers ${answer.status}: ${answer.text.slice(0, 300)}` });
    }
  }
  return left;
}

import { withSamples } from '../placeholders.ts';
import type { Api, Route } from '../route.ts';
import { createRouting } from '../routing.ts';
import type { Schemas } from '../schemas.ts';
import type { Exchange, Transcript } from '../transcript.ts';
import type { Example, Examples } from './form.ts';

/** Examples of bodies, from transcripts and from the schemas' own. */
export interface ExamplesOf {
  request(route: Route): Examples | undefined;
  reply(route: Route, status: number, reference: string): Examples | undefined;
  /** The statuses that transcripts tell of. */
  statuses(route: Route): readonly number[];
}

/** One exchange of a transcript, with samples in place of what was not known beforehand. */
interface Told {
  readonly summary: string;
  readonly description: string;
  readonly status: number;
  readonly request: unknown;
  readonly reply: unknown;
}

interface Given {
  readonly apis: readonly Api[];
  readonly schemas: Schemas;
  /** The first that fit are taken. */
  readonly transcripts: readonly Transcript[];
  /** Of later releases: for want of others, and not for refusals, which may have come with those releases. */
  readonly later: readonly Transcript[];
  /** How many examples are taken for one place. */
  readonly most: number;
}

export function examplesOf({ apis, schemas, transcripts, later, most }: Given): ExamplesOf {
  const told = byRoute(apis, transcripts, later);

  /** Those that are valid, each value once. */
  const fitting = (reference: string, examples: readonly Example[]): Examples | undefined => {
    const values = new Set<string>();
    const chosen: Record<string, Example> = {};
    for (const example of examples) {
      const value = JSON.stringify(example.value);
      if (values.size === most || values.has(value) || schemas.check(reference, example.value).length > 0) continue;
      values.add(value);
      chosen[nameIn(chosen, example.summary)] = example;
    }
    return values.size > 0 ? chosen : undefined;
  };

  return {
    request({ id, body: reference }) {
      if (!reference) return undefined;
      const accepted = (told.get(id) ?? []).filter(({ status, request }) => status < 400 && request !== undefined);
      const own = (schemas.definition(reference).examples ?? []) as unknown[];
      return fitting(reference, [
        ...accepted.map(({ summary, description, request }) => ({ summary, description, value: request })),
        ...own.map((value) => ({ summary: 'An example', value })),
      ]);
    },
    reply({ id }, status, reference) {
      const answers = (told.get(id) ?? []).filter((one) => one.status === status && one.reply !== undefined);
      return fitting(
        reference,
        answers.map(({ summary, description, reply }) => ({ summary, description, value: reply })),
      );
    },
    statuses: ({ id }) => [...new Set((told.get(id) ?? []).map(({ status }) => status))],
  };
}

/** `a-label-is-created`, with a number where that is taken. */
function nameIn(taken: Examples, sentence: string): string {
  const name = sentence
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  let free = name;
  for (let nth = 2; free in taken; nth++) free = `${name}-${nth}`;
  return free;
}

function byRoute(
  apis: readonly Api[],
  transcripts: readonly Transcript[],
  later: readonly Transcript[],
): Map<string, Told[]> {
  const routings = apis.map((api) => createRouting(api));
  const found = new Map<string, Told[]>();
  for (const transcript of [...transcripts, ...later]) {
    const kept = new Map([['run', 'one']]);
    for (const exchange of transcript.exchanges) {
      const pathname = withSamples(exchange.path.split('?')[0] ?? '', kept);
      const one = toldBy(exchange, transcript, kept);
      if (exchange.method === 'HEAD' || (one.status >= 400 && later.includes(transcript))) continue;
      for (const routing of routings) {
        const matched = routing.match(exchange.method, pathname);
        if (matched.found !== 'route') continue;
        found.set(matched.route.id, [...(found.get(matched.route.id) ?? []), one]);
      }
    }
  }
  return found;
}

function toldBy(exchange: Exchange, { world, release }: Transcript, kept: Map<string, string>): Told {
  const { title, evidence, source, body, expected } = exchange;
  const request = bodyOf(body, kept);
  for (const value of Object.values(expected.headers)) withSamples(value, kept);
  const reply = bodyOf(expected.body, kept);
  const description = `${evidence}: ${source} (world ${world}, release ${release})`;
  return { summary: title, description, status: expected.status, request, reply };
}

/** A body as a value; undefined for none, and for what is no JSON. */
function bodyOf(text: string, kept: Map<string, string>): unknown {
  try {
    return JSON.parse(text, (_key, value) => (typeof value === 'string' ? withSamples(value, kept) : value));
  } catch {
    return undefined;
  }
}

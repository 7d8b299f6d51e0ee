import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Json, ROOT } from './emulator.ts';

/**
 * Transcripts: what was asked and answered, with the evidence for it. One `.http` file holds a short story
 * in one world; each exchange begins with `###` and a sentence.
 *
 *     # world: demo
 *     # release: 22.2
 *
 *     ### A label is created
 *     # evidence: documented
 *     # source: Core REST API reference, Labels
 *     POST /api/v2/orgs/1/labels
 *     Content-Type: application/json
 *
 *     { "key": "role", "value": "Cache" }
 *
 *     HTTP 201
 *
 *     { "href": "/orgs/1/labels/<label:integer>", … }
 *
 * A placeholder in an answer, `<uuid>`, stands for any text of its kind; with a name before it,
 * `<label:integer>`, the text is kept, and later requests and answers may say `{{label}}`.
 */
export interface Transcript {
  /** Path of the file below `fixtures/transcripts`. */
  readonly file: string;
  readonly world: string;
  readonly release: string;
  readonly exchanges: readonly Exchange[];
}

export interface Exchange {
  readonly title: string;
  readonly evidence: string;
  readonly source: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly expected: { readonly status: number; readonly headers: Record<string, string>; readonly body: string };
}

const FOLDER = join(ROOT, 'fixtures', 'transcripts');

/** Every transcript below `fixtures/transcripts`. */
export function readTranscripts(): Transcript[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.http'))
    .sort()
    .map((name) => parse(relative('.', name), readFileSync(join(FOLDER, name), 'utf8')));
}

function parse(file: string, text: string): Transcript {
  const [head = '', ...parts] = text.split(/^### /m);
  const exchanges = parts.map((part) => exchange(file, part));
  return { file, world: remark(head, 'world') ?? 'empty', release: remark(head, 'release') ?? '22.2', exchanges };
}

function exchange(file: string, text: string): Exchange {
  const [title = '', ...rest] = text.split('\n');
  const lines = rest.filter((line) => !line.startsWith('#')).join('\n');
  const [asked = '', answered] = lines.split(/^HTTP /m);
  const [first = '', ...request] = asked.trim().split('\n');
  const [method = '', path = ''] = first.split(' ');
  const { headers, body } = headersAndBody(request);
  const [status = '', ...reply] = (answered ?? '').trim().split('\n');
  const evidence = remark(text, 'evidence');
  const source = remark(text, 'source');
  if (!answered || !evidence || !source) throw new Error(`${file}: "${title}" lacks an answer, evidence or a source`);
  return {
    title,
    evidence,
    source,
    method,
    path,
    headers,
    body,
    expected: { status: Number(status), ...headersAndBody(reply) },
  };
}

const remark = (text: string, name: string) => new RegExp(`^# ${name}: (.*)$`, 'm').exec(text)?.[1];

function headersAndBody(lines: string[]): { headers: Record<string, string>; body: string } {
  const blank = lines.indexOf('');
  const end = blank < 0 ? lines.length : blank;
  const headers = lines.slice(0, end).map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  return { headers: Object.fromEntries(headers), body: lines.slice(end).join('\n').trim() };
}

const KINDS: Record<string, string> = {
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}',
  integer: '[1-9][0-9]*',
  token: '[0-9]+_[0-9a-f]{64}',
  digest: '[0-9a-f]{64}',
  pem: '-----BEGIN PUBLIC KEY-----\\n[A-Za-z0-9+/=\\n]+\\n-----END PUBLIC KEY-----\\n',
  api_key_id: '[0-9a-f]{17}',
  address: '[0-9a-f.:]+',
  activation_code: '1[0-9a-f]{80}',
  time: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z',
  job_time: '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6}',
};
const PLACEHOLDER = /<(?:(\w+):)?(\w+)>/g;

/** Puts kept texts in for `{{name}}`. */
export const fill = (text: string, kept: ReadonlyMap<string, string>): string =>
  text.replace(/\{\{(\w+)\}\}/g, (_whole, name: string) => kept.get(name) ?? `{{${name}}}`);

/** Asserts that an answer is what was expected, and keeps what named placeholders stand for. */
export function expectLike(actual: Json, expected: Json, kept: Map<string, string>): void {
  if (typeof expected === 'string' && typeof actual === 'string') {
    expectText(actual, expected, kept);
    return;
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    expect(actual).toHaveLength(expected.length);
    for (const [index, one] of expected.entries()) expectLike(actual[index], one, kept);
    return;
  }
  if (isObject(expected) && isObject(actual)) {
    // The order of keys is part of what people compare by eye.
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
    for (const [key, one] of Object.entries(expected)) expectLike(actual[key], one, kept);
    return;
  }
  expect(actual).toEqual(expected);
}

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function expectText(actual: string, expected: string, kept: Map<string, string>): void {
  const names: (string | undefined)[] = [];
  const filled = fill(expected, kept);
  let pattern = '';
  let end = 0;
  for (const found of filled.matchAll(PLACEHOLDER)) {
    const [whole, name, kind = ''] = found;
    const of = KINDS[kind];
    if (!of) continue;
    pattern += `${literal(filled.slice(end, found.index))}(${of})`;
    end = found.index + whole.length;
    names.push(name);
  }
  const matched = new RegExp(`^${pattern}${literal(filled.slice(end))}$`).exec(actual);
  if (!matched) expect(actual).toBe(filled);
  names.forEach((name, index) => {
    if (name !== undefined) kept.set(name, matched?.[index + 1] ?? '');
  });
}

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

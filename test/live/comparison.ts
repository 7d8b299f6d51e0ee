import { fill, patternOf } from '../../src/contract/placeholders.ts';
import type { Exchange } from '../../src/contract/transcript.ts';

/** How much a difference matters to a client that was written against the expectation. */
export type Severity = 'critical' | 'warning' | 'note';

export interface Difference {
  readonly severity: Severity;
  /** A JSON pointer into the body, `body` for all of it, `status`, or the name of a header. */
  readonly where: string;
  /** Absent where nothing was expected. */
  readonly expected?: unknown;
  /** Absent where nothing came. */
  readonly actual?: unknown;
  readonly message: string;
}

export interface Answer {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What one comparison goes by and fills. */
interface Comparing {
  readonly kept: Map<string, string>;
  readonly differences: Difference[];
  readonly refused: boolean;
}

/**
 * Compares an answer with what a transcript expects. Ids, times and secrets are placeholders there; an id that
 * was kept must be the same wherever it comes again.
 * @param kept what placeholders stand for so far
 * @returns the differences, without secrets, and what placeholders stand for now
 */
export function compare(
  expected: Exchange['expected'],
  answer: Answer,
  kept: ReadonlyMap<string, string>,
): { differences: Difference[]; kept: Map<string, string> } {
  const comparing = { kept: new Map(kept), differences: [], refused: answer.status >= 400 };
  compareStatus(expected.status, answer, comparing);
  if (isOfOneClass(expected.status, answer.status)) {
    compareHeaders(expected.headers, answer, comparing);
    compareBodies(expected.body, answer.text.trim(), comparing);
  }
  return { differences: comparing.differences, kept: comparing.kept };
}

/** Beyond it the two answers speak of different things. */
const isOfOneClass = (one: number, other: number) => Math.floor(one / 100) === Math.floor(other / 100);

function compareStatus(expected: number, { status, text }: Answer, { differences, refused }: Comparing): void {
  if (status === expected) return;
  const reason = refused && text ? `: ${text.slice(0, 300)}` : '';
  differences.push({
    severity: 'critical',
    where: 'status',
    expected,
    actual: status,
    message: `another status${reason}`,
  });
}

function compareHeaders(expected: Exchange['expected']['headers'], answer: Answer, comparing: Comparing): void {
  for (const [where, value] of Object.entries(expected)) {
    const severity: Severity = where.toLowerCase() === 'content-type' ? 'critical' : 'note';
    const actual = answer.headers[where.toLowerCase()];
    if (actual === undefined) {
      comparing.differences.push({ severity, where, expected: value, message: 'the header is missing' });
    } else {
      compareTexts(value, actual, where, severity, comparing);
    }
  }
}

function compareBodies(expected: string, actual: string, comparing: Comparing): void {
  const { differences } = comparing;
  const where = 'body';
  if (!expected) {
    if (actual) differences.push({ severity: 'warning', where, message: 'a body where none was expected' });
    return;
  }
  if (!actual) return void differences.push({ severity: 'critical', where, message: 'the body is missing' });
  const body = parsed(actual);
  if (body === undefined) return void differences.push({ severity: 'critical', where, message: 'the body is no JSON' });
  compareValues(JSON.parse(expected), body, '', comparing);
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function compareValues(expected: Json, actual: Json, at: string, comparing: Comparing): void {
  const { differences, refused } = comparing;
  const where = at || 'body';
  const values = { expected: withoutSecrets(at, expected, refused), actual: withoutSecrets(at, actual, refused) };
  if (typeOf(expected) !== typeOf(actual)) {
    const message = `${typeOf(actual)} instead of ${typeOf(expected)}`;
    differences.push({ severity: 'critical', where, ...values, message });
  } else if (Array.isArray(expected) && Array.isArray(actual)) {
    compareMembers(Object.entries(expected), Object.entries(actual), at, 'item', comparing);
  } else if (isObject(expected) && isObject(actual)) {
    compareMembers(Object.entries(expected), Object.entries(actual), at, 'key', comparing);
  } else if (typeof expected === 'string' && typeof actual === 'string') {
    const severity = refused && at.endsWith('/token') ? 'warning' : 'note';
    compareTexts(expected, actual, where, severity, comparing);
  } else if (expected !== actual) {
    differences.push({ severity: 'note', where, ...values, message: 'another value' });
  }
}

/** Compares what lists or objects hold: what is missing breaks clients, what is too much may. */
function compareMembers(
  expected: [string, Json][],
  actual: [string, Json][],
  at: string,
  kind: 'item' | 'key',
  comparing: Comparing,
): void {
  const { differences, refused } = comparing;
  const given = new Map(actual);
  const pointer = (key: string) => `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  for (const [key, value] of expected) {
    const where = pointer(key);
    const found = given.get(key);
    given.delete(key);
    if (found !== undefined) {
      compareValues(value, found, where, comparing);
    } else {
      const missing = withoutSecrets(where, value, refused);
      differences.push({ severity: 'critical', where, expected: missing, message: `the ${kind} is missing` });
    }
  }
  for (const [key, value] of given) {
    const where = pointer(key);
    const surplus = withoutSecrets(where, value, refused);
    differences.push({ severity: 'warning', where, actual: surplus, message: `the ${kind} is extra` });
  }
}

const REFERENCE_OR_PLACEHOLDER = /\{\{(\w+)\}\}|<(?:(\w+):)?(\w+)>/g;

function compareTexts(template: string, actual: string, where: string, severity: Severity, comparing: Comparing): void {
  const { kept, differences, refused } = comparing;
  const { pattern, names } = patternOf(fill(template, kept));
  const exact = pattern.exec(actual);
  if (exact) {
    for (const [index, name] of names.entries()) if (name) kept.set(name, exact[index + 1] ?? '');
    return;
  }
  const values = {
    expected: withoutSecrets(where, fill(template, kept), refused),
    actual: withoutSecrets(where, actual, refused),
  };
  const rough = roughPatternOf(template).exec(actual);
  if (!rough) return void differences.push({ severity, where, ...values, message: 'another value' });
  for (const [index, [, reference, name, kind]] of [...template.matchAll(REFERENCE_OR_PLACEHOLDER)].entries()) {
    const text = rough[index + 1] ?? '';
    if (reference !== undefined) {
      const known = kept.get(reference);
      // What an earlier answer should have told, and did not, is taken from this one.
      if (known === undefined) kept.set(reference, text);
      else if (known !== text)
        differences.push({ severity: 'warning', where, ...values, message: 'another reference' });
    } else {
      if (name !== undefined) kept.set(name, text);
      if (patternOf(`<${kind}>`).pattern.test(text)) continue;
      differences.push({ severity, where, ...values, message: `not of the form of ${kind}` });
    }
  }
}

/** The same text with anything in the place of references and placeholders. */
function roughPatternOf(template: string): RegExp {
  const alone = template.replace(REFERENCE_OR_PLACEHOLDER, '') === '';
  const parts = template.split(/\{\{\w+\}\}|<(?:\w+:)?\w+>/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join(alone ? '([^]+)' : '([^/]+)')}$`);
}

const SECRET = /secret|password|token$|_code$/i;
const ERROR_TOKEN = 'token';

/** A value as it may be shown: what has the name of a secret is one, but for the token of an error. */
function withoutSecrets(where: string, value: Json, refused: boolean): Json {
  const key = where.slice(where.lastIndexOf('/') + 1);
  if (SECRET.test(key) && !(refused && key === ERROR_TOKEN)) return '(secret)';
  if (Array.isArray(value)) return value.map((item, index) => withoutSecrets(`${where}/${index}`, item, refused));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, withoutSecrets(`${where}/${name}`, inner, refused)]),
  );
}

const isObject = (value: Json): value is { [key: string]: Json } => typeOf(value) === 'object';

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

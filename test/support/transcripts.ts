import { join } from 'node:path';
import { fill, patternOf } from '../../src/contract/placeholders.ts';
import { readTranscriptFiles, type Transcript } from '../../src/contract/transcript.ts';
import { type Json, ROOT } from './emulator.ts';

export type { Exchange, Transcript } from '../../src/contract/transcript.ts';
export { fill };

/** Every transcript below `fixtures/transcripts`. */
export const readTranscripts = (): Transcript[] => readTranscriptFiles(join(ROOT, 'fixtures', 'transcripts'));

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

/** The same for a text. */
export function expectText(actual: string, expected: string, kept: Map<string, string>): void {
  const filled = fill(expected, kept);
  const { pattern, names } = patternOf(filled);
  const matched = pattern.exec(actual);
  if (!matched) expect(actual).toBe(filled);
  names.forEach((name, index) => {
    if (name !== undefined) kept.set(name, matched?.[index + 1] ?? '');
  });
}

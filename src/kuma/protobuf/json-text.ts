import { parse } from 'lossless-json';
import { DEEPEST } from '../../contract/json.ts';
import { NotAMessage } from './not-a-message.ts';

/** A number as it was written: `80.50`. What reads it may care. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export type JsonValue = null | boolean | string | NumberText | readonly JsonValue[] | JsonObject;

/**
 * What a text says as JSON, the way Go reads it: what follows the first object is passed over, of equal keys the last
 * counts, and half a surrogate pair is U+FFFD.
 * @throws NotAMessage for text that is no JSON, or is nested deeper than anybody looks into
 */
export function parseJson(text: string): JsonValue {
  const first = firstObject(text);
  try {
    const value = parse(first, undefined, {
      parseNumber: (literal) => new NumberText(literal),
      onDuplicateKey: ({ newValue }) => newValue,
    }) as JsonValue;
    // Bytes that are no UTF-8 came as U+FFFD already: what is left was written as an escape.
    return HALF_A_PAIR.test(first) ? mended(value) : value;
  } catch (error) {
    throw new NotAMessage(error instanceof Error ? error.message : String(error));
  }
}

const HALF_A_PAIR = /\\u[dD][89a-fA-F]/;

const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');

function mended(value: JsonValue): JsonValue {
  if (typeof value === 'string') return wellFormed(value);
  if (isList(value)) return value.map(mended);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [wellFormed(key), mended(one)]));
}

/** A text up to where its first object or list ends; all of it where none does. */
function firstObject(text: string): string {
  let depth = 0;
  let isQuoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (isQuoted) {
      if (character === '\\') index++;
      else if (character === '"') isQuoted = false;
    } else if (character === '"') {
      isQuoted = true;
    } else if (character === '{' || character === '[') {
      depth++;
      if (depth > DEEPEST) throw new NotAMessage(`it is nested deeper than ${DEEPEST} levels`);
    } else if (character === '}' || character === ']') {
      depth--;
      if (depth <= 0) return text.slice(0, index + 1);
    }
  }
  return text;
}

export const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

export const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !isList(value) && !(value instanceof NumberText);

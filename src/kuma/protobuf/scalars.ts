import { canonicalDuration } from './duration.ts';
import { isList, isObject, type JsonObject, type JsonValue, NumberText } from './json-text.ts';
import { NotAMessage } from './not-a-message.ts';
import { canonicalTimestamp } from './timestamp.ts';

/** Anything but null, which is nothing. */
export type Present = Exclude<JsonValue, null>;

/** How values of a kind are read. */
export interface Kind {
  /** @throws NotAMessage */
  read(value: Present): unknown;
  /** What stands for a null where one cannot be left out. */
  empty(): unknown;
  /** What a field does not show. */
  readonly zero?: unknown;
}

const refuse = (what: string): never => {
  throw new NotAMessage(what);
};

/** A number may also be written as a string. */
function literalOf(value: Present, form: RegExp, what: string): string {
  const text = value instanceof NumberText ? value.text : value;
  const [, literal] = (typeof text === 'string' && form.exec(text)) || [];
  return literal ?? refuse(`is no ${what}`);
}

/** A JSON number without fraction or exponent, of as many digits as go into 64 bits. */
const WHOLE = /^ *(-?(?:0|[1-9]\d{0,19})) *$/;
const DECIMAL = /^ *(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?) *$/;

function whole(value: Present, least: bigint, most: bigint): bigint {
  const literal = literalOf(value, WHOLE, 'whole number');
  const number = BigInt(literal);
  const isUnsigned = least === 0n;
  if ((isUnsigned && literal.startsWith('-')) || number < least || number > most) refuse(`${literal} is out of range`);
  return number;
}

const uint32 = (value: Present) => Number(whole(value, 0n, 2n ** 32n - 1n));
const int32 = (value: Present) => Number(whole(value, -(2n ** 31n), 2n ** 31n - 1n));
const uint64 = (value: Present) => String(whole(value, 0n, 2n ** 64n - 1n));

/** Ours: the original takes "NaN" and "Infinity" too, for which JSON has no numbers. */
function double(value: Present): number {
  const literal = literalOf(value, DECIMAL, 'number');
  const number = Number(literal);
  // JSON.stringify knows no zero below zero.
  return Number.isFinite(number) ? number + 0 : refuse(`${literal} is out of range`);
}

const string = (value: Present) => (typeof value === 'string' ? value : refuse('is no string'));
const bool = (value: Present) => (typeof value === 'boolean' ? value : refuse('is no boolean'));
const duration = (value: Present) => canonicalDuration(string(value)) ?? refuse('is no duration');
const timestamp = (value: Present) => canonicalTimestamp(string(value)) ?? refuse('is no timestamp');

/** Keys in the order of their bytes, as Go sorts them. */
const byBytes = ([one]: [string, unknown], [other]: [string, unknown]): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other));

/**
 * Every value of an object, by sorted keys. Keys that are whole numbers come first in JavaScript whatever one does, and
 * `"10"` after `"9"`.
 */
const eachOf = (value: JsonObject, read: (one: JsonValue) => unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value)
      .sort(byBytes)
      .map(([key, one]) => [key, read(one)]),
  );

function free(value: JsonValue): unknown {
  if (value instanceof NumberText) return double(value);
  if (isList(value)) return value.map(free);
  return isObject(value) ? eachOf(value, free) : value;
}

const struct = (value: Present) => (isObject(value) ? free(value) : refuse('is no object'));

/** The kind of `map<string, string>`. */
export const MAP: Kind = {
  read: (value) =>
    isObject(value) ? eachOf(value, (one) => (one === null ? '' : string(one))) : refuse('is no object'),
  empty: () => ({}),
};

/** One whose zero is the same as nothing. */
const plain = (read: Kind['read'], zero: unknown): Kind => ({ read, empty: () => zero, zero });

/** One that tells zero from nothing. */
const wrapped = (read: Kind['read'], empty: unknown): Kind => ({ read, empty: () => empty });

/** By what schemas call `x-proto`. */
export const KINDS: Readonly<Record<string, Kind>> = {
  uint32: plain(uint32, 0),
  int32: plain(int32, 0),
  uint64: plain(uint64, '0'),
  double: plain(double, 0),
  string: plain(string, ''),
  bool: plain(bool, false),
  UInt32Value: wrapped(uint32, 0),
  DoubleValue: wrapped(double, 0),
  StringValue: wrapped(string, ''),
  BoolValue: wrapped(bool, false),
  duration: wrapped(duration, '0s'),
  timestamp: wrapped(timestamp, '1970-01-01T00:00:00Z'),
  struct: { read: struct, empty: () => ({}) },
};

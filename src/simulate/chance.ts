import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Chance that a seed decides: the same seed gives the same simulation. */
export interface Chance {
  /** A whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number;
  /** One of `items`; undefined of none. */
  oneOf<T>(items: readonly [T, ...T[]]): T;
  oneOf<T>(items: readonly T[]): T | undefined;
  /** Whether it happens this time, which it does once in `times`. */
  once(times: number): boolean;
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string;
  /** A lower-case UUID version 4. */
  uuid(): string;
  /** Letters and digits as Kubernetes makes names of: without vowels, so that no words come out. */
  letters(count: number): string;
}

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * Sources of chance without end, one after the other, none of which repeats another.
 * @param seed a whole number from 0 to 2^32 - 1
 */
export function* chances(seed: number): Generator<Chance, never> {
  const generator = xoroshiro128plus(seed);
  for (;;) {
    // Each jump is 2^64 numbers long: what one cluster draws, no other does.
    generator.jump();
    yield chanceOf(generator.clone());
  }
}

function chanceOf(generator: ReturnType<typeof xoroshiro128plus>): Chance {
  const integer = (least: number, most: number) => uniformInt(generator, least, most);
  const digitsOf = (alphabet: string, count: number) =>
    Array.from({ length: count }, () => alphabet[integer(0, alphabet.length - 1)]).join('');
  const hex = (digits: number) => {
    let text = '';
    while (text.length < digits) text += (generator.next() >>> 0).toString(16).padStart(8, '0');
    return text.slice(0, digits);
  };
  return {
    integer,
    oneOf: <T>(items: readonly T[]) => items[integer(0, Math.max(0, items.length - 1))] as T,
    once: (times) => integer(1, times) === 1,
    hex,
    uuid() {
      const text = hex(32);
      const variant = '89ab'[integer(0, 3)];
      return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-${variant}${text.slice(17, 20)}-${text.slice(20)}`;
    },
    letters: (count) => digitsOf(ALPHABET, count),
  };
}

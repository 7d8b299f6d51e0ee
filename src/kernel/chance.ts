import { createHash, randomBytes } from 'node:crypto';

/** A source of chance. */
export interface Chance {
  /** That many random bytes. */
  bytes(length: number): Buffer;
  /** A number from 0 up to, and without, 1. */
  fraction(): number;
}

/** Chance that comes out the same again: from the same seed the same draws, in the same order. */
export interface SeededChance extends Chance {
  /** How far the draws have come. */
  save(): number;
  /** Goes back, or on, to where another draw was. */
  restore(position: number): void;
  /** Goes to a place of its own for a text, far from all other draws. */
  leapTo(text: string): void;
}

/** What SHA-256 makes of a counter; the seed need not be long, but then it is no secret. */
export function seededChance(seed: string): SeededChance {
  let position = 0;
  const block = () => createHash('sha256').update(`${seed}\n${position++}`).digest();
  const bytes = (length: number) => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, block);
    return Buffer.concat(blocks, length);
  };
  return {
    bytes,
    fraction: () => fractionOf(bytes(6)),
    save: () => position,
    restore(saved) {
      position = saved;
    },
    // One of 2^48 places in the upper half of what a number counts exactly: no two courses meet.
    leapTo(text) {
      position = 2 ** 52 + createHash('sha256').update(text).digest().readUIntBE(0, 6) * 8;
    },
  };
}

/** Chance from the operating system's cryptographic generator: what no one can guess. */
export const realChance: Chance = {
  bytes: (length) => randomBytes(length),
  fraction: () => fractionOf(randomBytes(6)),
};

/** Bytes that are taken at once: a call of the generator costs as much as these. */
const POOL = 4096;

/** The same chance, taken in larger parts. What was handed out is not kept. */
export function pooled(source: Chance): Chance {
  let pool: Buffer = Buffer.alloc(0);
  const bytes = (length: number): Buffer => {
    if (length > POOL) return source.bytes(length);
    if (pool.length < length) pool = source.bytes(POOL);
    const taken = Buffer.from(pool.subarray(0, length));
    pool.fill(0, 0, length);
    pool = pool.subarray(length);
    return taken;
  };
  return { bytes, fraction: () => fractionOf(bytes(6)) };
}

/** A seed that was not chosen: eight letters and digits, short enough to be typed again. */
export const freshSeed = (): string => randomBytes(4).toString('hex');

const fractionOf = (six: Buffer) => six.readUIntBE(0, 6) / 2 ** 48;

import { checkPrimeSync, createPublicKey } from 'node:crypto';
import { v4 } from 'uuid';
import { type Chance, pooled, realChance, type SeededChance } from './chance.ts';

/** The emulator's source of identity: ids, tokens and keys. */
export interface Ids {
  /** A lower-case UUID version 4: the one version that the official Terraform provider accepts in hrefs. */
  uuid(): string;
  /** `bytes` bytes as lower-case hex, for secrets and tokens; unguessable unless they come from a seed. */
  hex(bytes: number): string;
  /** The public half of a fresh RSA key of 2048 bits, as PEM. Its other half is kept nowhere. */
  rsaPublicKey(): string;
  /** Has ids that come from a seed take another course, one for each text: what holds that text has none of them. */
  leapTo(text: string): void;
  /** How far ids that come from a seed have come; 0 for others. */
  save(): number;
  /** Has ids that come from a seed go back, or on, to where others were. */
  restore(position: number): void;
}

/** @param chance where they come from; the operating system's cryptographic generator when absent */
export function createIds(chance?: SeededChance): Ids {
  const source = chance ?? pooled(realChance);
  return {
    // Without bytes of ours, the library takes many at a time.
    uuid: () => (chance ? v4({ random: chance.bytes(16) }) : v4()),
    hex: (bytes) => source.bytes(bytes).toString('hex'),
    rsaPublicKey: () => rsaPublicKey(source),
    leapTo: (text) => chance?.leapTo(text),
    save: () => chance?.save() ?? 0,
    restore: (position) => chance?.restore(position),
  };
}

/** Node's own generator of keys takes no seed. */
function rsaPublicKey(chance: Chance): string {
  const modulus = prime(chance) * prime(chance);
  const n = Buffer.from(modulus.toString(16), 'hex').toString('base64url');
  return createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString();
}

const EXPONENT = 65_537n;

/** A prime of 1024 bits, the two highest set, so that the product of two has 2048. */
function prime(chance: Chance): bigint {
  for (;;) {
    const bytes = chance.bytes(128);
    bytes[0] = Number(bytes[0]) | 0xc0;
    bytes[127] = Number(bytes[127]) | 1;
    if (!checkPrimeSync(bytes)) continue;
    const found = BigInt(`0x${bytes.toString('hex')}`);
    if ((found - 1n) % EXPONENT !== 0n) return found;
  }
}

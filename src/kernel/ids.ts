import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { v4 } from 'uuid';

/** The emulator's only source of chance. */
export interface Ids {
  /** A lower-case UUID version 4: the one version that the official Terraform provider accepts in hrefs. */
  uuid(): string;
  /** `bytes` unguessable bytes as lower-case hex, for secrets and tokens. */
  hex(bytes: number): string;
  /** The public half of a fresh RSA key of 2048 bits, as PEM. */
  rsaPublicKey(): string;
}

/** Ids and secrets from the operating system's cryptographic generator. */
export function createIds(): Ids {
  return {
    uuid: () => v4(),
    hex: (bytes) => randomBytes(bytes).toString('hex'),
    rsaPublicKey: () =>
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

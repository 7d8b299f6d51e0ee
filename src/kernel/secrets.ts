import { hash, scryptSync, timingSafeEqual } from 'node:crypto';

/**
 * The form in which a secret is kept: SHA-256, lower-case hex. A plain hash is enough for what the
 * emulator makes: 256 bits of chance that no one chose and no dictionary holds.
 */
export function digest(secret: string): string {
  return hash('sha256', secret);
}

/** Whether two digests are the same, in a time that does not tell where they differ. */
export function sameDigest(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * How slowly. A login waits for it, and with it everybody else: this takes some milliseconds, an eighth of Node's
 * default. The passwords of an emulator guard nothing that would be worth more.
 */
const SCRYPT_COST = 2 ** 11;

/** The form in which a password is kept, which somebody chose: what scrypt makes of it, slowly, with its salt before it. */
export function passwordHash(password: string, salt: string): string {
  return `${salt}:${scryptSync(password, salt, 32, { N: SCRYPT_COST }).toString('hex')}`;
}

/** Whether a password is the one that was kept as a hash. */
export function isPassword(password: string, hash: string): boolean {
  const [salt = ''] = hash.split(':');
  return sameDigest(hash, passwordHash(password, salt));
}

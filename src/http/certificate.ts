import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';

export interface TlsIdentity {
  /** PEM: what clients have to trust. */
  readonly ca: string;
  /** PEM: what the server shows. */
  readonly cert: string;
  /** PEM */
  readonly key: string;
}

const DEFAULT_NAMES = ['localhost', '127.0.0.1', '::1'];
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * Makes a certificate authority for this start, and with it a certificate for localhost, 127.0.0.1, ::1
 * and `names` (host names or addresses). The authority's key is forgotten here, so no one can sign a
 * second certificate with it. Both are valid for a year and carry the key identifiers that strict
 * clients (Python 3.13) insist on.
 * @throws Error for a name that is neither
 */
export async function createCertificate(names: readonly string[]): Promise<TlsIdentity> {
  const unfit = names.find((name) => !isIP(name) && !/^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(name));
  if (unfit !== undefined) throw new Error(`"${unfit}" is neither a host name nor an address`);
  // Loaded when it is needed: it costs as much as everything else of a start together.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  const [authorityKeys, keys] = await Promise.all([generateKeys(), generateKeys()]);
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    signingAlgorithm: ALGORITHM,
    name: 'CN=pce-emulator CA of this start',
    keys: authorityKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const alternatives = [...new Set([...DEFAULT_NAMES, ...names])].map((value) => {
    return { type: isIP(value) ? ('ip' as const) : ('dns' as const), value };
  });
  const leaf = await x509.X509CertificateGenerator.create({
    signingAlgorithm: ALGORITHM,
    subject: 'CN=pce-emulator',
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(alternatives),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const privateKey = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    ca: authority.toString('pem'),
    cert: leaf.toString('pem'),
    key: x509.PemConverter.encode(privateKey, 'PRIVATE KEY'),
  };
}

function generateKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** A certificate that somebody brings. @throws Error when it or its key is none, or they do not belong together */
export function givenCertificate(cert: string, key: string): TlsIdentity {
  createSecureContext({ cert, key });
  return { ca: cert, cert, key };
}

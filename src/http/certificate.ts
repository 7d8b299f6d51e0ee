import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { UnusableOption } from '../contract/unusable.ts';

export interface TlsIdentity {
  /** PEM: what clients have to trust. */
  readonly ca: string;
  /** PEM: what the server shows. */
  readonly cert: string;
  /** PEM */
  readonly key: string;
}

const DEFAULT_NAMES = ['localhost', '127.0.0.1', '::1'];
const COMMON_NAME = '2.5.4.3';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const VALID_FOR_MS = 365 * 24 * 60 * 60 * 1000;

/**
 * Makes a certificate authority for this start, and with it a certificate for localhost, 127.0.0.1, ::1
 * and `names` (host names or addresses). The authority's key is forgotten here, so no one can sign a
 * second certificate with it. Both are valid for a year and carry the key identifiers that strict
 * clients (Python 3.13) insist on.
 * @throws UnusableOption for a name that is neither
 */
export async function createCertificate(names: readonly string[]): Promise<TlsIdentity> {
  const unfit = names.find((name) => !isIP(name) && !/^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(name));
  if (unfit !== undefined) {
    throw new UnusableOption(`"${unfit}" is neither a host name nor an address: --tls-san and --host take these`);
  }
  // Loaded when it is needed: not all starts listen.
  const { AsnConvert, OctetString } = await import('@peculiar/asn1-schema');
  const x509 = await import('@peculiar/asn1-x509');
  const [authority, own] = [newKeys(), newKeys()];
  const der = (value: unknown) => new OctetString(AsnConvert.serialize(value));
  const keyIdOf = (key: KeyObject) =>
    new x509.SubjectKeyIdentifier(
      bytesOf(
        createHash('sha1')
          .update(Buffer.from(infoOf(key).subjectPublicKey))
          .digest(),
      ),
    );
  const infoOf = (key: KeyObject) =>
    AsnConvert.parse(key.export({ type: 'spki', format: 'der' }), x509.SubjectPublicKeyInfo);
  const called = (name: string) => {
    const value = new x509.AttributeValue({ utf8String: name });
    const attribute = new x509.AttributeTypeAndValue({ type: COMMON_NAME, value });
    return new x509.Name([new x509.RelativeDistinguishedName([attribute])]);
  };
  const extension = (extnID: string, value: unknown, critical = false) =>
    new x509.Extension({ extnID, critical, extnValue: der(value) });
  /** Signed by the authority, as PEM. */
  const issued = (name: string, key: KeyObject, extensions: InstanceType<typeof x509.Extension>[]): string => {
    const algorithm = new x509.AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
    const now = new Date();
    const tbsCertificate = new x509.TBSCertificate({
      version: x509.Version.v3,
      serialNumber: bytesOf(serialNumber()),
      signature: algorithm,
      issuer: called(AUTHORITY),
      validity: new x509.Validity({ notBefore: now, notAfter: new Date(now.getTime() + VALID_FOR_MS) }),
      subject: called(name),
      subjectPublicKeyInfo: infoOf(key),
      extensions: new x509.Extensions(extensions),
    });
    const content = Buffer.from(AsnConvert.serialize(tbsCertificate));
    const signatureValue = bytesOf(sign('sha256', content, authority.privateKey));
    return pem(
      AsnConvert.serialize(new x509.Certificate({ tbsCertificate, signatureAlgorithm: algorithm, signatureValue })),
    );
  };
  const { KeyUsageFlags } = x509;
  const alternatives = [...new Set([...DEFAULT_NAMES, ...names])].map(
    (name) => new x509.GeneralName(isIP(name) ? { iPAddress: inDigits(name) } : { dNSName: name }),
  );
  return {
    ca: issued(AUTHORITY, authority.publicKey, [
      extension(x509.id_ce_basicConstraints, new x509.BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
      extension(x509.id_ce_keyUsage, new x509.KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), true),
      extension(x509.id_ce_subjectKeyIdentifier, keyIdOf(authority.publicKey)),
    ]),
    cert: issued('pce-emulator', own.publicKey, [
      extension(x509.id_ce_basicConstraints, new x509.BasicConstraints({ cA: false }), true),
      extension(x509.id_ce_keyUsage, new x509.KeyUsage(KeyUsageFlags.digitalSignature), true),
      extension(x509.id_ce_extKeyUsage, new x509.ExtendedKeyUsage([x509.id_kp_serverAuth])),
      extension(x509.id_ce_subjectAltName, new x509.SubjectAlternativeName(alternatives)),
      extension(x509.id_ce_subjectKeyIdentifier, keyIdOf(own.publicKey)),
      extension(
        x509.id_ce_authorityKeyIdentifier,
        new x509.AuthorityKeyIdentifier({ keyIdentifier: keyIdOf(authority.publicKey) }),
      ),
    ]),
    key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** An address in hexadecimal digits alone: the library reads no IPv4 in IPv6, and no zone belongs into a certificate. */
const inDigits = (address: string): string =>
  isIP(address) === 4 ? address : new URL(`http://[${address.replace(/%.*/, '')}]`).hostname.slice(1, -1);

const AUTHORITY = 'pce-emulator CA of this start';

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** Positive, and of full length: 128 bits of chance, but for the first two. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = (Number(bytes[0]) & 0x7f) | 0x40;
  return bytes;
}

const bytesOf = (buffer: Buffer): ArrayBuffer => new Uint8Array(buffer).buffer;

const pem = (der: ArrayBuffer): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
};

const CERTIFICATES = /-----BEGIN (?:X509 )?CERTIFICATE-----[^-]+-----END (?:X509 )?CERTIFICATE-----/g;

/** A certificate that somebody brings. @throws Error when it or its key is none, or they do not belong together */
export function givenCertificate(cert: string, key: string): TlsIdentity {
  const certificate = readAs('the certificate', () => new X509Certificate(cert));
  const secret = readAs('the key', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(secret)) throw new Error('the key is not that of the certificate');
  createSecureContext({ cert, key });
  // Some keep both in one file: what is handed out is what everybody may see.
  const ca = cert.match(CERTIFICATES)?.map((one) => `${one}\n`) ?? [certificate.toString()];
  return { ca: ca.join(''), cert, key };
}

function readAs<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { message } = error as Error;
    // OpenSSL asks for a passphrase, and nobody answers.
    const why = /interrupted or cancelled|passphrase/i.test(message)
      ? 'it takes a passphrase; bring it without'
      : message;
    throw new Error(`${what} cannot be read: ${why}`);
  }
}

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

/**
 * Makes a certificate authority for this start, and with it a certificate for localhost, 127.0.0.1, ::1
 * and `names` (host names or addresses). The authority's key is forgotten here, so no one can sign a
 * second certificate with it.
 */
export async function createCertificate(names: readonly string[]): Promise<TlsIdentity> {
  // Loaded when it is needed: it costs as much as everything else of a start together.
  const { generate } = await import('selfsigned');
  const shared = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
  const authority = await generate([{ name: 'commonName', value: 'pce-emulator CA of this start' }], {
    ...shared,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const altNames = [...new Set([...DEFAULT_NAMES, ...names])].map((name) =>
    isIP(name) ? ({ type: 7, ip: name } as const) : ({ type: 2, value: name } as const),
  );
  const leaf = await generate([{ name: 'commonName', value: 'pce-emulator' }], {
    ...shared,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  return { ca: authority.cert, cert: leaf.cert, key: leaf.private };
}

/** A certificate that somebody brings. @throws Error when it or its key is none, or they do not belong together */
export function givenCertificate(cert: string, key: string): TlsIdentity {
  createSecureContext({ cert, key });
  return { ca: cert, cert, key };
}

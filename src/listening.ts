import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Express } from 'express';
import type { Refusals } from './contract/route.ts';
import { UnusableOption } from './contract/unusable.ts';
import { createCertificate, givenCertificate, type TlsIdentity } from './http/certificate.ts';
import { type ConnectionLimits, type Listener, listen } from './http/listener.ts';
import { type Port, takePort } from './http/port.ts';
import type { EmulatorOptions } from './options.ts';

/** What answers at a port. */
export interface Served {
  readonly app: Express;
  /** How it refuses what is no request. */
  readonly refusals: Refusals;
}

/** Where the emulator is to be found. Whoever connects before anything is served waits. */
export interface Place {
  /** `127.0.0.1:8443` */
  readonly authority: string;
  /** The same for Kuma, where it has a port. */
  readonly kumaAuthority: string | undefined;
  /** A file that holds the certificate authority to trust, until `close`. */
  readonly ca_file: string;
  serve(pce: Served, kuma: Served): void;
  close(): Promise<void>;
}

/** What is asked for beside the options of `startEmulator`. */
export interface PlaceOptions {
  readonly identity: TlsIdentity;
  /** Undefined for none. */
  readonly kumaPort: number | undefined;
  readonly limits: ConnectionLimits;
  /** How many connections at once, at each port. */
  readonly most: number | undefined;
}

const LOOPBACK = '127.0.0.1';

/** The certificate to serve: one that was given, or one made for this start. @throws UnusableOption */
export async function tlsIdentity({ tls = { names: [] }, host = LOOPBACK }: EmulatorOptions): Promise<TlsIdentity> {
  try {
    return 'names' in tls ? await createCertificate([...tls.names, host]) : givenCertificate(tls.cert, tls.key);
  } catch (error) {
    if (error instanceof UnusableOption) throw error;
    throw new UnusableOption(`there is no certificate: ${(error as Error).message}`);
  }
}

/**
 * Takes the ports, all or none, and lays the authority's certificate where clients can be pointed to.
 * @throws UnusableOption, or the error of binding, with the option that has chosen the port in `chosenBy`
 */
export async function takePlace(
  { host = LOOPBACK, port = 0 }: EmulatorOptions,
  { identity, kumaPort, limits, most }: PlaceOptions,
): Promise<Place> {
  const ports: Port[] = [];
  const take = async (chosenBy: string, wanted: number) => {
    const taken = await takePort({ host, port: wanted, most }).catch((error) => {
      throw Object.assign(error, { chosenBy });
    });
    ports.push(taken);
    return taken;
  };
  const leave = () => Promise.all(ports.map((one) => one.close()));
  try {
    const pcePort = await take('port', port);
    const ofKuma = kumaPort === undefined ? undefined : await take('kuma-port', kumaPort);
    const { ca_file, remove } = layAuthority(identity);
    const listeners: Listener[] = [];
    const authorityOf = (taken: Port) => `${reachable(host)}:${taken.number}`;
    return {
      authority: authorityOf(pcePort),
      kumaAuthority: ofKuma && authorityOf(ofKuma),
      ca_file,
      serve(pce, kuma) {
        listeners.push(listen({ ...pce, port: pcePort, tls: identity, limits }));
        if (ofKuma) listeners.push(listen({ ...kuma, port: ofKuma, limits }));
      },
      async close() {
        await (listeners.length > 0 ? Promise.all(listeners.map((listener) => listener.close())) : leave());
        remove();
      },
    };
  } catch (error) {
    await leave();
    throw error;
  }
}

/** @throws UnusableOption */
function layAuthority({ ca }: TlsIdentity): { readonly ca_file: string; remove(): void } {
  let folder: string | undefined;
  const remove = () => folder && rmSync(folder, { recursive: true, force: true });
  try {
    folder = mkdtempSync(join(tmpdir(), 'pce-emulator-'));
    const ca_file = join(folder, 'ca.pem');
    writeFileSync(ca_file, ca);
    return { ca_file, remove };
  } catch (error) {
    remove();
    throw new UnusableOption(`there is no place for the CA file: ${(error as Error).message}`);
  }
}

/** Whether only this machine can reach what is bound to a host. */
export function isLoopback(host: string = LOOPBACK): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1' || host === 'localhost';
}

/** The names of the emulator's certificate, beside those of loopback. */
export function namesOf({ tls = { names: [] }, host = LOOPBACK }: EmulatorOptions): string[] {
  const names = 'names' in tls ? tls.names : namesIn(tls.cert);
  return [...names, host].map((name) => name.toLowerCase());
}

const namesIn = (cert: string): string[] =>
  [...(new X509Certificate(cert).subjectAltName ?? '').matchAll(/DNS:([^,\s"]+)/g)].map(([, name = '']) => name);

/** The address for clients on this machine: a wildcard is no place to connect to. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return LOOPBACK;
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

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
import type { EmulatorOptions } from './options.ts';

/** What answers on a port of its own. */
export interface Door {
  readonly app: Express;
  /** 0 for any free one. */
  readonly port: number;
  /** The option that chooses the port, for whoever finds it taken. */
  readonly chosenBy: 'port' | 'kuma-port';
  /** Serves HTTPS on the same port. */
  readonly tls?: TlsIdentity;
  /** How it refuses what is no request. */
  readonly refusals: Refusals;
}

/** What clients connect to. */
export interface Listening {
  /** Of each door: `127.0.0.1:8443`. */
  readonly authorities: readonly string[];
  close(): Promise<void>;
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

/** Binds the ports, all or none. @throws the error of binding */
export async function open(doors: readonly Door[], host = LOOPBACK, limits: ConnectionLimits): Promise<Listening> {
  const listeners: Listener[] = [];
  const close = async () => void (await Promise.all(listeners.map((listener) => listener.close())));
  try {
    for (const door of doors) listeners.push(await listen({ ...door, host, limits }));
  } catch (error) {
    await close();
    throw Object.assign(error as Error, { chosenBy: doors[listeners.length]?.chosenBy });
  }
  return { authorities: listeners.map(({ port }) => `${reachable(host)}:${port}`), close };
}

/** Lays the authority's certificate where clients can be pointed to. @throws UnusableOption */
export function layAuthority({ ca }: TlsIdentity): { readonly ca_file: string; remove(): void } {
  const folder = temporaryFolder();
  const ca_file = join(folder, 'ca.pem');
  writeFileSync(ca_file, ca);
  return { ca_file, remove: () => rmSync(folder, { recursive: true, force: true }) };
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

function temporaryFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'pce-emulator-'));
  } catch (error) {
    throw new UnusableOption(`there is no place for the CA file: ${(error as Error).message}`);
  }
}

/** The address for clients on this machine: a wildcard is no place to connect to. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return LOOPBACK;
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

import { readFileSync } from 'node:fs';

/** Where to play, and as whom. */
export interface Settings {
  /** Scheme, host and port. */
  readonly origin: string;
  /** `api_…:secret`; it stays out of all that is written. */
  readonly key: string;
  readonly org: number;
  /** The release whose transcripts are the expectation. */
  readonly release: string;
  /** PEM of the authority to trust instead of the system's. */
  readonly ca?: string;
  /** Trust any certificate. */
  readonly insecure: boolean;
}

/** What the environment lacks, in words that teach. */
export class Misuse extends Error {}

/** The settings in the environment. @throws Misuse */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const {
    PCE_LIVE_URL: url = '',
    PCE_LIVE_KEY: key = '',
    PCE_LIVE_ORG: org = '1',
    PCE_LIVE_RELEASE: release = '22.2',
    PCE_LIVE_CA: ca,
    PCE_LIVE_INSECURE: insecure = '',
  } = env;
  if (!url) throw new Misuse('PCE_LIVE_URL is not set; it says where the PCE is');
  if (!key) throw new Misuse('PCE_LIVE_KEY is not set; it is an API key of the PCE with its secret');
  if (!/^[^:\s]+:\S+$/.test(key)) throw new Misuse('PCE_LIVE_KEY must be a key and its secret with a colon between');
  if (!/^[1-9]\d{0,14}$/.test(org)) throw new Misuse('PCE_LIVE_ORG must be the number of an organisation');
  if (!['', '0', '1'].includes(insecure)) throw new Misuse('PCE_LIVE_INSECURE must be 1, or not be set');
  if (ca && insecure === '1') throw new Misuse('PCE_LIVE_CA and PCE_LIVE_INSECURE exclude each other');
  return {
    origin: originOf(url),
    key,
    org: Number(org),
    release,
    ca: ca ? readCa(ca) : undefined,
    insecure: insecure === '1',
  };
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new Misuse('PCE_LIVE_URL must be a URL with https:// or http://');
  if (url.username || url.password) throw new Misuse('PCE_LIVE_URL must be without a user; PCE_LIVE_KEY has the key');
  if (url.pathname !== '/' || url.search) throw new Misuse('PCE_LIVE_URL must end with host and port');
  return url.origin;
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Misuse(`PCE_LIVE_CA cannot be read: ${(error as Error).message}`);
  }
}

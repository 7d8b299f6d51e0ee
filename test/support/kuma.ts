import { createServer, request as httpRequest, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator.ts';
import { hasKumaFeature, type KumaRelease } from '../../src/kuma/versions.ts';
import { expectLike, expectText, fill, type Transcript } from './transcripts.ts';

/** When the clock of Kuma's tests stands still. */
export const KUMA_NOW = '2020-03-01T09:00:00Z';

export interface Asked {
  readonly method: string;
  /** With the query; it goes out as it is. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** None where it is empty. */
  readonly body?: string;
}

export interface KumaAnswer {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

export interface Asking {
  /** Sends a request with no more headers than it names. */
  ask(asked: Asked): Promise<KumaAnswer>;
  close(): Promise<void>;
}

/** Serves an application on a socket of its own, for as long as it is asked. */
export async function asking(app: RequestListener): Promise<Asking> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ask: (asked) => askAt(`http://127.0.0.1:${port}`, asked),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Asks a server; unlike fetch and supertest, without a header that nobody has named. */
export function askAt(url: string, { method, path, headers, body }: Asked): Promise<KumaAnswer> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host, port, method, path, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0, headers: fields } = response;
        resolve({
          status: statusCode,
          headers: fields as KumaAnswer['headers'],
          text: Buffer.concat(parts).toString(),
        });
      });
    });
    request.on('error', reject);
    request.end(body || undefined);
  });
}

export interface KumaStart extends Omit<EmulatorOptions, 'kuma' | 'log'> {
  readonly readOnly?: boolean;
}

/** Starts an emulator of Kuma, at a time that is always the same. @param bugs gets what it logs but warnings */
export function startKuma(release: KumaRelease, { readOnly = false, ...options }: KumaStart, bugs: string[]) {
  const log = (message: string) => {
    if (!message.startsWith('warning: ')) bugs.push(message);
  };
  const kuma = { version: release, readOnly };
  return startEmulator({ world: 'empty', clock: KUMA_NOW, checkReplies: true, ...options, log, kuma });
}

/** The emulator of a group of tests, each of which finds what the one before it has left; bugs are failures. */
export function useKuma(release: KumaRelease, options: KumaStart = {}): { readonly emulator: Emulator } {
  let emulator: Emulator | undefined;
  const bugs: string[] = [];
  beforeAll(async () => {
    emulator = await startKuma(release, options, bugs);
  });
  afterEach(() => expect(bugs.splice(0)).toEqual([]));
  afterAll(() => emulator?.close());
  return {
    get emulator() {
      if (!emulator) throw new Error('the emulator runs only while a test does');
      return emulator;
    },
  };
}

/** JSON as Kuma writes it, without what the release ends it with. */
export const inKumaJson = (body: unknown): string => JSON.stringify(body, null, 1);

const JSON_TYPE = 'application/json';

/** What a body ends with, which transcripts do not show. */
export function endOf(release: KumaRelease, path: string, { status, headers, text }: KumaAnswer): string {
  if (text === '' || path === '/config') return '';
  const { 'content-type': type } = headers;
  const isLong = status === 405 && text.startsWith('On Kubernetes');
  return hasKumaFeature(release)('kuma_final_newline') && (type === JSON_TYPE || isLong) ? '\n' : '';
}

/** Headers that are compared whether a transcript names them or not: what it does not name is not there. */
const ALWAYS = [
  'content-type',
  'access-control-allow-origin',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-expose-headers',
];

/** Plays a transcript of Kuma to an emulator of its release, and compares every byte that it tells. */
export async function playKuma({ release, readOnly, world, exchanges }: Transcript): Promise<void> {
  const kumaRelease = release as KumaRelease;
  const bugs: string[] = [];
  const emulator = await startKuma(kumaRelease, { world, readOnly, listen: false }, bugs);
  const [kuma, control] = await Promise.all([asking(emulator.kuma_app), asking(emulator.app)]);
  const kept = new Map<string, string>();
  try {
    for (const { title, method, path, headers, body, expected } of exchanges) {
      const isOurs = path.startsWith('/_emulator/');
      const asked = { method, path: fill(path, kept), headers, body: fill(body, kept) };
      const answer = await (isOurs ? control : kuma).ask(asked);
      const about = { title, status: answer.status };
      if (answer.status !== expected.status) {
        expect({ ...about, text: answer.text }).toEqual({ title, status: expected.status, text: expected.body });
      }
      if (isOurs) {
        expectLike(JSON.parse(answer.text), JSON.parse(expected.body), kept);
        continue;
      }
      const told = Object.fromEntries(
        Object.entries(expected.headers).map(([name, value]) => [name.toLowerCase(), value]),
      );
      const names = [...ALWAYS, ...Object.keys(told)];
      const some = (of: Readonly<Record<string, string | undefined>>) => names.map((name) => [name, of[name]]);
      expect({ title, headers: some(answer.headers) }).toEqual({ title, headers: some(told) });
      expectText(answer.text, expected.body + endOf(kumaRelease, path, answer), kept);
    }
    expect(bugs).toEqual([]);
  } finally {
    await Promise.all([kuma.close(), control.close()]);
    await emulator.close();
  }
}

/** The rows of the checklist that a title tells: `Row 12: …`, `Rows 3, 25a: …`. */
export function rowsOf(title: string): string[] {
  const [, rows = ''] = /^Rows? (\d+[ab]?(?:, \d+[ab]?)*): /.exec(title) ?? [];
  return rows === '' ? [] : rows.split(', ');
}

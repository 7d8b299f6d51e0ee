import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Transcripts: what was asked and answered, with the evidence for it. One `.http` file holds a short story
 * in one world; each exchange begins with `###` and a sentence.
 *
 *     # world: demo
 *     # release: 22.2
 *
 *     ### A label is created
 *     # evidence: documented
 *     # source: Core REST API reference, Labels
 *     POST /api/v2/orgs/1/labels
 *     Content-Type: application/json
 *
 *     { "key": "role", "value": "Cache" }
 *
 *     HTTP 201
 *
 *     { "href": "/orgs/1/labels/<label:integer>", … }
 *
 * What stands for text that is not known beforehand is told in `placeholders.ts`. A file that names several releases
 * (`# release: 0.4.0, 0.5.1`) is a transcript for each of them.
 */
export interface Transcript {
  /** Path of the file below the folder it was read from, with slashes. */
  readonly file: string;
  /** `# api: kuma`: whose story it is; `pce` where it does not say. */
  readonly api: string;
  readonly world: string;
  /** Of that API. */
  readonly release: string;
  /** `# read-only: yes`: the server refuses changes. */
  readonly readOnly: boolean;
  /** `# live: yes`: it may also be played to a real PCE. */
  readonly live: boolean;
  readonly exchanges: readonly Exchange[];
}

export interface Exchange {
  /** A sentence. */
  readonly title: string;
  readonly evidence: string;
  readonly source: string;
  readonly method: string;
  /** With the query, as on the request line. */
  readonly path: string;
  readonly headers: Record<string, string>;
  /** Empty where there is none. */
  readonly body: string;
  readonly expected: { readonly status: number; readonly headers: Record<string, string>; readonly body: string };
}

/** Every transcript below a folder, in the order of their paths. @throws Error for one that lacks its evidence */
export function readTranscriptFiles(folder: string): Transcript[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.http'))
    .sort()
    .map((name) => parseTranscript(name.replaceAll('\\', '/'), readFileSync(join(folder, name), 'utf8')))
    .flatMap((told) => told.release.split(', ').map((release) => ({ ...told, release })));
}

/**
 * Reads the text of one transcript.
 * @param file what to call it in errors, and in the result
 * @throws Error when an exchange lacks an answer, evidence or a source
 */
export function parseTranscript(file: string, text: string): Transcript {
  const [head = '', ...parts] = text.split(/^### /m);
  return {
    file,
    api: remark(head, 'api') ?? 'pce',
    world: remark(head, 'world') ?? 'empty',
    release: remark(head, 'release') ?? '22.2',
    readOnly: remark(head, 'read-only') === 'yes',
    live: remark(head, 'live') === 'yes',
    exchanges: parts.map((part) => exchange(file, part)),
  };
}

function exchange(file: string, text: string): Exchange {
  const [title = '', ...rest] = text.split('\n');
  const lines = rest.filter((line) => !line.startsWith('#')).join('\n');
  const [asked = '', answered] = lines.split(/^HTTP /m);
  const [first = '', ...request] = asked.trim().split('\n');
  const [method = '', path = ''] = first.split(' ');
  const { headers, body } = headersAndBody(request);
  const [status = '', ...reply] = (answered ?? '').trim().split('\n');
  const evidence = remark(text, 'evidence');
  const source = remark(text, 'source');
  if (!answered || !evidence || !source) throw new Error(`${file}: "${title}" lacks an answer, evidence or a source`);
  return {
    title,
    evidence,
    source,
    method,
    path,
    headers,
    body,
    expected: { status: Number(status), ...headersAndBody(reply) },
  };
}

const remark = (text: string, name: string) => new RegExp(`^# ${name}: (.*)$`, 'm').exec(text)?.[1];

function headersAndBody(lines: string[]): { headers: Record<string, string>; body: string } {
  const blank = lines.indexOf('');
  const end = blank < 0 ? lines.length : blank;
  const headers = lines.slice(0, end).map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  return { headers: Object.fromEntries(headers), body: lines.slice(end).join('\n').trim() };
}

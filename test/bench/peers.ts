import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type CaseId, firstOf, type Payload, PLACE, type Place } from './cases.ts';
import type { Contender } from './contenders.ts';
import { jsonServerFile, mockoonFile, openapiFile } from './peer-documents.ts';
import { startQuietServer } from './servers.ts';

/** What users would pick instead. It is looked up, not depended on: all of it together is 250 MB. */
interface Peer {
  /** The name under which npm installs it. */
  readonly package: string;
  /** What to install, of the version that was measured. */
  readonly spec: string;
  /** Its command, where that is looked for on the PATH. */
  readonly command?: string;
  readonly forms: readonly Form[];
}

/** A way to run it: some have two that differ much. */
interface Form {
  readonly name: string;
  readonly place: Place;
  readonly keeps: Contender['keeps'];
  readonly cannot: Contender['cannot'];
  /** Writes what it starts from, and tells how to start it on a port. @param path of a file that is not there yet */
  prepare(payload: Payload, path: string): (port: number) => string[];
}

const KEEPS_NOTHING = 'keeps nothing: it answers an example';
const FORGETS: Partial<Record<CaseId, string>> = { 'post-durable': 'has no file to keep it in' };
const ALWAYS_WRITES = 'keeps everything in its file, always';

const JSON_SERVER: Omit<Form, 'name' | 'prepare'> = {
  place: { list: '/container_clusters', few: '/container_clusters?_limit=20' },
  keeps: 'file',
  cannot: { post: ALWAYS_WRITES },
};

export const PEERS: readonly Peer[] = [
  {
    package: '@stoplight/prism-cli',
    spec: '@stoplight/prism-cli@5.14.2',
    command: 'prism',
    forms: [
      {
        name: 'Prism, -v error',
        place: { list: PLACE.list, few: `${PLACE.list}?__example=few` },
        keeps: 'nothing',
        cannot: { 'post-durable': KEEPS_NOTHING },
        prepare(payload, path) {
          const file = openapiFile(payload, path);
          return (port) => ['mock', '-h', '127.0.0.1', '-p', String(port), '-v', 'error', file];
        },
      },
    ],
  },
  {
    package: 'json-server',
    spec: 'json-server@0.17.4',
    command: 'json-server',
    forms: [
      {
        ...JSON_SERVER,
        name: 'json-server',
        prepare(payload, path) {
          const file = jsonServerFile(payload, path);
          return (port) => ['--host', '127.0.0.1', '--port', String(port), '--quiet', file];
        },
      },
    ],
  },
  {
    package: 'json-server-beta',
    spec: 'json-server-beta@npm:json-server@1.0.0-beta.3',
    forms: [
      {
        ...JSON_SERVER,
        name: 'json-server beta',
        prepare(payload, path) {
          const file = jsonServerFile(payload, path);
          return (port) => ['--host', '127.0.0.1', '--port', String(port), file];
        },
      },
    ],
  },
  {
    package: '@mockoon/cli',
    spec: '@mockoon/cli@9.9.0',
    command: 'mockoon-cli',
    forms: [
      {
        name: 'Mockoon, fixed answers',
        place: PLACE,
        keeps: 'nothing',
        cannot: { 'post-durable': KEEPS_NOTHING },
        prepare: (payload, path) => mockoonArgs(mockoonFile(payload, path, 'fixed')),
      },
      {
        name: 'Mockoon, CRUD',
        place: { list: PLACE.list, few: `${PLACE.list}?limit=20&page=1` },
        keeps: 'memory',
        cannot: FORGETS,
        prepare: (payload, path) => mockoonArgs(mockoonFile(payload, path, 'crud')),
      },
    ],
  },
];

const mockoonArgs = (file: string) => (port: number) => [
  ...['start', '--data', file, '--hostname', '127.0.0.1', '--port', String(port)],
  ...['--disable-log-to-file', '--disable-admin-api', '--repair'],
];

/** The peers that are at hand, ready to start, and a line for each that is not. */
export interface Found {
  readonly contenders: readonly Contender[];
  readonly remarks: readonly string[];
}

/**
 * Looks peers up in a folder that `npm run bench:peers` has filled, else on the PATH.
 * @param folder for their files
 */
export function findPeers(payload: Payload, folder: string, installed?: string): Found {
  const contenders: Contender[] = [];
  const remarks: string[] = [];
  for (const peer of PEERS) {
    const script = installed === undefined ? onPath(peer) : within(peer, installed);
    if (script === undefined) {
      if (installed !== undefined || peer.command) remarks.push(`${peer.spec} is not at hand: npm run bench:peers`);
      continue;
    }
    remarks.push(`${peer.package} is ${versionOf(script)}`);
    for (const form of peer.forms) contenders.push(contenderOf(form, script, payload, folder));
  }
  return { contenders, remarks };
}

function contenderOf({ name, place, keeps, cannot, prepare }: Form, script: string, payload: Payload, folder: string) {
  let starts = 0;
  return {
    name,
    kind: 'peer' as const,
    place,
    keeps,
    cannot,
    start() {
      // One that writes its file gets a fresh one.
      const args = prepare(payload, join(folder, `${name.replace(/\W+/g, '-')}-${starts++}.json`));
      return startQuietServer((port) => [script, ...args(port)], firstOf(place));
    },
  };
}

interface Manifest {
  readonly version: string;
  readonly bin: string | Readonly<Record<string, string>>;
}

const manifest = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

function within({ package: name }: Peer, installed: string): string | undefined {
  const folder = join(installed, 'node_modules', name);
  if (!existsSync(folder)) return undefined;
  const { bin } = manifest(folder);
  const script = typeof bin === 'string' ? bin : Object.values(bin)[0];
  return script && join(folder, script);
}

function onPath({ command }: Peer): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = command && folders.map((folder) => join(folder, command)).find((file) => existsSync(file));
  return found && realpathSync(found);
}

function versionOf(script: string): string {
  for (let folder = dirname(script); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return manifest(folder).version ?? 'of no version';
  }
  return 'of no version';
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { UnusableOption, WORLDS } from '../emulator.ts';
import { Misuse, note, print, read, separated } from './arguments.ts';
import { holdsAnother } from './own-files.ts';
import { writePrivately } from './private-file.ts';
import { askRunning, NotDone, RUNNING } from './running.ts';
import { readText } from './starting.ts';

/** What of a world is told here. */
interface World {
  readonly description: string;
  readonly steps: readonly object[];
}

interface Loaded {
  readonly orgs: readonly { readonly org_id: number; readonly api_key?: string; readonly api_secret?: string }[];
}

/**
 * `pce-emulator world save|load|list`: what a running emulator holds, as a file, and back.
 * @throws Misuse, NotDone, UnusableOption
 */
export async function world([what, ...args]: string[]): Promise<void> {
  if (what === 'list') {
    read(args, {});
    return print(listed());
  }
  if (what !== 'save' && what !== 'load') {
    throw new Misuse(`world takes save FILE, load FILE or list${what === undefined ? '' : `, not ${what}`}`);
  }
  const { file, options } = separated(args, RUNNING, `world ${what}`);
  if (file === undefined) {
    throw new Misuse(`world ${what} takes a FILE, or - for standard ${what === 'save' ? 'output' : 'input'}`);
  }
  const given = read(options, RUNNING);
  if (what === 'save') {
    if (file !== '-') refuseAnother(file);
    return save(file, (await askRunning(given, 'GET', '/world')) as World);
  }
  const content = file === '-' ? await text(process.stdin) : readText(file);
  const { steps } = worldIn(content, file);
  const { orgs } = (await askRunning(given, 'PUT', '/world', content)) as Loaded;
  print([`loaded ${file === '-' ? 'a world' : file}: ${counted(steps, 'step')}\n`, ...orgs.map(keysOf)].join(''));
}

function save(file: string, saved: World): void {
  const content = `${JSON.stringify(saved, null, 2)}\n`;
  if (file === '-') {
    print(content);
    note(`saved ${counted(saved.steps, 'document')}`);
  } else {
    // It holds digests of secrets.
    writePrivately(file, content);
    print(`saved ${counted(saved.steps, 'document')} to ${file}; start --world ${pathLike(file)} begins with them\n`);
  }
}

/** @throws UnusableOption where there is a file that is no world: a database, say */
function refuseAnother(file: string): void {
  if (holdsAnother(file, (text) => worldIn(text, file) !== undefined)) {
    throw new UnusableOption(`${file} is there, and is no world; name another file`);
  }
}

/** A world without a slash or `.json` in its name is one of those that have a name. */
const pathLike = (file: string): string => (/[\\/]|\.json$/.test(file) ? file : `./${file}`);

/** @throws NotDone */
function worldIn(content: string, file: string): World {
  try {
    const value = JSON.parse(content) as World;
    if (Array.isArray(value?.steps)) return value;
  } catch (error) {
    throw new NotDone(`${file} is no world: ${(error as Error).message}`);
  }
  throw new NotDone(`${file} is no world: it has no steps; world save makes one`);
}

const counted = ({ length }: readonly object[], thing: string): string =>
  `${length} ${thing}${length === 1 ? '' : 's'}`;

function keysOf({ org_id, api_key, api_secret }: Loaded['orgs'][number]): string {
  const org = `  Org ${String(org_id).padEnd(9)}`;
  if (api_key === undefined) return `${org}its key of the start goes on working\n`;
  return `${org}API key ${api_key}\n               API secret ${api_secret}\n`;
}

/** The worlds that have a name, with what is in each. */
function listed(): string {
  return readdirSync(WORLDS)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const { description } = JSON.parse(readFileSync(join(WORLDS, file), 'utf8')) as World;
      return `${file.slice(0, -'.json'.length).padEnd(7)}${description}\n`;
    })
    .join('');
}

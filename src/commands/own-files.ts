import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Misuse } from './arguments.ts';

/** What SQLite has beside a file. */
const BESIDE = ['', '-wal', '-shm', '-journal'];

/** The files that a run writes. */
export interface OwnFiles {
  readonly db?: string;
  readonly 'write-env'?: string;
  readonly report?: string;
}

/** Each is written over what the other holds. @throws Misuse where two of them are one */
export function refuseSharedFiles({ db, ...others }: OwnFiles): void {
  const taken = new Map(db === undefined ? [] : BESIDE.map((end) => [placeOf(db) + end, 'db']));
  for (const [option, file] of Object.entries(others)) {
    if (file === undefined) continue;
    const place = placeOf(file);
    const other = taken.get(place);
    if (other !== undefined) throw new Misuse(`--${option} takes a file of its own, not one of --${other}`);
    taken.set(place, option);
  }
}

/** Whether there is a file with something in it that is not of a kind, or cannot be read. */
export function holdsAnother(file: string, isOfKind: (text: string) => boolean): boolean {
  const there = statSync(file, { throwIfNoEntry: false });
  if (!there?.isFile() || there.size === 0) return false;
  try {
    return !isOfKind(readFileSync(file, 'utf8'));
  } catch {
    return true;
  }
}

/** Where a path leads, also one that nothing is at yet. */
function placeOf(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const link = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
  const end = link ? resolve(dirname(path), readlinkSync(path)) : resolve(path);
  const folder = dirname(end);
  return join(existsSync(folder) ? realpathSync(folder) : folder, basename(end));
}

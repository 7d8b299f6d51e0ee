import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchWorld } from './cases.ts';

/** Writes the world with 500 clusters into a folder, and returns the path of its file. */
export function benchWorldFile(folder: string): string {
  const file = join(folder, 'world.json');
  writeFileSync(file, JSON.stringify(benchWorld()));
  return file;
}

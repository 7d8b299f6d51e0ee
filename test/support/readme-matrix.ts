import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Matrix } from '../../src/contract/matrix.ts';
import { startEmulator } from '../../src/emulator.ts';
import { readRecords } from './clients.ts';
import { withTables } from './readme.ts';

/** `npm run matrix`: writes the tables of routes into the README, as a running emulator tells them. */

const README = fileURLToPath(new URL('../../README.md', import.meta.url));

const emulator = await startEmulator({ world: 'empty' });
try {
  const answer = await fetch(`${emulator.http_url}/_emulator/matrix`);
  if (!answer.ok) throw new Error(`/_emulator/matrix answers ${answer.status}`);
  writeFileSync(README, withTables(readFileSync(README, 'utf8'), (await answer.json()) as Matrix, readRecords()));
} finally {
  await emulator.close();
}

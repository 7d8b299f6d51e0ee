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
  const matrixAt = async (path: string): Promise<Matrix> => {
    const answer = await fetch(`${emulator.http_url}/_emulator${path}`);
    if (!answer.ok) throw new Error(`/_emulator${path} answers ${answer.status}`);
    return (await answer.json()) as Matrix;
  };
  const matrices = { pce: await matrixAt('/matrix'), kuma: await matrixAt('/kuma/matrix') };
  writeFileSync(README, withTables(readFileSync(README, 'utf8'), matrices, readRecords()));
} finally {
  await emulator.close();
}

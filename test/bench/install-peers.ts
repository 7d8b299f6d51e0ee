import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { PEERS } from './peers.ts';
import { say } from './scaffold.ts';

/** `npm run bench:peers -- DIR`: installs what the benchmark compares with, in the versions that peers.ts names. */
function install(given: string | undefined): number {
  const specs = PEERS.map(({ spec }) => spec);
  if (given === undefined) {
    say(`npm run bench:peers -- DIR installs into a folder (some 200 MB):\n  ${specs.join('\n  ')}`);
    return 2;
  }
  const folder = resolve(given);
  mkdirSync(folder, { recursive: true });
  const options = ['--no-audit', '--no-fund', '--save-exact', '--ignore-scripts'];
  const { status } = spawnSync('npm', ['install', '--prefix', folder, ...options, ...specs], { stdio: 'inherit' });
  if (status === 0) say(`now: npm run bench -- --peers ${folder}`);
  return status ?? 1;
}

process.exitCode = install(process.argv[2]);

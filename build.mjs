/**
 * Makes `dist`: the declarations of types by tsc, and one file for each way in, with the packages that it uses in it.
 * Node takes half as long to load a few files as it takes to find a thousand. Only better-sqlite3 stays outside: it is
 * native, and so the one package that whoever installs this one gets with it.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const LICENCE = /^(licen[cs]e|copying)/i;

const { status } = spawnSync('tsc', ['-p', 'tsconfig.json', '--emitDeclarationOnly'], {
  stdio: 'inherit',
  shell: true,
});
if (status !== 0) process.exit(1);
const { metafile } = await build({
  entryPoints: ['src/index.ts', 'src/cli.ts', 'src/jest.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.12',
  external: ['better-sqlite3'],
  // Packages that come in both forms give the newer one, of which less is used.
  mainFields: ['module', 'main'],
  // What is written for CommonJS asks for Node's own modules by this name.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  metafile: true,
  logLevel: 'warning',
});
const packages = new Set(
  Object.keys(metafile.inputs).flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
);
writeFileSync('dist/THIRD-PARTY-LICENSES.txt', [...packages].sort().map(noticeOf).join('\n'));

// A build in the place of another leaves nothing of it, and takes nothing away that is in use meanwhile.
for (const file of readdirSync('dist', { recursive: true, encoding: 'utf8' })) {
  const path = `dist/${file.replaceAll('\\', '/')}`;
  if (path.endsWith('.js') && !(path in metafile.outputs)) rmSync(path);
}

/** What a package wants to be said where its code is. */
function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const files = readdirSync(folder).filter((file) => LICENCE.test(file));
  const texts = files.map((file) => readFileSync(`${folder}/${file}`, 'utf8').trim());
  return [`${name} ${version} (${license})`, ...texts, ''].join('\n\n');
}

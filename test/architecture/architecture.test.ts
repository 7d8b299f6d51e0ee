import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/emulator.ts';

interface Room {
  /** Our own folders and files that it may import from. */
  readonly ours: readonly string[];
  readonly npm: readonly string[];
  /** Node's own modules; any when absent. */
  readonly node?: readonly string[];
}

/** Who may import whom: the table of `src/README.md`, run. */
const ROOMS: Record<string, Room> = {
  kernel: { ours: [], npm: ['uuid'], node: ['node:crypto'] },
  contract: { ours: ['kernel'], npm: ['ajv', 'ajv-formats'], node: ['node:fs', 'node:path'] },
  console: { ours: ['contract'], npm: [], node: [] },
  store: { ours: ['kernel', 'contract'], npm: ['better-sqlite3'], node: ['node:fs', 'node:path'] },
  pce: { ours: ['kernel', 'contract'], npm: [], node: [] },
  kuma: { ours: ['kernel', 'contract'], npm: ['lossless-json'], node: [] },
  journal: { ours: ['kernel', 'contract'], npm: [], node: [] },
  faults: { ours: ['kernel', 'contract'], npm: [], node: [] },
  control: { ours: ['kernel', 'contract', 'journal', 'faults'], npm: [], node: [] },
  http: {
    ours: ['kernel', 'contract', 'journal', 'faults'],
    npm: ['express', 'basic-auth', '@peculiar/asn1-schema', '@peculiar/asn1-x509'],
  },
  worlds: { ours: ['kernel', 'contract', 'store', 'pce', 'kuma', 'control'], npm: [], node: ['node:fs', 'node:path'] },
  simulate: { ours: [], npm: ['pure-rand'], node: ['node:http', 'node:https', 'node:net'] },
  commands: { ours: ['kernel', 'journal', 'emulator.ts', 'simulate'], npm: [] },
  'emulator.ts': {
    ours: [
      ...['kernel', 'contract', 'pce', 'kuma', 'control', 'http', 'journal'],
      ...['worlds', 'engine.ts', 'derived.ts', 'planes.ts', 'options.ts', 'listening.ts', 'twins.ts'],
    ],
    npm: [],
  },
  'options.ts': { ours: ['kernel', 'contract', 'pce', 'kuma'], npm: [], node: [] },
  'listening.ts': { ours: ['contract', 'http', 'options.ts'], npm: ['express'] },
  'twins.ts': {
    ours: ['kernel', 'contract', 'control', 'journal', 'faults', 'http', 'worlds'],
    npm: [],
    node: [],
  },
  'engine.ts': { ours: ['kernel', 'contract', 'store', 'pce', 'kuma', 'control', 'faults'], npm: [], node: [] },
  'derived.ts': { ours: ['contract', 'console', 'control'], npm: [], node: [] },
  'planes.ts': { ours: ['contract', 'pce', 'kuma', 'derived.ts'], npm: [], node: [] },
  'cli.ts': { ours: ['commands', 'emulator.ts'], npm: [], node: [] },
  'index.ts': { ours: ['emulator.ts', 'twins.ts', 'control', 'faults', 'journal'], npm: [], node: [] },
  'jest.ts': { ours: ['emulator.ts'], npm: [], node: [] },
};

interface Module {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const modules: Module[] = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    const text = readFileSync(join(ROOT, 'src', path), 'utf8');
    const imports = [...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'([^']+)'/g)].map(([, name = '']) => name);
    return { path, room: path.split('/')[0] ?? '', text, imports };
  });

/** What waits in real time, and what makes real certificates. */
const ASKING_THE_MACHINE = ['commands/ready.ts', 'http/certificate.ts', 'simulate/real-time.ts'];

const inKernel = ({ room }: Module) => room === 'kernel';
const at = (path: string, module: Module) => module.text.split('\n').filter((line) => new RegExp(path).test(line));

describe('the house', () => {
  it('has no room without a rule', () => {
    expect([...new Set(modules.map(({ room }) => room))].sort()).toEqual(Object.keys(ROOMS).sort());
  });

  it.each(modules)('$path imports only what its room may', ({ path, room, imports }) => {
    const rule = ROOMS[room];
    const refused = imports.filter((name) => {
      if (name.startsWith('node:')) return rule?.node && !rule.node.includes(name);
      if (!name.startsWith('.')) return !rule?.npm.some((one) => name === one || name.startsWith(`${one}/`));
      const target = join(path, '..', name).split('/')[0] ?? '';
      return target !== room && !rule?.ours.includes(target);
    });
    expect(refused).toEqual([]);
  });

  it('has no circle of imports', () => {
    const graph = new Map(
      modules.map(({ path, imports }) => [
        path,
        imports.filter((name) => name.startsWith('.')).map((name) => join(path, '..', name)),
      ]),
    );
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (path: string, trail: string[]) => {
      if (trail.includes(path)) return void circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      if (done.has(path)) return;
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(circles).toEqual([]);
  });

  it('takes time and chance from the kernel alone', () => {
    const found = modules
      .filter((module) => !inKernel(module) && !ASKING_THE_MACHINE.includes(module.path))
      .flatMap((module) =>
        at('new Date|Date\\.(now|parse)|performance\\.|Math\\.random|randomUUID|randomBytes|webcrypto', module).map(
          (line) => `${module.path}: ${line}`,
        ),
      );
    expect(found).toEqual([]);
  });

  it('keeps no state in modules', () => {
    const found = modules.flatMap((module) =>
      at('^(export )?(let|var) |^(export )?const w+(: [^=]+)? = (new (Map|Set|WeakMap)\b|[];|{};)', module).map(
        (line) => `${module.path}: ${line}`,
      ),
    );
    expect(found).toEqual([]);
  });

  it('has no timers where the behaviour of the PCE is told', () => {
    const found = modules
      .filter(({ room }) => ['pce', 'kuma', 'control', 'contract', 'kernel', 'store'].includes(room))
      .flatMap((module) => at('setTimeout|setInterval|setImmediate', module));
    expect(found).toEqual([]);
  });

  it('has no grab-bags', () => {
    expect(modules.map(({ path }) => path).filter((path) => /util|helper|common|misc|shared/i.test(path))).toEqual([]);
  });

  it('has modules of a size that a person can hold', () => {
    const lines = modules.map(({ path, text }) => ({ path, lines: text.split('\n').length }));
    expect(lines.filter((one) => one.lines > 250)).toEqual([]);
  });

  it('shows its import rules in src/README.md', () => {
    const readme = readFileSync(join(ROOT, 'src', 'README.md'), 'utf8');
    const rows = Object.entries(ROOMS).map(([room, { ours, npm }]) => {
      const list = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ') || '–';
      return `| \`${room}\` | ${list(ours)} | ${list(npm)} |`;
    });
    for (const row of rows) expect(readme).toContain(row);
  });

  it('has nothing at its top but what belongs there', () => {
    const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
    const entries = new Set(tracked.map((path) => path.split('/')[0] ?? '').filter((name) => !name.startsWith('.')));
    expect([...entries].sort()).toEqual([
      'LICENSE',
      'README.md',
      'build.mjs',
      'fixtures',
      'package-lock.json',
      'package.json',
      'schemas',
      'src',
      'test',
      'tsconfig.json',
    ]);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RELEASES } from '../../src/emulator.ts';
import { type FuzzWorld, fuzzWorld, GONE, placesOf } from '../property/fuzz-world.ts';
import type { Json } from '../support/emulator.ts';
import { describeWith, type Ended, run } from './programs.ts';
import { pythonEnvironment } from './python.ts';

/**
 * Schemathesis, unmodified, reads the OpenAPI document of a running emulator, makes up requests that are right by it
 * and requests that are wrong, and holds every answer to it: the latest release, which has all the routes, and the
 * same requests each time. `SCHEMATHESIS_EXAMPLES=20` makes up as many for each operation, and takes the first release,
 * too.
 */

const { SCHEMATHESIS_EXAMPLES } = process.env;
const EXAMPLES = SCHEMATHESIS_EXAMPLES ?? '1';
const LIMIT_MS = 120_000 * Number(EXAMPLES);
const LATEST = RELEASES.at(-1) ?? RELEASES[0];

const { python, missing } = pythonEnvironment(
  join(__dirname, 'schemathesis', 'requirements.txt'),
  'import schemathesis',
);

/**
 * What is looked at. Not `positive_data_acceptance`: what names things that are not there is well-formed by the
 * document and refused, as a PCE does it, with the 406 of wrong forms. The journal tells the two apart, and is asked
 * in its place.
 */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
];

/** What would have no end, or have others answer otherwise. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'emulator.requests.follow': 'never ends',
  'emulator.faults.add': 'has others fail as they are told to',
  'emulator.faults.put': 'the same',
};

type Mode = 'positive' | 'negative';

describeWith(missing, 'Schemathesis', () => {
  describe.each(SCHEMATHESIS_EXAMPLES ? [RELEASES[0], LATEST] : [LATEST])(
    'with the document of release %s',
    (release) => {
      let folder = '';
      let world: FuzzWorld;
      beforeAll(async () => {
        folder = mkdtempSync(join(tmpdir(), 'pce-emulator-schemathesis-'));
        world = await fuzzWorld(release);
      }, LIMIT_MS);
      afterAll(async () => {
        await world.emulator.close();
        rmSync(folder, { recursive: true, force: true });
      });
      const passes = async (mode: Mode) => {
        const { status, stdout, stderr } = await schemathesis(world, folder, mode);
        if (status !== 0) throw new Error(`${stdout}\n${stderr}`);
        expect(world.bugs).toEqual([]);
      };

      it(
        'what is right by it is right to the emulator, and answered as it says',
        async () => {
          const wrong: unknown[] = [];
          const taken = new Set<string>();
          const end = world.emulator.requests.follow(({ route, path, query, request, violations }) => {
            taken.add(route ?? path);
            if (violations.length > 0) wrong.push({ route, query, request, violations });
          });
          await passes('positive');
          end();
          expect(wrong).toEqual([]);
          const ofThePce = operationsOf(world).filter(
            (one) => one['x-implemented'] && !one.operationId.startsWith('emulator.'),
          );
          expect(ofThePce.map(({ operationId }) => operationId).filter((id) => !taken.has(id))).toEqual([]);
        },
        LIMIT_MS,
      );

      it('what is wrong by it is refused, as it says', () => passes('negative'), LIMIT_MS);
    },
  );
});

function schemathesis(world: FuzzWorld, folder: string, mode: Mode): Promise<Ended> {
  const { http_url, credentials } = world.emulator;
  const config = join(folder, 'schemathesis.toml');
  writeFileSync(config, configOf(world));
  return run(
    python,
    [
      ...['-m', 'schemathesis.cli', '--config-file', config, 'run', `${http_url}/_emulator/openapi.json`],
      ...['--auth', `${credentials.api_key}:${credentials.api_secret}`],
      ...['--phases', mode === 'positive' ? 'examples,fuzzing' : 'fuzzing', '--mode', mode, '--max-examples', EXAMPLES],
      ...['--generation-deterministic', '--no-shrink', '--continue-on-failure'],
      ...['--request-timeout', '10', '--no-color', '--warnings', 'off'],
    ],
    // What it keeps for another time goes with the folder.
    { timeout: LIMIT_MS, cwd: folder },
  );
}

interface Operation {
  readonly operationId: string;
  /** Without the prefix of its API. */
  readonly path: string;
  readonly 'x-admits': readonly string[];
  readonly 'x-implemented': boolean;
}

const operationsOf = ({ document }: FuzzWorld): Operation[] =>
  Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.values<Json>(methods).map((one) => ({ ...one, path: path.replace(/^\/(api\/v2|_emulator)/, '') })),
  );

const quoted = (value: unknown) => JSON.stringify(value);
const table = (pairs: Readonly<Record<string, string>>) =>
  `{ ${Object.entries(pairs)
    .map(([name, value]) => `${quoted(name)} = ${quoted(value)}`)
    .join(', ')} }`;

/** What paths lead to, who comes to which, and what is not asked of some. */
function configOf(world: FuzzWorld): string {
  const operations = operationsOf(world);
  const things = [...world.hrefs].flatMap(([kind, some]) => (kind === GONE ? [] : some.filter(isOwn)));
  const ofAgents = operations.filter((one) => one['x-admits'].every((who) => who.endsWith('_cluster')));
  const unimplemented = operations.filter((one) => !one['x-implemented']);
  const idsOf = (some: readonly Operation[]) => quoted(some.map(({ operationId }) => operationId));
  const agents = [...world.callers].filter(([href]) => href.startsWith('/orgs/1/container_clusters/'));
  const [cluster = '', header = ''] = agents.at(-1) ?? [];
  const [username = '', password = ''] = Buffer.from(header.replace('Basic ', ''), 'base64').toString().split(':');
  return [
    // Nobody waits for what does not come.
    `parameters = ${table({ ...namedIn(operations, things), 'query.wait': '1ms' })}`,
    'checks.enabled = false',
    ...CHECKS.map((check) => `checks.${check}.enabled = true`),
    ...['[[operations]]', `include-operation-id = ${idsOf(ofAgents)}`],
    `auth.basic = ${table({ username, password })}`,
    `parameters = ${table({ 'path.container_cluster_id': cluster.slice(-36) })}`,
    // These answer 501, as the document says, to whatever is sent: the other property tests see to it.
    ...['[[operations]]', `include-operation-id = ${idsOf(unimplemented)}`, 'enabled = false'],
    ...['[[operations]]', `include-operation-id = ${quoted(Object.keys(LEFT_OUT))}`, 'enabled = false'],
  ].join('\n');
}

/** The things of another organisation are not for this caller. */
const isOwn = (href: string) => !/^\/(orgs|users)\/(?!1\b)/.test(href);

/** What the parameters of paths stand for, the longest paths first, so that all of a path are of one thing. */
function namedIn(operations: readonly Operation[], things: readonly string[]): Record<string, string> {
  const named: Record<string, string> = {};
  const paths = [...new Set(operations.map(({ path }) => path))];
  for (const path of paths.sort((one, other) => other.split('{').length - one.split('{').length)) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => `path.${name}`);
    const [place = ''] = placesOf(path, things);
    const values = new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}$`).exec(place)?.slice(1) ?? [];
    for (const [at, value] of values.entries()) named[names[at] ?? ''] ??= value;
  }
  return { ...named, 'path.pversion': 'draft', 'path.org_id': '1' };
}

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { createSchemas, readSchemaFiles } from '../../src/contract/schemas.ts';
import { startEmulator } from '../../src/emulator.ts';
import { featuresOf } from '../../src/engine.ts';
import { KUMA_DIFFERENCES, KUMA_RELEASES } from '../../src/kuma/versions.ts';
import { pce, pceCollections, pceControl } from '../../src/pce/index.ts';
import { DIFFERENCES, hasFeature, RELEASES } from '../../src/pce/versions.ts';
import { type Json, ROOT, readJson } from '../support/emulator.ts';

const files = readSchemaFiles(join(ROOT, 'schemas'));
const routes = [...pce.routes, ...pceControl.routes];
const references = [
  ...routes.flatMap(({ query, body, replies }) => [query, body, ...Object.values(replies)]),
  ...pceCollections.map(({ schema }) => schema),
].filter((reference) => typeof reference === 'string');

/** Every example, with the part of a file that it stands in. */
function examplesIn(
  file: string,
  node: Json,
  pointer = '',
): { file: string; pointer: string; place: Json; example: Json }[] {
  if (typeof node !== 'object' || node === null) return [];
  const here = Array.isArray(node.examples) ? node.examples : [];
  return [
    ...here.map((example: Json, index: number) => ({
      file,
      pointer: `${pointer}/examples/${index}`,
      place: node,
      example,
    })),
    ...Object.entries(node)
      .filter(([key]) => key !== 'examples')
      .flatMap(([key, value]) => examplesIn(file, value, `${pointer}/${key}`)),
  ];
}

const examples = [...files].flatMap(([file, schema]) => examplesIn(file, schema));

describe('the schemas', () => {
  it.each([...files])('%s is JSON Schema 2020-12', (_name, file) => {
    const ajv = new Ajv2020({ strict: false });
    expect({ valid: ajv.validateSchema(file), errors: ajv.errors ?? [] }).toEqual({ valid: true, errors: [] });
  });

  it.each(RELEASES)('are whole in release %s', (release) => {
    const schemas = createSchemas(files, hasFeature(release));
    for (const reference of new Set(references)) expect(() => schemas.check(reference, {})).not.toThrow();
  });

  it.each(readdirSync(join(ROOT, 'fixtures', 'worlds')))('are met by the world %s', (name) => {
    const schemas = createSchemas(files, hasFeature(RELEASES[0]));
    expect(schemas.check('emulator/world#world', readJson('fixtures', 'worlds', name))).toEqual([]);
  });

  it.each(
    readdirSync(join(ROOT, 'fixtures', 'worlds')).flatMap((name) =>
      RELEASES.map((release) => [name, release] as const),
    ),
  )('hold all that the world %s makes in PCE %s', async (name, pceVersion) => {
    // By its path it is checked as anybody's own world is; by its name a start trusts it.
    const world = join(ROOT, 'fixtures', 'worlds', name);
    await (await startEmulator({ world, pceVersion, listen: false })).close();
  });

  it('name no difference between releases that is not in the table', () => {
    const text = JSON.stringify([...files.values()]);
    const named = [...text.matchAll(/"x-feature":"(\w+)"/g)].map(([, name]) => name);
    const known = { ...DIFFERENCES, ...KUMA_DIFFERENCES };
    expect(named.filter((name) => !Object.hasOwn(known, name ?? ''))).toEqual([]);
  });

  it.each(examples)('hold their own example at $file#$pointer', ({ file, place, example }) => {
    // The part that the example stands in, under a name of its own, so that its references still lead somewhere.
    const whole = files.get(file);
    const named = { ...whole, $defs: { ...(whole?.$defs as object), the_place: place } };
    // The releases of Kuma differ too much for one example to go with both.
    const releases = file.startsWith('kuma/') ? KUMA_RELEASES : KUMA_RELEASES.slice(0, 1);
    const violations = releases.map((release) => {
      const schemas = createSchemas(new Map(files).set(file, named), featuresOf('25.2', release));
      return schemas.check(`${file}#the_place`, example);
    });
    expect(violations).toContainEqual([]);
  });

  it('have an example of each body that no public document shows', () => {
    const ours = [...pce.routes.filter(({ admits }) => admits.includes('own_cluster')), ...pceControl.routes];
    const bodies = ours.flatMap(({ body }) => body ?? []);
    expect(bodies.length).toBeGreaterThan(10);
    const lacking = bodies.filter((reference) => {
      const [file, name] = reference.split('#');
      return !examples.some((one) => one.file === file && one.pointer.startsWith(`/$defs/${name}/examples/`));
    });
    expect(lacking).toEqual([]);
  });

  it('let a description of each request and each answer be generated: every route names its schemas', () => {
    const lacking = routes.filter(({ method, body, handle }) => handle && ['POST', 'PUT'].includes(method) && !body);
    expect(lacking.map(({ id }) => id)).toEqual([]);
  });
});

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { createSchemas, readSchemaFiles } from '../../src/contract/schemas.ts';
import { pce, pceCollections } from '../../src/pce/index.ts';
import { DIFFERENCES, hasFeature, RELEASES } from '../../src/pce/versions.ts';
import { ROOT, readJson } from '../support/emulator.ts';

const files = readSchemaFiles(join(ROOT, 'schemas'));
const references = [
  ...pce.routes.flatMap(({ query, body, replies }) => [query, body, ...Object.values(replies)]),
  ...pceCollections.map(({ schema }) => schema),
].filter((reference) => typeof reference === 'string');

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

  it('name no difference between releases that is not in the table', () => {
    const text = JSON.stringify([...files.values()]);
    const named = [...text.matchAll(/"x-feature":"(\w+)"/g)].map(([, name]) => name);
    expect(named.filter((name) => !Object.hasOwn(DIFFERENCES, name ?? ''))).toEqual([]);
  });

  it('let a description of each request and each answer be generated: every route names its schemas', () => {
    const lacking = pce.routes.filter(
      ({ method, body, handle }) => handle && ['POST', 'PUT'].includes(method) && !body,
    );
    expect(lacking.map(({ id }) => id)).toEqual([]);
  });
});

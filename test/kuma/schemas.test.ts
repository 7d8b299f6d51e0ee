import { join } from 'node:path';
import { createSchemas, readSchemaFiles } from '../../src/contract/schemas.ts';
import { parseJson } from '../../src/kuma/protobuf/json-text.ts';
import { createMessages } from '../../src/kuma/protobuf/messages.ts';
import { META } from '../../src/kuma/protobuf/meta.ts';
import { hasKumaFeature, KUMA_RELEASES } from '../../src/kuma/versions.ts';
import { type Json, ROOT, readJson } from '../support/emulator.ts';

const files = new Map([...readSchemaFiles(join(ROOT, 'schemas'))].filter(([file]) => file.startsWith('kuma/')));
const definitions = [...files].flatMap(([file, { $defs }]) =>
  Object.entries($defs as Json).map(([name, definition]) => ({
    reference: `${file}#${name}`,
    definition: definition as Json,
  })),
);
const items = definitions.filter(({ reference }) => reference.endsWith('#item'));
const examples = items
  .filter(({ reference }) => reference !== 'kuma/overviews#item')
  .flatMap(({ reference, definition }) => definition.examples.map((example: Json) => ({ reference, example })));

const withoutMeta = (item: Json): Json =>
  Object.fromEntries(Object.entries(item).filter(([key]) => !META.includes(key)));

describe("Kuma's schemas", () => {
  it.each(KUMA_RELEASES)('are whole in %s', (release) => {
    const schemas = createSchemas(files, hasKumaFeature(release));
    const messages = createMessages(schemas);
    for (const { reference } of definitions) expect(() => schemas.check(reference, {})).not.toThrow();
    for (const { reference } of items) expect(() => messages.read(reference, null)).not.toThrow();
  });

  it('have a list, and examples of what is in it, for each type', () => {
    expect(items).toHaveLength(12);
    const lacking = items.filter(
      ({ reference, definition }) =>
        !definition.examples?.length ||
        !definitions.some((one) => one.reference === reference.replace('#item', '#list')),
    );
    expect(lacking).toEqual([]);
  });

  it.each(examples)('show in an example of $reference what protobuf makes of it', ({ reference, example }) => {
    const held = KUMA_RELEASES.map((release) => createSchemas(files, hasKumaFeature(release))).filter(
      (schemas) => schemas.check(reference, example).length === 0,
    );
    expect(held).not.toEqual([]);
    for (const schemas of held) {
      const shown = createMessages(schemas).read(reference, parseJson(JSON.stringify(example)));
      expect(JSON.stringify(shown)).toBe(JSON.stringify(withoutMeta(example)));
    }
  });

  it('name in another order all that there is', () => {
    const ordered = definitions.filter(({ definition }) => definition['x-order']);
    expect(ordered).toHaveLength(1);
    for (const { definition } of ordered) {
      expect([...definition['x-order'].keys].sort()).toEqual(Object.keys(definition.properties).sort());
    }
  });

  it('name of several fields those that are there', () => {
    const chosen = definitions.filter(({ definition }) => definition['x-oneof']);
    expect(chosen).toHaveLength(3);
    for (const { definition } of chosen) {
      expect(Object.keys(definition.properties)).toEqual(expect.arrayContaining(definition['x-oneof']));
    }
  });

  it.each(['kuma/dataplanes', 'kuma/dataplane_insights'])('have the same message in %s as in its overview', (file) => {
    const { item, message } = (files.get(file) as Json).$defs;
    expect(message.properties).toEqual(withoutMeta(item.properties));
  });

  it.each(KUMA_RELEASES)('hold what was recorded of the configuration of %s', (release) => {
    const schemas = createSchemas(files, hasKumaFeature(release));
    expect(schemas.check('kuma/config#config', readJson('fixtures', 'kuma', `config-${release}.json`))).toEqual([]);
  });
});

import { join } from 'node:path';
import fc from 'fast-check';
import { createSchemas, readSchemaFiles, referred } from '../../../src/contract/schemas.ts';
import { type ResourceType, type Spec, Unreadable } from '../../../src/kuma/resource-type.ts';
import { TYPES } from '../../../src/kuma/types/index.ts';
import { hasKumaFeature, KUMA_RELEASES, type KumaRelease } from '../../../src/kuma/versions.ts';
import { ROOT } from '../../support/emulator.ts';

type Schema = Readonly<Record<string, unknown>>;

const META = ['type', 'mesh', 'name', 'creationTime', 'modificationTime'];
const WORDS = [
  ...[
    'service',
    'protocol',
    'http',
    'builtin',
    'provided',
    'file',
    'tcp',
    'zipkin',
    'prometheus',
    'ca-1',
    '',
    '*',
    '__proto__',
  ],
  ...[
    '127.0.0.1',
    '[::1]:80:80',
    ':80',
    'http://a:80',
    '%REQ(a)%',
    '%',
    "'@type': a/envoy.api.v2.Cluster",
    '{"@type":',
    '- a',
  ],
];
const text = fc.oneof(fc.constantFrom(...WORDS), fc.string({ unit: 'binary' }));
const conf = fc.dictionary(
  fc.constantFrom('port', 'path', 'tags', 'address', 'url', 'apiVersion', 'traceId128bit', 'cert', 'key', 'secret'),
  fc.oneof(text, fc.jsonValue(), fc.dictionary(text, text), fc.record({ secret: fc.oneof(text, fc.constant(null)) })),
);

/** Values as the reader hands them over: nothing that is zero, but for what tells zero from nothing. */
const SCALARS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  uint32: fc.oneof(fc.integer({ min: 1, max: 70000 }), fc.constant(2 ** 32 - 1)),
  uint64: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String),
  string: text.filter((one) => one !== ''),
  bool: fc.constant(true),
  UInt32Value: fc.integer({ min: 0, max: 1000 }),
  DoubleValue: fc.double({ noNaN: true, noDefaultInfinity: true }),
  StringValue: text,
  BoolValue: fc.boolean(),
  duration: fc.constantFrom('0s', '10s', '-1.500s'),
  timestamp: fc.constant('2020-03-01T09:00:00Z'),
  struct: conf,
};

/** Specs of a type, made from the shape that its schema has in a release. */
function specsOf({ schema }: ResourceType, release: KumaRelease): fc.Arbitrary<Spec> {
  const schemas = createSchemas(readSchemaFiles(join(ROOT, 'schemas')), hasKumaFeature(release));
  const made = (part: Schema, file: string): fc.Arbitrary<unknown> => {
    if (typeof part.$ref === 'string') {
      const reference = referred(part.$ref, file);
      return made(schemas.definition(reference), reference.split('#')[0] ?? '');
    }
    const scalar = SCALARS[String(part['x-proto'])];
    if (scalar) return scalar;
    if (part.items) return fc.array(made(part.items as Schema, file), { maxLength: 4 });
    if (!part.properties) return fc.dictionary(text, text, { maxKeys: 4 });
    const fields = Object.entries(part.properties as Record<string, Schema>).filter(
      ([name]) => !META.includes(name) || part !== top,
    );
    return fc.record(Object.fromEntries(fields.map(([name, one]) => [name, made(one, file)])), { requiredKeys: [] });
  };
  const top: Schema = schemas.definition(schema);
  return made(top, schema.split('#')[0] ?? '') as fc.Arbitrary<Spec>;
}

const cases = TYPES.flatMap((type) =>
  KUMA_RELEASES.filter((release) => !type.feature || hasKumaFeature(release)(type.feature)).map(
    (release) => [type.name, release, type] as const,
  ),
);

describe('any spec', () => {
  it.each(cases)('of a %s in %s is either fine or not, and what is wrong stands in it', (_name, release, type) => {
    const has = hasKumaFeature(release);
    fc.assert(
      fc.property(specsOf(type, release), fc.option(specsOf(type, release), { nil: undefined }), (spec, other) => {
        try {
          const [after, before] = [spec, other].map((one) => one && (type.completed?.(one, has) ?? one));
          const causes = [
            ...(type.faults?.(after as Spec, has) ?? []),
            ...(type.faultsOfChange?.(before, after as Spec, has) ?? []),
          ];
          for (const { field, message } of causes) {
            expect(field).toMatch(/^(sources|destinations|selectors|conf|networking|mtls|logging|tracing|metrics)\b/);
            expect(message).not.toBe('');
          }
        } catch (error) {
          expect(error).toBeInstanceOf(Unreadable);
        }
      }),
    );
  });

  it.each(cases)('of a %s in %s is completed once', (_name, release, type) => {
    const has = hasKumaFeature(release);
    const completed = (spec: Spec) => type.completed?.(spec, has) ?? spec;
    fc.assert(
      fc.property(specsOf(type, release), (spec) => {
        try {
          const once = completed(spec);
          expect(JSON.stringify(completed(once))).toBe(JSON.stringify(once));
        } catch (error) {
          expect(error).toBeInstanceOf(Unreadable);
        }
      }),
    );
  });
});

import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { docsPage } from '../../src/console/page.ts';
import type { OpenApi, Operation } from '../../src/contract/openapi/form.ts';
import { patternOf } from '../../src/contract/placeholders.ts';
import { cutApi } from '../../src/contract/route.ts';
import { createSchemas, readSchemaFiles } from '../../src/contract/schemas.ts';
import { createControl } from '../../src/control/control.ts';
import { contractRoutes } from '../../src/control/routes/contract.ts';
import { derivedFrom } from '../../src/derived.ts';
import { featuresOf } from '../../src/engine.ts';
import { createKuma } from '../../src/kuma/index.ts';
import { hasKumaFeature, KUMA_RELEASES, type KumaRelease } from '../../src/kuma/versions.ts';
import { pce, pceControl } from '../../src/pce/index.ts';
import { hasFeature, RELEASES, type Release } from '../../src/pce/versions.ts';
import { describeKuma, describePce } from '../../src/planes.ts';
import { type Json, ROOT, useEmulator } from '../support/emulator.ts';

const files = readSchemaFiles(join(ROOT, 'schemas'));

const DOCUMENTS = { transcripts: join(ROOT, 'fixtures', 'transcripts'), version: '0.0.0' };
const KUMA_AT = 'http://127.0.0.1:5681';

/** The PCE and the emulator's own API, and what is derived from them for a release. */
function derive(release: Release) {
  const schemas = createSchemas(files, featuresOf(release, KUMA_RELEASES[0]));
  const derived = derivedFrom(
    { ...DOCUMENTS, schemas },
    describePce(release, () => control),
  );
  const control = createControl([...pceControl.routes, ...contractRoutes(derived)], pceControl.parameters);
  const apis = [pce, control].map((api) => cutApi(api, hasFeature(release)));
  return { derived, schemas, apis };
}

/** The same for a release of Kuma. */
function deriveKuma(release: KumaRelease) {
  const schemas = createSchemas(files, featuresOf(RELEASES[0], release));
  const about = { has: hasKumaFeature(release), readOnly: false, port: 5681, recorded: () => ({}) };
  const { api } = createKuma({ ...about, schemas });
  const derived = derivedFrom({ ...DOCUMENTS, schemas }, describeKuma(release, api, KUMA_AT));
  return { derived, schemas, apis: [api] };
}

const operationsOf = ({ paths }: OpenApi) =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): Operation & { place: string } => ({
      ...operation,
      place: `${method.toUpperCase()} ${path}`,
    })),
  );

/** Everything that has the key, with the pointer to it. */
function holding(key: string, node: Json, pointer = ''): { pointer: string; node: Json }[] {
  if (typeof node !== 'object' || node === null) return [];
  const here = key in node ? [{ pointer, node }] : [];
  const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
  return [...here, ...Object.entries(node).flatMap(([name, one]) => holding(key, one, `${pointer}/${escaped(name)}`))];
}

const CASES = [
  ...RELEASES.map((release) => ({ plane: 'PCE', release, made: () => derive(release) })),
  ...KUMA_RELEASES.map((release) => ({ plane: 'Kuma', release, made: () => deriveKuma(release) })),
];

describe.each(CASES)('the OpenAPI document of $plane $release', ({ plane, release, made }) => {
  const { derived, schemas, apis } = made();
  const openapi = derived.openapi();
  const operations = operationsOf(openapi);
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  ajv.addSchema({ $id: 'openapi:/document', ...openapi });
  const validator = (pointer: string) => {
    const check = ajv.getSchema(`openapi:/document#${pointer.split('/').map(encodeURIComponent).join('/')}`);
    if (!check) throw new Error(`there is no ${pointer}`);
    return check;
  };

  it('is valid, says an independent validator', async () => {
    const copy = JSON.parse(JSON.stringify(openapi));
    expect(await new Validator().validate(copy)).toEqual({ valid: true });
  });

  it('has every route, and no other', () => {
    const routes = apis.flatMap((api) => api.routes.map(({ id }) => id));
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(routes.sort());
    for (const { id, method, path, prefix, handle } of apis.flatMap(({ prefix, routes }) =>
      routes.map((route) => ({ ...route, prefix })),
    )) {
      const operation = operations.find(({ operationId }) => operationId === id);
      const shape = (text: string) => text.replace(/\{\w+\}/g, '{}');
      expect(shape(operation?.place ?? '')).toBe(shape(`${method} ${prefix}${path}`));
      expect(operation?.['x-implemented']).toBe(handle !== undefined);
    }
  });

  it('names every parameter of a path', () => {
    for (const { place, parameters } of operations) {
      const told = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
      expect(told).toEqual([...place.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
  });

  it('has nothing but references that lead somewhere, and schemas that are used', () => {
    const refs = holding('$ref', openapi).map(({ node }) => String(node.$ref));
    for (const ref of refs) {
      const [start, ...names] = ref.split('/');
      expect(start).toBe('#');
      expect(names.reduce((node: Json, name) => node?.[name], openapi)).toBeInstanceOf(Object);
    }
    const unused = Object.keys(openapi.components.schemas).filter(
      (name) => !refs.includes(`#/components/schemas/${name}`),
    );
    expect(unused).toEqual([]);
  });

  it('has schemas that are JSON Schema, under names that OpenAPI lets be', () => {
    for (const [name, schema] of Object.entries(openapi.components.schemas)) {
      expect(name).toMatch(/^[a-zA-Z0-9._-]+$/);
      expect({ name, valid: ajv.validateSchema(schema) }).toEqual({ name, valid: true });
    }
  });

  it('knows nothing of other releases', () => {
    expect(holding('x-feature', openapi)).toEqual([]);
    const mode = 'pce.container_workload_profiles.mode';
    const shown = plane === 'PCE' && hasFeature(release as Release)('profile_mode_and_log_traffic');
    expect(mode in openapi.components.schemas).toBe(shown);
  });

  it('has examples that are valid by the schema beside them', () => {
    const beside = holding('examples', openapi.paths);
    expect(beside.length).toBeGreaterThan(plane === 'PCE' ? 50 : 30);
    for (const { pointer, node } of beside) {
      for (const [name, { value }] of Object.entries<Json>(node.examples)) {
        const check = validator(`/paths${pointer}/schema`);
        expect({ pointer, name, valid: check(value), errors: check.errors }).toMatchObject({ valid: true });
      }
    }
    for (const { pointer, node } of holding('examples', openapi.components.schemas)) {
      for (const value of node.examples) {
        const check = validator(`/components/schemas${pointer}`);
        expect({ pointer, valid: check(value), errors: check.errors }).toMatchObject({ valid: true });
      }
    }
  });

  it('leaves no placeholder of a transcript in an example', () => {
    const values = holding('examples', openapi.paths).map(({ node }) => JSON.stringify(node.examples));
    expect(values.filter((text) => patternOf(text).names.length > 0 || /\{\{\w+\}\}/.test(text))).toEqual([]);
  });

  it('shows a body for every operation that takes one, and an answer for every operation that gives one', () => {
    const lacking = operations
      .filter((one) => one['x-implemented'] && !one.place.includes('/_emulator'))
      .flatMap(({ operationId, requestBody, responses }) => [
        ...(requestBody ? [[`${operationId} body`, requestBody.content] as const] : []),
        ...Object.entries(responses)
          .filter(([status, { content }]) => status.startsWith('2') && content)
          .map(([status, { content }]) => [`${operationId} ${status}`, content] as const),
      ])
      .filter(([, content]) => !content?.['application/json']?.examples)
      .map(([place]) => place);
    expect(lacking).toEqual([]);
  });

  it('is what its own route promises', () => {
    expect(schemas.check('emulator/contract#openapi', openapi)).toEqual([]);
    expect(schemas.check('emulator/contract#matrix', derived.matrix())).toEqual([]);
  });

  it('makes a page with every operation', () => {
    const page = derived.page();
    for (const { operationId } of operations) expect(page).toContain(`id="${operationId}"`);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...page.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
  });
});

describe('an operation in the OpenAPI document', () => {
  const openapi = derive('22.2').derived.openapi();
  const operation = (id: string): Json => operationsOf(openapi).find(({ operationId }) => operationId === id);

  it('tells who may ask, and how', () => {
    expect(operation('labels.list').security).toEqual([{ api_key: [] }]);
    expect(operation('container_workload_profiles.get').security).toEqual([
      { api_key: [] },
      { cluster: [] },
      { cluster_token: [] },
    ]);
    expect(operation('emulator.openapi').security).toEqual([]);
  });

  it('tells what comes back, with the headers of a list and of a job', () => {
    const { responses, parameters } = operation('labels.list');
    expect(Object.keys(responses)).toEqual(['200', '202', '401', '403', '404', '406', '431', '500']);
    expect(Object.keys(responses[200].headers)).toEqual(['X-Request-Id', 'X-Total-Count']);
    expect(Object.keys(responses[202].headers)).toEqual(['X-Request-Id', 'Location', 'Retry-After']);
    expect(responses[404].content).toBeUndefined();
    expect(responses[406].content['application/json'].schema).toEqual({ $ref: '#/components/schemas/common.problems' });
    expect(parameters.map(({ name }: Json) => name)).toContain('Prefer');
    expect(Object.keys(operation('labels.create').responses)).toEqual([
      '201',
      '401',
      '403',
      '404',
      '406',
      '413',
      '415',
      '431',
      '500',
    ]);
    const explain = operation('emulator.explain').responses;
    expect(Object.keys(explain)).toEqual(['200', '400', '403', '404', '431', '500']);
    expect(explain[400].content['application/json'].schema.$ref).toBe('#/components/schemas/emulator.status.problem');
  });

  it('tells that the emulator does not do it, where it does not', () => {
    const { responses, ...missing } = operation('missing.get.sec_policy.pversion.virtual_servers');
    expect(Object.keys(responses)).toEqual(['401', '403', '404', '431', '500', '501']);
    expect(missing).toMatchObject({ tags: ['virtual_servers'], 'x-implemented': false });
  });

  it('tells the form of parameters, also of those whose text is JSON', () => {
    const [org, cluster, assigned] = operation('container_workload_profiles.list').parameters;
    expect(org).toEqual({ name: 'org_id', in: 'path', required: true, schema: { type: 'string' } });
    expect(cluster.schema.pattern).toMatch(/^\^\[0-9a-f\]/);
    expect(assigned).toMatchObject({ name: 'assign_labels', in: 'query', required: false });
    expect(assigned.description).toMatch(/^JSON: lists of label hrefs/);
    expect(Object.keys(assigned.content['application/json'].schema)).toEqual(['anyOf']);
  });

  it('comes with examples that say where they are from', () => {
    const { requestBody } = operation('container_clusters.create');
    const [first] = Object.values<Json>(requestBody.content['application/json'].examples);
    expect(first).toMatchObject({ summary: 'A new cluster shows its token this once', value: { name: 'test' } });
    expect(first.description).toMatch(/^documented: .* \(world demo, release 22\.2\)$/);
    const { responses } = operation('labels.create');
    const refused = Object.values<Json>(responses[406].content['application/json'].examples);
    expect(refused.map(({ value }) => value[0].token)).toContain('label_key_and_value_must_be_unique');
  });
});

describe('the page', () => {
  const { derived } = derive('22.2');

  it('needs nothing beside itself, and no script', () => {
    const page = derived.page();
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:/i);
    expect(page).toContain('prefers-color-scheme: dark');
  });

  it('takes no text for HTML, wherever it comes from', () => {
    const hostile = `<script>alert("1")</script><img src=x onerror='alert(2)'>`;
    const poisoned = (node: Json): Json => {
      if (typeof node === 'string') return `${node}${hostile}`;
      if (Array.isArray(node)) return node.map(poisoned);
      if (typeof node !== 'object' || node === null) return node;
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, poisoned(value)]));
    };
    const openapi = derived.openapi();
    const named = { ...openapi.components.schemas, [hostile]: { type: 'object', properties: { [hostile]: {} } } };
    const page = docsPage({
      ...poisoned(openapi),
      paths: { ...poisoned(openapi.paths), [`/${hostile}`]: openapi.paths['/_emulator/matrix'] },
      components: { ...poisoned(openapi.components), schemas: poisoned(named) },
    });
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<img');
    expect(page).toContain('&#60;script&#62;');
  });
});

describe('an emulator that takes a token', () => {
  const tested = useEmulator({ controlToken: 'secret', pceVersion: '25.2' });

  it('serves its whole contract to everybody, and says what takes the token', async () => {
    const { status, body } = await tested.control.get('/openapi.json');
    expect(status).toBe(200);
    expect(await new Validator().validate(structuredClone(body))).toEqual({ valid: true });
    expect(body.paths['/_emulator/openapi.json'].get.security).toEqual([]);
    expect(body.paths['/_emulator/explain'].get.security).toEqual([{ operator: [] }]);
    expect(body.paths['/_emulator/docs']).toBeDefined();
  });

  it('serves the page as HTML', async () => {
    const { status, headers, text } = await tested.control.get('/docs');
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/html; charset=utf-8' });
    expect(text).toMatch(/^<!doctype html>/);
  });
});

import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { type Payload, PLACE } from './cases.ts';

/**
 * What the peers start from: each has the same 500 clusters, with an `id` where it needs one. Each function writes a file
 * and returns its path.
 */

const written = (path: string, value: unknown): string => {
  writeFileSync(path, JSON.stringify(value));
  return path;
};

const withIds = ({ list }: Payload) => list.map((one) => ({ id: one.href.split('/').at(-1), ...one }));

/** The data of json-server. */
export const jsonServerFile = (payload: Payload, path: string): string =>
  written(path, { container_clusters: withIds(payload) });

const TEXT = { type: 'string' };

/** The description that Prism mocks: its answers are the examples. */
export function openapiFile({ one, list, few }: Payload, path: string): string {
  const json = (about: object) => ({ 'application/json': about });
  const body = {
    required: true,
    content: json({
      schema: { type: 'object', required: ['name'], properties: { name: TEXT, description: TEXT } },
    }),
  };
  const item = { schema: { type: 'object' }, example: one };
  const all = {
    schema: { type: 'array', items: { type: 'object' } },
    examples: { all: { value: list }, few: { value: few } },
  };
  const parameter = { name: 'id', in: 'path', required: true, schema: TEXT };
  return written(path, {
    openapi: '3.0.3',
    info: { title: 'Clusters', version: '1' },
    paths: {
      [PLACE.list]: {
        get: { responses: { 200: { description: 'all', content: json(all) } } },
        post: { requestBody: body, responses: { 201: { description: 'made', content: json(item) } } },
      },
      [`${PLACE.list}/{id}`]: {
        parameters: [parameter],
        get: { responses: { 200: { description: 'one', content: json(item) } } },
        put: { requestBody: body, responses: { 204: { description: 'changed' } } },
      },
    },
  });
}

/** An environment of Mockoon: with fixed answers, or with its CRUD route on a bucket of data. */
export function mockoonFile(payload: Payload, path: string, how: 'fixed' | 'crud'): string {
  const bucket = { uuid: randomUUID(), id: 'cl00', name: 'clusters', documentation: '' };
  const list = PLACE.list.slice(1);
  const routes =
    how === 'crud'
      ? [route('crud', '', list, [{ bodyType: 'DATABUCKET', databucketID: bucket.id, crudKey: 'id' }])]
      : [
          route('http', 'get', list, [
            { body: JSON.stringify(payload.list), default: true },
            {
              body: JSON.stringify(payload.few),
              default: false,
              rules: [{ target: 'query', modifier: 'max_results', value: '20', invert: false, operator: 'equals' }],
            },
          ]),
          route('http', 'get', `${list}/:id`, [{ body: JSON.stringify(payload.one) }]),
          route('http', 'post', list, [{ body: '{{{body}}}', statusCode: 201, disableTemplating: false }]),
          route('http', 'put', `${list}/:id`, [{ body: '', statusCode: 204 }]),
        ];
  return written(path, {
    uuid: randomUUID(),
    lastMigration: 33,
    name: 'Clusters',
    port: 3000,
    hostname: '127.0.0.1',
    routes,
    rootChildren: routes.map(({ uuid }) => ({ type: 'route', uuid })),
    headers: [{ key: 'Content-Type', value: 'application/json' }],
    data: how === 'crud' ? [{ ...bucket, value: JSON.stringify(withIds(payload)) }] : [],
  });
}

function route(type: string, method: string, endpoint: string, responses: readonly object[]) {
  return {
    uuid: randomUUID(),
    type,
    method,
    endpoint,
    responses: responses.map((one) => ({
      uuid: randomUUID(),
      body: '',
      statusCode: 200,
      bodyType: 'INLINE',
      // A fixed text need not be searched for placeholders.
      disableTemplating: true,
      default: true,
      rules: [],
      headers: [],
      ...one,
    })),
  };
}

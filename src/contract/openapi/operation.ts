import type { Document } from '../collection.ts';
import type { Api, Route } from '../route.ts';
import type { Schemas } from '../schemas.ts';
import type { Components } from './components.ts';
import type { ExamplesOf } from './examples.ts';
import type { Content, Examples, Operation, Parameter, Response } from './form.ts';
import { headers, type Refusal, refusalsOf, securityOf } from './parts.ts';

export interface Given {
  readonly api: Api;
  readonly route: Route;
  /** The path of the route, with the names that its parameters have in the document. */
  readonly path: string;
  readonly tag: string;
  readonly schemas: Schemas;
  readonly components: Components;
  readonly exampleOf: ExamplesOf;
}

/** Describes one route. */
export function operationOf(given: Given): Operation {
  const { api, route, tag, components, exampleOf } = given;
  const { id, body, bodyIsOptional } = route;
  return {
    operationId: id,
    tags: [tag],
    summary: route.summary,
    parameters: [...pathParameters(given), ...queryParameters(given), ...headerParameters(route)],
    ...(body && {
      requestBody: { required: !bodyIsOptional, content: json(components.use(body), exampleOf.request(route)) },
    }),
    responses: Object.fromEntries([...replies(given), ...refusals(given)]),
    security: securityOf(api, route),
    'x-evidence': route.evidence,
    'x-source': route.source,
    'x-admits': route.admits,
    'x-implemented': Boolean(route.handle),
  };
}

const json = (schema: Document, examples?: Examples): Content => ({
  'application/json': examples ? { schema, examples } : { schema },
});

function pathParameters({ api, path }: Given): Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const pattern = api.parameters[name]?.source;
    return { name, in: 'path', required: true, schema: { type: 'string', ...(pattern && { pattern }) } };
  });
}

function queryParameters({ route: { query }, schemas, components }: Given): Parameter[] {
  if (!query) return [];
  const { file, schema } = components.find(query);
  const { properties = {}, required = [] } = schema as { properties?: Record<string, Document>; required?: string[] };
  return [...schemas.parameters(query)].map(([name, kind]) => {
    const { description, contentMediaType: _read, ...rest } = properties[name] ?? {};
    const described = components.part(file, rest);
    return {
      name,
      in: 'query',
      required: required.includes(name),
      ...(typeof description === 'string' && { description }),
      ...(kind === 'json' ? { content: json(described) } : { schema: described }),
    };
  });
}

function headerParameters({ replies }: Route): Parameter[] {
  if (!(202 in replies)) return [];
  const description = '`respond-async` asks for a job in place of the list, without the limit of a plain list.';
  return [{ name: 'Prefer', in: 'header', required: false, description, schema: { type: 'string' } }];
}

const SUCCESSES: Readonly<Record<number, string>> = {
  200: 'The answer',
  201: 'It is made',
  202: 'A job, to be looked at under Location',
  204: 'It is done; no body',
};

function replies(given: Given): [string, Response][] {
  const { route, components, exampleOf } = given;
  return Object.entries(route.replies).map(([text, reference]) => {
    const status = Number(text);
    const description = SUCCESSES[status] ?? 'It is done';
    const more = status === 202 ? ['Location', 'Retry-After'] : isList(given, reference) ? ['X-Total-Count'] : [];
    const response = { description, ...headersOf(given, ...more) };
    if (route.contentType) {
      const [media = ''] = route.contentType.split(';');
      return [text, { ...response, content: { [media]: { schema: { type: 'string' } } } }];
    }
    if (!reference) return [text, response];
    const content = json(components.use(reference), exampleOf.reply(route, status, reference));
    return [text, { ...response, content }];
  });
}

/** The headers of a reply, beside those that all of HTTP has; of an API of a manner of its own none are told. */
const headersOf = ({ api }: Given, ...more: string[]) =>
  api.manner ? {} : { headers: headers('X-Request-Id', ...more) };

/** A list is an array to choose from: the result of a job is none. */
function isList({ api, route, components }: Given, reference: string | null): boolean {
  return Boolean(api.emulated && route.query && reference && components.find(reference).schema.type === 'array');
}

/** The refusals of the API, and the handler's own: what the table says, and what transcripts tell. */
function refusals(given: Given): [string, Response][] {
  const { api, route, components, exampleOf } = given;
  const general = refusalsOf(api, route);
  // Only what changes something is no method of a server that is read-only.
  const byServer = (api.manner?.inText ?? []).filter((status) => status !== 405 || route.method !== 'GET');
  const own = [...new Set([...(route.refuses ?? []), ...byServer, ...exampleOf.statuses(route)])]
    .filter((status) => status >= 400 && !general.some((one) => one.status === status))
    .map((status): Refusal => ({ status, description: 'It is not possible', empty: false }));
  return [...general, ...own].map(({ status, description, empty, early }) => {
    const response = { description, ...(!early && headersOf(given)) };
    if (empty) return [String(status), response];
    const inText = api.manner?.inText.includes(status) ?? false;
    const inJson = !inText || route.refuses?.includes(status);
    const content = {
      ...(inText && { 'text/plain': { schema: { type: 'string' } } }),
      ...(inJson && json(components.use(api.problem), exampleOf.reply(route, status, api.problem))),
    };
    return [String(status), { ...response, content }];
  });
}

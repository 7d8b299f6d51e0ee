import type { Document } from '../collection.ts';
import type { Admitted, Api, Route } from '../route.ts';
import type { OpenApi, SecurityScheme } from './form.ts';

/** What operations have in common: the headers of replies, the ways to say who one is, and the refusals. */

const HEADERS: Readonly<Record<string, Document>> = {
  'X-Request-Id': { description: 'Another one for each request.', schema: { type: 'string', format: 'uuid' } },
  'X-Total-Count': {
    description: 'How many there are, whatever the filters.',
    schema: { type: 'string', pattern: '^[0-9]+$' },
  },
  Location: { description: 'The href of the job.', schema: { type: 'string' } },
  'Retry-After': { description: 'In seconds.', schema: { type: 'string', pattern: '^[0-9]+$' } },
};

/** References to headers, for a response. */
export const headers = (...names: readonly string[]): Record<string, Document> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const SECURITY_SCHEMES: Readonly<Record<string, SecurityScheme & Document>> = {
  api_key: {
    type: 'http',
    scheme: 'basic',
    description: 'A user: the API key as user name, its secret as password; or `user_<id>` and the token of a session.',
  },
  auth_token: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'Who has just shown a password: `Token token=<auth_token>`, once.',
  },
  cluster: {
    type: 'http',
    scheme: 'basic',
    description:
      "A cluster's agent: the UUID of the cluster as user name, the token of its creation as password (inferred).",
  },
  cluster_token: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: "A cluster's agent: `Token token=<token>` (inferred).",
  },
  operator: {
    type: 'http',
    scheme: 'bearer',
    description: "Whoever runs the emulator: the token of the emulator's own API, where it has one.",
  },
};

/** What documents of some APIs refer to: one of a manner of its own has neither these headers nor credentials. */
export const partsFor = (apis: readonly Api[]): Pick<OpenApi['components'], 'headers' | 'securitySchemes'> =>
  apis.every(({ manner }) => manner)
    ? { headers: {}, securitySchemes: {} }
    : { headers: HEADERS, securitySchemes: SECURITY_SCHEMES };

const CLUSTER = ['cluster', 'cluster_token'];
const SCHEMES: Readonly<Record<Admitted, readonly string[]>> = {
  nobody: [],
  user: ['api_key'],
  person: ['api_key'],
  self: ['api_key'],
  own_session: ['api_key'],
  logging_in: ['auth_token'],
  own_cluster: CLUSTER,
  any_cluster: CLUSTER,
  operator: ['operator'],
};

/** Whether a route asks who it is that calls. */
const isOpen = ({ identify }: Api, { admits }: Route) => !identify || admits.includes('nobody');

/** The alternatives for a route; none where it is open to all. */
export function securityOf(api: Api, route: Route): Record<string, string[]>[] {
  if (isOpen(api, route)) return [];
  const schemes = new Set(route.admits.flatMap((admitted) => SCHEMES[admitted]));
  return [...schemes].map((scheme) => ({ [scheme]: [] }));
}

export interface Refusal {
  readonly status: number;
  readonly description: string;
  readonly empty: boolean;
  /** It comes before the request counts as one. */
  readonly early?: boolean;
}

/** How an API may refuse a request to a route, before the route's own handler does; each status once. */
export function refusalsOf(api: Api, route: Route): Refusal[] {
  const { refusals } = api;
  const known = !isOpen(api, route);
  const taken = Boolean(route.handle);
  const body = taken && route.body !== undefined;
  // The emulator's own API refuses parameters that it does not know.
  const checked = taken && (body || route.query !== undefined || route.method !== 'GET' || !api.emulated);
  const cases = [
    { when: known, problem: refusals.unauthenticated(), description: 'Credentials are missing or wrong' },
    { when: known, problem: refusals.forbidden(''), description: 'Not with these credentials' },
    { when: !known && !api.emulated, problem: refusals.forbidden(''), description: 'Not for web pages' },
    { when: true, problem: refusals.notFound(), description: 'There is no such thing' },
    {
      when: checked,
      problem: refusals.malformedJson(''),
      description: 'The request is not valid, or not possible now',
    },
    { when: body, problem: refusals.tooLarge(0), description: 'The body is too large' },
    { when: body, problem: refusals.unsupportedMediaType(''), description: 'The body is not application/json' },
    { when: true, problem: refusals.bug(''), description: api.manner ? 'It cannot be read' : 'A bug of the emulator' },
    { when: !taken, problem: refusals.notImplemented(route), description: 'The emulator does not do this' },
  ];
  const told = cases
    .filter(({ when }) => when)
    .map(({ problem, description }) => ({ status: problem.status, description, empty: problem.body === undefined }));
  return [...told, { status: 431, description: 'URL and header fields are too large', empty: false, early: true }];
}

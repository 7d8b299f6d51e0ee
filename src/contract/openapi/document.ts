import { groupsOf } from '../groups.ts';
import type { Api, Route } from '../route.ts';
import type { Schemas } from '../schemas.ts';
import type { Transcript } from '../transcript.ts';
import { createComponents } from './components.ts';
import { examplesOf } from './examples.ts';
import type { OpenApi, Operation } from './form.ts';
import { operationOf } from './operation.ts';
import { partsFor } from './parts.ts';

export interface OpenApiOptions {
  readonly title: string;
  /** Of the emulator. */
  readonly version: string;
  /** What it is that answers. */
  readonly description: string;
  /** Where it is served. */
  readonly url: string;
  /** Cut to the release that is described. */
  readonly apis: readonly Api[];
  /** Of the same release. */
  readonly schemas: Schemas;
  /** Where examples come from; the first that fit are taken. */
  readonly transcripts: readonly Transcript[];
  /** Of later releases: for want of others, and not for refusals. */
  readonly later: readonly Transcript[];
}

/** How many examples stand beside one schema. */
const EXAMPLES = 4;

/** Describes APIs in the words of OpenAPI 3.1. Every example in it is valid by the schema it stands beside. */
export function openApiOf(options: OpenApiOptions): OpenApi {
  const { title, version, description, url, apis, schemas } = options;
  const components = createComponents(schemas);
  const exampleOf = examplesOf({ ...options, most: EXAMPLES });
  const groupOf = groupsOf(apis.flatMap(({ routes }) => routes));
  const paths: Record<string, Record<string, Operation>> = {};
  const tags = new Set<string>();
  for (const api of apis) {
    const pathOf = onePathForEachShape(api.routes);
    for (const route of api.routes) {
      const path = pathOf(route);
      const tag = groupOf(route);
      tags.add(tag);
      const operation = operationOf({ api, route, path, tag, schemas, components, exampleOf });
      paths[api.prefix + path] = { ...paths[api.prefix + path], [route.method.toLowerCase()]: operation };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title, version, description: `${description} ${EVIDENCE}` },
    servers: [{ url }],
    tags: [...tags].map((name) => ({ name })),
    paths,
    components: { schemas: components.schemas(), ...partsFor(apis) },
  };
}

const EVIDENCE =
  'Every operation says how sure we are of it: `documented` by the vendor, `observed` on the real thing or asserted by ' +
  "an official client's tests, or `inferred`. Faults bring whatever they are told to, such as 429 and 503.";

/**
 * OpenAPI takes two paths that differ in the names of their parameters for the same one: all have the name that an
 * implemented route has.
 */
function onePathForEachShape(routes: readonly Route[]): (route: Route) => string {
  const shapeOf = (path: string) => path.replace(/\{\w+\}/g, '{}');
  const known = new Map<string, string>();
  for (const { path } of [...routes.filter(({ handle }) => handle), ...routes]) {
    const shape = shapeOf(path);
    if (!known.has(shape)) known.set(shape, path);
  }
  return ({ path }) => known.get(shapeOf(path)) ?? path;
}

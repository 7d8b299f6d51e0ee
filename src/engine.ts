import type { Collection, Document, World } from './contract/collection.ts';
import { handled, validRequest } from './contract/exchange.ts';
import type { Api, Route } from './contract/route.ts';
import { createRouting, type Routing } from './contract/routing.ts';
import { createSchemas, readSchemaFiles, type Schemas } from './contract/schemas.ts';
import { UnusableOption } from './contract/unusable.ts';
import type { WorldMaker } from './control/worlds.ts';
import { createClock } from './kernel/clock.ts';
import { createIds } from './kernel/ids.ts';
import { pce, pceCollections } from './pce/index.ts';
import { organisationOf, ownerOf } from './pce/organisations.ts';
import { hasFeature, type Release } from './pce/versions.ts';
import { openStore, type Store } from './store/store.ts';

/** As a PCE treats its other agents; how long it waits for the agent of a cluster is not public. */
const OFFLINE_AFTER = 10 * 60 * 1000;

/** Everything that answers, short of HTTP. */
export interface Engine {
  readonly store: Store;
  readonly schemas: Schemas;
  readonly world: World;
  readonly served: Served;
}

/** An API with the way to its routes. */
export interface Served {
  readonly api: Api;
  readonly routing: Routing;
}

export const serve = (api: Api): Served => ({ api, routing: createRouting(api) });

export interface EngineOptions {
  /** The folder of the schemas. */
  readonly schemas: string;
  readonly release: Release;
  /** A SQLite file; in memory when absent. */
  readonly db?: string;
  readonly now?: () => number;
  /** How long a cluster counts as online after its agent's last word, in milliseconds. */
  readonly offlineAfter?: number;
  warn(message: string): void;
}

/** @throws UnusableFile */
export function createEngine(options: EngineOptions): Engine {
  const { release, now, db, offlineAfter = OFFLINE_AFTER, warn } = options;
  const has = hasFeature(release);
  const schemas = createSchemas(readSchemaFiles(options.schemas), has);
  const ids = createIds();
  const store = openStore({
    file: db,
    collections: pceCollections,
    ids,
    defer: setImmediate,
    shaped: shapedBy(schemas),
  });
  const settings = { offlineAfter };
  const world: World = { clock: createClock(now), ids, settings, has, table: store.table, warn };
  return { store, schemas, world, served: serve({ ...pce, routes: routesOf(release) }) };
}

/** Completes a document and holds it to its schema: what is stored is valid, so that replies may send it unread. */
function shapedBy(schemas: Schemas): (collection: Collection, document: Document) => Document {
  return ({ name, schema }, document) => {
    const shaped = schemas.complete(schema, document);
    const [violation] = schemas.check(schema, shaped);
    if (violation) throw new Error(`not a document of ${name}: #${violation.path} ${violation.message}`);
    return shaped;
  };
}

/** Makes requests as the owner of an organisation, without HTTP. */
export function callerOf({ served: { api, routing }, schemas, world }: Engine): WorldMaker['call'] {
  return (method, path, body, at = world.clock.now()) => {
    const matched = routing.match(method, api.prefix + path);
    if (matched.found !== 'route') throw new UnusableOption(`the world asks for ${method} ${path}, which is no route`);
    const org = organisationOf(path);
    const caller = { kind: 'user', href: ownerOf(org), org } as const;
    const text = body === undefined ? '' : JSON.stringify(body);
    const arrival = { ...matched, address: '127.0.0.1', search: '', body: text, caller, respondAsync: false };
    const request = validRequest(api, matched.route, arrival, schemas);
    world.clock.at(at, () => handled(api, matched.route, request, world));
  };
}

/** The table of routes of a release, for people and scripts to read. */
export function routesOf(release: Release): Route[] {
  const has = hasFeature(release);
  return pce.routes.filter(({ feature }) => feature === undefined || has(feature));
}

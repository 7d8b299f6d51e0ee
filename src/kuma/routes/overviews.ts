import type { Document, Entry, World } from '../../contract/collection.ts';
import type { Request, Route } from '../../contract/route.ts';
import { notFound, pagesOfSome } from '../problems.ts';
import { queryOf } from '../query.ts';
import { headOf, kumaResources, listed, ofType, resourceAt, specOf } from '../resources.ts';
import { dataplaneInsights } from '../types/dataplane-insights.ts';
import { dataplanes } from '../types/dataplanes.ts';
import { seenInKuma } from './evidence.ts';
import { listOf } from './lists.ts';

const ALL = '/meshes/{mesh}/dataplanes+insights';
const TYPE = 'DataplaneOverview';

/** Dataplanes together with what is known of their connections. */
export function overviewRoutes(port: number): Route[] {
  const list = (id: string, path: string, all: (request: Request, world: World) => Entry[]): Route => ({
    ...seenInKuma,
    id,
    method: 'GET',
    path,
    summary: 'List dataplanes with their insights',
    query: 'kuma/pages#overviews_query',
    replies: { 200: 'kuma/overviews#list' },
    refuses: [400],
    handle: (request, world) => {
      const there = all(request, world);
      return listOf(port, request, world, {
        all: there,
        some: chosen(there, request, world),
        // A list leaves out what is not known; a single one shows it empty.
        present: (entry) => overviewOf(entry, world, undefined),
        during: 'Could not retrieve dataplane overviews',
      });
    },
  });
  return [
    list('kuma.dataplane_overviews.list', ALL, ({ params, listing }, world) =>
      listed(world, `/meshes/${params.mesh}/${dataplanes.collection}`, listing),
    ),
    {
      ...list('kuma.dataplane_overviews.list_all', '/dataplanes+insights', ({ listing }, world) =>
        ofType(world, dataplanes.name, listing),
      ),
      summary: 'List the dataplanes of all meshes with their insights',
      feature: 'kuma_lists_of_all_meshes',
    },
    {
      ...seenInKuma,
      id: 'kuma.dataplane_overviews.get',
      method: 'GET',
      path: `${ALL}/{name}`,
      summary: 'Get a dataplane with its insight',
      replies: { 200: 'kuma/overviews#item' },
      refuses: [404],
      handle({ params: { mesh = '', name = '' } }, world) {
        const found = resourceAt(world, `/meshes/${mesh}/${dataplanes.collection}/${name}`);
        if (!found) throw notFound('Could not retrieve a dataplane overview');
        return { status: 200, body: overviewOf(found, world, {}) };
      },
    },
  ];
}

/** @param unknown what stands for an insight that is not there; undefined: nothing */
function overviewOf(entry: Entry, world: World, unknown: Document | undefined): Document {
  const { mesh, name } = entry.document;
  const insight = world.table(kumaResources).get(`/meshes/${mesh}/${dataplaneInsights.collection}/${name}`);
  const dataplaneInsight = insight ? specOf(insight) : unknown;
  return {
    ...headOf(world, entry, TYPE),
    dataplane: specOf(entry.document),
    ...(dataplaneInsight && { dataplaneInsight }),
  };
}

/** Those that the query asks for; undefined where it asks for all. @throws Problem 400 */
function chosen(all: readonly Entry[], { search }: Request, world: World): Entry[] | undefined {
  const query = queryOf(search);
  const tags = new Map(
    query
      .getAll('tag')
      .map(pairOf)
      .filter((pair) => pair !== undefined),
  );
  const gateways = world.has('kuma_gateway_filter') && query.get('gateway') === 'true';
  const asksForSome = query.has('tag') || query.has('gateway');
  if (world.has('kuma_paging') && asksForSome && (query.has('size') || query.has('offset'))) throw pagesOfSome();
  if (tags.size === 0 && !gateways) return undefined;
  return all.filter(({ document }) => {
    const { inbound = [], gateway } = (document.networking ?? {}) as Networking;
    const tagged = [...inbound, ...(gateway ? [gateway] : [])].map((one) => one.tags ?? {});
    return (!gateways || gateway !== undefined) && (tags.size === 0 || tagged.some((one) => has(one, tags)));
  });
}

interface Networking {
  readonly inbound?: readonly Tagged[];
  readonly gateway?: Tagged;
}

interface Tagged {
  readonly tags?: Readonly<Record<string, string>>;
}

/** `key:value`; anything else is passed over. */
function pairOf(text: string): [string, string] | undefined {
  const [key, value, ...more] = text.split(':');
  return key === undefined || value === undefined || more.length > 0 ? undefined : [key, value];
}

const has = (tags: Readonly<Record<string, string>>, wanted: ReadonlyMap<string, string>): boolean =>
  [...wanted].every(([key, value]) => Object.hasOwn(tags, key) && (value === '*' || tags[key] === value));

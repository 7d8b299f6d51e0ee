import type { Condition, Document, Selection, World } from '../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Request, type Route } from '../../contract/route.ts';
import { askedOfKey, reconcile } from '../agent/reconciliation.ts';
import { authorship, change, equalsOf, existing, list, partsOf, refusingDuplicates } from '../collections.ts';
import { recordChange } from '../events.ts';
import { labelDimensions, MOST_LABEL_DIMENSIONS } from '../label-dimensions.ts';
import { labels } from '../labels.ts';
import { labelGroups } from '../policy/label-groups.ts';
import {
  builtInDimensionStays,
  externalReferenceNotUnique,
  labelDimensionAlreadyDeleted,
  labelDimensionInUse,
  labelDimensionKeyNotUnique,
  nameNotUnique,
  tooManyLabelDimensions,
} from '../problems.ts';

const orgOf = (request: Request) => `/orgs/${request.params.org_id}`;

/** What `usage` tells: whether there is any of these with the dimension's key. */
const USAGE = {
  labels: { collection: labels, where: [{ key: 'deleted', is: false }] as Condition[] },
  label_groups: { collection: labelGroups, where: [] },
};

function usageOf({ key }: Document, request: Request, world: World): Record<string, boolean> {
  const used = Object.entries(USAGE).map(([flag, { collection, where }]) => {
    const count = world.table(collection).count(orgOf(request), [{ key: 'key', is: String(key) }, ...where]);
    return [flag, count > 0] as const;
  });
  return Object.fromEntries(used);
}

/** A dimension with its usage, which payloads always show (observed). */
const shown = (document: Document, request: Request, world: World): Document => ({
  ...document,
  usage: usageOf(document, request, world),
});

function select(query: Document): Selection {
  const where = [
    ...partsOf(query, 'display_name'),
    ...equalsOf(query, 'key', 'external_data_set', 'external_data_reference'),
  ];
  const { display_name: name } = query;
  return name === undefined ? { where } : { where, first: { key: 'display_name', is: String(name) } };
}

/** The official Terraform provider finds a difference in an empty object that comes back; null says the same. */
function requested({ body }: Request): Document {
  const { display_info: info } = body;
  const empty = typeof info === 'object' && info !== null && Object.keys(info).length === 0;
  return empty ? { ...body, display_info: null } : body;
}

function taken(keys: readonly string[]) {
  if (keys.includes('key')) return labelDimensionKeyNotUnique();
  return keys.includes('display_name') ? nameNotUnique() : externalReferenceNotUnique();
}

/** The dimension of the request, which has not been deleted. @throws Problem 404, 406 */
function living(request: Request, world: World): Document {
  const dimension = existing(labelDimensions, request, world);
  if (dimension.deleted) throw labelDimensionAlreadyDeleted();
  return dimension;
}

const type = 'label_dimension';

const common = {
  feature: 'label_dimensions',
  admits: ['user'] as const,
  evidence: 'documented' as Evidence,
  source: 'API schemas 25.2.10 for paths, filters and statuses; the official Terraform provider for the keys',
};
const ALL = '/orgs/{org_id}/label_dimensions';
const ONE = `${ALL}/{label_dimension_id}`;

export const labelDimensionRoutes: Route[] = [
  {
    ...common,
    id: 'label_dimensions.list',
    method: 'GET',
    path: ALL,
    summary: 'List the label dimensions, which are the keys that labels can have',
    query: 'pce/label_dimensions#query',
    replies: { 200: 'pce/label_dimensions#list', 202: null },
    handle: list(labelDimensions, {
      select,
      all: (query) => (query.include_deleted ? [] : [{ key: 'deleted', is: false }]),
      presented:
        (request, world) =>
        ({ document }) =>
          shown(document, request, world),
    }),
  },
  {
    ...common,
    id: 'label_dimensions.create',
    method: 'POST',
    path: ALL,
    summary: 'Create a label dimension',
    body: 'pce/label_dimensions#create',
    replies: { 201: 'pce/label_dimensions#item' },
    handle(request, world) {
      const table = world.table(labelDimensions);
      const org = orgOf(request);
      if (table.count(org, [{ key: 'deleted', is: false }]) >= MOST_LABEL_DIMENSIONS) {
        throw tooManyLabelDimensions(MOST_LABEL_DIMENSIONS);
      }
      const href = table.mint(org);
      const document = { href, ...requested(request), ...authorship(request, world) };
      const after = refusingDuplicates(() => table.insert(org, href, document), taken);
      recordChange(request, world, 'create', { type, after });
      // A label map may have been waiting for it.
      reconcile(request, world, askedOfKey(world, org, String(after.key)));
      return { status: 201, body: shown(after, request, world) };
    },
  },
  {
    ...common,
    id: 'label_dimensions.get',
    method: 'GET',
    path: ONE,
    summary: 'Get a label dimension; a deleted one too',
    replies: { 200: 'pce/label_dimensions#item' },
    handle(request, world) {
      return { status: 200, body: shown(existing(labelDimensions, request, world), request, world) };
    },
  },
  {
    ...common,
    id: 'label_dimensions.update',
    method: 'PUT',
    path: ONE,
    summary: 'Change how a label dimension is shown; its key stays',
    body: 'pce/label_dimensions#update',
    replies: { 204: null },
    handle(request, world) {
      const before = living(request, world);
      const changed = { ...before, ...requested(request), ...change(request, world) };
      const after = refusingDuplicates(() => world.table(labelDimensions).replace(request.path, changed), taken);
      recordChange(request, world, 'update', { type, before, after });
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'label_dimensions.delete',
    method: 'DELETE',
    path: ONE,
    summary: 'Mark a label dimension as deleted; not one that is built in, nor one in use',
    replies: { 204: null },
    handle(request, world) {
      const before = living(request, world);
      if (!(before.caps as string[]).includes('delete')) throw builtInDimensionStays();
      const [used] = Object.entries(usageOf(before, request, world)).find(([, is]) => is) ?? [];
      if (used) throw labelDimensionInUse(used);
      const changed = change(request, world);
      const gone = { deleted: true, deleted_at: changed.updated_at, deleted_by: changed.updated_by };
      const after = world.table(labelDimensions).replace(request.path, { ...before, ...changed, ...gone });
      recordChange(request, world, 'delete', { type, before, after });
      return NO_CONTENT;
    },
  },
];

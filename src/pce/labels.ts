import { type Collection, type Document, NotUnique, type Selection, type World } from '../contract/collection.ts';
import type { Evidence, Route } from '../contract/route.ts';
import { authorship, change, existing, list, NO_CONTENT } from './collections.ts';
import {
  externalReferenceNotUnique,
  labelAlreadyDeleted,
  labelInUseByProfile,
  labelKeyNotSupported,
  labelNotUnique,
  labelValueReserved,
} from './problems.ts';

export const labels: Collection = {
  name: 'labels',
  parent: 'orgs',
  id: 'integer',
  schema: 'pce/labels#item',
  keys: {
    key: '$.key',
    value: '$.value',
    deleted: '$.deleted',
    external_data_set: '$.external_data_set',
    external_data_reference: '$.external_data_reference',
  },
  // A deleted label frees its value and its external reference.
  unique: [
    { keys: ['key', 'value'], unless: 'deleted', caseless: true },
    { keys: ['external_data_set', 'external_data_reference'], unless: 'deleted' },
  ],
};

/** The label dimensions of a fresh PCE: role, application, environment, location. */
export const LABEL_KEYS = ['role', 'app', 'env', 'loc'] as const;

const RESERVED_VALUES = ['All Applications', 'All Environments', 'All Locations'];

/**
 * What `usage` tells (documented, Core 22.5 labels), with the collection whose documents set the flag.
 * Flags without one stay false, as nothing in the emulator uses a label so.
 */
const USAGE: Readonly<Record<string, string | undefined>> = {
  virtual_server: undefined,
  label_group: undefined,
  ruleset: undefined,
  static_policy_scopes: undefined,
  pairing_profile: undefined,
  permission: undefined,
  workload: undefined,
  container_workload: undefined,
  firewall_coexistence_scope: undefined,
  containers_inherit_host_policy_scopes: undefined,
  container_workload_profile: 'container_workload_profiles',
  blocked_connection_reject_scope: undefined,
  enforcement_boundary: undefined,
  loopback_interfaces_in_policy_scopes: undefined,
  virtual_service: undefined,
};

/** Runs a write, telling the client what the store refuses. */
function refusingDuplicates<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof NotUnique)) throw error;
    throw error.keys.includes('value') ? labelNotUnique() : externalReferenceNotUnique();
  }
}

function allowValue(value: unknown, world: World): void {
  const given = String(value).toLowerCase();
  if (world.has('label_values_reserved') && RESERVED_VALUES.some((one) => one.toLowerCase() === given)) {
    throw labelValueReserved(String(value));
  }
}

function usage(href: string, world: World): Document {
  const users = world.table(labels).referrers(href);
  const used = (by?: string) => users.some(({ collection }) => collection === by);
  return Object.fromEntries(Object.entries(USAGE).map(([flag, by]) => [flag, used(by)]));
}

function select(query: Document): Selection {
  const exact = ['key', 'external_data_set', 'external_data_reference'].flatMap((key) =>
    query[key] === undefined ? [] : [{ key, is: String(query[key]) }],
  );
  if (query.value === undefined) return { where: exact };
  const value = String(query.value);
  // Clients ask for one row by value and take the first, so an equal one must not hide behind a partial match.
  return { where: [...exact, { key: 'value', contains: value }], first: { key: 'value', is: value } };
}

const withUsage = (query: Document, world: World) =>
  query.usage === true ? (label: Document) => ({ ...label, usage: usage(String(label.href), world) }) : undefined;

const common = {
  admits: ['user'] as const,
  evidence: 'documented' as Evidence,
  source: 'Core REST API reference, Labels',
};
const ALL = '/orgs/{org_id}/labels';
const ONE = `${ALL}/{label_id}`;

export const labelRoutes: Route[] = [
  {
    ...common,
    id: 'labels.list',
    method: 'GET',
    path: ALL,
    summary: 'List the labels',
    query: 'pce/labels#query',
    replies: { 200: 'pce/labels#list', 202: null },
    handle: list(labels, {
      select,
      all: (query) => (query.include_deleted ? [] : [{ key: 'deleted', is: false }]),
      presented: withUsage,
    }),
  },
  {
    ...common,
    id: 'labels.create',
    method: 'POST',
    path: ALL,
    summary: 'Create a label',
    body: 'pce/labels#create',
    replies: { 201: 'pce/labels#item' },
    handle(request, world) {
      const { key, value } = request.body;
      if (!(LABEL_KEYS as readonly unknown[]).includes(key)) throw labelKeyNotSupported();
      allowValue(value, world);
      const org = `/orgs/${request.params.org_id}`;
      const href = world.table(labels).mint(org);
      const document = { href, ...request.body, ...authorship(request, world) };
      return { status: 201, body: refusingDuplicates(() => world.table(labels).insert(org, href, document)) };
    },
  },
  {
    ...common,
    id: 'labels.get',
    method: 'GET',
    path: ONE,
    summary: 'Get a label; a deleted one too',
    query: 'pce/labels#item_query',
    replies: { 200: 'pce/labels#item' },
    handle(request, world) {
      const label = existing(labels, request, world);
      const present = withUsage(request.query, world);
      return { status: 200, body: present ? present(label) : label };
    },
  },
  {
    ...common,
    id: 'labels.update',
    method: 'PUT',
    path: ONE,
    summary: 'Change the value or the external reference of a label',
    body: 'pce/labels#update',
    replies: { 204: null },
    handle(request, world) {
      const label = existing(labels, request, world);
      if (label.deleted) throw labelAlreadyDeleted();
      allowValue(request.body.value, world);
      const changed = { ...label, ...request.body, ...change(request, world) };
      refusingDuplicates(() => world.table(labels).replace(request.path, changed));
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'labels.delete',
    method: 'DELETE',
    path: ONE,
    summary: 'Mark a label as deleted',
    evidence: 'observed',
    source: 'notes of a fork of the official Terraform provider, verified on a PCE 26.3',
    replies: { 204: null },
    handle(request, world) {
      const label = existing(labels, request, world);
      if (label.deleted) throw labelAlreadyDeleted();
      if (world.table(labels).referrers(request.path).length > 0) throw labelInUseByProfile();
      world.table(labels).replace(request.path, { ...label, deleted: true, ...change(request, world) });
      return NO_CONTENT;
    },
  },
];

import type { Document, Entry, Selection, World } from '../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Request, type Route } from '../../contract/route.ts';
import { asking } from '../agent/derivation.ts';
import { askedBy, reconcile } from '../agent/reconciliation.ts';
import { authorship, change, equalsOf, existing, list, refusingDuplicates } from '../collections.ts';
import { recordEvent } from '../events.ts';
import { labelKeys } from '../label-dimensions.ts';
import { isReserved, labels } from '../labels.ts';
import {
  externalReferenceNotUnique,
  labelAlreadyDeleted,
  labelInUse,
  labelKeyNotSupported,
  labelNotUnique,
  labelValueReserved,
} from '../problems.ts';
import { usageOf } from '../usage.ts';

/**
 * What `usage` tells (documented, Core 22.5 labels), with the collections whose documents set the flag.
 * Flags without any stay false, as nothing in the emulator uses a label so.
 */
const USAGE: Readonly<Record<string, readonly string[]>> = {
  virtual_server: [],
  label_group: ['label_groups'],
  ruleset: ['rule_sets', 'sec_rules'],
  static_policy_scopes: [],
  pairing_profile: ['pairing_profiles'],
  permission: [],
  workload: ['workloads'],
  container_workload: ['container_workloads', 'kubernetes_workloads'],
  firewall_coexistence_scope: [],
  containers_inherit_host_policy_scopes: [],
  container_workload_profile: ['container_workload_profiles'],
  blocked_connection_reject_scope: [],
  enforcement_boundary: ['enforcement_boundaries'],
  loopback_interfaces_in_policy_scopes: [],
  virtual_service: ['virtual_services'],
};

/** What is still in the way of a deletion, by the collection. */
const IN_USE_BY: Readonly<Record<string, string>> = {
  container_workload_profiles: 'container_workload_profile',
  container_workloads: 'container_workload',
  enforcement_boundaries: 'enforcement_boundary',
  kubernetes_workloads: 'kubernetes_workload',
  label_groups: 'label_group',
  pairing_profiles: 'pairing_profile',
  rule_sets: 'rule_set',
  // As a part of its rule set: the token is observed.
  sec_rules: 'rule_set',
  virtual_services: 'virtual_service',
  workloads: 'workload',
};

const taken = (keys: readonly string[]) => (keys.includes('value') ? labelNotUnique() : externalReferenceNotUnique());

function allowValue(value: unknown, world: World): void {
  if (isReserved(String(value), world)) throw labelValueReserved(String(value));
}

/**
 * What keeps a label from being deleted: all that has it, but not what only allows it (official Python client's tests),
 * nor settings, which go with it (ours).
 */
const inTheWay = (href: string, world: World) =>
  world
    .table(labels)
    .referrers(href)
    .find(({ role, collection }) => role !== 'restriction' && collection !== 'settings');

function select(query: Document): Selection {
  const exact = equalsOf(query, 'key', 'external_data_set', 'external_data_reference');
  if (query.value === undefined) return { where: exact };
  const value = String(query.value);
  // Clients ask for one row by value and take the first, so an equal one must not hide behind a partial match.
  return { where: [...exact, { key: 'value', contains: value }], first: { key: 'value', is: value } };
}

const withUsage = ({ query }: Request, world: World) =>
  query.usage === true
    ? ({ document, href }: Omit<Entry, 'facts'>) => ({ ...document, usage: usageOf(world, labels, href, USAGE) })
    : undefined;

/** Leaves the event, and gives the label to those who have asked for one like it. */
function conclude(request: Request, world: World, what: string, before?: Document, after?: Document): void {
  const org = `/orgs/${request.params.org_id}`;
  recordEvent(request, world, org, { event_type: `label.${what}`, changes: [{ type: 'label', before, after }] });
  const wishes = [before, after].flatMap((label) => (label ? [asking(String(label.key), String(label.value))] : []));
  reconcile(request, world, askedBy(world, org, new Set(wishes)));
}

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
      const org = `/orgs/${request.params.org_id}`;
      if (!labelKeys(world, org).includes(String(key))) throw labelKeyNotSupported();
      allowValue(value, world);
      const href = world.table(labels).mint(org);
      const document = { href, ...request.body, ...authorship(request, world) };
      const label = refusingDuplicates(() => world.table(labels).insert(org, href, document), taken);
      conclude(request, world, 'create', undefined, label);
      return { status: 201, body: label };
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
      const document = existing(labels, request, world);
      const present = withUsage(request, world);
      return { status: 200, body: present ? present({ document, href: request.path }) : document };
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
      const after = refusingDuplicates(() => world.table(labels).replace(request.path, changed), taken);
      conclude(request, world, 'update', label, after);
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
      const user = inTheWay(request.path, world);
      if (user) throw labelInUse(IN_USE_BY[user.collection] ?? user.collection);
      const after = { ...label, deleted: true, ...change(request, world) };
      conclude(request, world, 'delete', label, world.table(labels).replace(request.path, after));
      return NO_CONTENT;
    },
  },
];

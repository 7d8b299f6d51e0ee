import type { Document, Selection, World } from '../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Request, type Route } from '../../contract/route.ts';
import {
  authorship,
  change,
  equalsOf,
  existing,
  item,
  labelledWith,
  list,
  parentOf,
  partsOf,
  refusingDuplicates,
} from '../collections.ts';
import { labelAt } from '../label-options.ts';
import { createPairingKey, inBothModes, pairingKeys, pairingProfiles, tellOfPairing } from '../pairing-profiles.ts';
import { defaultPairingProfileStays, externalReferenceNotUnique, nameNotUnique } from '../problems.ts';

const common = {
  admits: ['user'] as const,
  evidence: 'documented' as Evidence,
  source: 'Core REST API reference, Pairing Profiles; API schemas 25.2.10',
};
const ALL = '/orgs/{org_id}/pairing_profiles';
const ONE = `${ALL}/{pairing_profile_id}`;
const orgOf = (request: Request) => `/orgs/${request.params.org_id}`;

function select(query: Document): Selection {
  const { name } = query;
  const where = [
    ...partsOf(query, 'name', 'description'),
    ...equalsOf(query, 'agent_software_release', 'ven_type', 'external_data_set', 'external_data_reference'),
    ...labelledWith(query.labels, 'label'),
  ];
  // Clients ask for one row by name and take the first.
  return name === undefined ? { where } : { where, first: { key: 'name', is: String(name) } };
}

/** What a body says of a pairing profile, with labels that are there. @throws Problem 406 */
function requested(request: Request, world: World): Document {
  const labels = request.body.labels as { href: string }[] | undefined;
  for (const { href } of labels ?? []) labelAt(href, orgOf(request), world);
  return inBothModes(request.body);
}

const taken = (keys: readonly string[]) => (keys.includes('name') ? nameNotUnique() : externalReferenceNotUnique());

export const pairingProfileRoutes: Route[] = [
  {
    ...common,
    id: 'pairing_profiles.list',
    method: 'GET',
    path: ALL,
    summary: 'List the pairing profiles',
    query: 'pce/pairing_profiles#query',
    replies: { 200: 'pce/pairing_profiles#list', 202: null },
    handle: list(pairingProfiles, { select }),
  },
  {
    ...common,
    id: 'pairing_profiles.create',
    method: 'POST',
    path: ALL,
    summary: 'Create a pairing profile',
    body: 'pce/pairing_profiles#create',
    replies: { 201: 'pce/pairing_profiles#item' },
    handle(request, world) {
      const table = world.table(pairingProfiles);
      const fresh = { ...requested(request, world), ...authorship(request, world) };
      const href = table.mint(orgOf(request));
      const after = refusingDuplicates(() => table.insert(orgOf(request), href, { href, ...fresh }), taken);
      tellOfPairing(request, world, 'create', { after });
      return { status: 201, body: after };
    },
  },
  {
    ...common,
    id: 'pairing_profiles.get',
    method: 'GET',
    path: ONE,
    summary: 'Get a pairing profile',
    replies: { 200: 'pce/pairing_profiles#item' },
    handle: item(pairingProfiles),
  },
  {
    ...common,
    id: 'pairing_profiles.update',
    method: 'PUT',
    path: ONE,
    summary: 'Change a pairing profile; what is left out stays',
    body: 'pce/pairing_profiles#update',
    replies: { 204: null },
    handle(request, world) {
      const before = existing(pairingProfiles, request, world);
      const changed = { ...before, ...requested(request, world), ...change(request, world) };
      const after = refusingDuplicates(() => world.table(pairingProfiles).replace(request.path, changed), taken);
      tellOfPairing(request, world, 'update', { before, after });
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'pairing_profiles.delete',
    method: 'DELETE',
    path: ONE,
    summary: 'Delete a pairing profile and its keys; the default one stays',
    replies: { 204: null },
    handle(request, world) {
      const before = existing(pairingProfiles, request, world);
      if (before.is_default) throw defaultPairingProfileStays();
      world.table(pairingProfiles).remove(request.path);
      tellOfPairing(request, world, 'delete', { before });
      return NO_CONTENT;
    },
  },
  {
    ...common,
    id: 'pairing_profiles.pairing_key',
    method: 'POST',
    path: `${ONE}/pairing_key`,
    summary: 'Make a pairing key; the answer shows its activation code this once',
    body: 'pce/pairing_profiles#generate_key',
    replies: { 201: 'pce/pairing_profiles#key' },
    handle(request, world) {
      const profile = existing(pairingProfiles, request, world, parentOf(request.path));
      const activation_code = createPairingKey(world, profile, request.caller.href);
      tellOfPairing(request, world, 'create_pairing_key');
      return { status: 201, body: { activation_code } };
    },
  },
  {
    ...common,
    id: 'pairing_profiles.delete_pairing_keys',
    method: 'DELETE',
    path: `${ONE}/pairing_keys`,
    summary: 'Make all keys of a pairing profile useless',
    replies: { 204: null },
    handle(request, world) {
      const profile = existing(pairingProfiles, request, world, parentOf(request.path));
      const keys = world.table(pairingKeys);
      for (const { href } of keys.find(String(profile.href))) keys.remove(String(href));
      tellOfPairing(request, world, 'delete_all_pairing_keys');
      return NO_CONTENT;
    },
  },
];

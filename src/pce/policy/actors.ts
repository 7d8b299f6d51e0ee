import type { Collection, Document, Reference, World } from '../../contract/collection.ts';
import { labels } from '../labels.ts';
import { invalidInput } from '../problems.ts';
import { securityPrincipals } from '../security-principals.ts';
import { virtualServices } from '../virtual-services.ts';
import { workloads } from '../workloads.ts';
import { ipLists } from './ip-lists.ts';
import { labelGroups } from './label-groups.ts';
import { draftHref, hrefsIn, isIn, linksTo, whileKept } from './policy-object.ts';
import { invalidPolicyHref } from './problems.ts';
import { services } from './services.ts';

/** Whom rules, scopes and boundaries speak of, and of what. */

/** By the key that names one. No organisation has what has no collection here: virtual servers. */
const NAMED: Readonly<Record<string, Collection>> = {
  label: labels,
  label_group: labelGroups,
  ip_list: ipLists,
  workload: workloads,
  virtual_service: virtualServices,
  service: services,
  security_principal: securityPrincipals,
};

/** A part of a body that names something: `{ "label": { "href": … } }`, beside what says how it is meant. */
type Actor = Readonly<Record<string, unknown>>;

/** @throws Problem 406 for what is not there, of another organisation, deleted, or to be deleted */
function requireNamed(type: string, { href }: { readonly href: string }, world: World, org: string): void {
  const collection = NAMED[type];
  const named = collection && href.startsWith(`${org}/`) ? world.table(collection).get(draftHref(href)) : undefined;
  if (!named || named.deleted || named.update_type === 'delete') throw invalidPolicyHref(href, type);
}

/** What actors name, each with its type. */
const namedBy = (actors: unknown) =>
  ((actors ?? []) as Actor[])
    .flatMap((actor) => Object.entries(actor))
    .flatMap(([type, named]) =>
      typeof named === 'object' ? [{ type, href: draftHref((named as { href: string }).href) }] : [],
    );

/**
 * Holds actors to what the organisation has.
 * @param before the actors in whose place they come: what is gone since they may go on naming (inferred)
 * @throws Problem 406
 */
export function requireActors(actors: unknown, world: World, org: string, before?: unknown): void {
  const known = new Set(namedBy(before).map(({ type, href }) => `${type} ${href}`));
  for (const { type, href } of namedBy(actors)) {
    if (!known.has(`${type} ${href}`)) requireNamed(type, { href }, world, org);
  }
}

interface Service {
  readonly href?: string;
  readonly port?: number;
  readonly to_port?: number;
}

/**
 * Services as a rule keeps them: of one that has an href, that alone.
 * @throws Problem 406 for what the organisation has not, and for ports in the wrong order
 */
function servicesIn(named: unknown, world: World, org: string): Document[] {
  return (named as (Service & Document)[]).map((one) => {
    const { href, port = 0, to_port = port } = one;
    if (href !== undefined) {
      requireNamed('service', { href }, world, org);
      return { href };
    }
    if (to_port < port) throw invalidInput('to_port is lower than port');
    return one;
  });
}

/** The part of a body that names services, as it is kept; nothing of a body that names none. @throws Problem 406 */
export const ingressOf = ({ ingress_services }: Document, world: World, org: string): Document =>
  ingress_services === undefined ? {} : { ingress_services: servicesIn(ingress_services, world, org) };

/** Holds security principals to what the organisation has. @throws Problem 406 */
export function requirePrincipals(named: unknown, world: World, org: string): void {
  for (const one of (named ?? []) as { href: string }[]) requireNamed('security_principal', one, world, org);
}

/** The links of a document to those that it names below some keys, and to the services that it is about. */
export const actorLinks = (...keys: string[]): Reference[] => [
  whileKept({
    to: 'labels',
    // In one role, so that lists can be filtered by labels wherever a document names them.
    edges: (document) =>
      hrefsIn(
        keys.map((key) => document[key]),
        (href) => isIn('labels', href),
      ).map((to) => ({ role: 'label', to })),
  }),
  linksTo('label_groups', ...keys),
  linksTo('ip_lists', ...keys),
  linksTo('services', 'ingress_services'),
  // What a cluster's agent reports goes without asking.
  { ...linksTo('virtual_services', ...keys), loose: true },
];

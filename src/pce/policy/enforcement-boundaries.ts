import type { Condition, Document, World } from '../../contract/collection.ts';
import { labelledWith } from '../collections.ts';
import { actorLinks, ingressOf, requireActors } from './actors.ts';
import { activeHref, draftHref, type PolicyObject, policyCollection, selectNamed, thoseThat } from './policy-object.ts';
import { referenced } from './problems.ts';
import { hasPort } from './services.ts';

/** What workloads in selective enforcement let nobody use, but where a rule says so. */
export const enforcementBoundaries = policyCollection({
  name: 'enforcement_boundaries',
  id: 'integer',
  uniqueName: true,
  references: actorLinks('providers', 'consumers'),
});

type Ports = Parameters<typeof hasPort>[0];

/** What lists are asked for: a service by name, or ports that stand in the boundary itself (inferred). */
function about({ service, ...query }: Document, world: World, org: string): Condition[] {
  const { 'service_ports.port': port, 'service_ports.proto': proto } = query;
  const named = String(service);
  const versions = [[draftHref(named)], [activeHref(named)]];
  const meets = (one: Ports) =>
    one.proto !== undefined &&
    (port === undefined || hasPort(one, Number(port))) &&
    (proto === undefined || one.proto === proto);
  return [
    ...(service === undefined ? [] : [{ role: 'ingress_services', to: 'services', anyOfAll: versions }]),
    ...(port === undefined && proto === undefined
      ? []
      : [
          thoseThat(world.table(enforcementBoundaries), org, ({ ingress_services }) =>
            (ingress_services as Ports[]).some(meets),
          ),
        ]),
  ];
}

export const enforcementBoundaryObjects: PolicyObject = {
  collection: enforcementBoundaries,
  type: 'enforcement_boundary',
  one: 'an enforcement boundary',
  many: 'enforcement boundaries',
  select: (query, world, org) =>
    selectNamed(query, ...labelledWith(query.labels, 'label'), ...about(query, world, org)),
  content({ body, params }, world, before) {
    const org = `/orgs/${params.org_id}`;
    requireActors(body.providers, world, org, before?.providers);
    requireActors(body.consumers, world, org, before?.consumers);
    return { ...body, ...ingressOf(body, world, org) };
  },
  inUse: (by) => referenced('enforcement_boundary', by),
};

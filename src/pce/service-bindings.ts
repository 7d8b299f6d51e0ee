import type { Collection, Document, Reference } from '../contract/collection.ts';
import type { SaidPod, SaidService } from './agent/namespace-state.ts';
import type { Reported } from './agent/reported.ts';
import { activeHref } from './policy/policy-object.ts';

/** The link of a binding to what it names under a key. */
function linkTo(to: string, key: string): Reference {
  return {
    to,
    edges(binding) {
      const end = binding[key] as { href: string } | undefined;
      return end ? [{ role: key, to: end.href }] : [];
    },
    vanishes: true,
  };
}

/** A workload as bindings show it: what the official Terraform provider reads of it. */
export const boundWorkload = ({ href, name, hostname, deleted }: Document): Document => ({
  href,
  name,
  hostname,
  deleted,
});

/** Which workload stands behind which virtual service: as users say, or as follows from what clusters report. */
export const serviceBindings: Collection = {
  name: 'service_bindings',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/service_bindings#item',
  keys: {
    virtual_service: '$.bound_service.href',
    container_workload: '$.container_workload.href',
    workload: '$.workload.href',
    external_data_set: '$.external_data_set',
    external_data_reference: '$.external_data_reference',
  },
  factKeys: { origin: '$.origin' },
  indexed: ['origin', 'workload'],
  unique: [{ keys: ['external_data_set', 'external_data_reference'] }],
  references: [
    linkTo('virtual_services', 'bound_service'),
    linkTo('container_workloads', 'container_workload'),
    {
      ...linkTo('workloads', 'workload'),
      quote: (binding, workload) => ({ ...binding, workload: boundWorkload(workload) }),
    },
  ],
};

/** Documented: bound where the controller behind the service is the controller of the pod. */
export function bindingsOf({ said, shown_as }: Reported<SaidService>, pods: readonly Reported<SaidPod>[]): Document[] {
  const behind = new Set((said.backends ?? []).map(({ kind, name }) => `${kind}/${name}`));
  return pods
    .filter(({ said: { controller } }) => controller && behind.has(`${controller.kind}/${controller.name}`))
    .map((pod) => ({
      bound_service: { href: activeHref(shown_as) },
      container_workload: { href: pod.shown_as },
    }));
}

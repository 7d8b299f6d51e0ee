import type { Collection, Document } from '../contract/collection.ts';
import type { SaidPod, SaidService } from './namespace-state.ts';
import { activeHref } from './policy/policy-object.ts';
import type { Reported } from './reported.ts';

const hrefAt = (document: Document, key: string) => (document[key] as { href: string } | undefined)?.href;

/** Which workload stands behind which virtual service. */
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
  indexed: ['origin'],
  references: [
    {
      to: 'virtual_services',
      edges: (binding) => [{ role: 'bound_service', to: String(hrefAt(binding, 'bound_service')) }],
      vanishes: true,
    },
    {
      to: 'container_workloads',
      edges(binding) {
        const href = hrefAt(binding, 'container_workload');
        return href === undefined ? [] : [{ role: 'container_workload', to: href }];
      },
      vanishes: true,
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

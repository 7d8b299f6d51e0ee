import type { Collection } from '../contract/collection.ts';
import type { NamespaceState, SaidService, Wanted } from './agent/namespace-state.ts';
import type { Reported } from './agent/reported.ts';
import { virtualServiceName } from './virtual-services.ts';

export const serviceBackends: Collection = {
  name: 'service_backends',
  parent: 'container_clusters',
  id: 'uuid',
  schema: 'pce/service_backends#item',
  factKeys: { origin: '$.origin' },
  indexed: ['origin'],
  references: [
    {
      to: 'virtual_services',
      edges: ({ virtual_service }) => [{ role: 'virtual_service', to: (virtual_service as { href: string }).href }],
      vanishes: true,
    },
  ],
};

/** The controllers behind a reported service. */
export function backendsOf({ said, shown_as }: Reported<SaidService>, state: NamespaceState): Wanted[] {
  const virtual_service = { href: shown_as, name: virtualServiceName(said, state) };
  return (said.backends ?? []).map(({ kind, name }) => ({
    href: `${state.cluster.href}/service_backends/${shown_as.split('/').at(-1)}/${kind}/${name}`,
    document: { name, kind, namespace: state.namespace, virtual_service },
  }));
}

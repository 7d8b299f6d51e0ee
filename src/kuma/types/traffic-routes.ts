import { under, underEach, unless } from '../causes.ts';
import type { ResourceType } from '../resource-type.ts';
import { faultsOfSelection, faultsOfTags, ONLY_SERVICE, SERVICE, type Tags } from '../selectors.ts';

type Conf = readonly { readonly destination?: Tags }[];

/** How traffic to a service is divided. The weights need not make up a hundred. */
export const trafficRoutes: ResourceType = {
  name: 'TrafficRoute',
  collection: 'traffic-routes',
  schema: 'kuma/traffic_routes#item',
  faults: (spec, has) => {
    const conf = (spec.conf ?? []) as Conf;
    return [
      ...faultsOfSelection(spec, { sources: SERVICE, destinations: ONLY_SERVICE }, has),
      ...unless(conf.length > 0, 'conf', 'must have at least one element'),
      ...underEach('conf', conf, ({ destination }) => under('destination', faultsOfTags(destination, SERVICE, has))),
    ];
  },
};

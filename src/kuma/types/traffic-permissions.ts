import type { ResourceType } from '../resource-type.ts';
import { faultsOfSelection, ONLY_SERVICE, SERVICE } from '../selectors.ts';

/** Which services may speak to which. */
export const trafficPermissions: ResourceType = {
  name: 'TrafficPermission',
  collection: 'traffic-permissions',
  schema: 'kuma/traffic_permissions#item',
  faults: (spec, has) => {
    const destinations = has('kuma_permissions_by_tags') ? SERVICE : ONLY_SERVICE;
    return faultsOfSelection(spec, { sources: ONLY_SERVICE, destinations }, has);
  },
};

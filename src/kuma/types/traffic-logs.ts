import type { ResourceType } from '../resource-type.ts';
import { faultsOfSelection, ONLY_SERVICE, SERVICE } from '../selectors.ts';

/** What traffic is logged, and where to. The backend may be one that the mesh does not have. */
export const trafficLogs: ResourceType = {
  name: 'TrafficLog',
  collection: 'traffic-logs',
  schema: 'kuma/traffic_logs#item',
  faults: (spec, has) => faultsOfSelection(spec, { sources: SERVICE, destinations: ONLY_SERVICE }, has),
};

import type { ResourceType } from '../resource-type.ts';
import { ANY_TAGS, faultsOfSelection } from '../selectors.ts';

/** Which dataplanes trace, and where to. The backend may be one that the mesh does not have. */
export const trafficTraces: ResourceType = {
  name: 'TrafficTrace',
  collection: 'traffic-traces',
  schema: 'kuma/traffic_traces#item',
  faults: (spec, has) => faultsOfSelection(spec, { selectors: ANY_TAGS }, has),
};

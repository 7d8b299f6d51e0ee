import type { ResourceType } from '../resource-type.ts';

/** What a control plane knows of the proxy of a dataplane. Nothing of it is checked. */
export const dataplaneInsights: ResourceType = {
  name: 'DataplaneInsight',
  collection: 'dataplane-insights',
  schema: 'kuma/dataplane_insights#item',
};

import { enforcementBoundaryObjects } from './enforcement-boundaries.ts';
import { ipListObjects } from './ip-lists.ts';
import { labelGroupObjects } from './label-groups.ts';
import type { PolicyObject } from './policy-object.ts';
import { ruleSetObjects } from './rule-sets.ts';
import { serviceObjects } from './services.ts';
import { virtualServiceObjects } from './virtual-services.ts';

/** Everything that is provisioned. */
export const policyObjects: readonly PolicyObject[] = [
  ipListObjects,
  labelGroupObjects,
  serviceObjects,
  virtualServiceObjects,
  ruleSetObjects,
  enforcementBoundaryObjects,
];

import type { PolicyObject } from './policy-object.ts';
import { serviceObjects } from './services.ts';

/** Everything that is provisioned. */
export const policyObjects: readonly PolicyObject[] = [serviceObjects];

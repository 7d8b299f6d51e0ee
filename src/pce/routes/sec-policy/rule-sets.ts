import type { Route } from '../../../contract/route.ts';
import { ruleSetObjects } from '../../policy/rule-sets.ts';
import { policyRoutes } from './policy-routes.ts';

export const ruleSetRoutes: Route[] = policyRoutes(ruleSetObjects, {
  evidence: 'documented',
  source: 'Core REST API reference, Rulesets; API schemas 25.2.20',
});

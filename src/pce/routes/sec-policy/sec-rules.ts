import type { Route } from '../../../contract/route.ts';
import { ruleSetObjects } from '../../policy/rule-sets.ts';
import { secRuleObjects } from '../../policy/sec-rules.ts';
import { policyRoutes } from './policy-routes.ts';

export const secRuleRoutes: Route[] = policyRoutes(
  secRuleObjects,
  { evidence: 'documented', source: 'Core REST API reference, Rules; API schemas 25.2.20' },
  ruleSetObjects,
);

import type { Route } from '../../../contract/route.ts';
import { ipListObjects } from '../../policy/ip-lists.ts';
import { policyRoutes } from './policy-routes.ts';

export const ipListRoutes: Route[] = policyRoutes(ipListObjects, {
  evidence: 'documented',
  source: 'Core REST API reference, IP Lists; API schemas 25.2.20',
});

import type { Route } from '../../../contract/route.ts';
import { serviceObjects } from '../../policy/services.ts';
import { policyRoutes } from './policy-routes.ts';

export const serviceRoutes: Route[] = policyRoutes(serviceObjects, {
  evidence: 'documented',
  source: 'Core REST API reference, Services; API schemas 25.2.20',
});

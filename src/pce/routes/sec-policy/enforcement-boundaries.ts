import type { Route } from '../../../contract/route.ts';
import { enforcementBoundaryObjects } from '../../policy/enforcement-boundaries.ts';
import { policyRoutes } from './policy-routes.ts';

export const enforcementBoundaryRoutes: Route[] = policyRoutes(enforcementBoundaryObjects, {
  evidence: 'documented',
  source: 'Core REST API reference, Enforcement Boundaries; API schemas 25.2.20',
});

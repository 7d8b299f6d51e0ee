import type { Route } from '../../../contract/route.ts';
import { virtualServiceObjects } from '../../policy/virtual-services.ts';
import { policyRoutes } from './policy-routes.ts';

export const virtualServiceRoutes: Route[] = policyRoutes(virtualServiceObjects, {
  evidence: 'documented',
  source:
    'REST API reference 24.2, Virtual Services and Bindings; API schemas 25.2.20; fixtures of the official Python client',
});

import type { ResourceType } from '../resource-type.ts';
import { circuitBreakers } from './circuit-breakers.ts';
import { dataplaneInsights } from './dataplane-insights.ts';
import { dataplanes } from './dataplanes.ts';
import { faultInjections } from './fault-injections.ts';
import { healthChecks } from './health-checks.ts';
import { meshes } from './meshes.ts';
import { proxytemplates } from './proxytemplates.ts';
import { trafficLogs } from './traffic-logs.ts';
import { trafficPermissions } from './traffic-permissions.ts';
import { trafficRoutes } from './traffic-routes.ts';
import { trafficTraces } from './traffic-traces.ts';

/** All types of resources. */
export const TYPES: readonly ResourceType[] = [
  meshes,
  dataplanes,
  dataplaneInsights,
  healthChecks,
  proxytemplates,
  trafficPermissions,
  trafficLogs,
  trafficRoutes,
  trafficTraces,
  faultInjections,
  circuitBreakers,
];

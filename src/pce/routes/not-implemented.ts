import type { Admitted, Method, Route } from '../../contract/route.ts';
import type { Area } from './not-implemented/area.ts';
import { reports } from './not-implemented/reports.ts';

/**
 * What a PCE has beside the container clusters and the emulator has not: declared, so that a client is told
 * what is missing (501), instead of a 404 that looks like its own mistake. A resource that gets a module of
 * its own leaves this list.
 */

/** Each collection with the methods of its list, and of one of its documents where it has any. */
const COLLECTIONS: readonly (readonly [path: string, list: readonly Method[], one?: readonly Method[]])[] = [
  ['/orgs/{org_id}/api_keys', ['GET'], ['DELETE']],
  ['/orgs/{org_id}/label_dimensions', ['GET', 'POST'], ['GET', 'PUT', 'DELETE']],
  ['/orgs/{org_id}/networks', ['POST'], ['PUT', 'DELETE']],
  ['/orgs/{org_id}/service_accounts', ['GET', 'POST'], ['GET', 'PUT', 'DELETE']],
  ['/orgs/{org_id}/service_bindings', ['POST'], ['DELETE']],
  ['/orgs/{org_id}/vens', ['GET'], ['GET', 'PUT']],
  ['/orgs/{org_id}/workloads', ['POST'], ['PUT', 'DELETE']],
  ['/orgs/{org_id}/sec_policy/{pversion}/enforcement_boundaries', ['GET', 'POST'], ['GET', 'PUT', 'DELETE']],
  ['/orgs/{org_id}/sec_policy/{pversion}/ip_lists', ['GET', 'POST'], ['GET', 'PUT', 'DELETE']],
  ['/orgs/{org_id}/sec_policy/{pversion}/label_groups', ['GET', 'POST'], ['GET', 'PUT', 'DELETE']],
  ['/orgs/{org_id}/sec_policy/{pversion}/rule_sets', ['GET', 'POST'], ['GET', 'PUT', 'DELETE']],
  ['/orgs/{org_id}/sec_policy/{pversion}/virtual_services', ['POST'], ['PUT', 'DELETE']],
];

/** Single operations. */
const OPERATIONS: readonly (readonly [method: Method, path: string, admitted?: Admitted])[] = [
  ['GET', '/orgs/{org_id}/jobs'],
  ['DELETE', '/orgs/{org_id}/jobs/{job_id}'],
  ['GET', '/orgs/{org_id}/optional_features'],
  ['PUT', '/orgs/{org_id}/optional_features'],
  ['GET', '/orgs/{org_id}/settings/events'],
  ['GET', '/orgs/{org_id}/settings/workloads'],
  ['PUT', '/orgs/{org_id}/workloads/bulk_create'],
  ['PUT', '/orgs/{org_id}/workloads/bulk_delete'],
  ['PUT', '/orgs/{org_id}/workloads/bulk_update'],
  ['POST', '/orgs/{org_id}/traffic_data/kubelink', 'any_cluster'],
  ['GET', '/health'],
  ['GET', '/noop'],
  ['GET', '/node_available', 'nobody'],
  ['GET', '/product_version'],
  ['GET', '/supercluster/leader', 'nobody'],
  ['POST', '/login_users/authenticate', 'nobody'],
  ['GET', '/users/login', 'nobody'],
  ['PUT', '/users/{user_id}/logout'],
  ['GET', '/users/{user_id}/api_keys'],
  ['POST', '/users/{user_id}/api_keys'],
];

/** What nobody has set about yet, by area; a row that is built goes. */
const AREAS: readonly Area[] = [reports];

function missing(method: Method, path: string, admitted: Admitted = 'user'): Route {
  return {
    id: `missing.${method.toLowerCase()}.${path.slice(1).replace('orgs/{org_id}/', '').replace(/[{}]/g, '').replaceAll('/', '.')}`,
    method,
    path,
    summary: `${method} ${path}`,
    admits: [admitted],
    evidence: 'documented',
    source: 'API schemas 25.2.10',
    replies: {},
  };
}

function routesOf([path, methods, admitted]: Area[number]): Route[] {
  return methods.split(' ').map((method) => missing(method as Method, path, admitted));
}

export const notImplementedRoutes: Route[] = [
  ...COLLECTIONS.flatMap(([path, list, one = []]) => [
    ...list.map((method) => missing(method, path)),
    ...one.map((method) => missing(method, `${path}/{id}`)),
  ]),
  ...OPERATIONS.map(([method, path, admitted]) => missing(method, path, admitted)),
  ...AREAS.flatMap((area) => area.flatMap(routesOf)),
];

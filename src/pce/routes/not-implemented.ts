import type { Method, Route } from '../../contract/route.ts';
import { access } from './not-implemented/access.ts';
import type { Area } from './not-implemented/area.ts';
import { devices } from './not-implemented/devices.ts';
import { policy, policyBeyondIndex } from './not-implemented/policy.ts';
import { reports } from './not-implemented/reports.ts';
import { setUp } from './not-implemented/settings.ts';
import { traffic } from './not-implemented/traffic.ts';
import { unpublished } from './not-implemented/unpublished.ts';
import { hosts } from './not-implemented/workloads.ts';

/**
 * What a PCE has and the emulator has not: declared, so that a client is told what is missing (501), instead of a 404
 * that looks like its own mistake. An operation that is built leaves its row.
 */
const AREAS: readonly Area[] = [
  access,
  devices,
  hosts,
  policy,
  ...policyBeyondIndex,
  reports,
  setUp,
  traffic,
  unpublished,
];

/** `missing.get.sec_policy.pversion.virtual_servers` */
function idOf(method: Method, path: string): string {
  const parts = path.replace('/orgs/{org_id}/', '/').slice(1).replace(/[{}]/g, '').split('/');
  return ['missing', method.toLowerCase(), ...parts].join('.');
}

function routesOf({ evidence, source, rows }: Area): Route[] {
  return rows.flatMap(([path, methods, admitted = 'user']) =>
    (methods.split(' ') as Method[]).map((method) => ({
      id: idOf(method, path),
      method,
      path,
      summary: `${method} ${path}`,
      admits: [admitted],
      evidence,
      source,
      replies: {},
    })),
  );
}

export const notImplementedRoutes: Route[] = AREAS.flatMap(routesOf);

import { type Area, INDEX } from './area.ts';

/** How a PCE and an organisation are set up, and what they tell those who run them. */
export const setUp: Area = {
  ...INDEX,
  rows: [
    ['/orgs/{org_id}/settings', 'GET PUT'],
    ['/orgs/{org_id}/settings/reports', 'GET PUT'],
    ['/orgs/{org_id}/settings/syslog/destinations', 'GET POST'],
    ['/orgs/{org_id}/settings/syslog/destinations/{syslog_destination_id}', 'GET PUT DELETE'],
    ['/orgs/{org_id}/settings/traffic_collector', 'GET POST'],
    ['/orgs/{org_id}/settings/traffic_collector/{traffic_collector_setting_id}', 'GET PUT DELETE'],
    ['/orgs/{org_id}/settings/trusted_proxy_ips', 'GET PUT'],
    ['/orgs/{org_id}/licenses/{license_id}', 'PUT DELETE'],
    ['/orgs/{org_id}/support_bundle_requests', 'GET POST'],
    ['/orgs/{org_id}/support_bundle_requests/{support_bundle_request_id}', 'GET DELETE'],
    ['/system_events', 'GET'],
    ['/system_events/{event_id}', 'GET'],
  ],
};

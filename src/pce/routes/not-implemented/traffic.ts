import { type Area, INDEX } from './area.ts';

/** Who talked to whom. */
export const traffic: Area = {
  ...INDEX,
  rows: [
    ['/orgs/{org_id}/agents/bulk_traffic_flows', 'POST'],
    ['/orgs/{org_id}/traffic_flows/async_queries', 'GET POST'],
    ['/orgs/{org_id}/traffic_flows/async_queries/{async_query_id}', 'GET PUT DELETE'],
    ['/orgs/{org_id}/traffic_flows/async_queries/{async_query_id}/download', 'GET'],
    ['/orgs/{org_id}/traffic_flows/async_queries/{async_query_id}/update_rules', 'PUT'],
    ['/orgs/{org_id}/traffic_flows/database_metrics', 'GET'],
    ['/orgs/{org_id}/traffic_flows/traffic_analysis_queries', 'POST'],
  ],
};

import { type Area, INDEX } from './area.ts';

/** Reports, and what is known of risks. */
export const reports: Area = {
  ...INDEX,
  rows: [
    ['/orgs/{org_id}/app_groups/risk_summary', 'GET'],
    ['/orgs/{org_id}/app_groups/{app_group_id}/risk_details', 'GET'],
    ['/orgs/{org_id}/report_schedules', 'GET POST'],
    ['/orgs/{org_id}/report_schedules/{report_schedule_id}', 'GET PUT DELETE'],
    ['/orgs/{org_id}/report_templates', 'GET'],
    ['/orgs/{org_id}/report_templates/{template_type}', 'GET PUT'],
    ['/orgs/{org_id}/reports', 'GET POST'],
    ['/orgs/{org_id}/reports/{report_id}', 'GET PUT'],
    ['/orgs/{org_id}/reports/{report_id}/download', 'GET'],
    ['/orgs/{org_id}/reports/risk_summary', 'GET'],
    ['/orgs/{org_id}/reports/risk_summary/ransomware_timeseries_statistics', 'POST'],
    ['/orgs/{org_id}/reports/time_series_statistics', 'POST'],
    ['/orgs/{org_id}/vulnerabilities', 'GET POST'],
    ['/orgs/{org_id}/vulnerabilities/{reference_id}', 'GET PUT DELETE'],
    ['/orgs/{org_id}/vulnerability_reports', 'GET'],
    ['/orgs/{org_id}/vulnerability_reports/{reference_id}', 'GET PUT DELETE'],
  ],
};

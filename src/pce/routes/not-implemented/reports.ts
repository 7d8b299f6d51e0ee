import type { Area } from './area.ts';

export const reports: Area = [
  ['/orgs/{org_id}/report_schedules', 'GET POST'],
  ['/orgs/{org_id}/report_schedules/{report_schedule_id}', 'GET PUT DELETE'],
  ['/orgs/{org_id}/report_templates', 'GET'],
  ['/orgs/{org_id}/report_templates/{report_template_id}', 'GET'],
  ['/orgs/{org_id}/reports', 'GET POST'],
  ['/orgs/{org_id}/reports/{report_id}', 'GET PUT'],
];

import type { Route } from '../../contract/route.ts';
import { datafiles, jobs, keptUntil } from '../jobs.ts';
import { notFound } from '../problems.ts';

const SOURCE = 'Core REST API reference, Async GET operations';

export const jobRoutes: Route[] = [
  {
    id: 'jobs.get',
    method: 'GET',
    path: '/orgs/{org_id}/jobs/{job_id}',
    summary: 'Look whether a job is done',
    admits: ['user'],
    evidence: 'documented',
    source: SOURCE,
    replies: { 200: 'pce/jobs#item' },
    handle(request, world) {
      const job = world.table(jobs).get(request.path);
      if (!job || keptUntil(String(job.requested_at)) <= world.clock.now()) throw notFound();
      return { status: 200, body: job };
    },
  },
  {
    id: 'datafiles.get',
    method: 'GET',
    path: '/orgs/{org_id}/datafiles/{datafile_id}',
    summary: 'Read the result of a job',
    admits: ['user'],
    evidence: 'documented',
    source: SOURCE,
    replies: { 200: 'pce/jobs#datafile' },
    handle(request, world) {
      const text = world.table(datafiles).text(request.path);
      const until = world.table(datafiles).facts(request.path)?.kept_until;
      if (text === undefined || Number(until) <= world.clock.now()) throw notFound();
      return { status: 200, text };
    },
  },
];

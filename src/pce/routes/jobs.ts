import type { Document, World } from '../../contract/collection.ts';
import { NO_CONTENT, type Request, type Route } from '../../contract/route.ts';
import { equalsOf, existing, list, parentOf } from '../collections.ts';
import { recordEvent } from '../events.ts';
import { datafiles, jobs, keptUntil, oldestJob } from '../jobs.ts';
import { notFound } from '../problems.ts';

const SOURCE = 'Core REST API reference, Async GET operations';

/** The job at the request's path, which may be read for a day. @throws Problem 404 */
function readable(request: Request, world: World): Document {
  const job = existing(jobs, request, world);
  if (keptUntil(String(job.requested_at)) <= world.clock.now()) throw notFound();
  return job;
}

export const jobRoutes: Route[] = [
  {
    id: 'jobs.list',
    method: 'GET',
    path: '/orgs/{org_id}/jobs',
    summary: 'List the jobs that can be read',
    admits: ['user'],
    evidence: 'documented',
    source: 'API schemas 25.2.20, jobs',
    query: 'pce/jobs#query',
    replies: { 200: 'pce/jobs#list', 202: null },
    handle: list(jobs, {
      all: (_query, world) => [{ key: 'requested_at', from: oldestJob(world) }],
      select: (query) => ({ where: equalsOf(query, 'job_type') }),
    }),
  },
  {
    id: 'jobs.get',
    method: 'GET',
    path: '/orgs/{org_id}/jobs/{job_id}',
    summary: 'Look whether a job is done',
    admits: ['user'],
    evidence: 'documented',
    source: SOURCE,
    replies: { 200: 'pce/jobs#item' },
    handle: (request, world) => ({ status: 200, body: readable(request, world) }),
  },
  {
    id: 'jobs.delete',
    method: 'DELETE',
    path: '/orgs/{org_id}/jobs/{job_id}',
    summary: 'Delete a job and its result',
    admits: ['user'],
    evidence: 'documented',
    source: 'API schemas 25.2.20, jobs; that the result goes with it is ours',
    replies: { 204: null },
    handle(request, world) {
      const before = readable(request, world);
      world.table(jobs).remove(request.path);
      const org = parentOf(parentOf(request.path));
      recordEvent(request, world, org, { event_type: 'job.delete', changes: [{ type: 'job', before }] });
      return NO_CONTENT;
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

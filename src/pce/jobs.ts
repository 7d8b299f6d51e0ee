import type { Collection, Document, World } from '../contract/collection.ts';
import type { Reply, Request } from '../contract/route.ts';
import { momentOf, timestampOf } from '../kernel/clock.ts';

export const jobs: Collection = {
  name: 'jobs',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/jobs#item',
  keys: { requested_at: '$.requested_at', job_type: '$.job_type' },
  ranges: ['requested_at'],
};
export const datafiles: Collection = {
  name: 'datafiles',
  parent: 'jobs',
  id: 'uuid',
  schema: 'pce/jobs#datafile',
  unshaped: true,
};

/** How long a job and its file can be read. Not public; inferred. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** How many jobs an organisation has, and how long their files are together, in bytes: the oldest go for a new one (ours). */
const MOST_JOBS = 1000;
const MOST_BYTES = 64 * 1024 * 1024;

/** The documents show 5; every polling client sleeps this long, so the smallest that they all accept. */
const RETRY_AFTER_SECONDS = '1';

/**
 * Answers a request for a list with a job. The list is taken at once and without the cap of a plain
 * GET; the job is done when it is first looked at.
 * @param rows the list as JSON text
 */
export function answerWithJob(request: Request, world: World, rows: Uint8Array): Reply {
  const org = `/orgs/${request.params.org_id}`;
  const table = world.table(jobs);
  table.removeAll(org, [{ key: 'requested_at', to: jobTime(world.clock.now() - KEPT_MS) }]);
  makeRoom(world, org, rows.byteLength);
  const href = table.mint(org);
  const result = { href: `${org}/datafiles/${world.ids.uuid()}` };
  const now = jobTime(world.clock.now());
  const job = {
    href,
    job_type: ':illumio/async_requests',
    description: request.path,
    result,
    status: 'done',
    requested_at: now,
    terminated_at: now,
    requested_by: { href: request.caller.href },
  };
  table.insert(org, href, job, { bytes: rows.byteLength });
  world.table(datafiles).keep(href, result.href, Buffer.from(rows).toString(), { kept_until: keptUntil(now) });
  // The clients put `/api/v2` before it themselves: no host, no prefix.
  return { status: 202, headers: { Location: href, 'Retry-After': RETRY_AFTER_SECONDS, Status: '202 Accepted' } };
}

function makeRoom(world: World, org: string, more: number): void {
  const table = world.table(jobs);
  const entries = table.entries(org);
  const sizes = entries.map(({ document, facts }) =>
    typeof facts.bytes === 'number' ? facts.bytes : bytesOf(world, document),
  );
  let bytes = sizes.reduce((sum, size) => sum + size, more);
  for (const [index, { href }] of entries.entries()) {
    if (entries.length - index < MOST_JOBS && bytes <= MOST_BYTES) return;
    table.remove(href);
    bytes -= sizes[index] ?? 0;
  }
}

/** The length of a file that was kept before its job knew it. */
function bytesOf(world: World, { result }: Document): number {
  const { href } = (result ?? {}) as { href?: string };
  return href === undefined ? 0 : (world.table(datafiles).text(href)?.length ?? 0);
}

/** `2016-01-14 23:16:52.303166`: the PCE writes the times of jobs like this. */
function jobTime(moment: number): string {
  return timestampOf(moment).replace('T', ' ').replace('Z', '000');
}

/** The time of the oldest job that can still be read. */
export const oldestJob = (world: World): string => jobTime(world.clock.now() - KEPT_MS + 1);

/** Until when a job and its file can be read, in ms since the epoch. */
export function keptUntil(requestedAt: string): number {
  return momentOf(`${requestedAt.slice(0, 23).replace(' ', 'T')}Z`) + KEPT_MS;
}

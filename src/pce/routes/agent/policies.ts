import type { Document, World } from '../../../contract/collection.ts';
import { NO_CONTENT, type Reply, type Request, type Route } from '../../../contract/route.ts';
import { digest } from '../../../kernel/secrets.ts';
import { placesIn } from '../../agent/places.ts';
import { reconcile } from '../../agent/reconciliation.ts';
import { keepPolicy, reportedOf } from '../../agent/reported.ts';
import { existing } from '../../collections.ts';
import { containerClusters, factsOf } from '../../container-clusters.ts';
import { recordEvent } from '../../events.ts';
import { kubernetesWorkloads, policyOf } from '../../kubernetes-workloads.ts';
import { agentRoute, CLUSTER, requireClasMode, speakerOf } from './route.ts';

interface PolicySet {
  readonly workloads: readonly Document[];
  readonly security_policy_set_digest: string;
}

/** The policy of all workloads that are shown of a cluster. */
function policySetOf(world: World, org: string, cluster: string): PolicySet {
  const where = [{ key: 'container_cluster', is: cluster }];
  const workloads = world.table(kubernetesWorkloads).find(org, { where });
  const policies = workloads.map((one) => [String(one.href), policyOf(one)]).sort();
  return { workloads, security_policy_set_digest: digest(JSON.stringify(policies)) };
}

function policies(request: Request, world: World): Reply {
  requireClasMode(request, world);
  const { org, cluster } = speakerOf(request);
  const { workloads, security_policy_set_digest } = policySetOf(world, org, cluster);
  const up_to_date = factsOf(world, cluster).security_policy_set_digest === security_policy_set_digest;
  const sent = up_to_date && request.query.force !== true ? [] : workloads;
  const body = {
    security_policy_set_digest,
    up_to_date,
    workloads: sent.map(({ href, name, kind, namespace, labels, enforcement_mode, visibility_level }) => {
      return { href, name, kind, namespace, labels, enforcement_mode, visibility_level };
    }),
  };
  return { status: 200, body };
}

/** Of an older policy than the present one only the digest is kept: which workloads it was for is not known. */
function acknowledge(request: Request, world: World): void {
  requireClasMode(request, world);
  const { org, cluster: href } = speakerOf(request);
  const { security_policy_set_digest } = request.body;
  const known = factsOf(world, href);
  const cluster = existing(containerClusters, request, world, href);
  world.table(containerClusters).replace(href, cluster, { ...known, security_policy_set_digest });
  const present = policySetOf(world, org, href);
  if (present.security_policy_set_digest === security_policy_set_digest) {
    const shown = new Map(present.workloads.map((workload) => [workload.href, workload]));
    for (const one of reportedOf(world, href, 'workload')) {
      const workload = shown.get(one.shown_as);
      if (!workload || one.policy?.set === security_policy_set_digest) continue;
      const set = String(security_policy_set_digest);
      keepPolicy(world, href, one, { ...one.policy, set, acknowledged: policyOf(workload) });
    }
  }
  const { name } = cluster;
  const before = { href, name, security_policy_set_digest: known.security_policy_set_digest };
  const after = { href, name, security_policy_set_digest };
  const event_type = 'container_cluster.security_policy_acks';
  recordEvent(request, world, org, { event_type, changes: [{ type: 'container_cluster', before, after }] });
}

/** What was acknowledged last is now in force. Reports of another policy come too late, or too early. */
function applied(request: Request, world: World): void {
  requireClasMode(request, world);
  const { org, cluster } = speakerOf(request);
  const event_type = 'container_cluster.security_policy_applied';
  recordEvent(request, world, org, { event_type, http_status_code: 200 });
  if (factsOf(world, cluster).security_policy_set_digest !== request.body.security_policy_set_digest) return;
  const namespaces = new Set<string>();
  for (const one of reportedOf(world, cluster, 'workload')) {
    const { policy } = one;
    // Agents repeat it every ten minutes (observed): what is in force already stays as it is.
    if (!policy || policy.set !== request.body.security_policy_set_digest) continue;
    if (policy.applied === policy.acknowledged) continue;
    const { acknowledged } = policy;
    keepPolicy(world, cluster, one, { ...policy, applied: acknowledged, applied_at: world.clock.timestamp() });
    namespaces.add(one.namespace);
  }
  reconcile(request, world, placesIn(cluster, namespaces));
}

const policyRoute = { ...agentRoute, feature: 'kubernetes_workloads' };

export const policyRoutes: Route[] = [
  {
    ...policyRoute,
    id: 'container_clusters.policies',
    method: 'GET',
    path: `${CLUSTER}/policies`,
    summary: 'An agent in CLAS mode reads the policy of its workloads',
    query: 'pce/agent/policies#query',
    replies: { 200: 'pce/agent/policies#policies' },
    handle: policies,
  },
  {
    ...policyRoute,
    id: 'container_clusters.security_policy_acks',
    method: 'PUT',
    path: `${CLUSTER}/security_policy_acks`,
    summary: 'An agent says that it has a policy',
    body: 'pce/agent/policies#acknowledgement',
    replies: { 204: null },
    handle(request, world) {
      acknowledge(request, world);
      return NO_CONTENT;
    },
  },
  {
    ...policyRoute,
    id: 'container_clusters.security_policy_applied',
    method: 'PUT',
    path: `${CLUSTER}/security_policy_applied`,
    summary: 'An agent says that a policy is in force',
    source: `${agentRoute.source}; 200, where the schemas say 204: events captured on a PCE 25.2`,
    body: 'pce/agent/policies#acknowledgement',
    replies: { 200: null },
    handle(request, world) {
      applied(request, world);
      return { status: 200 };
    },
  },
];

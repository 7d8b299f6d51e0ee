import type { Document, World } from '../../../contract/collection.ts';
import { emulatorRoute, type Route } from '../../../contract/route.ts';
import { decisionsOn, whyHidden } from '../../agent/derivation.ts';
import { MEANING } from '../../agent/label-resolution.ts';
import { stateOf } from '../../agent/places.ts';
import { type Reported, reported } from '../../agent/reported.ts';
import { draftHref } from '../../policy/policy-object.ts';
import { refusal } from './route.ts';

/** How the labels of something that an agent reported came about, key by key. */
function explanation(world: World, cluster: string, one: Reported): Document {
  const state = stateOf(world, { cluster, namespace: one.namespace });
  const hidden = whyHidden(one, state);
  const profile = state.profile && {
    href: state.profile.href,
    managed: state.profile.managed,
    linked: state.profile.linked,
  };
  const labels = decisionsOn(one, state).map(({ key, rule, label, refused }) => ({
    key,
    rule,
    because: MEANING[rule],
    label: label ? { href: label.href, value: label.value } : null,
    refused: refused.map((refusal) => ({ ...refusal, because: MEANING[refusal.rule] })),
  }));
  return {
    workload: one.shown_as,
    name: one.said.name,
    namespace: one.namespace,
    container_cluster: { href: cluster, name: state.cluster.name },
    container_workload_profile: profile ?? null,
    shown: hidden === undefined,
    ...(hidden && { rule: hidden.rule, because: hidden.because }),
    labels: hidden ? [] : labels,
  };
}

export const explainRoutes: Route[] = [
  {
    ...emulatorRoute,
    id: 'emulator.explain',
    method: 'GET',
    path: '/explain',
    summary: 'Why does a workload, or a virtual service, have the labels that it has?',
    query: 'emulator/explain#query',
    replies: { 200: 'emulator/explain#explanation' },
    handle(request, world) {
      const { workload } = request.query as { workload: string };
      const found = world.table(reported).lookup({ shown_as: draftHref(workload) });
      if (!found) throw refusal(404, 'not_found', `No agent has reported anything that is shown as ${workload}`);
      const [cluster = ''] = found.href.split('/reported_objects/');
      return { status: 200, body: explanation(world, cluster, found.document as unknown as Reported) };
    },
  },
];

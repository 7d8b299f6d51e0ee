import type { Document } from '../../contract/collection.ts';
import { containerWorkloadOf } from '../container-workloads.ts';
import { kubernetesWorkloadOf } from '../kubernetes-workloads.ts';
import type { LabelOption } from '../label-options.ts';
import { backendsOf } from '../service-backends.ts';
import { bindingsOf } from '../service-bindings.ts';
import { becomesVirtualService, virtualServiceOf } from '../virtual-services.ts';
import { type Decision, folded, MEANING, type Rule, resolveLabels } from './label-resolution.ts';
import type { Labelling, NamespaceState, SaidPod, SaidService, SaidWorkload, Wanted } from './namespace-state.ts';
import type { Reported } from './reported.ts';

/** What the PCE shows of a namespace. */
export interface Derived {
  readonly virtualServices: readonly Wanted[];
  readonly containerWorkloads: readonly Wanted[];
  readonly kubernetesWorkloads: readonly Wanted[];
  readonly serviceBackends: readonly Wanted[];
  /** Without hrefs: the two ends tell a binding from the others. */
  readonly serviceBindings: readonly Document[];
  /** Labels that a label map makes; what is derived has them once they are there. */
  readonly missing: readonly { readonly key: string; readonly value: string }[];
}

const NOTHING: Derived = {
  virtualServices: [],
  containerWorkloads: [],
  kubernetesWorkloads: [],
  serviceBackends: [],
  serviceBindings: [],
  missing: [],
};

/** Whether a namespace's objects are shown: it is there, as the agent says, and managed, as a user says. */
const isShown = (profile: Document | undefined): boolean => profile?.linked === true && profile.managed === true;

/**
 * What the PCE makes of a namespace, from nothing but what is said of it: services become virtual services
 * (in CLAS mode those of type ClusterIP do not), pods container workloads, controllers Kubernetes workloads;
 * a service is bound to the pods whose controller is one of its backends.
 */
export function derive(state: NamespaceState): Derived {
  if (!isShown(state.profile)) return NOTHING;
  const of = <Said>(type: Reported['type']) =>
    state.reported.filter((one) => one.type === type) as unknown as Reported<Said>[];
  const clas = state.cluster.mode === 'clas';
  const services = of<SaidService>('service').filter(({ said }) => becomesVirtualService(said, clas));
  const pods = clas ? [] : of<SaidPod>('pod').filter(({ said }) => !said.host_network);
  const workloads = clas ? of<SaidWorkload>('workload') : [];
  const resolved = [...services, ...pods, ...workloads].map((one) => ({ one, decisions: decisionsOn(one, state) }));
  const decisions = new Map(resolved.map(({ one, decisions: found }) => [one.shown_as, found]));
  const on = ({ shown_as }: Reported<unknown>): Labelling => labelling(decisions.get(shown_as) ?? []);
  return {
    virtualServices: services.flatMap((service) => virtualServiceOf(service, state, on(service))),
    containerWorkloads: pods.map((pod) => containerWorkloadOf(pod, state, on(pod))),
    kubernetesWorkloads: workloads.map((workload) => kubernetesWorkloadOf(workload, services, state, on(workload))),
    serviceBackends: services.flatMap((service) => backendsOf(service, state)),
    serviceBindings: services.flatMap((service) => bindingsOf(service, pods)),
    missing: resolved.flatMap(({ decisions: found }) =>
      found.flatMap(({ key, create }) => (create === undefined ? [] : [{ key, value: create }])),
    ),
  };
}

/** Why the PCE does not show something that is reported; undefined when it does. */
export function whyHidden(
  { type, said }: Reported<unknown>,
  { profile, cluster }: NamespaceState,
): { readonly rule?: Rule; readonly because: string } | undefined {
  if (!profile) return { because: 'the agent has not reported its namespace' };
  if (!profile.linked) return { because: 'its namespace is gone, as the agent reports' };
  if (!profile.managed) return { rule: 'R1', because: MEANING.R1 };
  if (type === 'pod' && (said as SaidPod).host_network) return { rule: 'R12', because: MEANING.R12 };
  const clas = cluster.mode === 'clas';
  if (type === 'pod' && clas) return { because: 'the cluster is in CLAS mode, in which pods are not shown' };
  if (type === 'workload' && !clas) return { because: 'the cluster is no longer in CLAS mode' };
  if (type === 'service' && !becomesVirtualService(said as SaidService, clas)) {
    return { because: 'a service becomes no virtual service without ports, nor in CLAS mode with type ClusterIP' };
  }
  return undefined;
}

/** How the labels of one object of a namespace come about. */
export function decisionsOn({ type, said }: Reported<unknown>, state: NamespaceState): readonly Decision[] {
  const about = (type === 'workload' ? (said as SaidWorkload).metadata : (said as SaidPod)) ?? {};
  return resolveLabels({
    managed: isShown(state.profile),
    hostNetwork: type === 'pod' && (said as SaidPod).host_network === true,
    options: (state.profile?.labels ?? []) as LabelOption[],
    annotations: about.annotations ?? {},
    kubernetesLabels: about.labels,
    // Label maps are for nodes and workloads (documented); services are labelled by annotations alone.
    labelMaps: type === 'service' ? [] : state.labelMaps,
    existing: state.labels,
    dimensions: state.dimensions,
    reserved: state.reserved,
  }).decisions;
}

function labelling(decisions: readonly Decision[]): Labelling {
  return {
    labels: decisions.flatMap(({ key, label }) => (label ? [{ href: label.href, key, value: label.value }] : [])),
    asked: decisions.flatMap(({ key, label, create, refused }) =>
      [label?.value, create, ...refused.map(({ value }) => value)]
        .filter((value) => value !== undefined)
        .map((value) => asking(key, value)),
    ),
  };
}

/**
 * How a wish for a label is written down, to be found when such a label comes or goes: also one that differs in
 * the case of ASCII letters, which would be in the way of making it.
 */
export const asking = (key: string, value: string): string => `${key}=${folded(value)}`;

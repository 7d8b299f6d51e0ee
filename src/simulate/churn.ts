import type { Chance } from './chance.ts';
import { type Controller, type Inventory, internalPart, type Mode, type Pod, type Service } from './inventory.ts';

/**
 * A cluster some random changes later. What has not changed is the same object as before, so that whoever
 * compares need not look inside. The cluster keeps about its size: what is added is bounded, and only what
 * was added is removed for good.
 * @param changes how many
 * @param mode what does not report pods alone need not replace one
 */
export function churned(inventory: Inventory, changes: number, mode: Mode, chance: Chance): Inventory {
  let now = inventory;
  for (let change = 0; change < changes; change++) now = changed(now, mode, chance);
  return now;
}

function changed(inventory: Inventory, mode: Mode, chance: Chance): Inventory {
  const happening = chance.integer(1, 10);
  const podsCount = mode === 'legacy';
  if (happening <= 5 && podsCount) return withPodReplaced(inventory, chance) ?? withNamespaces(inventory, chance);
  if (happening <= 7) return withRollout(inventory, chance) ?? withNamespaces(inventory, chance);
  if (happening <= 9) return withServices(inventory, chance) ?? withNamespaces(inventory, chance);
  return withNamespaces(inventory, chance);
}

/** The controllers that put a new pod where one was. */
const RESTORING = ['replicasethash', 'daemonset', 'statefulset', 'replicationcontroller'];

const anew = (pod: Pod, chance: Chance): Pod => ({
  ...pod,
  uid: chance.uuid(),
  name: pod.controller?.kind === 'statefulset' ? pod.name : pod.name.replace(/[^-]*$/, chance.letters(5)),
});

/** A pod is gone, and its controller has made another. */
function withPodReplaced(inventory: Inventory, chance: Chance): Inventory | undefined {
  const old = chance.oneOf(inventory.pods.filter(({ controller }) => RESTORING.includes(controller?.kind ?? '')));
  if (!old) return undefined;
  return { ...inventory, pods: inventory.pods.map((pod) => (pod === old ? anew(pod, chance) : pod)) };
}

/** A Deployment has got a new template: another hash, other pods. */
function withRollout(inventory: Inventory, chance: Chance): Inventory | undefined {
  const one = chance.oneOf(inventory.pods.filter(({ controller }) => controller?.kind === 'replicasethash'));
  const old = one?.controller?.name;
  if (!one || old === undefined) return undefined;
  const hash = chance.letters(10);
  const controller = { kind: 'replicasethash', name: hash };
  const concerns = (place: { namespace: string }) => place.namespace === one.namespace;
  const isOld = (by: Controller | null) => by?.kind === controller.kind && by.name === old;
  const deployment = one.name.split(`-${old}-`)[0];
  return {
    ...inventory,
    pods: inventory.pods.map((pod) =>
      concerns(pod) && isOld(pod.controller)
        ? {
            ...anew({ ...pod, name: pod.name.replace(`-${old}-`, `-${hash}-`) }, chance),
            controller,
            labels: { ...pod.labels, 'pod-template-hash': hash },
          }
        : pod,
    ),
    services: inventory.services.map((service) =>
      concerns(service) && service.backends.some(isOld)
        ? { ...service, backends: service.backends.map((backend) => (isOld(backend) ? controller : backend)) }
        : service,
    ),
    // The PCE makes no label of this one; it only has the workload change.
    workloads: inventory.workloads.map((workload) =>
      concerns(workload) && workload.kind === 'Deployment' && workload.name === deployment
        ? {
            ...workload,
            metadata: {
              ...workload.metadata,
              annotations: { ...workload.metadata.annotations, 'meta.illumio.simulated-rollout': hash },
            },
          }
        : workload,
    ),
  };
}

/** What churn itself has added is known by its name; a cluster has at most so many of each. */
const ADDED = 'churn-';
const MOST_ADDED = 9;
const isAdded = ({ name }: { name: string }) => name.startsWith(ADDED);

/** A service is added, one that was added is removed, or one is made anew under its old name. */
function withServices(inventory: Inventory, chance: Chance): Inventory | undefined {
  const added = inventory.services.filter(isAdded);
  const happening = chance.oneOf(['added', 'removed', 'made anew']);
  const old = chance.oneOf(happening === 'removed' ? added : inventory.services);
  if (happening === 'removed' && old) return withService(inventory, old, undefined);
  if (happening === 'made anew' && old) return withService(inventory, old, { ...old, uid: chance.uuid() });
  if (added.length >= MOST_ADDED) return withService(inventory, added[0], undefined);
  const pod = chance.oneOf(inventory.pods.filter(({ controller }) => controller));
  return pod && withService(inventory, undefined, serviceOf(pod, chance));
}

/** With `fresh` in the place of `old`; either may be missing. */
function withService(inventory: Inventory, old: Service | undefined, fresh: Service | undefined): Inventory {
  return {
    ...inventory,
    services: [...inventory.services.filter((one) => one !== old), ...(fresh ? [fresh] : [])],
    workloads: [
      ...inventory.workloads.filter(({ metadata }) => !old || metadata.external_service_uid !== old.uid),
      ...(fresh && fresh.service_type !== 'ExternalName' ? [internalPart(fresh)] : []),
    ],
  };
}

function serviceOf({ namespace, controller, labels }: Pod, chance: Chance): Service {
  return {
    uid: chance.uuid(),
    name: `${ADDED}${chance.letters(8)}`,
    namespace,
    service_type: 'ClusterIP',
    service_ports: [{ port: chance.integer(1024, 32_767), protocol: 6 }],
    external_traffic_policy: null,
    ip_addresses: [addressOf(chance)],
    labels,
    annotations: {},
    backends: controller ? [controller] : [],
  };
}

/** An address of the range that no fleet and hardly a cluster uses (RFC 6598). */
const addressOf = (chance: Chance) => `100.64.${chance.integer(0, 255)}.${chance.integer(1, 254)}`;

/** A namespace with a pod and a service is added, or one that was added is removed with all that is in it. */
function withNamespaces(inventory: Inventory, chance: Chance): Inventory {
  const added = inventory.namespaces.filter((name) => name.startsWith(ADDED));
  const old = added.length >= MOST_ADDED || chance.once(2) ? chance.oneOf(added) : undefined;
  if (old !== undefined) {
    const stays = ({ namespace }: { namespace: string }) => namespace !== old;
    return {
      ...inventory,
      namespaces: inventory.namespaces.filter((name) => name !== old),
      services: inventory.services.filter(stays),
      pods: inventory.pods.filter(stays),
      workloads: inventory.workloads.filter(stays),
    };
  }
  // The first free number: names come back, so that a PCE does not fill up with namespaces that were.
  const numbers = Array.from({ length: MOST_ADDED }, (_, at) => `${ADDED}${at + 1}`);
  const namespace = numbers.find((name) => !added.includes(name)) ?? `${ADDED}${MOST_ADDED + 1}`;
  const hash = chance.letters(10);
  const pod: Pod = {
    uid: chance.uuid(),
    name: `web-${hash}-${chance.letters(5)}`,
    namespace,
    controller: { kind: 'replicasethash', name: hash },
    host_network: false,
    ip_addresses: [addressOf(chance)],
    labels: { app: 'web', 'pod-template-hash': hash },
    annotations: { 'com.illumio.role': 'Web' },
  };
  const metadata = { labels: { app: 'web' }, annotations: pod.annotations, external_service_uid: null };
  const grown = {
    ...inventory,
    namespaces: [...inventory.namespaces, namespace],
    pods: [...inventory.pods, pod],
    workloads: [...inventory.workloads, { name: 'web', kind: 'Deployment', namespace, metadata }],
  };
  return withService(grown, undefined, serviceOf(pod, chance));
}

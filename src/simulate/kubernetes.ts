import { UnusableList } from './failures.ts';

/** Labels, annotations, selectors. */
export type Texts = Readonly<Record<string, string>>;

/** The parts of a Kubernetes object that an agent reads. */
export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly namespace?: string;
    readonly labels?: Texts;
    readonly annotations?: Texts;
    readonly ownerReferences?: readonly {
      readonly kind: string;
      readonly name: string;
      readonly controller?: boolean;
    }[];
  };
}

export interface NodeObject extends KubernetesObject {
  readonly spec?: { readonly podCIDR?: string };
  readonly status?: {
    readonly nodeInfo?: {
      readonly machineID?: string;
      readonly osImage?: string;
      readonly containerRuntimeVersion?: string;
      readonly kubeletVersion?: string;
    };
  };
}

export interface ServiceObject extends KubernetesObject {
  readonly spec?: {
    readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
    readonly selector?: Texts;
    readonly ports?: readonly { readonly port: number; readonly protocol?: string; readonly nodePort?: number }[];
    readonly clusterIP?: string;
    readonly clusterIPs?: readonly string[];
    readonly externalTrafficPolicy?: string;
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

export interface PodObject extends KubernetesObject {
  readonly spec?: { readonly hostNetwork?: boolean };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly podIPs?: readonly { readonly ip?: string }[];
  };
}

/** What each kind that is read by more than its metadata looks like. */
interface Kinds {
  readonly Node: NodeObject;
  readonly Service: ServiceObject;
  readonly Pod: PodObject;
}

/** All objects of a kind, in their order. */
export function ofKind<Kind extends keyof Kinds>(objects: readonly KubernetesObject[], kind: Kind): Kinds[Kind][] {
  return objects.filter((one) => one.kind === kind) as Kinds[Kind][];
}

/**
 * Reads what `kubectl get … -A -o json` prints: a List, or a list of one kind as the API server gives it.
 * @param from what to call it when it cannot be read
 * @throws UnusableList
 */
export function readList(text: string, from: string): KubernetesObject[] {
  let list: { kind?: unknown; items?: unknown } | null;
  try {
    list = JSON.parse(text);
  } catch (error) {
    const yaml = /^(---|apiVersion:|kind:)/.test(text.trimStart()) ? '; kubectl writes JSON with -o json' : '';
    throw new UnusableList(`${from} is not JSON: ${(error as Error).message.replace(/\s+/g, ' ')}${yaml}`);
  }
  if (typeof list?.kind !== 'string' || !list.kind.endsWith('List') || !Array.isArray(list.items)) {
    throw new UnusableList(`${from} is no list of Kubernetes objects, as kubectl get -A -o json prints it`);
  }
  // The API server leaves the kind out of the items of a PodList.
  const kind = list.kind.slice(0, -'List'.length) || undefined;
  return list.items.map((item: Partial<KubernetesObject> | null, index) => {
    const object = { kind, ...item };
    if (typeof object.kind !== 'string') throw new UnusableList(`${from}: item ${index} has no kind`);
    const { name, uid } = object.metadata ?? {};
    if (typeof name !== 'string' || typeof uid !== 'string') {
      throw new UnusableList(`${from}: item ${index}, a ${object.kind}, has no name or no uid in its metadata`);
    }
    return object as KubernetesObject;
  });
}

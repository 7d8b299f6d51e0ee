import type { Document } from '../../contract/collection.ts';
import type { ShownLabel } from '../labels.ts';
import type { LabelIndex, LabelMapping } from './label-resolution.ts';
import type { Reported } from './reported.ts';

/** All that decides what the PCE shows of one namespace of one cluster. */
export interface NamespaceState {
  readonly cluster: { readonly href: string; readonly name: string; readonly mode: ClusterMode };
  readonly network?: { readonly href: string; readonly name: string };
  readonly namespace: string;
  /** The namespace's profile, if it has one. */
  readonly profile?: Document;
  readonly labelMaps: readonly LabelMapping[];
  /** The organisation's labels without the deleted ones. */
  readonly labels: LabelIndex;
  /** The keys that a label can be made with. */
  readonly dimensions: readonly string[];
  readonly reserved: (value: string) => boolean;
  readonly reported: readonly Reported[];
}

export type ClusterMode = 'legacy' | 'clas';

/** A document as it must read, short of who changed it when. */
export interface Wanted {
  readonly href: string;
  readonly document: Document;
  /** The labels that something asked for, whether they are there or not: `app=shop`. */
  readonly asked?: readonly string[];
}

/** What becomes of the wishes of one object for labels. */
export interface Labelling {
  readonly labels: readonly ShownLabel[];
  readonly asked: readonly string[];
}

export interface Controller {
  readonly kind: string;
  readonly name: string;
}

export interface SaidService {
  readonly name: string;
  readonly service_type: string;
  readonly service_ports: readonly { readonly port: number; readonly protocol: number; readonly node_port?: number }[];
  readonly external_traffic_policy?: string | null;
  readonly ip_addresses?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly backends?: readonly Controller[];
}

export interface SaidPod {
  readonly name: string;
  readonly controller?: Controller | null;
  readonly host_network?: boolean;
  readonly ip_addresses?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface SaidWorkload {
  readonly name: string;
  readonly kind: string;
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly external_service_uid?: string | null;
  };
  readonly private_ip_addresses?: readonly string[];
}

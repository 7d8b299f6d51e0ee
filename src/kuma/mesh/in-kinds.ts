import { faultOfFormat } from '../access-log-format.ts';
import { told, under, unless } from '../causes.ts';
import type { Cause, Spec } from '../resource-type.ts';
import {
  type Backend,
  faultsWithDefault,
  hasName,
  isApiVersion,
  isFile,
  isSampling,
  isTcp,
  isUrl,
  NO_OTHER_CA,
} from './backends.ts';

/** A mesh that says what it has by the kind of it, as up to 0.4. */
interface Mesh {
  readonly mtls?: {
    readonly ca?: { readonly builtin?: object; readonly provided?: object };
    readonly enabled?: boolean;
  };
  readonly tracing?: { readonly defaultBackend?: string; readonly backends?: readonly Tracing[] };
  readonly logging?: { readonly defaultBackend?: string; readonly backends?: readonly Logging[] };
  readonly metrics?: { readonly prometheus?: { readonly port?: number; readonly path?: string } };
}

interface Tracing extends Backend {
  readonly sampling?: number;
  readonly zipkin?: { readonly url?: string; readonly apiVersion?: string };
}

interface Logging extends Backend {
  readonly format?: string;
  readonly file?: { readonly path?: string };
  readonly tcp?: { readonly address?: string };
}

/** The mesh with a CA, and with where its metrics are to be had. */
export function completedInKinds(spec: Spec): Spec {
  const { mtls: { ca, ...ofMtls } = {}, ...rest } = spec as Mesh;
  const { metrics } = rest;
  const withCa = { mtls: { ca: ca?.builtin || ca?.provided ? ca : { builtin: {} }, ...ofMtls }, ...rest };
  if (!metrics?.prometheus) return withCa;
  const { port = 5670, path = '/metrics' } = metrics.prometheus;
  return { ...withCa, metrics: { ...metrics, prometheus: { port, path } } };
}

/** What is wrong with a mesh by itself. */
export function faultsInKinds(spec: Spec): Cause[] {
  const { logging, tracing } = spec as Mesh;
  return [...faultsWithDefault('logging', logging, ofLogging), ...faultsWithDefault('tracing', tracing, ofTracing)];
}

function ofLogging(backend: Logging): Cause[] {
  const { format = '', file, tcp } = backend;
  return [
    ...hasName(backend),
    ...told('format', faultOfFormat(format)),
    ...(file ? under('file', isFile(file)) : []),
    ...(tcp ? under('tcp', isTcp(tcp)) : []),
  ];
}

function ofTracing(backend: Tracing): Cause[] {
  const { sampling, zipkin } = backend;
  return [
    ...hasName(backend),
    ...isSampling(sampling),
    ...(zipkin ? under('zipkin', [...isUrl(zipkin), ...isApiVersion(zipkin)]) : []),
  ];
}

const NO_CERTIFICATE =
  'There is no signing certificate in provided CA for a given mesh. ' +
  "Add certificate via 'kumactl manage ca provided certificates add' command.";

/** What is wrong with the CA of a mesh that is new, or follows on another. No certificate can be added by this API. */
export function faultsOfCaInKinds(before: Spec | undefined, after: Spec): Cause[] {
  const [old, mtls] = [(before as Mesh | undefined)?.mtls, (after as Mesh).mtls];
  const provided = Boolean(mtls?.ca?.provided);
  if (old?.enabled && mtls?.enabled && Boolean(old.ca?.provided) !== provided) return told('mtls.ca', NO_OTHER_CA);
  return unless(!provided, 'mtls.ca.provided', NO_CERTIFICATE);
}

import { faultOfFormat } from '../access-log-format.ts';
import { keysOf, quoted, told, under, underEach, unless } from '../causes.ts';
import { type Cause, type Spec, Unreadable } from '../resource-type.ts';
import {
  type Backend,
  faultsWithDefault,
  faultsWithEnabled,
  hasName,
  isApiVersion,
  isFile,
  isSampling,
  isTcp,
  isUrl,
  NO_OTHER_CA,
} from './backends.ts';
import { type Conf, type Kinds, presentIn, unreadableIn } from './conf.ts';
import { faultsOfProvidedCa } from './provided-ca.ts';

/** A mesh whose backends have a type and a conf, as from 0.5. */
interface Mesh {
  readonly mtls?: { readonly enabledBackend?: string; readonly backends?: readonly Ca[] };
  readonly tracing?: { readonly defaultBackend?: string; readonly backends?: readonly Tracing[] };
  readonly logging?: { readonly defaultBackend?: string; readonly backends?: readonly Logging[] };
  readonly metrics?: { readonly enabledBackend?: string; readonly backends?: readonly Typed[] };
}

interface Typed extends Backend {
  readonly type?: string;
  readonly conf?: Conf;
}

interface Ca extends Typed {
  readonly dpCert?: { readonly rotation?: { readonly expiration?: string } };
}

interface Tracing extends Typed {
  readonly sampling?: number;
}

interface Logging extends Typed {
  readonly format?: string;
}

/** The mesh with where its metrics are to be had. @throws Unreadable for a conf of Prometheus that is none */
export function completedInTypes(spec: Spec): Spec {
  const { metrics } = spec as Mesh;
  if (!metrics?.backends) return spec;
  const backends = metrics.backends.map((backend) =>
    backend.type === 'prometheus' ? { ...backend, conf: completedPrometheus(backend.conf ?? {}) } : backend,
  );
  return { ...spec, metrics: { ...metrics, backends } };
}

/** Reads it as the message that it stands for, so that what is unknown in it is lost. */
function completedPrometheus(conf: Conf): Conf {
  const { path, port, tags } = conf;
  const fault = unreadableIn(conf, { path: 'string', tags: 'message' });
  if (fault !== undefined) throw new Unreadable(fault);
  return {
    path: path || '/metrics',
    port: portOf(port) || 5670,
    tags: keysOf(tags ?? {}).length > 0 ? tagsOf(tags as Conf) : { service: 'dataplane-metrics' },
  };
}

/** A number, or one in a text. */
function portOf(port: unknown): number {
  if (port == null) return 0;
  const inText = typeof port === 'string' && /^\s*(0|[1-9]\d*)\s*$/.test(port);
  const value = typeof port === 'number' || inText ? Number(port) : Number.NaN;
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) return value;
  throw new Unreadable('a port has to be a uint32');
}

const tagsOf = (tags: Conf): Conf =>
  Object.fromEntries(
    keysOf(tags).map((key) => {
      const value = tags[key] ?? '';
      if (typeof value !== 'string') throw new Unreadable('a tag has to be a string');
      return [key, value];
    }),
  );

/** What is wrong with a mesh by itself. */
export function faultsInTypes(spec: Spec): Cause[] {
  const { mtls, logging, tracing, metrics } = spec as Mesh;
  return [
    ...faultsWithEnabled('mtls', mtls, () => []),
    ...(mtls?.backends ?? []).flatMap(ofCertificates),
    ...faultsWithDefault('logging', logging, ofLogging),
    ...faultsWithDefault('tracing', tracing, ofTracing),
    ...faultsWithEnabled('metrics', metrics, ({ type }) => isKnown(type, ['prometheus'])),
  ];
}

const isKnown = (type: string | undefined, known: readonly string[]): Cause[] =>
  unless(
    known.includes(type ?? ''),
    'type',
    `unknown backend type. Available backends: ${known.map(quoted).join(', ')}`,
  );

/** The original does not tell which backend it means, and writes the field in its own way. */
const ofCertificates = ({ dpCert }: Ca): Cause[] =>
  unless(
    !dpCert || isLifetime(dpCert.rotation?.expiration),
    'mtls.dpcert.rotation.expiration',
    'has to be a valid format',
  );

const isLifetime = (text = '') => text === '0' || /^\d+(y|w|d|h|m|s|ms)$/.test(text);

function ofLogging(backend: Logging): Cause[] {
  const { type, format = '' } = backend;
  return [
    ...hasName(backend),
    ...told('format', faultOfFormat(format)),
    ...(type === 'file' ? ofConf(backend, { path: 'string' }, isFile) : []),
    ...(type === 'tcp' ? ofConf(backend, { address: 'string' }, isTcp) : []),
    ...isKnown(type, ['tcp', 'file']),
  ];
}

const OF_ZIPKIN: Kinds = { url: 'string', traceId128bit: 'bool', apiVersion: 'string' };

function ofTracing(backend: Tracing): Cause[] {
  const { type, sampling } = backend;
  return [
    ...hasName(backend),
    ...isKnown(type, ['zipkin']),
    ...isSampling(sampling),
    ...(type === 'zipkin' ? ofConf(backend, OF_ZIPKIN, (conf) => [...isApiVersion(conf), ...isUrl(conf)]) : []),
  ];
}

/** The original speaks of `config`, though the key is `conf`. */
function ofConf({ conf = {} }: Typed, kinds: Kinds, faultsOf: (conf: Conf) => Cause[]): Cause[] {
  const fault = unreadableIn(conf, kinds);
  const causes = fault === undefined ? faultsOf(presentIn(conf)) : told('', `could not parse config: ${fault}`);
  return under('config', causes);
}

/** What is wrong with the CAs of a mesh that is new, or follows on another. */
export function faultsOfCasInTypes(before: Spec | undefined, after: Spec): Cause[] {
  const [old, mtls] = [(before as Mesh | undefined)?.mtls, (after as Mesh).mtls];
  if (old?.enabledBackend && mtls?.enabledBackend && old.enabledBackend !== mtls.enabledBackend)
    return told('mtls.enabledBackend', NO_OTHER_CA);
  const backends = mtls?.backends ?? [];
  // The original looks no further than the first that it does not know.
  const strange = backends.findIndex(({ type }) => type !== 'builtin' && type !== 'provided');
  return underEach('mtls.backends', strange < 0 ? backends : backends.slice(0, strange + 1), ({ type, conf = {} }) => {
    if (type === 'provided') return under('config', faultsOfProvidedCa(conf));
    return unless(type === 'builtin', 'type', 'could not find installed plugin for this type');
  });
}

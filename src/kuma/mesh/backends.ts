import { splitHostPort } from '../addresses.ts';
import { quoted, told, under, underEach, unless } from '../causes.ts';
import { portOfRequestUri } from '../request-uri.ts';
import type { Cause } from '../resource-type.ts';

/** One of several ways in which a mesh has something done; others speak of it by its name. */
export interface Backend {
  readonly name?: string;
}

interface Section<B> {
  readonly backends?: readonly B[];
  readonly defaultBackend?: string;
  readonly enabledBackend?: string;
}

/** What is wrong with the backends of a part of a mesh, of which one does what is not told to any. */
export const faultsWithDefault = <B extends Backend>(
  part: 'logging' | 'tracing',
  section: Section<B> | undefined,
  faultsOf: (backend: B) => readonly Cause[],
): Cause[] =>
  under(part, [
    ...faultsOfBackends(section, faultsOf),
    ...faultsOfChosen(section, 'defaultBackend', `has to be set to one of the ${part} backend in mesh`),
  ]);

/** What is wrong with the backends of a part of a mesh, of which none or one is in use. */
export const faultsWithEnabled = <B extends Backend>(
  part: 'mtls' | 'metrics',
  section: Section<B> | undefined,
  faultsOf: (backend: B) => readonly Cause[],
): Cause[] =>
  under(part, [
    ...faultsOfBackends(section, faultsOf),
    ...faultsOfChosen(section, 'enabledBackend', 'has to be set to one of the backends in the mesh'),
  ]);

function faultsOfBackends<B extends Backend>(
  { backends }: Section<B> = {},
  faultsOf: (backend: B) => readonly Cause[],
): Cause[] {
  const used = new Set<string>();
  return underEach('backends', backends, (backend) => {
    const { name = '' } = backend;
    const taken = used.has(name);
    used.add(name);
    return [
      ...faultsOf(backend),
      ...unless(!taken, 'name', `${quoted(name)} name is already used for another backend`),
    ];
  });
}

function faultsOfChosen(
  section: Section<Backend> = {},
  field: 'defaultBackend' | 'enabledBackend',
  message: string,
): Cause[] {
  const { backends = [], [field]: chosen = '' } = section;
  return unless(chosen === '' || backends.some(({ name }) => name === chosen), field, message);
}

export const NO_OTHER_CA = 'Changing CA when mTLS is enabled is forbidden. Disable mTLS first and then change the CA';

/** A backend without a name cannot be spoken of. */
export const hasName = ({ name = '' }: Backend): Cause[] => unless(name !== '', 'name', 'cannot be empty');

/** How many of a hundred requests are traced. */
export const isSampling = (sampling = 0): Cause[] =>
  unless(!(sampling < 0 || sampling > 100), 'sampling', 'has to be in [0.0 - 100.0] range');

/** A file that logs go to. */
export const isFile = ({ path = '' }: { path?: string }): Cause[] => unless(path !== '', 'path', 'cannot be empty');

/** A TCP server that logs go to. */
export function isTcp({ address = '' }: { address?: string }): Cause[] {
  if (address === '') return told('address', 'cannot be empty');
  const { host, port } = splitHostPort(address) ?? {};
  return unless(Boolean(host && port), 'address', 'has to be in format of HOST:PORT');
}

/** Where traces go to. */
export function isUrl({ url = '' }: { url?: string }): Cause[] {
  if (url === '') return told('url', 'cannot be empty');
  const port = portOfRequestUri(url);
  if (port === undefined) return told('url', 'invalid URL');
  return unless(port !== '', 'url', 'port has to be explicitly specified');
}

const API_VERSIONS = ['httpJsonV1', 'httpJson', 'httpProto'];

/** How Zipkin is spoken to. */
export const isApiVersion = ({ apiVersion = '' }: { apiVersion?: string }): Cause[] =>
  unless(
    apiVersion === '' || API_VERSIONS.includes(apiVersion),
    'apiVersion',
    `has invalid value. Allowed values: ${API_VERSIONS.join(', ')}`,
  );

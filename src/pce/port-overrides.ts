import type { Document, World } from '../contract/collection.ts';
import { type Entry, hasPort, portsOf, services } from './policy/services.ts';
import { invalidInput } from './problems.ts';

/** What a workload listens on in the place of a port of the virtual service that it is bound to. */
export interface PortOverride {
  readonly port?: number;
  readonly proto?: number;
  readonly new_port: number;
  readonly new_to_port?: number;
}

/** The ports of a virtual service, its own or those of the service that it stands for. */
function offeredBy(service: Document, world: World): Entry[] {
  const named = service.service as { href: string } | undefined;
  return portsOf((named && world.table(services).get(named.href)) ?? service);
}

/** Whether an entry has the port; one that names none, or every protocol, has every one. */
function offers({ port = -1, proto, ...entry }: Entry, wanted: PortOverride): boolean {
  const ofProtocol = (one: number) => wanted.proto === undefined || wanted.proto === one;
  const speaks = proto == null || proto === -1 ? true : [6, 17].includes(proto) && ofProtocol(proto);
  return speaks && (port === -1 || hasPort({ port, ...entry }, wanted.port ?? -1));
}

const areOne = (one: PortOverride, other: PortOverride) =>
  one.port === other.port && (one.proto === undefined || other.proto === undefined || one.proto === other.proto);

/**
 * Holds the overrides of a binding to what its virtual service offers; that the PCE refuses others is inferred.
 * @throws Problem 406 for a port that the service has not, the same port twice, a range that ends before it begins
 */
export function allowOverrides(overrides: readonly PortOverride[], service: Document, world: World): void {
  const offered = offeredBy(service, world);
  for (const [at, one] of overrides.entries()) {
    const { port, new_port, new_to_port = new_port } = one;
    if (new_to_port < new_port) throw invalidInput('new_to_port is lower than new_port');
    if (port !== undefined && !offered.some((entry) => offers(entry, one)))
      throw invalidInput(`The virtual service has no port ${port}`);
    if (overrides.slice(0, at).some((other) => areOne(one, other)))
      throw invalidInput(`Port ${port ?? 'any'} is given more than once`);
  }
}

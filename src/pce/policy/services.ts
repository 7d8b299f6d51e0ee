import type { Document, World } from '../../contract/collection.ts';
import { invalidInput } from '../problems.ts';
import { createBuiltIn } from './built-in.ts';
import { type PolicyObject, policyCollection, selectNamed, thoseThat } from './policy-object.ts';
import { referenced } from './problems.ts';

/** Ports, protocols and processes that rules speak of by one name. Several may have the same (observed). */
export const services = policyCollection({
  name: 'services',
  id: 'integer',
});

/** Some ports of a protocol, or what Windows calls its services and processes. */
export interface Entry {
  readonly port?: number;
  readonly to_port?: number;
  readonly proto?: number | null;
  readonly icmp_type?: number | null;
  readonly icmp_code?: number | null;
  readonly service_name?: string | null;
  readonly process_name?: string | null;
}

const TCP_AND_UDP = [6, 17];
const ICMP = [1, 58];

/** What a service is made of. */
export const portsOf = ({ service_ports, windows_services }: Document) => [
  ...((service_ports ?? []) as Entry[]),
  ...((windows_services ?? []) as Entry[]),
];

/** Whether an entry has a port, by itself or in a range; -1 stands for entries that name none (inferred). */
export const hasPort = ({ port = -1, to_port = port }: Entry, wanted: number): boolean =>
  port <= wanted && wanted <= to_port;

/**
 * What the official Terraform provider keeps its users from sending, refused by inference.
 * @throws Problem 406
 */
function allowEntry({ port, to_port, proto, icmp_type, icmp_code }: Entry): void {
  if (port === undefined && to_port !== undefined) throw invalidInput('to_port needs a port');
  if (port !== undefined && to_port !== undefined && to_port < port) throw invalidInput('to_port is lower than port');
  if (port !== undefined && proto != null && !TCP_AND_UDP.includes(proto))
    throw invalidInput(`Protocol ${proto} has no ports`);
  if (icmp_code != null && icmp_type == null) throw invalidInput('icmp_code needs an icmp_type');
  if (icmp_type != null && !ICMP.includes(proto ?? 0)) throw invalidInput('icmp_type is for ICMP alone');
}

/** What a body says, and what it leaves of the draft before, if that makes a service. @throws Problem 406 */
function content(body: Document, before: Document = {}): Document {
  const { service_ports, windows_services = [] } = { ...before, ...body } as { [list: string]: Entry[] };
  // "Cannot change OS type from windows to service or vice versa", says the official Terraform provider.
  if (service_ports && windows_services.length > 0)
    throw invalidInput('A service has service_ports or windows_services, not both');
  for (const entry of portsOf(body)) allowEntry(entry);
  // Observed that each of them needs one of these.
  if (windows_services.some(({ port, service_name, process_name }) => port == null && !service_name && !process_name))
    throw invalidInput('A Windows service needs a port, service_name or process_name');
  return body;
}

export const serviceObjects: PolicyObject = {
  collection: services,
  type: 'service',
  one: 'a service',
  many: 'services',
  builtIn: 'All Services',
  select(query, world, org) {
    const { port, proto } = query;
    // A port and a protocol in one request are asked of one entry (inferred).
    const meets = (entry: Entry) =>
      (port === undefined || hasPort(entry, Number(port))) && (proto === undefined || entry.proto === proto);
    const asked = port !== undefined || proto !== undefined;
    const those = () => thoseThat(world.table(services), org, (service) => portsOf(service).some(meets));
    return selectNamed(query, ...(asked ? [those()] : []));
  },
  content: ({ body }, _world, before) => content(body, before),
  inUse: (by) => referenced('service', by),
};

/** What rules mean by every service; each organisation has it, in force, from the first (documented). */
export const createAllServices = (world: World, org: string): void =>
  createBuiltIn(serviceObjects, world, org, { service_ports: [{ proto: -1 }] });

import type { Document, World } from '../../contract/collection.ts';
import type { Request } from '../../contract/route.ts';
import { labelledWith } from '../collections.ts';
import { labelsAt } from '../label-options.ts';
import { networks } from '../networks.ts';
import { externalReferenceNotUnique, invalidInput, oneOrTheOther } from '../problems.ts';
import { virtualServices } from '../virtual-services.ts';
import { requireActors } from './actors.ts';
import { rangeOf } from './addresses.ts';
import { activeHref, draftHref, type PolicyObject, selectNamed, thoseThat } from './policy-object.ts';
import { invalidNetwork, referenced } from './problems.ts';
import { hasPort } from './services.ts';

interface Reference {
  readonly href: string;
}

interface Ports {
  readonly port?: number;
  readonly to_port?: number;
  readonly proto: number;
}

interface Address extends Document {
  readonly ip?: string;
  readonly fqdn?: string;
  readonly network?: Reference;
}

/** @throws Problem 406 for a range that ends before it begins */
function allowPorts({ port, to_port }: Ports): void {
  if (to_port !== undefined && (port === undefined || to_port < port))
    throw invalidInput('to_port needs a port that is not higher');
}

/** An address without the name of its network, which may change. @throws Problem 406 */
function addressOf({ network, ...address }: Address, org: string, world: World): Address {
  if (!network) return address;
  const { href } = network;
  if (!href.startsWith(`${org}/`) || !world.table(networks).has(href)) throw invalidNetwork(href);
  return { ...address, network: { href } };
}

/** What a body says, as it is shown. @throws Problem 406 */
function content({ body, params }: Request, world: World, before?: Document): Document {
  const org = `/orgs/${params.org_id}`;
  const { service, service_ports, service_addresses, labels, ...rest } = body as Document & {
    ip_overrides?: readonly string[];
    service?: Reference;
    service_ports?: readonly Ports[];
    service_addresses?: readonly Address[];
    labels?: readonly Reference[];
  };
  if (service && service_ports) throw oneOrTheOther('service', 'service_ports');
  if (service) requireActors([{ service }], world, org);
  for (const one of service_ports ?? []) allowPorts(one);
  const stranger = rest.ip_overrides?.find((one) => !rangeOf(one));
  if (stranger !== undefined) throw invalidInput(`${stranger} is no address and no CIDR block`);
  return {
    ...(!before && { labels: [], caps: ['write', 'provision', 'delete'] }),
    ...rest,
    // One takes the place of the other.
    ...(service && { service: { href: service.href }, service_ports: undefined }),
    ...(service_ports !== undefined && { service_ports, service: undefined }),
    ...(service_addresses && { service_addresses: service_addresses.map((one) => addressOf(one, org, world)) }),
    ...(labels && { labels: labelsAt(labels, org, world) }),
  };
}

const holds = (text = '', part: unknown) => text.toLowerCase().includes(String(part).toLowerCase());

/** What the query asks of ports and of addresses, each of one entry (inferred); of addresses parts (documented). */
function meets(query: Document): (service: Document) => boolean {
  const { 'service_ports.port': port, 'service_ports.proto': proto } = query;
  const { 'service_address.ip': ip, 'service_address.fqdn': fqdn } = query;
  const ofPorts = (one: Ports) =>
    (port === undefined || hasPort(one, Number(port))) && (proto === undefined || one.proto === proto);
  return (service) => {
    const ports = (service.service_ports ?? []) as Ports[];
    const addresses = service.service_addresses as Address[];
    return (
      ((port ?? proto) === undefined || ports.some(ofPorts)) &&
      (ip === undefined || addresses.some((one) => holds(one.ip, ip))) &&
      (fqdn === undefined || addresses.some((one) => holds(one.fqdn, fqdn)))
    );
  };
}

const ASKED_OF_ENTRIES = ['service_ports.port', 'service_ports.proto', 'service_address.ip', 'service_address.fqdn'];

/** The virtual services of users. Those of clusters are in the same lists, and no user changes them. */
export const virtualServiceObjects: PolicyObject = {
  collection: virtualServices,
  type: 'virtual_service',
  one: 'a virtual service',
  many: 'virtual services',
  select(query, world, org) {
    const { service } = query as { service?: string };
    const ofEntries = ASKED_OF_ENTRIES.some((parameter) => query[parameter] !== undefined);
    return selectNamed(
      query,
      ...(service === undefined ? [] : [{ key: 'service', oneOf: [draftHref(service), activeHref(service)] }]),
      ...labelledWith(query.labels, 'label'),
      ...(ofEntries ? [thoseThat(world.table(virtualServices), org, meets(query))] : []),
    );
  },
  content,
  taken: externalReferenceNotUnique,
  inUse: (by) => referenced('virtual_service', by),
};

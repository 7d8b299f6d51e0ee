import type { Has } from '../../contract/cut.ts';
import { isIp } from '../addresses.ts';
import { keyOf, quoted, under, underEach, unless } from '../causes.ts';
import { isInboundInterface, isOutboundInterface } from '../interfaces.ts';
import type { Cause, ResourceType } from '../resource-type.ts';
import { faultsOfBorneTags, type Tags } from '../selectors.ts';

interface Networking {
  readonly address?: string;
  readonly gateway?: { readonly tags?: Tags };
  readonly inbound?: readonly Inbound[];
  readonly outbound?: readonly Outbound[];
}

/** Either `interface`, as before 0.4, or the others. */
interface Endpoint {
  readonly interface?: string;
  readonly address?: string;
  readonly port?: number;
}

interface Inbound extends Endpoint {
  readonly servicePort?: number;
  readonly tags?: Tags;
}

interface Outbound extends Endpoint {
  readonly service?: string;
}

const PROTOCOLS = ['http', 'tcp'];
const NO_IP = 'address has to be valid IP address';

/** One place of a service beside which a proxy runs, or a gateway. */
export const dataplanes: ResourceType = {
  name: 'Dataplane',
  collection: 'dataplanes',
  schema: 'kuma/dataplanes#item',
  // The original drops the connection where there is no networking; here it is as one that says nothing.
  faults: ({ networking }, has) => under('networking', faultsOfNetworking(networking ?? {}, has)),
};

function faultsOfNetworking({ address = '', gateway, inbound = [], outbound }: Networking, has: Has): Cause[] {
  const isOld = (one: Inbound) => one.interface && !one.port && !one.servicePort && !one.address;
  return [
    ...unless(inbound.length > 0 || Boolean(gateway), '', 'has to contain at least one inbound interface or gateway'),
    ...unless(inbound.length === 0 || !gateway, '', 'inbound cannot be defined both with gateway'),
    ...unless((address === '' && inbound.some(isOld)) || isIp(address), 'address', NO_IP),
    ...(gateway ? under('gateway', [...hasService(gateway.tags), ...faultsOfBorneTags(gateway.tags ?? {}, has)]) : []),
    ...underEach('inbound', inbound, (one) => faultsOfInbound(one, address, has)),
    ...underEach('outbound', outbound, faultsOfOutbound),
  ];
}

function faultsOfInbound(inbound: Inbound, address: string, has: Has): Cause[] {
  const { servicePort = 0, tags = {} } = inbound;
  return [
    ...(inbound.interface ? faultsOfInboundInterface(inbound, address) : faultsOfEndpoint(inbound, servicePort)),
    ...hasService(tags),
    ...hasProtocol(tags),
    ...faultsOfBorneTags(tags, has),
  ];
}

function faultsOfOutbound(outbound: Outbound): Cause[] {
  return [
    ...(outbound.interface ? faultsOfOutboundInterface(outbound) : faultsOfEndpoint(outbound)),
    ...unless(Boolean(outbound.service), 'service', 'cannot be empty'),
  ];
}

const NEW_STYLE = 'port, servicePort and networking.address';

const beside = (what: string, given: unknown, instead: string) =>
  unless(!given, 'interface', `interface cannot be defined with ${what}. Replace it with ${instead}`);

const faultsOfInboundInterface = (inbound: Inbound, address: string): Cause[] => [
  ...beside('port', inbound.port, NEW_STYLE),
  ...beside('servicePort', inbound.servicePort, NEW_STYLE),
  ...beside('address', inbound.address, NEW_STYLE),
  ...beside('networking.address', address, NEW_STYLE),
  ...unless(
    isInboundInterface(inbound.interface ?? ''),
    'interface',
    'invalid format: expected format is DATAPLANE_IP:DATAPLANE_PORT:WORKLOAD_PORT , ' +
      'e.g. 192.168.0.100:9090:8080 or [2001:db8::1]:7070:6060',
  ),
];

const faultsOfOutboundInterface = (outbound: Outbound): Cause[] => [
  ...beside('port', outbound.port, 'port and address'),
  ...beside('address', outbound.address, 'port and address'),
  ...unless(
    isOutboundInterface(outbound.interface ?? ''),
    'interface',
    'invalid format: expected format is DATAPLANE_IP:DATAPLANE_PORT where DATAPLANE_IP is optional. ' +
      'E.g. 127.0.0.1:9090, :9090, [::1]:8080',
  ),
];

const faultsOfEndpoint = ({ port = 0, address = '' }: Endpoint, servicePort = 0): Cause[] => [
  ...unless(port >= 1 && port <= 65535, 'port', 'port has to be in range of [1, 65535]'),
  ...unless(servicePort <= 65535, 'servicePort', 'servicePort has to be in range of [0, 65535]'),
  ...unless(address === '' || isIp(address), 'address', NO_IP),
];

const hasService = (tags: Tags = {}) =>
  unless(Object.hasOwn(tags, 'service'), keyOf('tags', 'service'), 'tag has to exist');

const hasProtocol = ({ protocol }: Tags) =>
  unless(
    protocol === undefined || PROTOCOLS.includes(protocol.toLowerCase()),
    keyOf('tags', 'protocol'),
    `tag "protocol" has an invalid value ${quoted(protocol ?? '')}. Allowed values: ${PROTOCOLS.join(', ')}`,
  );

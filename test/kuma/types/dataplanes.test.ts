import { dataplaneInsights } from '../../../src/kuma/types/dataplane-insights.ts';
import { dataplanes } from '../../../src/kuma/types/dataplanes.ts';
import { KUMA_RELEASES, type KumaRelease } from '../../../src/kuma/versions.ts';
import { faultsOf } from './faults.ts';

const INBOUND = { port: 11011, servicePort: 11012, tags: { service: 'backend', version: '2.0' } };
const OUTBOUND = { port: 33033, service: 'database' };
const GOOD = { address: '127.0.0.1', inbound: [INBOUND], outbound: [OUTBOUND] };

const told = (networking?: object, release?: KumaRelease) =>
  faultsOf(dataplanes, networking ? { networking } : {}, release);
const inbound = (change: object, release?: KumaRelease) =>
  told({ ...GOOD, inbound: [{ ...INBOUND, ...change }] }, release);
const outbound = (change: object) => told({ ...GOOD, outbound: [OUTBOUND, { ...OUTBOUND, ...change }] });

const NO_INTERFACE = 'networking: has to contain at least one inbound interface or gateway';
const NO_ADDRESS = 'networking.address: address has to be valid IP address';

describe('Dataplane', () => {
  it.each(KUMA_RELEASES)('is fine as the pages have it, in %s', (release) => {
    expect(told(GOOD, release)).toEqual([]);
    const tags = { service: 'backend' };
    const old = [{ interface: '127.0.0.1:11011:11012', tags }];
    expect(told({ inbound: old, outbound: [{ interface: ':33033', service: 'database' }] }, release)).toEqual([]);
    expect(told({ address: '10.0.0.1', gateway: { tags }, outbound: [OUTBOUND] }, release)).toEqual([]);
  });

  it('has something that comes in', () => {
    expect(told({})).toEqual([NO_INTERFACE, NO_ADDRESS]);
    expect(told({ address: '1.1.1.1', inbound: [], outbound: [OUTBOUND] })).toEqual([NO_INTERFACE]);
  });

  it('without networking is as one whose networking says nothing', () => {
    expect(told()).toEqual([NO_INTERFACE, NO_ADDRESS]);
  });

  it('is no gateway if it has an inbound', () => {
    expect(told({ ...GOOD, gateway: { tags: { service: 'gateway' } } })).toEqual([
      'networking: inbound cannot be defined both with gateway',
    ]);
  });

  it('has an address, unless an inbound is all of the old style', () => {
    const old = { interface: '127.0.0.1:80:80', tags: { service: 'a' } };
    expect(told({ inbound: [INBOUND] })).toEqual([NO_ADDRESS]);
    expect(told({ inbound: [INBOUND, old] })).toEqual([]);
    expect(told({ inbound: [{ ...old, port: 1 }] })).toContain(NO_ADDRESS);
    expect(told({ gateway: { tags: { service: 'a' } } })).toEqual([NO_ADDRESS]);
  });

  it.each(['1.2.3.4', '0.0.0.0', '::', '::1', '::ffff:1.2.3.4', '2001:db8::1'])('may be at %s', (address) => {
    expect(told({ ...GOOD, address })).toEqual([]);
  });

  it.each(['example.com', '1.2.3', '1.2.3.256', '01.1.1.1', '1.2.3.4:80', '[::1]', 'fe80::1%eth0', '1::2::3', ' '])(
    'may not be at %s',
    (address) => {
      expect(told({ ...GOOD, address })).toEqual([NO_ADDRESS]);
    },
  );

  it('tells of the whole, then of address, gateway, inbounds and outbounds', () => {
    expect(told({ address: 'x', gateway: {}, inbound: [{}, INBOUND, {}], outbound: [{}] })).toEqual([
      'networking: inbound cannot be defined both with gateway',
      NO_ADDRESS,
      'networking.gateway.tags["service"]: tag has to exist',
      'networking.inbound[0].port: port has to be in range of [1, 65535]',
      'networking.inbound[0].tags["service"]: tag has to exist',
      'networking.inbound[2].port: port has to be in range of [1, 65535]',
      'networking.inbound[2].tags["service"]: tag has to exist',
      'networking.outbound[0].port: port has to be in range of [1, 65535]',
      'networking.outbound[0].service: cannot be empty',
    ]);
  });
});

describe('a gateway', () => {
  it('has tags like an inbound, and any protocol', () => {
    const tags = { protocol: 'grpc', version: '' };
    expect(told({ address: '1.1.1.1', gateway: { tags } })).toEqual([
      'networking.gateway.tags["service"]: tag has to exist',
      'networking.gateway.tags["version"]: tag value cannot be empty',
    ]);
  });
});

describe('an inbound', () => {
  it('has ports in range, and an address if it says so', () => {
    expect(inbound({ port: 70000, servicePort: 70000, address: 'localhost' })).toEqual([
      'networking.inbound[0].port: port has to be in range of [1, 65535]',
      'networking.inbound[0].servicePort: servicePort has to be in range of [0, 65535]',
      'networking.inbound[0].address: address has to be valid IP address',
    ]);
    expect(inbound({ port: 65535, servicePort: undefined, address: '::1' })).toEqual([]);
  });

  it('speaks HTTP or TCP, however it is written', () => {
    expect(inbound({ tags: { service: 'a', protocol: 'HTTP' } })).toEqual([]);
    expect(inbound({ tags: { service: 'a', protocol: 'tcp' } })).toEqual([]);
    expect(inbound({ tags: { service: 'a', protocol: 'grpc' } })).toEqual([
      'networking.inbound[0].tags["protocol"]: tag "protocol" has an invalid value "grpc". Allowed values: http, tcp',
    ]);
  });

  it('has values for its tags, which it tells in their order', () => {
    expect(inbound({ tags: { version: '', service: '', protocol: '' } })).toEqual([
      'networking.inbound[0].tags["protocol"]: tag "protocol" has an invalid value "". Allowed values: http, tcp',
      'networking.inbound[0].tags["protocol"]: tag value cannot be empty',
      'networking.inbound[0].tags["service"]: tag value cannot be empty',
      'networking.inbound[0].tags["version"]: tag value cannot be empty',
    ]);
  });

  it('has any characters in its tags in 0.4', () => {
    expect(inbound({ tags: { service: 'a b', 'a b': '*' } })).toEqual([]);
  });

  it('has some characters alone in its tags from 0.5 on, and no wildcard', () => {
    expect(inbound({ tags: { service: 'a b', 'a b': '*', 'kuma.io/zone': 'a/b' } }, '0.5.1')).toEqual([
      'networking.inbound[0].tags["a b"]: ' +
        'tag name must consist of alphanumeric characters, dots, dashes, slashes and underscores',
      'networking.inbound[0].tags["a b"]: tag value must consist of alphanumeric characters, dots, dashes and underscores',
      'networking.inbound[0].tags["kuma.io/zone"]: ' +
        'tag value must consist of alphanumeric characters, dots, dashes and underscores',
      'networking.inbound[0].tags["service"]: ' +
        'tag value must consist of alphanumeric characters, dots, dashes and underscores',
    ]);
  });

  const at = 'networking.inbound[0].interface:';
  const INSTEAD = 'Replace it with port, servicePort and networking.address';
  const FORMAT =
    `${at} invalid format: expected format is DATAPLANE_IP:DATAPLANE_PORT:WORKLOAD_PORT , ` +
    'e.g. 192.168.0.100:9090:8080 or [2001:db8::1]:7070:6060';

  it('of the old style has nothing of the new', () => {
    expect(inbound({ interface: '127.0.0.1:80:80', address: '1.1.1.1' })).toEqual([
      `${at} interface cannot be defined with port. ${INSTEAD}`,
      `${at} interface cannot be defined with servicePort. ${INSTEAD}`,
      `${at} interface cannot be defined with address. ${INSTEAD}`,
      `${at} interface cannot be defined with networking.address. ${INSTEAD}`,
    ]);
  });

  const old = (text: string) => told({ inbound: [{ interface: text, tags: { service: 'a' } }] });

  it.each(['192.168.0.100:9090:8080', '[2001:db8::1]:7070:6060', '0.0.0.0:1:65535'])('may be %s', (text) => {
    expect(old(text)).toEqual([]);
  });

  it.each([
    'zzz',
    '1.1.1.1:80',
    ':80:80',
    '::1:80:80',
    '[::1]:80',
    '1.1.1.1:0:80',
    '1.1.1.1:80:65536',
    'a:80:80',
    '1.1.1.1:80:',
  ])('may not be %s', (text) => {
    expect(old(text)).toEqual([FORMAT]);
  });
});

describe('an outbound', () => {
  it('has a port, an address if it says so, and a service', () => {
    expect(outbound({ port: 65536, address: 'x', service: undefined })).toEqual([
      'networking.outbound[1].port: port has to be in range of [1, 65535]',
      'networking.outbound[1].address: address has to be valid IP address',
      'networking.outbound[1].service: cannot be empty',
    ]);
  });

  const at = 'networking.outbound[1].interface:';
  const FORMAT =
    `${at} invalid format: expected format is DATAPLANE_IP:DATAPLANE_PORT where DATAPLANE_IP is optional. ` +
    'E.g. 127.0.0.1:9090, :9090, [::1]:8080';

  it('of the old style has nothing of the new', () => {
    expect(outbound({ interface: 'x', address: '1.1.1.1' })).toEqual([
      `${at} interface cannot be defined with port. Replace it with port and address`,
      `${at} interface cannot be defined with address. Replace it with port and address`,
      FORMAT,
    ]);
  });

  it.each(['127.0.0.1:9090', ':9090', '[::1]:8080'])('may be %s', (text) => {
    expect(outbound({ interface: text, port: undefined })).toEqual([]);
  });

  it.each(['9090', ':', ':0', '::1:80', 'localhost:80', '1.1.1.1:80:80', '[]:80'])('may not be %s', (text) => {
    expect(outbound({ interface: text, port: undefined })).toEqual([FORMAT]);
  });
});

describe('DataplaneInsight', () => {
  it('may say anything', () => {
    expect(faultsOf(dataplaneInsights, { subscriptions: [{}] })).toEqual([]);
  });
});

import type { ResourceType, Spec } from '../../../src/kuma/resource-type.ts';
import { circuitBreakers } from '../../../src/kuma/types/circuit-breakers.ts';
import { faultInjections } from '../../../src/kuma/types/fault-injections.ts';
import { healthChecks } from '../../../src/kuma/types/health-checks.ts';
import { TYPES } from '../../../src/kuma/types/index.ts';
import { trafficLogs } from '../../../src/kuma/types/traffic-logs.ts';
import { trafficPermissions } from '../../../src/kuma/types/traffic-permissions.ts';
import { trafficRoutes } from '../../../src/kuma/types/traffic-routes.ts';
import { trafficTraces } from '../../../src/kuma/types/traffic-traces.ts';
import { KUMA_RELEASES } from '../../../src/kuma/versions.ts';
import { faultsOf } from './faults.ts';

const WEB = [{ match: { service: 'web' } }];
const BACKEND = [{ match: { service: 'backend' } }];
const BETWEEN = { sources: WEB, destinations: BACKEND };
const HTTP_BETWEEN = {
  sources: [{ match: { service: 'web', protocol: 'http' } }],
  destinations: [{ match: { service: 'backend', protocol: 'http' } }],
};
const NO_LISTS = ['sources: must have at least one element', 'destinations: must have at least one element'];
const NOT_ALONE = [
  'destinations[0].match: must consist of exactly one tag "service"',
  'destinations[0].match["version"]: tag "version" is not allowed',
];
const VERSIONED = [{ match: { service: 'backend', version: '1' } }];

const NAME = 'tag name must consist of alphanumeric characters, dots, dashes, slashes and underscores';
const VALUE = 'tag value must consist of alphanumeric characters, dots, dashes, slashes and underscores or be "*"';

it('there are eleven types, each with its own segment in paths', () => {
  expect(TYPES.map(({ name }) => name)).toEqual([
    'Mesh',
    'Dataplane',
    'DataplaneInsight',
    'HealthCheck',
    'ProxyTemplate',
    'TrafficPermission',
    'TrafficLog',
    'TrafficRoute',
    'TrafficTrace',
    'FaultInjection',
    'CircuitBreaker',
  ]);
  expect(new Set(TYPES.map(({ collection }) => collection)).size).toBe(TYPES.length);
  for (const { collection, schema } of TYPES) expect(schema).toBe(`kuma/${collection.replaceAll('-', '_')}#item`);
});

describe('a selector', () => {
  const told = (match: object, release = KUMA_RELEASES[0] as (typeof KUMA_RELEASES)[number]) =>
    faultsOf(trafficTraces, { selectors: [{ match }] }, release);

  it('has a tag', () => {
    expect(faultsOf(trafficTraces, { selectors: [{}, { match: {} }] })).toEqual([
      'selectors[0].match: must have at least one tag',
      'selectors[1].match: must have at least one tag',
    ]);
  });

  it('has names and values that are not empty', () => {
    expect(told({ '': 'a', version: '' })).toEqual([
      'selectors[0].match: tag key must be non-empty',
      'selectors[0].match["version"]: tag value must be non-empty',
    ]);
    expect(told({ '': 'a', version: '' }, '0.5.1')).toEqual([
      'selectors[0].match: tag name must be non-empty',
      'selectors[0].match["version"]: tag value must be non-empty',
    ]);
  });

  it('has any characters in 0.4', () => {
    expect(told({ 'a b': 'c d', é: '**' })).toEqual([]);
  });

  it('has some characters alone from 0.5 on', () => {
    expect(told({ 'a b': 'c', 'kuma.io/zone-1_a:b': 'a/b.c-d_e:f', any: '*', part: 'a*' }, '0.5.1')).toEqual([
      `selectors[0].match["a b"]: ${NAME}`,
      `selectors[0].match["part"]: ${VALUE}`,
    ]);
  });

  it('tells its tags in the order of their bytes', () => {
    expect(told({ 9: '', a: '', B: '', 10: '', '\u{1f600}': '', '\ue000': '' })).toEqual(
      ['10', '9', 'B', 'a', '\\ue000', '\u{1f600}'].map(
        (key) => `selectors[0].match["${key}"]: tag value must be non-empty`,
      ),
    );
  });

  it('tells of a tag that is not allowed before its value, and of what is missing last', () => {
    const selectors = { sources: WEB, destinations: [{ match: { 'a"b': '' } }, { match: {} }] };
    expect(faultsOf(trafficLogs, selectors, '0.5.1')).toEqual([
      'destinations[0].match: must consist of exactly one tag "service"',
      `destinations[0].match["a\\"b"]: ${NAME}`,
      'destinations[0].match["a\\"b"]: tag "a\\"b" is not allowed',
      'destinations[0].match["a\\"b"]: tag value must be non-empty',
      'destinations[0].match: mandatory tag "service" is missing',
      'destinations[1].match: must consist of exactly one tag "service"',
      'destinations[1].match: mandatory tag "service" is missing',
    ]);
  });
});

/** Types whose destinations are services, and whose sources are dataplanes of a service. */
const FROM_TAGS_TO_SERVICE: [ResourceType, Spec][] = [
  [trafficLogs, {}],
  [trafficRoutes, { conf: [{ weight: 100, destination: { service: 'backend' } }] }],
  [healthChecks, { conf: { passiveChecks: { unhealthyThreshold: 3, penaltyInterval: '5s' } } }],
  [circuitBreakers, { conf: { detectors: { totalErrors: {} } } }],
];

describe.each(FROM_TAGS_TO_SERVICE)('$name', (type, conf) => {
  it('is fine between a service and another', () => {
    expect(faultsOf(type, { ...BETWEEN, ...conf })).toEqual([]);
    expect(faultsOf(type, { ...BETWEEN, ...conf, sources: VERSIONED }, '0.5.1')).toEqual([]);
  });

  it('has sources and destinations', () => {
    expect(faultsOf(type, conf)).toEqual(NO_LISTS);
    expect(faultsOf(type, { sources: [], destinations: [], ...conf })).toEqual(NO_LISTS);
  });

  it('has a service in its sources', () => {
    expect(faultsOf(type, { ...BETWEEN, ...conf, sources: [{ match: { version: '1' } }, {}] })).toEqual([
      'sources[0].match: mandatory tag "service" is missing',
      'sources[1].match: must have at least one tag',
      'sources[1].match: mandatory tag "service" is missing',
    ]);
  });

  it.each(KUMA_RELEASES)('has nothing but a service in its destinations in %s', (release) => {
    expect(faultsOf(type, { ...BETWEEN, ...conf, destinations: VERSIONED }, release)).toEqual(NOT_ALONE);
  });
});

describe('TrafficPermission', () => {
  it('is between a service and another', () => {
    expect(faultsOf(trafficPermissions, BETWEEN)).toEqual([]);
    expect(faultsOf(trafficPermissions, {})).toEqual(NO_LISTS);
  });

  it('has nothing but a service in its sources', () => {
    for (const release of KUMA_RELEASES) {
      expect(faultsOf(trafficPermissions, { sources: VERSIONED, destinations: BACKEND }, release)).toEqual(
        NOT_ALONE.map((line) => line.replace('destinations', 'sources')),
      );
    }
  });

  it('has nothing but a service in its destinations in 0.4', () => {
    expect(faultsOf(trafficPermissions, { sources: WEB, destinations: VERSIONED })).toEqual(NOT_ALONE);
  });

  it('may have other tags beside the service in its destinations from 0.5 on', () => {
    const to = (destinations: object[]) => faultsOf(trafficPermissions, { sources: WEB, destinations }, '0.5.1');
    expect(to(VERSIONED)).toEqual([]);
    expect(to([{ match: { version: '1' } }, { match: {} }])).toEqual([
      'destinations[0].match: mandatory tag "service" is missing',
      'destinations[1].match: must have at least one tag',
      'destinations[1].match: mandatory tag "service" is missing',
    ]);
  });
});

describe('TrafficLog', () => {
  it('may name a backend that is not there, or none', () => {
    expect(faultsOf(trafficLogs, { ...BETWEEN, conf: { backend: 'nowhere' } })).toEqual([]);
    expect(faultsOf(trafficLogs, { ...BETWEEN, conf: {} })).toEqual([]);
  });
});

describe('TrafficRoute', () => {
  it('says where traffic goes', () => {
    expect(faultsOf(trafficRoutes, BETWEEN)).toEqual(['conf: must have at least one element']);
  });

  it('sends it to a service', () => {
    expect(faultsOf(trafficRoutes, { ...BETWEEN, conf: [{}, { destination: { version: '1' } }] })).toEqual([
      'conf[0].destination: must have at least one tag',
      'conf[0].destination: mandatory tag "service" is missing',
      'conf[1].destination: mandatory tag "service" is missing',
    ]);
  });

  it('may send it to some places of a service, in parts that do not make up a whole', () => {
    const conf = [{ destination: { service: 'backend', version: '1' } }, { weight: 5, destination: { service: '*' } }];
    expect(faultsOf(trafficRoutes, { ...BETWEEN, conf }, '0.5.1')).toEqual([]);
  });

  it('has the characters of tags in its destinations from 0.5 on', () => {
    const conf = [{ weight: 1, destination: { service: 'a b' } }];
    expect(faultsOf(trafficRoutes, { ...BETWEEN, conf }, '0.5.1')).toEqual([
      `conf[0].destination["service"]: ${VALUE}`,
    ]);
  });
});

describe('TrafficTrace', () => {
  it('says which dataplanes trace', () => {
    expect(faultsOf(trafficTraces, {})).toEqual(['selectors: must have at least one element']);
  });

  it('needs no service', () => {
    expect(faultsOf(trafficTraces, { selectors: [{ match: { version: '1' } }], conf: { backend: 'x' } })).toEqual([]);
  });
});

describe('HealthCheck', () => {
  const told = (conf?: object) => faultsOf(healthChecks, { ...BETWEEN, ...(conf && { conf }) });
  const NEITHER = ['conf: must have either active or passive checks configured'];

  it('is active or passive', () => {
    for (const conf of [undefined, {}, { activeChecks: {} }, { activeChecks: {}, passiveChecks: {} }]) {
      expect(told(conf)).toEqual(NEITHER);
    }
  });

  it('may be both', () => {
    const activeChecks = { interval: '10s', timeout: '2s', unhealthyThreshold: 3, healthyThreshold: 1 };
    const passiveChecks = { unhealthyThreshold: 3, penaltyInterval: '5s' };
    expect(told({ activeChecks })).toEqual([]);
    expect(told({ passiveChecks, activeChecks: {} })).toEqual([]);
    expect(told({ activeChecks, passiveChecks })).toEqual([]);
  });

  it('has values above zero', () => {
    expect(told({ activeChecks: { interval: '0s' }, passiveChecks: { penaltyInterval: '0s' } })).toEqual([
      'conf.activeChecks.interval: must have a positive value',
      'conf.activeChecks.timeout: must have a positive value',
      'conf.activeChecks.unhealthyThreshold: must have a positive value',
      'conf.activeChecks.healthyThreshold: must have a positive value',
      'conf.passiveChecks.unhealthyThreshold: must have a positive value',
      'conf.passiveChecks.penaltyInterval: must have a positive value',
    ]);
  });

  it('may have a time below zero, as in the original', () => {
    expect(told({ passiveChecks: { unhealthyThreshold: 1, penaltyInterval: '-10s' } })).toEqual([]);
  });
});

describe('FaultInjection', () => {
  const told = (conf?: object, between: object = HTTP_BETWEEN) =>
    faultsOf(faultInjections, { ...between, ...(conf && { conf }) }, '0.5.1');
  const ABORT = { abort: { percentage: 50, httpStatus: 500 } };

  it('comes with 0.5', () => {
    expect(faultInjections.feature).toBe('kuma_fault_injections');
  });

  it('is a delay, an abort or a narrow way back', () => {
    expect(told({ delay: { percentage: 50, value: '5s' } })).toEqual([]);
    expect(told(ABORT)).toEqual([]);
    expect(told({ responseBandwidth: { percentage: 0, limit: '50 mbps' } })).toEqual([]);
    for (const conf of [undefined, {}, { delay: {}, abort: {}, responseBandwidth: {} }]) {
      expect(told(conf)).toEqual(['conf: must have at least one of the faults configured']);
    }
  });

  it('is between those that speak HTTP', () => {
    const sources = [{ match: { service: 'web' } }, { match: { protocol: 'tcp' } }, {}];
    expect(told(ABORT, { ...HTTP_BETWEEN, sources })).toEqual([
      'sources[0].match: protocol must be specified',
      'sources[1].match["protocol"]: must be one of the [http]',
      'sources[2].match: must have at least one tag',
      'sources[2].match: protocol must be specified',
    ]);
    expect(told(ABORT, {})).toEqual(NO_LISTS);
  });

  it('needs no service', () => {
    const match = { protocol: 'http' };
    expect(told(ABORT, { sources: [{ match }], destinations: [{ match }] })).toEqual([]);
  });

  it('says all that belongs to a fault', () => {
    expect(told({ delay: { percentage: 1 }, abort: { httpStatus: 200 }, responseBandwidth: { limit: '' } })).toEqual([
      'conf.delay.value: cannot be empty',
      'conf.abort.percentage: cannot be empty',
      'conf.responseBandwidth.percentage: cannot be empty',
      'conf.responseBandwidth.limit: has to be in kbps/mbps/gbps units',
    ]);
    expect(told({ delay: { value: '0s' }, abort: { percentage: 1 }, responseBandwidth: { percentage: 1 } })).toEqual([
      'conf.delay.percentage: cannot be empty',
      'conf.abort.httpStatus: cannot be empty',
      'conf.responseBandwidth.limit: cannot be empty',
    ]);
  });

  it('has percentages from 0 to 100', () => {
    const percentage = (value: number) => told({ delay: { percentage: value, value: '1s' } });
    expect([0, 100, 99.9].flatMap(percentage)).toEqual([]);
    expect([-0.1, 100.1].flatMap(percentage)).toEqual(
      Array(2).fill('conf.delay.percentage: has to be in [0.0 - 100.0] range'),
    );
  });

  it('aborts with a status that Go knows', () => {
    const status = (httpStatus: number) => told({ abort: { percentage: 1, httpStatus } });
    expect([100, 103, 208, 226, 418, 451, 511].flatMap(status)).toEqual([]);
    for (const unknown of [0, 99, 104, 299, 306, 419, 420, 427, 430, 509, 512, 999, 4294967295]) {
      expect(status(unknown)).toEqual(['conf.abort.httpStatus: http status code is incorrect']);
    }
  });

  it('limits the bandwidth in one of three units', () => {
    const limit = (text: string) => told({ responseBandwidth: { percentage: 1, limit: text } });
    expect(['50kbps', 'kbps', 'about 5 gbps or so'].flatMap(limit)).toEqual([]);
    expect(limit('50 bps')).toEqual(['conf.responseBandwidth.limit: has to be in kbps/mbps/gbps units']);
  });
});

describe('CircuitBreaker', () => {
  const told = (conf?: object) => faultsOf(circuitBreakers, { ...BETWEEN, ...(conf && { conf }) }, '0.5.1');
  const NONE = 'conf: must have at least one of the detectors configured';

  it('comes with 0.5', () => {
    expect(circuitBreakers.feature).toBe('kuma_circuit_breakers');
  });

  it('has a detector, and be it one that says nothing', () => {
    for (const conf of [undefined, {}, { detectors: {} }]) expect(told(conf)).toEqual([NONE]);
    expect(told({ detectors: { localErrors: {} } })).toEqual([]);
  });

  it('has percentages up to 100', () => {
    expect(told({ maxEjectionPercent: 100, detectors: { failure: { threshold: 100 } } })).toEqual([]);
    expect(told({ maxEjectionPercent: 101, detectors: { failure: { threshold: 850 } } })).toEqual([
      'conf.maxEjectionPercent: has to be in [0.0 - 100.0] range',
      'conf.detectors.failure.threshold: has to be in [0.0 - 100.0] range',
    ]);
    expect(told({ maxEjectionPercent: 101 })).toEqual([
      NONE,
      'conf.maxEjectionPercent: has to be in [0.0 - 100.0] range',
    ]);
  });
});

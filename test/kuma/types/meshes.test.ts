import { Unreadable } from '../../../src/kuma/resource-type.ts';
import { meshes } from '../../../src/kuma/types/meshes.ts';
import { completed, faultsOf, faultsOfChange } from './faults.ts';

const CHANGED = 'Changing CA when mTLS is enabled is forbidden. Disable mTLS first and then change the CA';
const USED = (name: string) => `"${name}" name is already used for another backend`;

describe('Mesh in 0.4', () => {
  const made = (spec: object) => completed(meshes, { ...spec }, '0.4.0');
  const told = (spec: object) => faultsOf(meshes, { ...spec }, '0.4.0');
  const changed = (before: object | undefined, after: object) =>
    faultsOfChange(meshes, before && made(before), made(after), '0.4.0');
  const BUILTIN = { ca: { builtin: {} } };
  const PROVIDED = { ca: { provided: {} } };
  const NO_CERTIFICATE =
    'mtls.ca.provided: There is no signing certificate in provided CA for a given mesh. ' +
    "Add certificate via 'kumactl manage ca provided certificates add' command.";

  it('has a CA', () => {
    expect(made({})).toEqual({ mtls: BUILTIN });
    expect(made({ mtls: {} })).toEqual({ mtls: BUILTIN });
    expect(made({ mtls: PROVIDED, tracing: {} })).toEqual({ mtls: PROVIDED, tracing: {} });
    expect(JSON.stringify(made({ mtls: { ca: {}, enabled: true }, tracing: {}, logging: {} }))).toBe(
      '{"mtls":{"ca":{"builtin":{}},"enabled":true},"tracing":{},"logging":{}}',
    );
  });

  it('has a place for its metrics, if it has any', () => {
    expect(made({ metrics: {} })).toEqual({ mtls: BUILTIN, metrics: {} });
    expect(made({ metrics: { prometheus: {} } }).metrics).toEqual({ prometheus: { port: 5670, path: '/metrics' } });
    expect(made({ metrics: { prometheus: { path: '/m' } } }).metrics).toEqual({
      prometheus: { port: 5670, path: '/m' },
    });
  });

  it('is fine as the pages have it', () => {
    const backends = [
      { name: 'file-tmp', format: '%START_TIME% %KUMA_SOURCE_SERVICE%', file: { path: '/tmp/access.log' } },
      { name: 'logstash', tcp: { address: 'logstash.internal:9000' } },
    ];
    expect(told({ mtls: { ...BUILTIN, enabled: true }, tracing: {}, logging: { backends } })).toEqual([]);
  });

  it('tells of each place for logs, then of the one by default', () => {
    const backends = [
      { format: '100%', file: {} },
      { name: 'a', tcp: {} },
      { name: 'a', tcp: { address: 'kibana' } },
      { name: 'b' },
    ];
    expect(told({ logging: { defaultBackend: 'c', backends } })).toEqual([
      'logging.backends[0].name: cannot be empty',
      'logging.backends[0].format: format string is not valid: ' +
        'expected a command operator to start at position 4, instead got: "%"',
      'logging.backends[0].file.path: cannot be empty',
      'logging.backends[1].tcp.address: cannot be empty',
      'logging.backends[2].tcp.address: has to be in format of HOST:PORT',
      `logging.backends[2].name: ${USED('a')}`,
      'logging.defaultBackend: has to be set to one of the logging backend in mesh',
    ]);
  });

  it.each(['kibana:1234', '[::1]:80', 'a:b'])('sends logs to %s', (address) => {
    expect(told({ logging: { defaultBackend: 'x', backends: [{ name: 'x', tcp: { address } }] } })).toEqual([]);
  });

  it.each(['kibana', ':80', 'kibana:', '::1:80', 'a:b:c', '[a]b:80'])('does not send logs to %s', (address) => {
    expect(told({ logging: { backends: [{ name: 'x', tcp: { address } }] } })).toEqual([
      'logging.backends[0].tcp.address: has to be in format of HOST:PORT',
    ]);
  });

  it('tells of each place for traces, then of the one by default', () => {
    const url = 'http://zipkin.local:9411/api/v1/spans';
    const backends = [
      { sampling: 100.1, zipkin: { apiVersion: 'v1' } },
      { name: 'a', sampling: -1, zipkin: { url, apiVersion: 'httpProto' } },
      { name: 'a', sampling: 0, zipkin: { url, apiVersion: 'httpJsonV1' } },
    ];
    expect(told({ tracing: { defaultBackend: 'b', backends } })).toEqual([
      'tracing.backends[0].name: cannot be empty',
      'tracing.backends[0].sampling: has to be in [0.0 - 100.0] range',
      'tracing.backends[0].zipkin.url: cannot be empty',
      'tracing.backends[0].zipkin.apiVersion: has invalid value. Allowed values: httpJsonV1, httpJson, httpProto',
      'tracing.backends[1].sampling: has to be in [0.0 - 100.0] range',
      `tracing.backends[2].name: ${USED('a')}`,
      'tracing.defaultBackend: has to be set to one of the tracing backend in mesh',
    ]);
  });

  it('tells of logs before traces', () => {
    expect(told({ tracing: { defaultBackend: 'x' }, logging: { defaultBackend: 'x' } })).toEqual([
      'logging.defaultBackend: has to be set to one of the logging backend in mesh',
      'tracing.defaultBackend: has to be set to one of the tracing backend in mesh',
    ]);
  });

  it.each([
    ['invalid URL', 'zipkin'],
    ['invalid URL', '127.0.0.1:9411'],
    ['invalid URL', 'http://zip kin:9411'],
    ['invalid URL', 'http://zipkin:port/'],
    ['invalid URL', 'http://zipkin:80/%zz'],
    ['port has to be explicitly specified', 'http://zipkin/api'],
    ['port has to be explicitly specified', 'http://zipkin:/api'],
    ['port has to be explicitly specified', 'zipkin:9411/api'],
    ['port has to be explicitly specified', '/api'],
  ])('tells "%s" of %s', (message, url) => {
    expect(told({ tracing: { backends: [{ name: 'x', zipkin: { url } }] } })).toEqual([
      `tracing.backends[0].zipkin.url: ${message}`,
    ]);
  });

  it('cannot have the CA that is provided: it has no certificate', () => {
    expect(changed(undefined, { mtls: PROVIDED })).toEqual([NO_CERTIFICATE]);
    expect(changed({}, { mtls: { ...PROVIDED, enabled: true } })).toEqual([NO_CERTIFICATE]);
    expect(changed(undefined, {})).toEqual([]);
  });

  it('keeps its CA as long as it is in use', () => {
    const enabled = { mtls: { ...BUILTIN, enabled: true } };
    expect(changed(enabled, { mtls: { ...PROVIDED, enabled: true } })).toEqual([`mtls.ca: ${CHANGED}`]);
    expect(changed(enabled, enabled)).toEqual([]);
    expect(changed(enabled, {})).toEqual([]);
  });
});

describe('Mesh from 0.5 on', () => {
  const made = (spec: object) => completed(meshes, { ...spec }, '0.5.1');
  const told = (spec: object) => faultsOf(meshes, { ...spec }, '0.5.1');
  const changed = (before: object | undefined, after: object) =>
    faultsOfChange(meshes, before && { ...before }, { ...after }, '0.5.1');
  const CA = (name: string) => ({ name, type: 'builtin' });
  const MTLS = { enabledBackend: 'ca-1', backends: [CA('ca-1'), CA('ca-2')] };

  it('has no CA unless it says so', () => {
    expect(made({})).toEqual({});
    expect(made({ mtls: {} })).toEqual({ mtls: {} });
  });

  const prometheus = (conf?: unknown) => ({
    metrics: { backends: [{ name: 'p', type: 'prometheus', ...(conf !== undefined && { conf }) }] },
  });

  it('has a place and tags for its metrics, if it has any', () => {
    const tags = { service: 'dataplane-metrics' };
    expect(JSON.stringify(made(prometheus()))).toBe(JSON.stringify(prometheus({ path: '/metrics', port: 5670, tags })));
    expect(made(prometheus({ port: '80', path: null, tags: { b: null, a: '1' }, other: 1 }))).toEqual(
      prometheus({ path: '/metrics', port: 80, tags: { a: '1', b: '' } }),
    );
    expect(made({ metrics: { backends: [{ name: 'x' }] } })).toEqual({ metrics: { backends: [{ name: 'x' }] } });
  });

  it.each([{ port: 80.5 }, { port: -1 }, { port: 'x' }, { port: true }, { path: 5 }, { tags: [] }, { tags: { a: 1 } }])(
    'cannot be read where the conf of Prometheus is %j',
    (conf) => {
      expect(() => made(prometheus(conf))).toThrow(Unreadable);
    },
  );

  it('tells of CAs, logs, traces and metrics, in this order', () => {
    expect(
      told({
        mtls: { enabledBackend: 'x', backends: [CA('a'), CA('a')] },
        tracing: { defaultBackend: 'x', backends: [{ type: 'jaeger', sampling: 101 }] },
        logging: { defaultBackend: 'x', backends: [{ format: '%', type: '' }] },
        metrics: { enabledBackend: 'x', backends: [{ name: 'a', type: 'prometheus' }, { name: 'a' }] },
      }),
    ).toEqual([
      `mtls.backends[1].name: ${USED('a')}`,
      'mtls.enabledBackend: has to be set to one of the backends in the mesh',
      'logging.backends[0].name: cannot be empty',
      'logging.backends[0].format: format string is not valid: ' +
        'expected a command operator to start at position 1, instead got: "%"',
      'logging.backends[0].type: unknown backend type. Available backends: "tcp", "file"',
      'logging.defaultBackend: has to be set to one of the logging backend in mesh',
      'tracing.backends[0].name: cannot be empty',
      'tracing.backends[0].type: unknown backend type. Available backends: "zipkin"',
      'tracing.backends[0].sampling: has to be in [0.0 - 100.0] range',
      'tracing.defaultBackend: has to be set to one of the tracing backend in mesh',
      'metrics.backends[1].type: unknown backend type. Available backends: "prometheus"',
      `metrics.backends[1].name: ${USED('a')}`,
      'metrics.enabledBackend: has to be set to one of the backends in the mesh',
    ]);
  });

  it('knows backends for logs and traces by the conf of their types', () => {
    const logs = (type: string, conf?: object) => told({ logging: { backends: [{ name: 'x', type, conf }] } });
    const traces = (conf?: object) => told({ tracing: { backends: [{ name: 'x', type: 'zipkin', conf }] } });
    const at = 'logging.backends[0].config';
    expect(logs('file', { path: '/tmp/log', other: 1 })).toEqual([]);
    expect(logs('file')).toEqual([`${at}.path: cannot be empty`]);
    expect(logs('tcp', { address: null })).toEqual([`${at}.address: cannot be empty`]);
    expect(logs('tcp', { address: 'x' })).toEqual([`${at}.address: has to be in format of HOST:PORT`]);
    expect(traces({ url: 'http://zipkin:9411', apiVersion: 'httpJson', traceId128bit: true })).toEqual([]);
    expect(traces({ apiVersion: 'v1' })).toEqual([
      'tracing.backends[0].config.apiVersion: has invalid value. Allowed values: httpJsonV1, httpJson, httpProto',
      'tracing.backends[0].config.url: cannot be empty',
    ]);
  });

  it('tells where a conf cannot be read', () => {
    const logs = (conf: object) => told({ logging: { backends: [{ name: 'x', type: 'file', conf }] } });
    const because = (kind: string) => [
      `logging.backends[0].config: could not parse config: json: cannot unmarshal ${kind} into Go value of type string`,
    ];
    expect(logs({ path: 5 })).toEqual(because('number'));
    expect(logs({ path: false })).toEqual(because('bool'));
    expect(logs({ path: [] })).toEqual(because('array'));
    expect(logs({ path: {} })).toEqual(because('object'));
    expect(told({ tracing: { backends: [{ name: 'x', type: 'zipkin', conf: { traceId128bit: 'x' } }] } })).toEqual([
      'tracing.backends[0].config: could not parse config: json: cannot unmarshal string into Go value of type bool',
    ]);
  });

  it('has certificates for a time', () => {
    const lasting = (...expirations: (string | undefined)[]) =>
      told({
        mtls: {
          backends: expirations.map((expiration, index) => ({
            ...CA(`${index}`),
            dpCert: { rotation: { expiration } },
          })),
        },
      });
    expect(lasting('1d', '0', '10ms', '1y', '2w')).toEqual([]);
    expect(lasting('1 d', '2e', '-1d', '1h30m', undefined)).toEqual(
      Array(5).fill('mtls.dpcert.rotation.expiration: has to be a valid format'),
    );
  });

  it('has CAs of known types alone, and tells of the first that is not', () => {
    const backends = [{ name: 'a', type: 'provided' }, { name: 'b' }, { name: 'c', type: 'vault' }];
    expect(changed(undefined, { mtls: { backends } })).toEqual([
      'mtls.backends[0].config.cert: has to be defined',
      'mtls.backends[0].config.key: has to be defined',
      'mtls.backends[1].type: could not find installed plugin for this type',
    ]);
    expect(changed(undefined, { mtls: MTLS })).toEqual([]);
    expect(changed(undefined, {})).toEqual([]);
  });

  it('is told where certificate and key of a CA that is provided are', () => {
    const provided = (conf: object) =>
      changed({}, { mtls: { backends: [{ name: 'a', type: 'provided', conf }] } }).map((line) =>
        line.replace('mtls.backends[0].config', '-'),
      );
    expect(provided({ cert: { secret: 'c' }, key: { inline: 'a2V5' } })).toEqual([]);
    expect(provided({ cert: {}, key: { file: '' } })).toEqual([
      '-.cert: data source has to be chosen. Available sources: secret, file, inline',
      '-.key.file: cannot be empty',
    ]);
    expect(provided({ cert: null, key: { secret: null } })).toEqual([
      '-.cert: has to be defined',
      '-.key.secret: cannot be empty',
    ]);
    expect(provided({ cert: 'x' })).toEqual([
      '-: could not convert backend config: json: cannot unmarshal string into Go value of type map[string]json.RawMessage',
    ]);
    expect(provided({ cert: { secret: 1 } })).toEqual([
      '-: could not convert backend config: json: cannot unmarshal number into Go value of type string',
    ]);
  });

  it('keeps its CA as long as one is in use', () => {
    const other = { ...MTLS, enabledBackend: 'ca-2' };
    expect(changed({ mtls: MTLS }, { mtls: other })).toEqual([`mtls.enabledBackend: ${CHANGED}`]);
    expect(changed({ mtls: MTLS }, { mtls: { backends: MTLS.backends } })).toEqual([]);
    expect(changed({ mtls: { backends: MTLS.backends } }, { mtls: other })).toEqual([]);
    expect(changed({ mtls: MTLS }, { mtls: MTLS })).toEqual([]);
  });
});

import type { Json } from '../support/emulator.ts';
import type { Operation } from './page.ts';

/** Something that is wrong with a page, and how it would be right. */
export interface Fault {
  /** The operation that it is in, by its line on the page. */
  readonly request: string;
  readonly why: string;
  repaired(operation: Operation): Operation;
}

const inRequest = (request: string, wrong: string, right: string, why: string): Fault => ({
  request,
  why,
  repaired: (operation) => ({ ...operation, request: operation.request.replace(wrong, right) }),
});
const inCurl = (request: string, wrong: string, right: string, why: string): Fault => ({
  request,
  why,
  repaired: (operation) => ({ ...operation, curl: operation.curl.replace(wrong, right) }),
});
const inJson = (request: string, wrong: string, right: string, why: string): Fault => ({
  request,
  why,
  repaired: (operation) => ({ ...operation, json: operation.json.replace(wrong, right) }),
});
const withoutCurl = (request: string, curl: string): Fault => ({
  request,
  why: 'the curl line is lost',
  repaired: (operation) => ({ ...operation, curl }),
});

/** The paths with a wrong name, which the page's own curl lines have right. */
const WRONG_PATHS: Fault[] = [
  inRequest(
    'GET /meshes/{mesh}/dataplane+insights/{name}',
    'dataplane+insights',
    'dataplanes+insights',
    'the name of the collection is another',
  ),
  inRequest(
    'GET /meshes/{mesh}/dataplane+insights/',
    'dataplane+insights',
    'dataplanes+insights',
    'the name of the collection is another',
  ),
  inRequest(
    'PUT /meshes/{mesh}/trafficpermissions/{name}',
    'trafficpermissions',
    'traffic-permissions',
    'the name of the collection is another',
  ),
];

const WRONG_TYPE: Fault = {
  request: 'GET /meshes/{mesh}/dataplanes/{name}',
  why: 'it is a dataplane that is given, no mesh',
  repaired: (operation) => ({ ...operation, gives: 'Dataplane entity' }),
};

const ANOTHER_MESH: Fault = {
  request: 'GET /meshes',
  why: 'there is a mesh named default, too, from the start',
  repaired(operation) {
    const { items } = JSON.parse(operation.json);
    const byDefault = { type: 'Mesh', name: 'default', mtls: { ca: { builtin: {} } } };
    return { ...operation, json: JSON.stringify({ items: [byDefault, ...items] }) };
  },
};

/** A setting of the example of `GET /config` that is another in 0.4.0; undefined where there is none. */
const setting = (path: string, value: Json, why: string): Fault => ({
  request: 'GET /config',
  why: `${path}: ${why}`,
  repaired(operation) {
    const config = JSON.parse(operation.json);
    const names = path.split('.');
    const last = names.pop() ?? '';
    const at = names.reduce((node: Json, name) => node[name], config);
    if (value === undefined) delete at[last];
    else at[last] = value;
    return { ...operation, json: JSON.stringify(config) };
  },
});

const PUBLIC = { clientCertsDir: '', enabled: false, interface: '', port: 0, tlsCertFile: '', tlsKeyFile: '' };
const NO_TLS = { caPath: '', certPath: '', keyPath: '', mode: 'disable' };
const SET = 'set by whoever ran it';
const LATER = 'the example is of a release before 0.4.0, which has it';
const EARLIER = 'the example is of a release before 0.4.0, which no longer has it';
const TEMPORARY = 'a temporary file';

const LOST = 'lost on the way from the page to the text';

/** What is wrong with each page, by the release that it is of. */
export const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  '0.3.0': [
    ...WRONG_PATHS,
    WRONG_TYPE,
    ANOTHER_MESH,
    inCurl('DELETE /meshes/{mesh}/traffic-permissions/{name}', 'pt-1', 'tp-1', 'the other examples call it tp-1'),
  ],
  '0.4.0': [
    ...WRONG_PATHS,
    WRONG_TYPE,
    ANOTHER_MESH,
    inJson(
      'PUT /meshes/{mesh}/dataplanes/{name}',
      '"service": "database"',
      '"port": 33033, "service": "database"',
      `the port is ${LOST}`,
    ),
    inJson('GET /meshes/{mesh}/dataplanes', '"port": 44044', '{ "port": 44044', `a brace is ${LOST}`),
    inJson(
      'GET /meshes/{mesh}/proxytemplates',
      '"version": "raw-version",',
      String.raw`"version": "raw-version", "resource": "'@type': type.googleapis.com/envoy.api.v2.Cluster\nconnectTimeout: 5s\nloadAssignment:\n clusterName: localhost:8443\n endpoints:\n - lbEndpoints:\n - endpoint:\n address:\n socketAddress:\n address: 127.0.0.1\n portValue: 8443\nname: localhost:8443\ntype: STATIC\n"`,
      `the resource is ${LOST}`,
    ),
    inJson(
      'GET /meshes/{mesh}/traffic-permissions/{name}',
      '"service": "redis"',
      '"match": { "service": "redis"',
      `"match" is ${LOST}`,
    ),
    withoutCurl('GET /config', 'curl http://localhost:5681/config'),
    withoutCurl(
      'GET /meshes/{mesh}/health-checks/{name}',
      'curl http://localhost:5681/meshes/mesh-1/health-checks/web-to-backend',
    ),
    withoutCurl(
      'DELETE /meshes/{mesh}/traffic-permissions/{name}',
      'curl -XDELETE http://localhost:5681/meshes/mesh-1/traffic-permissions/tp-1',
    ),
    withoutCurl('GET /meshes/{mesh}/traffic-traces', 'curl http://localhost:5681/meshes/mesh-1/traffic-traces'),
    {
      request: 'GET /meshes/{mesh}/traffic-traces',
      why: `the example is ${LOST}`,
      repaired: (operation) => ({
        ...operation,
        json: '{"items":[{"type":"TrafficTrace","mesh":"mesh-1","name":"tt-1","selectors":[{"match":{"service":"*"}}],"conf":{"backend":"my-zipkin"}}]}',
      }),
    },
    withoutCurl(
      'DELETE /meshes/{mesh}/traffic-traces/{name}',
      'curl -XDELETE http://localhost:5681/meshes/mesh-1/traffic-traces/tt-1',
    ),
    setting('adminServer.public', PUBLIC, SET),
    setting('dataplaneTokenServer.public', PUBLIC, SET),
    setting('bootstrapServer.params.xdsHost', 'localhost', SET),
    setting('general.advertisedHostname', 'localhost', SET),
    setting('sdsServer.tlsCertFile', '', TEMPORARY),
    setting('sdsServer.tlsKeyFile', '', TEMPORARY),
    setting('guiServer.apiServerUrl', 'http://localhost:5681', LATER),
    setting('store.postgres.maxOpenConnections', 0, LATER),
    setting('store.postgres.tls', NO_TLS, LATER),
    setting('discovery', undefined, EARLIER),
    setting(
      'defaults.mesh',
      'type: Mesh\nname: default\nmtls:\n  ca: {}\n  enabled: false\n',
      `one of two spaces is ${LOST}`,
    ),
  ],
};

/** The collections with operations on a page that the list at its beginning leaves out. */
export const UNLISTED: Readonly<Record<string, readonly string[]>> = {
  '0.3.0': ['dataplanes+insights', 'proxytemplates', 'traffic-permissions', 'traffic-logs', 'traffic-routes'],
  '0.4.0': ['traffic-traces'],
};

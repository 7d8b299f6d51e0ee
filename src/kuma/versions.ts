import { createHas, type Difference } from '../contract/versions.ts';

/** The releases of Kuma that can be emulated, oldest first. */
export const KUMA_RELEASES = ['0.4.0', '0.5.1'] as const;

export type KumaRelease = (typeof KUMA_RELEASES)[number];

const RUN = { evidence: 'observed', source: 'Kuma 0.4.0 and 0.5.1, run on loopback' } as const;

/** All that differs between releases, by name. Schemas refer to a name by `x-feature`, modules by `world.has(name)`. */
export const KUMA_DIFFERENCES = {
  kuma_paging: { what: 'lists have a total and pages: size, offset, next', from: '0.5.1', ...RUN },
  kuma_lists_of_all_meshes: { what: 'GET /dataplanes and the like list all meshes', from: '0.5.1', ...RUN },
  kuma_times: { what: 'resources show creationTime and modificationTime', from: '0.5.1', ...RUN },
  kuma_hostname: { what: 'the index tells the host name', from: '0.5.1', ...RUN },
  kuma_fault_injections: { what: 'there are fault injections', from: '0.5.1', ...RUN },
  kuma_circuit_breakers: { what: 'there are circuit breakers', from: '0.5.1', ...RUN },
  kuma_mesh_in_kinds: {
    what: 'a mesh says what it has by kind: mtls.ca, backends[].file, .tcp, .zipkin, metrics.prometheus',
    until: '0.5.1',
    ...RUN,
  },
  kuma_mesh_in_types: { what: 'the backends of a mesh have a type and a conf', from: '0.5.1', ...RUN },
  kuma_gateway_before_inbound: {
    what: 'the networking of a dataplane shows its gateway before inbound and outbound, not after them',
    from: '0.5.1',
    ...RUN,
  },
  kuma_gateway_filter: { what: 'overviews are filtered by gateway', from: '0.5.1', ...RUN },
  kuma_charset_of_tags: { what: 'the names and values of tags have a charset', from: '0.5.1', ...RUN },
  kuma_permissions_by_tags: {
    what: 'the destinations of a traffic permission may have other tags beside service',
    from: '0.5.1',
    ...RUN,
  },
  kuma_mtls_in_insights: { what: 'insights tell of the certificate of a dataplane', from: '0.5.1', ...RUN },
  kuma_insights_belong_to_dataplanes: {
    what: 'an insight needs its dataplane, and goes with it',
    from: '0.5.1',
    ...RUN,
  },
  kuma_json_of_the_index: { what: 'GET / may be asked for as application/json', from: '0.5.1', ...RUN },
  kuma_refusal_where_read_only: {
    what: 'a read-only server says at length why it refuses a change',
    from: '0.5.1',
    ...RUN,
  },
  kuma_changes_before_reads: {
    what: 'a preflight is told of PUT and DELETE before GET',
    from: '0.5.1',
    ...RUN,
  },
  kuma_ten_subscriptions: { what: 'an insight keeps the last ten subscriptions', from: '0.5.1', ...RUN },
  kuma_final_newline: {
    what: 'JSON ends with a new line, and escapes <, > and & in resources alone',
    from: '0.5.1',
    ...RUN,
  },
} as const satisfies Record<string, Difference<KumaRelease>>;

/** Whether a release has a named difference. @throws Error for a name that is not in the table */
export const hasKumaFeature = createHas<KumaRelease>(KUMA_RELEASES, KUMA_DIFFERENCES);

import type { Json } from '../support/emulator.ts';

/**
 * Everything that users make, each kind by the path of its list below the organisation, as the table of routes says
 * it: what a request must say to make one, and what the PCE says no to. The tests of what no client notices go
 * through it; a route that makes something which is not here fails them.
 */
export interface Kind {
  readonly ids: 'uuid' | 'integer';
  /** What is sent to make the `n`-th. @param make makes another thing first, and puts it into force where its path says `active`; returns its href */
  body(n: number, make: (path: string) => Promise<string>, org: string): Json | Promise<Json>;
  /** What is sent to change one; null where there is no PUT. */
  readonly change: Json | null;
  /** A filter that nothing meets; undefined where the list takes none. */
  readonly filter?: string;
  /** What a second DELETE is answered: an empty 404, or the token of a 406; null where there is no DELETE. */
  readonly again: 404 | string | null;
  /** Requests that are like one that was granted, and what each is refused with. */
  readonly taken?: readonly (readonly [what: string, token: string, alike: (first: Json, other: Json) => Json])[];
  /** Requests that are like one that was granted, and are granted too. */
  readonly shared?: readonly (readonly [what: string, alike: (first: Json, other: Json) => Json])[];
  /** What it may refer to: the path of the other thing's list, and the body that names it. */
  readonly refersTo?: readonly (readonly [path: string, body: (href: string, n: number) => Json])[];
}

const external = (one: Json) => ({
  external_data_set: one.external_data_set,
  external_data_reference: one.external_data_reference,
});
const named = (n: number) => ({
  name: `thing ${n}`,
  external_data_set: 'inventory',
  external_data_reference: `thing ${n}`,
});

/** Two requests must not have the same name, nor the same external reference. */
const SAME_NAME: NonNullable<Kind['taken']>[number] = [
  'name',
  'name_must_be_unique',
  (first, other) => ({ ...other, name: first.name }),
];
const SAME_REFERENCE: NonNullable<Kind['taken']>[number] = [
  'external reference',
  'external_reference_not_unique',
  (first, other) => ({ ...other, ...external(first) }),
];

const SHARED_NAME: NonNullable<Kind['shared']>[number] = ['name', (first, other) => ({ ...other, name: first.name })];

const POLICY = 'sec_policy/{pversion}';
const ACTIVE = 'sec_policy/active';
const ruleOf = (provider: Json) => ({
  enabled: true,
  providers: [provider],
  consumers: [{ actors: 'ams' }],
  ingress_services: [TCP_80],
  resolve_labels_as: { providers: ['workloads'], consumers: ['workloads'] },
});
const TCP_80 = { port: 80, proto: 6 };

export const KINDS: Readonly<Record<string, Kind>> = {
  container_clusters: {
    ids: 'uuid',
    body: (n) => ({ name: `cluster ${n}` }),
    change: { description: 'changed' },
    filter: 'name=nothing',
    again: 404,
    shared: [SHARED_NAME],
  },
  'container_clusters/{container_cluster_id}/container_workload_profiles': {
    ids: 'uuid',
    body: (n) => ({ name: `profile ${n}` }),
    change: { description: 'changed' },
    filter: 'name=nothing',
    again: 404,
    refersTo: [
      ['labels', (href, n) => ({ name: `profile ${n}`, labels: [{ key: 'role', assignment: { href } }] })],
      ['labels', (href, n) => ({ name: `profile ${n}`, labels: [{ key: 'role', restriction: [{ href }] }] })],
      ['labels', (href, n) => ({ name: `profile ${n}`, assign_labels: [{ href }] })],
    ],
  },
  labels: {
    ids: 'integer',
    body: (n) => ({
      key: 'role',
      value: `label ${n}`,
      ...external({ external_data_set: 's', external_data_reference: `${n}` }),
    }),
    change: { value: 'changed' },
    filter: 'value=nothing',
    again: 'label_already_deleted',
    taken: [
      [
        'key and value',
        'label_key_and_value_must_be_unique',
        (first, other) => ({ ...other, value: first.value.toUpperCase() }),
      ],
      SAME_REFERENCE,
    ],
  },
  label_dimensions: {
    ids: 'uuid',
    body: (n) => ({ key: `dimension${n}`, display_name: `Dimension ${n}` }),
    change: { display_name: 'Changed' },
    again: 'label_dimension_already_deleted',
  },
  pairing_profiles: {
    ids: 'integer',
    body: (n) => ({ ...named(n), enabled: true }),
    change: { description: 'changed' },
    filter: 'name=nothing',
    again: 404,
    taken: [SAME_NAME, SAME_REFERENCE],
    refersTo: [['labels', (href, n) => ({ name: `profile ${n}`, enabled: true, labels: [{ href }] })]],
  },
  workloads: {
    ids: 'uuid',
    body: (n) => ({ ...named(n), hostname: `host-${n}` }),
    change: { description: 'changed' },
    filter: 'name=nothing',
    again: 'workload_already_deleted',
    taken: [SAME_REFERENCE],
    refersTo: [['labels', (href, n) => ({ name: `host ${n}`, labels: [{ href }] })]],
  },
  [`${POLICY}/services`]: {
    ids: 'integer',
    body: (n) => ({ ...named(n), service_ports: [TCP_80] }),
    change: { description: 'changed' },
    filter: 'name=nothing',
    again: 404,
    taken: [SAME_REFERENCE],
    shared: [SHARED_NAME],
  },
  [`${POLICY}/ip_lists`]: {
    ids: 'integer',
    body: (n) => ({ ...named(n), ip_ranges: [{ from_ip: '10.0.0.0/8' }] }),
    change: { description: 'changed' },
    filter: 'name=nothing',
    again: 404,
    taken: [['name', 'ip_list_name_not_unique', (first, other) => ({ ...other, name: first.name })], SAME_REFERENCE],
  },
  [`${POLICY}/label_groups`]: {
    ids: 'uuid',
    body: (n) => ({ ...named(n), key: 'role' }),
    change: { description: 'changed' },
    filter: 'name=nothing',
    again: 404,
    taken: [SAME_NAME, SAME_REFERENCE],
    refersTo: [
      ['labels', (href, n) => ({ name: `group ${n}`, key: 'role', labels: [{ href }] })],
      [`${POLICY}/label_groups`, (href, n) => ({ name: `group ${n}`, key: 'role', sub_groups: [{ href }] })],
    ],
  },
  [`${POLICY}/virtual_services`]: {
    ids: 'uuid',
    body: (n) => ({ ...named(n), service_ports: [TCP_80] }),
    change: { description: 'changed' },
    filter: 'name=nothing',
    again: 404,
    taken: [SAME_REFERENCE],
    shared: [SHARED_NAME],
    refersTo: [
      ['labels', (href, n) => ({ name: `vs ${n}`, service_ports: [TCP_80], labels: [{ href }] })],
      [`${POLICY}/services`, (href, n) => ({ name: `vs ${n}`, service: { href } })],
    ],
  },
  [`${POLICY}/rule_sets`]: {
    ids: 'integer',
    body: (n) => ({ ...named(n), scopes: [[]] }),
    change: { description: 'changed' },
    filter: 'name=nothing',
    again: 404,
    taken: [['name', 'rule_set_name_in_use', (first, other) => ({ ...other, name: first.name })], SAME_REFERENCE],
    refersTo: [['labels', (href, n) => ({ name: `rules ${n}`, scopes: [[{ label: { href } }]] })]],
  },
  [`${POLICY}/enforcement_boundaries`]: {
    ids: 'integer',
    body: (n) => ({
      name: `boundary ${n}`,
      providers: [{ actors: 'ams' }],
      consumers: [{ actors: 'ams' }],
      ingress_services: [TCP_80],
    }),
    change: { name: 'changed' },
    filter: 'name=nothing',
    again: 404,
    taken: [SAME_NAME],
    refersTo: [
      [
        `${POLICY}/ip_lists`,
        (href, n) => ({
          name: `boundary ${n}`,
          providers: [{ actors: 'ams' }],
          consumers: [{ ip_list: { href } }],
          ingress_services: [TCP_80],
        }),
      ],
    ],
  },
  [`${POLICY}/rule_sets/{rule_set_id}/sec_rules`]: {
    ids: 'integer',
    body: (n) => ({ ...ruleOf({ actors: 'ams' }), ...external(named(n)) }),
    change: { enabled: false },
    again: 404,
    taken: [SAME_REFERENCE],
    refersTo: [
      ['labels', (href) => ruleOf({ label: { href } })],
      ['workloads', (href) => ruleOf({ workload: { href } })],
      [`${POLICY}/label_groups`, (href) => ruleOf({ label_group: { href } })],
      [`${POLICY}/ip_lists`, (href) => ({ ...ruleOf({ actors: 'ams' }), consumers: [{ ip_list: { href } }] })],
      [`${POLICY}/services`, (href) => ({ ...ruleOf({ actors: 'ams' }), ingress_services: [{ href }] })],
    ],
  },
  service_bindings: {
    ids: 'uuid',
    body: async (_n, make) => [
      {
        virtual_service: { href: await make(`${ACTIVE}/virtual_services`) },
        workload: { href: await make('workloads') },
      },
    ],
    change: null,
    again: 404,
  },
  service_accounts: {
    ids: 'uuid',
    body: (n, _make, org) => ({
      name: `account ${n}`,
      permissions: [{ role: { href: `${org}/roles/read_only` }, scope: [] }],
      api_key: { expires_in_seconds: -1 },
    }),
    change: { description: 'changed' },
    filter: 'name=nothing',
    again: 404,
  },
  security_principals: {
    ids: 'uuid',
    body: (n) => ({ sid: `S-1-5-21-1-2-3-${n}`, name: `group ${n}` }),
    change: { description: 'changed' },
    filter: 'name=nothing',
    again: 404,
    taken: [],
  },
};

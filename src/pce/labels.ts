import type { Collection, Document, Reference, World } from '../contract/collection.ts';

export const labels: Collection = {
  name: 'labels',
  parent: 'orgs',
  id: 'integer',
  schema: 'pce/labels#item',
  keys: {
    key: '$.key',
    value: '$.value',
    deleted: '$.deleted',
    external_data_set: '$.external_data_set',
    external_data_reference: '$.external_data_reference',
  },
  // A deleted label frees its value and its external reference.
  unique: [
    { keys: ['key', 'value'], unless: 'deleted', caseless: true },
    { keys: ['external_data_set', 'external_data_reference'], unless: 'deleted' },
  ],
};

/** A label as workloads and virtual services show it. */
export interface ShownLabel {
  readonly href: string;
  readonly key: string;
  readonly value: string;
}

const labelsOf = (document: Document) => document.labels as ShownLabel[];

/** The link of whatever has labels by resolution, which brings it up to date once a label has changed. */
export const resolved: Reference = {
  to: 'labels',
  edges: (document) => labelsOf(document).map(({ href }) => ({ role: 'label', to: href })),
};

/** The link of whatever else shows labels under `labels`. */
export const labelled = {
  ...resolved,
  quote: (document, label) => ({
    ...document,
    labels: labelsOf(document).map((one) => (one.href === label.href ? { ...one, value: label.value } : one)),
  }),
} satisfies Reference;

/** The keys of labels in a fresh PCE: role, application, environment, location. */
export const LABEL_KEYS = ['role', 'app', 'env', 'loc'] as const;

const RESERVED_VALUES = ['All Applications', 'All Environments', 'All Locations'];

/** Whether a release keeps a value for itself. */
export function isReserved(value: string, world: World): boolean {
  const given = value.toLowerCase();
  return world.has('label_values_reserved') && RESERVED_VALUES.some((one) => one.toLowerCase() === given);
}

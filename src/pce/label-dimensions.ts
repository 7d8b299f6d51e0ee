import type { Collection, World } from '../contract/collection.ts';
import { LABEL_KEYS } from './labels.ts';

/** The keys that labels can have: four from the first, others as users want them (documented, from Core 22.5). */
export const labelDimensions: Collection = {
  name: 'label_dimensions',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/label_dimensions#item',
  keys: {
    key: '$.key',
    display_name: '$.display_name',
    deleted: '$.deleted',
    external_data_set: '$.external_data_set',
    external_data_reference: '$.external_data_reference',
  },
  // A deleted one frees all of these, as a label does. Without case, because a label's key compares so.
  unique: [
    { keys: ['key'], unless: 'deleted', caseless: true },
    { keys: ['display_name'], unless: 'deleted', caseless: true },
    { keys: ['external_data_set', 'external_data_reference'], unless: 'deleted' },
  ],
};

/** As many as an organisation may have, the built-in ones included (documented, Core 23.2 label types). */
export const MOST_LABEL_DIMENSIONS = 20;

/** Names and icons of role and app are observed, in a fixture of 2024; those of env and loc follow them (inferred). */
const BUILT_IN = {
  role: { name: 'Role', color: '#ce93d8' },
  app: { name: 'Application', color: '#42a5f5' },
  env: { name: 'Environment', color: '#81c784' },
  loc: { name: 'Location', color: '#ffb74d' },
} as const;

/** Gives an organisation the dimensions that a PCE comes with. They are the PCE's own: made by user 0 (observed). */
export function createBuiltInDimensions(world: World, org: string): void {
  const table = world.table(labelDimensions);
  const now = world.clock.timestamp();
  const by = { href: '/users/0' };
  for (const [index, key] of LABEL_KEYS.entries()) {
    const { name: display_name, color: background_color } = BUILT_IN[key];
    const href = table.mint(org);
    table.insert(org, href, {
      href,
      key,
      display_name,
      created_at: now,
      updated_at: now,
      display_info: {
        icon: key,
        initial: display_name.slice(0, 1),
        sort_ordinal: (index + 1) * 1_000_000,
        background_color,
        foreground_color: '#ffffff',
        display_name_plural: `${display_name}s`,
      },
      caps: ['write'],
      external_data_set: 'defaults.illumio.com',
      external_data_reference: key,
      created_by: by,
      updated_by: by,
    });
  }
}

/** The keys that a label can be made with: the built-in ones first, then the others as they were created. */
export function labelKeys(world: World, org: string): readonly string[] {
  if (!world.has('label_dimensions')) return LABEL_KEYS;
  const found = world.table(labelDimensions).find(org, { where: [{ key: 'deleted', is: false }] });
  return [...new Set<string>([...LABEL_KEYS, ...found.map(({ key }) => String(key))])];
}

import type { Collection, Document, World } from '../../contract/collection.ts';
import { equalsOf, partsOf } from '../collections.ts';
import { APART, APART_KEY, activeHref, type PolicyObject } from './policy-object.ts';
import { referenced } from './problems.ts';

/** Ports, protocols and processes that rules speak of by one name. Several may have the same (observed). */
export const services: Collection = {
  name: 'services',
  parent: 'orgs',
  path: 'sec_policy/draft/services',
  id: 'integer',
  schema: 'pce/services#item',
  keys: {
    href: '$.href',
    name: '$.name',
    description: '$.description',
    update_type: '$.update_type',
    external_data_set: '$.external_data_set',
    external_data_reference: '$.external_data_reference',
    service_ports: '$.service_ports',
  },
  factKeys: APART_KEY,
  unique: [{ keys: ['external_data_set', 'external_data_reference'], unless: 'apart' }],
};

export const serviceObjects: PolicyObject = {
  collection: services,
  type: 'service',
  one: 'a service',
  many: 'services',
  select: (query) => {
    const { name, port, proto } = query;
    const where = [
      ...partsOf(query, 'name', 'description'),
      ...equalsOf(query, 'external_data_set', 'external_data_reference'),
      ...(port === undefined ? [] : [{ key: 'service_ports', contains: `"port":${port},` }]),
      ...(proto === undefined ? [] : [{ key: 'service_ports', contains: `"proto":${proto}}` }]),
    ];
    return name === undefined ? { where } : { where, first: { key: 'name', is: String(name) } };
  },
  content: ({ body }) => body,
  inUse: (by) => referenced('service', by),
};

/** What rules mean by every service; each organisation has it, in force, from the first (documented). */
export function createAllServices(world: World, org: string): Document {
  const table = world.table(services);
  const href = table.mint(org);
  const now = world.clock.timestamp();
  const by = { href: '/users/0' };
  const document = {
    href,
    name: 'All Services',
    service_ports: [{ proto: -1 }],
    created_at: now,
    created_by: by,
    updated_at: now,
    updated_by: by,
  };
  table.insert(org, activeHref(href), { ...document, href: activeHref(href) }, APART);
  return table.insert(org, href, { ...document, update_type: null });
}

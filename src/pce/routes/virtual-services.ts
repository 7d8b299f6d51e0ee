import type { Condition, Document } from '../../contract/collection.ts';
import type { Route } from '../../contract/route.ts';
import { equalsOf, item, labelledWith, list, partsOf } from '../collections.ts';
import { notFound } from '../problems.ts';
import { virtualServices } from '../virtual-services.ts';

const common = {
  admits: ['user'] as const,
  evidence: 'documented' as const,
  source: 'API schemas 25.2.10, virtual_services; fixtures of the official Python client',
};
const ALL = '/orgs/{org_id}/sec_policy/{pversion}/virtual_services';

/** Ports and addresses are looked for in the text of the document, where a value ends with `,` or `}` or `"`. */
function where(query: Document): Condition[] {
  const port = query['service_ports.port'];
  const proto = query['service_ports.proto'];
  const ip = query['service_address.ip'];
  const fqdn = query['service_address.fqdn'];
  return [
    ...partsOf(query, 'name', 'description'),
    ...equalsOf(query, 'service', 'external_data_set', 'external_data_reference'),
    ...labelledWith(query.labels, 'label'),
    ...(port === undefined ? [] : [{ key: 'service_ports', contains: `"port":${port},` }]),
    ...(proto === undefined ? [] : [{ key: 'service_ports', contains: `"proto":${proto}}` }]),
    ...(ip === undefined ? [] : [{ key: 'service_addresses', contains: `"ip":${JSON.stringify(ip)}` }]),
    ...(fqdn === undefined ? [] : [{ key: 'service_addresses', contains: `"fqdn":${JSON.stringify(fqdn)}` }]),
  ];
}

export const virtualServiceRoutes: Route[] = [
  {
    ...common,
    id: 'virtual_services.list',
    method: 'GET',
    path: ALL,
    summary: 'List the virtual services, as drafts or as they are in force',
    query: 'pce/virtual_services#query',
    replies: { 200: 'pce/virtual_services#list', 202: null },
    handle(request, world) {
      const { org_id, pversion } = request.params;
      // Earlier versions of the policy are not kept.
      if (pversion !== 'draft' && pversion !== 'active') throw notFound();
      return list(virtualServices, {
        parent: () => `/orgs/${org_id}`,
        all: () => [{ key: 'href', contains: `/sec_policy/${pversion}/` }],
        select: (query) => ({ where: where(query) }),
      })(request, world);
    },
  },
  {
    ...common,
    id: 'virtual_services.get',
    method: 'GET',
    path: `${ALL}/{virtual_service_id}`,
    summary: 'Get a virtual service',
    replies: { 200: 'pce/virtual_services#item' },
    handle: item(virtualServices),
  },
];

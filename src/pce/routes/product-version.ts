import type { Route } from '../../contract/route.ts';
import { productVersion } from '../product-version.ts';

export const productVersionRoutes: Route[] = [
  {
    id: 'product_version.get',
    method: 'GET',
    path: '/product_version',
    summary: 'Tell the version of the PCE',
    admits: ['user'],
    evidence: 'documented',
    source: 'API schemas 25.2.10; the official Terraform provider and illumioapi read it flat',
    replies: { 200: 'pce/product_version#item' },
    handle: (_request, world) => ({ status: 200, body: productVersion(world) }),
  },
];

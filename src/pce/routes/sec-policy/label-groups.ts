import type { World } from '../../../contract/collection.ts';
import type { Evidence, Request, Route } from '../../../contract/route.ts';
import { existing } from '../../collections.ts';
import { labelGroupObjects, labelGroups, withSubGroups } from '../../policy/label-groups.ts';
import { policyRoutes } from './policy-routes.ts';

const told = {
  evidence: 'documented' as Evidence,
  source: 'Core REST API reference, Label Groups; API schemas 25.2.20',
};
const common = { ...told, admits: ['user'] as const, method: 'GET' as const };
const ONE = '/orgs/{org_id}/sec_policy/{pversion}/label_groups/{label_group_id}';

/** The group that a path goes on from. @throws Problem 404 */
const groupOf = (request: Request, world: World) =>
  existing(labelGroups, request, world, request.path.slice(0, request.path.lastIndexOf('/')));

export const labelGroupRoutes: Route[] = [
  ...policyRoutes(labelGroupObjects, { ...told, itemQuery: 'pce/label_groups#item_query' }),
  {
    ...common,
    id: 'label_groups.member_of',
    path: `${ONE}/member_of`,
    summary: 'List the label groups that a label group is in',
    replies: { 200: 'pce/label_groups#members' },
    handle(request, world) {
      const { href } = groupOf(request, world);
      const where = [{ role: 'sub_groups', to: labelGroups.name, anyOfAll: [[String(href)]] }];
      const groups = world.table(labelGroups).find(`/orgs/${request.params.org_id}`, { where });
      // Not those that it is in by way of others (inferred).
      return { status: 200, body: groups.map(({ href: at, name }) => ({ href: at, name })) };
    },
  },
  {
    ...common,
    id: 'label_groups.all_labels',
    path: `${ONE}/all_labels`,
    summary: 'List the labels in a label group and in its sub groups',
    evidence: 'inferred',
    source: 'the path is in the API schemas 25.2.10, the form of its answer is not public',
    replies: { 200: 'pce/label_groups#labels' },
    handle(request, world) {
      const all = withSubGroups(world, groupOf(request, world)).flatMap(({ labels }) => labels as { href: string }[]);
      return { status: 200, body: [...new Map(all.map((label) => [label.href, label])).values()] };
    },
  },
];

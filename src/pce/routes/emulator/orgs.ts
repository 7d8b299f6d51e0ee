import { emulatorRoute, NO_CONTENT, type Route } from '../../../contract/route.ts';
import { createApiKey } from '../../access/api-keys.ts';
import { freshNumber, numberOf } from '../../access/users.ts';
import { createOrganisation } from '../../fresh-organisation.ts';
import { organisations, ownerOf, usernameOf } from '../../organisations.ts';
import { refusal } from './route.ts';

const ORG = '/orgs/{org_id}';

export const orgRoutes: Route[] = [
  {
    ...emulatorRoute,
    id: 'emulator.orgs.list',
    method: 'GET',
    path: '/orgs',
    summary: 'The organisations that there are',
    replies: { 200: 'emulator/orgs#list' },
    handle: (_request, world) => ({
      status: 200,
      body: world
        .table(organisations)
        .find('')
        .map(({ href, name }) => ({ org_id: numberOf(String(href)), href, name })),
    }),
  },
  {
    ...emulatorRoute,
    id: 'emulator.orgs.create',
    method: 'POST',
    path: '/orgs',
    summary: 'A fresh organisation with a key of its own, which sees nothing of the others',
    body: 'emulator/orgs#create',
    replies: { 201: 'emulator/orgs#created' },
    handle({ body }, world) {
      const number = freshNumber(world);
      const { name = `Organization ${number}` } = body as { name?: string };
      const href = createOrganisation(world, number, name);
      const key = createApiKey(world, href);
      const username = usernameOf(ownerOf(href));
      if (!key) throw new Error('a fresh key belongs to another organisation');
      return { status: 201, body: { org_id: number, href, name, api_key: key.name, api_secret: key.secret, username } };
    },
  },
  {
    ...emulatorRoute,
    id: 'emulator.orgs.delete',
    method: 'DELETE',
    path: ORG,
    summary: 'Remove an organisation with all that it has',
    replies: { 204: null },
    handle({ params }, world) {
      const href = `/orgs/${params.org_id}`;
      const table = world.table(organisations);
      if (!table.has(href)) throw refusal(404, 'not_found', `There is no ${href}`);
      table.remove(href);
      return NO_CONTENT;
    },
  },
];

import type { Document, Entry, World } from '../../../contract/collection.ts';
import { emulatorRoute, NO_CONTENT, type Request, type Route } from '../../../contract/route.ts';
import { mintKey } from '../../access/api-keys.ts';
import { createUser, freshNumber, type Role, users } from '../../access/users.ts';
import { organisations, ownerOf } from '../../organisations.ts';
import { refusal } from './route.ts';

const ALL = '/orgs/{org_id}/users';

/** The organisation that a request is about. @throws Problem 404 */
function orgAt({ params }: Request, world: World): string {
  const href = `/orgs/${params.org_id}`;
  if (!world.table(organisations).has(href)) throw refusal(404, 'not_found', `There is no ${href}`);
  return href;
}

const shown = ({ href, document, facts }: Entry): Document => {
  const { username, full_name } = document;
  return { href, username, full_name, role: facts.role };
};

interface Wanted {
  readonly username: string;
  readonly full_name?: string;
  readonly role?: Role;
  readonly password?: string;
}

export const orgUserRoutes: Route[] = [
  {
    ...emulatorRoute,
    id: 'emulator.users.list',
    method: 'GET',
    path: ALL,
    summary: 'The users of an organisation',
    replies: { 200: 'emulator/users#list' },
    handle: (request, world) => ({ status: 200, body: world.table(users).entries(orgAt(request, world)).map(shown) }),
  },
  {
    ...emulatorRoute,
    id: 'emulator.users.create',
    method: 'POST',
    path: ALL,
    summary: 'A further user of an organisation, with a password and an API key',
    body: 'emulator/users#create',
    refuses: [409],
    replies: { 201: 'emulator/users#created' },
    handle(request, world) {
      const org = orgAt(request, world);
      const {
        username,
        full_name = username,
        role = 'owner',
        password = world.ids.hex(32),
      } = request.body as unknown as Wanted;
      // People log in by their names alone; these are the names of owners, also of those to come.
      if (/^user[0-9]+@example\.com$/.test(username) || world.table(users).lookup({ username })) {
        throw refusal(409, 'name_taken', `${username} is the name of another user`);
      }
      const user = createUser(world, org, freshNumber(world), { username, full_name, role, password });
      const href = String(user.href);
      const { name: api_key, secret: api_secret } = mintKey(world, org, {
        ...{ holder: href, created_by: href, name: 'pce-emulator' },
      });
      return { status: 201, body: { href, username, full_name, role, password, api_key, api_secret } };
    },
  },
  {
    ...emulatorRoute,
    id: 'emulator.users.delete',
    method: 'DELETE',
    path: `${ALL}/{user_id}`,
    summary: 'Remove a user, whose keys and sessions end',
    refuses: [409],
    replies: { 204: null },
    handle(request, world) {
      const org = orgAt(request, world);
      const href = `/users/${request.params.user_id}`;
      if (world.table(users).facts(href)?.org !== org) {
        throw refusal(404, 'not_found', `${org} has no user ${href}`);
      }
      if (href === ownerOf(org)) throw refusal(409, 'owner_stays', 'The owner goes with the organisation');
      world.table(users).remove(href);
      return NO_CONTENT;
    },
  },
];

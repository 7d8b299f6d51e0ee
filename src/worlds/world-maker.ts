import type { Collection, Document, Facts, World } from '../contract/collection.ts';
import type { Schemas } from '../contract/schemas.ts';
import type { DocumentStep, WorldMaker } from '../control/worlds.ts';
import { exactMomentOf } from '../kernel/clock.ts';
import { kumaCollections, kumaResources } from '../kuma/index.ts';
import { apiKeys, canStandInPath } from '../pce/access/api-keys.ts';
import { serviceAccounts } from '../pce/access/service-accounts.ts';
import { users } from '../pce/access/users.ts';
import { createOrganisation } from '../pce/fresh-organisation.ts';
import { pceCollections } from '../pce/index.ts';
import { organisationOf, organisations, ownerOf } from '../pce/organisations.ts';
import type { Store } from '../store/store.ts';
import { checkHref, holderOf } from './hrefs.ts';
import { canCountOnFrom, isId, LAST_NUMBER_IN_WORDS } from './ids.ts';

/** What worlds are made in. */
export interface Ground {
  readonly store: Store;
  readonly world: World;
  readonly schemas: Schemas;
  /** Makes a request as the organisation's owner. @throws Problem */
  call: WorldMaker['call'];
}

/** What makes the parts of a world, and says of each that cannot be what is wrong with it. */
export function createWorldMaker(ground: Ground): WorldMaker {
  const { store, world, call } = ground;
  return {
    createOrg(id, name) {
      if (world.table(organisations).has(`/orgs/${id}`)) throw new Error(`organisation ${id} is there already`);
      if (world.table(users).has(`/users/${id}`)) throw new Error(`/users/${id} is a user of another organisation`);
      createOrganisation(world, id, name);
    },
    reserve(collectionName, ids) {
      const { id: kind } = collectionOf(collectionName);
      const unfit = ids.find((id, index) => !isId(kind, id) || ids.indexOf(id) !== index);
      if (unfit !== undefined) throw new Error(`no id for ${collectionName}: ${unfit}`);
      store.reserve(collectionName, ids);
    },
    call(method, path, body, at) {
      const org = organisationOf(path);
      if (/^\/orgs\/[0-9]+$/.test(org) && !world.table(organisations).has(org)) throw new Error(`there is no ${org}`);
      call(method, path, body, at);
    },
    put: (step) => put(ground, step),
    countFrom(sequence, last) {
      if (!canCountOnFrom(last)) throw new Error(`numbers go up to ${LAST_NUMBER_IN_WORDS}, not to ${last}`);
      store.setSequence(sequence, last);
    },
  };
}

function collectionOf(name: string): Collection {
  const collection = [...pceCollections, ...kumaCollections].find((one) => one.name === name);
  if (!collection) throw new Error(`there is no collection ${name}`);
  return collection;
}

function put(ground: Ground, step: DocumentStep): void {
  const { parent, value } = step;
  const collection = collectionOf(step.collection);
  if (!ground.world.table(collection).hasParent(parent)) throw new Error(`there is no ${parent}`);
  if (collection.unshaped) keepText(ground, collection, step);
  else if (isObject(value)) keepDocument(ground, collection, step, value);
  else throw new Error('its value must be an object');
}

/** Nobody looks at such a document again before it is sent. */
function keepText({ world, schemas }: Ground, collection: Collection, step: DocumentStep): void {
  const { parent, document: href, value, facts = {} } = step;
  const [violation] = schemas.check(collection.schema, value);
  if (violation) throw new Error(`not a document of ${collection.name}: #${violation.path} ${violation.message}`);
  checkHref(collection, { href, parent, document: value as Document });
  const table = world.table(collection);
  if (table.has(href)) throw new Error('it is there already');
  table.keep(parent, href, JSON.stringify(value), facts);
}

function keepDocument(ground: Ground, collection: Collection, step: DocumentStep, value: Document): void {
  const { parent, document: href, facts } = step;
  const table = ground.world.table(collection);
  const before = table.get(href);
  const document = { ...before, ...value };
  checkHref(collection, { href, parent, document });
  const known = { ...table.facts(href), ...facts };
  if (collection === users) checkUser(parent, href, known, table.facts(href));
  if (collection === apiKeys && !canStandInPath(String(document.auth_username))) {
    throw new Error('the name of a key is without a slash, and not . or ..');
  }
  if (collection === kumaResources) checkResource(parent, href, known);
  if (collection === apiKeys) checkKey(ground.world, parent, holderOf(parent, document.account), known);
  if (before) table.replace(href, document, facts);
  else table.insert(parent, href, document, facts);
}

/** A user is let into the organisation that the facts say, and stays in the one it came to first. */
function checkUser(org: string, href: string, { org: said, role }: Facts, before: Facts = { org }): void {
  if (before.org !== org) throw new Error(`${href} is a user of ${before.org}`);
  if (said === org && ['owner', 'read_only'].includes(String(role))) return;
  throw new Error(`the facts of a user of ${org} have org ${org} and a role, owner or read_only`);
}

/** In which list it stands, and since when, its facts say. */
function checkResource(parent: string, href: string, { list, created, modified }: Facts): void {
  if (parent !== '') throw new Error('a resource of Kuma has no parent; its mesh says what it belongs to');
  const at = href.slice(0, href.lastIndexOf('/'));
  if (list === at && [created, modified].every((time) => exactMomentOf(String(time)) !== undefined)) return;
  throw new Error(`the facts of ${href} have list ${at}, and created and modified, which are timestamps`);
}

/** Whoever has the key is let in as the facts say. */
function checkKey(world: World, org: string, holder: string, { org: said, user }: Facts): void {
  const account = world.table(serviceAccounts).has(holder) && organisationOf(holder) === org;
  if (!account && holder !== ownerOf(org) && world.table(users).facts(holder)?.org !== org) {
    throw new Error(`${org} has no ${holder}`);
  }
  if (said === org && user === holder) return;
  throw new Error(`the facts of a key that belongs to ${org} have org ${org} and user ${holder}`);
}

const isObject = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

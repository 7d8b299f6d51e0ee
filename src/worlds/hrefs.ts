import type { Collection, Document } from '../contract/collection.ts';
import { placeOf } from '../kuma/index.ts';
import { organisationOf, ownerOf } from '../pce/organisations.ts';
import { activeHref } from '../pce/policy/policy-object.ts';
import { SETTINGS } from '../pce/settings.ts';
import { isId } from './ids.ts';

/** A document that a world puts somewhere. */
interface Put {
  readonly href: string;
  readonly parent: string;
  readonly document: Document;
}

/** Where the documents of a list stand. */
interface Place {
  readonly list: string;
  /** What the last part of their hrefs looks like, in words. */
  readonly form: string;
  fits(id: string): boolean;
}

/** The largest number of an organisation, as in the schema of worlds. */
const LAST_ORGANISATION = 2 ** 31 - 1;

const exactly = (form: string) => ({ form, fits: (id: string) => id === form });

const NUMBER = {
  form: `<integer up to ${LAST_ORGANISATION}>`,
  fits: (id: string) => isId('integer', id) && Number(id) <= LAST_ORGANISATION,
};

/** Whom a key of an organisation lets in as; one that was written before there were users, the owner. */
export const holderOf = (org: string, account: unknown): string =>
  (account as { href: string } | undefined)?.href ?? ownerOf(org);

/** What does not stand at `<parent>/<collection>/<id>`, by collection. */
const EXCEPTIONS: Readonly<Record<string, (put: Put) => Partial<Place>>> = {
  orgs: () => NUMBER,
  users: () => ({ list: '/users', ...NUMBER }),
  api_keys: ({ parent, document: { account, key_id, auth_username } }) => ({
    list: `${holderOf(parent, account)}/api_keys`,
    ...exactly(encodeURIComponent(String(key_id ?? auth_username))),
  }),
  service_backends: () => ({ form: '<kind and name>', fits: (id) => id !== '' }),
  reported_objects: ({ document: { type, uid } }) => exactly(`${type}/${uid}`),
  machine_ids: ({ parent, document: { container_cluster, machine_id } }) => {
    const own = String(container_cluster).startsWith(`${parent}/container_clusters/`);
    const cluster = own ? container_cluster : `${parent}/container_clusters/<uuid>`;
    return { list: `${cluster}/machine_ids`, ...exactly(String(machine_id)) };
  },
  kuma_resources: ({ document }) => {
    const { list, name } = placeOf(document);
    return { list, ...exactly(name) };
  },
  settings: () => ({ form: '<kind>', fits: (id) => SETTINGS.some((kind) => kind === id) }),
  optional_features: ({ document: { name } }) => exactly(String(name)),
  datafiles: ({ parent }) => ({ list: `${organisationOf(parent)}/datafiles` }),
};

/** What is in force stands beside the drafts. */
function versionOf(path: string, { href, parent }: Put): Partial<Place> {
  const active = `${parent}${activeHref(`/${path}`)}`;
  return href.startsWith(`${active}/`) ? { list: active } : {};
}

/** Holds an href to its collection, to what it belongs to, and to what the document says. @throws Error */
export function checkHref(collection: Collection, put: Put): void {
  const { href, parent, document } = put;
  if (document.href !== undefined && document.href !== href) {
    throw new Error(`the href in its value is another, ${document.href}`);
  }
  const { id: kind, name, path = name } = collection;
  const place: Place = {
    list: `${parent}/${path}`,
    form: `<${kind}>`,
    fits: (id) => isId(kind, id),
    ...versionOf(path, put),
    ...EXCEPTIONS[name]?.(put),
  };
  const { list, form, fits } = place;
  if (!href.startsWith(`${list}/`) || !fits(href.slice(list.length + 1))) {
    throw new Error(`what belongs to ${parent || 'nothing'} in ${name} has an href like ${list}/${form}`);
  }
}

import type { Collection, Document } from '../contract/collection.ts';
import { organisationOf, ownerOf } from '../pce/organisations.ts';
import { activeHref } from '../pce/policy/policy-object.ts';
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

/** What does not stand at `<parent>/<collection>/<id>`, by collection. */
const EXCEPTIONS: Readonly<Record<string, (put: Put) => Partial<Place>>> = {
  orgs: () => ({
    form: `<integer up to ${LAST_ORGANISATION}>`,
    fits: (id) => isId('integer', id) && Number(id) <= LAST_ORGANISATION,
  }),
  api_keys: ({ parent, document }) => ({
    list: `${ownerOf(parent)}/api_keys`,
    ...exactly(encodeURIComponent(String(document.auth_username))),
  }),
  service_backends: () => ({ form: '<kind and name>', fits: (id) => id !== '' }),
  reported_objects: ({ document: { type, uid } }) => exactly(`${type}/${uid}`),
  machine_ids: ({ parent, document: { container_cluster, machine_id } }) => {
    const own = String(container_cluster).startsWith(`${parent}/container_clusters/`);
    const cluster = own ? container_cluster : `${parent}/container_clusters/<uuid>`;
    return { list: `${cluster}/machine_ids`, ...exactly(String(machine_id)) };
  },
  datafiles: ({ parent }) => ({ list: `${organisationOf(parent)}/datafiles` }),
};

/** What is in force stands beside the drafts. */
function versionOf(path: string, { href, parent }: Put): Partial<Place> {
  const active = activeHref(`${parent}/${path}`);
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

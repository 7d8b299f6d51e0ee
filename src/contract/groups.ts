import type { Route } from './route.ts';

/**
 * What a route belongs to, for people who look for it: the first part of its id, `labels` of `labels.create`, where
 * the emulator implements something of that; else the collection in its path.
 * @param routes all that are known, of every API
 */
export function groupsOf(routes: readonly Route[]): (route: Route) => string {
  const implemented = new Set(routes.filter(({ handle }) => handle).map(({ id }) => first(id)));
  return ({ id, path }) => (implemented.has(first(id)) ? first(id) : collectionIn(path));
}

const first = (id: string) => id.split('.')[0] ?? id;

/** `/orgs/{org_id}/sec_policy/{pversion}/ip_lists/{id}` is about `ip_lists`, `/users/login` about `users`. */
function collectionIn(path: string): string {
  const [, one = '', of, two, version, three] = path.split('/');
  if (one !== 'orgs' || !of || !two) return one;
  return two === 'sec_policy' && version?.startsWith('{') && three ? three : two;
}

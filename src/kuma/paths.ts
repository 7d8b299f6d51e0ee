/**
 * Paths as Go's server and the router above it take them: decoded before anything looks at them, so that `%2F` is a
 * slash like any other, and with a slash at the end or without.
 */

/** A path in clear; undefined where an escape is none. Bytes that are no UTF-8 become U+FFFD. */
export function decoded(pathname: string): string | undefined {
  if (!pathname.includes('%')) return pathname;
  if (/%(?![0-9a-f]{2})/i.test(pathname)) return undefined;
  const bytes = pathname.replace(/%(..)/g, (_escape, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}

/** The path that Go's server redirects to; the same where it is clean. */
export function cleaned(path: string): string {
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  const clean = `/${kept.join('/')}`;
  return path.endsWith('/') && clean !== '/' ? `${clean}/` : clean;
}

/** A path as Go writes it: it escapes more than `encodeURI`, so that nothing in it begins a query or a fragment. */
export const escapedPath = (path: string): string =>
  encodeURI(path).replace(/[!'()*?#]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** What a route is found by; where an escape is none, nothing that a route could have. */
export const segmentsOf = (pathname: string): string[] => decoded(pathname)?.split('/').filter(Boolean) ?? [pathname];

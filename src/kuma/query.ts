/** A query as Go reads it: a semicolon parts as an ampersand does, and a pair with an escape that is none is passed over. */
export function queryOf(search: string): URLSearchParams {
  const pairs = search.split(/[&;]/).filter((pair) => pair !== '' && !/%(?![0-9a-f]{2})/i.test(pair));
  return new URLSearchParams(pairs.join('&'));
}

/**
 * Puts things in an order in which each comes after those that it needs, however deep that goes.
 * @param hrefs where to begin
 * @param needs what one needs: these come too
 * @param circle told of one that needs itself, by way of others or not
 * @returns hrefs, each once
 */
export function inOrderOfNeed(
  hrefs: Iterable<string>,
  needs: (href: string) => Iterable<string>,
  circle: (href: string) => void = () => {},
): string[] {
  const ordered: string[] = [];
  const entered = new Set<string>();
  const done = new Set<string>();
  // The way down to where the search is: what of each is left to look at.
  const way: { readonly href: string; readonly left: Iterator<string> }[] = [];
  const enter = (href: string) => {
    if (done.has(href)) return;
    if (entered.has(href)) return circle(href);
    entered.add(href);
    way.push({ href, left: needs(href)[Symbol.iterator]() });
  };
  for (const first of hrefs) {
    enter(first);
    for (let at = way.at(-1); at; at = way.at(-1)) {
      const next = at.left.next();
      if (!next.done) {
        enter(next.value);
        continue;
      }
      way.pop();
      done.add(at.href);
      ordered.push(at.href);
    }
  }
  return ordered;
}

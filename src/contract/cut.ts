type Schema = Record<string, unknown>;

/** Whether the emulated release has what is named so in a table of differences. */
export type Has = (feature: string) => boolean;

/**
 * A schema without what another release has: properties, alternatives and requirements whose
 * `x-feature` is off. A string that holds JSON (`contentSchema`) becomes the schema of what it holds,
 * since it is checked after it has been read.
 */
export function cutTo(node: unknown, has: Has): unknown {
  if (Array.isArray(node)) {
    return Object.freeze(node.filter((item) => present(item, has)).map((item) => cutTo(item, has)));
  }
  if (typeof node !== 'object' || node === null) return node;
  const { contentSchema, ...rest } = node as Schema;
  const { type: _text, ...about } = rest;
  const source: Schema = contentSchema ? { ...about, ...(contentSchema as Schema) } : rest;
  const result: Schema = {};
  for (const [key, value] of Object.entries(source)) {
    if (key === 'x-feature' || !present(value, has)) continue;
    const left = cutTo(value, has);
    // JSON Schema has no empty allOf: once all that it asks for is cut out, it goes too.
    if (key !== 'allOf' || (left as unknown[]).length > 0) result[key] = left;
  }
  return Object.freeze(result);
}

function present(node: unknown, has: Has): boolean {
  if (typeof node !== 'object' || node === null || !('x-feature' in node)) return true;
  return has(String(node['x-feature']));
}

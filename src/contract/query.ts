import type { Document } from './collection.ts';
import type { ParameterKind, Schemas, Violation } from './schemas.ts';

/**
 * Reads the query of a request into values of the types that its schema declares. Parameters that it
 * does not declare are left out; of one that comes twice the last counts.
 * @returns the values, and what is wrong with them (empty when all is right)
 */
export function readQuery(
  schemas: Schemas,
  reference: string,
  parameters: URLSearchParams,
): { values: Document; violations: Violation[] } {
  const values: Document = {};
  for (const [name, kind] of schemas.parameters(reference)) {
    const text = parameters.getAll(name).at(-1);
    if (text === undefined) continue;
    try {
      values[name] = read(text, kind);
    } catch {
      const message = 'is not valid JSON';
      return { values, violations: [{ path: `/${name}`, keyword: 'json', params: {}, value: text, message }] };
    }
  }
  return { values, violations: schemas.check(reference, values) };
}

/** Text that does not look like its type stays text, for the schema to refuse. */
function read(text: string, kind: ParameterKind): unknown {
  if (kind === 'json') return JSON.parse(text);
  if (kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (kind === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  return text;
}

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
    const wrong = (message: string) => ({
      values,
      violations: [{ path: `/${name}`, keyword: 'text', params: {}, value: text, message }],
    });
    if (text.includes('\0')) return wrong('contains the character U+0000');
    try {
      values[name] = read(text, kind);
    } catch {
      return wrong('is not valid JSON');
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

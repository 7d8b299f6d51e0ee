import type { Document } from '../collection.ts';
import type { Schemas } from '../schemas.ts';

/** The schemas that a document has need of: whatever is used is in, with all that it refers to. */
export interface Components {
  /** A reference to the definition, to stand where a schema does. */
  use(reference: string): { readonly $ref: string };
  /** A part of a schema file, with references that lead into the document. */
  part(file: string, schema: unknown): Document;
  /** The definition, or the one that it is another name of, and the file that it stands in. */
  find(reference: string): { readonly file: string; readonly schema: Document };
  /** All that were used so far, by name. */
  schemas(): Record<string, Document>;
}

export function createComponents(schemas: Schemas): Components {
  const used = new Map<string, Document>();

  const use = (reference: string) => {
    const [file = ''] = reference.split('#');
    const name = reference.replace(/[/#]/g, '.');
    if (!used.has(name)) {
      // Put there first: a definition may refer to itself.
      used.set(name, {});
      used.set(name, validExamples(reference, rewritten(file, schemas.definition(reference)) as Document));
    }
    return { $ref: `#/components/schemas/${name}` };
  };

  const rewritten = (file: string, node: unknown): unknown => {
    if (Array.isArray(node)) return node.map((one) => rewritten(file, one));
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node).map(([key, value]) =>
      key === '$ref' && typeof value === 'string'
        ? [key, use(target(file, value)).$ref]
        : [key, rewritten(file, value)],
    );
    return Object.fromEntries(entries);
  };

  /** Examples show the latest release; what an older one would refuse is left out. */
  const validExamples = (reference: string, { examples, ...schema }: Document): Document => {
    const valid = ((examples ?? []) as unknown[]).filter((one) => schemas.check(reference, one).length === 0);
    return valid.length > 0 ? { ...schema, examples: valid } : schema;
  };

  return {
    use,
    part: (file, schema) => rewritten(file, schema) as Document,
    find(reference) {
      const [file = ''] = reference.split('#');
      const schema = schemas.definition(reference);
      return typeof schema.$ref === 'string' ? this.find(target(file, schema.$ref)) : { file, schema };
    },
    schemas: () => Object.fromEntries([...used].sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}

/** What a `$ref` in a file leads to: `../common.json#/$defs/href` in `pce/labels` to `common#href`. */
function target(file: string, ref: string): string {
  const { pathname, hash } = new URL(ref, `schema:/${file}.json`);
  return `${pathname.slice(1, -'.json'.length)}#${hash.slice('#/$defs/'.length)}`;
}

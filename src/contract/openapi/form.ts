import type { Document } from '../collection.ts';
import type { Evidence } from '../route.ts';

/** An OpenAPI 3.1 document, as far as it is used here. */
export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Document>>;
    readonly headers: Readonly<Record<string, Document>>;
    readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  };
}

export interface SecurityScheme {
  readonly type: string;
  readonly description: string;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
  /** Alternatives; none where it is open to all. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly 'x-evidence': Evidence;
  readonly 'x-source': string;
  readonly 'x-admits': readonly string[];
  readonly 'x-implemented': boolean;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema?: Document;
  /** In place of `schema` where the text of the parameter is JSON. */
  readonly content?: Content;
}

export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Document>>;
  readonly content?: Content;
}

/** By media type. */
export type Content = Readonly<Record<string, { readonly schema: Document; readonly examples?: Examples }>>;

export type Examples = Readonly<Record<string, Example>>;

export interface Example {
  readonly summary: string;
  readonly description?: string;
  readonly value: unknown;
}

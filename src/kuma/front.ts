import type { Has } from '../contract/cut.ts';
import type { Head, Manner, Meeting } from '../contract/manner.ts';
import type { Problem } from '../contract/problem.ts';
import type { Schemas } from '../contract/schemas.ts';
import { writeJson } from './json.ts';
import { cleaned, decoded, escapedPath, segmentsOf } from './paths.ts';
import { inText, kumaRefusals, notAcceptable, unreadable } from './problems.ts';
import { parseJson } from './protobuf/json-text.ts';
import { createMessages, type Messages } from './protobuf/messages.ts';
import { type Meta, readMeta } from './protobuf/meta.ts';
import { NotAMessage } from './protobuf/not-a-message.ts';
import type { Spec } from './resource-type.ts';

/** What the handler of a PUT is given. */
export interface Put {
  readonly meta: Meta;
  readonly spec: Spec;
}

const JSON_TYPE = 'application/json';

/**
 * How Kuma's API server goes about HTTP: Go's server, and go-restful 2.9.6 on top of it, with their oddities, all
 * observed on 0.4.0 and 0.5.1.
 */
export function createFront(schemas: Schemas, has: Has): Manner & { readonly messages: Messages } {
  const messages = createMessages(schemas);
  return {
    messages,
    inText: [404, 405, 406, 415],
    unpacks: ['gzip', 'deflate'],
    segments: segmentsOf,
    meet(head) {
      // Whoever asks the server itself what it can do learns nothing.
      if (head.method === 'OPTIONS' && head.pathname === '*') return { answer: inText(200, '', {}) };
      const elsewhere = redirected(head);
      if (elsewhere) return { answer: elsewhere };
      const preflight = preflightOf(head, has);
      if (preflight) return preflight;
      return { headers: crossOrigin(head), answer: refused(head, has) };
    },
    read(text, reference): Put {
      try {
        const value = parseJson(text);
        return { meta: readMeta(value, has), spec: messages.read(reference, value) };
      } catch (error) {
        if (error instanceof NotAMessage) throw unreadable('Could not process a resource', error.message);
        throw error;
      }
    },
    write: (body) => writeJson(body, has),
  };
}

/** Go's server sends whoever comes by a path with `//` or `..` in it to the clean one, before it looks at the rest. */
function redirected({ method, pathname, search }: Head): Problem | undefined {
  const path = decoded(pathname);
  if (path === undefined) return inText(400, '400 Bad Request');
  const clean = cleaned(path);
  if (clean === path) return undefined;
  const to = `${escapedPath(clean)}${search === '' ? '' : `?${search}`}`;
  if (method !== 'GET' && method !== 'HEAD') return inText(301, '', { Location: to });
  const link = to.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const page = `<a href="${link.replaceAll('"', '&#34;').replaceAll("'", '&#39;')}">Moved Permanently</a>.\n\n`;
  return inText(301, page, { Location: to, 'Content-Type': 'text/html; charset=utf-8' });
}

const ALLOW_ORIGIN = 'Access-Control-Allow-Origin';

/** All origins are allowed, and this is the one field that they may see. */
function crossOrigin({ headers: { origin } }: Pick<Head, 'headers'>): Record<string, string> {
  if (typeof origin !== 'string' || origin === '') return {};
  return { 'Access-Control-Expose-Headers': ALLOW_ORIGIN, [ALLOW_ORIGIN]: origin };
}

/** What a browser asks before it sends a request. The list of header fields that are allowed is empty. */
function preflightOf(head: Head, has: Has): Meeting | undefined {
  const { method, headers, served } = head;
  const wanted = headers['access-control-request-method'];
  if (method !== 'OPTIONS' || !headers.origin || !wanted) return undefined;
  const answer = inText(200, '', {});
  const asksForFields = Boolean(headers['access-control-request-headers']);
  if (!served.includes(String(wanted)) || asksForFields) return { answer };
  const changesFirst = has('kuma_changes_before_reads') ? ['PUT', 'DELETE', 'GET'] : ['GET', 'PUT', 'DELETE'];
  return {
    headers: {
      'Access-Control-Allow-Methods': changesFirst.filter((one) => served.includes(one)).join(','),
      'Access-Control-Allow-Headers': '',
      ...crossOrigin(head),
    },
    answer,
  };
}

/** The routes that do not say what they send, so that only who takes anything gets it. */
const SAY_NOTHING = ['kuma.config.get', 'kuma.catalog.get'];

/** What go-restful asks of the media types of a request that has a route: first of what it has, then of what it wants. */
function refused({ route, method, headers }: Head, has: Has): Problem | undefined {
  if (route === undefined) return undefined;
  const untyped = SAY_NOTHING.includes(route) || (route === 'kuma.index.get' && !has('kuma_json_of_the_index'));
  const type = String(headers['content-type'] ?? '');
  if (!untyped && !takes(type, method)) {
    // Of a body of unknown length the router thinks that there is none, and blames what is wanted.
    const isThere = Number(headers['content-length'] ?? 0) > 0;
    return isThere ? kumaRefusals.unsupportedMediaType(type || 'nothing') : notAcceptable('content-type', type);
  }
  const accept = String(headers.accept || '*/*');
  const wanted = mediaTypesIn(accept);
  const acceptable = wanted.includes('*/*') || (!untyped && wanted.includes(JSON_TYPE));
  return acceptable ? undefined : notAcceptable('accept', accept);
}

function takes(contentType: string, method: string): boolean {
  if (contentType === '') return method === 'GET' || method === 'DELETE';
  return mediaTypesIn(contentType).includes(JSON_TYPE);
}

/** In the order of a header field, without their parameters. */
const mediaTypesIn = (field: string): string[] => field.split(',').map((one) => (one.split(';')[0] ?? '').trim());

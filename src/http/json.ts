import { jsonIn } from '../contract/json.ts';

/** What a body says, however it was read; undefined where it is no JSON. */
export const jsonOf = (body: unknown): unknown => (Buffer.isBuffer(body) ? jsonIn(body.toString()) : body);

/** The body as it came; or written anew, where an app that this one is mounted in has parsed it already. */
export function bytesOf(body: unknown): Buffer | undefined {
  return body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
}

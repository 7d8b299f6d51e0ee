/** What a body says, however it was read; undefined where it is no JSON. */
export function jsonOf(body: unknown): unknown {
  if (!Buffer.isBuffer(body)) return body;
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** The body as it came; or written anew, where an app that this one is mounted in has parsed it already. */
export function bytesOf(body: unknown): Buffer | undefined {
  return body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
}

/** A body with a part of a long list. */
export interface Chunk {
  /** JSON: an array. */
  readonly body: string;
  /** How many items are in it. */
  readonly items: number;
}

/** A PCE takes bulks of 1000 items; the emulator refuses bodies above 1 MiB, so a body ends well below. */
const MOST_ITEMS = 1000;
const MOST_BYTES = 512 * 1024;

/** Cuts a list into bodies, in order; none for an empty list. An item too large for all gets a body of its own. */
export function chunksOf(items: readonly unknown[]): Chunk[] {
  const chunks: Chunk[] = [];
  let texts: string[] = [];
  let bytes = 0;
  const close = () => {
    if (texts.length > 0) chunks.push({ body: `[${texts.join(',')}]`, items: texts.length });
    texts = [];
    bytes = 0;
  };
  for (const item of items) {
    const text = JSON.stringify(item);
    const size = Buffer.byteLength(text) + 1;
    if (texts.length >= MOST_ITEMS || bytes + size > MOST_BYTES) close();
    texts.push(text);
    bytes += size;
  }
  close();
  return chunks;
}

import type { ServerResponse } from 'node:http';

/** Replies that have been written, and that their clients have not taken yet. */
export interface Unread {
  /** Sees that what is left of a reply is taken in time, and with that of all others does not fill the memory. */
  watch(res: ServerResponse): void;
}

/** What all of them may hold together, in bytes. */
const MOST_BYTES = 256 * 1024 * 1024;

/** A longer text goes out as bytes: of a text that waits, Node counts the characters. */
const LONGEST_TEXT = 4096;

/** What a reply is written as, so that Node counts its bytes while they wait. */
export function countable(payload: string | Uint8Array | undefined): string | Uint8Array | undefined {
  return typeof payload === 'string' && payload.length > LONGEST_TEXT ? Buffer.from(payload) : payload;
}

/**
 * @param patience how long a client may take nothing at all, in milliseconds
 * @param most bytes; beyond these the replies go that have waited the longest, but for the last that there is
 */
export function createUnread(patience: number, most: number = MOST_BYTES): Unread {
  const known = new WeakSet<ServerResponse>();
  /** What was left of each when it was last looked at; the first has had something left the longest. */
  const waiting = new Map<ServerResponse, number>();
  let bytes = 0;
  const note = (res: ServerResponse, left: number) => {
    bytes += left - (waiting.get(res) ?? 0);
    if (left > 0) waiting.set(res, left);
    else waiting.delete(res);
  };
  const giveUp = (res: ServerResponse) => {
    note(res, 0);
    res.destroy();
  };
  const follow = (res: ServerResponse) => {
    known.add(res);
    // Node puts the end off as long as the connection takes something.
    res.setTimeout(patience, () => {
      if (res.writableLength > 0) giveUp(res);
    });
    for (const taken of ['drain', 'close']) res.on(taken, () => note(res, 0));
  };
  return {
    watch(res) {
      const left = res.writableLength;
      if (left > 0 && !known.has(res)) follow(res);
      note(res, left);
      if (bytes <= most) return;
      for (const other of waiting.keys()) note(other, other.writableLength);
      for (const oldest of waiting.keys()) {
        if (bytes <= most || waiting.size === 1) return;
        giveUp(oldest);
      }
    },
  };
}

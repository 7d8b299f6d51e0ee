import type { ServerResponse } from 'node:http';

/** Replies that have been written, and that their clients have not taken yet. */
export interface Unread {
  /** Sees that what is left of a reply is taken in time, and with that of all others does not fill the memory. */
  watch(res: ServerResponse): void;
}

/** What all of them may hold together, in bytes. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * @param patience how long a client may take nothing at all, in milliseconds
 * @param most bytes; beyond these the reply that has been on its way the longest is given up
 */
export function createUnread(patience: number, most: number = MOST_BYTES): Unread {
  const replies = new Map<ServerResponse, number>();
  let bytes = 0;
  const forget = (res: ServerResponse) => {
    bytes -= replies.get(res) ?? 0;
    replies.delete(res);
  };
  const giveUp = (res: ServerResponse) => {
    forget(res);
    res.destroy();
  };
  return {
    watch(res) {
      const left = res.writableLength;
      if (!replies.has(res)) {
        if (left === 0) return;
        // Node puts the end off as long as the connection takes something.
        res.setTimeout(patience, () => {
          if (res.writableLength > 0) giveUp(res);
        });
        res.once('close', () => forget(res));
      }
      bytes += left - (replies.get(res) ?? 0);
      replies.set(res, left);
      for (const oldest of replies.keys()) {
        if (bytes <= most || oldest === res) return;
        giveUp(oldest);
      }
    },
  };
}

import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';

/** What has become of a file that is in use: `cut off` says that some of it is lost, and is said of it ever after. */
export type Fate = 'whole' | 'gone' | 'cut off';

/** A file that SQLite has open, or its log, as others see it. */
export interface Part {
  readonly path: string;
  look(): Fate;
  /** Whether another file has its name now. */
  isAnothers(): boolean;
}

/** Of the log, before its first frame: https://www.sqlite.org/fileformat.html#the_write_ahead_log */
const LOG_HEADER = 32;
const FRAME_HEADER = 24;

/**
 * Neither the file nor its log ever becomes smaller while we use them.
 * @param pageSize of a log, which SQLite goes on writing behind where it was cut off, so that it has its size again
 */
export function createPart(path: string, pageSize?: number): Part {
  const identity = identityOf(path);
  let size = 0;
  let isCutOff = false;
  /** Where the last frame is that there was. */
  const lastFrame = (): number | undefined => {
    if (pageSize === undefined) return undefined;
    const frame = FRAME_HEADER + pageSize;
    const frames = Math.floor((size - LOG_HEADER) / frame);
    return frames > 0 ? LOG_HEADER + (frames - 1) * frame : undefined;
  };
  const isLess = (stats: Stats): boolean => {
    // The file itself is not read: to close it again would give up SQLite's lock.
    const frame = lastFrame();
    // A frame begins with the number of a page; there is no page 0.
    return stats.size < size || (frame !== undefined && bytesOf(path, frame, 4).readUInt32BE() === 0);
  };
  return {
    path,
    look() {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (!stats || identityIn(stats) !== identity) return 'gone';
      isCutOff ||= isLess(stats);
      size = stats.size;
      return isCutOff ? 'cut off' : 'whole';
    },
    isAnothers: () => ![undefined, identity].includes(identityOf(path)),
  };
}

/** Some bytes of a file; zeros behind its end. */
export function bytesOf(path: string, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const descriptor = openSync(path, 'r');
  try {
    readSync(descriptor, bytes, 0, length, at);
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}

const identityIn = ({ dev, ino }: Stats): string => `${dev}:${ino}`;

function identityOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && identityIn(stats);
}

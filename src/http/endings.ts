/** What is to be done at once when the emulator closes, instead of in its own time. */
export interface Endings {
  /** @returns what takes it off the list again */
  add(end: () => void): () => void;
  /** Does it all. */
  end(): void;
}

export function createEndings(): Endings {
  const waiting = new Set<() => void>();
  return {
    add(end) {
      waiting.add(end);
      return () => void waiting.delete(end);
    },
    end() {
      for (const end of [...waiting]) end();
      waiting.clear();
    },
  };
}

/** Does something after some real milliseconds, or when the emulator closes. @returns what calls it off */
export function later(endings: Endings, milliseconds: number, action: () => void): () => void {
  const over = () => {
    off();
    action();
  };
  const timer = setTimeout(over, milliseconds);
  const forget = endings.add(over);
  const off = () => {
    clearTimeout(timer);
    forget();
  };
  return off;
}
